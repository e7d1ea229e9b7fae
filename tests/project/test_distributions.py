"""The check of the wheel and the sdist finds each fault; `.ci/package` runs it on the real ones."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.project import distributions
from tests.project.distributions import problems_of_sdist, problems_of_wheel

TRACKED = ("README.md", "src/spacechat/__init__.py", "src/spacechat/py.typed", "tests/test_all.py")

WHEEL = {
    "spacechat/__init__.py": "",
    "spacechat/py.typed": "",
    "spacechat-1.0.dist-info/METADATA": "",
    "spacechat-1.0.dist-info/WHEEL": "",
    "spacechat-1.0.dist-info/RECORD": "",
    "spacechat-1.0.dist-info/licenses/LICENSE": "",
    "spacechat-1.0.dist-info/entry_points.txt": (
        "[console_scripts]\nspacechat = spacechat.__main__:main\n"
    ),
}
COMMAND = "spacechat-1.0.dist-info/entry_points.txt"


def wheel_of(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "spacechat-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    return path


def sdist_of(folder: Path, *names: str) -> Path:
    path = folder / "spacechat-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as sdist:
        for name in names:
            sdist.addfile(tarfile.TarInfo(f"spacechat-1.0/{name}"), io.BytesIO())
    return path


def test_a_good_wheel(tmp_path: Path) -> None:
    assert list(problems_of_wheel(wheel_of(tmp_path, WHEEL), TRACKED)) == []


@pytest.mark.parametrize("name", WHEEL)
def test_a_file_that_the_wheel_lacks(tmp_path: Path, name: str) -> None:
    path = wheel_of(tmp_path, {each: WHEEL[each] for each in WHEEL if each != name})
    assert f"{path.name} lacks {name}." in list(problems_of_wheel(path, TRACKED))


@pytest.mark.parametrize(
    "name", ["tests/test_all.py", "spacechat/.DS_Store", "spacechat/stray.py", "benchmarks/run.py"]
)
def test_a_file_that_is_no_part_of_the_wheel(tmp_path: Path, name: str) -> None:
    path = wheel_of(tmp_path, {**WHEEL, name: ""})
    (problem,) = problems_of_wheel(path, TRACKED)
    assert problem.startswith(f"{path.name} has {name}, which is no file of the package")


def test_the_marker_of_types_is_not_in_git(tmp_path: Path) -> None:
    files = {name: WHEEL[name] for name in WHEEL if not name.endswith("py.typed")}
    tracked = [name for name in TRACKED if not name.endswith("py.typed")]
    (problem,) = problems_of_wheel(wheel_of(tmp_path, files), tracked)
    assert "lacks spacechat/py.typed: type checkers" in problem


def test_the_command_calls_something_else(tmp_path: Path) -> None:
    path = wheel_of(tmp_path, {**WHEEL, COMMAND: "[console_scripts]\nspacechat = other:main\n"})
    (problem,) = problems_of_wheel(path, TRACKED)
    assert "has no command `spacechat`" in problem


def test_a_large_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "WHEEL_LIMIT", 1000)
    path = wheel_of(tmp_path, {**WHEEL, "spacechat/__init__.py": "#" * 1000})
    (problem,) = problems_of_wheel(path, TRACKED)
    assert problem == f"{path.name} has {os.path.getsize(path):,} bytes, more than 1,000."


def test_an_sdist_is_what_git_has(tmp_path: Path) -> None:
    assert list(problems_of_sdist(sdist_of(tmp_path, "PKG-INFO", *TRACKED), TRACKED)) == []


def test_an_sdist_with_other_files(tmp_path: Path) -> None:
    path = sdist_of(tmp_path, "PKG-INFO", *TRACKED[1:], ".mypy_cache/x.json", "PKG-INFO")
    assert list(problems_of_sdist(path, TRACKED)) == [
        f"{path.name} lacks spacechat-1.0/README.md.",
        f"{path.name} has spacechat-1.0/.mypy_cache/x.json, which is no file of the package"
        " or is not in Git.",
        f"{path.name} has spacechat-1.0/PKG-INFO 2 times.",
    ]


def test_a_large_sdist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "SDIST_LIMIT", 10)
    (problem,) = problems_of_sdist(sdist_of(tmp_path, "PKG-INFO", *TRACKED), TRACKED)
    assert "more than 10." in problem
