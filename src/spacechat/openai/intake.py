"""The intake of requests: bodies are read and parsed as there is memory for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import anyio
import anyio.to_thread

from .admission import Head, refused
from .api import Api
from .bodies import Body, BodyRoom
from .bounds import Bounds
from .fields import is_streamed
from .http_response import HttpResponse
from .question import Question
from .refusals import Refusal
from .room import Room
from .stored_responses import Recalled
from .weight import FILE_KEPT, FILE_WEIGHT, HEAVIEST, TEXT_WEIGHT, file_bytes, weight

if TYPE_CHECKING:
    from starlette.types import Message, Receive

_BODY_SECONDS: Final = 30.0
"""Seconds that the parts of a body may take to come."""

_LARGE_BODY: Final = 128 << 10
"""Bytes of a body that is parsed in a thread of its own: it would hold up all other answers."""

_LIGHT: Final = 1 << 20
"""Bytes of memory that a question takes at most which waits for no heavier one."""

_T = TypeVar("_T")


class Weighed(NamedTuple):
    """What is known of a request before it is parsed.

    Attributes:
        recalled: What it takes from the stored responses.
        texts: Bytes of memory that its texts and values take, with what is recalled.
        files: Bytes of its files.
        streamed: Whether it asks for an answer piece by piece.
    """

    recalled: Recalled
    texts: int
    files: int
    streamed: bool


class Intake:
    """Reads and parses requests, within a bound of memory.

    A request takes memory twice: for its body from when it comes until it is parsed, then for its
    question (the messages and inputs) until the answer ends. Bodies share a `BodyRoom`. Questions
    share two rooms, by their weight, so that light ones don't wait while heavy ones do. What a
    request takes from the stored responses is weighed like a part of its body.

    Why none waits for ever: a question is in one of the two rooms, and while it holds its share it
    waits for no memory, only for its turn to be answered, and answers end. So each line for
    questions moves. A body waits for room for its question while it holds room of its own, never
    the other way round. So bodies get room for their questions, and end; and `BodyRoom` says why
    all of them come.

    Large bodies are weighed and parsed in a thread, one after another, and nothing is waited for in
    it.

    Args:
        api: The API's addresses and models.
        bounds: How much is taken at a time.
    """

    def __init__(self, api: Api, bounds: Bounds) -> None:
        self._api = api
        self._bounds = bounds
        self._largest = bounds.body + bounds.files

    # The event loop in which this is made may be another one than it runs in, even of another
    # kind. So what requests wait for is made when the first of them comes.

    @cached_property
    def _bodies(self) -> BodyRoom:
        return BodyRoom(max(self._bounds.memory // 5, self._largest), self._largest)

    @cached_property
    def _light(self) -> Room:
        return Room(max(self._bounds.memory // 5, _LIGHT))

    @cached_property
    def _heavy(self) -> Room:
        bounds = self._bounds
        heaviest = TEXT_WEIGHT * bounds.body + FILE_WEIGHT * bounds.files + HEAVIEST
        return Room(max(bounds.memory * 3 // 5, heaviest))

    @cached_property
    def _worker(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(1)

    def body(self) -> Body:
        """Return a body of which nothing has come."""
        return Body(self._bodies)

    async def read(self, head: Head, receive: Receive, body: Body) -> None:
        """Read the body of a request.

        Raises:
            Refusal: It is too large, or doesn't come in time.
        """
        if head.length is not None and head.length > self._largest:
            raise self._too_large()
        left = _BODY_SECONDS  # without the time that it waits for room
        while True:
            begun = anyio.current_time()
            message: Message | None = None
            with anyio.move_on_after(left):
                message = await receive()
            if message is None or message["type"] == "http.disconnect":
                raise refused(408, "The body did not come in time.", "request_timeout")
            left -= anyio.current_time() - begun
            part: bytes = message.get("body", b"")
            if body.size + len(part) > self._largest:
                raise self._too_large()
            await body.add(part)
            if not message.get("more_body", False):
                body.complete()
                return

    async def weigh(self, head: Head, body: Body) -> Weighed:
        """Return what is known of a request before it is parsed.

        Raises:
            Refusal: Its texts are too large.
        """
        return await self._work(body, partial(self._weigh, head, body))

    @asynccontextmanager
    async def parsed(
        self, head: Head, body: Body, weighed: Weighed
    ) -> AsyncIterator[Question | HttpResponse]:
        """Parse a body as soon as there is memory for its question, and drop it.

        The memory is held as long as the block.

        Raises:
            Refusal: The request is malformed.
        """
        size = weighed.texts + FILE_WEIGHT * weighed.files
        room = self._light if size <= _LIGHT else self._heavy
        async with room.take(min(size, room.size)) as share:
            asked = await self._work(body, partial(self._parse, head, body, weighed.recalled))
            body.drop()
            share.shrink(weighed.texts + FILE_KEPT * weighed.files)
            yield asked

    def _weigh(self, head: Head, body: Body) -> Weighed:
        data = body.data
        recalled = self._api.recall(head.path, data)
        texts = len(data) + recalled.texts
        files = file_bytes(data) if texts > min(self._bounds.body, _LARGE_BODY) else 0
        if data and texts - files > self._bounds.body:
            raise self._too_large()
        texts_weight = weight(data, files) - FILE_WEIGHT * files + recalled.weight
        return Weighed(recalled, texts_weight, files + recalled.files, is_streamed(data))

    def _parse(self, head: Head, body: Body, recalled: Recalled) -> Question | HttpResponse:
        asked = self._api.receive(
            head.method, head.path, body.data, query=head.query, recalled=recalled
        )
        if isinstance(asked, Question) and asked.characters > self._bounds.body:
            raise self._too_large()  # A text that looks like a file.
        return asked

    async def _work(self, body: Body, call: Callable[[], _T]) -> _T:
        if body.size <= _LARGE_BODY:
            return call()
        outcome = await anyio.to_thread.run_sync(_outcome, call, limiter=self._worker)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def _too_large(self) -> Refusal:
        bounds = self._bounds
        return refused(
            413,
            f"The body, with what was said before it, is larger than {bounds.body:,} bytes, or "
            f"its files take more than {bounds.files:,} as base64: send less.",
            "request_too_large",
        )


def _outcome(call: Callable[[], _T]) -> _T | Refusal:
    """Return what a call returns, or its refusal without its traceback.

    What is raised in a worker thread is in a circle with its traceback, whose frames have the body,
    so that would be kept until the garbage collector runs.
    """
    try:
        return call()
    except Refusal as exc:
        return Refusal(exc.status, exc.error, exc.headers)
