"""The event loop of a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")


def run_loop(work: Callable[[], Awaitable[_T]]) -> _T:
    """Run an asynchronous function in an event loop, and return its result.

    Raises:
        KeyboardInterrupt: Ctrl-C; the function was cancelled and has cleaned up.
    """
    import asyncio

    import anyio

    try:
        return anyio.run(work)
    except asyncio.CancelledError:
        # Only Ctrl-C cancels the main task; before Python 3.11, it raises nothing else.
        raise KeyboardInterrupt from None
