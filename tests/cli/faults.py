"""Keeps conversations while something goes wrong at any line or call; see `test_kept_faults`.

It is a program, since it forks, which no process with threads should. For each fault it prints a
line of JSON: an `Outcome`.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

import spacechat
from spacechat.cli.conversation_log import log_folder
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import LogFolder
from tests.cli.kept import held, keep, take_up, talk

STARTS = {"nothing": [], "one": ["a"], "too many": ["w", "x", "y", "a"]}
"""What is kept at first; of `too many`, the oldest goes."""

_SOURCE = os.path.dirname(spacechat.__file__)
_CALLS = ("open", "fcntl.", "os.")
"""The audit events of calls that may fail."""


class Outcome(msgspec.Struct):
    """What a fault has led to.

    Attributes:
        start: What was kept at first, as a name of `STARTS`.
        fault: The fault.
        at: The line or call at which it came, counted from 0.
        was_told: Whether the user was told that something is not kept.
        held: What is kept afterwards.
        left: How many other files are in the folder.
        later: What is kept once the conversation has gone on, without a fault.
    """

    start: str
    fault: str
    at: int
    was_told: bool
    held: list[str]
    left: int
    later: list[str]


@contextlib.contextmanager
def in_memory() -> Iterator[Path]:
    """A folder, where the system has one in memory: hundreds of files are written there."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.path.isdir(memory) else None) as home:
        yield Path(home)


@contextlib.contextmanager
def at_line(number: int, action: Callable[[], None]) -> Iterator[None]:
    """Do something when a line of the library is to run, counted from 0, during the block."""
    lines = itertools.count()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(_SOURCE):
            return None
        if event == "line" and next(lines) == number:
            sys.settrace(None)
            action()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


class Failing:
    """Calls of the system that fail, from one of them on."""

    def __init__(self, number: int, *, once: bool) -> None:
        self.is_on = True
        self.count = 0
        self._number = number
        self._once = once
        sys.addaudithook(self._audit)
        sync = os.fsync

        def fsync(file: Any) -> None:
            self._audit("os.fsync", ())
            sync(file)

        os.fsync = fsync  # type: ignore[assignment]

    def _audit(self, event: str, _: Any) -> None:
        if self.is_on and event.startswith(_CALLS):
            self.count += 1
            past = self.count - 1 - self._number
            if past == 0 or (past > 0 and not self._once):
                raise OSError(errno.EIO, os.strerror(errno.EIO))


def begin(folder: LogFolder, start: str) -> tuple[Keeper, list[str]]:
    """Keep what is there at first; return what goes on with the last one, and its questions."""
    for question in STARTS[start]:
        keep(Keeper(folder), question)
    if start == "nothing":
        return Keeper(folder), []
    return take_up(folder), ["a"]


def killed(keeper: Keeper, questions: list[str], number: int) -> bool:
    with at_line(number, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        keep(keeper, *questions, "b")
    return False


def failing(keeper: Keeper, questions: list[str], number: int, *, once: bool) -> bool:
    calls = Failing(number, once=once)
    keep(keeper, *questions, "b")
    calls.is_on = False
    return calls.count > number


def too_large(keeper: Keeper, questions: list[str], number: int) -> bool:
    """Keep as on a disk that is full after so many bytes."""
    import resource

    most = 10 * number
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    keep(keeper, *questions, "b")
    return most < len(talk(*questions, "b").to_json()) + 1


FAULTS: dict[str, Callable[[Keeper, list[str], int], bool]] = {
    "a kill": killed,
    "a call fails": lambda *given: failing(*given, once=True),
    "all calls fail": lambda *given: failing(*given, once=False),
    "the disk is full": too_large,
}
"""What goes wrong; each returns whether it came to that."""


def in_child(work: Callable[[], bool]) -> tuple[bool, str]:
    """Do something in a process of its own.

    Returns:
        What it returns, or true for a kill; and what it writes to standard error.
    """
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        status = 2
        try:
            os.dup2(writes, 2)
            status = 0 if work() else 1
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writes)
    with open(reads, encoding="utf-8") as file:
        told = file.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1, -signal.SIGKILL), told
    return status != 1, told


def outcome(start: str, fault: str, number: int, home: Path) -> Outcome | None:
    """Have a fault come at a line or call; return None if it did not come to that."""
    folder = LogFolder(home / "conversations")
    log_folder.MOST = 4
    keeper, questions = begin(folder, start)
    log_folder.MOST = 3
    came, told = in_child(lambda: FAULTS[fault](keeper, questions, number))
    if not came:
        return None
    found = held(folder)
    names = {path.name for path in folder.path.glob("*") if path.suffix != ".json"}
    left = len(names - {"lock"})
    if found:
        keep(take_up(folder), *found[-1], "c")
    return Outcome(start, fault, number, bool(told), found, left, held(folder))


def main() -> None:
    """Print what each fault leads to."""
    start = sys.argv[1]
    for fault in FAULTS:
        for number in itertools.count():
            with in_memory() as home:
                found = outcome(start, fault, number, home)
            if found is None:
                break
            print(msgspec.json.encode(found).decode(), flush=True)


if __name__ == "__main__":
    main()
