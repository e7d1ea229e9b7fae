"""Connections that wait for the next request of their client.

A question that finds one waiting saves the time that it takes to connect: one round trip, over TLS
two or three. These hold:

- **One user.** A connection waits under a key, which says where it leads, by way of which proxy,
  and with which credentials. It is handed out by that key only, to one user at a time, and so never
  carries the request of another login.
- **Only what is idle waits.** A connection is put here after a response that was read to its exact
  end, and looked at before it is used again: one on which anything came meanwhile, be it its end or
  bytes that nobody asked for, is closed.
- **Bounded.** At most `MOST` wait, none is used after `LONGEST` seconds. Who puts one here closes
  what is too old or too much. Each operation takes the same time however many wait: they are in
  stacks by key, of which the newest is used, and in the order in which they came, of which the
  oldest goes first.
- **One event loop.** Each loop has its own, and nothing here crosses over to another loop.
- **Nothing stays behind.** They are closed with the client. If it is dropped instead, its copies of
  their sockets are given up at once, which closes them, whatever thread that is in; the rest, and
  all of it on Windows, is done by the next one who puts a connection here, or at the end of the
  loop. An asynchronous generator finds out about that end, since a loop closes those. A forked
  child gives up its copies.
"""

from __future__ import annotations

import os
import stat
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable, Mapping
from typing import Any

import anyio
import httpx
from anyio.lowlevel import current_token

MOST = 100
"""Connections of a client that wait at most, in one event loop."""

LONGEST = 60.0
"""Seconds after which a connection is not used any more; few servers keep one for longer."""


_CLOSED = -1
"""The number of a socket that was closed."""


class Idle:
    """An HTTP client whose connection waits.

    Attributes:
        client: The HTTP client, with one connection at the most.
        headers: The headers of all its requests.
        key: Where the connection leads, and with which credentials.
        stream: The connection, as the HTTP library's extension `network_stream` gives it.
        since: When its last response ended, by `time.monotonic`.

    Args:
        client: See above.
        headers: See above.
        key: See above.
        stream: See above.
        since: See above.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        headers: Mapping[str, str],
        key: Hashable,
        stream: Any,
        since: float,
    ) -> None:
        self.client: httpx.AsyncClient = client
        self.headers: Mapping[str, str] = headers
        self.key: Hashable = key
        self.stream: Any = stream
        self.since: float = since
        self._socket = _socket_at(self._number())

    def has_ended(self) -> bool:
        """Return whether anything came since the last response: at best the connection's end."""
        if self._number() == _CLOSED:
            return True
        return bool(self.stream.get_extra_info("is_readable"))

    def give_up(self) -> None:
        """Let go of this process's copy of the socket, and leave everything else as it is."""
        number = self._number()
        if number is None or self._socket is None or self._socket != _socket_at(number):
            return  # An event loop that was closed may still name a number that is another's now.
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            os.dup2(nothing, number)  # Whoever closes that number later closes nothing else.
        finally:
            os.close(nothing)

    def _number(self) -> int | None:
        """Return the number of the socket's file; None for a connection that has no socket."""
        raw = self.stream.get_extra_info("socket")
        number: int | None = None if raw is None else raw.fileno()
        return number


def _socket_at(number: int | None) -> tuple[int, int] | None:
    """Return what tells a socket from all others, or None if there is none with that number.

    On Windows, where a socket is no file, there never is one.
    """
    try:
        found = None if number is None else os.fstat(number)
    except (OSError, OverflowError):  # A handle of Windows may be larger than any file's number.
        return None
    is_socket = found is not None and stat.S_ISSOCK(found.st_mode)
    return (found.st_dev, found.st_ino) if found is not None and is_socket else None


class _Waiting:
    """The connections of one client that wait in one event loop."""

    def __init__(self) -> None:
        self._stacks: dict[Hashable, deque[Idle]] = {}
        self._in_order: OrderedDict[Idle, None] = OrderedDict()
        self._ended: list[Idle] = []  # To be closed.

    def __len__(self) -> int:
        return len(self._in_order) + len(self._ended)

    def push(self, idle: Idle) -> None:
        """Add one."""
        self._stacks.setdefault(idle.key, deque()).append(idle)
        self._in_order[idle] = None

    def pop(self, key: Hashable) -> Idle | None:
        """Return the newest one with that key that can be used, or None."""
        oldest = time.monotonic() - LONGEST
        while (stack := self._stacks.get(key)) and stack[-1].since > oldest:
            idle = self._taken(stack.pop())
            if not idle.has_ended():
                return idle
            self._ended.append(idle)
        return None

    async def tidy(self) -> None:
        """Close what has ended, is too old, or too much."""
        oldest = time.monotonic() - LONGEST
        while self._in_order:
            first = next(iter(self._in_order))
            if len(self._in_order) <= MOST and first.since > oldest:
                break
            self._ended.append(self._taken(self._stacks[first.key].popleft()))
        await _close(self._ended)

    def forget(self) -> list[Idle]:
        """Return all, and have none any more."""
        idle = [*self._in_order, *self._ended]
        self._in_order.clear()
        self._stacks.clear()
        self._ended.clear()
        return idle

    def _taken(self, idle: Idle) -> Idle:
        """Return one that is no longer in its stack."""
        del self._in_order[idle]
        if not self._stacks[idle.key]:
            del self._stacks[idle.key]
        return idle


class _Loop:
    """The connections of all clients that wait in one event loop."""

    def __init__(self) -> None:
        self._waiting: set[_Waiting] = set()
        self._given_up: list[Idle] = []
        self._closing = self._close_at_the_end()
        self._is_over = False

    @classmethod
    async def running(cls) -> _Loop:
        """Return the one of the event loop that runs."""
        token = current_token()
        loop = _loops.get(token)
        if loop is None or loop._is_over:
            for each, other in [*_loops.items()]:
                if other._is_over:
                    _loops.pop(each, None)
            _loops[token] = loop = cls()
            await loop._closing.__anext__()
        await _close(loop._given_up)
        return loop

    def add(self, owner: object) -> _Waiting:
        """Return what waits for a client, as long as that is there."""
        waiting = _Waiting()
        self._waiting.add(waiting)
        weakref.finalize(owner, self.give_up, waiting).atexit = False
        return waiting

    def give_up(self, waiting: _Waiting) -> None:
        """Have a client's connections closed, from any thread."""
        self._waiting.discard(waiting)
        found = waiting.forget()
        for idle in found:
            idle.give_up()
        self._given_up += found

    async def aclose(self, waiting: _Waiting) -> None:
        """Close a client's connections."""
        self._waiting.discard(waiting)
        await _close(waiting.forget())

    async def _close_at_the_end(self) -> AsyncGenerator[None, None]:
        """Close everything when the event loop closes this generator."""
        try:
            yield
        finally:
            self._is_over = True
            while self._waiting:
                self._given_up += self._waiting.pop().forget()
            await _close(self._given_up)


async def _close(idle: list[Idle]) -> None:
    """Close connections; each is taken out of the list."""
    while idle:
        with anyio.CancelScope(shield=True):
            await idle.pop().client.aclose()


class Kept:
    """The connections of one client that wait for its next requests."""

    def __init__(self) -> None:
        self._is_closed = False
        self._waiting: dict[_Loop, _Waiting] = {}
        _everyone.add(self)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to close."""
        return not any(map(len, [*self._waiting.values()]))

    def take(self, key: Hashable) -> Idle | None:
        """Return a connection that can be used, or None.

        Args:
            key: Where the connection has to lead, and with which credentials.
        """
        if not self._waiting:
            return None
        loop = _loops.get(current_token())
        waiting = None if loop is None else self._waiting.get(loop)
        return None if waiting is None else waiting.pop(key)

    async def keep(self, idle: Idle) -> None:
        """Have a connection wait; if none may wait any more, close it."""
        if self._is_closed or idle.has_ended():
            await idle.client.aclose()
            return
        loop = await _Loop.running()
        waiting = self._waiting.get(loop)
        if waiting is None:
            self._waiting = {each: one for each, one in self._waiting.items() if len(one)}
            self._waiting[loop] = waiting = loop.add(self)
        waiting.push(idle)
        await waiting.tidy()

    async def aclose(self) -> None:
        """Close all, and keep none from now on."""
        self._is_closed = True
        here = _loops.get(current_token())
        waiting, self._waiting = self._waiting, {}
        for loop, each in waiting.items():
            if loop is here:
                await loop.aclose(each)
            else:
                loop.give_up(each)

    def give_up(self) -> None:
        """Let go of this process's copies of the sockets, and forget them."""
        waiting, self._waiting = self._waiting, {}
        for loop, each in waiting.items():
            loop.give_up(each)


_loops: dict[object, _Loop] = {}
"""By the tokens of the event loops."""

_everyone: weakref.WeakSet[Kept] = weakref.WeakSet()

_inherited: list[_Loop] = []
"""What a forked child has of its parent. It is kept, so that nothing in it is ever closed."""


def _give_up() -> None:
    for kept in [*_everyone]:
        kept.give_up()
    _inherited.extend(_loops.values())
    _loops.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_give_up)
