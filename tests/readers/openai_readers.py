"""The OpenAI API, asked by the `openai` package."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, TypeVar

import httpx

import openai
import spacechat
from spacechat import errors
from spacechat.openai import AsyncTransport, Transport
from tests.conftest import LOOPS
from tests.openai.conftest import NOWHERE
from tests.readers.outcome import Kind, Read
from tests.readers.reader import HERE, Reader, Task
from tests.readers.server import QUESTION

CODES: dict[Kind, str] = {
    errors.AuthenticationError: "space_forbidden",
    errors.ChatNotFoundError: "model_not_found",
    errors.GenerationError: "space_failed",
    errors.ProtocolError: "space_failed",
    errors.QueueFullError: "queue_full",
    errors.RateLimitError: "rate_limit_exceeded",
    errors.SpaceUnavailableError: "space_unavailable",
    errors.StreamInterruptedError: "space_failed",
    errors.StreamTimeoutError: "space_timeout",
}
"""The API's codes for the kinds of errors."""

_C = TypeVar("_C", openai.OpenAI, openai.AsyncOpenAI)

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Takes no time to make, which that of the system's certificates does."""


def _package(kind: type[_C], task: Task, by: str, http: Any) -> _C:
    """The package's client, which repeats nothing; its types say that it takes no such client."""
    url = task.tools.openai_server(task.app.patience).url if by == "server" else NOWHERE
    return kind(base_url=url, http_client=http, api_key="-", max_retries=0)


@contextmanager
def client_of(task: Task, by: str) -> Iterator[openai.OpenAI]:
    """The blocking client, by way of a server or a transport."""
    with spacechat.Client(timeout=task.app.patience) as asks:
        transport = Transport(asks) if by == "transport" else None
        with httpx.Client(transport=transport, trust_env=False, verify=NO_TLS) as http:
            yield _package(openai.OpenAI, task, by, http)


@asynccontextmanager
async def async_client_of(task: Task, by: str) -> AsyncIterator[openai.AsyncOpenAI]:
    """The same for asyncio and trio."""
    async with spacechat.AsyncClient(timeout=task.app.patience) as asks:
        transport = AsyncTransport(asks) if by == "transport" else None
        async with httpx.AsyncClient(transport=transport, trust_env=False, verify=NO_TLS) as http:
            yield _package(openai.AsyncOpenAI, task, by, http)


def asked(task: Task) -> dict[str, Any]:
    return {"model": task.url, "messages": [{"role": "user", "content": QUESTION}]}


def take(read: Read, said: Any) -> None:
    """Note a message, or a part of one."""
    more = said.model_extra or {}
    read.titled = (read.titled or "") + more.get("reasoning_content", "")
    read.files = [*(read.files or ()), *(file["name"] for file in more.get("files", ()))]
    if read.pieces is None:
        read.text = said.content
    elif said.content:
        read.pieces.append(said.content)


def fail(read: Read, error: openai.APIError | None) -> None:
    """Note an error, or that there was none."""
    if error is None:
        read.error = read.served = ""
        return
    body: Any = error.body
    read.error, read.served = body["code"], body["message"]
    read.partial = body.get("partial_text", "")
    read.titled = read.files = None  # Whatever had come of them.


async def read_whole(by: str, task: Task) -> list[Read]:
    read = Read()
    async with async_client_of(task, by) as client:

        async def work() -> None:
            completion = await client.chat.completions.create(**asked(task))
            take(read, completion.choices[0].message)

        try:
            await task.do(work, client.close)
            fail(read, None)
        except openai.APIError as exc:
            fail(read, exc)
    return [read]


async def read_streamed(by: str, task: Task) -> list[Read]:
    read = Read(pieces=[])
    async with async_client_of(task, by) as client:

        async def work() -> None:
            async with await client.chat.completions.create(**asked(task), stream=True) as stream:
                async for chunk in stream:
                    take(read, chunk.choices[0].delta)
                    if task.is_enough(read):
                        return

        try:
            await task.do(work, client.close, sees_enough=bool(task.app.gets.text))
            fail(read, None)
        except openai.APIError as exc:
            fail(read, exc)
    return [read]


def read_whole_here(by: str, task: Task) -> list[Read]:
    read = Read()
    with client_of(task, by) as client, task.here():
        try:
            completion = client.chat.completions.create(**asked(task))
            take(read, completion.choices[0].message)
            fail(read, None)
        except openai.APIError as exc:
            fail(read, exc)
    return [read]


def read_streamed_here(by: str, task: Task) -> list[Read]:
    read = Read(pieces=[])
    with client_of(task, by) as client, task.here(sees_enough=bool(task.app.gets.text)):
        try:
            with client.chat.completions.create(**asked(task), stream=True) as stream:
                for chunk in stream:
                    take(read, chunk.choices[0].delta)
                    if task.is_enough(read):
                        break
            fail(read, None)
        except openai.APIError as exc:
            fail(read, exc)
    return [read]


_FAILURE = frozenset({"error", "served", "partial", "titled", "files"})


def _readers(by: str) -> dict[str, Reader]:
    forms = {
        "whole": (read_whole, read_whole_here, "text"),
        "streamed": (read_streamed, read_streamed_here, "pieces"),
    }
    found = {}
    for form, (read, read_here, shown) in forms.items():
        shows = _FAILURE | {shown}
        found[f"OpenAI {by}, {form}"] = Reader(partial(read_here, by), shows, HERE, kinds=CODES)
        found[f"OpenAI {by}, {form}, `async`"] = Reader(
            partial(read, by), shows, (*LOOPS,), kinds=CODES
        )
    return found


OPENAI = {**_readers("server"), **_readers("transport")}
