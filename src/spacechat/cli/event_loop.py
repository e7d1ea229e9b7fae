"""The event loop in which a command does its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")


def run_loop(work: Callable[[], Awaitable[_T]]) -> _T:
    """Do work in an event loop, and return what it returns.

    Raises:
        KeyboardInterrupt: Ctrl-C; the work was cancelled and has cleaned up.
    """
    import asyncio

    import anyio

    try:
        return anyio.run(work)
    except asyncio.CancelledError:
        # Only Ctrl-C cancels the whole, and before Python 3.11 that is all it does.
        raise KeyboardInterrupt from None
