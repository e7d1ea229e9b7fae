"""What a line of a batch's input asks."""

from __future__ import annotations

import contextlib
import json
import zlib
from pathlib import Path
from typing import Any, cast

import pytest

from spacechat.cli.batch import questions
from spacechat.cli.batch.questions import BatchQuestion, digest, read_questions


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads a file of these bytes."""

    def questions_of(data: bytes, system: str | None = None) -> list[BatchQuestion]:
        source = tmp_path / "in.jsonl"
        source.write_bytes(data)
        with contextlib.closing(read_questions(str(source), system)) as found:
            return list(found)

    return questions_of


def test_no_question_has_the_digest_of_none() -> None:
    for text, number in (("lspan77", 1), ("X-qacjG", 1), ("Hi", zlib.crc32(b'"Hi"'))):
        assert zlib.crc32(f'"{text}"'.encode()) == (0 if number == 1 else number)
        assert digest(text, {}) == number


def test_the_digest_is_that_of_the_question_and_of_its_options() -> None:
    options = {"system": "s", "output": 1}
    assert digest("Hi", options) == digest("Hi", dict(reversed(options.items())))
    assert len({digest("Hi", each) for each in (None, {"system": "s"}, options)}) == 3


def test_a_system_text_comes_first(read: Any) -> None:
    said = [{"role": role, "content": role} for role in ("user", "assistant", "user")]
    lines = [said, {"messages": said, "system": "Brief."}]
    found = read("\n".join(map(json.dumps, lines)).encode(), "Long.")
    prompts = [
        each.prompt if isinstance(each.prompt, list) else each.prompt.messages for each in found
    ]
    for messages, text in zip(prompts, ["Long.", "Brief."], strict=True):
        assert messages == [{"role": "system", "content": text}, *said]


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("wishes", 5, "an object of numbers"),
        ("wishes", ["temperature"], "an object of numbers"),
        ("wishes", {"temperature": True}, "an object of numbers"),
        ("wishes", {"temperature": "hot"}, "an object of numbers"),
        ("history", 5, '"native" or "prompt"'),
        ("history", "x", '"native" or "prompt"'),
        ("files", 5, "a list of paths and URLs"),
        ("files", [5], "a list of paths and URLs"),
        ("output", True, "a label or a number"),
        ("sign_in", 1, "true or false"),
    ],
)
def test_options_of_another_kind(read: Any, field: str, value: object, wanted: str) -> None:
    (found,) = read(json.dumps({"prompt": "Hi", field: value}).encode())
    assert str(found.error) == f"The line's {field!r} must be {wanted}."


def test_the_longest_line(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "LARGEST", 10)
    found = read(b"123456789\n1234567890\n" + b"x" * 35 + b"\nlast")
    assert [(each.line, each.asked) for each in found if each.error is None] == [
        (1, "123456789"),
        (4, "last"),
    ]
    assert [each.line for each in found if each.error is not None] == [2, 3]
    assert all("longer than" in str(cast("object", each.error)) for each in found[1:3])
