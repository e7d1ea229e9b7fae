"""The commands without a terminal: what programs get."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spacechat.cli import commands
from spacechat.local import ChatRequest, LocalSpace
from tests.cli.conftest import Run

SPACE = ("-m", "qwen-2-72b", "--url")


def test_an_answer(spacechat: Run) -> None:
    with LocalSpace(reply=["He", "llo\r\n", "\x1b[2J"]) as space:
        assert spacechat("ask", *SPACE, space.url, "Hi", "you") == (0, "Hello\r\n\x1b[2J\n", "")
        assert space.requests[0].json["data"][0] == "Hi you"  # type: ignore[index, call-overload]


def test_a_question_from_standard_input(spacechat: Run) -> None:
    with LocalSpace(reply=lambda request: [request.prompt, request.system or ""]) as space:
        found = spacechat("ask", *SPACE, space.url, "-s", "Be", "-", stdin="Grüß\ndich".encode())
        assert found == (0, "Grüß\ndichBe\n", "")
    status, out, err = spacechat("ask", *SPACE, space.url, "-", stdin=b"\xff")
    assert (status, out) == (2, "")
    assert "is not text in UTF-8" in err


def test_json(spacechat: Run) -> None:
    with LocalSpace(reply=["\x9b2J", "你"]) as space:
        status, out, err = spacechat("ask", "--json", *SPACE, space.url, "Hi")
    assert (status, err) == (0, "")
    assert out.count("\n") == 1
    assert "你" in out
    assert "\x9b" not in out
    found = json.loads(out)
    assert found["text"] == "\x9b2J你"
    assert found["provider"] == "Qwen_Qwen_2_72B"
    assert set(found["timings"]) == {"queued", "first_text", "total"}
    assert set(found) == {
        "text",
        "model",
        "provider",
        "reasoning",
        "files",
        "timings",
        "session_hash",
    }


def test_timings_and_local(spacechat: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.local.generation.builtin_answer", lambda _: ["Hello"])
    status, out, err = spacechat("ask", "--local", "-v", "-m", "qwen-2.5", "Hi")
    assert (status, out) == (0, "Hello\n")
    assert " s in all" in err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("ask", "-m", "nonsense", "Hi"), 1, "spacechat: There is no model 'nonsense'"),
        (("chat", "-m", "nonsense"), 1, "spacechat: There is no model 'nonsense'"),
        (("ask", "-m", "qwen-2.5", "--url", "nowhere", "Hi"), 1, "spacechat: 'nowhere' is not"),
        (("ask",), 2, "Missing argument 'TEXT...'"),
        (("ask", "--timeout", "0", "Hi"), 2, "--timeout"),
        (("ask", "--timeout", "nan", "Hi"), 2, "not a valid number of seconds"),
        (("ask", "--token", "é", "Hi"), 2, "token"),
        (("ask", "--local", "--url", "http://x", "Hi"), 2, "choose one"),
        (("chat", "no-such-file"), 2, "no-such-file"),
        (("serve-local", "--shape", "nonsense"), 2, "unknown shape"),
    ],
)
def test_errors(spacechat: Run, arguments: tuple[str, ...], status: int, says: str) -> None:
    found, out, err = spacechat(*arguments)
    assert (found, out) == (status, "")
    assert says in err
    assert "Traceback" not in err
    assert status == 2 or err.count("\n") == 1


def test_an_error_tells_the_rest_in_one_line(spacechat: Run) -> None:
    def reply(_: ChatRequest) -> list[str]:
        raise ValueError("Not\n\x1b[2Jtoday")

    with LocalSpace(reply=reply) as space:
        status, out, err = spacechat("ask", *SPACE, space.url, "Hi")
    assert (status, out) == (1, "")
    assert "Not today" in err
    assert err.count("\n") == 1


def test_a_conversation_from_standard_input(spacechat: Run, tmp_path: Path) -> None:
    talk = tmp_path / "talk.json"
    lines = f"one\n\n two\r\n/undo\n/save {talk}\n/exit\nnever"
    with LocalSpace(reply=lambda request: [f"<{request.prompt}>"]) as space:
        status, out, err = spacechat("chat", *SPACE, space.url, stdin=lines.encode())
        assert status == 0
        assert out == "<one>\n<User: one\nAssistant: <one>\nUser: two\nAssistant:>\n"
        assert err.startswith("Taken back: two\n2 messages are in ")
        status, out, err = spacechat("chat", *SPACE, space.url, str(talk), stdin=b"/retry\n")
        assert (status, out) == (0, "<one>\n")


def test_a_conversation_goes_on_after_an_error(spacechat: Run) -> None:
    def reply(request: ChatRequest) -> list[str]:
        if "bad" in request.prompt:
            raise ValueError("Too bad.")
        return [request.prompt]

    stdin = b"bad\n/nonsense\n/retry\ngood\n\xff\n"
    with LocalSpace(reply=reply) as space:
        status, out, err = spacechat("chat", *SPACE, space.url, stdin=stdin)
    assert (status, out) == (1, "good\n")
    assert err.count("Too bad.") == 2
    assert "There is no command /nonsense" in err
    assert err.count("\n") == 4


def test_models(spacechat: Run) -> None:
    status, out, err = spacechat("models")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [
        "qwen-2-72b",
        "qwen-2.5",
        "qwen-2-5-max",
        "qwen-2.5-1m",
    ]


def test_models_as_json(spacechat: Run) -> None:
    status, out, err = spacechat("models", "--json", "qwen-2-72b", "owner/name")
    assert (status, err) == (0, "")
    assert json.loads(out) == [
        {
            "name": "qwen-2-72b",
            "title": "Qwen2 72B Instruct",
            "url": "https://qwen-qwen2-72b-instruct.hf.space",
        },
        {
            "name": "owner/name",
            "title": "Gradio chat",
            "url": "https://huggingface.co/spaces/owner/name",
        },
    ]
    with LocalSpace(reply=["Hi"]) as space:
        status, out, _ = spacechat("models", "--check", "--json", space.url, "http://127.0.0.1:9")
    assert (status, [each["state"] for each in json.loads(out)]) == (1, ["up", "gone"])


@pytest.mark.parametrize("command", sorted(commands.commands))
def test_help_teaches_by_example(spacechat: Run, command: str) -> None:
    status, out, _ = spacechat(command, "-h")
    assert status == 0
    assert f"\n    spacechat {command} " in out.replace("\n      spacechat", "\n    spacechat")
    assert "\\b" not in out


def fresh(code: str, **environment: str) -> str:
    """Runs code in a Python of its own and returns its output."""
    import os

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.stderr == ""
    return done.stdout


def test_help_and_models_load_little() -> None:
    out = fresh(
        "import sys; from spacechat.cli import run; sys.argv = ['spacechat', '--help']; run()\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(names & {'httpx', 'anyio', 'asyncio', 'rich', 'prompt_toolkit', 'msgspec'}))"
    )
    assert out.splitlines()[-1] == "[]"


def test_models_complete() -> None:
    out = fresh(
        "from spacechat.__main__ import main; main()",
        _SPACECHAT_COMPLETE="bash_complete",
        COMP_WORDS="spacechat ask -m qwen-2.",
        COMP_CWORD="3",
    )
    assert out.split() == ["plain,qwen-2.5", "plain,qwen-2.5-1m"]


def test_an_extra_that_is_missing() -> None:
    out = fresh(
        "import sys; sys.modules['click'] = None\n"
        "from spacechat.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as exc: print(exc.code)"
    )
    assert 'pip install "spacechat[cli]"' in out


def test_a_reader_that_has_enough() -> None:
    """As `head` does: no traceback, no message."""
    with (
        LocalSpace(reply=lambda _: ("more and more " for _ in range(100_000))) as space,
        subprocess.Popen(
            [sys.executable, "-m", "spacechat", "ask", *SPACE, space.url, "Hi"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(4) == b"more"
        process.stdout.close()
        assert process.wait(120) == 1
        assert process.stderr.read() == b""
