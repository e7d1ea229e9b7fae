"""What a blocking caller has taken and read, and the text of it, whoever looks."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacechat
from spacechat.events import Event, Started, TextDelta, TextReset
from spacechat.local import LocalSpace
from spacechat.portal.engine import Engine
from spacechat.portal.read_ahead import ReadAhead
from spacechat.portal.taken import Taken
from spacechat.sync import Qwen_Qwen_2_72B
from tests.processes import wait_until

TEXTS = st.text("ab", max_size=6)
EVENTS = st.one_of(TEXTS.map(TextDelta), TEXTS.map(TextReset), st.just(Started()))


class Interleaved(list[Event]):
    """A batch; each time that somebody adds up what was read of it, something happens first."""

    happen: Callable[[], object] = staticmethod(lambda: None)

    def __getitem__(self, key: Any) -> Any:
        happen, self.happen = self.happen, lambda: None
        happen()
        return super().__getitem__(key)


@given(st.lists(st.lists(st.tuples(EVENTS, st.booleans()))))
def test_the_text_of_what_was_read(batches: list[list[tuple[Event, bool]]]) -> None:
    """However it is cut into batches, and whenever somebody looks."""
    text = previous = ""
    taken = Taken()
    for batch in batches:
        taken = Taken([event for event, _ in batch], taken)
        assert (taken.text, taken.previous_text) == (text, previous)
        for event, looks in batch:
            assert taken.left.popleft() is event
            if isinstance(event, TextReset):
                text, previous = event.text, text
            elif isinstance(event, TextDelta):
                text += event.text
            if looks:
                assert (taken.text, taken.previous_text) == (text, previous)


def test_two_look_at_the_same_time() -> None:
    """One begins to add up; the caller reads on, and another adds that up; the first goes on."""
    batch = Interleaved(TextDelta(f"{number} ") for number in range(4))
    taken = Taken(batch)
    seen: list[str] = []

    def happen() -> None:
        taken.left.popleft()
        taken.left.popleft()
        seen.append(taken.text)

    taken.left.popleft()
    batch.happen = happen
    assert taken.text == "0 "
    assert seen == ["0 1 2 "]
    assert taken.text == "0 1 2 "
    taken.left.clear()
    assert Taken([], taken).text == "0 1 2 3 "


def test_one_looks_while_the_caller_takes_more() -> None:
    """It sees the text as it was, and the caller's is right."""
    batch = Interleaved([TextDelta("a"), TextDelta("b")])
    taken = [Taken(batch)]

    def happen() -> None:
        taken[0].left.clear()
        taken.append(Taken([TextDelta("c")], taken[0]))
        taken[1].left.clear()

    taken[0].left.popleft()
    batch.happen = happen
    assert taken[0].text == "a"
    assert [each.text for each in taken] == ["ab", "abc"]


def test_a_thread_looks_while_another_reads() -> None:
    pieces = [f"{number} " for number in range(3_000)]
    is_read = threading.Event()
    seen: list[str] = []
    interval = sys.getswitchinterval()
    with (
        LocalSpace("qwen-2-72b", pieces) as space,
        spacechat.stream("Hi", provider=Qwen_Qwen_2_72B.at(space.url)) as stream,
    ):

        def look() -> None:
            while not is_read.is_set():
                text = stream.text
                if not seen or len(text) > len(seen[-1]):
                    seen.append(text)

        watcher = threading.Thread(target=look)
        sys.setswitchinterval(1e-6)
        try:
            watcher.start()
            assert list(stream) == pieces
        finally:
            sys.setswitchinterval(interval)
            is_read.set()
            watcher.join()
        assert stream.text == "".join(pieces)
    assert all(stream.text.startswith(text) for text in seen)


def test_looking_costs_what_was_read_since() -> None:
    """Not what was read before: somebody who looks at each token would wait ever longer."""
    added = 0

    class Counting(Interleaved):
        def __getitem__(self, key: Any) -> Any:
            nonlocal added
            found = super().__getitem__(key)
            added += len(found)
            return found

    taken = Taken(Counting([TextDelta("x")] * 500))
    most = 0
    for _ in range(500):
        taken.left.popleft()
        assert taken.text
        most = max(most, len(taken._read[1]))
    assert added == 500
    assert most <= 10


class Interrupting(list[Event]):
    """A batch in whose way Ctrl-C comes, when it has been taken and is to be kept."""

    def __iter__(self) -> Iterator[Event]:
        raise KeyboardInterrupt


def test_ctrl_c_between_taking_and_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken is lost, so the stream must not go on without it."""
    take = ReadAhead.take
    first: list[Event] = []

    def taking(self: ReadAhead, timeout: float | None) -> list[Event]:
        batch = take(self, timeout)
        if not first:
            first.extend(batch)
            return batch
        return Interrupting(batch)

    monkeypatch.setattr(ReadAhead, "take", taking)
    with LocalSpace("qwen-2-72b", ["some"] * 100, delay=0.05) as space:
        stream = spacechat.stream("Hi", provider=Qwen_Qwen_2_72B.at(space.url))
        with pytest.raises(KeyboardInterrupt):
            list(stream)
        assert isinstance(stream.engine, Engine)
        assert list(stream) == []
        assert stream.text == "".join(each.text for each in first if type(each) is TextDelta)
        wait_until(lambda: space.active == 0)


def read(batch: list[Event], count: int, after: Taken | None = None) -> Taken:
    """A batch of which some events were read."""
    taken = Taken(batch, after)
    for _ in range(count):
        taken.left.popleft()
    return taken


BATCH: list[Event] = [
    *(TextDelta("a"), Started(), TextDelta("b"), TextReset("c"), TextDelta("d")),
    *(TextReset(""), TextDelta("e")),
]


@pytest.mark.parametrize(
    ("count", "text", "previous"),
    [
        *((0, "", ""), (1, "a", ""), (2, "a", ""), (3, "ab", ""), (4, "c", "ab")),
        *((5, "cd", "ab"), (6, "", "cd"), (7, "e", "cd")),
    ],
)
def test_the_text_after_each_event(count: int, text: str, previous: str) -> None:
    taken = read(BATCH, count)
    for _ in range(2):
        assert (taken.text, taken.previous_text) == (text, previous)
    assert [*taken.left] == BATCH[count:]
    following = read([TextDelta("x"), TextReset("y")], 1, taken)
    assert (following.text, following.previous_text) == (f"{text}x", previous)
    following.left.popleft()
    assert (following.text, following.previous_text) == ("y", f"{text}x")


def test_looking_after_each_event() -> None:
    taken = Taken(BATCH)
    seen = [taken.text]
    while taken.left:
        taken.left.popleft()
        seen.append(taken.text)
    assert seen == ["", "a", "a", "ab", "c", "cd", "", "e"]


def test_a_long_text_that_is_looked_at_all_the_time() -> None:
    """It is kept in few parts, each more than twice as long as the one after it."""
    taken, text = Taken(), ""
    for number in range(500):
        piece = chr(97 + number % 26) * (1 + number % 3)
        taken, text = read([TextDelta(piece)], 1, taken), text + piece
        assert taken.text == text
        parts = taken._look()[1]
        assert all(len(a) > 2 * len(b) for a, b in itertools.pairwise(parts))
        assert all(parts)
    assert 3 <= len(taken._look()[1]) <= 12, "what is long is not copied for each piece"
