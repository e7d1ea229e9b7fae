"""The commands of a conversation: files, settings, a new beginning, the clipboard, and the end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat.cli.option_words import as_word
from spacechat.local import LocalSpace
from spacechat.providers import Qwen_Qwen_2_5
from tests.cli.conftest import Run
from tests.cli.terminal import Terminal
from tests.servers.chat_form import ChatForm


@pytest.fixture
def form() -> Iterator[ChatForm]:
    with ChatForm() as server:
        yield server


@pytest.fixture
def answers(spacechat: Run, form: ChatForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Takes lines of a conversation; returns what the app was asked, and what was said of it."""
    monkeypatch.chdir(tmp_path)

    def take(*lines: str, options: tuple[str, ...] = ()) -> tuple[list[Any], str]:
        stdin = "\n".join(lines).encode()
        _, out, err = spacechat("chat", "-m", form.url, *options, stdin=stdin)
        return [json.loads(line) for line in out.splitlines()], err

    return take


class TestTheEnd:
    @pytest.mark.parametrize(
        "word",
        [
            "exit",
            "quit",
            "/exit",
            "/quit",
            "exit  ",
            "quit\t",
            "EXIT",
            "Quit",
            "exit()",
            ":q",
            ":wq",
        ],
    )
    def test_a_line_of_its_own(self, answers: Any, word: str) -> None:
        assert [each["question"] for each in answers("one", word, "two")[0]] == ["one"]

    def test_what_is_a_question(self, answers: Any) -> None:
        lines = (" exit", "exit now", " :q", " /quit", "How do I quit")
        asked = [each["question"] for each in answers(*lines)[0]]
        assert asked == ["exit", "exit now", ":q", "/quit", "How do I quit"]

    def test_in_a_terminal(self, tmp_path: Path, form: ChatForm) -> None:
        for word in ("exit", "/quit"):
            with Terminal("chat", "-m", form.url, home=tmp_path) as chat:
                chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
                chat.press(f"{word}\r")
                assert chat.wait() == 0


class TestFiles:
    def test_with_the_next_question(self, answers: Any, form: ChatForm) -> None:
        for name in ("a b.txt", "c.txt"):
            Path(name).write_text(name)
        lines = ("/file a b.txt", "/file c.txt", "/file", "one", "two", "/file -", "three")
        asked, err = answers(*lines)
        # They stay in the app's place for files, as on its page, until they are taken out.
        assert [each["files"] for each in asked] == [["a b.txt", "c.txt"]] * 2 + [[]]
        assert form.files == {"a b.txt": b"a b.txt", "c.txt": b"c.txt"}
        assert err.splitlines() == [
            "With the next question goes: a b.txt",
            "With the next question go: a b.txt, c.txt",
            "With the next question go: a b.txt, c.txt",
            "No file goes with the next question.",
        ]

    def test_those_of_the_option_first(self, answers: Any) -> None:
        for name in ("a.txt", "b.txt"):
            Path(name).write_text(name)
        asked, _ = answers("/file b.txt", "one", options=("-a", "a.txt"))
        assert [each["files"] for each in asked] == [["a.txt", "b.txt"]]

    @pytest.mark.parametrize(
        "words",
        ["a b.txt", "'a b.txt'", '"a b.txt"', r"a\ b.txt", "~/a b.txt", "c.txt 'a b.txt'", "it's"],
    )
    def test_as_a_shell_or_a_file_manager_writes_it(
        self, answers: Any, monkeypatch: pytest.MonkeyPatch, words: str
    ) -> None:
        monkeypatch.setenv("HOME", os.getcwd())
        for name in ("a b.txt", "c.txt", "it's"):
            Path(name).write_text(name)
        ((found,), _) = answers(f"/file {words}", "one")
        plain = words.replace("\\", "")
        assert found["files"] == [name for name in ("it's", "c.txt", "a b.txt") if name in plain]

    def test_none_after_all(self, answers: Any) -> None:
        Path("a.txt").write_text("a")
        asked, err = answers("/file a.txt", "/file -", "/file", "one")
        assert [each["files"] for each in asked] == [[]]
        assert err.count("No file goes with the next question.") == 2

    def test_asked_again(self, answers: Any) -> None:
        Path("a.txt").write_text("a")
        Path("b.txt").write_text("b")
        asked, _ = answers("/file a.txt", "one", "/retry", "/file b.txt", "/retry")
        assert [each["files"] for each in asked] == [["a.txt"], ["a.txt"], ["a.txt", "b.txt"]]

    @pytest.mark.parametrize(
        ("path", "says"),
        [
            ("nowhere.txt", "There is no file nowhere.txt."),
            ("no where.txt", "There is no file no where.txt."),
            ("/ nowhere.txt", "/ is a folder, not a file."),
        ],
    )
    def test_none_there(self, answers: Any, path: str, says: str) -> None:
        """A question that was to go with it is not asked without."""
        asked, err = answers("one", f"/file {path}", "two")
        assert [each["question"] for each in asked] == ["one"]
        assert says in err
        assert err.endswith("spacechat: The lines after that are not asked.\n")

    def test_a_space_that_takes_none(self, spacechat: Run, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("a")
        with LocalSpace("qwen-2.5", ["Hello"]) as space:
            for line in (f"/file {tmp_path / 'a.txt'}", "/set", "/set Temperature 1"):
                whom = ("-m", "qwen-2.5", "--url", space.url)
                status, out, err = spacechat("chat", *whom, stdin=f"{line}\nHi\n".encode())
                assert (status, out) == (1, "")
                assert f" takes no {line.split()[0]}: it takes " in err

    def test_another_space_that_takes_none(
        self, spacechat: Run, form: ChatForm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """In lines written beforehand, they were meant for no other question."""
        (tmp_path / "a.txt").write_text("a")
        with LocalSpace("qwen-2.5", ["Hello"]) as space:
            monkeypatch.setattr(Qwen_Qwen_2_5, "url", space.url)
            lines = f"/file {tmp_path / 'a.txt'}\n/model qwen-2.5\none\ntwo\n"
            status, out, err = spacechat("chat", "-m", form.url, stdin=lines.encode())
        assert (status, out) == (1, "Hello\n")
        assert "qwen-2.5 takes no /file: " in err
        assert "The file does not go with the next question.\n" in err

    def test_no_name_reaches_the_terminal_raw(self, answers: Any) -> None:
        Path("a\x1b[2J.txt").write_text("a")
        name, lines = "a\x1b[2J", ("/file {}.txt", "one", "/save {}.json", "/load {}.json")
        _, err = answers(*(each.format(name) for each in lines))
        assert err.splitlines()[:3] == [
            "With the next question goes: a␛[2J.txt",
            "2 messages are in a␛[2J.json.",
            "2 messages of a␛[2J.json are loaded.",
        ]

    def test_their_names_complete(self, form: ChatForm, tmp_path: Path) -> None:
        (tmp_path / "holiday picture.png").write_bytes(b"PNG")
        with Terminal("chat", "-m", form.url, home=tmp_path, columns=100) as chat:
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("/file hol\t")
            chat.wait_for("› /file holiday picture.png")
            chat.press("\r")
            chat.wait_for("With the next question goes: holiday picture.png")
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("/sy\t")
            chat.wait_for("› /system")
            chat.press("\x03\x04")
            assert chat.wait() == 0


class TestSettings:
    @pytest.mark.parametrize(
        ("words", "name", "value"),
        [
            ("Temperature 1.5", "Temperature", 1.5),
            ("temperature  0", "Temperature", 0),
            ("Web search true", "Web search", True),
            ('"Web search" true', "Web search", True),
            ("Style brief", "Style", "brief"),
            ("Notes 5", "Notes", "5"),
            ("Notes a b  c", "Notes", "a b  c"),
            ("notes-box x", "Notes", "x"),
            ("Tags a", "Tags", ["a"]),
            ('Tags ["a", "b"]', "Tags", ["a", "b"]),
            ('Extra {"a": [1]}', "Extra", {"a": [1]}),
        ],
    )
    def test_for_the_questions_after_it(
        self, answers: Any, words: str, name: str, value: object
    ) -> None:
        asked, err = answers("zero", f"/set {words}", "one", "two", f"/set {name} -", "three")
        own = asked[0][name]
        assert [each[name] for each in asked] == [own, value, value, own]
        shown, back = err.splitlines()
        on_one_line = " ".join(as_word(value).split())
        assert shown.startswith(f"{name} = {on_one_line} (the app's own: {as_word(own)}): ")
        assert back.startswith(f"{name} = {as_word(own)}: ")

    def test_the_list(self, answers: Any) -> None:
        _, err = answers("/set Style brief", "/set", "/set Temperature")
        assert err.splitlines()[1:] == [
            "Photos = null: what a file holds",
            "Temperature = 0.7: a number from 0 to 2",
            "Web search = false: true or false",
            "Style = 'brief' (the app's own: 'long'): one of 'brief', 'long'",
            "Notes = '': a text",
            "Tags = []: some of 'a', 'b'",
            "Extra = null: what a json holds",
            "Temperature = 0.7: a number from 0 to 2",
        ]

    def test_after_those_of_the_option(self, answers: Any) -> None:
        options = ("-o", "notes-box", "first", "-o", "Temperature", "1")
        asked, _ = answers(
            "one", "/set Notes second", "two", "/set Notes -", "three", options=options
        )
        assert [each["Notes"] for each in asked] == ["first", "second", ""]
        assert [each["Temperature"] for each in asked] == [1, 1, 1]

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ("Temprature 1", "The app has no input 'Temprature'. Did you mean 'Temperature'?"),
            (
                "Heat",
                "It has: 'Photos' (what a file holds); 'Temperature' (a number from 0 to 2); ",
            ),
            ("Temperature 5", "5 is no value for slider 'Temperature' (4): it takes a number"),
            ("Temperature hot", "'hot' is no value for slider 'Temperature' (4)"),
            ("Style brif", "Did you mean 'brief'?"),
            ("Extra [1,", "broken JSON"),
            ("Photos a.png", "'Photos' takes a file: /file attaches one."),
        ],
    )
    def test_mistakes(self, answers: Any, words: str, says: str) -> None:
        """A question that was to be asked with it is not asked without."""
        asked, err = answers("one", f"/set {words}", "two")
        assert len(asked) == 1
        assert says in err
        assert err.endswith("spacechat: The lines after that are not asked.\n")

    def test_an_app_without_any(self, spacechat: Run) -> None:
        with LocalSpace("messages", ["Hello"]) as space:
            _, _, err = spacechat("chat", "-m", space.url, stdin=b"/set Foo 1\n")
        assert err.startswith("spacechat: The app has no input 'Foo'. It has none.\n")

    def test_a_mistake_changes_nothing(self, form: ChatForm, tmp_path: Path) -> None:
        """In a terminal, and names complete once they are known."""
        with Terminal("chat", "-m", form.url, home=tmp_path, columns=100) as chat:

            def follow(keys: str, text: str) -> None:
                chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
                chat.press(keys)
                chat.wait_for(text)

            follow("/set Temperature 1\r", "Temperature = 1 (the app's own: 0.7)")
            follow("/set Temperature 5\r", "5 is no value")
            follow("/set web\t", "› /set Web search")
            chat.press(" true\r")
            chat.wait_for("Web search = true (the app's own: false)")
            follow("Hi\r", '"Temperature": 1, "Web search": true')
            follow("exit\r", "")
            assert chat.wait() == 0

    def test_another_model_has_its_own(self, spacechat: Run, form: ChatForm) -> None:
        with ChatForm() as other:
            lines = f"/set Notes mine\none\n/model {other.url}\ntwo\n/set Notes\n"
            _, out, err = spacechat("chat", "-m", form.url, stdin=lines.encode())
        assert [json.loads(line)["Notes"] for line in out.splitlines()] == ["mine", ""]
        assert err.endswith("Notes = '': a text\n")

    @pytest.mark.parametrize("option", ["-m", "--url"])
    def test_the_same_app_keeps_them(self, spacechat: Run, tmp_path: Path, option: str) -> None:
        """It does so however it is named, with the login that is for it."""
        talk = tmp_path / "talk.json"
        with ChatForm(login=("ada", "pw")) as form, LocalSpace("messages", ["Hello"]) as other:
            options = (option, form.url, "-o", "Notes", "mine", "--auth", "ada:pw")
            back = f"/model {other.url}\n/model {form.url}\n" if option == "-m" else ""
            lines = f"one\n/save {talk}\n/load {talk}\ntwo\n{back}three\n"
            status, out, _ = spacechat("chat", *options, stdin=lines.encode())
        assert status == 0
        assert [json.loads(line)["Notes"] for line in out.splitlines()] == ["mine"] * 3


def test_no_conversation_to_load(spacechat: Run, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere.json")
    status, _, err = spacechat("chat", "--local", stdin=f"/load {nowhere}\n".encode())
    assert (status, err.splitlines()[0]) == (1, f"spacechat: There is no file {nowhere}.")
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff")
    status, _, err = spacechat("chat", "--local", str(picture))
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith(
        f"spacechat: {picture} is not loaded. This JSON is not a saved conversation"
    )
    for command in (b"/load", b"/save "):
        err = spacechat("chat", "--local", stdin=command)[2]
        assert err.startswith("spacechat: Name a file, such as talk.json.\n")
    status, _, err = spacechat("chat", "--local", "Hi there")
    assert status == 2
    assert "There is no file Hi there. " in err
    assert "; a question goes without `chat`." in err


@pytest.mark.parametrize("name", ["/new", "/undo", "/retry", "/copy", "/help", "/exit", "/quit"])
def test_words_that_a_command_does_not_take(answers: Any, name: str) -> None:
    """They are not dropped, as a question after /new would be."""
    asked, err = answers("one", f"{name} What is SSE?", "two")
    assert [each["question"] for each in asked] == ["one", "two"]
    assert err.splitlines()[-1] == f"spacechat: {name} stands alone on its line."


class TestANewConversation:
    def test_it_begins_without_a_word(self, spacechat: Run) -> None:
        with LocalSpace("messages", lambda request: [str(len(request.history))]) as space:
            lines = b"one\ntwo\n/new\nthree\n/undo\n/undo\n"
            _, out, err = spacechat("chat", "-m", space.url, stdin=lines)
        assert out.split() == ["0", "2", "0"]
        said = f"This is a new conversation. Questions go to {space.url}.\nTaken back: three\n"
        assert said in err
        assert err.endswith("There is nothing to take back.\n")
