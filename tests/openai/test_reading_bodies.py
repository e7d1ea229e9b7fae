"""Bodies of requests as they come, and how large they may be."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import anyio
import pytest

from spacechat.openai.admission import Head
from spacechat.openai.api import Api
from spacechat.openai.bodies import Body
from spacechat.openai.bounds import Bounds
from spacechat.openai.intake import Intake, Weighed
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal
from spacechat.openai.weight import weight

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

BOUNDS = Bounds(body=1000, files=4000)
TOO_LARGE = (
    "The body, with what was said before it, is larger than 1,000 bytes, or its files take more "
    "than 4,000 as base64: send less."
)


class Coming:
    """A request whose body comes in parts; a part that is None never comes."""

    def __init__(self, parts: Iterable[bytes | None], seconds: float = 0.0) -> None:
        self.received = 0
        self._parts = iter(parts)
        self._seconds = seconds

    async def receive(self) -> Any:
        part = next(self._parts, b"")
        self.received += 1
        await anyio.sleep(self._seconds if part is not None else 60)
        return {"type": "http.request", "body": part, "more_body": part != b""}


def head(length: int | None = None, path: bytes = b"/v1/chat/completions") -> Head:
    if length is None:
        return Head("POST", path, [(b"transfer-encoding", b"chunked")])
    return Head("POST", path, [(b"content-length", str(length).encode())])


async def read(coming: Coming, length: int | None = None) -> Body:
    intake = Intake(Api(None), BOUNDS)
    body = intake.body()
    with anyio.fail_after(30):
        await intake.read(head(length), coming.receive, body)
    return body


async def refused(coming: Coming, length: int | None = None) -> tuple[int, str, str | None]:
    with pytest.raises(Refusal) as caught:
        await read(coming, length)
    error = caught.value.error
    return caught.value.status, error.message, error.code


@pytest.mark.parametrize("parts", [[], [b"a"], [b"ab", b"c"], [b"x" * 5000]])
async def test_a_body_in_parts(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    for length in (None, len(whole)):
        body = await read(Coming(parts), length)
        assert (body.data, body.size) == (whole, len(whole))


async def test_the_smallest_message_of_a_server() -> None:
    intake = Intake(Api(None), BOUNDS)
    body = intake.body()

    messages = iter([{"type": "http.request"}])

    async def receive() -> Any:
        return next(messages)

    await intake.read(head(0), receive, body)
    assert (body.data, [*messages]) == (b"", [])


async def test_a_body_that_is_said_to_be_too_large() -> None:
    """Nothing of it is read."""
    coming = Coming([b"x"])
    assert await refused(coming, 5001) == (413, TOO_LARGE, "request_too_large")
    assert coming.received == 0
    assert (await read(Coming([b"x" * 5000]), 5000)).size == 5000


async def test_a_body_that_gets_too_large() -> None:
    coming = Coming([b"x" * 5000, b"x", b"more"])
    assert await refused(coming) == (413, TOO_LARGE, "request_too_large")
    assert coming.received == 2


@pytest.mark.parametrize("parts", [[None], [b"a", None]])
async def test_a_body_that_does_not_come(
    monkeypatch: pytest.MonkeyPatch, parts: list[bytes | None]
) -> None:
    monkeypatch.setattr("spacechat.openai.intake._BODY_SECONDS", 0.02)
    late = (408, "The body did not come in time.", "request_timeout")
    assert await refused(Coming(parts)) == late


async def test_a_body_that_comes_too_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.openai.intake._BODY_SECONDS", 0.1)
    coming = Coming([b"x" * 100] * 51, 0.02)
    assert (await refused(coming))[0] == 408


async def test_a_client_that_goes_away() -> None:
    intake = Intake(Api(None), BOUNDS)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(Refusal, match="did not come in time"):
        await intake.read(head(5), receive, intake.body())


async def weighed(data: bytes, bounds: Bounds = BOUNDS) -> tuple[Intake, Body, Weighed]:
    intake = Intake(Api(None), bounds)
    body = intake.body()
    await body.add(data)
    body.complete()
    return intake, body, await intake.weigh(head(), body)


async def parsed(data: bytes, bounds: Bounds = BOUNDS) -> object:
    intake, body, known = await weighed(data, bounds)
    async with intake.parsed(head(), body, known) as asked:
        assert body.data == b""  # Its memory is free for others.
        return asked


def said(text: str) -> bytes:
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": "qwen-2.5", "messages": messages}).encode()


async def test_what_is_known_before_a_body_is_parsed() -> None:
    data = said("x" * 900)
    _, _, known = await weighed(data)
    assert (known.texts, known.files, known.streamed) == (weight(data, 0), 0, False)
    data = b'{"stream": true, "file": "%s"}' % (b"A" * 3000)
    _, _, known = await weighed(data)
    assert (known.files, known.streamed) == (3002, True)
    assert known.texts == weight(data[:-3002], 0)


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
async def test_how_much_may_be_said(size: int, fits: bool) -> None:
    data = said("").replace(b'"content": ""', b'"content": "%s"' % (b"?" * (size - len(said("")))))
    assert len(data) == size
    if fits:
        assert isinstance(await parsed(data), Question)
    else:
        with pytest.raises(Refusal) as caught:
            await parsed(data)
        assert (caught.value.status, caught.value.error.message) == (413, TOO_LARGE)


@pytest.mark.parametrize(("size", "fits"), [(1100, True), (1101, False)])
async def test_a_text_that_looks_like_a_file(size: int, fits: bool) -> None:
    bounds = Bounds(body=1100, files=4000)
    if fits:
        assert isinstance(await parsed(said("A" * size), bounds), Question)
    else:
        with pytest.raises(Refusal) as caught:
            await parsed(said("A" * size), bounds)
        assert caught.value.status == 413


LARGE = Bounds(body=1 << 20, files=4000)


async def test_a_large_body() -> None:
    """It is read in a thread, and refused as a small one is."""
    with anyio.fail_after(5):
        found = await parsed(said("x" * 200_000), LARGE)
        assert isinstance(found, Question)
        assert found.messages == [{"role": "user", "content": "x" * 200_000}]
        with pytest.raises(Refusal) as caught:
            await parsed(said("x" * 200_000)[:-1], LARGE)
    assert caught.value.status == 400


async def test_large_bodies_are_read_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api(None)
    recall, running = api.recall, [0]
    at_once: list[int] = []

    def watched(*given: Any) -> Any:
        running[0] += 1
        at_once.append(running[0])
        time.sleep(0.02)
        running[0] -= 1
        return recall(*given)

    monkeypatch.setattr(api, "recall", watched)
    intake = Intake(api, LARGE)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                body = intake.body()
                await body.add(said("x" * 200_000))
                body.complete()
                group.start_soon(intake.weigh, head(), body)
    assert at_once == [1, 1, 1]
