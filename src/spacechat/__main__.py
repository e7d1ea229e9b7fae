"""`python -m spacechat`, the same as the command `spacechat`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: Always, with the exit status.
    """
    # httpx loads its own command line, and with it rich, if that is there: most of its time.
    sys.modules.setdefault("httpx._main", cast("ModuleType", None))
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
