"""Timeouts: of a silence, and of a whole answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import anyio
import pytest

from spacechat import AsyncClient, Limits, Timeout, errors
from spacechat.local import LocalSpace
from tests import waiting
from tests.conftest import EITHER_TRANSPORT
from tests.samples import SPACE
from tests.servers import (
    EVENTS_HEAD,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    appended,
    chunk,
    generating,
    gradio,
    message,
    pairs,
    until,
)
from tests.servers.gradio import ENDING

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT]

LIMITS = (1.0, 5.0, 25.0)
"""Seconds: where a busy machine made one end too early, the next is tried."""


class TestTimeouts:
    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_idle_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match=r"idle|0\.2") as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
            assert isinstance(caught.value, TimeoutError)
            assert caught.value.partial_text == ""
            await until(lambda: server.open == 0)

    async def test_idle_in_an_answer(self) -> None:
        for limit in LIMITS:
            with ReplayServer(gradio(*ENDING, Then.HANG)) as server:
                async with AsyncClient(retries=0, timeout=limit) as client:
                    stream = client.stream("Hi", provider=SPACE.at(server.url))
                    found = []
                    with pytest.raises(errors.StreamTimeoutError) as caught:
                        async for piece in stream:
                            found.append(piece)  # noqa: PERF401
                await until(lambda: server.open == 0)
                assert [piece async for piece in stream] == []
            if found == ["Hel", "lo"]:
                break
        assert found == ["Hel", "lo"]
        assert "idle" in str(caught.value)
        assert caught.value.partial_text == "Hello"
        assert len(server.to("/cancel")) == 1

    @pytest.mark.parametrize("idle", [None, 30.0])
    @pytest.mark.parametrize("alive", [b": ping\n\n", message("heartbeat")])
    async def test_total_though_it_lives(self, idle: float | None, alive: bytes) -> None:
        """A server that gives signs of life forever."""

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD + chunk(generating(*pairs("a")))
            while not server.stopping.wait(0.01):
                yield chunk(alive)

        for limit in LIMITS:
            with ReplayServer(gradio(data=stream)) as server:
                async with AsyncClient(
                    retries=0, timeout=Timeout(idle=idle, total=limit)
                ) as client:
                    started = time.monotonic()
                    with pytest.raises(errors.StreamTimeoutError, match="total") as caught:
                        await client.ask("Hi", provider=SPACE.at(server.url))
                    assert limit <= time.monotonic() - started < limit + 20
                await until(lambda: server.open == 0)
            if caught.value.partial_text:
                break
        assert caught.value.partial_text == "a"
        assert len(server.to("/cancel")) == 1

    async def test_total_though_it_talks(self) -> None:
        """Messages come without end: the limit holds though there is nothing to wait for."""

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD + chunk(generating(*pairs("")))
            while not server.stopping.is_set():
                yield chunk(generating(*appended("ha "))) * 20

        for limit in LIMITS:
            with ReplayServer(gradio(data=stream)) as server:
                async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=limit)) as client:
                    started = time.monotonic()
                    with pytest.raises(errors.StreamTimeoutError, match="total") as caught:
                        await client.ask("Hi", provider=SPACE.at(server.url))
                    assert time.monotonic() - started < limit + 20
            if caught.value.partial_text:
                break
        assert caught.value.partial_text.startswith("ha ha ")

    @pytest.mark.parametrize("at_once", [1, 1000])
    async def test_a_caller_may_leave_though_it_talks(self, at_once: int) -> None:
        """Messages come without end, and a scope of the caller's ends the reading all the same."""

        def stream(_: Received) -> Iterator[Part]:
            yield EVENTS_HEAD + chunk(generating(*pairs("")))
            while not server.stopping.is_set():
                yield chunk(generating(*appended("ha "))) * at_once

        with ReplayServer(gradio(data=stream)) as server:
            async with AsyncClient(limits=Limits(answer=1 << 40)) as client:
                stopped = client.stream("Hi", provider=SPACE.at(server.url))
                with anyio.fail_after(waiting.LONGEST):
                    async with stopped:
                        with anyio.move_on_after(0.5) as scope:
                            async for _ in stopped:
                                pass
                assert scope.cancelled_caught
            await until(lambda: server.open == 0)

    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_total_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.HANG)})) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match="total"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)

    async def test_total_in_the_body_of_a_plain_answer(self) -> None:
        """A join answer that trickles."""

        def join(_: Received) -> Iterator[Part]:
            yield b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"
            while not server.stopping.wait(0.01):
                yield b" "

        with ReplayServer(gradio(join=join)) as server:
            async with AsyncClient(retries=0, timeout=Timeout(idle=30, total=0.2)) as client:
                with pytest.raises(errors.StreamTimeoutError, match="total"):
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)

    async def test_none_for_no_limit(self, hello: ReplayServer) -> None:
        async with AsyncClient(retries=0, timeout=None) as client:
            assert (await client.ask("Hi", provider=SPACE.at(hello.url))).text == "Hello"

    async def test_a_heartbeat_keeps_a_quiet_answer_alive(self) -> None:
        text = ""
        for limit in LIMITS:

            def reply(_: object, limit: float = limit) -> Iterator[str]:
                time.sleep(1.3 * limit)
                yield "Hi"

            space = LocalSpace("qwen-2-72b", reply, heartbeat=limit / 10)
            async with space, AsyncClient(retries=0, timeout=Timeout(idle=limit)) as client:
                with contextlib.suppress(errors.StreamTimeoutError):
                    text = (await client.ask("Hi", provider=SPACE.at(space.url))).text
            if text:
                break
        assert text == "Hi"
