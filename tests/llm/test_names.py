"""Names of models that nobody has saved: `llm` tells no plugin which one it looks for.

If a new version of `llm` looks for models in another way, these tests fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import llm
import pytest

from spacechat.llm.names import wanted
from spacechat.local import LocalSpace
from tests.llm.conftest import Llm
from tests.servers.apps import APPS, AppServer
from tests.servers.chat_form import ChatForm

Told = Callable[..., str]


def asked(told: Told, *arguments: str) -> object:
    return json.loads(told(*arguments, "Hi"))["question"]


def test_in_a_command(told: Told) -> None:
    with ChatForm() as app:
        assert asked(told, "-m", f"space/{app.url}") == "Hi"
        assert asked(told, "-m", f"space/{app.url.removeprefix('http://')}") == "Hi"
        assert asked(told, "prompt", "--async", "-m", f"space/{app.url}") == "Hi"


def test_in_the_environment(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    with ChatForm() as app:
        monkeypatch.setenv("LLM_MODEL", f"space/{app.url}")
        assert asked(told) == "Hi"


def test_an_alias_of_the_settings_file(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatForm() as app:
        (tmp_path / "settings.toml").write_text(f'[models]\nfast = "{app.url}"\n')
        monkeypatch.setenv("SPACECHAT_CONFIG", str(tmp_path / "settings.toml"))
        assert asked(told, "-m", "space/fast") == "Hi"


def test_a_known_model(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    from spacechat.providers import Qwen_Qwen_2_5

    with LocalSpace("qwen-2.5", ["Hello"]) as space:
        monkeypatch.setattr(Qwen_Qwen_2_5, "url", space.url)
        assert told("-m", "space/qwen-2.5", "Hi") == "Hello\n"


@pytest.mark.parametrize("database", [None, "other.db"])
def test_going_on(told: Told, tmp_path: Path, database: str | None) -> None:
    log = ("-d", str(tmp_path / database)) if database else ()
    with ChatForm() as first, ChatForm() as second:
        asked(told, *log, "-m", f"space/{first.url}")
        asked(told, *log, "-m", f"space/{second.url}")
        kept = json.loads(told("logs", "list", "--json", *log))
        ids = {each["model"]: each["conversation_id"] for each in kept}
        assert asked(told, *log, "-c") == "Hi"
        assert asked(told, *log, "--cid", ids[f"space/{first.url}"]) == "Hi"
        assert asked(told, *log, "--async", "-c") == "Hi"
        assert (len(joins(first)), len(joins(second))) == (2, 3)  # The second is the newest.


def joins(app: ChatForm) -> list[object]:
    return [each for each in app.requests if each.path.endswith("/queue/join")]


def test_the_history_of_another_process(told: Told) -> None:
    with LocalSpace("qwen-2-72b", lambda r: [f"{len(r.history)} {r.system} {r.prompt}"]) as space:
        assert told("-m", f"space/{space.url}", "-s", "Be kind.", "One") == "0 Be kind. One\n"
        assert told("-c", "Two") == "2 Be kind. Two\n"
        assert told("-c", "Three") == "4 Be kind. Three\n"


def test_the_history_of_a_text_that_was_rewritten(told: Told, llm_home: Path) -> None:
    """It is what the Space said, though `llm` could only add to what it had shown."""
    with LocalSpace("qwen-2-72b", lambda r: [f"{r.history and r.history[-1]['content']}"]) as space:
        told("-m", f"space/{space.url}", "One")
        with AppServer(APPS["rewrites"]) as app:
            assert told("-c", "-m", f"space/{app.url}", "Two") == "one two2!\n"
        assert told("-c", "-m", f"space/{space.url}", "Three") == "one 2!\n"


def test_a_template(told: Told, llm_home: Path) -> None:
    """By its name, and by the path of its file."""
    with ChatForm() as app:
        model = f"space/{app.url}"
        told("-m", model, "-o", "Style", "brief", "--save", "short", "Say: $input")
        for name in ("short", str(llm_home / "templates" / "short.yaml")):
            answer = json.loads(told("-t", name, stdin="Hi"))
            assert (answer["question"], answer["Style"]) == ("Say: Hi", "brief")
            assert '"question": "Say: Hi"' in told("chat", "-t", name, stdin="Hi\nquit\n")


def test_an_alias_of_llm_and_its_default(told: Told) -> None:
    with ChatForm() as app:
        told("aliases", "set", "mine", f"space/{app.url}")
        assert asked(told, "-m", "mine") == "Hi"
        told("models", "default", f"space/{app.url}")
        assert asked(told) == "Hi"


def test_an_option_that_llm_keeps(told: Told) -> None:
    with ChatForm() as app:
        told("models", "options", "set", f"space/{app.url}", "Web search", "yes")
        assert json.loads(told("-m", f"space/{app.url}", "Hi"))["Web search"] is True


def test_an_option_that_llm_would_take_for_its_own(run_llm: Llm) -> None:
    result = run_llm("-m", "space/owner/name", "-o", "stream", "yes", "Hi")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: llm has an argument 'stream' of its own")
    assert result.stderr.count("\n") == 1


def test_a_listing_of_one(told: Told) -> None:
    shown = told("models", "list", "--options", "-m", "space/owner/name")
    assert shown.startswith("Space: space/owner/name\n")
    assert "*/*" in shown


def test_a_chat(told: Told) -> None:
    with LocalSpace("qwen-2-72b", lambda r: [f"{len(r.history)} {r.prompt}"]) as space:
        shown = told("chat", "-m", f"space/{space.url}", stdin="One\nTwo\nquit\n")
    assert "\n0 One\n" in shown
    assert "\n2 Two\n" in shown


def test_a_chat_that_fails(run_llm: Llm) -> None:
    result = run_llm("chat", "-m", "space/localhost:1", stdin="One\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert isinstance(result.exception, SystemExit)


def test_a_password_is_not_logged(told: Told, llm_home: Path) -> None:
    with ChatForm() as app:
        address = app.url.replace("://", "://ada:secret@")
        assert asked(told, "-m", f"space/{address}") == "Hi"
        assert all(each.header("authorization") for each in app.requests)
    assert b"secret" not in (llm_home / "logs.db").read_bytes()


@pytest.mark.parametrize(
    "name", ["space/\x1b[31mred", "space/a\nb", "space/\u202eeman", f"space/{'x' * 2000}", "space/"]
)
def test_names_that_are_none(run_llm: Llm, name: str) -> None:
    result = run_llm("-m", name, "Hi")
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_odd_files_of_llm(told: Told, llm_home: Path) -> None:
    """Templates, a log and a default model that are none; an alias is found all the same."""
    (llm_home / "templates").mkdir(parents=True)
    (llm_home / "templates" / "odd.yaml").write_bytes(b"model: space/a\xff\n")
    (llm_home / "templates" / "pipe.yaml").mkdir()
    (llm_home / "logs.db").write_bytes(b"no database")
    (llm_home / "default_model.txt").write_bytes(b"\xff")
    (llm_home / "aliases.json").write_text('{"mine": "space/an/alias"}')
    assert "aliases: mine" in told("models", "list", "-m", "space/an/alias")
    with click.Context(click.Command("prompt")) as context:
        context.params["template"] = ("odd", "pipe", "..", "a\0b", "x" * 5000)
        assert list(wanted()) == ["an/alias"]


def test_programs_make_their_own() -> None:
    with pytest.raises(llm.UnknownModelError):
        llm.get_model("space/owner/name")
    with pytest.raises(llm.UnknownModelError):
        llm.get_async_model("space/owner/name")
