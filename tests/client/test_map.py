"""`map`: many questions, a few at a time, on both interfaces."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import pickle
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from spacechat import App, AsyncApp, AsyncClient, AsyncMap, Client, MapResult, Rate, errors
from spacechat.client.lanes import Lanes
from spacechat.local import ChatRequest, LocalSpace
from spacechat.messages import MessagesLike
from spacechat.providers import Qwen_Qwen_2_72B, Space
from tests.processes import Script, run, wait_until
from tests.servers import refused, until
from tests.systems import POSIX

each_backend = pytest.mark.anyio


class Counting:
    """A reply that counts how many questions are at work at once.

    Attributes:
        most: The most there were.
        asked: How often each prompt came.
        gate: Closed, it holds every answer back, but that to `quick`.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.most = 0
        self.asked: Counter[str] = Counter()
        self.gate = threading.Event()
        self.gate.set()
        self._seconds = seconds
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.asked[request.prompt] += 1
        try:
            yield f"to {request.prompt}: "
            if request.prompt != "quick":
                self.gate.wait(100)
            time.sleep(self._seconds)
            if request.prompt.endswith("fails"):
                raise RuntimeError("It can't be done.")
            yield "done"
        finally:
            with self._lock:
                self._now -= 1


def at(space: LocalSpace) -> type[Space]:
    return Qwen_Qwen_2_72B.at(space.url)


@pytest.fixture(scope="module")
def dead() -> Iterator[type[Space]]:
    """A Space where nobody listens."""
    with refused() as url:
        yield Qwen_Qwen_2_72B.at(url)


@pytest.fixture(scope="module")
def quick() -> Iterator[type[Space]]:
    with LocalSpace(reply=lambda request: [request.prompt, "!"]) as space:
        yield at(space)


@each_backend
async def test_every_prompt_has_one_result(quick: type[Space]) -> None:
    prompts = [f"prompt {number}" for number in range(30)]
    async with AsyncClient() as client:
        found = [result async for result in client.map(prompts, provider=quick, concurrency=8)]
    assert sorted(result.index for result in found) == list(range(30))
    for result in found:
        assert result.prompt == prompts[result.index]
        assert result.error is None
        assert result.reply is not None
        assert result.reply.text == result.prompt + "!"


@each_backend
async def test_the_error_names_all_that_failed() -> None:
    """As that of a single question does."""
    with refused() as one, refused() as other:
        async with AsyncClient(retries=0) as client:
            (found,) = [each async for each in client.map(["Hi"], model=[one, other])]
            with pytest.raises(errors.SpaceUnavailableError) as caught:
                await client.ask("Hi", model=[one, other])
    assert str(found.error) == str(caught.value)
    assert found.error is not None
    assert len(found.error.errors) == 2


@each_backend
async def test_an_error_is_a_result(dead: type[Space]) -> None:
    prompts: list[MessagesLike] = ["one", "two fails", "", [{"role": "user", "content": "four"}]]
    with LocalSpace(reply=Counting()) as space:
        async with AsyncClient(retries=0) as client:
            results = client.map(prompts, provider=at(space), ordered=True)
            found = [result async for result in results]
            assert [result.error and type(result.error) for result in found] == [
                None,
                errors.GenerationError,
                errors.MessagesError,
                None,
            ]
            assert found[1].error is not None
            assert found[1].error.partial_text == "to two fails: "
            assert "It can't be done." in str(found[1].error)
            assert found[1].error.__traceback__ is None
            kinds = [type(r.error) async for r in client.map(["a", "b"], provider=dead)]
            assert kinds == [errors.SpaceUnavailableError] * 2
    again = pickle.loads(pickle.dumps(found))
    assert [result.prompt for result in again] == prompts


@each_backend
@pytest.mark.parametrize("options", [{}, {"ordered": True}, {"ordered": False}])
async def test_the_order(options: Any) -> None:
    """The first answer is held back until others have come, and yet given first."""
    first = threading.Event()

    def reply(request: ChatRequest) -> Iterator[str]:
        if request.prompt == "0":
            first.wait(100)
        elif request.prompt == "9":
            first.set()
        yield request.prompt

    with LocalSpace(reply=reply) as space:
        async with AsyncClient() as client:
            prompts = map(str, range(20))
            results = client.map(prompts, provider=at(space), concurrency=3, **options)
            indexes = [result.index async for result in results]
    if options.get("ordered", True):
        assert indexes == list(range(20))
    else:
        assert indexes.index(0) >= 7
        assert sorted(indexes) == list(range(20))


def test_results_come_in_order_wherever_one_asks() -> None:
    for cls in (AsyncClient, Client, AsyncApp, App):
        assert inspect.signature(cls.map).parameters["ordered"].default is True, cls


@each_backend
@pytest.mark.parametrize("ordered", [False, True])
async def test_no_more_than_wanted_is_taken(quick: type[Space], ordered: bool) -> None:
    taken = 0
    closed = False

    async def endless() -> AsyncIterator[str]:
        nonlocal taken, closed
        try:
            while True:
                taken += 1
                yield "x"
        finally:
            closed = True

    async with AsyncClient() as client:
        most = 3 * (8 if ordered else 2)
        async with client.map(endless(), provider=quick, concurrency=3, ordered=ordered) as results:
            for number in range(1, 6):
                await results.__anext__()
                assert taken <= number + most
            await until(lambda: taken >= 5 + most)
            await anyio.wait_all_tasks_blocked()
            assert taken == 5 + most
        assert closed


@each_backend
async def test_each_result_that_is_read_makes_room_for_a_prompt(quick: type[Space]) -> None:
    """Even where nothing else happens: whoever reads more slowly than a Space answers gets all."""
    asked: list[int] = []

    async def ask(prompt: int, _space: type[Space], _model: str | None) -> int:
        asked.append(prompt)
        return prompt

    lanes = Lanes([(quick, None)], concurrency=1, rate=None)
    async with AsyncMap(range(20), ask, lanes, ordered=True) as results:  # type: ignore[arg-type]
        for number in range(20):
            await anyio.wait_all_tasks_blocked()
            assert asked == list(range(min(8 + number, 20)))
            assert (await results.__anext__()).index == number
        assert [result async for result in results] == []


@each_backend
@pytest.mark.parametrize("way", ["map", "client"])
async def test_closing_in_another_task_waits_until_the_spaces_were_told(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacechat.client.map_engine.CLOSING", 60.0)
    counting = Counting()
    counting.gate.clear()
    with LocalSpace(reply=counting) as space:
        try:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                results = client.map(itertools.repeat("x"), provider=at(space), concurrency=3)

                async def read() -> None:
                    assert [result async for result in results] == []

                tasks.start_soon(read)
                await until(lambda: _reading(space) == 3)
                assert space.cancelled == 0
                await (results if way == "map" else client).aclose()
                assert space.cancelled == 3
        finally:
            counting.gate.set()


@each_backend
async def test_limits_are_per_space() -> None:
    one, two = Counting(seconds=0.01), Counting(seconds=0.01)
    with LocalSpace(reply=one) as first, LocalSpace(reply=two) as second:
        one.gate.clear()
        two.gate.clear()
        async with AsyncClient() as client:
            # Both models of the first Space share its limits.
            pool = [at(first), at(second), at(first)]
            results = client.map(map(str, range(40)), provider=pool, concurrency=3, ordered=False)
            async with results:
                await until(lambda: one.asked.total() == two.asked.total() == 3)
                # The first Space answers nothing, and the second does the work.
                two.gate.set()
                for _ in range(37):
                    await results.__anext__()
                assert one.asked.total() == one.most == 3
                one.gate.set()
                assert len([result async for result in results]) == 3
    assert one.most == two.most == 3
    assert sorted(one.asked | two.asked) == sorted(map(str, range(40)))


@each_backend
async def test_the_rate(quick: type[Space]) -> None:
    async with AsyncClient() as client:
        for rate in (Rate(300, per=6), 50.0):
            began = anyio.current_time()
            found = client.map("abcdefgh", provider=quick, concurrency=8, rate=rate)
            assert len([result async for result in found]) == 8
            assert anyio.current_time() - began >= 7 * 0.02 - 0.01


@each_backend
async def test_a_dead_space_in_a_pool(quick: type[Space], dead: type[Space]) -> None:
    async with AsyncClient(retries=0) as client:
        found = [r async for r in client.map(map(str, range(30)), provider=[dead, quick])]
        assert len(found) == 30
        assert all(result.reply and result.reply.provider is quick for result in found)


@each_backend
async def test_what_has_begun_is_not_asked_elsewhere(quick: type[Space]) -> None:
    counting = Counting()
    with LocalSpace(reply=counting) as space:
        async with AsyncClient() as client:
            pool = [at(space), at(space)]
            (found,) = [r async for r in client.map(["it fails"], provider=pool)]
    assert found.error is not None
    assert counting.asked["it fails"] == 1


@each_backend
@pytest.mark.parametrize("way", ["leave", "cancel", "raise", "close", "client"])
async def test_ending_early_stops_the_spaces(way: str) -> None:
    counting = Counting()
    counting.gate.clear()
    with LocalSpace(reply=counting) as space:
        try:
            async with AsyncClient() as client:
                results = client.map(itertools.repeat("x"), provider=at(space), concurrency=5)
                with contextlib.suppress(ZeroDivisionError):
                    await _end(results, way, client, space)
            await until(lambda: space.active == 0 and counting.asked.total() == 5)
            assert space.cancelled == 5
        finally:
            counting.gate.set()


async def _end(results: AsyncMap, way: str, client: AsyncClient, space: LocalSpace) -> None:
    async with anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()

        async def end() -> None:
            await until(lambda: _reading(space) == 5)
            if way == "cancel":
                scope.cancel()
            elif way == "close":
                await results.aclose()
                assert repr(results) == "<AsyncMap closed>"
            elif way == "client":
                await client.aclose()

        tasks.start_soon(end)
        with scope, contextlib.suppress(ZeroDivisionError):
            async with results:
                if way in ("leave", "raise"):
                    await until(lambda: _reading(space) == 5)
                    if way == "raise":
                        raise ZeroDivisionError
                    return
                assert [result async for result in results] == []


def _reading(space: LocalSpace) -> int:
    """How many answers are being read; before that, their events have no name to stop them by."""
    return sum("/queue/data" in request.path for request in space.requests)


@each_backend
async def test_without_a_block(quick: type[Space]) -> None:
    """Reading on to the end, an error and cancellation clean up; the client does after a break."""
    async with AsyncClient() as client:
        async for result in client.map(itertools.repeat("x"), provider=quick):
            assert result.reply
            break
    async with AsyncClient() as client:
        with anyio.CancelScope() as scope:
            async for _ in client.map(itertools.repeat("x"), provider=quick):
                scope.cancel()
        with pytest.raises(TypeError, match="no option 'endpoint'"):
            async for _ in client.map(["x"], provider=quick, endpoint="/chat"):
                pass


@each_backend
async def test_an_error_of_the_prompts(quick: type[Space]) -> None:
    def prompts() -> Iterator[str]:
        yield from "ab"
        raise ZeroDivisionError

    found: list[MapResult] = []
    async with AsyncClient() as client:
        results = client.map(prompts(), provider=quick)
        with pytest.raises(ZeroDivisionError):
            async for result in results:
                found.append(result)  # noqa: PERF401 - they are there in spite of the error
        assert len(found) == 2
        assert [result async for result in results] == []


@each_backend
async def test_bad_use(quick: type[Space]) -> None:
    client = AsyncClient()
    with pytest.raises(ValueError, match="concurrency must be at least 1, not 0"):
        client.map([], concurrency=0)
    with pytest.raises(ValueError, match="A rate is"):
        client.map([], rate=0)
    with pytest.raises(errors.ModelNotFoundError, match="Did you mean 'qwen"):
        client.map([], model="qwen-3")
    results = client.map([], provider=quick)
    async with results:
        with pytest.raises(TypeError, match="can't be pickled"):
            pickle.dumps(results)
        assert [result async for result in results] == []
    with pytest.raises(errors.SpaceChatError, match="make a new one"):
        async with results:
            pass
    await client.aclose()
    with pytest.raises(errors.SpaceChatError, match="closed"):
        client.map([])


# The blocking interface


def test_blocking(quick: type[Space]) -> None:
    threads: set[threading.Thread] = set()

    def prompts(client: Client) -> Iterator[str]:
        for number in range(30):
            threads.add(threading.current_thread())
            # Prompts may themselves be asked for.
            yield client.ask(f"{number}", provider=quick).text if number < 3 else f"{number}"

    with Client() as client:
        found = list(client.map(prompts(client), provider=quick, concurrency=4, ordered=True))
        assert [result.index for result in found] == list(range(30))
        assert [result.reply and result.reply.text for result in found][:4] == [
            "0!!",
            "1!!",
            "2!!",
            "3!",
        ]
        assert threads == {threading.current_thread()}
        with client.map(["fails", ""], provider=quick) as results:
            assert sorted(result.error is None for result in results) == [False, True]
            assert list(results) == []
        with pytest.raises(errors.SpaceChatError, match="make a new one"), results:
            pass


def test_blocking_takes_no_more_than_wanted(quick: type[Space]) -> None:
    taken = itertools.count()
    with (
        Client() as client,
        client.map((f"{number}" for number in taken), provider=quick, concurrency=3) as results,
    ):
        for _ in range(20):
            next(results)
        assert next(taken) <= 20 + 6
        assert repr(results).startswith("<Map 20 of 2")


def test_blocking_errors_of_the_prompts(quick: type[Space]) -> None:
    def prompts() -> Iterator[str]:
        yield "a"
        raise ZeroDivisionError

    def interrupted() -> Iterator[str]:
        yield "a"
        raise KeyboardInterrupt

    with Client() as client:
        results = client.map(prompts(), provider=quick)
        assert next(results).reply
        with pytest.raises(ZeroDivisionError):
            next(results)
        with pytest.raises(KeyboardInterrupt):
            list(client.map(interrupted(), provider=quick))
        with pytest.raises(TypeError, match="no option 'endpoint'"):
            list(client.map(["x"], provider=quick, endpoint="/chat"))
        with pytest.raises(TypeError, match="not iterable"):
            list(client.map(5, provider=quick))  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["leave", "drop", "client"])
def test_blocking_and_ending_early(way: str) -> None:
    counting = Counting()
    counting.gate.clear()
    with LocalSpace(reply=counting) as space:
        try:
            with Client() as client:
                prompts = iter(["quick", *"abcdef"])
                results = client.map(prompts, provider=at(space), concurrency=3)
                assert next(results).reply
                asked = 7 - len(list(prompts))
                wait_until(lambda: _reading(space) == asked)
                if way == "leave":
                    with results:
                        pass
                elif way == "drop":
                    with pytest.warns(ResourceWarning, match="Map .* was dropped before its end"):
                        del results
            wait_until(lambda: space.active == 0)
        finally:
            counting.gate.set()


def test_a_map_left_open_at_the_end_of_the_process(tmp_path: Path) -> None:
    """The process ends at once, and the Space is told."""
    source = """
import itertools, sys
from spacechat import Client
from spacechat.providers import Qwen_Qwen_2_72B
results = Client().map(
    itertools.repeat("x"), provider=Qwen_Qwen_2_72B.at(sys.argv[1]), concurrency=3
)
print(next(results).reply.text)
"""
    with LocalSpace(reply=["ok"], delay=0.01) as space:
        ended = run(tmp_path, source, space.url)
        assert (ended.code, ended.out) == (0, "ok\n"), ended.err
        assert ended.err == "" or "ResourceWarning" in ended.err
        wait_until(lambda: space.active == 0)


@POSIX
def test_a_map_of_the_parent(tmp_path: Path) -> None:
    """A forked child must not touch what its parent's loop does, and can make its own."""
    source = """
import itertools, os, sys
from spacechat import Client
from spacechat.providers import Qwen_Qwen_2_72B
provider = Qwen_Qwen_2_72B.at(sys.argv[1])
results = Client().map(itertools.repeat("x"), provider=provider)
next(results)
child = os.fork()
if not child:
    try:
        next(results)
    except RuntimeError as exc:
        print(exc)
    results.close()
    print([result.reply.text for result in Client().map(["y"], provider=provider)], flush=True)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(next(results).reply.text)
results.close()
"""
    with LocalSpace(reply=["ok"]) as space:
        ended = run(tmp_path, source, space.url, flags=("-W", "ignore::DeprecationWarning"))
    assert ended.code == 0, ended.err
    first, *rest = ended.out.splitlines()
    assert "before the process forked" in first
    assert rest == ["['ok']", "0", "ok"]


@POSIX
def test_ctrl_c(tmp_path: Path) -> None:
    source = """
import itertools, sys
from spacechat import Client
from spacechat.providers import Qwen_Qwen_2_72B
provider = Qwen_Qwen_2_72B.at(sys.argv[1])
try:
    with Client() as client, client.map(itertools.repeat("x"), provider=provider) as results:
        next(results)
except KeyboardInterrupt:
    print("interrupted")
"""
    counting = Counting()
    counting.gate.clear()
    with LocalSpace(reply=counting) as space, Script(tmp_path, source, space.url) as script:
        try:
            wait_until(lambda: _reading(space) == 4)
            script.process.send_signal(signal.SIGINT)
            ended = script.end()
            assert (ended.code, ended.out) == (0, "interrupted\n"), ended.err
            wait_until(lambda: space.active == 0)
            assert space.cancelled == 4
        finally:
            counting.gate.set()
