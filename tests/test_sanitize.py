"""What a terminal gets to see of a text that a Space sent."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.sanitize import harmless, json_line, one_line

ANY = st.text(st.characters(exclude_categories=()))  # halves of surrogate pairs, too
HARMFUL = st.text(
    st.sampled_from("\x1b\x9b\x9d\x07\x08\r\n\t\x7f\x00\x85\u202e\u2066\u2028\ud83d[];m31a你🌍")
)
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(ANY | HARMFUL)
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    found = harmless(text)
    for char in found:
        assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") or char in "\n\t"
        assert char not in BIDI
    found.encode()


@given(ANY | HARMFUL, ANY | HARMFUL)
def test_pieces_are_as_good_as_the_whole(one: str, other: str) -> None:
    assert harmless(one) + harmless(other) == harmless(one + other)


@given(ANY | HARMFUL)
def test_what_is_harmless_stays(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]) | st.just("\n")))
def test_ordinary_text_is_not_touched(text: str) -> None:
    assert harmless(text) == text


@given(ANY | HARMFUL)
def test_one_line(text: str) -> None:
    found = one_line(text)
    assert found == harmless(found)
    assert not found or found.splitlines() == [found]


@given(st.dictionaries(ANY | HARMFUL, ANY | HARMFUL | st.none() | st.integers()))
def test_json_says_the_same_without_harm(value: object) -> None:
    line = json_line(value)
    assert json.loads(line) == value
    assert line == harmless(line)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("\x1b[2J\x1b[31mred", "␛[2J␛[31mred"),
        ("\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇"),
        ("\x9b2J", "�2J"),
        ("safe\b\b\b\bevil", "safe␈␈␈␈evil"),
        ("50 %\r100 %\r\nend", "50 %100 %\nend"),
        ("user\u202etxt.exe", "user�txt.exe"),
        ("नमस्ते · 👩\u200d🚀 · שלום\u200f · a\tb", "नमस्ते · 👩\u200d🚀 · שלום\u200f · a\tb"),
        ("", ""),
    ],
)
def test_examples(sent: str, shown: str) -> None:
    assert harmless(sent) == shown
