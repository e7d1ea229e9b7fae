"""Conversations that are kept: `-c` goes on with the last one, and `log` lists them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacechat import Conversation
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import PROVIDERS
from tests.cli.conftest import Run
from tests.cli.kept import files, said, texts
from tests.cli.terminal import HANG, START, Terminal
from tests.servers.chat_form import ChatForm

SECRETS = ("s3cret", "hf_t0ken", "l0gin", "ada")


@pytest.fixture
def space() -> Iterator[LocalSpace]:
    with LocalSpace("messages", said) as space:
        yield space


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
    """What all public Spaces are here; nothing is said to it unless its name is."""
    with LocalSpace("qwen-2.5", said) as space:
        for provider in PROVIDERS:
            monkeypatch.setattr(provider, "url", space.url)
        yield space


class TestGoingOn:
    def test_with_its_messages_and_its_space(
        self, spacechat: Run, kept: Path, space: LocalSpace, public: LocalSpace
    ) -> None:
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        assert spacechat("ask", "-c", "second") == (0, "FS\n", "")
        assert spacechat("third", "-c") == (0, "FST\n", "")
        (file,) = files(kept)
        assert texts(file)[::2] == ["first", "second", "third"]
        assert public.requests == []

    def test_between_ask_and_chat(self, spacechat: Run, kept: Path, space: LocalSpace) -> None:
        assert spacechat("chat", "-m", space.url, "-s", "Hear", stdin=b"first\n")[0] == 0
        status, out, err = spacechat("ask", "--json", "-c", "second")
        assert (status, err) == (0, "")
        assert json.loads(out)["text"] == "FS"
        status, out, err = spacechat("chat", "-c", stdin=b"third\n")
        assert (status, out) == (0, "FST\n")
        assert err == "4 messages are loaded; the last question was: second\n"
        (file,) = files(kept)
        assert texts(file)[:2] == ["Hear", "first"]

    def test_with_a_local_space_that_there_can_not_be(self, spacechat: Run, kept: Path) -> None:
        kept.mkdir(parents=True, mode=0o700)
        messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        content = {"session_hash": "", "messages": messages, "model": "owner/name", "local": True}
        (kept / "0123abcd.json").write_text(json.dumps(content))
        status, out, err = spacechat("-c", "go on")
        assert (status, out) == (1, "")
        assert err.startswith("spacechat: The conversation 0123abcd does not go on. It was held ")

    def test_with_another_system_text(self, spacechat: Run, kept: Path, space: LocalSpace) -> None:
        assert spacechat("ask", "-m", space.url, "-s", "Old", "first")[0] == 0
        assert spacechat("ask", "-c", "-s", "New", "second")[0] == 0
        (file,) = files(kept)
        assert texts(file)[0] == "New"

    def test_with_a_space_that_the_options_name(
        self, spacechat: Run, kept: Path, space: LocalSpace
    ) -> None:
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        with LocalSpace("messages", said) as other:
            status, out, err = spacechat("ask", "-c", "-m", other.url, "second")
            assert (status, out) == (0, "FS\n")
            assert err == f"The conversation was held with {space.url}; {other.url} goes on.\n"
            assert spacechat("ask", "-c", "third")[1:] == ("FST\n", "")
        assert len(space.requests) < len(other.requests)

    def test_whatever_the_default_model_is(
        self, spacechat: Run, kept: Path, space: LocalSpace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        monkeypatch.setenv("SPACECHAT_MODEL", "http://127.0.0.1:9")
        assert spacechat("ask", "-c", "second") == (0, "FS\n", "")
        assert spacechat("chat", "-c", stdin=b"third\n")[:2] == (0, "FST\n")

    def test_with_a_local_space(
        self,
        spacechat: Run,
        kept: Path,
        public: LocalSpace,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The one of then has gone, and nothing goes to whoever has its port now."""
        monkeypatch.setattr("spacechat.local.generation.builtin_answer", lambda _: ["Local"])
        assert spacechat("ask", "--local", "-m", "qwen-2.5", "first")[0] == 0
        status, out, err = spacechat("ask", "-c", "second")
        assert (status, out, err) == (0, "Local\n", "")
        assert spacechat("ask", "-c", "--local", "third")[0] == 0
        assert public.requests == []
        assert spacechat("ask", "-c", "-m", "qwen-2.5", "its own model")[0] == 0
        assert public.requests == []
        status, out, err = spacechat("ask", "-c", "-m", "qwen-2.5-1m", "other")
        assert (status, out) == (0, "FSTO\n")
        assert "The conversation was held with a local Space; qwen-2.5-1m goes on.\n" in err

    def test_with_nothing(self, spacechat: Run, kept: Path, public: LocalSpace) -> None:
        """The default Space was not meant."""
        for arguments in (("ask", "-c", "second"), ("chat", "-c")):
            status, out, err = spacechat(*arguments, stdin=b"second\n")
            assert (status, out) == (1, "")
            assert err == f"spacechat: No conversation is kept: there is none in {kept}.\n"
        assert public.requests == []

    def test_with_an_earlier_one(self, spacechat: Run, kept: Path, space: LocalSpace) -> None:
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        (file,) = files(kept)
        assert spacechat("ask", "-m", space.url, "other")[0] == 0
        found = spacechat("ask", "--conversation", file.stem[:6], "second")
        assert found == (0, "FS\n", "")
        assert spacechat("ask", "-c", "third")[1] == "FST\n"
        status, _, err = spacechat("ask", "--conversation", "nonsense", "third")
        assert (status, "There is no kept conversation 'nonsense'" in err) == (1, True)
        for arguments, says in (
            (("ask", "-c", "--conversation", file.stem, "x"), "-c and --conversation: choose one"),
            (("chat", "-c", str(file)), "FILE and -c: choose one"),
        ):
            status, _, err = spacechat(*arguments)
            assert (status, says in err) == (2, True)

    def test_with_a_space_that_has_gone(
        self, spacechat: Run, kept: Path, space: LocalSpace, public: LocalSpace
    ) -> None:
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        (file,) = files(kept)
        file.write_text(file.read_text().replace(space.url, "nowhere"))
        status, _, err = spacechat("ask", "-c", "second")
        assert (status, f"The conversation {file.stem} does not go on. " in err) == (1, True)
        assert public.requests == []


class TestWhatIsKept:
    def test_by_its_user_only(self, spacechat: Run, kept: Path, space: LocalSpace) -> None:
        for umask in (0, 0o777):
            before = os.umask(umask)
            try:
                assert spacechat("ask", "-m", space.url, "first") == (0, "F\n", "")
                assert spacechat("ask", "-c", "second")[2] == ""
            finally:
                os.umask(before)
        assert len(files(kept)) == 2
        for folder in (kept, kept.parent, kept.parent.parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(each.stat().st_mode) for each in kept.iterdir()} == {0o600}

    @pytest.mark.parametrize("command", ["ask", "chat"])
    def test_no_secret(self, spacechat: Run, kept: Path, space: LocalSpace, command: str) -> None:
        words, stdin = (["first"], b"") if command == "ask" else ([], b"first\n")
        url = space.url.replace("http://", "http://ada:s3cret@")
        assert spacechat(command, "-m", url, "--token", "hf_t0ken", *words, stdin=stdin)[0] == 0
        with ChatForm(login=("ada", "l0gin")) as form:
            given = ("-m", form.url, "--auth", "ada:l0gin", "-o", "Notes", "s3cret")
            assert spacechat(command, *given, *words, stdin=stdin)[0] == 0
            status, _, err = spacechat(command, "-c", *words, stdin=stdin)
            assert (status, "--auth USER:PASSWORD" in err) == (1, True)
        second, first = files(kept)
        assert Conversation.load(first).url == space.url
        assert not [each for each in SECRETS if each in first.read_text()]
        # The app itself answers with its settings here.
        assert not [each for each in SECRETS[1:] if each in second.read_text()]

    @pytest.mark.parametrize("how", ["--no-log", "log = false"])
    def test_nothing_if_the_user_says_so(
        self,
        spacechat: Run,
        kept: Path,
        space: LocalSpace,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        how: str,
    ) -> None:
        """What was kept before can be gone on with."""
        assert spacechat("ask", "-m", space.url, "first")[0] == 0
        (file,) = files(kept)
        before = file.read_bytes()
        more = [how] if how == "--no-log" else []
        if not more:
            (tmp_path / "config.toml").write_text(how)
            monkeypatch.setenv("SPACECHAT_CONFIG", str(tmp_path / "config.toml"))
        assert spacechat("ask", "-m", space.url, "other", *more)[0] == 0
        assert spacechat("chat", "-m", space.url, *more, stdin=b"other\n")[0] == 0
        assert spacechat("ask", "-c", "second", *more) == (0, "FS\n", "")
        assert files(kept) == [file]
        assert file.read_bytes() == before

    def test_nothing_for_the_arrow_keys_either(self, tmp_path: Path, space: LocalSpace) -> None:
        for arguments, is_kept in ((("--no-log",), False), ((), True)):
            with Terminal("chat", "-m", space.url, *arguments, home=tmp_path) as chat:
                chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
                chat.press("first\r")
                chat.wait_until(lambda lines: "F" in lines and lines[-1] == "›", "the answer")
                chat.press("exit\r")
                assert chat.wait() == 0
            assert (tmp_path / ".local").exists() == is_kept

    def test_a_full_disk_in_a_chat(self, tmp_path: Path) -> None:
        """No line of a conversation fails for it, and the arrow keys still have it."""
        limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))"
        program = f"import resource; {limit}\n{START}"
        with (
            LocalSpace("messages", lambda request: [f"<{request.prompt}>"]) as space,
            Terminal("chat", "-m", space.url, home=tmp_path, program=program) as chat,
        ):
            chat.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
            chat.press("first\r")
            chat.wait_until(lambda lines: "<first>" in lines and lines[-1] == "›", "it")
            chat.press("\x1b[A\r")
            chat.wait_until(lambda lines: lines.count("<first>") == 2 and lines[-1] == "›", "both")
            chat.press("\x04")
            assert chat.wait() == 0
            shown = "\n".join(chat.shown())
        assert shown.count("is not kept for -c: File too large") == 1
        assert "Unhandled" not in shown

    def test_the_answer_of_which_a_program_reads_a_part(
        self, spacechat: Run, kept: Path, space: LocalSpace
    ) -> None:
        """Otherwise, the next -c would go on with another conversation than the last."""
        long = LocalSpace("messages", lambda _: (f"{n}\n" for n in range(20_000)))
        with long:
            command = f"{sys.executable} -m spacechat ask -m {long.url} first | head -n 1"
            done = subprocess.run(
                ["sh", "-c", command], capture_output=True, check=True, stdin=subprocess.DEVNULL
            )
        assert done.stdout == b"0\n"
        (file,) = files(kept)
        question, answer = texts(file)
        assert (question, answer[:4]) == ("first", "0\n1\n")

    def test_nothing_of_a_question_without_an_answer(self, spacechat: Run, kept: Path) -> None:
        assert spacechat("ask", "-m", "http://127.0.0.1:9", "first")[0] == 1
        assert spacechat("chat", "-m", "http://127.0.0.1:9", stdin=b"first\n")[0] == 1
        assert files(kept) == []

    def test_the_part_of_an_answer_that_came(self, spacechat: Run, kept: Path) -> None:
        def reply(_: ChatRequest) -> Iterator[str]:
            yield "Some text"
            raise ValueError("no more")

        with LocalSpace(reply=reply) as space:
            whom = ("-m", "qwen-2-72b", "--url", space.url)
            assert spacechat("ask", *whom, "first")[0] == 1
        (file,) = files(kept)
        assert texts(file) == ["first", "Some text"]

    @pytest.mark.parametrize("command", ["ask", "chat"])
    def test_the_part_before_ctrl_c(self, spacechat: Run, tmp_path: Path, command: str) -> None:
        """It is what a person has seen, and what the next question goes on with."""
        go_on = threading.Event()

        def reply(request: ChatRequest) -> Iterator[str]:
            if request.prompt == "first":
                yield "Some text"
                assert go_on.wait(HANG)
            yield from said(request)

        with LocalSpace("messages", reply) as space:
            words = ["first"] if command == "ask" else []
            with Terminal(command, "-m", space.url, *words, home=tmp_path) as terminal:
                if command == "chat":
                    terminal.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
                    terminal.press("first\r")
                terminal.wait_for("Some text")
                terminal.press("\x03")
                if command == "chat":
                    terminal.wait_for("Stopped.")
                    terminal.wait_until(lambda lines: lines and lines[-1] == "›", "the prompt")
                    terminal.press("exit\r")
                assert terminal.wait() == (130 if command == "ask" else 0)
            go_on.set()
            (file,) = files(tmp_path / ".local" / "state" / "spacechat" / "conversations")
            assert texts(file) == ["first", "Some text"]
            with Terminal("-c", "second", home=tmp_path) as terminal:
                assert terminal.wait() == 0
                assert terminal.shown() == ["FS"]

    def test_what_a_chat_takes_back_is_not(
        self, spacechat: Run, kept: Path, space: LocalSpace
    ) -> None:
        whom = ("chat", "-m", space.url)
        assert spacechat(*whom, stdin=b"first\nsecond\n/undo\n")[0] == 0
        (file,) = files(kept)
        assert texts(file)[::2] == ["first"]
        assert spacechat(*whom, stdin=b"first\n/undo\n")[0] == 0
        assert files(kept) == [file]
        assert spacechat(*whom, stdin=b"first\n/retry\n/system Be brief.\n")[0] == 0
        assert texts(files(kept)[0])[:2] == ["Be brief.", "first"]

    @pytest.mark.parametrize("lines", ["first\n/system Be brief.\n", "first\nsecond\n/undo\n"])
    def test_the_space_whatever_a_chat_does_to_it(
        self, spacechat: Run, kept: Path, space: LocalSpace, lines: str
    ) -> None:
        assert spacechat("chat", "-m", space.url, stdin=lines.encode())[0] == 0
        assert spacechat("chat", "-c", stdin=b"/system Be long.\n")[0] == 0
        assert spacechat("chat", "-c", stdin=b"second\n/undo\n")[0] == 0
        (file,) = files(kept)
        found = Conversation.load(file)
        assert (found.model, found.url) == (space.url, space.url)
        assert texts(file) == ["Be long.", "first", "F"]

    def test_each_new_conversation_of_a_chat(
        self, spacechat: Run, kept: Path, space: LocalSpace, tmp_path: Path
    ) -> None:
        talk = tmp_path / "talk.json"
        talk.write_text(Conversation(session_hash="", model=space.url).to_json())
        stdin = f"/system Hear\nfirst\n/new\nsecond\n/load {talk}\nthird\n"
        status, _, err = spacechat("chat", "-m", space.url, stdin=stdin.encode())
        assert (status, "This is a new conversation, with the same system message." in err) == (
            0,
            1,
        )
        found = [texts(file)[:2] for file in reversed(files(kept))]
        assert found == [["Hear", "first"], ["Hear", "second"], ["third", "T"]]
