"""A copy of the library in which one file is changed, for the processes that load it anew."""

from __future__ import annotations

import os
from pathlib import Path

from tests.mutation.mutant import Mutant
from tests.mutation.table import PACKAGE


def plant(folder: Path, mutant: Mutant) -> None:
    """Let this process, and those that it starts, import the library of a mutant.

    The other files are links, and so is their bytecode.

    Args:
        folder: An empty folder for the library.
        mutant: The mutant.
    """
    source, place = PACKAGE, folder / PACKAGE.name
    for part in mutant.path.relative_to(PACKAGE).parts:
        _link(source, place, part)
        source, place = source / part, place / part
    place.write_text(mutant.text)
    os.environ["PYTHONPATH"] = str(folder)


def _link(source: Path, place: Path, changed: str) -> None:
    """Make a folder that links to all of another one but one part, and its bytecode."""
    place.mkdir(parents=True)
    bytecode = "__pycache__"
    for each in source.iterdir():
        if each.name not in (changed, bytecode):
            (place / each.name).symlink_to(each)
    (place / bytecode).mkdir()
    for each in (source / bytecode).glob("*.pyc"):
        if not changed.startswith(each.name.partition(".")[0] + "."):
            (place / bytecode / each.name).symlink_to(each)
