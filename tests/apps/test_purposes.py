"""What the texts of a part of a page say that it is for."""

from __future__ import annotations

import pytest

from spacechat.apps.words import before_examples, purpose_of_output


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("Answer", "answer"),
        ("Sources", "beside"),
        ("Log", "status"),
        ("Chat log", "answer"),
        ("Thinking output", "answer"),
        ("Output tokens", "beside"),
        ("Answer with sources", "answer"),
        ("Sources of the answer", "beside"),
        ("(Answer)", "answer"),
        (": Sources", "beside"),
        ("模型的回答", "answer"),
        ("引用来源", "beside"),
        ("运行日志", "status"),
        ("Sky", None),
        ("", None),
    ],
)
def test_an_output(text: str, purpose: str | None) -> None:
    """Of its first words, those that come last say what it is."""
    assert purpose_of_output([text]) == purpose
    assert purpose_of_output(["Sky", text]) == purpose


def test_examples() -> None:
    texts = ["Your question, e.g. a song, e.g. a poem", "Ask", "For example: hi"]
    assert before_examples(texts) == ["Your question, ", "Ask", ""]
