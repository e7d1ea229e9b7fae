"""What a chat function said, before it is in a chatbot."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.events import Reasoning, TextDelta, TextReset
from spacechat.protocol import StreamMachine
from spacechat.protocol.responses import tidied
from tests.protocol.test_several_messages import completed, deltas, feed, generating

TEXTS = [
    ["Hel", "lo"],
    ["\n\n", "  Hello", "\n", "\n", "a", "\n", "  b", "\n\n"],
    ["Code:\n", "    a", "\n", "    b\n", "c"],
    ["A", "\t", "b\tc", "\n\td", " \n", "   ", "e"],
    ["a\n   ", "b", "c", "\n", "d"],
    ["", " ", "x"],
    ["One", " line", " and no more.", "\n\n"],
    ["A\nb", "\n", "\n", " c", "\n\n", "\n", "d\n  e", "\n", "\t", "f", "\n", "g", "  ", "\n"],
    ["A\nb\n", "\n", "c\n", "d"],
    [" A\n", "b\n", "  c\n", "\n", "d\n"],
]


def edit(piece: str, *path: Any) -> list[Any]:
    return [["append", list(path), piece]]


def shown(found: list[Any]) -> str:
    text = ""
    for event in found:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, TextReset):
            text = event.text
    return text


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", ["text", "message", "list", "texts"])
@pytest.mark.parametrize("pieces", TEXTS)
def test_each_text_is_as_a_page_shows_it(pieces: list[str], kind: str, whole: bool) -> None:
    """At each moment it is what Gradio makes of what was said so far."""
    path: dict[str, list[Any]] = {"message": ["content"], "list": [1, "content"], "texts": [1]}

    def said(text: str) -> Any:
        answer = {"role": "assistant", "content": text}
        thought = {"content": "Hm.", "metadata": {"title": "Thought"}, "role": "assistant"}
        values = {"message": answer, "list": [thought, answer], "texts": [thought, text]}
        return values.get(kind, text)

    machine = StreamMachine(output=0, is_response=True)
    found: list[Any] = []
    text = ""
    for number, piece in enumerate(pieces):
        text += piece
        value = said(text) if whole or not number else edit(piece, *path.get(kind, []))
        found += machine.receive(generating(value))
        assert shown(found) == machine.text == inspect.cleandoc(text)
    found += machine.receive(completed(said(text)))
    assert shown(found) == machine.text == inspect.cleandoc(text)
    if kind in ("list", "texts"):
        assert [each for each in found if isinstance(each, Reasoning)] == [
            Reasoning("Hm.", "Thought")
        ]


def test_nothing_is_taken_back_of_an_ordinary_answer() -> None:
    pieces = ["# T", "\n", "\n- a\n", "  - b", "\n", "\n1. *x*\n"]
    found = feed([generating(""), *(generating(edit(p)) for p in pieces)], is_response=True)
    assert "".join(deltas(found)) == "# T\n\n- a\n  - b\n\n1. *x*"


@pytest.mark.parametrize(
    "said", [None, 3, [], [None], {"content": 3}, {"value": "x", "__type__": "update"}, [["a"]]]
)
def test_what_only_the_server_can_show_has_no_text(said: Any) -> None:
    machine = StreamMachine(output=0, is_response=True)
    machine.receive(generating(said))
    assert machine.text == ""


def test_a_component_among_messages_has_no_text_here() -> None:
    machine = StreamMachine(output=0, is_response=True)
    component = "<gradio.components.html.HTML object at 0x7f926ff26850>"
    machine.receive(generating(["Here it is:", component, {"content": component}]))
    assert machine.text == "Here it is:"


def test_a_message_is_the_apps_whoever_it_says_has_written_it() -> None:
    machine = StreamMachine(output=0, is_response=True)
    machine.receive(generating({"role": "user", "content": "Hi"}))
    assert machine.text == "Hi"


@given(st.lists(st.text("a\n \t\r\x0b\u2003", max_size=4), max_size=8))
def test_any_text_is_tidied_as_gradio_does(pieces: list[str]) -> None:
    machine = StreamMachine(output=0, is_response=True)
    machine.receive(generating(""))
    text, found = "", list[Any]()
    for piece in pieces:
        text += piece
        found += machine.receive(generating(edit(piece)))
        assert tidied(text) == inspect.cleandoc(text)
        assert shown(found) == machine.text == inspect.cleandoc(text)
