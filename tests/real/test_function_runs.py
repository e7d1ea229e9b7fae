"""Runs of functions of real apps: events, progress, cancelling, limits, many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

import spacechat
from spacechat import errors, events
from tests.apis import Api, collect
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.real import functions
from tests.real.functions import FunctionServer

pytestmark = [pytest.mark.anyio, pytest.mark.real]


def of(kind: type[Any], found: Sequence[Any]) -> list[Any]:
    """The events of a kind."""
    return [event for event in found if isinstance(event, kind)]


# Events.


@BOTH_APIS
async def test_job_status(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        found = await collect(app.run("/count", 3).events())
    kinds = [type(event) for event in found]
    assert kinds[0] is events.Queued or kinds[0] is events.Started
    assert kinds.count(events.Started) == 1
    assert kinds.index(events.Started) < kinds.index(events.Values)
    assert kinds[-1] is events.Completed
    assert [list(event.values) for event in of(events.Values, found)] == [["0"], ["1"], ["2"]]


@BOTH_APIS
async def test_messages_correct_two_concurrent(
    client: Any, function_server: FunctionServer
) -> None:
    found: dict[str, list[Any]] = {}

    async def follow(app: Any, name: str, *arguments: object) -> None:
        found[name] = await collect(app.run(name, *arguments).events())

    async with (
        client,
        client.app(function_server.url("progress")) as app,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(follow, app, "/steps", 3)
        tasks.start_soon(follow, app, "/notices")
    assert not of(events.Log, found["/steps"])
    assert not of(events.Progress, found["/notices"])
    assert of(events.Progress, found["/steps"])
    assert len(of(events.Log, found["/notices"])) == 21


@BOTH_APIS
async def test_progress_updates(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        found = of(events.Progress, await collect(app.run("/steps", 3).events()))
        assert {(each.index, each.length, each.unit) for each in found} <= {
            (index, 3, "things") for index in range(3)
        }
        assert {each.description for each in found} == {"Counting"}


@BOTH_APIS
async def test_progress_of_every_kind(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        found = of(events.Progress, await collect(app.run("/fractions").events()))
        assert {each.progress for each in found} & {0.25, 0.75, 1.0}
        found = of(events.Progress, await collect(app.run("/bars", 2).events()))
        assert {each.description for each in found} == {"outer", "inner"}
        found = of(events.Progress, await collect(app.run("/unknown").events()))
        assert "Nobody knows how long" in {each.description for each in found}
        both = await collect(app.run("/both").events())
        assert of(events.Progress, both)
        assert [list(each.values) for each in of(events.Values, both)][-1] == ["2"]


@BOTH_APIS
async def test_every_notice(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        logs = of(events.Log, await collect(app.run("/notices").events()))
    assert [log.message for log in logs] == [*(f"note {i}" for i in range(20)), "careful"]
    assert [log.level for log in logs] == [*["info"] * 20, "warning"]


@BOTH_APIS
async def test_big_payload_with_gr_info(client: Any, function_server: FunctionServer) -> None:
    async with (
        client,
        client.app(function_server.url("progress")) as app,
        app.run("/big") as run,
    ):
        found = await collect(run.events())
        result = await run.result()
    assert [log.message for log in of(events.Log, found)] == ["Beginning", "Done!"]
    assert result.value == "\ta\nb" * 90_000


@pytest.mark.runs_on("trio")
async def test_long_response_time_with_gr_info_and_big_payload(
    client: Any, function_server: FunctionServer
) -> None:
    """Longer than a server is ever silent, which is 15 seconds."""
    async with client, client.app(function_server.url("progress")) as app:
        assert await app.call("/quiet", 17) == "\ta\nb" * 90_000


# Leaving, and limits.


def key_of(client: Any, what: str) -> str:
    return f"{what}-{id(client)}"


async def settled(app: Any, key: str) -> int:
    """How many steps were done when no more are."""
    steps = -1
    with anyio.fail_after(60):
        while steps != (steps := await app.call("/steps", key)):  # noqa: ASYNC110
            await anyio.sleep(0.5)
    return steps


@BOTH_APIS
async def test_cancel_from_client_queued(client: Any, function_server: FunctionServer) -> None:
    first, second = key_of(client, "first"), key_of(client, "second")
    async with client, client.app(function_server.url("slow")) as app:
        async with app.run("/sleep_alone", first, 1.5) as running:
            async for event in running.events():
                if isinstance(event, events.Started):
                    break
            async with app.run("/sleep_alone", second, 1.5) as waiting:
                async for event in waiting.events():
                    if isinstance(event, events.Queued):
                        break
            await running.result()
        await app.call("/sleep_alone", first, 0)  # What had waited would come first.
        assert await app.call("/steps", f"{second} begun") == 0


@BOTH_APIS
async def test_cancel_from_client_running(client: Any, function_server: FunctionServer) -> None:
    key = key_of(client, "running")
    async with client, client.app(function_server.url("slow")) as app:
        seen = []
        async with app.run("/iterate", key, 100) as run:
            async for value in run:
                seen.append(value)
                if len(seen) == 3:
                    break
        assert seen == [0, 1, 2]
        assert await settled(app, key) < 60


@BOTH_APIS
async def test_job_cancel_stops_upstream_server_if_cancel_event_defined(
    client: Any, function_server: FunctionServer
) -> None:
    key = key_of(client, "stoppable")
    async with client, client.app(function_server.url("slow")) as app:
        async with app.run("/stoppable", key, 100) as run:
            async for value in run:
                if value == 4:
                    break
        assert await settled(app, key) < 60


@BOTH_APIS
async def test_cancel_subsequent_jobs_state_reset(
    client: Any, function_server: FunctionServer
) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        async with app.run("/spell", "abcdefghij" * 5) as run:
            async for value in run:
                if len(value) == 3:
                    break
        assert await collect(app.run("/spell", "abcd")) == ["a", "ab", "abc", "abcd"]


@BOTH_APIS
async def test_result_after_cancel(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        run = app.run("/forever")
        async with run:
            async for value in run:
                if value == 2:
                    break
        with anyio.fail_after(60), pytest.raises(errors.SpaceChatError):
            await run.result()


@pytest.mark.runs_on(*LOOPS)
async def test_cancelled_by_the_program(client: Any, function_server: FunctionServer) -> None:
    """At every await: before it begins, while it is queued, while it runs."""
    key = key_of(client, "scope")
    async with client, client.app(function_server.url("slow")) as app:
        for delay in (0.0, 0.005, 0.02, 0.1, 0.5):
            with anyio.move_on_after(delay) as scope:
                await app.call("/iterate", key, 100)
            assert scope.cancelled_caught
        assert await settled(app, key) < 150


@BOTH_APIS
@pytest.mark.parametrize("name", ["/sleep", "/sleep_at_once"])
async def test_timeout(runs_on: str, function_server: FunctionServer, name: str) -> None:
    """With the queue, and without it (Gradio's `test_timeout_no_queue`)."""
    limits = spacechat.Timeout(connect=30, idle=30, total=1)
    client = Api(runs_on == BLOCKING).client(timeout=limits)
    async with client, client.app(function_server.url("slow")) as app:
        with pytest.raises(errors.StreamTimeoutError):
            await app.call(name, key_of(client, "timeout"), 4)


@BOTH_APIS
async def test_queue_full_raises_error(runs_on: str, function_server: FunctionServer) -> None:
    client = Api(runs_on == BLOCKING).client(retries=0)
    outcomes: list[object] = []

    async def wait(app: Any) -> None:
        try:
            outcomes.append(await app.call("/wait", 1))
        except errors.QueueFullError as exc:
            outcomes.append(type(exc))

    async with (
        client,
        client.app(function_server.url("full")) as app,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(5):
            tasks.start_soon(wait, app)
    assert set(outcomes) == {"waited", errors.QueueFullError}


# Many.


@BOTH_APIS
async def test_more_jobs_than_workers_all_complete(
    client: Any, function_server: FunctionServer
) -> None:
    found: dict[int, int] = {}

    async def calculate(app: Any, number: int) -> None:
        found[number] = await app.call("/calc", number, "add", 1)

    async with (
        client,
        client.app(function_server.url("calculator")) as app,
        anyio.create_task_group() as tasks,
    ):
        for number in range(20):
            tasks.start_soon(calculate, app, number)
    assert found == {number: number + 1 for number in range(20)}


@BOTH_APIS
async def test_map(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        results = await collect(app.map("/fail_at", [0, 1], concurrency=2))
        assert {result.index for result in results} == {0, 1}
        assert all(isinstance(result.error, errors.GenerationError) for result in results)
        results = await collect(app.map("/show", range(6), concurrency=3))
        found = {result.index: result.value for result in results}
        assert found == {n: str(list(range(n))) for n in range(6)}


# A function that doesn't go through the queue, through every reader.


@BOTH_APIS
async def test_without_the_queue(client: Any, function_server: FunctionServer) -> None:
    given = ("/calc_at_once", 1, "add", 2)
    async with client, client.app(function_server.url("calculator")) as app:
        assert await app.call(*given) == 3
        assert await app["/calc_at_once"](1, "add", 2) == 3
        assert await collect(app.run(*given)) == [3]
        async with app.run(*given) as run:
            assert await collect(run) == [3]
            assert (await run.result()).value == 3
        async with app.run(*given) as run:
            assert (await run.result()).value == 3
        found = await collect(app.run(*given).events())
        assert [list(event.values) for event in of(events.Values, found)] == [[3]]
        assert isinstance(found[-1], events.Completed)
        async with app.session() as page:
            assert await page.call(*given) == 3
            assert await collect(page.run(*given)) == [3]
        (result,) = await collect(app.map("/crash_at_once", [()]))
        assert isinstance(result.error, errors.GenerationError | errors.InputsError)


# A server that dies.


@pytest.mark.runs_on("asyncio")
@pytest.mark.parametrize(
    "version", [pytest.param(v, id=f"functions-{v}-killed") for v in functions.VERSIONS]
)
async def test_server_killed_mid_stream(version: str, anyio_backend: object) -> None:
    """Every reader raises at once, on every event loop."""
    outcomes: dict[str, errors.SpaceChatError] = {}
    midway = threading.Barrier(len(LOOPS) + 2)

    async def read(name: str, url: str) -> None:
        async with (
            Api(name == BLOCKING).client(retries=0) as client,
            client.app(url) as app,
            app.run("/forever") as run,
        ):
            with pytest.raises(errors.SpaceChatError) as told:
                async for value in run:
                    if value == 2:
                        await anyio.to_thread.run_sync(midway.wait)
            outcomes[name] = told.value

    def on_loop(name: str, url: str) -> None:
        backend, options = LOOPS["asyncio" if name == BLOCKING else name]
        anyio.run(read, name, url, backend=backend, backend_options=options)

    def kill(server: FunctionServer) -> None:
        midway.wait()
        server.kill()

    with FunctionServer(version, only="counting") as server:
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                start: Callable[..., Any] = anyio.to_thread.run_sync
                for name in (*LOOPS, BLOCKING):
                    tasks.start_soon(start, on_loop, name, server.url("counting"))
                tasks.start_soon(start, kill, server)
    assert set(outcomes) == {*LOOPS, BLOCKING}
    for error in outcomes.values():
        assert isinstance(error, errors.StreamInterruptedError)
        assert error.partial >= 2
