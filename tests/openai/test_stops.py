"""Where an answer ends that has stops, and what of it may be handed on by then."""

from __future__ import annotations

import pytest

from spacechat.events import TextDelta, TextReset
from spacechat.openai.stops import Stops


def fed(stops: list[str], *pieces: str) -> tuple[list[str], str, bool, int]:
    """Return what each piece adds, what the end adds, whether a stop came, and how much came."""
    found = Stops(stops)
    added = [found.feed(piece) for piece in pieces]
    return added, found.rest(), found.reached, found.given


@pytest.mark.parametrize(
    ("stops", "pieces", "added", "rest", "reached"),
    [
        ([], ["ab", "c"], ["ab", "c"], "", False),
        (["X"], ["ab", "c"], ["ab", "c"], "", False),
        (["X"], ["aXb"], ["a"], "", True),
        (["X"], ["X"], [""], "", True),
        (["X", "Y"], ["aYbX"], ["a"], "", True),
        (["END"], ["aEN", "Db"], ["a", ""], "", True),
        (["END"], ["aEN", "x"], ["a", "ENx"], "", False),
        (["END"], ["aEN"], ["a"], "EN", False),
        (["EEF"], ["aEE", "E", "F"], ["a", "E", ""], "", True),
        (["ab", "bcd"], ["xbc"], ["x"], "bc", False),
    ],
)
def test_in_pieces(
    stops: list[str], pieces: list[str], added: list[str], rest: str, reached: bool
) -> None:
    given = sum(map(len, [*added, rest]))
    assert fed(stops, *pieces) == (added, rest, reached, given)


@pytest.mark.parametrize(
    ("text", "whole"), [("Hello END more", "Hello "), ("Hello EN", "Hello EN"), ("END", "")]
)
def test_at_once(text: str, whole: str) -> None:
    stops = Stops(["END"])
    assert stops.whole(text) == whole
    assert stops.given == len(whole)


def test_a_rewrite_is_looked_through_anew() -> None:
    """What was shown stays; what follows the common beginning is added, up to a stop."""
    stops = Stops(["END"])
    assert stops.take(TextDelta("Hello EN"), "Hello EN") == "Hello "
    assert stops.take(TextReset("Hello you END"), "you END") == "you "
    assert (stops.reached, stops.given) == (True, len("Hello you "))
    assert stops.take(TextReset("Hello you all"), " all") == " all"
    assert (stops.reached, stops.given) == (False, len("Hello you all"))
