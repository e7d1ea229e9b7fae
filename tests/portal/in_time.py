"""Tests of what would hang if it were wrong: they fail, and let it hang."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

SOON = 3.0
"""Seconds; what is waited for takes less than some milliseconds."""


def in_time(function: Callable[[], _T]) -> _T:
    """Return what a function returns in a thread of its own; it must come to its end."""
    outcome: concurrent.futures.Future[_T] = concurrent.futures.Future()

    def run() -> None:
        try:
            outcome.set_result(function())
        except BaseException as exc:
            outcome.set_exception(exc)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SOON)
    assert not thread.is_alive(), "it hangs"
    return outcome.result()
