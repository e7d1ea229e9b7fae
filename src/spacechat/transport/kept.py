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
- **Nothing stays behind.** They are closed with the client; if that is not closed, when it is gone;
  and at the latest with the loop. An asynchronous generator sees to the latter two, since a loop
  closes one that is gone, and at its end all others. Only `_closing` refers to it, so that the
  garbage collector finds neither it nor what it closes. A forked child gives up its copies.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable
from typing import Any

import anyio
import httpx
from anyio.lowlevel import current_token

MOST = 100
"""Connections that wait at most, in one event loop."""

LONGEST = 60.0
"""Seconds after which a connection is not used any more; few servers keep one for longer."""


class Idle:
    """An HTTP client whose connection waits.

    Attributes:
        client: The HTTP client, with one connection at the most.
        key: Where the connection leads, and with which credentials.
        stream: The connection, as the HTTP library's extension `network_stream` gives it.
        since: When its last response ended, by `time.monotonic`.

    Args:
        client: See above.
        key: See above.
        stream: See above.
        since: See above.
    """

    def __init__(self, client: httpx.AsyncClient, key: Hashable, stream: Any, since: float) -> None:
        self.client: httpx.AsyncClient = client
        self.key: Hashable = key
        self.stream: Any = stream
        self.since: float = since

    def has_ended(self) -> bool:
        """Return whether anything came since the last response: at best the connection's end."""
        raw = self.stream.get_extra_info("socket")
        is_closed = raw is not None and raw.fileno() < 0
        return is_closed or bool(self.stream.get_extra_info("is_readable"))

    def give_up(self) -> None:
        """Let go of this process's copy of the socket, and leave everything else as it is."""
        with contextlib.suppress(OSError, AttributeError):
            number = self.stream.get_extra_info("socket").fileno()
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, number)  # Whoever closes that number later closes nothing else.
            os.close(nothing)


class _Waiting:
    """The connections of one client that wait in one event loop."""

    def __init__(self) -> None:
        self.is_closed = False
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
        await self._close_ended()

    async def aclose(self) -> None:
        """Close all."""
        self.is_closed = True
        self._ended += self.forget()
        await self._close_ended()

    def forget(self) -> list[Idle]:
        """Return all, and have none any more."""
        idle = [*self._in_order]
        self._in_order.clear()
        self._stacks.clear()
        return idle

    def _taken(self, idle: Idle) -> Idle:
        """Return one that is no longer in its stack."""
        del self._in_order[idle]
        if not self._stacks[idle.key]:
            del self._stacks[idle.key]
        return idle

    async def _close_ended(self) -> None:
        while self._ended:
            with anyio.CancelScope(shield=True):
                await self._ended.pop().client.aclose()


class Kept:
    """The connections of one client that wait for its next requests."""

    def __init__(self) -> None:
        self._is_closed = False
        self._waiting: dict[object, _Waiting] = {}
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
        waiting = self._waiting.get(current_token())
        return None if waiting is None else waiting.pop(key)

    async def keep(self, idle: Idle) -> None:
        """Have a connection wait; if none may wait any more, close it."""
        if self._is_closed or idle.has_ended():
            await idle.client.aclose()
            return
        waiting = await self._of_this_loop()
        waiting.push(idle)
        await waiting.tidy()

    async def aclose(self) -> None:
        """Close all, and keep none from now on; other loops close theirs themselves."""
        self._is_closed = True
        here = self._waiting.pop(current_token(), None)
        for other in self._waiting.values():
            _let_go(other)
        self._waiting.clear()
        if here is not None and (closing := _closing.get(here)) is not None:
            await closing.aclose()

    def give_up(self) -> None:
        """Let go of this process's copies of the sockets, and forget them."""
        waiting, self._waiting = self._waiting, {}
        for each in waiting.values():
            for idle in each.forget():
                idle.give_up()
                _inherited.append(idle)

    async def _of_this_loop(self) -> _Waiting:
        token = current_token()
        waiting = self._waiting.get(token)
        if waiting is None or waiting.is_closed:
            for each, other in [*self._waiting.items()]:
                if other.is_closed:  # Its loop has ended.
                    del self._waiting[each]
            self._waiting[token] = waiting = _Waiting()
            _closing[waiting] = _close_at_last(waiting)
            weakref.finalize(self, _let_go, waiting).atexit = False
            await _closing[waiting].__anext__()
        return waiting


async def _close_at_last(waiting: _Waiting) -> AsyncGenerator[None, None]:
    """Close what waits when this generator is closed: by its owner, or else by the event loop."""
    try:
        yield
    finally:
        _closing.pop(waiting, None)
        await waiting.aclose()


_closing: dict[_Waiting, AsyncGenerator[None, None]] = {}
"""The generator that closes what waits, for all that wait anywhere."""


def _let_go(waiting: _Waiting) -> None:
    """Have the event loop close what waits, from any thread."""
    # In a context of its own: that of whoever is interrupted by the garbage collector may say that
    # another event loop runs here.
    contextvars.Context().run(_forget, waiting)


def _forget(waiting: _Waiting) -> None:
    _closing.pop(waiting, None)


_everyone: weakref.WeakSet[Kept] = weakref.WeakSet()

_inherited: list[object] = []
"""What a forked child has of its parent. It is kept, so that nothing in it is ever closed."""


def _give_up() -> None:
    for kept in [*_everyone]:
        kept.give_up()
    _inherited.extend(_closing.items())
    _closing.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_give_up)
