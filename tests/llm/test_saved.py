"""The Spaces that are saved, and the commands for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import llm
import pytest

from spacechat.errors import SettingsFileError, SpaceChatError
from spacechat.file_lock import lock
from spacechat.llm import AsyncSpaceModel, SpaceModel, saved
from spacechat.local import LocalSpace
from tests.llm.conftest import Llm
from tests.servers import ReplayServer, functions, response
from tests.servers.apps import app as described
from tests.servers.chat_form import ChatForm

Told = Callable[..., str]


def test_add_list_and_remove(told: Told, run_llm: Llm) -> None:
    with ChatForm() as form, LocalSpace("plain") as plain:
        assert told("space", "add", form.url, "--alias", "form", "--alias", "f") == (
            f"Saved space/{form.url} (aliases: form, f), takes files and 6 options\n"
            'Ask it: llm -m form "Hi"\n'
        )
        told("space", "add", f"space/{plain.url}")
        told("space", "add", form.url)  # Once more; it keeps its aliases.
        assert told("space", "list").splitlines() == [
            f"space/{plain.url}",
            f"space/{form.url} (aliases: form, f), takes files and 6 options",
        ]
        assert json.loads(told("-m", "f", "Hi"))["question"] == "Hi"
    assert told("space", "remove", "form") == f"Removed space/{form.url}\n"
    assert told("space", "list") == f"space/{plain.url}\n"
    again = run_llm("space", "remove", "form")
    assert (again.exit_code, again.stderr) == (
        1,
        "Error: No Space 'form' is saved. `llm space list` lists them.\n",
    )


def test_nothing_is_saved(run_llm: Llm) -> None:
    result = run_llm("space", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No Space is saved: llm space add owner/name\n"


def test_what_is_known_of_a_saved_space(told: Told, run_llm: Llm) -> None:
    with ChatForm() as form:
        told("space", "add", form.url, "--alias", "form")
        shown = told("models", "list", "--options", "-m", "form")
        (listed,) = json.loads(told("models", "list", "--options", "--json", "-m", "form"))
    assert "  Options:\n    Temperature: float\n      a number from 0 to 2\n" in shown
    assert "\n    Web search: boolean\n" in shown
    assert "Photos" not in shown
    assert listed["attachment_types"] == ["*/*"]
    assert listed["options"]["Notes"]["type"] == "string"


def test_programs_find_a_saved_space(told: Told) -> None:
    with ChatForm() as form:
        told("space", "add", form.url, "--alias", "form")
        for name in ("form", f"space/{form.url}"):
            assert isinstance(llm.get_model(name), SpaceModel)
            assert isinstance(llm.get_async_model(name), AsyncSpaceModel)
        model = llm.get_model("form")
        assert json.loads(model.prompt("Hi", Temperature=1.5).text())["Temperature"] == 1.5


def test_a_saved_space_that_takes_no_files(told: Told, run_llm: Llm, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with LocalSpace("plain") as plain:
        told("space", "add", plain.url, "--alias", "plain")
        result = run_llm("-m", "plain", "-a", str(tmp_path / "a.png"), "Hi")
    assert result.stderr == "Error: This model does not support attachments\n"


def test_options(told: Told, run_llm: Llm) -> None:
    with ChatForm() as form:
        told("space", "add", form.url, "--alias", "form")
        for name in ("form", form.url, f"space/{form.url}"):
            shown = told("space", "options", name).splitlines()
            assert shown[0] == "Temperature: a number from 0 to 2"
            assert shown[2] == "Style: one of 'brief', 'long'"
        assert "-a FILE" in run_llm("space", "options", "form").stderr
    with LocalSpace("plain") as plain:
        assert run_llm("space", "options", plain.url).stderr == "It takes no options.\n"


def test_options_with_names_that_llm_has_itself(told: Told) -> None:
    with app("stream", "output", "Speed") as server:
        assert told("space", "options", server.url).splitlines() == [
            "STREAM: a text",
            "OUTPUT: a text",
            "Speed: a text",
        ]


def app(*labels: str) -> ReplayServer:
    """An app with a box for each label beside its question."""
    boxes = [
        {"id": 3 + index, "type": "textbox", "props": {"label": label, "value": ""}}
        for index, label in enumerate(labels)
    ]
    config = json.loads(described().partition(b"\r\n\r\n")[2])
    config["components"] += boxes
    config["dependencies"][0]["inputs"] += [each["id"] for each in boxes]
    content = response(json.dumps(config).encode())
    return ReplayServer(lambda _: [content])


def test_what_an_app_calls_its_inputs_is_harmless(told: Told, llm_home: Path) -> None:
    names = ["\x1b[31mred\x07", "two\nlines", "\u202eright", "x" * 5000]
    with app(*names) as server:
        shown = told("space", "options", server.url)
        told("space", "add", server.url, "--alias", "odd")
        listed = told("models", "list", "--options", "-m", "odd")
    for text in (shown, listed):
        assert all(each.isprintable() for each in text.splitlines())
        assert "two lines: " in text
    assert (llm_home / "spaces.json").stat().st_size < 5000


def test_an_app_with_many_inputs(told: Told, run_llm: Llm) -> None:
    with app(*(f"Input {index}" for index in range(3000))) as server:
        result = run_llm("space", "options", server.url)
        assert result.stdout.count("\n") == 100
        assert "100 are listed" in result.stderr
        assert "takes 100 options" in told("space", "add", server.url)


def test_what_is_no_chat_is_not_saved(run_llm: Llm, llm_home: Path) -> None:
    page = response(functions.calculator())
    with ReplayServer(lambda _: [page]) as server:
        result = run_llm("space", "add", server.url)
    assert result.exit_code == 1
    assert "No way to chat" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (llm_home / "spaces.json").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "localhost:1"), "can't be reached: Connection refused"),
        (("add", "nonsense"), "There is no model 'nonsense'"),
        (("add", "http://ada:secret@localhost:1"), "An address with a password in it is not saved"),
        (("options", "\x1b[31m"), "There is no model"),
    ],
)
def test_mistakes(run_llm: Llm, arguments: tuple[str, ...], says: str) -> None:
    result = run_llm("space", *arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.rstrip("\n").isprintable()
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("alias", "says"),
    [
        ("", "An alias has 1 to 100 characters"),
        ("a\x1b", "that can be printed"),
        ("x" * 101, "1 to 100"),
        ("4o", "'4o' is a name of gpt-4o already"),
    ],
)
def test_aliases_that_can_not_be(run_llm: Llm, alias: str, says: str) -> None:
    with LocalSpace("plain") as plain:
        result = run_llm("space", "add", plain.url, "--alias", alias)
    assert result.exit_code == 1
    assert says in result.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"spaces": 3}',
        b'{"spaces": ["a"]}',
        b'{"spaces": [{"name": "a", "aliases": [1], "takes_files": true, "options": []}]}',
        b'{"spaces": [{"name": "a", "aliases": [], "takes_files": true, "options": [{}]}]}',
        b"[" * 100_000,
        b" " * (4 << 20) + b"{}",
    ],
    ids=lambda content: content[:20].decode(errors="replace"),
)
def test_a_damaged_file(run_llm: Llm, llm_home: Path, content: bytes) -> None:
    llm_home.mkdir()
    (llm_home / "spaces.json").write_bytes(content)
    with pytest.raises(SettingsFileError, match=r"spaces\.json"):
        saved.load()
    with LocalSpace("plain", ["Hello"]) as plain:
        listed = run_llm("space", "list")
        added = run_llm("space", "add", plain.url)
        asked = run_llm("-m", f"space/{plain.url}", "Hi")
    for result in (listed, added):
        assert result.exit_code == 1
        assert "Mend the file" in result.stderr
    assert (asked.exit_code, asked.stdout) == (0, "Hello\n")  # Other models are none the worse.
    assert (llm_home / "spaces.json").read_bytes() == content


def test_a_damaged_file_is_told_once_in_a_process(tmp_path: Path) -> None:
    (tmp_path / "llm").mkdir()
    (tmp_path / "llm" / "spaces.json").write_text("{")
    command = [sys.executable, "-m", "llm", "models", "list", "-m", "space/owner/name"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.startswith("Space: space/owner/name")
    assert done.stderr.count("can't be read") == 1


def test_processes_that_save_at_the_same_time(tmp_path: Path) -> None:
    """Nothing of what any of them saves is lost."""
    script = (
        "import sys\n"
        "from spacechat.llm import saved\n"
        "for count in range(20):\n"
        "    each = saved.SavedSpace(f'{sys.argv[1]}/{count}')\n"
        "    saved.change(lambda spaces: [*spaces, each])\n"
    )
    (tmp_path / "llm").mkdir()
    running = [subprocess.Popen([sys.executable, "-c", script, name]) for name in "abc"]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    names = {each.name for each in saved.load()}
    assert names == {f"{name}/{count}" for name in "abc" for count in range(20)}


def test_a_process_that_holds_the_lock(llm_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "_PATIENCE", 0.0)
    llm_home.mkdir()
    held = os.open(llm_home / "spaces.lock", os.O_RDWR | os.O_CREAT)
    try:
        lock(held)
        with pytest.raises(SpaceChatError, match="Another process is changing"):
            saved.change(lambda spaces: spaces)
    finally:
        os.close(held)
