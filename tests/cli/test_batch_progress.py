"""What a batch tells about its progress."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest

from spacechat.cli.batch import progress
from spacechat.cli.batch.progress import BatchProgress
from spacechat.errors import GenerationError


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test sets."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def fail(shown: BatchProgress, lines: range) -> None:
    for line in lines:
        shown.count(line, GenerationError("Not today."))


def test_where_all_is_answered(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with BatchProgress(2, 0) as shown:
        shown.count(1, None)
        shown.count(2, None)
    clock[0] += 2.25
    assert (shown.answered, shown.failed, shown.summary()) == (2, 0, "2 answered in 2.2 s")
    assert capsys.readouterr().err == ""


def test_the_first_failures_are_told(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with BatchProgress(99, 0) as shown:
        shown.count(5, None)
        fail(shown, range(10, 21))
    assert capsys.readouterr().err.splitlines() == [
        *(f"spacechat: line {line}: GenerationError: Not today." for line in range(10, 20)),
        "spacechat: further failures are only counted here; the output has them",
    ]
    assert shown.summary() == "1 answered, 11 failed (--resume asks them again) in 0.0 s"


def test_one_failure_in_the_summary(clock: list[float]) -> None:
    with BatchProgress(1, 0) as shown:
        fail(shown, range(1, 2))
    assert shown.summary() == "0 answered, 1 failed (--resume asks them again) in 0.0 s"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    for name, value in {"TERM": "xterm", "COLUMNS": "100", "LINES": "20"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(progress, "can_redraw", lambda stream: stream is screen)
    with BatchProgress(9, 3) as shown:
        assert sys.stderr is screen  # What others write there is not the bar's.
        assert "3/9" in screen.getvalue()
        assert "0 failed" in screen.getvalue()
        shown.count(5, None)
        shown.count(6, GenerationError("Not [bold]today[/bold]\x1b[2J\n, see timeout=."))
        assert "\x1b[?25h" not in screen.getvalue()
    *_, last = screen.getvalue().partition("5/9")
    counts = re.findall(r"\d/9", screen.getvalue())
    assert (counts[0], counts[-1]) == ("3/9", "5/9")
    assert "/s" in last
    assert "1 failed" in last
    assert "line 6: GenerationError: Not [bold]today[/bold]␛[2J , see --timeout." in (
        screen.getvalue()
    )
    assert screen.getvalue().endswith("\x1b[?25h")  # The cursor is there again.


def test_output_to_elsewhere_goes_around_the_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed while the bar is shown goes where it would go without one."""
    monkeypatch.setattr("sys.stderr", Screen())
    monkeypatch.setattr(progress, "can_redraw", lambda _: True)
    with BatchProgress(9, 3):
        print("told")
    assert capsys.readouterr().out == "told\n"
