"""The process that atheris runs in; `python -m tests.fuzz` starts it."""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]
from atheris.import_hook import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    HookManager,
)

import spacechat.events  # first, so that only what follows is watched

# What `atheris.instrument_imports` does, without the tracing of comparisons: that makes the machine
# four times slower, and what it is good for, finding the words that matter, the codes do already.
with HookManager({"spacechat"}, set(), False, False):
    import spacechat.protocol  # noqa: F401

from tests.fuzz.checks import check_input


def main() -> None:
    """Fuzz with libFuzzer's options from the command line."""
    atheris.Setup(sys.argv, check_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
