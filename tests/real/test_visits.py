"""Apps that want to know for how long a page is open."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

import spacechat
from tests.processes import wait_until
from tests.real.servers import MoreServer
from tests.servers import until

pytestmark = [pytest.mark.real]


class Visitors:
    """What the app has seen since this was made."""

    def __init__(self, server: MoreServer) -> None:
        self._server = server
        self._before = len(server.seen("visitors"))
        self.url = server.url("visitors")

    def _seen(self) -> list[str]:
        return self._server.seen("visitors")[self._before :]

    @property
    def came(self) -> int:
        return len([line for line in self._seen() if "/heartbeat/" in line])

    @property
    def left(self) -> int:
        return self._seen().count("left")

    async def leave(self, count: int) -> None:
        await until(lambda: self.left == count)


@pytest.mark.anyio
async def test_open_until_closed(more_server: MoreServer) -> None:
    visitors = Visitors(more_server)
    async with spacechat.AsyncClient() as client:
        async with client.conversation(model=visitors.url) as chat:
            assert (await chat.ask("One")).text == "One"
            async with client.conversation(model=visitors.url) as other:
                assert (await other.ask("Uno")).text == "Uno"
            await visitors.leave(1)
            assert (await chat.ask("Two")).text == "One Two"
            assert (visitors.came, visitors.left) == (2, 1)
        await visitors.leave(2)


@pytest.mark.anyio
async def test_open_until_the_client_is_closed(more_server: MoreServer) -> None:
    """Whatever becomes of the conversation; a stream that is left early leaves the page open."""
    visitors = Visitors(more_server)
    async with spacechat.AsyncClient() as client:
        async with client.conversation(model=visitors.url).stream("One") as stream:
            assert await anext(stream.events())
            while visitors.came == 0:
                await anext(stream.events())
        assert (visitors.came, visitors.left) == (1, 0)
    await visitors.leave(1)


@pytest.mark.anyio
async def test_asked_again_after_the_end(more_server: MoreServer) -> None:
    """The server has forgotten: it is told what was said, on a new page."""
    visitors = Visitors(more_server)
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=visitors.url)
        await chat.ask("One")
        await chat.aclose()
        await visitors.leave(1)
        reply = await chat.ask("Two")
        assert reply.text == "User: One\nAssistant: One\nUser: Two\nAssistant:"
        assert chat.undo() == "Two"
        reply = await chat.ask("Three")  # Which also takes a new page.
        await visitors.leave(2)
        assert visitors.came == 3
    await visitors.leave(3)


@pytest.mark.anyio
async def test_a_single_question_is_no_visit(more_server: MoreServer) -> None:
    visitors = Visitors(more_server)
    async with spacechat.AsyncClient() as client:
        reply = await client.ask("One", model=visitors.url)
        again = await client.ask("Two", conversation=reply.conversation)
    assert (again.text, visitors.came) == ("One Two", 0)


@pytest.mark.anyio
async def test_cancelled(more_server: MoreServer) -> None:
    """Leaving is not cut short."""
    visitors = Visitors(more_server)
    async with spacechat.AsyncClient() as client:
        with anyio.CancelScope() as scope:
            async with client.conversation(model=visitors.url) as chat:
                await chat.ask("One")
                scope.cancel()
                await anyio.lowlevel.checkpoint()
        assert scope.cancelled_caught
        await visitors.leave(1)


def test_blocking(more_server: MoreServer) -> None:
    visitors = Visitors(more_server)
    with spacechat.Client() as client:
        with client.conversation(model=visitors.url) as chat:
            assert [chat.ask(text).text for text in ("One", "Two")] == ["One", "One Two"]
            assert (visitors.came, visitors.left) == (1, 0)
        wait_until(lambda: visitors.left == 1)
        client.conversation(model=visitors.url).ask("One")
    wait_until(lambda: visitors.left == 2)
