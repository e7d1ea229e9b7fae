"""Recordings through the whole HTTP path, with the bytes cut at every place where they can be.

The bytes come from a network of the tests' own, since a real socket may join what was sent apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

import spacechat
from spacechat import errors, events
from spacechat.protocol import StreamMachine
from tests.recordings import Recording, recordings
from tests.servers.memory import SPACE, Network, Wire, event_id, named, responses, shortened

pytestmark = pytest.mark.anyio

Outcome = tuple[list[events.Event], str, Any]


def expected(recording: Recording) -> Outcome:
    """What the state machine makes of the messages, given whole."""
    machine = StreamMachine(event_id=event_id(recording))
    found: list[events.Event] = []
    try:
        for payload in recording.messages:
            found += machine.receive(payload)
        machine.receive_eof()
    except errors.SpaceChatError as exc:
        return found, machine.text, (type(exc), str(exc), exc.partial_text)
    return found, machine.text, None


async def outcome(network: Network, client: spacechat.AsyncClient, wire: Wire) -> Outcome:
    """What the client makes of the bytes of a connection."""
    network.wires.append(wire)
    stream = client.stream("What is the capital of France?", provider=SPACE)
    found: list[events.Event] = []
    try:
        async for event in stream.events():
            found.append(event)  # noqa: PERF401 - what came before an error counts
    except errors.SpaceChatError as exc:
        return found, stream.text, (type(exc), str(exc), exc.partial_text)
    assert network.wires == []
    return found, stream.text, None


def bytewise(data: bytes) -> Iterator[bytes]:
    return (data[index : index + 1] for index in range(len(data)))


@pytest.mark.parametrize("recording", recordings(), ids=str)
async def test_whole(recording: Recording, network: Network) -> None:
    join, stream = responses(recording)
    async with spacechat.AsyncClient() as client:
        found = await outcome(network, client, Wire([[join], [stream]]))
    assert found == expected(recording)


@pytest.mark.parametrize("recording", recordings(), ids=str)
async def test_byte_by_byte(recording: Recording, network: Network) -> None:
    join, stream = responses(recording)
    async with spacechat.AsyncClient() as client:
        found = await outcome(network, client, Wire([bytewise(join), bytewise(stream)]))
    assert found == expected(recording)


@pytest.mark.parametrize(
    "name", ["4.44.1-single", "4.44.1-pairs", "5.50.0-messages", "4.44.1-million"]
)
async def test_in_two_at_every_place(name: str, network: Network, runs_on: str) -> None:
    """One cut in each exchange, on asyncio: at every place of one, at every third of others."""
    recording = shortened(named(name))
    join, stream = responses(recording)
    wanted = expected(recording)
    assert wanted[2] is None
    step = (1 if name == "4.44.1-pairs" else 3) if runs_on == "asyncio" else 97
    async with spacechat.AsyncClient() as client:
        for place in range(1, len(join), step):
            wire = Wire([[join[:place], join[place:]], [stream]])
            assert await outcome(network, client, wire) == wanted, f"join cut at {place}"
        for place in range(1, len(stream), step):
            wire = Wire([[join], [stream[:place], stream[place:]]])
            assert await outcome(network, client, wire) == wanted, f"stream cut at {place}"


@pytest.mark.parametrize(
    "name",
    [
        "4.44.1-fails_mid",
        "5.50.0-chat_interface",
        "5.50.0-rewrite",
        "6.31.0-pairs_dict",
        "6.31.0-million",
        "6.31.0-thinking",
    ],
)
async def test_whole_recordings_cut_at_every_place(name: str, network: Network) -> None:
    """Many cuts in each exchange, so that all of them together are at every place."""
    recording = named(name)
    join, stream = responses(recording)
    wanted = expected(recording)
    apart = 11
    async with spacechat.AsyncClient() as client:
        for offset in range(apart):
            wire = Wire([cut(join, offset, apart), cut(stream, offset, apart)])
            assert await outcome(network, client, wire) == wanted, f"cut at {offset} + n * {apart}"


def cut(data: bytes, offset: int, apart: int) -> list[bytes]:
    """Cuts at `offset`, `offset + apart` and so on."""
    places = [0, *range(offset, len(data), apart), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places) if a < b]


def test_the_recordings_hold_what_is_hard() -> None:
    """Characters of two, three and four bytes; every version; a failure and a rewrite."""
    texts = "".join(recording.body.decode() for recording in recordings())
    assert {len(char.encode()) for char in texts} >= {1, 3, 4}
    assert {recording.version for recording in recordings()} == {"4.44.1", "5.50.0", "6.31.0"}
    assert {"fails_mid", "rewrite"} <= {recording.case for recording in recordings()}
