"""What the input of `spacechat batch` may say, and what becomes of its output."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat.cli.batch.journal import Journal
from spacechat.errors import SpaceChatError
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import PROVIDERS
from tests.cli.conftest import Run
from tests.cli.test_batch import results


def answer(request: ChatRequest) -> list[str]:
    return [request.prompt]


@pytest.fixture
def space() -> Iterator[LocalSpace]:
    with LocalSpace("messages", reply=answer) as space:
        yield space


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "in.jsonl", tmp_path / "out.jsonl"


def put(source: Path, *lines: object) -> None:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    source.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


Files = tuple[Path, Path]


@pytest.mark.parametrize(
    ("names", "advice"),
    [(("-", "out"), "cat > questions.jsonl"), (("in", "-"), "tail -f answers.jsonl")],
)
def test_a_pipe_as_a_file(
    spacechat: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, str],
    advice: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").write_text("Hi\n")
    status, out, err = spacechat("batch", "--local", *names, stdin=b"Hi\n")
    assert (status, out) == (2, "")
    assert advice in err
    assert os.listdir() == ["in"]


class TestLines:
    def test_what_they_may_say(self, spacechat: Run, files: Files) -> None:
        """What `ask` takes goes out with its own question only, and stands in the result."""
        with LocalSpace("qwen-2-72b", reply=lambda request: [json.dumps(request.data)]) as space:
            put(
                files[0],
                {"prompt": "plain"},
                {"id": 1, "prompt": "with", "system": "Be kind.", "repair": None},
                {"prompt": "x", "inputs": {"System": "By its label."}},
                {"prompt": "x", "endpoint": "/model_chat", "history": "prompt", "repair": True},
            )
            arguments = ("--ordered", "-s", "Be brief.", "-m", space.url, *map(str, files))
            status, _, err = spacechat("batch", *arguments)
        found = results(str(files[1]))
        assert status == 0, (err, found)
        assert [each.get("options") for each in found] == [
            None,
            {"system": "Be kind."},
            {"inputs": {"System": "By its label."}},
            {"endpoint": "/model_chat", "history": "prompt", "repair": True},
        ]
        told = [each["text"] for each in found]
        assert ["Be kind." in text for text in told] == [False, True, False, False]
        assert ["Be brief." in text for text in told] == [True, False, False, True]
        assert "By its label." in told[2]
        assert {each["url"] for each in found} == {space.url}

    def test_files(self, spacechat: Run, files: Files, tmp_path: Path, space: LocalSpace) -> None:
        """A Space that takes none says so of the line; the others are answered."""
        (tmp_path / "a.txt").write_text("content")
        put(
            files[0],
            {"prompt": "with", "files": [str(tmp_path / "a.txt")]},
            {"prompt": "none", "files": [str(tmp_path / "none.txt")]},
            {"prompt": "without", "files": []},
        )
        assert spacechat("batch", "-m", space.url, *map(str, files))[0] == 1
        by_line = {each["line"]: each for each in results(str(files[1]))}
        assert "takes no files with a message" in by_line[1]["error"]["message"]
        assert "there is no file" in by_line[2]["error"]["message"]
        assert by_line[1]["url"] == space.url
        assert by_line[3]["text"] == "without"

    def test_an_option_that_a_known_space_does_not_take(self, spacechat: Run, files: Files) -> None:
        with LocalSpace("qwen-2-72b", reply=answer) as space:
            put(files[0], {"prompt": "x", "inputs": {"a": 1}}, {"prompt": "y"})
            arguments = ("-m", "qwen-2-72b", "--url", space.url, *map(str, files))
            status, _, err = spacechat("batch", *arguments)
        assert (status, "1 answered, 1 failed" in err) == (1, True)
        assert "line 1: InputsError: Qwen_Qwen_2_72B takes no option 'inputs'" in err

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ({"prompt": "x", "imputs": {"a": 1}}, "The line has 'imputs'"),
            ({"prompt": "x", "model": "qwen-2.5"}, "The line has 'model'"),
            ({"prompt": "x", "auth": ["a", "b"]}, "The line has 'auth'"),
            ({"prompt": "x", "messages": [{"role": "user", "content": "x"}]}, "both a prompt"),
            ({"prompt": "x", "system": 7}, "'system' must be a text"),
            ({"prompt": "x", "inputs": [1]}, "'inputs' must be an object"),
            ({"prompt": "x", "wishes": {"seed": "1"}}, "'wishes' must be an object of numbers"),
            ({"prompt": "x", "wishes": {"seed": True}}, "'wishes' must be an object of numbers"),
            ({"prompt": "x", "files": "a.png"}, "'files' must be a list"),
            ({"prompt": "x", "files": [1]}, "'files' must be a list"),
            ({"prompt": "x", "endpoint": True}, "'endpoint' must be a name"),
            ({"prompt": "x", "history": "all"}, "'history' must be"),
            ({"prompt": "x", "repair": 1}, "'repair' must be true or false"),
            (
                {"messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]}
                | {"system": "c"},
                "both a system",
            ),
        ],
    )
    def test_what_is_refused(
        self, spacechat: Run, files: Files, space: LocalSpace, line: object, told: str
    ) -> None:
        put(files[0], {"prompt": "before"}, line, {"prompt": "after"})
        status, _, err = spacechat("batch", "-m", space.url, *map(str, files))
        assert (status, "spacechat: line 2: MessagesError: " in err, told in err) == (
            1,
            True,
            True,
        )
        assert sorted(each["line"] for each in results(str(files[1])) if "text" in each) == [1, 3]

    @pytest.mark.parametrize("change", [{"system": "b"}, {"inputs": {"x": 1}}, {"files": ["a"]}])
    def test_a_changed_line(
        self, spacechat: Run, files: Files, space: LocalSpace, change: dict[str, Any]
    ) -> None:
        line = {"prompt": "x", "inputs": {}, "system": "a"}
        put(files[0], line)
        assert spacechat("batch", "-m", space.url, *map(str, files))[0] == 0
        put(files[0], {"system": "a", "id": 3, "inputs": {}, "prompt": "x"})
        resume = ("batch", "--resume", "-m", space.url, *map(str, files))
        assert spacechat(*resume)[0] == 0
        put(files[0], line | change)
        status, _, err = spacechat(*resume)
        assert (status, "is not the question that" in err) == (1, True)


class TestPlainText:
    def test_a_question_a_line(self, spacechat: Run, files: Files, space: LocalSpace) -> None:
        files[0].write_bytes(
            '\ufeff\n  What is HTTP?\r\n\n123\nnull\n{not json\nSay "hi"!\n"A" or B?\nlast'.encode()
        )
        arguments = ("batch", "--ordered", "-m", space.url, *map(str, files))
        assert spacechat(*arguments)[0] == 0
        asked = ["  What is HTTP?", "123", "null", "{not json", 'Say "hi"!', '"A" or B?', "last"]
        assert [each["prompt"] for each in results(str(files[1]))] == asked
        assert [each["text"] for each in results(str(files[1]))] == asked
        assert [each["line"] for each in results(str(files[1]))] == [2, 4, 5, 6, 7, 8, 9]
        asked_before = len(space.requests)
        assert spacechat(*arguments, "--resume")[0] == 0
        assert len(space.requests) == asked_before

    def test_nothing_is_guessed_at(self, spacechat: Run, files: Files, space: LocalSpace) -> None:
        lines = [b"text", b'{"prompt": "x"}', b'"quoted"', b"[1]", b"\xff", b"a\0b", b"more"]
        files[0].write_bytes(b"\n".join(lines))
        assert spacechat("batch", "-m", space.url, *map(str, files))[0] == 1
        by_line = {each["line"]: each for each in results(str(files[1]))}
        assert sorted(line for line, each in by_line.items() if "text" in each) == [1, 7]
        told = [by_line[line]["error"]["message"] for line in range(2, 7)]
        assert all(each.startswith("The line is JSON, and the file's first") for each in told[:3])
        assert all(each.startswith("The line is not text in UTF-8") for each in told[3:])

    @pytest.mark.parametrize("first", ['{"prompt": "x"', "{'prompt': 'x'}", "[x", '"x'])
    def test_a_first_line_that_begins_as_json(
        self, spacechat: Run, files: Files, space: LocalSpace, first: str
    ) -> None:
        put(files[0], first, "text", {"prompt": "x"})
        assert spacechat("batch", "-m", space.url, *map(str, files))[0] == 1
        answered = [each["line"] for each in results(str(files[1])) if "text" in each]
        assert answered == [3]


class TestInput:
    @pytest.mark.parametrize("kind", ["fifo", "socket", "device", "stdin", "folder"])
    def test_what_can_be_read_once_only(self, files: Files, space: LocalSpace, kind: str) -> None:
        source = str(files[0])
        with contextlib.ExitStack() as stack:
            if kind == "fifo":
                os.mkfifo(source)
            elif kind == "socket":
                stack.enter_context(socket.socket(socket.AF_UNIX)).bind(source)
            elif kind == "folder":
                os.mkdir(source)
            else:
                source = "/dev/stdin" if kind == "stdin" else "/dev/null"
            found = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "spacechat",
                    "batch",
                    "-m",
                    space.url,
                    source,
                    str(files[1]),
                ],
                input='"x"\n',
                capture_output=True,
                timeout=60,
                text=True,
                check=False,
            )
        assert found.returncode == (2 if kind == "folder" else 1)
        assert f"{source} must be a file: it is read twice" in found.stderr or kind == "folder"
        assert not files[1].exists()


class TestOutput:
    def test_a_whole_last_line_without_its_newline(
        self, spacechat: Run, files: Files, space: LocalSpace
    ) -> None:
        put(files[0], *({"prompt": f"q{number}"} for number in range(4)))
        arguments = ("batch", "-m", space.url, *map(str, files))
        assert spacechat(*arguments)[0] == 0
        whole = files[1].read_bytes()
        asked = len(space.requests)
        files[1].write_bytes(whole[:-1])
        assert spacechat(*arguments, "--resume")[0] == 0
        assert files[1].read_bytes() == whole
        assert len(space.requests) == asked
        # And where others are missing, each is on a line of its own.
        first = whole.splitlines()[0]
        files[1].write_bytes(first)
        assert spacechat(*arguments, "--resume")[0] == 0
        assert files[1].read_bytes().startswith(first + b"\n")
        assert sorted(each["line"] for each in results(str(files[1]))) == [1, 2, 3, 4]

    def test_a_failed_last_line_without_its_newline(
        self, spacechat: Run, files: Files, space: LocalSpace
    ) -> None:
        put(files[0], "one", "two")
        files[1].write_text('{"line": 2, "prompt": "two", "text": "x"}\n{"line": 1, "error": {}}')
        assert spacechat("batch", "--resume", "-m", space.url, *map(str, files))[0] == 0
        assert [each["line"] for each in results(str(files[1]))] == [2, 1]

    @pytest.mark.parametrize(
        "rest", [b"", b'{"l', b'{"line": 3, "prompt": "q', b'{"line"\0\0', b"\0\0"]
    )
    def test_a_line_cut_short_is_taken_off(self, files: Files, rest: bytes) -> None:
        whole = b'{"line": 1, "prompt": "q1"}\n'
        files[1].write_bytes(whole + rest)
        with Journal(str(files[1]), resume=True, lines=9) as journal:
            assert journal.answered == 1
        assert files[1].read_bytes() == whole

    @pytest.mark.parametrize(
        "text",
        [
            *(
                b"My notes",
                b"{}",
                b'{"line": 77}',
                b'{"other": 1',
                b"7",
                b'{"line": 1, "text": "x\n',
            ),
            b'{"line": 1, "x": ' + b"[" * 100_000 + b"\n",
        ],
        ids=lambda text: repr(text[:20]),
    )
    def test_what_is_no_result_is_kept(self, files: Files, text: bytes) -> None:
        files[1].write_bytes(text)
        with pytest.raises(SpaceChatError, match="is no result of a batch"):
            Journal(str(files[1]), resume=True, lines=9)
        assert files[1].read_bytes() == text

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_it_is_locked_while_it_is_replaced(
        self, files: Files, monkeypatch: pytest.MonkeyPatch, when: str
    ) -> None:
        """Another run that comes at the worst moment is refused."""
        import fcntl

        files[1].write_bytes(b'{"line": 1, "prompt": "q"}\n{"line": 2, "error": {}}\n')
        refused: list[bool] = []

        def other_run() -> None:
            with open(files[1], "rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    refused.append(not os.path.samestat(os.fstat(file.fileno()), files[1].stat()))
                except BlockingIOError:
                    refused.append(True)

        replace, close = os.replace, os.close

        def replacing(source: str, target: str) -> None:
            if when == "before":
                other_run()
            replace(source, target)

        def closing(number: int) -> None:
            close(number)
            if when == "after":
                other_run()

        monkeypatch.setattr(os, "replace", replacing)
        monkeypatch.setattr(os, "close", closing)
        with Journal(str(files[1]), resume=True, lines=9) as journal:
            assert refused == [True]
            journal.append(b'{"line": 2, "prompt": "r"}')
        assert [each["line"] for each in results(str(files[1]))] == [1, 2]

    def test_a_link_in_the_place_of_the_new_file(self, files: Files, tmp_path: Path) -> None:
        files[1].write_bytes(b'{"line": 1, "error": {}}\n')
        other = tmp_path / "other"
        other.write_text("kept")
        (tmp_path / "out.jsonl.spacechat-new").symlink_to(other)
        Journal(str(files[1]), resume=True, lines=9).__exit__(None, None, None)
        assert other.read_text() == "kept"
        assert files[1].read_bytes() == b""
        assert len(list(tmp_path.iterdir())) == 2


class TestWhoGoesOn:
    """What is left of a private batch goes to no Space that was not named."""

    @pytest.fixture(autouse=True)
    def public(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
        with LocalSpace("qwen-2.5", reply=answer) as space:
            for provider in PROVIDERS:
                monkeypatch.setattr(provider, "url", space.url)
            yield space

    @pytest.mark.parametrize("failed", [False, True])
    def test_resuming_without_a_name(
        self, spacechat: Run, files: Files, space: LocalSpace, public: LocalSpace, failed: bool
    ) -> None:
        put(files[0], {"prompt": "secret one"})
        if failed:
            put(files[0], {"prompt": "secret one", "files": ["/none"]})
        spacechat("batch", "-m", space.url, *map(str, files))
        with open(files[0], "a") as file:
            file.write('{"prompt": "secret two"}\n')
        before = files[1].read_bytes()
        status, _, err = spacechat("batch", "--resume", *map(str, files))
        assert (status, err.count("\n")) == (1, 1)
        assert f"has results of {space.url}: say by -m, --url or --local who" in err
        assert public.requests == []
        if not failed:
            assert files[1].read_bytes() == before
            assert spacechat("batch", "--resume", "-m", space.url, *map(str, files))[0] == 0

    def test_one_of_the_known_spaces_was_named(
        self,
        spacechat: Run,
        files: Files,
        public: LocalSpace,
        nobody: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for number, provider in enumerate(PROVIDERS[:-1]):
            monkeypatch.setattr(provider, "url", f"{nobody}/{number}")
        put(files[0], "one")
        named = PROVIDERS[-1].models[0]
        assert spacechat("batch", "-m", named, *map(str, files))[0] == 0
        status, _, err = spacechat("batch", "--resume", *map(str, files))
        assert status == 1
        assert f"has results of {public.url}: say by -m" in err

    def test_none_of_the_known_spaces_answered(
        self, spacechat: Run, files: Files, nobody: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        urls = [f"{nobody}/{number}" for number in range(len(PROVIDERS))]
        for url, provider in zip(urls, PROVIDERS, strict=True):
            monkeypatch.setattr(provider, "url", url)
        put(files[0], "one")
        for resume in ([], ["--resume"]):
            status, _, err = spacechat("batch", *resume, *map(str, files))
            assert (status, "0 answered, 1 failed" in err) == (1, True)
            (result,) = results(str(files[1]))
            assert (sorted(result["asked"]), result["url"]) == (urls, None)

    def test_the_default_goes_on(self, spacechat: Run, files: Files, public: LocalSpace) -> None:
        put(files[0], "one")
        assert spacechat("batch", *map(str, files))[0] == 0
        put(files[0], "one", "two")
        assert spacechat("batch", "--resume", *map(str, files))[0] == 0
        assert len(results(str(files[1]))) == 2
