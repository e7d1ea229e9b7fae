"""`create_async_generator` in every form of use."""

from __future__ import annotations

import contextlib
import traceback

import anyio
import pytest

from spacechat import Timeout, errors, providers
from spacechat.local import LocalSpace
from tests.conftest import EITHER_TRANSPORT
from tests.leaving import cancels
from tests.samples import HI, PIECES, SHAPES, SPACE
from tests.servers import ReplayServer, Then, failed, generating, gradio, pairs, until

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT]


class TestGenerators:
    """`create_async_generator` in every form of use."""

    @pytest.mark.parametrize(("provider", "shape"), SHAPES)
    async def test_forms_of_use(self, provider: type[providers.AsyncProvider], shape: str) -> None:
        async with LocalSpace(shape, PIECES) as space:
            P = provider.at(space.url)
            name = provider.default_model
            alias = provider.models[0]

            iterated = P().create_async_generator(model=name, messages=HI)
            assert [piece async for piece in iterated] == PIECES

            awaited = (await P.create_async_generator(model=alias, messages=HI)).generator
            assert [piece async for piece in awaited] == PIECES

            assert [piece async for piece in P.create_async_generator(HI)] == PIECES
            assert [piece async for piece in P.create_async_generator("Hi")] == PIECES
            assert [piece async for piece in P.create_async_generator(alias, HI)] == PIECES
            assert [p async for p in P.create_async_generator(None, HI, None)] == PIECES
            assert [p async for p in P.create_async_generator("", HI)] == PIECES
            assert [piece async for piece in await P.create_async_generator(messages=HI)] == PIECES
            assert cancels(space) == []

    async def test_pieces(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(HI)
        found = [piece async for piece in generator]
        for piece in found:
            assert isinstance(piece, providers.TextPiece)
            assert isinstance(piece, str)
            assert type(piece.content) is str
            assert piece.content == piece
        assert "".join(str(piece) for piece in found) == "Hello"

    async def test_a_name_alone_is_no_question(self, hello: ReplayServer) -> None:
        space = SPACE.at(hello.url)
        for name in (None, SPACE.default_model, *SPACE.models):
            with pytest.raises(errors.MessagesError):
                space.create_async_generator(name)

    def test_no_traceback_shows_a_login(self) -> None:
        with pytest.raises(TypeError) as caught:
            SPACE.create_async_generator("Hi", auth=("ada", "hunter2"), nothing=1)  # type: ignore[call-arg]
        told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [each for each in told.stack if "/spacechat/" in each.filename]
        assert ours
        assert not any("hunter2" in repr(frame.locals) for frame in ours)

    async def test_it_gives_itself(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(HI)
        assert await generator is generator
        assert generator.generator is generator
        assert aiter(generator) is generator
        assert hello.accepted == 0
        assert [piece async for piece in await (await generator).generator] == ["Hel", "lo"]
        assert [piece async for piece in generator] == []
        await until(lambda: hello.open == 0)

    async def test_block(self, slow: LocalSpace) -> None:
        P = SPACE.at(slow.url)
        async with P.create_async_generator(HI) as generator:
            async for piece in generator:
                assert piece == "ha "
                break
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1

    async def test_after_its_end_there_are_no_more_pieces(self, slow: LocalSpace) -> None:
        generator = SPACE.at(slow.url).create_async_generator(HI)
        assert await generator.__anext__() == "ha "
        await generator.aclose()
        with pytest.raises(StopAsyncIteration):
            for _ in range(100):  # Pieces may have been read already.
                await generator.__anext__()

    async def test_aclosing(self, slow: LocalSpace) -> None:
        generator = SPACE.at(slow.url).create_async_generator(HI)
        async with contextlib.aclosing(generator):
            assert await generator.__anext__() == "ha "
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1
        await generator.aclose()
        assert len(cancels(slow)) == 1

    async def test_cancelled(self, slow: LocalSpace) -> None:
        with anyio.CancelScope() as scope:
            async for _ in SPACE.at(slow.url).create_async_generator(HI):
                scope.cancel()
        assert scope.cancelled_caught
        await until(lambda: slow.active == 0)
        assert len(cancels(slow)) == 1

    async def test_error(self) -> None:
        with ReplayServer(gradio(generating(*pairs("Hel")), failed("boom"))) as server:
            found = []
            with pytest.raises(errors.GenerationError, match="boom") as caught:
                async for piece in SPACE.at(server.url).create_async_generator(HI):
                    found.append(piece)  # noqa: PERF401 - what came before the error counts
            assert found == ["Hel"]
            assert caught.value.partial_text == "Hel"
            await until(lambda: server.open == 0)

    async def test_settings(self, hello: ReplayServer) -> None:
        generator = SPACE.at(hello.url).create_async_generator(
            HI, token="hf_x", headers={"x-test": "1"}, timeout=60
        )
        assert [piece async for piece in generator] == ["Hel", "lo"]
        for request in hello.requests:
            assert request.header("authorization") == "Bearer hf_x"
            assert request.header("x-test") == "1"

    async def test_timeout(self) -> None:
        with ReplayServer(gradio(generating(*pairs("a")), Then.HANG)) as server:
            generator = SPACE.at(server.url).create_async_generator(HI, timeout=Timeout(idle=0.1))
            with pytest.raises(errors.StreamTimeoutError):
                async for _ in generator:
                    pass

    async def test_proxy(self, hello: ReplayServer) -> None:
        """The proxy is asked for the Space's address; here it answers itself."""
        space = SPACE.at("http://space.invalid")
        generator = space.create_async_generator(messages=HI, proxy=hello.url)
        assert [piece async for piece in generator] == ["Hel", "lo"]
        assert hello.lines[0] == "POST http://space.invalid/queue/join? HTTP/1.1"

    async def test_no_proxy_there(self, nobody: str) -> None:
        space = SPACE.at("http://space.invalid")
        generator = space.create_async_generator(messages=HI, proxy=nobody)
        with pytest.raises(errors.SpaceUnavailableError):
            await generator.__anext__()

    @pytest.mark.parametrize("proxy", ["nonsense", "ftp://127.0.0.1", "http://[", ""])
    async def test_a_proxy_that_is_none(self, hello: ReplayServer, proxy: str) -> None:
        generator = SPACE.at(hello.url).create_async_generator(messages=HI, proxy=proxy)
        with pytest.raises(errors.SpaceChatError):
            await generator.__anext__()
        assert hello.accepted == 0
