"""The page about the command line names only models that there are, and a sound settings file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spacechat.preferences import load
from spacechat.providers import find
from tests.docs.blocks import ROOT, blocks

TEXT = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`.+) \| .+ \|$", TEXT.partition("## Name a model")[2], re.MULTILINE)


@pytest.fixture
def settings_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page's settings file is the user's."""
    (code,) = [block.code for block in blocks(TEXT) if block.language == "toml"]
    (tmp_path / "spacechat").mkdir()
    (tmp_path / "spacechat" / "config.toml").write_text(code, encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.mark.usefixtures("settings_file")
def test_the_names_in_the_table() -> None:
    urls = {name: find(name).url for row in ROWS for name in re.findall(r"`([^`]+)`", row)}
    assert len(urls) > 10
    hub = {url for name, url in urls.items() if "owner/name" in name or name == "fast"}
    assert hub == {"https://huggingface.co/spaces/owner/name"}
    for name, url in urls.items():
        if "/" not in name and ":" in name:
            assert url == f"{'https' if name.startswith('my') else 'http'}://{name}"
        elif name.startswith("chat."):
            assert url == f"https://{name}"


@pytest.mark.usefixtures("settings_file")
def test_the_settings_file() -> None:
    said = load()
    assert said.model == "fast"
    assert {said.meaning(name) for name in ("fast", "gpt-4.1")} == {"owner/name"}
    assert said.meaning("local") == "http://localhost:7860"
    assert said.log
