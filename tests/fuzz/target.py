"""The process that atheris runs in; `python -m tests.fuzz` starts it with the mode's name."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]
from atheris.import_hook import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    HookManager,
)

from tests.fuzz.modes import WATCHED, load

NAME = sys.argv.pop(1)
BELOW, PART = WATCHED[NAME]
importlib.import_module(BELOW)  # first, so that it is not watched itself

# What `atheris.instrument_imports` does, without the tracing of comparisons: that makes the machine
# four times slower, and what it is good for, finding the words that matter, the codes do already.
with HookManager({"spacechat"}, set(), False, False):
    package = importlib.import_module(PART)
    for each in pkgutil.walk_packages(package.__path__, f"{PART}."):
        importlib.import_module(each.name)

MODE = load(NAME)


def main() -> None:
    """Fuzz with libFuzzer's options from the command line."""
    atheris.Setup(sys.argv, MODE.check_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
