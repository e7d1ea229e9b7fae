"""The version, the changelog and the citation tell of the same release."""

from __future__ import annotations

import datetime
import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml

import spacechat

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASE = re.compile(r"^## (?P<version>[\d.]+) \((?P<date>\d{4}-\d\d-\d\d)\)$", re.MULTILINE)


@pytest.fixture(scope="module")
def newest() -> re.Match[str]:
    """The heading of the newest release in the changelog."""
    found = RELEASE.search(CHANGELOG)
    assert found
    return found


def test_the_changelog_begins_with_this_version(newest: re.Match[str]) -> None:
    headings = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert newest[0] == "## " + next(name for name in headings if name != "Unreleased")
    assert newest["version"] == spacechat.__version__


def test_the_citation_is_of_this_version(newest: re.Match[str]) -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == spacechat.__version__
    assert citation["date-released"] == datetime.date.fromisoformat(newest["date"])
    package = metadata("spacechat")
    assert citation["title"] == package["Name"]
    assert citation["license"] == package["License-Expression"]
    assert citation["abstract"] == package["Summary"]


def test_security_fixes_go_into_this_version() -> None:
    minor = ".".join(spacechat.__version__.split(".")[:2])
    assert f"\n| {minor} | yes |\n" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
