"""When a question is asked again, whom, after how long, and which error is raised in the end."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from spacechat import errors
from spacechat.events import Retrying
from spacechat.protocol import Budget
from spacechat.steps import Script, Steps
from spacechat.streaming.attempts import Attempts, backoff, delay_before, may_ask_another

BUSY = errors.SpaceUnavailableError("busy", temporary=True)
GONE = errors.SpaceUnavailableError("gone")


def nothing(_: Budget) -> Steps[None]:
    yield from ()


ONE, OTHER, LAST = (Script(steps=nothing, model=name) for name in ("a", "b", "c"))


@pytest.fixture(autouse=True)
def _quick_retries() -> None:
    """Waits are as long as for a user."""


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are all the same."""
    monkeypatch.setattr(random, "uniform", lambda least, most: (least + most) / 2)


def limited(seconds: float | None) -> errors.RateLimitError:
    return errors.RateLimitError("too often", retry_after=seconds, temporary=True)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0.5), (1, 1), (2, 2), (6, 32), (7, 60), (16, 60), (10**9, 60)]
)
def test_waits_grow(failures: int, seconds: float) -> None:
    assert backoff(failures, BUSY) == seconds
    assert backoff(failures, BUSY, jitter=0.5) == seconds / 2


@pytest.mark.parametrize(
    ("said", "seconds"), [(None, 0.5), (0.1, 0.5), (7, 7), (60, 60), (61, None), (math.inf, None)]
)
def test_a_server_may_ask_for_more(said: float | None, seconds: float | None) -> None:
    assert delay_before(1, limited(said)) == seconds


def test_what_is_not_temporary_is_not_repeated() -> None:
    assert delay_before(1, GONE) is None
    assert delay_before(1, BUSY) == 0.5
    assert delay_before(2, BUSY) == 1


def test_the_waits_of_many_clients_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    between: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        between.append((least, most))
        return least

    monkeypatch.setattr(random, "uniform", uniform)
    assert delay_before(1, BUSY) == 0.25
    assert between == [(0.5, 1.5)]


def with_(error: errors.SpaceChatError, **more: Any) -> errors.SpaceChatError:
    for name, value in more.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (errors.SpaceUnavailableError("x"), True),
        (errors.InputsError("x"), False),
        (with_(errors.SpaceUnavailableError("x"), partial_text="Hel"), False),
        (with_(errors.SpaceUnavailableError("x"), may_have_run=True), False),
    ],
)
def test_whether_another_space_may_be_asked(error: errors.SpaceChatError, may: bool) -> None:
    assert may_ask_another(error) is may


def of(retries: int, *fallbacks: Script[Any]) -> Attempts[Script[Any]]:
    return Attempts(ONE, fallbacks, retries)


def test_each_script_is_repeated_as_often_as_the_client_says() -> None:
    found = of(2, OTHER)
    said = [found.after(BUSY, math.inf) for _ in range(6)]
    assert said == [
        Retrying("a", 1, 0.5, "busy"),
        Retrying("a", 2, 1.0, "busy"),
        Retrying("b", 0, 0.0, "busy"),
        Retrying("b", 1, 0.5, "busy"),
        Retrying("b", 2, 1.0, "busy"),
        None,
    ]
    assert found.script is OTHER


def test_what_does_not_pass_goes_to_the_next_one_at_once() -> None:
    found = of(2, OTHER, LAST)
    said = [found.after(GONE, math.inf) for _ in range(3)]
    assert said == [Retrying("b", 0, 0.0, "gone"), Retrying("c", 0, 0.0, "gone"), None]


def test_without_retries() -> None:
    assert of(0).after(BUSY, math.inf) is None
    assert of(0, OTHER).after(BUSY, math.inf) == Retrying("b", 0, 0.0, "busy")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0.6, Retrying("a", 1, 0.5, "busy")),
        (0.5, Retrying("b", 0, 0.0, "busy")),
        (0.1, Retrying("b", 0, 0.0, "busy")),
        (0.0, None),
        (-1.0, None),
    ],
)
def test_the_total_timeout(left: float, said: Retrying | None) -> None:
    assert of(3, OTHER).after(BUSY, left) == said


def test_work_that_has_begun_is_not_repeated_and_may_go_to_another() -> None:
    found = of(3, OTHER)
    found.begun = True
    assert found.after(BUSY, math.inf) == Retrying("b", 0, 0.0, "busy")
    assert found.after(BUSY, math.inf) == Retrying("b", 1, 0.5, "busy"), "that has not begun"


def test_an_answer_that_has_begun_is_asked_for_by_nobody_else() -> None:
    found = of(3, OTHER)
    found.answered = True
    assert found.after(BUSY, math.inf) is None
    assert found.script is ONE


def test_nor_is_a_function_that_may_have_run() -> None:
    error = errors.SpaceUnavailableError("broke", temporary=True)
    error.may_have_run = True
    assert of(3, OTHER).after(error, math.inf) is None


def failed(*all_of_them: str, **more: Any) -> tuple[Attempts[Script[Any]], errors.SpaceChatError]:
    """Attempts that failed, but for the last, whose error is returned, too."""
    found = of(0, *[OTHER] * (len(all_of_them) - 1))
    made = [errors.SpaceUnavailableError(each) for each in all_of_them]
    for each in made[:-1]:
        assert found.after(each, math.inf) is not None
    return found, with_(made[-1], **more)


def test_the_error_names_all_that_were_asked() -> None:
    found, error = failed("one", "two", "three")
    raised = found.final_error(error)
    assert str(raised) == "None of 3 Spaces gave an answer: one | two | three"
    assert [str(each) for each in raised.errors] == ["one", "two", "three"]


def test_the_only_one_is_raised_itself() -> None:
    found, error = failed("one")
    try:
        raise error
    except errors.SpaceChatError:
        assert found.final_error(error) is error
    assert error.__traceback__ is None


def test_who_has_answered_in_part_is_told_alone() -> None:
    found, error = failed("one", "two")
    found.answered = True
    assert found.final_error(error) is error
    found, error = failed("one", "two", may_have_run=True)
    assert found.final_error(error) is error
