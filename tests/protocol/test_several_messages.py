"""Answers of several messages: what is between them, and what thoughts are called."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import events
from spacechat.protocol import Budget, StreamMachine
from spacechat.protocol.hypertext import text_of
from spacechat.settings import Limits


def said(content: Any, title: object = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "metadata": {"title": title}}


def part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def message(msg: str, entry: Any) -> bytes:
    output = {"data": [entry]}
    return json.dumps({"msg": msg, "event_id": "e", "output": output, "success": True}).encode()


def generating(entry: Any) -> bytes:
    return message("process_generating", entry)


def completed(entry: Any) -> bytes:
    return message("process_completed", entry)


def feed(payloads: Iterable[bytes], **settings: Any) -> list[events.Event]:
    machine = StreamMachine(output=0, **settings)
    found = [event for payload in payloads for event in machine.receive(payload)]
    text, thoughts = "", ""
    for event in found:
        if isinstance(event, events.TextDelta):
            text += event.text
        elif isinstance(event, events.TextReset):
            text = event.text
        elif isinstance(event, events.Reasoning):
            thoughts += event.text
    assert text == machine.text
    if found and isinstance(found[-1], events.Completed):
        assert found[-1].text == text
        assert found[-1].reasoning == thoughts == machine.reasoning
    return found


def deltas(found: Iterable[events.Event]) -> list[str]:
    assert not any(isinstance(event, events.TextReset) for event in found)
    return [event.text for event in found if isinstance(event, events.TextDelta)]


def as_pairs(*texts: str) -> list[Any]:
    return [["Q", texts[0]], *([None, text] for text in texts[1:])]


def as_messages(*texts: str) -> list[Any]:
    return [{"role": "user", "content": "Q"}, *map(said, texts)]


def as_gradio_6(*texts: str) -> list[Any]:
    return [{"role": "user", "content": [part("Q")]}, *(said([part(text)]) for text in texts)]


def as_parts(*texts: str) -> list[Any]:
    return [{"role": "user", "content": [part("Q")]}, said([part(text) for text in texts])]


def as_studio(*texts: str) -> list[Any]:
    """The parts of a message as `modelscope_studio` has them."""
    parts = [{"type": "text", "content": text, "options": None} for text in texts]
    return [{"role": "user", "content": "Q"}, {"role": "assistant", "content": parts}]


def as_bubbles(*texts: str) -> dict[str, Any]:
    """Messages in an update's items, whose role is the app's own."""
    bubbles = [{"role": "ai", "content": text, "key": index} for index, text in enumerate(texts)]
    items = [{"role": "user", "content": {"text": "Q", "files": []}}, *bubbles]
    return {"__type__": "update", "items": items, "loading": False}


SHAPES: dict[str, tuple[Callable[..., Any], Callable[[int], list[Any]]]] = {
    "pairs": (as_pairs, lambda index: [index, 1]),
    "messages": (as_messages, lambda index: [index + 1, "content"]),
    "gradio-6": (as_gradio_6, lambda index: [index + 1, "content", 0, "text"]),
    "parts": (as_parts, lambda index: [1, "content", index, "text"]),
    "studio": (as_studio, lambda index: [1, "content", index, "content"]),
    "bubbles": (as_bubbles, lambda index: ["items", index + 1, "content"]),
}
each_shape = pytest.mark.parametrize(("value", "path"), SHAPES.values(), ids=SHAPES)


@each_shape
def test_messages_are_joined_by_a_blank_line(
    value: Callable[..., Any], path: Callable[[int], list[Any]]
) -> None:
    assert deltas(feed([completed(value("One", "Two", "Three"))])) == ["One\n\nTwo\n\nThree"]


@each_shape
def test_the_blank_line_comes_with_the_first_character(
    value: Callable[..., Any], path: Callable[[int], list[Any]]
) -> None:
    found = feed(
        [
            generating(value("One")),
            generating([["replace", [], value("One", "")]]),
            generating([["append", path(1), "Tw"]]),
            generating([["append", path(1), "o"]]),
            generating([["replace", [], value("One", "Two", "")]]),
            completed(value("One", "Two", "")),
        ]
    )
    assert deltas(found) == ["One", "\n\nTw", "o"]


@each_shape
def test_an_empty_message_between_two_adds_nothing(
    value: Callable[..., Any], path: Callable[[int], list[Any]]
) -> None:
    assert deltas(feed([completed(value("", "One", "", "Two", ""))])) == ["One\n\nTwo"]


@each_shape
def test_snapshots_that_only_add(
    value: Callable[..., Any], path: Callable[[int], list[Any]]
) -> None:
    steps = [value("One", "Two"[:end]) for end in range(4)]
    steps += [value("One", "Two", "3" * end) for end in range(4)]
    found = feed([*map(generating, steps), completed(steps[-1])], protocol="sse_v1")
    assert deltas(found) == ["One", "\n\nT", "w", "o", "\n\n3", "3", "3"]


def test_a_limit_counts_the_blank_line() -> None:
    payloads = [generating(as_pairs("One", "")), generating([["append", [1, 1], "Two"]])]
    assert deltas(feed(payloads, budget=Budget(Limits(answer=8)))) == ["One", "\n\nTwo"]
    with pytest.raises(Exception, match="more than 7 characters"):
        feed(payloads, budget=Budget(Limits(answer=7)))


texts = st.lists(st.text("ab\n", max_size=3), min_size=1, max_size=4)


@given(st.sampled_from([*SHAPES]), texts, st.booleans())
def test_the_same_by_edits_and_by_snapshots(shape: str, words: list[str], by_edits: bool) -> None:
    """A character at a time, each message after the one before."""
    value, path = SHAPES[shape]
    said_so_far = [""]
    found = [value("")]
    payloads = [generating(found[0])]
    for index, word in enumerate(words):
        if index:
            said_so_far.append("")
            found.append(value(*said_so_far))
            payloads.append(generating([["replace", [], found[-1]]]))
        for letter in word:
            said_so_far[-1] += letter
            found.append(value(*said_so_far))
            payloads.append(generating([["append", path(index), letter]]))
    told = payloads if by_edits else [*map(generating, found)]
    events_ = feed([*told, completed(found[-1])], protocol=None if by_edits else "sse_v1")
    pieces = deltas(events_)
    assert "".join(pieces) == "\n\n".join(filter(None, words))
    assert len(pieces) == sum(map(len, words)), "a piece for each character"


def component(kind: Any, value: Any, made_from: str | None = None) -> dict[str, Any]:
    props = {"value": value, "name": made_from or kind}
    return {"component": kind, "value": value, "constructor_args": {}, "props": props}


class TestComponents:
    @pytest.mark.parametrize("wrap", [lambda c: c, lambda c: [c | {"type": "component"}]])
    def test_html_says_its_text(self, wrap: Callable[[Any], Any]) -> None:
        page = component("html", "<h1>Hi &amp; bye</h1><p>one<br>two</p><script>alert(1)</script>")
        value = [said("See:"), said(wrap(page)), said(wrap(component("html", "<img src=x>")))]
        assert deltas(feed([completed(value)])) == ["See:\n\nHi & bye\none\ntwo"]

    def test_html_in_pairs(self) -> None:
        value = [["Q", component("html", "<b>bold</b> text")], [None, "end"]]
        assert deltas(feed([completed(value)])) == ["bold text\n\nend"]

    def test_a_template_is_what_it_is_made_from(self) -> None:
        value = [said(component("textarea", "<b>Text</b>", made_from="textbox"))]
        assert deltas(feed([completed(value)])) == ["<b>Text</b>"]

    @pytest.mark.parametrize("kind", ["markdown", "code", "textbox"])
    def test_texts_grow(self, kind: str) -> None:
        found = feed(
            [
                generating([said("a"), said(component(kind, ""))]),
                generating([["append", [1, "content", "value"], "<b>1</b> and"]]),
                generating([["append", [1, "content", "value"], "2"]]),
            ]
        )
        assert deltas(found) == ["a", "\n\n<b>1</b> and", "2"]

    @pytest.mark.parametrize("value", [None, 5, {"path": "a"}, ["x"], {"value": "x"}])
    @pytest.mark.parametrize("kind", ["html", "image", "gallery", "plot", 7])
    def test_what_shows_no_text(self, kind: Any, value: Any) -> None:
        assert feed([completed([said(component(kind, value))])]) == [events.Completed("")]

    def test_reading_html_again_and_again_is_work(self) -> None:
        machine = StreamMachine(output=0, budget=Budget(work=10**6))
        machine.receive(generating([said(component("html", "<b>x" * 10_000)), said("")]))
        with pytest.raises(Exception, match="too long"):
            for _ in range(10_000):
                machine.receive(generating([["replace", [1, "content"], "a"]]))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("a  b\n c&nbsp;d", "a b c d"),
        ("<style>p{}</style>x<!-- <p>no</p> -->y", "xy"),
        ("&lt;script&gt;", "<script>"),
        ("1 < 2 <b", "1 < 2 <b"),
        ("a --> b", "a --> b"),
        ("a<!-- <i>b</i> --> c --> d", "a c --> d"),
        ("<script>if (a<b) { <p>no</p> }</SCRIPT>after<Style>i{}</style> it", "after it"),
        ("a<scripted>b</scripted>c", "abc"),
    ],
)
def test_the_text_of_html(html: str, text: str) -> None:
    assert text_of(html) == text


class TestTitles:
    def test_each_thought_has_its_title(self) -> None:
        value = [said("hm", "Thinking"), said("2", "Used tool"), said("Answer")]
        found = feed([completed(value)])
        assert found == [
            events.Reasoning("hm", "Thinking"),
            events.Reasoning("\n\n2", "Used tool"),
            events.TextDelta("Answer"),
            events.Completed("Answer", "hm\n\n2"),
        ]

    def test_a_title_alone(self) -> None:
        found = feed(
            [
                generating([said("", "Search")]),
                generating([["append", [0, "content"], "found"]]),
                generating([["append", [0, "metadata", "title"], "ed"]]),
                generating([["append", [0, "content"], " it"]]),
                generating([["add", [1], said("", "Read")]]),
                generating([["append", [1, "content"], "page"]]),
                completed([said("found it", "Searched"), said("page", "Read"), said("Done.")]),
            ]
        )
        assert found == [
            events.Reasoning("", "Search"),
            events.Reasoning("found", "Search"),
            events.Reasoning("", "Searched"),
            events.Reasoning(" it", "Searched"),
            events.Reasoning("", "Read"),
            events.Reasoning("\n\npage", "Read"),
            events.TextDelta("Done."),
            events.Completed("Done.", "found it\n\npage"),
        ]

    def test_a_repeated_title_is_told_once(self) -> None:
        value = [said("", "Search")]
        found = feed([generating(value), generating(value), completed(value)], protocol="sse_v1")
        assert found == [events.Reasoning("", "Search"), events.Completed("")]

    def test_a_title_of_another_kind(self) -> None:
        assert feed([completed([said("hm", 5)])])[0] == events.Reasoning("hm")

    def test_a_title_is_bounded(self) -> None:
        (event, _) = feed([completed([said("", "x" * 100_000)])])
        assert isinstance(event, events.Reasoning)
        assert event.title == "x" * 1000

    def test_a_title_is_told_once_in_a_chain(self) -> None:
        value = [said("hm", "Thinking")]
        machine = StreamMachine(output=0, whole=False)
        machine.receive(completed(value))
        after = StreamMachine(output=0, after=machine)
        assert after.receive(completed([*value, said("A")])) == [
            events.TextDelta("A"),
            events.Completed("A", "hm"),
        ]


class TestNothingButThoughts:
    """Some apps give each of their messages a title, so that a page shows all as thoughts."""

    def test_the_last_one_is_the_answer(self) -> None:
        found = feed([completed([said("hm", "Thinking"), said("A1", "Model")])])
        assert found == [
            events.Reasoning("hm", "Thinking"),
            events.Reasoning("\n\nA1", "Model"),
            events.TextDelta("A1"),
            events.Completed("A1", "hm\n\nA1"),
        ]

    def test_one_that_grows(self) -> None:
        payloads = [
            generating([said("", "Model")]),
            *(generating([["append", [0, "content"], piece]]) for piece in ("Hel", "lo")),
            completed([said("Hello", "Model"), said("", "Done")]),
        ]
        assert deltas(feed(payloads)) == ["Hello"]

    @pytest.mark.parametrize("content", ["", {"path": "a.png"}, []])
    def test_a_message_without_text_is_an_answer(self, content: Any) -> None:
        assert deltas(feed([completed([said("hm", "Draws"), said(content)])])) == []

    def test_not_before_the_end_of_the_chain(self) -> None:
        value = [said("hm", "Model")]
        machine = StreamMachine(output=0, whole=False)
        assert machine.receive(completed(value)) == [events.Reasoning("hm", "Model")]
        after = StreamMachine(output=0, after=machine, answers=False)
        assert after.receive(completed([])) == [
            events.TextDelta("hm"),
            events.Completed("hm", "hm"),
        ]

    def test_the_parts_of_a_message(self) -> None:
        value = [said([part("One"), part("Two")], "Model")]
        assert deltas(feed([completed(value)])) == ["One\n\nTwo"]

    @pytest.mark.parametrize(
        "thought",
        [
            {"role": "assistant", "content": [{"type": "tool", "content": "2 + 2"}]},
            {"role": "tool", "content": "4", "metadata": {"title": "Sum"}},
            {"role": "assistant", "content": "4", "thought_metadata": {"tool_name": "Sum"}},
            said({"type": "tool", "content": "2 + 2"}, "Sum"),
        ],
    )
    def test_a_tool_is_no_answer(self, thought: Any) -> None:
        assert deltas(feed([completed([said("hm", "Thinks"), thought])])) == []
