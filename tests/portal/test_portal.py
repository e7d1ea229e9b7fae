"""The thread and event loop behind the blocking facade."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import pickle
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio

import spacechat
from spacechat import events, providers, sync
from spacechat.events import Event, TextDelta
from spacechat.local import ChatRequest, LocalSpace
from spacechat.portal import loop as portal
from spacechat.portal import read_ahead
from spacechat.settings import Limits
from tests.portal.in_time import SOON
from tests.processes import Script, run, wait_until
from tests.systems import POSIX

PIECES = ["Hel", "lo", " ", "ha", "ha", "!"]
TEXT = "".join(PIECES)

Provider = type[sync.Provider]


def at(space: LocalSpace) -> Provider:
    return sync.Qwen_Qwen_2_72B.at(space.url)


@pytest.fixture
def space() -> Iterator[LocalSpace]:
    with LocalSpace("qwen-2-72b", PIECES) as space:
        yield space


@contextlib.contextmanager
def paused(*pieces: str) -> Iterator[LocalSpace]:
    """A Space whose answer stops after some pieces; the prompt "again" gets another answer."""
    gate = threading.Event()

    def reply(request: ChatRequest) -> Iterator[str]:
        if request.prompt == "again":
            yield from PIECES
            return
        yield from pieces
        gate.wait(100)

    with LocalSpace("qwen-2-72b", reply) as space:
        try:
            yield space
        finally:
            gate.set()


# Threads


def test_one_client_in_32_threads() -> None:
    def reply(request: ChatRequest) -> Iterator[str]:
        yield from (f"{request.prompt}.{index} " for index in range(40))

    def whole(prompt: str) -> str:
        return "".join(f"{prompt}.{index} " for index in range(40))

    start = threading.Barrier(32)

    def work(number: int) -> None:
        start.wait(100)
        prompt = f"thread {number}"
        assert client.ask(prompt, provider=provider).text == whole(prompt)
        read = ""
        with client.stream(prompt, provider=provider) as stream:
            for piece in stream:
                read += piece
                assert stream.text == read
        assert read == whole(prompt)
        with client.stream(prompt, provider=provider) as stream:
            next(stream)

    with LocalSpace("qwen-2-72b", reply) as space, spacechat.Client() as client:
        provider = at(space)
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, range(32)))
        wait_until(lambda: space.active == 0)
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("spacechat") == 1


def test_closing_a_client_that_threads_use(space: LocalSpace) -> None:
    provider = at(space)
    client = spacechat.Client()
    counts = [0] * 8

    def work(number: int) -> None:
        try:
            while True:
                with client.stream("Hi", provider=provider) as stream:
                    text = "".join(stream)
                assert TEXT.startswith(text)
                counts[number] += 1
        except spacechat.SpaceChatError as exc:
            assert "closed" in str(exc)  # noqa: PT017 - the client or the stream

    with ThreadPoolExecutor(8) as pool:
        ends = [pool.submit(work, number) for number in range(8)]
        wait_until(lambda: all(counts))
        client.close()
        for end in ends:
            end.result(100)
    wait_until(lambda: space.active == 0)


def test_closing_from_another_thread_ends_the_iteration() -> None:
    with paused("some") as space, ThreadPoolExecutor(1) as pool:
        stream = spacechat.stream("Hi", provider=at(space))
        assert next(stream) == "some"
        rest = pool.submit(list, stream)
        stream.close()
        assert rest.result(100) == []
        wait_until(lambda: space.active == 0 and space.cancelled == 1)


# Event loops


def in_asyncio(main: Callable[[], Any]) -> None:
    asyncio.run(main())


def in_trio(main: Callable[[], Any]) -> None:
    trio.run(main)


def in_anyio(main: Callable[[], Any]) -> None:
    anyio.run(main)


def in_anyio_trio(main: Callable[[], Any]) -> None:
    anyio.run(main, backend="trio")


def in_anyio_uvloop(main: Callable[[], Any]) -> None:
    pytest.importorskip("uvloop")
    anyio.run(main, backend_options={"use_uvloop": True})


def test_a_reply_that_is_wanted_while_another_thread_closes() -> None:
    """It read beside the task that was being stopped, and waited for ever for what that got."""
    found: list[BaseException] = []
    with paused("one ") as space, spacechat.Client() as client:
        stream = client.stream("Hi", provider=at(space))
        assert next(stream) == "one "
        busy = threading.Event()

        async def keep_the_loop_busy() -> None:
            busy.wait(100)

        def want_reply() -> None:
            try:
                stream.reply()
            except spacechat.SpaceChatError as exc:
                found.append(exc)

        try:
            portal.start(keep_the_loop_busy)
            closing = threading.Thread(target=stream.close)
            closing.start()
            wait_until(lambda: _is_closed(stream))
            wanting = threading.Thread(target=want_reply, daemon=True)
            wanting.start()
            wanting.join(60)
        finally:
            busy.set()
        closing.join()
    (error,) = found
    assert isinstance(error, spacechat.StreamInterruptedError)
    assert error.partial_text == "one "


def _is_closed(stream: spacechat.ChatStream) -> bool:
    try:
        stream.engine.open()
    except spacechat.SpaceChatError:
        return True
    return False


@pytest.mark.parametrize("runner", [in_asyncio, in_trio, in_anyio, in_anyio_trio, in_anyio_uvloop])
def test_blocking_calls_in_a_running_loop(
    space: LocalSpace, runner: Callable[[Callable[[], Any]], None]
) -> None:
    found: list[str] = []

    async def main() -> None:
        provider = at(space)
        found.append(spacechat.ask("Hi", provider=provider).text)
        found.append("".join(spacechat.stream("Hi", provider=provider)))
        with spacechat.Client() as client, client.stream("Hi", provider=provider) as stream:
            found.extend(stream)
        found.append("".join(map(str, provider.create_generator("Hi"))))

    runner(main)
    assert found == [TEXT, TEXT, *PIECES, TEXT]


def test_a_loop_asks_both_ways(space: LocalSpace) -> None:
    async def main() -> None:
        async with spacechat.AsyncClient() as client:
            provider = providers.Qwen_Qwen_2_72B.at(space.url)
            async with client.stream("Hi", provider=provider) as stream:
                pieces = [piece async for piece in stream]
        assert pieces == PIECES
        assert spacechat.ask("Hi", provider=at(space)).text == TEXT

    asyncio.run(main())
    trio.run(main)


def test_the_portals_own_thread_gets_an_error(space: LocalSpace) -> None:
    provider = at(space)
    other = spacechat.stream("Hi", provider=provider)
    assert next(other) == PIECES[0]
    with spacechat.Client() as client:
        for attempt in (
            lambda: spacechat.ask("Hi", provider=provider),
            lambda: list(spacechat.stream("Hi", provider=provider)),
            lambda: spacechat.stream("Hi", provider=provider).__enter__(),
            lambda: next(provider.create_generator("Hi")),
            lambda: client.ask("Hi", provider=provider),
            other.close,
            other.reply,
        ):

            async def calls(attempt: Callable[[], object] = attempt) -> None:
                attempt()

            with pytest.raises(RuntimeError, match="own event loop"):
                portal.call(calls)
    assert "".join(other) == "".join(PIECES[1:])


# Reading ahead


def test_the_caller_sets_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who doesn't read stops the read-ahead task, which stops the Space's sending."""
    monkeypatch.setattr(read_ahead, "LIMIT", 200_000)
    size, count = 20_000, 2_000  # 40 MB, far more than every buffer on the way
    asked = 0

    def reply(_: ChatRequest) -> Iterator[str]:
        nonlocal asked
        for asked in range(1, count + 1):
            yield f"{asked:>{size}}"

    with (
        LocalSpace("qwen-2-72b", reply) as space,
        spacechat.Client(limits=Limits(answer=1 << 30, message=1 << 30)) as client,
        client.stream("Hi", provider=at(space)) as stream,
    ):
        assert next(stream) == f"{1:>{size}}"
        buffer = stream.engine._read_ahead
        assert buffer is not None
        wait_until(lambda: buffer._paused)
        ahead = buffer._put - buffer._taken
        # The caller may take the first piece when the task has paused already.
        assert 200_000 - size < ahead < 200_000 + 2 * size
        seen = -1
        while seen != asked:  # until it stands still
            seen = asked
            threading.Event().wait(0.2)
        assert asked < count / 2
        assert buffer._put - buffer._taken == ahead
        assert all(piece == f"{number:>{size}}" for number, piece in enumerate(stream, start=2))
        assert len(stream.text) == size * count


def test_nothing_is_lost_between_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 300)
    pieces = [f"{index} " for index in range(5_000)]
    with LocalSpace("qwen-2-72b", pieces) as space:
        assert list(spacechat.stream("Hi", provider=at(space))) == pieces


def test_small_pieces_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "LIMIT", 6_500)
    with (
        LocalSpace("qwen-2-72b", ["x"] * 20_000) as space,
        spacechat.stream("Hi", provider=at(space)) as stream,
    ):
        next(stream)
        buffer = stream.engine._read_ahead
        assert buffer is not None
        wait_until(lambda: buffer._paused)
        assert 90 <= len(buffer._ready) + len(stream.engine.events) <= 110


class OneByOne:
    """An engine whose every event comes when it is told so, and fills the buffer."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self.told = asyncio.Semaphore(0)

    async def advance(self) -> bool:
        await self.told.acquire()
        self.events.append(TextDelta("x" * 1_000))
        return True

    async def aclose(self) -> None:
        pass


def test_an_event_comes_while_the_caller_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken and not counted, and the task waits for the caller, who waits for the task."""
    monkeypatch.setattr(read_ahead, "LIMIT", 100)
    engine: Any = OneByOne()
    current = portal.get_portal()

    class Late(deque[Event]):
        def __len__(self) -> int:
            if not buffer._put:
                current.soon(engine.told.release)
                wait_until(lambda: buffer._paused)
            return super().__len__()

    monkeypatch.setattr(read_ahead, "deque", Late)
    buffer = read_ahead.ReadAhead(engine, current, None)
    assert len(buffer.take(SOON)) == 1
    current.soon(engine.told.release)
    assert len(buffer.take(SOON)) == 1
    portal.call(buffer.stop)


# Dropped iterators


def collected(drop: Callable[[], object]) -> None:
    drop()
    gc.collect()


def drop_stream(client: spacechat.Client, provider: Provider) -> None:
    stream = client.stream("Hi", provider=provider)
    assert next(stream) == "some"


def drop_loop(client: spacechat.Client, provider: Provider) -> None:
    for _ in client.stream("Hi", provider=provider):
        break


def drop_events(client: spacechat.Client, provider: Provider) -> None:
    for event in client.stream("Hi", provider=provider).events():
        if isinstance(event, events.TextDelta):
            break


def drop_generator(client: spacechat.Client, provider: Provider) -> None:
    for piece in provider.create_generator("Hi"):
        assert piece == "some"
        break


def drop_entered(client: spacechat.Client, provider: Provider) -> None:
    stream = client.stream("Hi", provider=provider).__enter__()
    wait_until(lambda: stream.engine._engine.text == "some")


def drop_in_a_cycle(client: spacechat.Client, provider: Provider) -> None:
    stream: Any = client.stream("Hi", provider=provider)
    next(stream)
    stream.itself = stream


DROPS = [drop_stream, drop_loop, drop_events, drop_generator, drop_entered, drop_in_a_cycle]


@pytest.mark.parametrize("drop", DROPS)
def test_a_dropped_iterator_is_cleaned_up(
    drop: Callable[[spacechat.Client, Provider], None],
) -> None:
    with paused("some") as space, spacechat.Client() as client:
        with pytest.warns(ResourceWarning, match=r"ChatStream .* was dropped before its end"):
            collected(lambda: drop(client, at(space)))
        wait_until(lambda: space.active == 0 and space.cancelled == 1)
        assert client.ask("again", provider=at(space)).text == TEXT


def test_collected_in_the_loops_own_thread() -> None:
    """The collector runs in any thread, also where a blocking call would wait for itself."""

    async def collect() -> None:
        gc.collect()

    with paused("some") as space, spacechat.Client() as client:
        gc.collect()
        gc.disable()
        try:
            drop_in_a_cycle(client, at(space))
            with pytest.warns(ResourceWarning, match="was dropped"):
                portal.call(collect)
        finally:
            gc.enable()
        wait_until(lambda: space.active == 0 and space.cancelled == 1)


def to_the_end(client: spacechat.Client, provider: Provider) -> None:
    assert "".join(client.stream("again", provider=provider)) == TEXT


def to_the_last_event(client: spacechat.Client, provider: Provider) -> None:
    *_, last = client.stream("again", provider=provider).events()
    assert last == events.Completed(TEXT)


def whole_reply(client: spacechat.Client, provider: Provider) -> None:
    assert client.stream("again", provider=provider).reply().text == TEXT


def closed(client: spacechat.Client, provider: Provider) -> None:
    stream = client.stream("Hi", provider=provider)
    next(stream)
    stream.close()


def in_a_block(client: spacechat.Client, provider: Provider) -> None:
    with client.stream("Hi", provider=provider) as stream:
        next(stream)


def generator_in_a_block(client: spacechat.Client, provider: Provider) -> None:
    with provider.create_generator("Hi") as pieces:
        next(pieces)


def never_begun(client: spacechat.Client, provider: Provider) -> None:
    client.stream("Hi", provider=provider)


def refused(client: spacechat.Client, provider: Provider) -> None:
    nobody = provider.at("http://127.0.0.1:9")
    with pytest.raises(spacechat.SpaceUnavailableError):
        list(client.stream("Hi", provider=nobody).__enter__())
    with pytest.raises(spacechat.SpaceUnavailableError):
        next(client.stream("Hi", provider=nobody))


def the_iterator_outlives_its_stream(client: spacechat.Client, provider: Provider) -> None:
    found = client.stream("again", provider=provider).events()
    assert isinstance(next(found), events.Event)
    gc.collect()
    *_, last = found
    assert last == events.Completed(TEXT)


@pytest.mark.parametrize(
    "use",
    [
        to_the_end,
        to_the_last_event,
        whole_reply,
        closed,
        in_a_block,
        generator_in_a_block,
        never_begun,
        refused,
        the_iterator_outlives_its_stream,
    ],
)
def test_no_complaint_of_what_was_closed(
    use: Callable[[spacechat.Client, Provider], None],
) -> None:
    with paused("some") as space, spacechat.Client(retries=0) as client:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            use(client, at(space))
            gc.collect()
        assert [str(one.message) for one in told] == []
        wait_until(lambda: space.active == 0)


# Pickles


def test_clients_pickle_by_their_settings() -> None:
    for kind in (spacechat.Client, spacechat.AsyncClient):
        client = kind(
            token="hf_secret",
            proxy="http://127.0.0.1:9",
            timeout=spacechat.Timeout(connect=1.0, idle=None, total=3.0),
            retries=5,
            headers={"x-mine": "1", "accept-language": "de"},
        )
        data = pickle.dumps(client)
        assert b"hf_secret" not in data
        copy = pickle.loads(data)
        assert type(copy) is kind
        assert repr(copy) == repr(client)
        settings = copy._settings
        assert settings.token is None
        assert settings.proxy == "http://127.0.0.1:9"
        assert settings.timeout == spacechat.Timeout(connect=1.0, idle=None, total=3.0)
        assert settings.retries == 5
        assert settings.headers == {"accept-language": "de"}
        assert client._settings.token == "hf_secret"


def test_a_pickled_client_works(space: LocalSpace) -> None:
    client, provider = pickle.loads(pickle.dumps((spacechat.Client(), at(space))))
    with client:
        assert client.ask("Hi", provider=provider).text == TEXT


def test_live_streams_refuse_to_be_pickled() -> None:
    with paused("some") as space, spacechat.Client() as client:
        with client.stream("Hi", provider=at(space)) as stream:
            next(stream)
            with pytest.raises(TypeError, match="live stream can't be pickled"):
                pickle.dumps(stream)
        with at(space).create_generator("Hi") as pieces:
            next(pieces)
            with pytest.raises(TypeError, match="live stream can't be pickled"):
                pickle.dumps(pieces)


# Forks

FORK = """
import os, sys, time
import spacechat
from spacechat.sync import Qwen_Qwen_2_72B

provider = Qwen_Qwen_2_72B.at(sys.argv[1])
client = spacechat.Client()
entered = client.stream("slow", provider=provider).__enter__()
stream = client.stream("slow", provider=provider)
print("parent reads", next(stream))
child = os.fork()
if child == 0:
    for attempt in (
        lambda: next(stream), stream.reply, lambda: next(stream.events()),
        lambda: next(entered), entered.__enter__,
    ):
        try:
            attempt()
        except RuntimeError as exc:
            print("child gets", exc)
    print("child asks", client.ask("again", provider=provider))
    print("child asks", spacechat.ask("again", provider=provider))
    with client.stream("slow", provider=provider) as own:
        print("child reads", next(own))
    left = client.stream("slow", provider=provider)
    print("child reads", next(left))
    entered.close()
    stream.close()
    client.close()
    print("child_ends", time.monotonic())
    sys.exit(7)
_, status = os.waitpid(child, 0)
print("child_ended", time.monotonic())
print("status", os.waitstatus_to_exitcode(status))
print("go on")
sys.stdin.readline()
print("parent reads", "".join(stream))
print("parent reads", "".join(entered))
print("parent asks", client.ask("again", provider=provider))
print("ends", time.monotonic())
"""


@POSIX
def test_fork(tmp_path: Path) -> None:
    gate = threading.Event()

    def reply(request: ChatRequest) -> Iterator[str]:
        if request.prompt == "again":
            yield from PIECES
            return
        yield "one "
        gate.wait(100)
        yield "two"

    with LocalSpace("qwen-2-72b", reply) as space:
        try:
            with Script(tmp_path, FORK, space.url) as script:
                lines: list[str] = []
                while not lines or lines[-1] != "go on":
                    assert script.process.stdout is not None
                    line = script.process.stdout.readline()
                    assert line, script.end().err
                    lines.append(line.strip())
                # What the child left open is cancelled; the parent's two are as they were.
                wait_until(lambda: space.active == 2)
                gate.set()
                script.tell("")
                ended = script.end()
        finally:
            gate.set()
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert "Exception ignored" not in ended.err
    told: dict[str, str] = {}
    for line in lines:
        told.setdefault(line.rpartition(" ")[0], line.rpartition(" ")[2])
    assert sum(line.startswith("child gets This stream was opened before") for line in lines) == 5
    assert lines.count(f"child asks {TEXT}") == 2
    assert lines.count("child reads one") == 2
    assert "status 7" in lines
    assert float(told["child_ended"]) - float(told["child_ends"]) < 30.0
    assert ended.out.splitlines()[:3] == [
        "parent reads two",
        "parent reads one two",
        f"parent asks {TEXT}",
    ]
    assert ended.at - ended.stamp("ends") < 30.0


PROCESSES = """
import concurrent.futures, multiprocessing, sys, time
import spacechat
from spacechat.sync import Qwen_Qwen_2_72B

def work(client, provider, number):
    with client.stream(f"q{number}", provider=provider) as stream:
        return "".join(stream), client.ask("again", provider=provider).text

if __name__ == "__main__":
    provider = Qwen_Qwen_2_72B.at(sys.argv[1])
    client = spacechat.Client(timeout=20)
    spacechat.ask("again", provider=provider)  # the parent has a portal
    context = multiprocessing.get_context(sys.argv[2])
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        ends = [pool.submit(work, client, provider, number) for number in range(9)]
        print([end.result() for end in ends])
    if sys.argv[2] == "fork":
        queue = context.SimpleQueue()
        def target():
            queue.put(client.ask("again", provider=provider).text)
        process = context.Process(target=target)
        process.start()
        print(queue.get())
        process.join()
        print("exitcode", process.exitcode)
    print("ends", time.monotonic())
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_process_pools(tmp_path: Path, method: str) -> None:
    def reply(request: ChatRequest) -> list[str]:
        return PIECES if request.prompt == "again" else [request.prompt, "!"]

    with LocalSpace("qwen-2-72b", reply) as space:
        ended = run(tmp_path, PROCESSES, space.url, method)
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    lines = ended.out.splitlines()
    assert lines[0] == repr([(f"q{number}!", TEXT) for number in range(9)])
    if method == "fork":
        assert lines[1:3] == [TEXT, "exitcode 0"]
    assert ended.at - ended.stamp("ends") < 30.0


# Tracebacks

QUESTION = """
import spacechat
from spacechat.sync import Qwen_Qwen_2_72B

client = spacechat.Client(retries=0)

def my_question(provider):
    {question}

my_question(Qwen_Qwen_2_72B.at("{url}"))
"""

QUESTIONS = {
    "ask": 'return spacechat.ask("Hi", provider=provider)  # mine',
    "stream": 'return list(client.stream("Hi", provider=provider))  # mine',
    "entered": 'return list(client.stream("Hi", provider=provider).__enter__())  # mine',
    "client's ask": 'return client.ask("Hi", provider=provider)  # mine',
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_traceback_worth_reading(tmp_path: Path, question: str) -> None:
    url = "http://127.0.0.1:9"
    ended = run(tmp_path, QUESTION.format(question=QUESTIONS[question], url=url))
    assert ended.code == 1
    lines = ended.err.splitlines()
    assert f"    {QUESTIONS[question]}" in lines
    assert lines[-1].startswith("spacechat.errors.SpaceUnavailableError: http://127.0.0.1:9 can't")
    frames = [line for line in lines if line.startswith("  File ")]
    assert len(frames) <= 8, ended.err
    assert len(lines) <= 60, ended.err
    assert all("script.py" in frame or "spacechat" in frame for frame in frames), ended.err
    assert not any(line.startswith("httpx.") for line in lines), ended.err  # Ours says it all.
    assert lines[0].startswith("Traceback"), ended.err


def test_the_traceback_of_a_failure_midway(tmp_path: Path) -> None:
    def reply(_: ChatRequest) -> Iterator[str]:
        yield "some"
        raise RuntimeError("out of memory")

    with LocalSpace("qwen-2-72b", reply) as space:
        ended = run(tmp_path, QUESTION.format(question=QUESTIONS["stream"], url=space.url))
    lines = ended.err.splitlines()
    assert ended.code == 1
    assert f"    {QUESTIONS['stream']}" in lines
    assert lines[-1].startswith("spacechat.errors.GenerationError: ")
    assert "out of memory" in lines[-1]
    assert sum(line.startswith("  File ") for line in lines) <= 8, ended.err
