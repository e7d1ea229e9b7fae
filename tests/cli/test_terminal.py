"""The command line in a real pseudo-terminal, asking a local Space in the test's process."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory

from spacechat.cli.terminal.keyboard import open_history
from spacechat.local import ChatRequest, LocalSpace
from tests.cli.terminal import HANG, Terminal
from tests.servers.chat_form import ChatForm

if not hasattr(__import__("os"), "openpty"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

SPACE = ("-m", "qwen-2-72b", "--url")


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + HANG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Reply:
    """An answer that stops in the middle until it may go on; tells what was asked."""

    def __init__(self, first: str = "", rest: str = "") -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self._first, self._rest = first, rest

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        self.asked.append(request.prompt)
        if self._first:
            yield self._first
        assert self.go_on.wait(HANG)
        yield self._rest


def test_an_answer_as_markdown(tmp_path: Path) -> None:
    reply = Reply("# Hello\n\nThis is **bold**", " and `code`.\n\n- one\n- two\n")
    with (
        LocalSpace(reply=reply) as space,
        Terminal("ask", "-v", *SPACE, space.url, "Hi", home=tmp_path, columns=40) as terminal,
    ):
        terminal.wait_for("This is bold")
        terminal.press_unread("keys that somebody presses meanwhile\r")
        reply.go_on.set()
        assert terminal.wait() == 0
        *answer, empty, timings = terminal.shown()[:8]
    assert answer == ["Hello", "", "This is bold and code.", "", " • one", " • two"]
    assert empty == ""
    assert timings.startswith("qwen-qwen2-72b-instruct: begun after")
    assert b"\x1b[1mbold\x1b[0m" in terminal.raw


def test_a_terminal_that_can_do_nothing(tmp_path: Path) -> None:
    text = "**bold** \x1b[2J\x07 text"
    with (
        LocalSpace(reply=[text]) as space,
        Terminal("ask", *SPACE, space.url, "Hi", home=tmp_path, term="dumb") as terminal,
    ):
        assert terminal.wait() == 0
    assert terminal.raw.decode() == "**bold** ␛[2J␇ text\r\n"


def test_a_file_gets_exactly_the_text(tmp_path: Path) -> None:
    """A person who watches standard error is told of the queue all the same."""
    reply = Reply("**bold** \x1b[2J\r\n", "\u202e🌍")
    with (
        LocalSpace(reply=reply, concurrency=1) as space,
        Terminal("ask", "-v", *SPACE, space.url, "Hi", home=tmp_path, piped="stdout") as terminal,
    ):
        until(lambda: terminal.out)  # the first piece doesn't wait for the second
        reply.go_on.set()
        assert terminal.wait() == 0
    assert terminal.out.decode() == "**bold** \x1b[2J\r\n\u202e🌍\n"
    assert terminal.shown()[-1].startswith("qwen-qwen2-72b-instruct: begun after")


@pytest.mark.parametrize("words", [("Hi", "-"), ("Hi", "-s", "Be", "-"), ("-a", "-", "Hi")])
def test_what_is_typed_for_standard_input(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A person is told what is waited for; a question alone waits for nothing."""
    with (
        ChatForm() as form,
        Terminal("ask", "-m", form.url, *words, home=tmp_path) as terminal,
    ):
        terminal.wait_for("Type what - stands for, then Ctrl-D on a line of its own.")
        terminal.press("some words\r")
        terminal.press("\x04")
        assert terminal.wait() == 0
        is_file = words[0] == "-a"
        assert ("Hi" if is_file else "some words") in "".join(terminal.shown()[2:])
        assert form.files == ({"file-1": b"some words\n"} if is_file else {})


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_ctrl_c_in_the_queue(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    reply = Reply()
    with (
        LocalSpace(reply=reply, concurrency=1) as space,
        Terminal("ask", *SPACE, space.url, "One", home=tmp_path) as first,
        Terminal("ask", *SPACE, space.url, "Two", *arguments, home=tmp_path) as second,
    ):
        for terminal in (first, second):
            terminal.wait_until(lambda lines: "Next" in str(lines) or "Working" in str(lines))
        waits = second if "Next" in str(second.shown()) else first
        waits.press("\x03")
        assert waits.wait() == 130
        until(lambda: space.cancelled == 1)
        assert waits.shown() == []
        reply.go_on.set()


def test_ctrl_c_in_the_answer(tmp_path: Path) -> None:
    reply = Reply("So **far")
    with (
        LocalSpace(reply=reply) as space,
        Terminal("ask", *SPACE, space.url, "Hi", home=tmp_path) as terminal,
    ):
        terminal.wait_for("So **far")
        terminal.press("\x03")
        assert terminal.wait() == 130
        until(lambda: space.cancelled == 1)
        reply.go_on.set()
    assert terminal.shown() == ["So **far"]


def test_an_error_after_some_text(tmp_path: Path) -> None:
    def reply(_: ChatRequest) -> Iterator[str]:
        yield "Some text"
        raise ValueError("No more \x1b[2J\nof it")

    with (
        LocalSpace(reply=reply) as space,
        Terminal("ask", *SPACE, space.url, "Hi", home=tmp_path, columns=200) as terminal,
    ):
        assert terminal.wait() == 1
    text, error = terminal.shown()
    assert text == "Some text"
    assert error.startswith("spacechat: ")
    assert "No more of it" in error


def answers(chat: Terminal, keys: str, text: str, times: int = 1) -> None:
    """Press keys at the prompt, and wait for what comes of it."""
    chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
    chat.press(keys)
    chat.wait_for(text, times=times)


def test_a_conversation(tmp_path: Path) -> None:
    reply = Reply("Answer", " and more.")
    with (
        LocalSpace(reply=reply) as space,
        Terminal("chat", *SPACE, space.url, home=tmp_path, columns=100) as chat,
    ):
        answers(chat, "given up\x03", "› given up")  # Ctrl-C at the prompt
        answers(chat, "first\r", "Answer")
        chat.press("\x03")  # and in an answer, which ends that only
        chat.wait_for("Stopped.")
        until(lambda: space.cancelled == 1)
        reply.go_on.set()
        answers(chat, "/system Be brief.\r", "The system message: Be brief.")
        answers(chat, "second\x1b\rline\r", "Answer and more.")  # Alt-Enter
        answers(chat, "/retry\r", "Answer and more.", times=2)
        answers(chat, "/save talk.json\r", "4 messages are in talk.json.")
        answers(chat, "/undo\r", "Taken back: second line")
        answers(chat, "/load talk.json\r", "4 messages of talk.json are loaded.")
        answers(chat, "/model nonsense\r", "There is no model 'nonsense'")
        answers(chat, "/nonsense\r", "There is no command /nonsense")
        # The arrow key: /nonsense, /model, /load
        answers(chat, "\x1b[A\x1b[A\x1b[A\r", "are loaded.", times=2)
        answers(chat, "\x04", "›")
        assert chat.wait() == 0
    assert reply.asked[0] == "first"
    again = "User: first\nAssistant: Answer\nUser: second\nline\nAssistant:"
    assert reply.asked[1:] == [again, again]
    saved = json.loads((tmp_path / "talk.json").read_text())
    assert [message["content"] for message in saved["messages"]] == [
        "Be brief.",
        "first",
        "Answer",
        "second\nline",
        "Answer and more.",
    ]
    history = tmp_path / ".local" / "state" / "spacechat" / "history"
    assert "first" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_an_app_of_this_machine_that_does_not_run(tmp_path: Path) -> None:
    """It is said before the first question, which may be long."""
    with LocalSpace("messages", ["Hello"]) as space:
        url = space.url
        with Terminal("chat", "-m", url, home=tmp_path) as chat:
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            assert "Nothing answers" not in "".join(chat.shown())
            chat.press("\x04")
            assert chat.wait() == 0
    with Terminal("chat", "-m", url, home=tmp_path) as chat:
        chat.wait_for("Nothing answers there at the moment: is the app running?")
        chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
        chat.press("\x04")
        assert chat.wait() == 0


class TestTheHistoryFile:
    """The lines of one question are in it, and nobody else may read them."""

    def test_others_could_read_it(self, tmp_path: Path) -> None:
        path = tmp_path / "history"
        path.touch(0o644)
        open_history(path).store_string("secret")
        assert "secret" in path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "target").write_text("")
        (tmp_path / "history").symlink_to(tmp_path / "target")
        open_history(tmp_path / "history").store_string("secret")
        assert (tmp_path / "target").read_text() == ""

    def test_what_is_not_kept(self, tmp_path: Path) -> None:
        """A password in an address; the arrow keys have it until the end."""
        history = open_history(tmp_path / "history")
        lines = ["/model http://ada:s3cret@host", "/model host", "ada@host?"]
        for line in lines:
            history.append_string(line)
        assert history.get_strings() == lines
        assert [*history.load_history_strings()] == ["ada@host?", "/model host"]

    def test_a_pipe_without_a_reader(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "history")
        assert isinstance(open_history(tmp_path / "history"), InMemoryHistory)
