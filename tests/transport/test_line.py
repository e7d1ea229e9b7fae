"""What a line does with a connection that waited, and which one it leaves to the next."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from spacechat.settings import Settings, Timeout
from spacechat.transport import line as lines
from spacechat.transport.deadline import Deadline
from spacechat.transport.first_read import FirstRead
from spacechat.transport.idle import Idle
from spacechat.transport.line import Line

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

URL = "http://space.test"
KEEPS = {"content-length": "2"}


class Stream:
    """A connection, on which the next read brings something.

    Attributes:
        brings: What it brings.
        tls: What the HTTP library gives as its TLS.
    """

    def __init__(self, brings: bytes = b"HTTP/1.1", tls: Any = None) -> None:
        self.brings = brings
        self.tls = tls

    def get_extra_info(self, info: str) -> Any:
        return self.tls if info == "ssl_object" else None

    async def read(self) -> bytes:
        return self.brings


Answer = Callable[["Client", httpx.Request], Awaitable[httpx.Response]]


class Client:
    """The HTTP library's client, with one connection.

    Attributes:
        asked: The requests.
        closed: How often it was closed.
        stream: Its connection.
        answers: Its answers, each to one request.
    """

    def __init__(self, *answers: Answer, stream: Stream | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self.closed = 0
        self.stream = stream or Stream()
        self.answers = [*answers]
        self.headers: Any = {}
        self.timeout: Any = None
        self.cookies = httpx.Cookies({"a": "theirs"})

    async def send(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        assert stream
        self.asked.append(request)
        return await self.answers.pop(0)(self, request)

    async def aclose(self) -> None:
        self.closed += 1


class Kept:
    """The connections that wait: one, or none.

    Attributes:
        idle: The one.
        left: What was left to wait.
    """

    def __init__(self, idle: Idle | None = None) -> None:
        self.idle = idle
        self.left: list[Idle] = []

    def take(self, _: object) -> Idle | None:
        return self.idle

    async def keep(self, idle: Idle) -> None:
        self.left.append(idle)


def answers(
    status: int = 200, *, reads: bool = True, version: bytes = b"HTTP/1.1", **headers: str
) -> Answer:
    """An answer; `reads` says whether a read of the connection brought it."""

    async def answer(client: Client, request: httpx.Request) -> httpx.Response:
        b"".join([part async for part in request.stream])  # type: ignore[union-attr]
        if reads:
            await client.stream.read()
        said = {name.replace("_", "-"): value for name, value in headers.items()} or KEEPS
        extensions = {"network_stream": client.stream, "http_version": version}
        return httpx.Response(status, headers=said, extensions=extensions)

    return answer


def fails(error: Exception, *, reads: bool = True, sends: bool = True) -> Answer:
    async def answer(client: Client, request: httpx.Request) -> httpx.Response:
        if sends:
            b"".join([part async for part in request.stream])  # type: ignore[union-attr]
        if reads:
            await client.stream.read()
        raise error

    return answer


def is_same(one: object, other: object) -> bool:
    return one is other


class Case:
    """A line, the client whose connection waited for it, and the one that is opened for it next."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        waiting: Client | None,
        *following: Answer,
        url: str = URL,
        since: float = 0.0,
        settings: Settings | None = None,
        idle_timeout: Timeout | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.next = Client(*following)
        self.cookies: list[Any] = []
        settings = settings or Settings()
        timeout = idle_timeout or settings.timeout
        idle = None
        if waiting is not None:
            at = time.monotonic() - since
            client: Any = waiting
            idle = Idle(client, {"x": "1"}, "key", waiting.stream, at, timeout=timeout)
        self.kept = Kept(idle)

        def open_client(*_: Any, cookies: Any = None, **__: Any) -> Client:
            self.cookies.append(cookies)
            return self.next

        monkeypatch.setattr(lines, "open_client", open_client)
        kept: Any = self.kept
        self.line = Line(
            httpx.URL(url), settings, headers or {}, kept, Deadline(math.inf, None), anonymous=False
        )

    async def send(self, *, may_repeat: bool = True) -> httpx.Response:
        request = httpx.Request("POST", URL, content=b"question")
        return await self.line.send(request, may_repeat=may_repeat)


class TestOneThatWaited:
    async def test_it_is_made_the_lines_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has the line's headers and timeouts, and nobody's cookies."""
        waiting = Client(answers())
        settings = Settings(timeout=Timeout(connect=1, idle=2))
        case = Case(
            monkeypatch,
            waiting,
            settings=settings,
            idle_timeout=Timeout(),
            headers={"referer": "http://space.test/page"},
        )
        assert is_same(case.line.client, waiting)
        assert waiting.headers["referer"] == "http://space.test/page"
        assert (waiting.timeout.connect, waiting.timeout.read) == (1, 2)
        assert not waiting.cookies
        assert not case.cookies, "none was opened"
        assert (await case.send()).status_code == 200
        assert len(waiting.asked) == 1
        assert waiting.asked[0].extensions["deadline"] == math.inf

    @pytest.mark.parametrize(
        ("since", "may_repeat", "is_used"),
        [(0, False, True), (30, False, False), (30, True, True)],
    )
    async def test_for_how_long(
        self, since: float, may_repeat: bool, is_used: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What must not be asked twice goes over one that is surely open."""
        waiting = Client(answers())
        case = Case(monkeypatch, waiting, answers(reads=False), since=since)
        await case.send(may_repeat=may_repeat)
        assert len(waiting.asked) == is_used
        assert len(case.next.asked) == (not is_used)
        assert waiting.closed == (not is_used)

    @pytest.mark.parametrize(
        ("url", "tls", "holds", "is_used"),
        [
            ("https://space.test", "tls", True, False),
            ("https://space.test", "tls", False, True),
            ("https://space.test", None, True, True),
            ("http://space.test", "tls", True, True),
        ],
    )
    async def test_what_tls_holds(
        self,
        url: str,
        tls: str | None,
        holds: bool,
        is_used: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Bytes that nobody asked for would be taken for the answer."""
        monkeypatch.setattr(lines, "holds_more", lambda _: holds)
        waiting = Client(answers(), stream=Stream(tls=tls))
        case = Case(monkeypatch, waiting, answers(reads=False), url=url)
        await case.send()
        assert len(waiting.asked) == is_used


BROKE = [httpx.ReadError("x"), httpx.RemoteProtocolError("Server disconnected")]


class TestOneThatHadEnded:
    @pytest.mark.parametrize("error", BROKE)
    async def test_it_is_asked_again(
        self, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        waiting = Client(fails(error), stream=Stream(b""))
        case = Case(monkeypatch, waiting, answers())
        with caplog.at_level(logging.DEBUG, "spacechat"):
            assert (await case.send()).status_code == 200
        assert "the request goes over a new one" in caplog.text
        assert [each.content for each in case.next.asked] == [b"question"]
        assert case.cookies == [waiting.cookies]
        assert waiting.closed == 1
        assert case.line.is_sent

    @pytest.mark.parametrize("error", BROKE)
    @pytest.mark.parametrize(
        ("brings", "reads", "may_repeat"),
        [(b"", True, False), (b"H", True, True), (b"", False, True)],
    )
    async def test_but_not_where_it_may_have_done_what_was_asked(
        self,
        brings: bytes,
        reads: bool,
        may_repeat: bool,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        waiting = Client(fails(error, reads=reads), stream=Stream(brings))
        case = Case(monkeypatch, waiting, answers())
        with pytest.raises(type(error)):
            await case.send(may_repeat=may_repeat)
        assert not case.next.asked

    async def test_nor_after_another_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = Case(monkeypatch, Client(fails(httpx.ReadTimeout("x")), stream=Stream(b"")))
        with pytest.raises(httpx.ReadTimeout):
            await case.send()
        assert not case.next.asked

    @pytest.mark.parametrize("sends", [True, False])
    async def test_what_was_sent_counts_on_the_new_one(
        self, sends: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The Space may have had the question, whatever becomes of the other connection."""
        waiting = Client(fails(BROKE[0], sends=sends), stream=Stream(b""))
        case = Case(monkeypatch, waiting, fails(httpx.ConnectError("x"), sends=False, reads=False))
        with pytest.raises(httpx.ConnectError):
            await case.send()
        assert case.line.is_sent is sends

    @pytest.mark.parametrize("may_repeat", [True, False])
    async def test_an_answer_that_came_before_it_was_asked_for(
        self, may_repeat: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = Case(monkeypatch, Client(answers(201, reads=False)), answers(202))
        if may_repeat:
            assert (await case.send()).status_code == 202
        else:
            with pytest.raises(httpx.RemoteProtocolError, match="it had come before"):
                await case.send(may_repeat=False)
            assert not case.next.asked

    def test_a_connection_without_a_read_is_as_it_was(self) -> None:
        stream = Stream()
        before = {**vars(stream)}
        with FirstRead(stream) as first:
            pass
        assert vars(stream) == before
        assert not first.is_made

    async def test_an_answer_of_another_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The HTTP library has replaced it by itself."""

        async def replaced(client: Client, request: httpx.Request) -> httpx.Response:
            client.stream = Stream()
            return await answers(201, reads=False)(client, request)

        case = Case(monkeypatch, Client(replaced))
        assert (await case.send()).status_code == 201

    @pytest.mark.parametrize(
        ("status", "closes", "may_repeat", "is_repeated"),
        [
            (408, True, True, True),
            (408, True, False, False),
            (408, False, True, False),
            (200, True, True, False),
            (500, True, True, False),
        ],
    )
    async def test_a_server_that_waited_for_too_long(
        self,
        status: int,
        closes: bool,
        may_repeat: bool,
        is_repeated: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        connection = "close" if closes else "keep-alive"
        said = answers(status, connection=connection, content_length="0")
        case = Case(monkeypatch, Client(said), answers(202))
        found = await case.send(may_repeat=may_repeat)
        assert found.status_code == (202 if is_repeated else status)

    async def test_the_answer_that_does_not_count_is_closed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found: list[httpx.Response] = []

        async def late(client: Client, request: httpx.Request) -> httpx.Response:
            said = await answers(408, connection="close")(client, request)
            body = httpx.ByteStream(b"")
            found.append(
                httpx.Response(408, headers=said.headers, stream=body, extensions=said.extensions)
            )
            assert not found[0].is_closed
            return found[0]

        await Case(monkeypatch, Client(late), answers()).send()
        assert found[0].is_closed

    async def test_once_it_was_replaced_it_is_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the server says then, it says of this very request."""
        monkeypatch.setattr(lines, "holds_more", lambda _: True)
        waiting = Client(stream=Stream(tls="tls"))
        said = answers(408, connection="close", content_length="0")
        case = Case(monkeypatch, waiting, said, url="https://space.test")
        assert (await case.send()).status_code == 408
        assert len(case.next.asked) == 1

    async def test_a_new_one_is_not_replaced_before_it_is_used(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = Case(monkeypatch, None, answers())
        await case.send(may_repeat=False)
        assert len(case.cookies) == 1

    async def test_a_new_one_is_not_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = Case(monkeypatch, None, fails(BROKE[0]))
        case.next.stream.brings = b""
        with pytest.raises(httpx.ReadError):
            await case.send()
        case.next.answers = [answers(408, connection="close", content_length="0")]
        assert (await case.send()).status_code == 408
        case.next.answers = [answers(200, reads=False)]
        assert (await case.send()).status_code == 200
        assert len(case.cookies) == 1, "it was opened once"


class TestWhatIsSent:
    async def test_nothing_before_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not Case(monkeypatch, None).line.is_sent

    @pytest.mark.parametrize("sends", [True, False])
    async def test_of_the_newest_request(
        self, sends: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = httpx.ConnectError("x")
        case = Case(monkeypatch, None, answers(), fails(error, sends=sends, reads=False))
        await case.send()
        assert case.line.is_sent
        with pytest.raises(httpx.ConnectError):
            await case.send()
        assert case.line.is_sent is sends

    async def test_nothing_while_a_new_connection_is_made(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One that is too old is closed first: of the new request nothing has been sent."""
        waiting = Client(answers())
        case = Case(monkeypatch, waiting)
        await case.send()
        case.line.response_ended()
        monkeypatch.setattr(lines, "_SURE", -1.0)
        seen: list[bool] = []

        async def aclose() -> None:
            seen.append(case.line.is_sent)

        monkeypatch.setattr(waiting, "aclose", aclose)
        case.next.answers = [answers()]
        await case.send(may_repeat=False)
        assert seen == [False]


class TestWhatIsLeftToTheNext:
    @pytest.mark.parametrize(
        ("headers", "version", "is_kept"),
        [
            ({"content_length": "2"}, b"HTTP/1.1", True),
            ({"transfer_encoding": "chunked"}, b"HTTP/1.1", True),
            ({"content_length": "2", "connection": "keep-alive, x"}, b"HTTP/1.1", True),
            ({"content_length": "2", "connection": "x , Close"}, b"HTTP/1.1", False),
            ({"content_length": "2"}, b"HTTP/1.0", False),
            ({"x": "y"}, b"HTTP/1.1", False),
        ],
    )
    async def test_what_the_server_says(
        self,
        headers: dict[str, str],
        version: bytes,
        is_kept: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        said: dict[str, Any] = {**headers}
        case = Case(monkeypatch, None, answers(version=version, **said))
        before = time.monotonic()
        await case.send()
        case.line.response_ended()
        await case.line.aclose()
        assert (len(case.kept.left), case.next.closed) == (is_kept, not is_kept)
        for idle in case.kept.left:
            assert is_same(idle.client, case.next)
            assert idle.stream is case.next.stream
            assert before <= idle.since <= time.monotonic()
        await case.line.aclose()
        assert len(case.kept.left) + case.next.closed == 1, "that is done once"

    async def test_one_that_was_not_read_to_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = Case(monkeypatch, None, answers(), answers())
        await case.send()
        await case.send()
        case.line.response_ended()
        await case.line.aclose()
        assert (len(case.kept.left), case.next.closed) == (0, 1)

    async def test_one_on_which_a_request_is_under_way(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = Case(monkeypatch, Client(fails(httpx.ReadTimeout("x"))))
        with pytest.raises(httpx.ReadTimeout):
            await case.send()
        await case.line.aclose()
        assert not case.kept.left

    async def test_one_that_cannot_be_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A transport of others may not show its connection."""

        async def unseen(client: Client, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, headers=KEEPS, extensions={"http_version": b"HTTP/1.1"})

        case = Case(monkeypatch, None, unseen)
        await case.send()
        case.line.response_ended()
        await case.line.aclose()
        assert (len(case.kept.left), case.next.closed) == (0, 1)

    async def test_where_nothing_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = Case(monkeypatch, None, answers())
        line = Line(httpx.URL(URL), Settings(), {}, None, Deadline(math.inf, None), anonymous=False)
        await line.send(httpx.Request("GET", URL), may_repeat=True)
        line.response_ended()
        await line.aclose()
        assert case.next.closed == 1

    async def test_one_that_was_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waiting = Client()
        case = Case(monkeypatch, waiting, since=3)
        await case.line.aclose()
        (idle,) = case.kept.left
        assert is_same(idle.client, waiting)
        assert time.monotonic() - idle.since >= 3
        case = Case(monkeypatch, None)
        await case.line.aclose()
        assert (len(case.kept.left), case.next.closed) == (0, 1)

    async def test_nothing_is_sent_after_it_is_closed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = Case(monkeypatch, None, answers())
        await case.line.aclose()
        with pytest.raises(httpx.CloseError):
            await case.send()
        assert not case.next.asked


def reader(url: str = URL, **headers: str) -> bytes:
    settings = Settings(headers=headers, token="")
    return Line(
        httpx.URL(url), settings, {}, None, Deadline(math.inf, None), anonymous=False
    ).reader


def test_whose_credentials_a_line_carries() -> None:
    assert reader() == reader(**{"user-agent": "mine", "accept": "x"}) == b""
    found = [reader(cookie="a"), reader(cookie="b"), reader("http://me@space.test")]
    assert b"" not in found
    assert len({*found}) == 3
    assert reader(cookie="a") == found[0]
