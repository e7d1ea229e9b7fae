"""An exchange that ends at any byte: the right whole answer, or an error with exactly what came."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import spacechat
from spacechat import errors, providers
from spacechat.protocol import StreamMachine
from spacechat.steps import Response
from tests.recordings import Recording
from tests.servers import EVENTS_HEAD, LAST_CHUNK, Part, ReplayServer, Then, chunk, gradio, until
from tests.servers.memory import SPACE, Network, Wire, event_id, named, responses, shortened

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio", "trio")]

SHAPES = [
    "4.44.1-pairs",
    "4.44.1-plain",
    "5.50.0-pairs_dict",
    "5.50.0-messages",
    "6.31.0-messages",
    "6.31.0-thinking",
    "4.44.1-million",
    "5.50.0-rewrite",
]
FRAMINGS = ["chunked", "content-length", "until the end", "CRLF"]
PLAIN_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


@dataclass(frozen=True)
class Framed:
    """A response to a request for events.

    Attributes:
        data: The whole of it.
        head: How many bytes of it are the head.
        complete: For each number of bytes, how many messages are in them, with all that ends them.
    """

    data: bytes
    head: int
    complete: list[int]


def framed(recording: Recording, framing: str) -> Framed:
    """Puts a recorded stream into HTTP, in one of several ways."""
    ending = b"\r\n\r\n" if framing == "CRLF" else b"\n\n"
    blocks = [f"data: {message}".encode() + ending for message in recording.messages]
    head, last = EVENTS_HEAD, LAST_CHUNK
    if framing == "content-length":
        length = sum(map(len, blocks))
        head, last = PLAIN_HEAD + b"content-length: %d\r\n\r\n" % length, b""
    elif framing == "until the end":
        head, last = PLAIN_HEAD + b"\r\n", b""
    data, complete = head, [0] * len(head)
    for number, block in enumerate(blocks):
        part = block if last == b"" else chunk(block)
        # The carriage return ends the empty line; the line feed after it may come late.
        there = part.index(block) + len(block) - (framing == "CRLF")
        complete += [number] * there + [number + 1] * (len(part) - there)
        data += part
    return Framed(data + last, len(head), [*complete, *[len(blocks)] * (len(last) + 1)])


def texts(recording: Recording) -> list[str]:
    """The text after each number of messages."""
    machine = StreamMachine(event_id=event_id(recording))
    found = [machine.text]
    for payload in recording.messages:
        machine.receive(payload)
        found.append(machine.text)
    return found


async def ended(
    client: spacechat.AsyncClient, provider: type[providers.AsyncProvider]
) -> tuple[type | None, str]:
    """What a question comes to: the kind of the error, and the text."""
    stream = client.stream("Hi", provider=provider)
    found = ""
    failure: errors.SpaceChatError | None
    try:
        async for event in stream.events():
            if isinstance(event, spacechat.events.TextDelta):
                found += event.text
            elif isinstance(event, spacechat.events.TextReset):
                found = event.text
    except errors.SpaceChatError as exc:
        failure = exc
    else:
        failure = None
        assert (await stream.reply()).text == found
    assert stream.text == found
    if failure is None:
        return None, found
    assert failure.partial_text == found
    assert failure.temporary
    return type(failure), found


def wanted(stream: Framed, said: list[str], place: int) -> tuple[type | None, str]:
    """What a question should come to whose stream is cut after so many bytes."""
    count = stream.complete[place]
    if count == len(said) - 1:
        return None, said[-1]
    if place < stream.head:
        return errors.SpaceUnavailableError, ""
    return errors.StreamInterruptedError, said[count]


def share(count: int, runs_on: str) -> range:
    """Every other place, which is one event loop's to cut: together, they cut at all places."""
    return range(runs_on == "trio", count, 2)


async def test_stream_cut_at_every_byte(network: Network, runs_on: str) -> None:
    recording = shortened(named(SHAPES[0]))
    join, _ = responses(recording)
    stream, said = framed(recording, FRAMINGS[0]), texts(recording)
    async with spacechat.AsyncClient(retries=0) as client:
        for place in share(len(stream.data) + 1, runs_on):
            network.wires.append(Wire([[join], [stream.data[:place]]]))
            found = await ended(client, SPACE)
            assert found == wanted(stream, said, place), f"cut after {place}"
            assert network.wires == []


def around_the_ends(stream: Framed) -> list[int]:
    """All places near the end of a message, and every third one elsewhere.

    In the midst of a message nothing depends on the place, as one framing and one shape show.
    """
    ends = [place for place, count in enumerate(stream.complete) if count]
    ends = [place for place in ends if stream.complete[place - 1] != stream.complete[place]]
    near = {place + distance for place in ends for distance in range(-10, 6)}
    return sorted({*range(0, len(stream.data) + 1, 3), *near} & {*range(len(stream.data) + 1)})


OTHERS = [
    *[(name, FRAMINGS[0]) for name in SHAPES[1:]],
    *[(SHAPES[0], how) for how in FRAMINGS[1:]],
]


@pytest.mark.parametrize(("name", "framing"), OTHERS)
async def test_other_streams_cut_at_many_bytes(
    name: str, framing: str, network: Network, monkeypatch: pytest.MonkeyPatch, runs_on: str
) -> None:
    """Only the stream is read from bytes, which makes it quick.

    The event loops share the bytes, and both take those of the end of the first message.
    """
    recording = shortened(named(name))
    stream, said = framed(recording, framing), texts(recording)
    assert len(set(said)) > 1, "the text grows"

    async def fetch(*_: object, **__: object) -> Response:
        return Response(json.dumps({"event_id": event_id(recording)}).encode())

    monkeypatch.setattr("spacechat.transport.connection.Connection.fetch", fetch)
    first = stream.complete.index(1)
    every = around_the_ends(stream)
    places = {every[index] for index in share(len(every), runs_on)}
    async with spacechat.AsyncClient(retries=0) as client:
        for place in sorted(places | {*range(first - 20, first + 5)}):
            network.wires.append(Wire([[stream.data[:place]]]))
            found = await ended(client, SPACE)
            assert found == wanted(stream, said, place), f"cut after {place}"
            assert network.wires == []


async def test_join_cut_at_every_byte(network: Network, runs_on: str) -> None:
    recording = shortened(named(SHAPES[0]))
    join, stream = responses(recording)
    async with spacechat.AsyncClient(retries=0) as client:
        for place in share(len(join), runs_on):
            network.wires.append(Wire([[join[:place]]]))
            found = await ended(client, SPACE)
            assert found == (errors.SpaceUnavailableError, ""), f"cut after {place}"
        network.wires.append(Wire([[join], [stream]]))
        assert await ended(client, SPACE) == (None, texts(recording)[-1])


async def test_first_request_cut_at_every_byte(network: Network) -> None:
    """The 1M Space wants a plain request before the question."""
    recording = shortened(named("4.44.1-million"))
    space = providers.Qwen_Qwen_2_5M.at("http://space.invalid")
    first = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n" + b'{"data":[]}'
    async with spacechat.AsyncClient(retries=0) as client:
        for place in range(len(first)):
            network.wires.append(Wire([[first[:place]]]))
            found = await ended(client, space)
            assert found == (errors.SpaceUnavailableError, ""), f"cut after {place}"
    assert texts(recording)[-1] != ""


async def test_cut_over_a_real_socket() -> None:
    """At bytes from the head to the last chunk, with the end of the connection as it really is."""
    recording = shortened(named(SHAPES[0]))
    stream, said = framed(recording, FRAMINGS[0]), texts(recording)
    join, _ = responses(recording)
    place = 0

    def data(_: object) -> Iterator[Part]:
        yield stream.data[:place]
        yield Then.CLOSE

    started = time.monotonic()
    with ReplayServer(gradio(data=data, join=lambda _: [join])) as server:
        space = SPACE.at(server.url)
        async with spacechat.AsyncClient(retries=0) as client:
            for place in range(0, len(stream.data) + 1, 29):
                assert await ended(client, space) == wanted(stream, said, place), f"after {place}"
            await until(lambda: server.open == 0)
    assert time.monotonic() - started < 50
