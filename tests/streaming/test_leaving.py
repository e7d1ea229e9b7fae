"""Leaving a stream early, in every way: the Space stops its work, and no connection stays."""

from __future__ import annotations

import asyncio
import contextlib
import time

import anyio
import httpx
import pytest
import trio

from spacechat import AsyncClient, errors, events
from spacechat.local import LocalSpace
from spacechat.transport import connection as transport
from tests import waiting
from tests.conftest import EITHER_TRANSPORT
from tests.leaving import assert_stopped, cancels
from tests.processes import wait_until
from tests.samples import SPACE
from tests.servers import (
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
    until,
)
from tests.servers.apps import app
from tests.servers.memory import mock

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT]


class TestLeaving:
    """Each way of leaving early stops the work at the Space and frees the connection."""

    async def test_break(self, slow: LocalSpace) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(slow.url)) as stream,
        ):
            async for _ in stream:
                assert slow.active == 1
                break
        await assert_stopped(slow, stream)

    async def test_not_reading_at_all(self, slow: LocalSpace) -> None:
        async with (
            AsyncClient() as client,
            client.stream("Hi", provider=SPACE.at(slow.url)) as stream,
        ):
            pass
        assert slow.requests == []
        assert [text async for text in stream] == []

    async def test_exception(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            with pytest.raises(ZeroDivisionError):
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    async for _ in stream:
                        _ = 1 / 0
            await assert_stopped(slow, stream)

    async def test_exception_without_a_block(self, slow: LocalSpace) -> None:
        """The client's own end closes what a plain loop left behind."""
        with pytest.raises(ZeroDivisionError):
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(slow.url))
                async for _ in stream:
                    _ = 1 / 0
        await assert_stopped(slow, stream)

    async def test_aclose(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            assert await stream.__anext__() == "ha "
            await stream.aclose()
            await assert_stopped(slow, stream)
            await stream.aclose()
            assert len(cancels(slow)) == 1

    async def test_aclose_of_the_events(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            found = stream.events()
            async with contextlib.aclosing(found):  # type: ignore[type-var]
                async for event in found:
                    if isinstance(event, events.TextDelta):
                        break
            await assert_stopped(slow, stream)

    @pytest.mark.parametrize("block", [True, False])
    async def test_cancel_scope(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            with anyio.CancelScope() as scope:
                async with stream if block else contextlib.nullcontext():
                    async for _ in stream:
                        scope.cancel()
            assert scope.cancelled_caught
            await assert_stopped(slow, stream)

    async def test_cancelled_while_it_waits(self) -> None:
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:

                        async def cancel() -> None:
                            await until(lambda: stream.text == "a")
                            scope.cancel()

                        tasks.start_soon(cancel)
                        async for _ in stream:
                            pass
                assert scope.cancelled_caught
                assert stream.text == "a"
                assert [request.json for request in server.to("/cancel")] == [
                    {
                        "session_hash": stream.conversation.session_hash,
                        "fn_index": 0,
                        "event_id": "e",
                    }
                ]
                await until(lambda: server.open == 0)

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_cancelled_while_it_asks(
        self, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The Space takes the request and does not answer."""
        monkeypatch.setattr("spacechat.streaming.joining.CLOSING", 0.01)
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:

                        async def cancel() -> None:
                            await until(lambda: bool(server.to(f"/queue/{where}")))
                            scope.cancel()

                        tasks.start_soon(cancel)
                        await stream.reply()
                assert scope.cancelled_caught
                await until(lambda: server.open == 0)
                if where == "data":
                    assert [r.json["event_id"] for r in server.to("/cancel")] == ["e"]

    async def test_a_space_that_does_not_answer_the_cancel(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Leaving takes two seconds at most, and is not an error."""
        monkeypatch.setattr("spacechat.streaming.runner.CLOSING", transport.CLOSING)
        answer = gradio(generating(*pairs("a")), Then.HANG, cancel=always(Then.HANG))
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                async with client.stream("Hi", provider=SPACE.at(server.url)) as stream:
                    assert await stream.__anext__() == "a"
                    started = time.monotonic()
                assert time.monotonic() - started < 20
                await until(lambda: server.open == 0)

    async def test_the_work_stops_at_once(self, slow: LocalSpace) -> None:
        """Within a second. What else a machine does only adds: the least of some counts."""
        taken = []
        async with AsyncClient() as client:
            for _ in range(5):
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    assert await stream.__anext__() == "ha "
                    started = time.monotonic()
                await until(lambda: slow.active == 0)
                taken.append(time.monotonic() - started)
        assert min(taken) < 1

    async def test_the_reader_goes_before_the_cancel(self) -> None:
        """Gradio before 6 keeps in its queue what is cancelled while somebody reads."""
        alone = []

        def cancelled(_: Received) -> list[Part]:
            wait_until(lambda: server.open == 1)
            alone.append(True)
            return [response(b'{"success":true}')]

        answer = gradio(message("estimation", rank=1), Then.HANG, cancel=cancelled)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                assert isinstance(await stream.next_event(), events.Queued)
                await stream.aclose()
        assert alone == [True]

    async def test_no_cancel_after_the_end(self, hello: ReplayServer) -> None:
        async with AsyncClient() as client:
            async with client.stream("Hi", provider=SPACE.at(hello.url)) as stream:
                await stream.reply()
            assert hello.to("/cancel") == []
            await until(lambda: hello.busy == 0)

    async def test_no_cancel_after_a_failure(self) -> None:
        with ReplayServer(gradio(failed("boom"))) as server:
            async with AsyncClient() as client:
                with pytest.raises(errors.GenerationError, match="boom"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            assert server.to("/cancel") == []
            await until(lambda: server.open == 0)

    @pytest.mark.parametrize("closed_before_that", [False, True])
    async def test_a_failure_after_which_the_app_is_looked_at_again(
        self, closed_before_that: bool
    ) -> None:
        """A known app may have changed, so its description is read. Its event is stopped first."""
        queued = message("estimation", rank=0, queue_size=1)
        answer = gradio(queued, Then.HANG, config=always(app()))
        with ReplayServer(answer) as server:
            async with AsyncClient(timeout=0.3) as client:
                with pytest.raises(errors.StreamTimeoutError):
                    await client.ask("Hi", model=server.url)
                async with client.stream("Hi", model=server.url) as stream:
                    assert await stream.next_event() == events.Queued(0, 1)
                    await stream.engine.advance()  # The failure.
                    if not closed_before_that:
                        with pytest.raises(errors.StreamTimeoutError):
                            await stream.reply()
            words = [request.path.rpartition("/")[2] for request in server.requests]
            stopped = ["join", "data", "cancel"]
            again = [] if closed_before_that else ["config"]
            assert words == ["config", *stopped, *stopped, *again]
            cancelled = [request.json["event_id"] for request in server.to("/gradio_api/cancel")]
            assert cancelled == ["e", "e"]

    async def test_aclose_from_another_task_while_one_waits(self) -> None:
        """The one that waits sees the end, not an error."""
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: stream.text == "a")
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with anyio.fail_after(waiting.LONGEST):
                    assert [piece async for piece in stream] == ["a"]
            assert len(server.to("/cancel")) == 1
            await until(lambda: server.open == 0)

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_aclose_from_another_task_while_one_asks(
        self, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("spacechat.streaming.joining.CLOSING", 0.01)
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: bool(server.to(f"/queue/{where}")))
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with anyio.fail_after(waiting.LONGEST):
                    assert [piece async for piece in stream] == []
            await until(lambda: server.open == 0)

    async def test_aclose_between_two_requests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Closed by another task just as an answer came: no further request, no odd error."""
        asked: list[str] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            if request.url.path.endswith("predict"):
                await stream.aclose()
            return httpx.Response(200, json={"event_id": "e"})

        mock(monkeypatch, answer)
        async with AsyncClient() as client:
            stream = client.stream("Hi", model="qwen-2.5-1m")
            assert [piece async for piece in stream] == []
        assert "/queue/join" not in asked

    async def test_a_reply_that_another_task_closes(self) -> None:
        answer = gradio(generating(*pairs("a")), Then.HANG)
        with ReplayServer(answer) as server:
            async with AsyncClient() as client, anyio.create_task_group() as tasks:
                stream = client.stream("Hi", provider=SPACE.at(server.url))

                async def close() -> None:
                    await until(lambda: stream.text == "a")
                    await anyio.wait_all_tasks_blocked()
                    await stream.aclose()

                tasks.start_soon(close)
                with pytest.raises(errors.StreamInterruptedError, match="closed") as caught:
                    await stream.reply()
            assert caught.value.partial_text == "a"

    async def test_one_left_early_does_not_touch_another(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            async with client.stream("Hi", provider=SPACE.at(slow.url)) as other:
                assert await other.__anext__() == "ha "
                async with client.stream("Hi", provider=SPACE.at(slow.url)) as stream:
                    assert await stream.__anext__() == "ha "
                await until(lambda: slow.active == 1)
                for _ in range(5):
                    assert await other.__anext__() == "ha "
            await assert_stopped(slow, other, count=2)


@pytest.mark.runs_on("asyncio", "uvloop")
class TestLeavingAsyncio:
    @pytest.mark.parametrize("block", [True, False])
    async def test_native_cancel(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            first = asyncio.Event()

            async def read() -> None:
                async with stream if block else contextlib.nullcontext():
                    async for _ in stream:
                        first.set()

            task = asyncio.create_task(read())
            await first.wait()
            assert slow.active == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await assert_stopped(slow, stream)

    async def test_native_cancel_twice(self, slow: LocalSpace) -> None:
        """A second cancel while the first is being served leaves nothing behind."""
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            first = asyncio.Event()

            async def read() -> None:
                async with stream:
                    async for _ in stream:
                        first.set()

            task = asyncio.create_task(read())
            await first.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: slow.active == 0)

    async def test_wait_for(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            assert await stream.__anext__() == "ha "
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.reply(), 0.2)
            await assert_stopped(slow, stream)
            assert stream.text.startswith("ha ")


@pytest.mark.runs_on("trio")
class TestLeavingTrio:
    @pytest.mark.parametrize("block", [True, False])
    async def test_native_cancel(self, slow: LocalSpace, block: bool) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            async with trio.open_nursery() as nursery:

                async def read() -> None:
                    async with stream if block else contextlib.nullcontext():
                        async for _ in stream:
                            nursery.cancel_scope.cancel()

                nursery.start_soon(read)
            await assert_stopped(slow, stream)

    async def test_native_timeout(self, slow: LocalSpace) -> None:
        async with AsyncClient() as client:
            stream = client.stream("Hi", provider=SPACE.at(slow.url))
            with trio.CancelScope() as scope:
                async with stream:
                    await stream.__anext__()
                    scope.deadline = trio.current_time() + 0.05
                    await stream.reply()
            assert scope.cancelled_caught
            await assert_stopped(slow, stream)
