"""Kept conversations, whatever fails or comes in between at each line of what keeps them."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from spacechat.cli.conversation_log import log_folder as bounds
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import LogFolder
from tests.cli.faults import STARTS, Outcome, at_line, in_memory
from tests.cli.kept import held, keep, take_up
from tests.systems import POSIX


@pytest.mark.parametrize("start", STARTS)
@POSIX
def test_a_kill_at_each_line_and_a_failure_of_each_call(start: str) -> None:
    """What was kept stays, what is not kept is told, and the conversation can go on."""
    command = [sys.executable, "-m", "tests.cli.faults", start]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    *others, last = ["", *STARTS[start]]
    seen: Counter[tuple[str, bool]] = Counter()
    for line in done.stdout.splitlines():
        found = msgspec.json.decode(line, type=Outcome)
        is_kept = [last + "b"] == found.held[-1:]
        seen[found.fault, is_kept] += 1
        assert is_kept or found.held[-1:] == [last] * bool(last), found
        # Only what is too much went: one, or two where the last one became another.
        assert {"y"} & {*others} <= set(found.held) <= {*others, last, last + "b"}, found
        assert found.was_told == (found.fault != "a kill" and not is_kept), found
        assert (
            found.left == 0 or (found.left == 1 and "kill" in found.fault) or "all" in found.fault
        )
        if found.held:
            assert found.later[-1] == found.held[-1] + "c", found
            assert set(found.later[:-1]) <= set(found.held), found
    assert seen["a kill", True] > 30
    assert seen["a kill", False] > 60
    assert seen["a call fails", False] > 5
    assert seen["all calls fail", False] > 5
    assert seen["the disk is full", False] > 5
    assert seen["the disk is full", True] == 0


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogFolder]:
    """A folder in which nobody waits for the lock, or for a disk."""
    monkeypatch.setattr(bounds, "_PATIENCE", 0.0)
    monkeypatch.setattr("os.fsync", lambda _: None)
    with in_memory() as home:
        yield LogFolder(home / "conversations")


@pytest.mark.parametrize("locks", ["locks", "no_locks"])
def test_another_process_keeps_at_each_line(
    folder: LogFolder, locks: str, request: pytest.FixtureRequest
) -> None:
    """Both questions are kept, once in each conversation, whoever has made the file."""
    if locks == "no_locks":
        request.getfixturevalue("no_locks")
    came: list[None] = []
    for number in itertools.count():
        maker = Keeper(folder)
        keep(maker, "a")
        other = take_up(folder)
        one, two = (maker, other) if number % 2 else (other, maker)
        came.clear()

        def come_between(two: Keeper = two) -> None:
            came.append(None)
            keep(two, "a", "c")

        with at_line(number // 2, come_between):
            keep(one, "a", "b")
        if not came:
            break
        check(folder, "abc")
        keep(one, "a", "b", "d")
        keep(two, "a", "c", "e")
        check(folder, "abcde")
        shutil.rmtree(folder.path)
    assert number > 200


def check(folder: LogFolder, questions: str) -> None:
    """Each question is somewhere, and nowhere twice."""
    found = held(folder)
    assert set("".join(found)) == set(questions), found
    assert all(len(each) == len(set(each)) for each in found), found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_at_each_line(folder: LogFolder) -> None:
    """A chat goes on after it; all is kept with the next answer, once. The lock is free again."""

    def press() -> None:
        raise KeyboardInterrupt

    for number in itertools.count():
        keeper = Keeper(folder)
        keep(keeper, "a")
        try:
            with at_line(number, press):
                keep(keeper, "a", "b")
            break
        except KeyboardInterrupt:
            pass
        keep(keeper, "a", "b", "c")
        assert held(folder) == ["abc"]
        shutil.rmtree(folder.path)
    assert number > 100
