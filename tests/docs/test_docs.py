"""Every block of code in the documentation runs, against Spaces on this machine."""

from __future__ import annotations

import contextlib
import os
import pkgutil
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.sax.saxutils import escape

import pytest
from benchmarks import report

import spacechat
from spacechat import errors, events, llm, local, openai, protocol, providers
from spacechat.local import LocalSpace
from spacechat.providers import PROVIDERS, Qwen_Qwen_2_5
from tests.docs import machine, streaming
from tests.docs.blocks import NOT_CODE, PAGES, ROOT, RUN, blocks, run_python
from tests.docs.console import run_console
from tests.docs.hub import running_hub
from tests.docs.searches import SEARCHES
from tests.servers import chat_form, function_app

TUTORIAL = "http://localhost:7860"
"""The address in the pages that stands for a local Space."""

FUNCTIONS = "http://localhost:7861"
"""The address in the pages that stands for an app with functions."""

FORM = "localhost:7862"
"""The address in the pages that stands for a chat with settings and files."""

LOGIN = "localhost:7863"
"""The address in the pages that stands for a chat with a login of its own."""

API = "http://localhost:8000/v1"
"""The address in the pages that stands for a server of the OpenAI API."""

SITECUSTOMIZE = """
import os
from spacechat.providers import PROVIDERS
for provider, url in zip(PROVIDERS, os.environ["DOCS_SPACES"].split()):
    provider.url = url
"""


COMMANDS = {
    "git": "#!/bin/sh\necho A change.\n",
    "jq": f"""#!{sys.executable} -I
import json, sys
print(json.load(sys.stdin)[sys.argv[1].removeprefix(".")])
""",
}
"""Commands in the pages that a machine may not have, in a few words."""


def _id(page: Path) -> str:
    return str(page.relative_to(ROOT))


NOTEBOOKS = sorted((*(ROOT / "docs").glob("*.ipynb"), *(ROOT / "docs").glob("*.py")))

WIDTHS = {"docs/command-line.md": (60, 160)}
"""Columns of the terminals in which the commands of a page run, where it is not 80 alone."""

RUNNABLE = [
    pytest.param(page, columns, id=f"{_id(page)}-{columns}")
    for page in PAGES
    if any(block.language in RUN for block in blocks(page.read_text(encoding="utf-8")))
    for columns in WIDTHS.get(_id(page), (80,))
]


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """Local Spaces for all providers; a Hub of one more, an app with functions, the OpenAI API."""
    with contextlib.ExitStack() as stack:
        found = {
            provider.__name__: stack.enter_context(LocalSpace(provider.models[0])).url
            for provider in PROVIDERS
        }
        found["HF_ENDPOINT"] = stack.enter_context(
            running_hub(stack.enter_context(LocalSpace("messages")).url)
        )
        found["FUNCTIONS"] = stack.enter_context(function_app.app()).url
        form = stack.enter_context(chat_form.ChatForm(lambda *_: ["A cat.", cat]))
        cat = form.file("cat.png", b"a picture")
        found[FORM] = form.url
        found[LOGIN] = stack.enter_context(chat_form.ChatForm(login=("ada", "secret"))).url
        found["API"] = stack.enter_context(openai.Server()).url
        yield found


@pytest.fixture
def spaces(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Put the local Spaces in the place of the real ones, here and in programs that are started."""
    for provider in PROVIDERS:
        monkeypatch.setattr(provider, "url", urls[provider.__name__])
    home = tmp_path / "home"
    home.mkdir()
    (home / "sitecustomize.py").write_text(SITECUSTOMIZE)
    for name, script in COMMANDS.items():
        (home / name).write_text(script)
        (home / name).chmod(0o755)
    scripts = [str(home), str(Path(sys.executable).parent), sysconfig.get_path("scripts")]
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", os.pathsep.join([*scripts, os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONPATH", str(home))
    monkeypatch.setenv("DOCS_SPACES", " ".join(urls[each.__name__] for each in PROVIDERS))
    monkeypatch.setenv("HF_ENDPOINT", urls["HF_ENDPOINT"])
    monkeypatch.chdir(tmp_path)
    return urls


@pytest.mark.parametrize(("page", "columns"), RUNNABLE)
def test_blocks_run(page: Path, columns: int, spaces: dict[str, str], tmp_path: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    text = page.read_text(encoding="utf-8").replace(TUTORIAL, spaces[Qwen_Qwen_2_5.__name__])
    text = text.replace(API, spaces["API"]).replace(FUNCTIONS, spaces["FUNCTIONS"])
    for place in (FORM, LOGIN):
        text = text.replace(place, spaces[place].removeprefix("http://"))
    for block in blocks(text):
        if block.reason is not None or block.package is not None:
            continue
        if block.language == "python":
            run_python(block, str(page), names)
        elif block.language == "console":
            run_console(block, tmp_path, tmp_path / "home", columns)


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_block_is_seen(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^\s*```(\w+)", text, re.MULTILINE)
    outputs = sum(block.output is not None for block in blocks(text))
    unseen = len(re.findall(r"^<!-- (?:check|in .*[^>])$", text, re.MULTILINE))
    assert len(list(blocks(text))) - unseen + outputs == len(fences)
    assert set(fences) <= {*RUN, *NOT_CODE}
    assert text.count("<!-- not run") == sum(block.reason is not None for block in blocks(text))


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_within_the_project(page: Path) -> None:
    prose = re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))  # `a[0](1)` is no link.
    for link in re.findall(r"\]\(([^)#\s]+)", prose):
        assert link.startswith(("https://", "http://")) or (page.parent / link).exists(), link


def test_every_page_is_in_the_navigation() -> None:
    named = re.findall(
        r'^ *{ ".+" = "(.+\.md)" }', (ROOT / "zensical.toml").read_text(), re.MULTILINE
    )
    there = [page.relative_to(ROOT / "docs").as_posix() for page in PAGES[2:]]
    assert sorted(named) == sorted(there)


def test_what_people_look_for_is_a_heading() -> None:
    for page, heading in SEARCHES.values():
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        assert f"\n## {heading}\n" in text


def test_every_public_name_is_in_the_reference() -> None:
    pages = (ROOT / "docs" / "reference").glob("*.md")
    named = [n for page in pages for n in re.findall(r"^::: (\S+)", page.read_text(), re.MULTILINE)]
    documented = [pkgutil.resolve_name(name) for name in named]
    modules = [each for each in documented if isinstance(each, ModuleType)]
    documented += [value for module in modules for value in vars(module).values()]
    for module in (spacechat, events, errors, llm, local, openai, protocol, providers):
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            known = isinstance(value, ModuleType | str) or any(value is x for x in documented)
            assert known, f"{module.__name__}.{name} is in no page of docs/reference"


def test_the_machine_is_up_to_date() -> None:
    assert machine.PICTURE.read_text(encoding="utf-8") == machine.picture()
    assert machine.table() in machine.PAGE.read_text(encoding="utf-8")


def test_the_film_ends_with_what_the_command_shows() -> None:
    kept = streaming.PICTURE.read_text(encoding="utf-8")
    frames = streaming.film()
    assert max(version.row for version in streaming.versions(frames)) < streaming.ROWS
    assert streaming.kept_still(kept) == streaming.still(frames), "python -m tests.docs.streaming"
    assert len(kept.encode()) < 100_000
    assert escape(streaming.COMMAND) in kept


def test_the_film_is_of_the_command_in_the_readme() -> None:
    commands = [block.code for block in blocks((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert sum(code.endswith(f"&& {streaming.COMMAND}\n") for code in commands) == 1


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=_id)
def test_pages_install_from_the_clone(page: Path) -> None:
    assert "spacechat[" not in page.read_text(encoding="utf-8"), 'pip install ".[EXTRA]"'


def test_charts_and_figures_are_those_of_the_run_that_is_kept() -> None:
    written = report.written()
    assert len(written) > 10
    for path, text in written.items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: python -m benchmarks.report"
