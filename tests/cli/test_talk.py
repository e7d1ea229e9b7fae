"""A conversation that somebody holds: who goes on with it, and what becomes of what fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spacechat import Conversation, Reply, SpaceChatError
from spacechat.cli import asker
from spacechat.cli.chat_commands import Commands
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import Qwen_Qwen_2_5, Qwen_Qwen_2_72B, registry
from spacechat.sync import ChatStream
from tests.cli.conftest import Run
from tests.cli.kept import files, said, texts
from tests.servers.chat_form import ChatForm


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
    """The one pinned Space that answers; the default one, which is asked before it, is down."""
    with LocalSpace("qwen-2-72b", said) as space:
        down = Qwen_Qwen_2_5.at("http://127.0.0.1:9")
        monkeypatch.setattr(registry, "DEFAULT", down)
        monkeypatch.setattr(registry, "PROVIDERS", (down, Qwen_Qwen_2_72B.at(space.url)))
        yield space


class TestNobodyIsNamed:
    """The Space that answered goes on, which need not be the first that was asked."""

    def test_it_is_kept_and_saved(
        self, spacechat: Run, kept: Path, tmp_path: Path, pinned: LocalSpace
    ) -> None:
        talk = tmp_path / "talk.json"
        stdin = f"first\nsecond\n/save {talk}\n/model\n".encode()
        status, out, err = spacechat("chat", stdin=stdin)
        assert (status, out) == (0, "F\nFS\n")
        down = registry.DEFAULT.url
        goes_on = f"qwen-2.5 at {down} gave no answer; qwen-2-72b at {pinned.url} goes on.\n"
        assert err.startswith(goes_on)
        assert err.count("goes on") == 1
        assert err.endswith(f"Questions go to qwen-2-72b at {pinned.url}.\n")
        (file,) = files(kept)
        for path in (file, talk):
            assert Conversation.load(path).url == pinned.url
            assert len(texts(path)) == 4
        assert spacechat("-c", "third")[:2] == (0, "FST\n")

    @pytest.mark.parametrize("command", ["/system Other", "/file -", "/undo"])
    def test_after_a_new_session(self, spacechat: Run, pinned: LocalSpace, command: str) -> None:
        status, out, _ = spacechat("chat", stdin=f"first\n{command}\nsecond\n".encode())
        assert (status, out) == (0, "F\nS\n" if command == "/undo" else "F\nFS\n")

    def test_a_new_conversation(self, spacechat: Run, pinned: LocalSpace) -> None:
        """The Space that is down is not asked again, and a line says which one is."""
        status, out, err = spacechat("chat", stdin=b"/system Hear\nfirst\n/new\nsecond\n")
        assert (status, out) == (0, "F\nS\n")
        whom = f"Questions go to qwen-2-72b at {pinned.url}."
        assert f"a new conversation, with the same system message. {whom}\n" in err


class TestFilesThatCannotBeSaved:
    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise SpaceChatError("The download failed.")

        monkeypatch.setattr(asker, "save_files", fail)

    def test_the_answer_is_there(self, spacechat: Run, kept: Path, tmp_path: Path) -> None:
        with LocalSpace("messages", said) as space:
            whom = ("-m", space.url, "--to", str(tmp_path))
            status, out, err = spacechat("chat", *whom, stdin=b"first\nsecond\n/undo\nthird\n")
        assert (status, out) == (1, "F\nFS\nFT\n")
        assert "Taken back: second" in err
        (file,) = files(kept)
        assert texts(file) == ["first", "F", "third", "FT"]

    def test_it_is_asked_again_in_its_place(self, spacechat: Run, tmp_path: Path) -> None:
        with LocalSpace("messages", said) as space:
            whom = ("-m", space.url, "--to", str(tmp_path))
            assert spacechat("chat", *whom, stdin=b"first\n/retry\nsecond\n")[1] == "F\nF\nFS\n"


def test_an_answer_stays_until_there_is_another(spacechat: Run, kept: Path, tmp_path: Path) -> None:
    fails = iter([False, True, True, False, False])

    def reply(request: ChatRequest) -> list[str]:
        if next(fails):
            raise RuntimeError
        return said(request)

    talk = tmp_path / "talk.json"
    with LocalSpace("messages", reply) as space:
        stdin = f"first\n/retry\n/save {talk}\n/retry\nsecond\n/retry\n".encode()
        status, out, _ = spacechat("chat", "-m", space.url, stdin=stdin)
    assert (status, out) == (1, "F\nFS\nFS\n")
    assert texts(talk) == ["first", "F"]
    (file,) = files(kept)
    assert texts(file) == ["first", "F", "second", "FS"]


class TestFilesOfAQuestionThatFails:
    @pytest.fixture
    def first_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        show, fails = asker.Asker.show, iter([True])

        def shown(self: asker.Asker, stream: ChatStream) -> Reply:
            if next(fails, False):
                raise SpaceChatError("The Space is busy.")
            return show(self, stream)

        monkeypatch.setattr(asker.Asker, "show", shown)

    def test_that_wait_for_the_next_question(
        self, spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A command that was mistyped is none."""
        monkeypatch.chdir(tmp_path)
        Path("a.txt").write_text("a")
        with ChatForm() as form:
            lines = b"one\n/file a.txt\n/retry please\n/retryx\ntwo\n"
            status, out, _ = spacechat("chat", "-m", form.url, stdin=lines)
        assert status == 1
        assert [json.loads(line)["files"] for line in out.splitlines()] == [[], ["a.txt"]]

    @pytest.mark.usefixtures("first_fails")
    @pytest.mark.parametrize(
        ("lines", "sent"), [(b"one\ntwo\n", [[]]), (b"one\n/retry\n/retry\n", [["a.txt"]] * 2)]
    )
    def test_in_lines_that_are_piped_in(
        self,
        spacechat: Run,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        lines: bytes,
        sent: list[list[str]],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("a.txt").write_text("a")
        with ChatForm() as form:
            stdin = b"/file a.txt\n" + lines
            status, out, err = spacechat("chat", "-m", form.url, stdin=stdin)
        assert status == 1
        assert [json.loads(line)["files"] for line in out.splitlines()] == sent
        assert err.endswith("\nThe file does not go with the next question.\n")

    def test_that_a_person_typed(self, capsys: pytest.CaptureFixture[str]) -> None:
        def fail(_: str) -> None:
            raise SpaceChatError("The Space is busy.")

        talk: Any = SimpleNamespace(asker=SimpleNamespace(files=["a.txt"]), ask=fail)
        assert not Commands(talk, is_typed=True).take("one")
        assert talk.asker.files == ["a.txt"]
        said = "The file stays for the next question; /file - takes it out.\n"
        assert capsys.readouterr().err.endswith(said)
