"""What can go wrong with a stream, as an error that tells it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from spacechat import AsyncClient, errors, events, providers
from spacechat.local import LocalSpace
from spacechat.providers import Question
from tests.conftest import EITHER_TRANSPORT
from tests.leaving import endless
from tests.samples import PIECES, SPACE
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Answer,
    Part,
    ReplayServer,
    Then,
    always,
    appended,
    chunk,
    failed,
    generating,
    gradio,
    message,
    pairs,
    response,
    until,
)
from tests.servers.gradio import ENDING

pytestmark = [pytest.mark.anyio, EITHER_TRANSPORT]


class TestFailures:
    """What can go wrong, as an error that tells it."""

    @staticmethod
    async def failure(answer: Answer) -> errors.SpaceChatError:
        """Asks a server; returns the error. The connection must be gone then."""
        with ReplayServer(answer) as server:
            async with AsyncClient(retries=0) as client:
                with pytest.raises(errors.SpaceChatError) as caught:
                    await client.ask("Hi", provider=SPACE.at(server.url))
            await until(lambda: server.open == 0)
        return caught.value

    async def test_refused_connection(self, nobody: str) -> None:
        async with AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError) as caught:
                await client.ask("Hi", provider=SPACE.at(nobody))
        assert nobody in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            ("401 Unauthorized", b'{"error":"Invalid token"}', errors.AuthenticationError),
            ("403 Forbidden", b"", errors.AuthenticationError),
            ("404 Not Found", b'{"detail":"Not Found"}', errors.SpaceUnavailableError),
            ("500 Internal Server Error", b"Internal Server Error", errors.SpaceUnavailableError),
            ("502 Bad Gateway", b"<html>", errors.SpaceUnavailableError),
            (
                "503 Service Unavailable",
                b"<h1>Starting</h1>",
                errors.SpaceUnavailableError,
            ),
            (
                "503 Service Unavailable",
                b'{"detail":"Queue is full. Max size is 1 and size is 1."}',
                errors.QueueFullError,
            ),
            ("429 Too Many Requests", b"slow down", errors.RateLimitError),
            ("422 Unprocessable Entity", b'{"detail":[{"loc":1}]}', errors.ProtocolError),
            ("307 Temporary Redirect", b"", errors.SpaceUnavailableError),
        ],
    )
    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_status(
        self, status: str, body: bytes, kind: type[errors.SpaceChatError], where: str
    ) -> None:
        found = await self.failure(gradio(**{where: always(response(body, status))}))
        assert type(found) is kind
        assert status.split(maxsplit=1)[0] in str(found)
        assert "<" not in str(found)
        assert "127.0.0.1" in str(found)

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ({"retry_after": "17"}, 17.0),
            ({"retry_after": "0"}, 0.0),
            ({}, None),
            ({"retry_after": "soon"}, None),
            ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ],
    )
    async def test_retry_after(self, headers: dict[str, str], expected: float | None) -> None:
        answer = always(response(b"", "429 Too Many Requests", **headers))
        found = await self.failure(answer)
        assert isinstance(found, errors.RateLimitError)
        assert found.retry_after == expected

    async def test_retry_after_as_a_date(self) -> None:
        then = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
        found = await self.failure(always(response(b"", "429 Slow", retry_after=then)))
        assert isinstance(found, errors.RateLimitError)
        assert found.retry_after is not None
        assert 40 <= found.retry_after <= 101

    async def test_queue_full_at_the_local_space(self) -> None:
        space = LocalSpace("qwen-2-72b", endless, delay=0.005, concurrency=1, max_queue=1)
        async with space, AsyncClient(retries=0) as client:
            provider = SPACE.at(space.url)
            async with (
                client.stream("1", provider=provider) as first,
                client.stream("2", provider=provider) as second,
            ):
                await first.__anext__()
                assert isinstance(await second.next_event(), events.Queued)
                with pytest.raises(errors.QueueFullError, match="full"):
                    await client.ask("3", provider=provider)

    @pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
    async def test_html_for_an_event_stream(self, status: str) -> None:
        page = b"<html><head><style>x{}</style></head><body><h1>Sign in</h1></body></html>"
        found = await self.failure(gradio(data=always(response(page, status, "text/html"))))
        if status == "200 OK":
            assert type(found) is errors.ProtocolError
            assert "text/html" in str(found)
        assert "Sign in" in str(found)
        assert "<" not in str(found)
        assert "x{}" not in str(found)

    @pytest.mark.parametrize(
        "body", [b"<html>hello</html>", b"", b"null", b"{}", b'{"event_id":7}', b"[" * 100_000]
    )
    async def test_join_that_names_no_event(self, body: bytes) -> None:
        found = await self.failure(gradio(join=always(response(body))))
        assert type(found) is errors.ProtocolError

    @pytest.mark.parametrize("complete", [True, False])
    async def test_cut_in_the_middle(self, complete: bool) -> None:
        """The body ends before the answer does, as a chunked body should or by a cut."""
        ending: list[Part] = [] if complete else [Then.CLOSE]
        found = await self.failure(gradio(*ENDING, *ending))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_cut_inside_a_message(self) -> None:
        half = chunk(generating(*appended("你好")))[:-12]
        answer = gradio(
            data=always(EVENTS_HEAD, chunk(generating(*pairs("Hel"))), half, Then.CLOSE)
        )
        found = await self.failure(answer)
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hel"

    @pytest.mark.parametrize("where", ["predict", "join", "data"])
    async def test_cut_before_an_answer(self, where: str) -> None:
        with ReplayServer(gradio(**{where: always(Then.CLOSE)})) as server:
            async with AsyncClient(retries=0) as client:
                with pytest.raises(errors.SpaceUnavailableError):
                    await client.ask("Hi", provider=providers.Qwen_Qwen_2_5M.at(server.url))

    async def test_not_http(self) -> None:
        found = await self.failure(always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Then.CLOSE))
        assert isinstance(found, errors.SpaceChatError)

    async def test_close_stream_too_early(self) -> None:
        found = await self.failure(gradio(*ENDING, CLOSE_STREAM))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_cancelled_at_the_space(self) -> None:
        ended = message("process_completed", output={}, success=True)
        found = await self.failure(gradio(*ENDING, ended, CLOSE_STREAM))
        assert type(found) is errors.StreamInterruptedError
        assert found.partial_text == "Hello"

    async def test_failed_generation(self) -> None:
        found = await self.failure(gradio(*ENDING, failed("<b>CUDA</b> out of memory")))
        assert type(found) is errors.GenerationError
        assert "CUDA out of memory" in str(found)
        assert found.partial_text == "Hello"

    async def test_hidden_failure(self) -> None:
        found = await self.failure(gradio(failed(None)))
        assert type(found) is errors.GenerationError

    async def test_quota(self) -> None:
        text = "You have exceeded your GPU quota. <a href='x'>Try</a> again. Try again in 0:01:40"
        found = await self.failure(gradio(*ENDING, failed(text)))
        assert isinstance(found, errors.QuotaExceededError)
        assert found.retry_after == 100
        assert "<" not in str(found)
        assert found.partial_text == "Hello"

    async def test_garbage_in_the_stream(self) -> None:
        found = await self.failure(gradio(*ENDING, b"data: <html>\n\n"))
        assert type(found) is errors.ProtocolError
        assert found.partial_text == "Hello"

    async def test_unknown_session(self) -> None:
        class Forgetful(providers.Qwen_Qwen_2_72B):
            """Asks for the events of a session that the server does not have."""

            events_path = "/queue/data?session_hash=unknown&also="

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.StreamInterruptedError, match="session"):
                await client.ask("Hi", provider=Forgetful.at(space.url))

    async def test_wrong_function(self) -> None:
        class Wrong(providers.Qwen_Qwen_2_72B):
            fn_index = 7

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError, match="500"):
                await client.ask("Hi", provider=Wrong.at(space.url), repair=False)

    async def test_wrong_inputs(self) -> None:
        class Wrong(providers.Qwen_Qwen_2_72B):
            @classmethod
            def data(cls, question: Question) -> list[object]:
                return [question.prompt]

        async with LocalSpace("qwen-2-72b", PIECES) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.GenerationError, match="inputs"):
                await client.ask("Hi", provider=Wrong.at(space.url), repair=False)

    async def test_reply_that_fails_midway(self) -> None:
        def reply(_: object) -> Iterator[str]:
            yield "Hel"
            yield "lo"
            raise RuntimeError("<i>boom</i>")

        async with LocalSpace("qwen-2-72b", reply) as space, AsyncClient(retries=0) as client:
            with pytest.raises(errors.GenerationError, match="boom") as caught:
                await client.ask("Hi", provider=SPACE.at(space.url))
        assert caught.value.partial_text == "Hello"

    async def test_no_pieces_after_an_error(self) -> None:
        with ReplayServer(gradio(*ENDING, failed("boom"))) as server:
            async with AsyncClient(retries=0) as client:
                stream = client.stream("Hi", provider=SPACE.at(server.url))
                with pytest.raises(errors.GenerationError):
                    await stream.reply()
                assert stream.text == "Hello"
                assert [piece async for piece in stream] == []
                with pytest.raises(errors.StreamInterruptedError):
                    await stream.reply()
