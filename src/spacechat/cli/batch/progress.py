"""The progress of a batch, on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ...errors import SpaceChatError
from ...sanitize import one_line
from ...terminal.live_lines import can_redraw
from ..option_words import error_in_options
from ..terminal.output import report

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Bar
    from typing_extensions import Self

    from ...streaming.reply import Reply

_REPORTED = 10
"""Failures that are reported one by one; the output has all of them."""


class BatchProgress:
    """Shows how many questions are answered, how fast, and how long the rest will take.

    A terminal gets a bar; a file gets the first failures only.

    Args:
        total: The number of questions.
        done: How many have an answer already.
    """

    def __init__(self, total: int, done: int) -> None:
        self.answered: int = 0
        self.failed: int = 0
        self._began = time.monotonic()
        self._bar: Bar | None = _bar(total, done) if can_redraw(sys.stderr) else None

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

    def count(self, line: int, outcome: Reply | SpaceChatError | None) -> None:
        """Count a result, and report a failure unless there were many.

        Args:
            line: The line of the question.
            outcome: The answer, or why there is none.
        """
        if isinstance(outcome, SpaceChatError):
            self.failed += 1
            if self.failed <= _REPORTED:
                self._report(f"line {line}: {type(outcome).__name__}: {outcome}")
            elif self.failed == _REPORTED + 1:
                self._report("further failures are only counted here; the output has them")
        else:
            self.answered += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1, failed=self.failed)

    def summary(self) -> str:
        """Return a line with the counts and the time."""
        seconds = time.monotonic() - self._began
        text = f"{self.answered} answered"
        if self.failed:
            text += f", {self.failed} failed (--resume asks them again)"
        return f"{text} in {seconds:.1f} s"

    def _report(self, text: str) -> None:
        if self._bar is None:
            report(text)
        else:
            line = one_line(error_in_options(text))
            self._bar.console.print(line, markup=False, highlight=False, style="dim")


def _bar(total: int, done: int) -> Bar:
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
    bar.add_task("", total=total, completed=done, failed=0)
    return bar
