"""The results of a batch, as a later run reads them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from spacechat.cli.batch.journal import Journal
from spacechat.cli.batch.questions import digest
from spacechat.errors import SpaceChatError
from tests.systems import POSIX


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def lines(*results: object) -> bytes:
    return b"".join(f"{json.dumps(each)}\n".encode() for each in results)


def answer(line: int, prompt: str = "q", **further: object) -> dict[str, Any]:
    return {"line": line, "prompt": prompt, "text": "x", **further}


def failure(line: int) -> dict[str, Any]:
    return {"line": line, "prompt": "q", "error": {"type": "GenerationError"}}


def digests(journal: Journal) -> list[int]:
    return [journal.digest(line) for line in range(6)]


def test_what_is_answered(path: Path) -> None:
    path.write_bytes(lines(answer(4, "d"), failure(1), answer(2, "b", options={"system": "s"})))
    with Journal(str(path), resume=True, lines=4) as journal:
        assert digests(journal) == [0, 0, digest("b", {"system": "s"}), 0, digest("d", None), 0]
        assert journal.answered == 2
    assert path.read_bytes() == lines(answer(4, "d"), answer(2, "b", options={"system": "s"}))


def test_a_new_run(path: Path) -> None:
    with Journal(str(path), resume=False, lines=4) as journal:
        assert (journal.answered, journal.asked, digests(journal)) == (0, set(), [0] * 6)
        journal.append(b'{"line": 1}')
        journal.append(b'{"line": 2}')
    assert path.read_bytes() == b'{"line": 1}\n{"line": 2}\n'


def test_an_earlier_run_is_gone_on_with_only_if_that_is_asked_for(path: Path) -> None:
    path.write_bytes(lines(answer(1)))
    with pytest.raises(SpaceChatError) as caught:
        Journal(str(path), resume=False, lines=4)
    assert str(caught.value) == (
        f"{path} is there already: go on with it by --resume, or name another file."
    )
    with Journal(str(path), resume=True, lines=4) as journal:  # It is locked no more.
        assert journal.answered == 1
    assert path.read_bytes() == lines(answer(1))


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_line_that_the_input_can_not_have(path: Path, number: int) -> None:
    path.write_bytes(lines(answer(4), answer(number)))
    with pytest.raises(SpaceChatError) as caught:
        Journal(str(path), resume=True, lines=4)
    assert str(caught.value) == (
        f"Line 2 of {path} is no result of a batch: name another file, or take the line out."
    )


@pytest.mark.parametrize("second", [answer(3), failure(3)])
def test_two_results_of_a_line(path: Path, second: object) -> None:
    path.write_bytes(lines(answer(3), second))
    with pytest.raises(SpaceChatError) as caught:
        Journal(str(path), resume=True, lines=4)
    assert str(caught.value) == f"{path} holds two answers to line 3."


def test_several_failures_of_a_line_are_asked_once_more(path: Path) -> None:
    path.write_bytes(lines(failure(3), failure(3), answer(3)))
    with Journal(str(path), resume=True, lines=4) as journal:
        assert journal.answered == 1
    assert path.read_bytes() == lines(answer(3))


def test_whom_the_results_are_of(path: Path) -> None:
    path.write_bytes(
        lines(
            answer(1, url="http://a"),
            answer(2, url="http://b", asked=["http://b", "http://a"]),
            failure(3) | {"url": None, "asked": ["http://c", 7]},
            answer(4),
        )
    )
    with Journal(str(path), resume=True, lines=4) as journal:
        asked = journal.asked
    assert asked == {
        frozenset({"http://a"}),
        frozenset({"http://a", "http://b"}),
        frozenset({"http://c"}),
        frozenset(),
    }


class TestOrder:
    def test_results_that_came_in_another_one(self, path: Path) -> None:
        results = [answer(number, "long " * number) for number in (10, 2, 7, 1)]
        path.write_bytes(lines(*results))
        with Journal(str(path), resume=True, lines=10) as journal:
            journal.put_in_order()
            assert path.read_bytes() == lines(*sorted(results, key=lambda each: each["line"]))
            journal.append(b"{}")
        assert path.read_bytes().endswith(b"\n{}\n")

    @POSIX
    def test_nothing_is_written_where_it_is_right(self, path: Path) -> None:
        path.write_bytes(lines(answer(1), answer(2), answer(10)))
        before = path.stat().st_ino
        with Journal(str(path), resume=True, lines=10) as journal:
            journal.put_in_order()
        assert path.stat().st_ino == before


class TestPowerFailures:
    @pytest.fixture
    def synced(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
        """What is on the disk for sure, each time that more is."""
        found: list[bytes] = []
        monkeypatch.setattr(os, "fsync", lambda _: found.append(path.read_bytes()))
        return found

    def test_the_end_leaves_all_on_the_disk(self, path: Path, synced: list[bytes]) -> None:
        with Journal(str(path), resume=False, lines=4) as journal:
            journal.append(b"{}")
            assert synced == []
        assert synced == [b"{}\n"]

    def test_results_meanwhile(self, path: Path, synced: list[bytes]) -> None:
        with Journal(str(path), resume=False, lines=4) as journal:
            assert not journal.wants_sync
            journal.append(b"{}")
            journal.sync()
            assert synced == [b"{}\n"]

    def test_a_disk_that_fails_at_the_end(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: int) -> None:
            raise OSError(5, "Input/output error")

        journal = Journal(str(path), resume=False, lines=4)
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", fail)
            with pytest.raises(OSError, match="Input/output"), journal:
                journal.append(b'{"line": 1}')
        with Journal(str(path), resume=True, lines=4) as journal:  # It is locked no more.
            assert journal.answered == 1


def test_a_whole_line_without_its_newline_gets_it(path: Path) -> None:
    path.write_bytes(lines(answer(1))[:-1])
    with Journal(str(path), resume=True, lines=4) as journal:
        assert journal.answered == 1
        journal.append(b'{"line": 2}')
    assert path.read_bytes() == lines(answer(1)) + b'{"line": 2}\n'
