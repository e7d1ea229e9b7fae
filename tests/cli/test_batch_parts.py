"""The parts of a batch: whom it asks, what is left to ask, what it writes, and what it saves."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import click
import pytest

from spacechat.cli.batch import spaces
from spacechat.cli.batch.journal import Journal
from spacechat.cli.batch.pending import PendingQuestions, count_questions
from spacechat.cli.batch.questions import BatchQuestion, read_questions
from spacechat.cli.batch.results import result_line
from spacechat.cli.batch.saving import for_each, save_files
from spacechat.errors import GenerationError, MessagesError, ProtocolError, SpaceChatError
from spacechat.events import File
from spacechat.messages import Conversation
from spacechat.providers import (
    DEFAULT,
    PROVIDERS,
    GradioChat,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_72B,
    Space,
)
from spacechat.streaming.reply import Reply, Timings

ONE = File("http://x/one.txt", "one.txt", "text/plain")
TWO = File("http://x/two.txt", "two.txt", "text/plain")


def reply(*files: File) -> Reply:
    return Reply(
        "Hi",
        "m",
        Qwen_Qwen_2_72B,
        Conversation(session_hash=""),
        "Hm.",
        Timings(None, 1.0, 2.0),
        files,
    )


class TestWhoIsAsked:
    def test_one_url_goes_with_one_model(self) -> None:
        assert spaces.providers(("qwen-2.5", "qwen-2-72b"), None, None) is None
        with pytest.raises(click.UsageError, match=r"--url goes with one model; -m takes several"):
            spaces.providers(("qwen-2.5", "qwen-2-72b"), "http://x", None)

    @pytest.mark.parametrize(("models", "like"), [(("qwen-2.5",), Qwen_Qwen_2_5), ((), GradioChat)])
    def test_a_model_says_how_its_url_is_asked(
        self, models: tuple[str, ...], like: type[Space]
    ) -> None:
        found = spaces.providers(models, "http://x", None) or []
        assert [each.url for each in found] == ["http://x"]
        assert issubclass(found[0], like)

    @pytest.mark.parametrize(
        ("models", "like"),
        [((), PROVIDERS[:1]), (("qwen-2.5", "qwen-2-72b"), (Qwen_Qwen_2_5, Qwen_Qwen_2_72B))],
    )
    def test_local_spaces(self, models: tuple[str, ...], like: tuple[type[Any], ...]) -> None:
        with contextlib.ExitStack() as running:
            found = spaces.providers(models, None, running) or []
            assert len(found) == len(like)
            assert all(map(issubclass, found, like))
            assert all(each.url.startswith("http://127.0.0.1:") for each in found)
            assert spaces.asked(models, found) == found

    def test_local_spaces_have_no_url(self) -> None:
        with contextlib.ExitStack() as running, pytest.raises(click.UsageError, match="--url"):
            spaces.providers((), "http://x", running)

    def test_where_nobody_is_named_all_known_ones_may_answer(self) -> None:
        assert spaces.asked((), None) == [DEFAULT, *(p for p in PROVIDERS if p is not DEFAULT)]

    @pytest.mark.parametrize("default", ["qwen-2.5", "http://y"])
    def test_the_user_s_default_is_one(self, monkeypatch: pytest.MonkeyPatch, default: str) -> None:
        monkeypatch.setenv("SPACECHAT_MODEL", default)
        (space,) = spaces.asked((), None)
        assert space.url == ("http://y" if "/" in default else Qwen_Qwen_2_5.url)
        assert spaces.address((), None, [space]) == default

    def test_models_and_providers(self) -> None:
        assert spaces.asked(("qwen-2-72b", "qwen-2.5"), None) == [Qwen_Qwen_2_72B, Qwen_Qwen_2_5]
        assert spaces.asked((), [Qwen_Qwen_2_5]) == [Qwen_Qwen_2_5]

    def test_the_app_that_says_which_options_it_has(self) -> None:
        asked: list[type[Space]] = [Qwen_Qwen_2_5, Qwen_Qwen_2_72B]
        assert spaces.address(("a/b", "c/d"), "http://user:password@x", asked) == (
            "http://user:password@x"
        )
        assert spaces.address(("a/b", "c/d"), None, asked) == "a/b"
        assert spaces.address((), None, asked) == Qwen_Qwen_2_5.url


class TestWhoGoesOn:
    def check(self, *asked: set[str]) -> None:
        journal: Any = SimpleNamespace(asked={*map(frozenset, asked)})
        spaces.check_default("out", journal, ["http://a", "http://b"])

    def test_the_same(self) -> None:
        self.check()
        self.check({"http://b", "http://a"})

    @pytest.mark.parametrize(
        ("asked", "named"),
        [
            ([{"http://a"}], "http://a"),
            ([{"http://a", "http://b"}, {"http://d", "http://c"}], "http://c, http://d"),
            ([set[str]()], "a Space that it doesn't name"),
        ],
    )
    def test_others(self, asked: list[set[str]], named: str) -> None:
        with pytest.raises(SpaceChatError) as caught:
            self.check(*asked)
        assert str(caught.value) == (
            f"out has results of {named}: say by -m, --url or --local who is asked for the rest."
        )


class TestWhatIsLeft:
    @pytest.fixture
    def paths(self, tmp_path: Path) -> tuple[str, str]:
        (tmp_path / "in").write_text('"a"\n\n"b"\n"c"\n')
        (tmp_path / "out").write_text('{"line": 3, "prompt": "b"}\n{"line": 1, "error": {}}\n')
        return str(tmp_path / "in"), str(tmp_path / "out")

    def test_what_has_no_answer(self, paths: tuple[str, str]) -> None:
        source, target = paths
        with Journal(target, resume=True, lines=9) as journal:
            assert count_questions(source, target, journal) == 3
            with contextlib.closing(read_questions(source)) as questions:
                left = PendingQuestions(questions, journal)
                assert [*left] == [[{"role": "user", "content": each}] for each in ("a", "c")]
            assert (left.pop(1).line, left.pop(0).line) == (4, 1)

    def test_answers_to_another_question(self, paths: tuple[str, str]) -> None:
        source, target = paths
        Path(source).write_text('"a"\n\n"B"\n')
        with (
            Journal(target, resume=True, lines=9) as journal,
            pytest.raises(SpaceChatError) as caught,
        ):
            count_questions(source, target, journal)
        assert str(caught.value) == (
            f"Line 3 of {source} is not the question that {target} has an answer to: name the "
            "files that belong together, or another output."
        )

    def test_answers_to_more_questions(self, paths: tuple[str, str]) -> None:
        source, target = paths
        Path(source).write_text('"a"\n')
        with (
            Journal(target, resume=True, lines=9) as journal,
            pytest.raises(SpaceChatError) as caught,
        ):
            count_questions(source, target, journal)
        assert str(caught.value) == f"{target} has answers to more questions than {source} has."


class TestLines:
    def line(self, outcome: Any, urls: list[str], **question: Any) -> Any:
        asked = BatchQuestion(7, "Q", **question)
        saved = {ONE.url: Path("here.txt")}
        return json.loads(result_line(asked, outcome, urls, saved))

    def test_an_answer(self) -> None:
        assert self.line(reply(ONE, TWO), ["http://a"]) == {
            "line": 7,
            "prompt": "Q",
            "text": "Hi",
            "model": "m",
            "provider": "Qwen_Qwen_2_72B",
            "url": Qwen_Qwen_2_72B.url,
            "reasoning": "Hm.",
            "files": ["here.txt", TWO.to_dict()],
            "timings": {"queued": None, "first_text": 1.0, "total": 2.0},
        }

    @pytest.mark.parametrize(
        ("urls", "asked"),
        [
            (["http://a"], {"url": "http://a"}),
            (["http://a", "http://b"], {"url": None, "asked": ["http://a", "http://b"]}),
            (["http://a"] * 3, {"url": None, "asked": ["http://a"] * 3}),
        ],
    )
    def test_an_error(self, urls: list[str], asked: dict[str, Any]) -> None:
        error = GenerationError("Not today.")
        error.partial_text = "Hel"
        assert self.line(error, urls, id=0, options={"system": "s"}) == {
            "line": 7,
            "id": 0,
            "prompt": "Q",
            "options": {"system": "s"},
            "error": {"type": "GenerationError", "message": "Not today.", "partial_text": "Hel"},
            **asked,
        }


class Downloads:
    """A client from which files are had."""

    def __init__(self, *outcomes: Path | Exception) -> None:
        self.asked: list[tuple[str, Path, object]] = []
        self._outcomes = iter(outcomes)

    async def download(self, file: File, folder: Path, *, auth: object) -> Path:
        self.asked.append((file.name, folder, auth))
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        outcome.touch()
        return outcome


@pytest.mark.anyio
@pytest.mark.runs_on("asyncio")
class TestSaving:
    async def save(
        self, client: Any, outcome: Any, folder: Path | None
    ) -> tuple[Any, dict[str, Path]]:
        found, saved = await save_files(client, outcome, folder, ("user", "password"))
        return found, {**saved}

    async def test_each_file_once(self, tmp_path: Path) -> None:
        one, two = tmp_path / "1", tmp_path / "2"
        client = Downloads(one, two)
        answer = reply(ONE, TWO, ONE)
        assert await self.save(client, answer, tmp_path) == (answer, {ONE.url: one, TWO.url: two})
        assert client.asked == [
            (name, tmp_path, ("user", "password")) for name in ("one.txt", "two.txt")
        ]

    async def test_nothing_to_save(self, tmp_path: Path) -> None:
        client, answer, error = Downloads(), reply(ONE), MessagesError("No.")
        assert await self.save(client, answer, None) == (answer, {})
        assert await self.save(client, error, tmp_path) == (error, {})
        assert client.asked == []

    @pytest.mark.parametrize(
        ("fault", "says"),
        [
            (ProtocolError("It is too large."), "It is too large."),
            (
                OSError(28, "No space left on device", "/x/two.txt"),
                "A file of the answer can't be saved: No space left on device: /x/two.txt.",
            ),
        ],
    )
    async def test_one_that_can_not_be_had(
        self, tmp_path: Path, fault: Exception, says: str
    ) -> None:
        client = Downloads(tmp_path / "1", fault)
        error, saved = await self.save(client, reply(ONE, TWO), tmp_path)
        assert isinstance(error, SpaceChatError)
        assert (str(error), error.partial_text, saved) == (says, "Hi", {})
        assert os.listdir(tmp_path) == []


@pytest.mark.anyio
class TestWorkOnEach:
    async def results(self, count: int) -> AsyncGenerator[int, None]:
        for number in range(count):
            yield number
            await anyio.lowlevel.checkpoint()

    @pytest.mark.parametrize("at_once", [1, 2, 3])
    async def test_so_many_at_once(self, at_once: int) -> None:
        working, most, done = 0, 0, list[int]()

        async def work(number: int) -> None:
            nonlocal working, most
            working += 1
            most = max(most, working)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            working -= 1
            done.append(number)

        with anyio.fail_after(60):
            await for_each(self.results(9), work, at_once)
        assert (sorted(done), most) == ([*range(9)], at_once)

    @pytest.mark.parametrize("at_once", [1, 3])
    async def test_an_error_ends_it(self, at_once: int) -> None:
        async def work(number: int) -> None:
            if number == 1:
                raise GenerationError("Not today.")

        async with contextlib.aclosing(self.results(9)) as results:
            with anyio.fail_after(60), pytest.raises(GenerationError):
                await for_each(results, work, at_once)
