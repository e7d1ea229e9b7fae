"""What the wheel and the sdist hold: `python -m tests.project.distributions dist` checks them."""

from __future__ import annotations

import configparser
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

__all__ = ["problems_of_sdist", "problems_of_wheel"]

WHEEL_LIMIT: Final = 800_000
"""Bytes. The package is code only, some 600 kB; more means that something else got into it."""

SDIST_LIMIT: Final = 2_000_000
"""Bytes. Some 1.4 MB, most of them tests with recordings and configurations of real servers."""

SOURCES: Final = "src/"
MARKER: Final = "spacechat/py.typed"
COMMAND: Final = ("spacechat", "spacechat.__main__:main")
INFO: Final = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
"""What the folder `*.dist-info` of the wheel holds."""


def problems_of_wheel(path: Path, tracked: Iterable[str]) -> Iterator[str]:
    """Compare a wheel with the package's files.

    Args:
        path: The wheel.
        tracked: The repository's files, relative to its root.

    Yields:
        A sentence for each fault.
    """
    info = "-".join(path.name.split("-")[:2]) + ".dist-info/"
    sources = (name.removeprefix(SOURCES) for name in tracked if name.startswith(SOURCES))
    expected = {*sources, *(info + name for name in INFO)}
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        yield from _differences(path, expected, names)
        if MARKER not in names:
            yield f"{path.name} lacks {MARKER}: type checkers would ignore its types."
        if info + "entry_points.txt" in names:
            entries = configparser.ConfigParser(delimiters=("=",))
            entries.read_string(wheel.read(info + "entry_points.txt").decode())
            if COMMAND not in entries.items("console_scripts"):
                yield f"{path.name} has no command `spacechat` that calls {COMMAND[1]}."
    yield from _too_large(path, WHEEL_LIMIT)


def problems_of_sdist(path: Path, tracked: Iterable[str]) -> Iterator[str]:
    """Compare an sdist with the repository, of which it holds all files and nothing else.

    Args:
        path: The sdist.
        tracked: The repository's files, relative to its root.

    Yields:
        A sentence for each fault.
    """
    top = path.name.removesuffix(".tar.gz") + "/"
    with tarfile.open(path) as sdist:
        names = [member.name for member in sdist.getmembers() if not member.isdir()]
    yield from _differences(path, {top + name for name in (*tracked, "PKG-INFO")}, names)
    yield from _too_large(path, SDIST_LIMIT)


def _differences(path: Path, expected: set[str], names: list[str]) -> Iterator[str]:
    yield from (f"{path.name} lacks {name}." for name in sorted(expected - set(names)))
    for name in sorted(set(names) - expected):
        yield f"{path.name} has {name}, which is no file of the package or is not in Git."
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{path.name} has {name} {times} times."


def _too_large(path: Path, limit: int) -> Iterator[str]:
    size = path.stat().st_size
    if size > limit:
        yield f"{path.name} has {size:,} bytes, more than {limit:,}."


def main(folder: Path) -> int:
    """Print the sizes and the faults of the wheel and the sdist in a folder; 1 if there are any."""
    listed = subprocess.run(["git", "ls-files", "-z"], stdout=subprocess.PIPE, check=True)
    tracked = listed.stdout.decode().rstrip("\0").split("\0")
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    for path in (wheel, sdist):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    problems = [*problems_of_wheel(wheel, tracked), *problems_of_sdist(sdist, tracked)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
