"""A network in memory, for tests that need to say which bytes arrive together."""

from __future__ import annotations

import dataclasses
import json
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

import httpcore
import httpx
import pytest

from spacechat import providers
from tests.recordings import Recording, recordings
from tests.servers import EVENTS_HEAD, LAST_CHUNK, chunk, response

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: no test needs it, httpx wants it


class Wire(httpcore.AsyncNetworkStream):
    """A connection: each request is answered with the next response, in the pieces given.

    After the last one, it ends.
    """

    def __init__(self, responses: Iterable[Iterable[bytes]]) -> None:
        self._responses = deque(responses)
        self._pieces: Iterator[bytes] = iter(())
        self._left = b""
        self._asked = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._asked:
            assert next(self._pieces, None) is None, "the next request came too early"
            self._asked = False
            self._pieces = iter(self._responses.popleft())
        if not self._left:
            self._left = next(self._pieces, b"")
        piece, self._left = self._left[:max_bytes], self._left[max_bytes:]
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._asked = True

    async def aclose(self) -> None:
        self._pieces = iter(())

    def get_extra_info(self, info: str) -> Any:
        return not self._responses if info == "is_readable" else None


class Network(httpcore.AsyncNetworkBackend):
    """A network whose every connection is the next of those given; then, nobody is there."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        if not self.wires:
            raise httpcore.ConnectError("nobody is there")
        return self.wires.pop(0)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("there is nothing to wait for")


def install(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Lets a network in memory stand in for the real one."""
    found = Network()

    class Transport(httpx.AsyncHTTPTransport):
        def __init__(self) -> None:
            super().__init__(verify=NO_TLS)
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=NO_TLS, network_backend=found, max_connections=2
            )

    real_client = httpx.AsyncClient
    monkeypatch.setattr(
        "spacechat.transport.connection.httpx.AsyncClient",
        lambda **settings: real_client(**{**settings, "transport": Transport()}, trust_env=False),
    )
    return found


class Anything(providers.Qwen_Qwen_2_72B):
    """A Space whose answer is in whichever output looks like a chat."""

    output: ClassVar[int | None] = None
    shows_chat = False


SPACE = Anything.at("http://space.invalid")


def event_id(recording: Recording) -> str:
    found = [json.loads(message).get("event_id") for message in recording.messages]
    return str(next(id_ for id_ in found if id_))


def responses(recording: Recording) -> tuple[bytes, bytes]:
    """What a server would send for a recording: the join's answer, and the event stream."""
    join = response(json.dumps({"event_id": event_id(recording)}).encode())
    blocks = recording.body.split(b"\n\n")
    assert blocks.pop() == b""
    chunks = b"".join(chunk(block + b"\n\n") for block in blocks)
    return join, EVENTS_HEAD + chunks + LAST_CHUNK


def named(name: str) -> Recording:
    return next(one for one in recordings() if str(one) == name)


def shortened(recording: Recording) -> Recording:
    """The first output, an edit, and the final output, which brings the rest of the answer."""
    blocks = [block + b"\n\n" for block in recording.body.split(b"\n\n") if block]
    outputs = [block for block in blocks if b'"process_generating"' in block]
    final = [block for block in blocks if b'"process_completed"' in block]
    return dataclasses.replace(recording, body=b"".join([*outputs[:2], *final]))


def mock(
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[httpx.Request], Any],
) -> None:
    """Lets `answer` stand in for the network."""
    real_client = httpx.AsyncClient

    def client(**settings: Any) -> httpx.AsyncClient:
        del settings["proxy"]
        settings["transport"] = httpx.MockTransport(answer)
        return real_client(trust_env=False, **settings)

    monkeypatch.setattr("spacechat.transport.connection.httpx.AsyncClient", client)
