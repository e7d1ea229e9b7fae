"""Runs of functions of real apps: events, progress, cancelling, limits, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

from spacechat import errors, events
from tests.apis import Api, collect
from tests.conftest import BOTH_APIS, LOOPS
from tests.real.functions import FunctionServer, on_each_api, unique

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


async def followed(app: Any, name: str, *arguments: object) -> list[Any]:
    """Return the events of a run that goes on as its progress is seen."""
    key, found = unique(name), []
    async for event in app.run(name, key, *arguments).events():
        found.append(event)
        if isinstance(event, events.Progress):
            await app.call("/seen", key, event.description)
    return found


def units(found: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What progress says, each once."""
    told = of(events.Progress, found)
    return list(
        dict.fromkeys((each.description, each.index, each.length, each.unit) for each in told)
    )


@BOTH_APIS
async def test_messages_correct_two_concurrent(
    client: Any, function_server: FunctionServer
) -> None:
    found: dict[str, list[Any]] = {}

    async def steps(app: Any) -> None:
        found["steps"] = await followed(app, "/steps", 3)

    async def notices(app: Any) -> None:
        found["notices"] = await collect(app.run("/notices").events())

    async with (
        client,
        client.app(function_server.url("progress")) as app,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(steps, app)
        tasks.start_soon(notices, app)
    assert not of(events.Log, found["steps"])
    assert not of(events.Progress, found["notices"])
    assert len(units(found["steps"])) == 3
    assert len(of(events.Log, found["notices"])) == 21


@BOTH_APIS
async def test_progress_updates(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        found = await followed(app, "/steps", 3)
    assert units(found) == [(f"step {index}", index, 3, "things") for index in range(3)]


@BOTH_APIS
async def test_progress_of_every_kind(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        found = of(events.Progress, await followed(app, "/fractions"))
        assert [each for each in dict.fromkeys(each.progress for each in found) if each] == [
            0.25,
            1,
        ]
        told = {each[0] for each in units(await followed(app, "/bars", 2))}
        assert told == {"outer", "inner"}
        told = {each[0] for each in units(await followed(app, "/unknown"))}
        assert told == {"Nobody knows how long", "no length"}
        both = await followed(app, "/both")
        assert units(both)[0] == ("step 0", 0, 3, "steps")
        assert [list(each.values) for each in of(events.Values, both)] == [["0"], ["1"], ["2"]]


@BOTH_APIS
async def test_every_notice(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        logs = of(events.Log, await collect(app.run("/notices").events()))
    assert [log.message for log in logs] == [*(f"note {i}" for i in range(20)), "careful"]
    assert [log.level for log in logs] == [*["info"] * 20, "warning"]


@BOTH_APIS
async def test_titles_of_notices(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("progress")) as app:
        logs = of(events.Log, await collect(app.run("/titled").events()))
    told = [(log.level, log.message) for log in logs]
    if function_server.major < 5:
        assert told == [("info", "one"), ("warning", "two")]
        return
    assert told == [("info", "one"), ("warning", "two"), ("success", "three")]
    assert [log.title for log in logs] == ["First", "Second", "Success"]


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


@pytest.mark.runs_on("asyncio")
async def test_long_response_time_with_gr_info_and_big_payload(
    function_server: FunctionServer, anyio_backend: object
) -> None:
    """Longer than a server is ever silent, which is 15 seconds; on every event loop."""
    results: list[str] = []

    async def read(api: Api) -> None:
        async with api.client() as client, client.app(function_server.url("progress")) as app:
            results.append(await app.call("/quiet", 17))

    await on_each_api(read)
    assert results == ["\ta\nb" * 90_000] * 4


# Leaving.


MANY = 1000
"""Steps of a function that is to be stopped; it takes 0.1 s for each."""


async def settled(app: Any, key: str) -> int:
    """How many steps were done when no more are."""
    steps = -1
    with anyio.fail_after(60):
        while steps != (steps := await app.call("/steps", key)):  # noqa: ASYNC110
            await anyio.sleep(0.5)
    return steps


@BOTH_APIS
async def test_cancel_from_client_queued(client: Any, function_server: FunctionServer) -> None:
    first, second = unique("first"), unique("second")
    async with client, client.app(function_server.url("slow")) as app:
        async with app.run("/wait_alone", first) as running:
            async for event in running.events():
                if isinstance(event, events.Started):
                    break
            async with app.run("/wait_alone", second) as waiting:
                async for event in waiting.events():
                    if isinstance(event, events.Queued):
                        break
            await app.call("/release", first)
            assert (await running.result()).value == 10
        await app.call("/wait_alone", first)  # What had waited would come first.
        assert await app.call("/steps", f"{second} begun") == 0


@BOTH_APIS
async def test_cancel_from_client_running(client: Any, function_server: FunctionServer) -> None:
    key = unique("running")
    async with client, client.app(function_server.url("slow")) as app:
        seen = []
        async with app.run("/iterate", key, MANY) as run:
            async for value in run:
                seen.append(value)
                if len(seen) == 3:
                    break
        assert seen == [0, 1, 2]
        assert await settled(app, key) < MANY


@BOTH_APIS
async def test_job_cancel_stops_upstream_server_if_cancel_event_defined(
    client: Any, function_server: FunctionServer
) -> None:
    key = unique("stoppable")
    async with client, client.app(function_server.url("slow")) as app:
        async with app.run("/stoppable", key, MANY) as run:
            async for value in run:
                if value == 4:
                    break
        assert await settled(app, key) < MANY


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
@pytest.mark.parametrize("kind", [events.Started, events.Values], ids=lambda kind: kind.__name__)
async def test_cancelled_by_the_program(
    client: Any, function_server: FunctionServer, kind: type[Any]
) -> None:
    if function_server.version == "4.0.2" and kind is events.Started:
        pytest.skip("it can't stop what has not given a value yet")
    key = unique(kind.__name__)
    async with client, client.app(function_server.url("slow")) as app:
        with anyio.CancelScope() as scope:
            async for event in app.run("/iterate", key, MANY).events():
                if isinstance(event, kind):
                    scope.cancel()
        assert scope.cancelled_caught
        assert await settled(app, key) < MANY


@pytest.mark.runs_on(*LOOPS)
async def test_cancelled_at_any_await(client: Any, function_server: FunctionServer) -> None:
    """The server stops, whichever request was under way; the client is as good as before."""
    keys = [unique("any await") for _ in range(30)]
    async with client, client.app(function_server.url("slow")) as app:
        for number, key in enumerate(keys):
            with anyio.fail_after(30), anyio.move_on_after(0.002 * number) as scope:
                await app.call("/iterate", key, 300)
            assert scope.cancelled_caught
        # The first of Gradio 4 does not stop what has given no value.
        if function_server.version != "4.0.2":
            assert max([await settled(app, key) for key in keys]) < 300
        assert await app.call("/sleep", unique("afterwards"), 0) == 10


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
