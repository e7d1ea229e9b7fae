"""`python -m spacechat`, the same as the command `spacechat`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: Always, with the exit status.
    """
    try:
        from .cli import run

        status = run()
    except ModuleNotFoundError as exc:
        sys.exit(f'spacechat: {exc}. The command line needs: pip install "spacechat[cli]"')
    except KeyboardInterrupt:  # while it was starting
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
