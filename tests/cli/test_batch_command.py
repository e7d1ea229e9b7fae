"""The command `spacechat batch`: what it is given, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import anyio
import pytest

from spacechat.cli.batch import command
from spacechat.cli.batch.journal import Journal
from spacechat.local import ChatRequest, LocalSpace
from spacechat.settings import DEFAULT_TIMEOUT, Timeout
from tests.cli.conftest import Run
from tests.cli.test_batch import results


class Answers:
    """Answers each question with itself, but for those that fail."""

    def __init__(self) -> None:
        self.failing = {"b"}

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        if request.prompt in self.failing:
            raise ValueError("not now")
        yield request.prompt


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    return str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")


def put(source: str, *prompts: str) -> None:
    Path(source).write_text("".join(f"{json.dumps(each)}\n" for each in prompts))


def test_the_results_of_a_batch_that_goes_on_are_put_in_order(
    spacechat: Run, files: tuple[str, str], answers: Answers
) -> None:
    put(files[0], "a", "b", "c")
    with LocalSpace("messages", reply=answers) as space:
        ask = ("batch", "-m", space.url, "--ordered", *files)
        assert spacechat(*ask)[0] == 1
        assert [each["line"] for each in results(files[1])] == [1, 2, 3]
        answers.failing.clear()
        assert spacechat(*ask, "--resume")[0] == 0
    assert [each["line"] for each in results(files[1])] == [1, 2, 3]


@pytest.mark.parametrize("named", ["--url", "--local"])
def test_whoever_is_named_goes_on(
    spacechat: Run, files: tuple[str, str], answers: Answers, named: str
) -> None:
    """However different its address is: each local Space has one of its own."""
    for resume, prompts in ([], ["one"]), (["--resume"], ["one", "two"]):
        put(files[0], *prompts)
        with LocalSpace("qwen-2.5", reply=answers) as space:
            given = ["--url", space.url] if named == "--url" else ["--local"]
            assert spacechat("batch", *given, *resume, *files)[0] == 0
    assert [each["line"] for each in results(files[1])] == [1, 2]


@pytest.mark.parametrize("wants", [True, False])
def test_results_are_on_the_disk_when_it_is_time_for_that(wants: bool) -> None:
    class Written:
        wants_sync = wants
        synced = 0

        def sync(self) -> None:
            self.synced += 1

    journal = Written()
    anyio.run(command._sync, cast("Journal", journal))
    assert journal.synced == int(wants)


def test_each_result_is_on_the_disk_before_the_next(
    spacechat: Run,
    files: tuple[str, str],
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(Journal, "wants_sync", True)
    monkeypatch.setattr(Journal, "sync", lambda _: synced.append(len(results(files[1]))))
    put(files[0], "a", "c")
    with LocalSpace("messages", reply=answers) as space:
        assert spacechat("batch", "-m", space.url, *files)[0] == 0
    assert synced == [1, 2, 2]  # Once more at the end.


@pytest.mark.parametrize(("timeout", "idle"), [(None, DEFAULT_TIMEOUT.idle), (5.0, 5.0)])
def test_its_timeout(timeout: float | None, idle: float) -> None:
    found = command._client(None, timeout)._settings.timeout
    assert isinstance(found, Timeout)
    assert found.idle == idle


def test_standard_input_is_one_file_only(spacechat: Run, files: tuple[str, str]) -> None:
    put(files[0], "a")
    status, _, err = spacechat(
        *("batch", "-m", "http://127.0.0.1:9", "-a", "-", "-a", "-", *files), stdin=b"x"
    )
    assert status == 2
    assert "- is standard input, which can be one file or one setting only." in err
    assert not Path(files[1]).exists()


def test_its_help_says_how_many_are_asked_at_a_time(spacechat: Run) -> None:
    status, out, _ = spacechat("batch", "--help")
    assert status == 0
    assert "Space is asked at a time. [default: 4" in " ".join(out.split())
