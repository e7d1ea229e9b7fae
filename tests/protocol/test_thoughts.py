"""Thoughts as a display shows them: each under its title."""

from __future__ import annotations

import pytest

from spacechat.events import Reasoning
from spacechat.protocol.thoughts import Thoughts

CASES: dict[str, tuple[list[Reasoning], list[str]]] = {
    "no title": ([Reasoning("a"), Reasoning("b")], ["a", "b"]),
    "a title": ([Reasoning("a", "One"), Reasoning("b", "One")], ["One\na", "b"]),
    "another title": ([Reasoning("a", "One"), Reasoning("b", "Two")], ["One\na", "\n\nTwo\nb"]),
    "the blank line is there once": (
        [Reasoning("a", "One"), Reasoning("\n\nb", "Two")],
        ["One\na", "\n\nTwo\nb"],
    ),
    "after the end of a line": ([Reasoning("a\n"), Reasoning("b", "One")], ["a\n", "\nOne\nb"]),
    "after a title alone": ([Reasoning("", "One"), Reasoning("b", "Two")], ["One\n", "\nTwo\nb"]),
    "after an empty piece": (
        [Reasoning("a"), Reasoning(""), Reasoning("b", "One")],
        ["a", "", "\n\nOne\nb"],
    ),
    "without a title after one": ([Reasoning("a", "One"), Reasoning("b")], ["One\na", "b"]),
    "a title that comes again": (
        [Reasoning("a", "One"), Reasoning("b"), Reasoning("c", "One")],
        ["One\na", "b", "\n\nOne\nc"],
    ),
    "a title of several lines": ([Reasoning("a", " One \n two")], ["One two\na"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_thought_is_shown_under_its_title(case: str) -> None:
    pieces, shown = CASES[case]
    thoughts = Thoughts()
    assert thoughts.text == ""
    assert [thoughts.add(piece) for piece in pieces] == shown
    assert thoughts.text == "".join(shown)
    thoughts.end("".join(piece.text for piece in pieces))
    assert thoughts.text == "".join(shown)


def test_thoughts_that_were_rewritten_are_shown_as_they_are_in_the_end() -> None:
    thoughts = Thoughts()
    thoughts.add(Reasoning("wrong", "One"))
    thoughts.end("right")
    assert thoughts.text == "right"
