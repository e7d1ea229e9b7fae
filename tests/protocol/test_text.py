"""A text that grows piece by piece, and the prefix of two texts."""

from __future__ import annotations

import pytest

from spacechat.protocol import GrowingText, common_prefix


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1023, 1024, 1025, 1026, 2048, 5000])
def test_a_text_is_all_its_pieces(count: int) -> None:
    text = GrowingText()
    pieces = [f"{number} " for number in range(count)]
    for piece in pieces:
        text.append(piece)
    assert str(text) == "".join(pieces)
    assert str(text) == "".join(pieces)
    text.append("end")
    assert str(text) == "".join(pieces) + "end"


@pytest.mark.parametrize("count", [0, 1, 2, 3000])
def test_a_text_that_is_replaced(count: int) -> None:
    text = GrowingText()
    for _ in range(count):
        text.append("old")
    text.replace("new")
    assert str(text) == "new"
    text.append("er")
    text.append(" one")
    assert str(text) == "newer one"


@pytest.mark.parametrize(
    ("old", "new", "length"),
    [
        ("", "", 0),
        ("", "a", 0),
        ("a", "b", 0),
        ("a", "a", 1),
        ("ab", "ac", 1),
        ("abc", "ab", 2),
        ("ab", "abc", 2),
        ("abcdefg", "abcdefg", 7),
        ("abcdefg", "abcdeXg", 5),
        ("aXcdefg", "abcdefg", 1),
        ("Xbcdefg", "abcdefg", 0),
        (b"abcd", b"abce", 3),
    ],
)
def test_the_prefix_of_two_texts(old: str, new: str, length: int) -> None:
    assert common_prefix(old, new) == length
    assert common_prefix(new, old) == length
