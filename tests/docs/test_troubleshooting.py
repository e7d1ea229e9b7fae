"""The messages on the page about troubleshooting are those that the user sees."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import ROOT
from tests.docs.trouble import TROUBLES

TEXT = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SAID = dict(re.findall(r"^## (.+)\n\n((?:> .+\n)+)", TEXT, re.MULTILINE))
"""The message of each section."""


def test_every_section_is_tested() -> None:
    assert list(SAID) == re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert set(SAID) == set(TROUBLES)


@pytest.mark.parametrize("heading", TROUBLES)
def test_a_message(heading: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "SPACECHAT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert TROUBLES[heading]() == " ".join(SAID[heading].replace("> ", "").split())
