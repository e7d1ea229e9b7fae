"""What a Space says of a failure is shown to people, in terminals and notebooks."""

from __future__ import annotations

import pytest

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
