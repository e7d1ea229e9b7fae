"""The options of a question: files, settings, logins, and where the files of an answer go."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat.local import LocalSpace
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.servers.chat_form import ChatForm

BATCH = '"one"\n{"prompt": "two", "inputs": {"Style": "brief"}}\n'

MARKED = '{"path": "a.png", "meta": {"_type": "gradio.FileData"}}'
"""A file as Gradio marks it."""


@pytest.fixture
def form() -> Iterator[ChatForm]:
    with ChatForm() as server:
        yield server


def asked(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize(
    ("name", "word", "setting", "value"),
    [
        ("Temperature", "0.5", "Temperature", 0.5),
        ("temperature", "-0", "Temperature", 0),
        ("Web search", "true", "Web search", True),
        ("Web search", "yes", "Web search", True),
        ("Notes", "yes", "Notes", "yes"),
        ("Style", "brief", "Style", "brief"),
        ("Notes", "5", "Notes", "5"),
        ("Notes", "true", "Notes", "true"),
        ("Notes", '["a"]', "Notes", '["a"]'),
        ("notes-box", "null", "Notes", "null"),
        ("7", "by number", "Notes", "by number"),
        ("Tags", "a", "Tags", ["a"]),
        ("Tags", '["a", "b"]', "Tags", ["a", "b"]),
        ("Extra", '{"a": [1, null]}', "Extra", {"a": [1, None]}),
        ("Extra", "words", "Extra", "words"),
        ("Photos", "null", "files", []),
    ],
)
def test_a_setting(
    spacechat: Run, form: ChatForm, name: str, word: str, setting: str, value: object
) -> None:
    status, out, err = spacechat("ask", "-m", form.url, "-o", name, word, "Hi")
    assert (status, err) == (0, "")
    assert asked(out)[setting] == value
    status, out, err = spacechat("chat", "-m", form.url, "-o", name, word, stdin=b"Hi\nAnd?\n")
    assert (status, err) == (0, "")
    assert [asked(line)[setting] for line in out.splitlines()] == [value, value]


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        (("-o", "Heat", "1"), 2, "The app has no input 'Heat'. It has: "),
        (("-o", "Temperature", "hot"), 2, "'hot' is no value for slider 'Temperature' (4)"),
        (("-o", "Temperature", "5"), 2, "it takes a number from 0 to 2"),
        (("-o", "Style", "short"), 2, "it takes one of 'brief', 'long'"),
        (("-o", "Extra", "[1,"), 2, "An argument is broken JSON"),
        (("-o", "Photos", "a.png"), 2, "'Photos' takes a file: files go with a question by -a."),
        (("-o", "Photos", "-"), 2, "'Photos' takes a file: files go with a question by -a."),
        (("-o", "Extra", f"[{MARKED}]"), 2, "'Extra' takes a file"),
        (("-o", "Style", "brief", "-o", "style", "long"), 2, "'style' is given twice"),
        (("-o", "Temperature=1"), 2, "-o takes two words: -o Temperature 1."),
        (("-o", "Web search=true"), 2, "-o takes two words: -o 'Web search' true."),
        (("-o", "a <= b", "1"), 2, "The app has no input 'a <= b'."),
        (("-a", "no-such-file"), 2, "-a: there is no file 'no-such-file'."),
        (("-a", "/"), 2, "-a: '/' is a folder, not a file."),
        (("-a", "-", "-o", "Notes", "-"), 2, "- is standard input, which can be one file or one"),
        (("--endpoint", "/talk"), 1, "--endpoint takes a name or"),
        (("--output", "Nowhere"), 1, "Nowhere"),
        (("--auth", "ada"), 2, "--auth takes a user and a password, as in ada:secret."),
    ],
)
def test_mistakes(
    spacechat: Run, form: ChatForm, given: tuple[str, ...], status: int, says: str
) -> None:
    found, out, err = spacechat("ask", "-m", form.url, *given, "Hi", stdin=b"x")
    assert (found, out) == (status, "")
    assert says in err
    assert not form.to("/gradio_api/queue/join")


def test_an_inspection_says_first_how_it_is_asked(spacechat: Run, form: ChatForm) -> None:
    _, out, _ = spacechat("inspect", form.url)
    lines = out.splitlines()
    assert lines[1:4] == ["", "Ask it", f'  spacechat -m {form.url} -o Temperature 0.7 "Hi"']
    assert spacechat(*shlex.split(lines[3])[1:])[0] == 0
    assert "  'Web search' = false: true or false" in lines
    assert "  'Extra' = null: what a json holds" in lines
    assert "Why" not in lines
    assert "Step by step" not in lines
    _, out, _ = spacechat("inspect", "-v", "--endpoint", "/chat", form.url)
    lines = out.splitlines()
    assert lines[3].startswith(f"  spacechat -m {form.url} --endpoint /chat -o Temperature 0.7")
    assert lines.index("Step by step") < lines.index("Why")


def test_files(spacechat: Run, form: ChatForm, tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_bytes(b"A")
    url = "https://example.com/cat.png"
    given = ("-m", form.url, "-a", str(tmp_path / "a b.txt"), "-a", url)
    status, out, err = spacechat("ask", *given, "Hi")
    assert (status, err) == (0, "")
    assert asked(out)["files"] == ["a b.txt", "cat.png"]
    assert form.files == {"a b.txt": b"A"}
    status, out, err = spacechat("chat", *given, stdin=b"Hi\nAnd?\n")
    assert (status, err) == (0, "")
    # The page keeps them, as a browser's does, but they are sent once.
    assert [asked(line)["files"] for line in out.splitlines()] == [["a b.txt", "cat.png"]] * 2
    assert len(form.to("/gradio_api/upload")) == 2


def test_standard_input_is_a_file_or_a_setting(spacechat: Run, form: ChatForm) -> None:
    """Then it is no part of the question."""
    ask = ("ask", "-m", form.url)
    status, out, _ = spacechat(*ask, "-a", "-", "Hi", stdin=b"\xff\0")
    assert (status, asked(out)["question"], form.files["file-1"]) == (0, "Hi", b"\xff\0")
    status, out, _ = spacechat(*ask, "-o", "Notes", "-", "Hi", stdin=b"so\n")
    assert (status, asked(out)["question"], asked(out)["Notes"]) == (0, "Hi", "so")
    for text in ((), ("Hi", "-")):
        status, out, err = spacechat(*ask, "-a", "-", *text, stdin=b"x")
        assert (status, out) == (2, "")
        assert "- is standard input, which is a file or a setting already" in err
    status, out, err = spacechat("chat", "-m", form.url, "-a", "-", stdin=b"x")
    assert (status, out) == (2, "")
    assert "standard input has the questions" in err


def test_a_batch(spacechat: Run, form: ChatForm, tmp_path: Path) -> None:
    """What the command is given goes with each question; a line's own comes first."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    (tmp_path / "a.txt").write_bytes(b"A")
    source.write_text(BATCH)
    given = ("-o", "Temperature", "1", "-a", str(tmp_path / "a.txt"), "--endpoint", "/chat")
    assert spacechat("batch", "-m", form.url, *given, str(source), str(target))[0] == 0
    found = [json.loads(line) for line in target.read_text().splitlines()]
    answers = {each["line"]: asked(each["text"]) for each in found}
    assert [answers[line]["Temperature"] for line in (1, 2)] == [1, 0.7]
    assert [answers[line]["Style"] for line in (1, 2)] == ["long", "brief"]
    assert [answers[line]["files"] for line in (1, 2)] == [["a.txt"], ["a.txt"]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("-o", "Heat", "1"), "The app has no input 'Heat'."),
        (("-o", "Temperature", "5"), "it takes a number from 0 to 2"),
        (("-a", "no-such-file"), "-a: there is no file 'no-such-file'."),
    ],
)
def test_a_mistake_of_a_batch_is_told_once(
    spacechat: Run, form: ChatForm, tmp_path: Path, given: tuple[str, ...], says: str
) -> None:
    """No question of thousands is asked that must fail."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(BATCH)
    status, _, err = spacechat("batch", "-m", form.url, *given, str(source), str(target))
    assert status == 2
    assert err.count(says) == 1
    assert not form.to("/gradio_api/queue/join")
    assert not target.exists() or target.read_bytes() == b""


def test_a_login(spacechat: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment's stays unseen by other users of the machine, and goes to no known Space."""
    (tmp_path / "in").write_text("Hi\n")
    with ChatForm(login=("ada", "se:cret")) as form:
        status, out, err = spacechat("ask", "-m", form.url, "Hi")
        assert (status, out) == (1, "")
        assert "has a login of its own: pass --auth USER:PASSWORD." in err
        status, _, err = spacechat("ask", "-m", form.url, "--auth", "ada:no", "Hi")
        assert (status, "did not take the user and password of --auth" in err) == (1, True)
        assert spacechat("ask", "-m", form.url, "--auth", "ada:se:cret", "Hi")[0] == 0
        monkeypatch.setenv("SPACECHAT_AUTH", "ada:se:cret")
        for command in (
            ("ask", "-m", form.url, "-o", "Style", "brief", "Hi"),
            ("chat", "-m", form.url),
            ("inspect", form.url),
            ("batch", "-m", form.url, str(tmp_path / "in"), str(tmp_path / "out")),
            ("call", form.url, "/chat", "Hi", "-o", "photos", "null", "-o", "extra", "null"),
        ):
            assert spacechat(*command, stdin=b"Hi\n")[0] == 0, command
        with LocalSpace(reply=["Hello"]) as space:
            assert spacechat("ask", "-m", "qwen-2-72b", "--url", space.url, "Hi")[0] == 0
        monkeypatch.setenv("SPACECHAT_AUTH", "ada")
        status, _, err = spacechat("ask", "-m", form.url, "Hi")
        assert (status, "SPACECHAT_AUTH takes a user and a password" in err) == (2, True)


def test_a_login_of_the_environment_is_named_in_an_error(
    spacechat: Run, form: ChatForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could leave out an option that they didn't give."""
    said = "SPACECHAT_AUTH is set, and stands for --auth where that is not given."
    assert said not in spacechat("ask", "-m", form.url, "--auth", "ada:secret", "Hi")[2]
    monkeypatch.setenv("SPACECHAT_AUTH", "ada:secret")
    for command in (("ask", "-m", form.url, "Hi"), ("inspect", form.url)):
        status, _, err = spacechat(*command)
        assert status != 0
        assert "has no login of its own: leave --auth out." in err
        assert err.endswith(f" {said}\n")


@pytest.mark.parametrize("named", ["-m", "--url", "SPACECHAT_MODEL"])
def test_a_user_in_an_address(
    spacechat: Run, form: ChatForm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    """It goes along when the app is asked what its settings are."""
    url = form.url.replace("//", "//ada:secret@")
    given = (named, url) if named.startswith("-") else ()
    monkeypatch.setenv("SPACECHAT_MODEL", "" if given else url)
    status, _, err = spacechat("ask", *given, "-o", "Style", "brief", "Hi")
    assert (status, err) == (0, "")
    (tmp_path / "in").write_text("Hi\n")
    files = (str(tmp_path / "in"), str(tmp_path / "out"))
    assert spacechat("batch", *given, "-o", "Style", "brief", *files)[0] == 0
    assert {each.header("authorization") for each in form.requests} == {"Basic YWRhOnNlY3JldA=="}


@pytest.mark.parametrize("command", ["ask", "chat", "batch"])
@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (("-a", "x", "-o", "Heat", "1"), "-a and no -o"),
        (("--endpoint", "/chat"), "--endpoint"),
        (("--output", "x", "--auth", "a:b"), "--output and no --auth"),
    ],
)
def test_a_known_space_takes_none(
    spacechat: Run, tmp_path: Path, command: str, given: tuple[str, ...], flags: str
) -> None:
    (tmp_path / "in").write_text("Hi\n")
    rest = {"ask": ["Hi"], "chat": [], "batch": [str(tmp_path / "in"), str(tmp_path / "out")]}
    status, out, err = spacechat(command, "-m", "qwen-2.5", *given, *rest[command], stdin=b"Hi\n")
    assert (status, out) == (2, "")
    assert f"qwen-2.5 takes no {flags}: it takes -s, --url, --token and --timeout." in err
    assert "-m https://qwen-qwen2-5.hf.space" in err
    assert not (tmp_path / "out").exists()


def test_what_is_meant_for_an_app_goes_to_no_other(spacechat: Run) -> None:
    with ChatForm(login=("ada", "secret")) as first, ChatForm() as second:
        given = ("-m", first.url, "--auth", "ada:secret", "-o", "Style", "brief")
        stdin = f"Hi\n/model {second.url}\nAnd?\n".encode()
        status, out, err = spacechat("chat", *given, stdin=stdin)
    assert status == 0, err
    assert [asked(line)["Style"] for line in out.splitlines()] == ["brief", "long"]
    assert not second.to("/login")


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_files_of_an_answer_are_saved(
    spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Whatever they are called, they stay in the folder, and replace nothing."""
    monkeypatch.chdir(tmp_path)
    with ChatForm(lambda *_: ["Done.", server.file("../../plot.png", b"PNG")]) as server:
        given = (command, "-m", server.url, "--to", "new/pictures")
        words, stdin = (["Q"], b"") if command == "ask" else ([], b"Q\n")
        status, out, err = spacechat(*given, *words, stdin=stdin)
        assert (status, out.rstrip("\n")) == (0, "Done.")
        assert err == "saved: new/pictures/plot.png\n"
        _, _, err = spacechat(*given, *words, stdin=stdin)
        assert err == "saved: new/pictures/plot (1).png\n"
        assert [each.read_bytes() for each in Path("new/pictures").iterdir()] == [b"PNG", b"PNG"]
        assert [each.name for each in tmp_path.iterdir()] == ["new"]


def test_saved_files_as_json(
    spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `call --json --to` has them: their paths."""
    monkeypatch.chdir(tmp_path)
    with ChatForm(lambda *_: ["Done.", server.file("plot.png", b"PNG")]) as server:
        status, out, err = spacechat("ask", "--json", "-m", server.url, "--to", ".", "Q")
        assert (status, err, asked(out)["files"]) == (0, "saved: plot.png\n", ["plot.png"])
        status, out, err = spacechat("ask", "-m", server.url, "--to", __file__, "Q")
    assert (status, out) == (2, "")
    assert "is a file" in err


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_files_in_a_terminal(tmp_path: Path, columns: int) -> None:
    """They stand below the answer, each on lines of its own."""
    with ChatForm(lambda *_: ["A **cat**.", server.file("cat on a mat.png", b"PNG")]) as server:
        ask = ("ask", "-m", server.url)
        with Terminal(*ask, "Draw", home=tmp_path, columns=columns) as terminal:
            assert terminal.wait() == 0
            named = terminal.shown()
        with Terminal(*ask, "--to", "new", "Draw", home=tmp_path, columns=columns) as terminal:
            assert terminal.wait() == 0
            saved = terminal.shown()
    address = f"{server.url}/gradio_api/file=/tmp/cat%20on%20a%20mat.png"
    assert named[0] == "A cat."
    assert "".join(named[1:]).replace(" ", "") == f"file:catonamat.png:{address}"
    assert saved == ["A cat.", "saved: new/cat on a mat.png"]
