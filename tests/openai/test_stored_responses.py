"""Stored responses by themselves: what they take of memory, and which go."""

from __future__ import annotations

import pytest

from spacechat.openai.stored_responses import Dialogue, Recalled, StoredResponses

MIB = 1 << 20


def dialogue(*contents: bytes) -> Dialogue:
    files = [(str(number), content) for number, content in enumerate(contents)]
    return Dialogue([{"role": "user", "content": "Hi"}], files)


@pytest.mark.parametrize(
    "given",
    [dialogue(), dialogue(*(bytes([number]) * 2 for number in range(50)))],
    ids=["texts", "files"],
)
def test_what_is_small_takes_memory_too(given: Dialogue) -> None:
    """An object takes some hundred bytes, however little it holds."""
    objects = 3 + len(given.files)
    room = 4 * 500 * objects
    stored = StoredResponses(room, 60)
    for number in range(100):
        stored.add(str(number), b"{}", given, "Hello")
    left = [number for number in range(100) if stored.get(str(number)) is not None]
    assert left == list(range(100 - len(left), 100))
    assert 1 <= len(left) <= 4
    assert 0 < stored.taken <= room


def test_what_is_larger_than_all_the_room_takes_nobody_s_place() -> None:
    stored = StoredResponses(10_000, 60)
    stored.add("first", b"{}", dialogue(), "Hello")
    taken = stored.taken
    stored.add("text", b"{}", dialogue(), "x" * 10_000)
    stored.add("file", b"{}", dialogue(b"x" * 10_000), "Hello")
    assert (stored.get("text"), stored.get("file"), stored.taken) == (None, None, taken)
    assert stored.get("first") is not None


def test_those_whose_time_is_over_go_when_one_is_added() -> None:
    stored = StoredResponses(MIB, 0)
    stored.add("first", b"{}", dialogue(), "Hello")
    taken = stored.taken
    stored.add("other", b"{}", dialogue(), "Hello")
    assert stored.taken == taken
    assert stored.get("other") is None
    assert stored.taken == 0


@pytest.mark.parametrize(
    ("response_id", "shown"),
    [
        ("resp_1", "'resp_1'"),
        ("x" * 100, f"'{'x' * 100}'"),
        ("x" * 101, f"'{'x' * 100}...'"),
        ("x" * 5000, f"'{'x' * 100}...'"),
    ],
)
def test_how_much_of_an_id_an_error_repeats(response_id: str, shown: str) -> None:
    for stored, why in (
        (StoredResponses(MIB, 60), "(any more): responses are kept for a while"),
        (StoredResponses(0, 60), "since none are kept. Send"),
        (StoredResponses(MIB, 0), "since none are kept. Send"),
    ):
        message = stored.why_missing(response_id)
        assert message.startswith(f"There is no response {shown} here {why}")


def test_a_text_weighs_as_often_as_it_is_taken() -> None:
    stored = StoredResponses(MIB, 60)
    once = Recalled(stored, (), [(b"x" * 10, 1)])
    found = Recalled(stored, (), [(b"x" * 10, 3), (b"y", 1)], [b"abc", b"d"])
    assert (found.texts, found.files) == (31, 4)
    assert found.weight == 3 * once.weight + once.weight // 10
