"""How far a batch has come, on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ..terminal.output import can_redraw, report
from ..terminal.sanitize import one_line

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Bar
    from rich.progress import TaskID
    from typing_extensions import Self

_TOLD = 10
"""Failures that are told one by one; the output has all of them."""


class Progress:
    """Shows how many results there are, how fast they come, and how long it will take.

    A terminal has a bar; elsewhere there are only the first failures and the end.

    Args:
        total: How many there will be.
        done: How many there are already.
    """

    def __init__(self, total: int, done: int) -> None:
        self.answered: int = 0
        self.failed: int = 0
        self._began = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        if can_redraw(sys.stderr):
            self._bar, self._task = _bar(total, done)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def answer(self) -> None:
        """Count an answer."""
        self.answered += 1
        self._advance()

    def fail(self, line: int, error: Exception) -> None:
        """Count a failure, and tell it unless there were many."""
        self.failed += 1
        if self.failed <= _TOLD:
            self._tell(f"line {line}: {type(error).__name__}: {error}")
        elif self.failed == _TOLD + 1:
            self._tell("further failures are only counted here; the output has them")
        self._advance()

    def summary(self) -> str:
        """Return what came of it all."""
        seconds = time.monotonic() - self._began
        found = f"{self.answered} answered"
        if self.failed:
            found += f", {self.failed} failed (--resume asks them again)"
        return f"{found} in {seconds:.1f} s"

    def _advance(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, failed=self.failed)

    def _tell(self, text: str) -> None:
        if self._bar is None:
            report(text)
        else:
            self._bar.console.print(one_line(text), markup=False, highlight=False, style="dim")


def _bar(total: int, done: int) -> tuple[Bar, TaskID]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: object) -> Text:
            speed = getattr(task, "speed", None)
            return Text("" if speed is None else f"{speed:.1f}/s")

    bar = Bar(
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed"),
        console=Console(stderr=True),
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return bar, bar.add_task("", total=total, completed=done, failed=0)
