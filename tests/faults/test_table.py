"""Every cell of the table of faults, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

import anyio
import pytest
import sniffio
import trio

import spacechat
from spacechat import errors
from spacechat.transport import http_client
from tests.faults.table import (
    CASES,
    DOCS,
    FAULTS,
    TEXT,
    Case,
    Space,
    Step,
    cross_section,
    render,
)
from tests.processes import wait_until
from tests.servers import RESET, Part, ReplayServer, Then, refused, response, until

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio", "trio")]

TOO_LONG = 30.0
"""Seconds by which the longest limit is over for sure; it takes much less where nothing waits."""

PATIENCE = (1, 5, 25)
"""How many times longer the limits are at each try, until the fault's turn comes within them."""


class Rude:
    """Listens, and acts before it is asked."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = parts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # Nobody may have come, who is waited for.
            socket.create_connection(self._address).close()
        self._thread.join()

    def _run(self) -> None:
        with self._listener:
            connection, _ = self._listener.accept()
        with connection:
            for part in self._parts:
                if part is Then.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                elif isinstance(part, bytes):
                    connection.sendall(part)
                elif part is Then.HANG:
                    with contextlib.suppress(OSError):
                        while connection.recv(65536):
                            pass


@contextlib.contextmanager
def full() -> Iterator[str]:
    """An address whose queue of connections is full, so that another is not answered."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def unknown() -> Iterator[str]:
    """An address that no name server knows; none is asked."""

    def fail(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        yield "http://space.invalid"


@contextlib.contextmanager
def no_tls() -> Iterator[str]:
    """An https address where a server speaks plain http."""
    with Rude([response(b"", "400 Bad Request"), Then.HANG]) as url:
        yield url.replace("http:", "https:")


reads_fast: ContextVar[bool] = ContextVar("reads_fast")
"""Whether the task's client reads with the fast transport."""

Serving = tuple[str, ReplayServer | None]

PLACES = {"full": full, "refused": refused, "unknown": unknown, "no TLS": no_tls}


@contextlib.contextmanager
def serving(case: Case) -> Iterator[Serving]:
    """The address of a server with the fault, and the server where it takes requests."""
    connect = case.fault.connect
    if case.step is not Step.CONNECT:
        with ReplayServer(case.fault.answer(case.step)) as server:
            yield server.url, server
    elif isinstance(connect, str):
        with PLACES[connect]() as url:
            yield url, None
    else:
        with Rude(connect()) as url:
            yield url, None


def check(
    case: Case, error: errors.SpaceChatError | None, text: str, took: float, patience: int
) -> None:
    """What the user got is what the table says, in time."""
    assert took < TOO_LONG * patience
    assert type(error) is (case.result.kind or type(None)), error
    if error is None:
        assert text == TEXT
        return
    assert error.temporary == case.result.temporary
    assert error.partial_text == text == case.partial_text
    assert re.search(case.fault.says, str(error)), error
    assert "<" not in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 1000
    if case.fault.retry_after is not None:
        assert isinstance(error, errors.RateLimitError)
        assert error.retry_after is not None
        # Of a date, what is left when it is read.
        assert 0 <= case.fault.retry_after + 1 - error.retry_after < 31


def tasks() -> int:
    if sniffio.current_async_library() == "trio":
        return trio.lowlevel.current_statistics().tasks_living
    return len(asyncio.all_tasks())


def settings(case: Case, patience: int) -> dict[str, Any]:
    """What a client is made with, its limits on time so many times those of the case."""
    seconds = {name: each * patience for name, each in asdict(case.fault.timeout).items()}
    timeout = spacechat.Timeout(**seconds)
    return {"retries": 0, "timeout": timeout, "limits": case.fault.limits}


def came_to_it(case: Case, error: errors.SpaceChatError | None, text: str, patience: int) -> bool:
    """Whether the fault's turn came within the limits, as on a busy machine it may not."""
    wanted = (case.result.kind, case.result.temporary, case.partial_text)
    slow = isinstance(error, errors.StreamTimeoutError) and (
        (type(error), error.temporary, text) != wanted
    )
    return not slow or patience == PATIENCE[-1]


async def ask(case: Case, client: spacechat.AsyncClient, at: Serving, patience: int) -> bool:
    """Ask, and check what came of it; False where that says nothing."""
    url, server = at
    if case.step is Step.KEPT and server is not None:
        assert (await client.ask("Hi", provider=Space.at(url))).text == TEXT
        server.is_read.set()
        await until(lambda: server.busy == 0)
    stream = client.stream("Hi", provider=Space.at(url))
    started = time.monotonic()
    error = None
    try:
        await stream.reply()
    except errors.SpaceChatError as exc:
        error = exc
    assert not stream.engine.is_connected
    if not came_to_it(case, error, stream.text, patience):
        return False
    check(case, error, stream.text, time.monotonic() - started, patience)
    return True


async def ask_both(case: Case, patience: int) -> bool:
    """Ask with both transports side by side, since many cells do nothing but wait."""
    before = tasks()
    done: list[bool] = []

    async def run(client: spacechat.AsyncClient, at: Serving, *, is_fast: bool) -> None:
        reads_fast.set(is_fast)
        done.append(await ask(case, client, at, patience))
        _, server = at
        if server is not None:
            await until(lambda: server.busy == 0)

    async with (
        spacechat.AsyncClient(**settings(case, patience)) as ordinary,
        spacechat.AsyncClient(**settings(case, patience)) as fast,
    ):
        with serving(case) as first, serving(case) as second:
            async with anyio.create_task_group() as both:
                both.start_soon(functools.partial(run, ordinary, first, is_fast=False))
                both.start_soon(functools.partial(run, fast, second, is_fast=True))
        assert tasks() == before, "nothing goes on"
    return all(done)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_cell(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    fast_transport = http_client.fast_transport
    monkeypatch.setattr(
        http_client, "fast_transport", lambda: fast_transport() if reads_fast.get() else None
    )
    for patience in PATIENCE:
        if await ask_both(case, patience):
            return


@pytest.mark.parametrize("case", cross_section(), ids=str)
def test_blocking(case: Case) -> None:
    for patience in PATIENCE:
        with serving(case) as (url, server):
            with spacechat.Client(**settings(case, patience)) as client:
                if case.step is Step.KEPT:
                    assert server is not None
                    assert client.ask("Hi", provider=Space.at(url)).text == TEXT
                    server.is_read.set()
                    wait_until(lambda: server.busy == 0)
                stream = client.stream("Hi", provider=Space.at(url))
                started = time.monotonic()
                error, pieces = None, list[str]()
                try:
                    pieces.extend(stream)
                except errors.SpaceChatError as exc:
                    error = exc
                took = time.monotonic() - started
            if server is not None:
                wait_until(lambda: server.open == 0)
        if came_to_it(case, error, stream.text, patience):
            check(case, error, stream.text, took, patience)
            return


def test_the_documentation_is_up_to_date() -> None:
    assert DOCS.read_text(encoding="utf-8") == render(), "run python -m tests.faults.table"


def test_the_table() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names))
    for step in Step:
        assert sum(case.step is step for case in CASES) >= 7, step
