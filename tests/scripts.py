"""Runs a script of steps by hand, without I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from spacechat.errors import SpaceChatError
from spacechat.steps import Steps

_T = TypeVar("_T")


def run_script(steps: Steps[_T], outcome_of: Callable[[Any], object]) -> _T:
    """Run a script to its end, and return what it does.

    Args:
        steps: The script.
        outcome_of: Returns the outcome of a step, or raises the error that it ends with.

    Raises:
        SpaceChatError: The script fails.
    """
    outcome: Any = None
    error: SpaceChatError | None = None
    while True:
        try:
            step = steps.send(outcome) if error is None else steps.throw(error)
        except StopIteration as end:
            value: _T = end.value
            return value
        outcome = error = None
        try:
            outcome = outcome_of(step)
        except SpaceChatError as exc:
            error = exc
