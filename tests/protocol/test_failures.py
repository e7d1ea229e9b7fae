"""What a Space says of a failure is shown to people, in terminals and notebooks."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import errors
from spacechat.protocol.failures import failure, plain_text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[1;31mNo model\x1b[0m is loaded", "No model is loaded"),
        ("Clear\x1b[2J\x1b[H the screen", "Clear the screen"),
        ("\x1b[999999999", "[999999999"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x9b2Jone\x85two\x00", "one two"),
        ("\u202eoga\u2066", "oga"),
        ("<b>one</b>\n\ttwo", "one two"),
    ],
)
def test_nothing_that_a_terminal_obeys(said: str, shown: str) -> None:
    assert plain_text(said) == shown
    assert str(failure(said, None)) == f"The Space failed: {shown}"
    assert str(failure("Boom", said)) == f"The Space failed: {shown}: Boom"


def test_a_long_one_is_cut_in_time() -> None:
    for said in ("\x1b[" * 1_000_000, "\x1b[" + "1" * 1_000_000, "<" * 1_000_000):
        assert len(plain_text(said)) < 1_000


def test_a_long_one_says_that_it_goes_on() -> None:
    assert plain_text("x" * 500) == "x" * 500
    assert plain_text("x" * 501) == "x" * 500 + "..."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("'No model is loaded'", "No model is loaded"),
        ('"It can\'t be loaded"', "It can't be loaded"),
        ("'a' and 'b'", "'a' and 'b'"),
        ('"quoted"', '"quoted"'),
    ],
)
def test_what_python_quotes_is_told_without_quotes(said: str, shown: str) -> None:
    assert str(failure(said, None)) == f"The Space failed: {shown}"


@pytest.mark.parametrize("said", [None, "", "  ", "<br>", "''", 5, ["boom"]])
def test_nothing_is_said(said: object) -> None:
    error = failure(said, "Title", "Try later.")
    assert type(error) is errors.GenerationError
    assert str(error) == (
        "The Space failed and does not say why (its app hides errors). Try later."
    )


@pytest.mark.parametrize(
    ("title", "heading"),
    [(None, ""), ("", ""), ("Error", ""), (5, ""), ("<b>Models</b>", "Models: ")],
)
def test_a_title(title: Any, heading: str) -> None:
    assert str(failure("boom", title)) == f"The Space failed: {heading}boom"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Your GPU quota is used up. Try again in 2 days, 3:04:05", 183_845.0),
        ("GPU Quota exceeded: retry in 1 day, 00:00:00.", 86_400.0),
        ("No quota left. Try again in 0:10:30", 630.0),
        ("No quota left. Try again later", None),
    ],
)
def test_a_quota_says_when_to_ask_again(said: str, seconds: float | None) -> None:
    error = failure(said, "Error")
    assert isinstance(error, errors.QuotaExceededError)
    assert error.retry_after == seconds
    assert str(error) == (
        f"The Space's GPU quota is used up: {said} Sign in with a token, or wait."
    )
