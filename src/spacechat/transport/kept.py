"""Connections that wait for the next request of their client.

A question that finds one waiting saves the time that it takes to connect: one round trip, over TLS
two or three. These hold:

- **One user.** A connection waits under a key, which says where it leads, by way of which proxy,
  and with which credentials. It is handed out by that key only, to one user at a time, and so never
  carries the request of another login.
- **Only what is idle waits.** A connection is put here after a response that was read to its exact
  end, and looked at before it is used again: one on which anything came meanwhile, be it its end or
  bytes that nobody asked for, is closed. These may lie in the socket, in TLS (`records`), or, read
  with the end of the response, in the HTTP parser: the fast transport's then gives the connection
  up, and httpx's own shows by needing no read for the next response (`first_read`). One place can't
  be seen: on asyncio, httpx's own transport, which reads through proxies, may leave bytes in the
  loop's buffer if more than 64 KiB came at once.
- **Bounded.** At most `MOST` wait, none is used after `LONGEST` seconds. Who puts one here closes
  what is too old or too much. Each operation takes the same time however many wait: they are in
  stacks by key, of which the newest is used, and in the order in which they came, of which the
  oldest goes first.
- **One event loop.** Each loop has its own, and none is ever used in another. Loops run in threads
  of their own, and only what closes a client's connections may come from another thread.
- **Nothing stays behind.** They are closed with the client. If it is dropped instead, its copies of
  their sockets are given up at once, which closes them, whatever thread that is in; the rest, and
  all of it on Windows, is done by the next one who puts a connection here, or at the end of the
  loop. An asynchronous generator finds out about that end, since a loop closes those. Of a loop
  that was closed without doing so, they are given up when another loop is first used. A forked
  child gives up its copies.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable

import anyio
from anyio.lowlevel import EventLoopToken, current_token

from . import watched
from .idle import Idle

MOST = 100
"""Connections of a client that wait at most, in one event loop."""

LONGEST = 60.0
"""Seconds after which a connection is not used any more; few servers keep one for longer."""


class _Waiting:
    """The connections of one client that wait in one event loop."""

    def __init__(self) -> None:
        self._stacks: dict[Hashable, deque[Idle]] = {}
        self._in_order: OrderedDict[Idle, None] = OrderedDict()
        self._ended: list[Idle] = []  # To be closed.
        self._lock = threading.RLock()  # One that the garbage collector may take within itself.

    def __len__(self) -> int:
        return len(self._in_order) + len(self._ended)

    def push(self, idle: Idle) -> None:
        """Add one."""
        with self._lock:
            self._stacks.setdefault(idle.key, deque()).append(idle)
            self._in_order[idle] = None

    def pop(self, key: Hashable) -> Idle | None:
        """Return the newest one with that key that can be used, or None."""
        oldest = time.monotonic() - LONGEST
        with self._lock:
            while (stack := self._stacks.get(key)) and stack[-1].since > oldest:
                idle = self._taken(stack.pop())
                if not idle.has_ended():
                    return idle
                self._ended.append(idle)
        return None

    async def tidy(self) -> None:
        """Close what has ended, is too old, or too much."""
        oldest = time.monotonic() - LONGEST
        with self._lock:
            while self._in_order:
                first = next(iter(self._in_order))
                if len(self._in_order) <= MOST and first.since > oldest:
                    break
                self._ended.append(self._taken(self._stacks[first.key].popleft()))
        await _close(self._ended)

    def forget(self) -> list[Idle]:
        """Return all, and have none any more."""
        with self._lock:
            idle = [*self._in_order, *self._ended]
            self._in_order.clear()
            self._stacks.clear()
            self._ended.clear()
        return idle

    def unlock(self) -> None:
        """Have a new lock: in a forked child, nobody is left who would release the old one."""
        self._lock = threading.RLock()

    def _taken(self, idle: Idle) -> Idle:
        """Return one that is no longer in its stack."""
        del self._in_order[idle]
        if not self._stacks[idle.key]:
            del self._stacks[idle.key]
        return idle


class _Loop:
    """The connections of all clients that wait in one event loop.

    Attributes:
        is_over: Whether the loop has ended, and nothing waits in it any more.
    """

    def __init__(self, token: EventLoopToken) -> None:
        self.is_over: bool = False
        self._token = token
        self._waiting: set[_Waiting] = set()
        self._given_up: list[Idle] = []
        self._closing = self._close_at_the_end()

    @classmethod
    async def running(cls) -> _Loop:
        """Return the one of the event loop that runs. Nothing else runs meanwhile."""
        token = current_token()
        loop = _loops.get(token)
        if loop is None or loop.is_over:
            for each, other in _loops.copy().items():
                if other.is_over or other.is_left():
                    _loops.pop(each, None)
            _loops[token] = loop = cls(token)
            await loop._closing.__anext__()
        return loop

    def add(self) -> _Waiting:
        """Return what waits for a client."""
        waiting = _Waiting()
        self._waiting.add(waiting)
        return waiting

    def is_left(self) -> bool:
        """Return whether the loop was closed without an end; then everything is given up."""
        if not watched.is_closed(self._token):
            return False
        self.is_over = True
        while self._waiting:
            self.give_up(self._waiting.pop())
        self._given_up.clear()
        return True

    def give_up(self, waiting: _Waiting) -> None:
        """Have a client's connections closed, from any thread."""
        self._waiting.discard(waiting)
        found = waiting.forget()
        for idle in found:
            idle.give_up()
        self._given_up += found

    async def tidy(self, waiting: _Waiting) -> None:
        """Close what is to be closed of a client's, and of those that were dropped."""
        await waiting.tidy()
        await _close(self._given_up)

    async def aclose(self, waiting: _Waiting) -> None:
        """Close a client's connections."""
        self._waiting.discard(waiting)
        await _close(waiting.forget())

    async def _close_at_the_end(self) -> AsyncGenerator[None, None]:
        """Close everything when the event loop closes this generator."""
        try:
            yield
        finally:
            self.is_over = True
            while self._waiting:
                self._given_up += self._waiting.pop().forget()
            await _close(self._given_up)


async def _close(idle: list[Idle]) -> None:
    """Close connections; each is taken out of the list."""
    while idle:
        with anyio.CancelScope(shield=True):
            await idle.pop().client.aclose()


_ByLoop = dict[_Loop, _Waiting]


def _taken_out(waiting: _ByLoop) -> list[tuple[_Loop, _Waiting]]:
    """Return everything that waits; whatever other threads do, nobody else gets the same."""
    loops = [*waiting]
    return [(loop, one) for loop in loops if (one := waiting.pop(loop, None)) is not None]


def _give_up(waiting: _ByLoop) -> None:
    for loop, each in _taken_out(waiting):
        loop.give_up(each)


class Kept:
    """The connections of one client that wait for its next requests."""

    def __init__(self) -> None:
        self._is_closed = False
        self._waiting: _ByLoop = {}  # Loops in other threads change it at any time.
        weakref.finalize(self, _give_up, self._waiting).atexit = False
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
            waiting = self._add(loop)
        waiting.push(idle)
        if self._is_closed:  # In another thread, which may have missed this one.
            await loop.aclose(waiting)
        await loop.tidy(waiting)

    async def aclose(self) -> None:
        """Close all, and keep none from now on."""
        self._is_closed = True
        here = _loops.get(current_token())
        for loop, each in _taken_out(self._waiting):
            if loop is here:
                await loop.aclose(each)
            else:
                loop.give_up(each)

    def give_up(self) -> None:
        """Let go of a forked child's copies of the sockets, and forget them."""
        for each in self._waiting.values():
            each.unlock()
        _give_up(self._waiting)

    def _add(self, loop: _Loop) -> _Waiting:
        """Return what waits in a loop, in which nothing has waited yet."""
        for each in [*self._waiting]:
            if each.is_over:
                self._waiting.pop(each, None)
        self._waiting[loop] = waiting = loop.add()
        return waiting


_loops: dict[EventLoopToken, _Loop] = {}
"""By the tokens of the event loops."""

_everyone: weakref.WeakSet[Kept] = weakref.WeakSet()

_inherited: list[_Loop] = []
"""What a forked child has of its parent. It is kept, so that nothing in it is ever closed."""


def _in_a_child() -> None:
    for kept in [*_everyone]:
        kept.give_up()
    _inherited.extend(_loops.values())
    _loops.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_child)
