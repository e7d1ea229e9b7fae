"""What a chat function said, before it is in a chatbot."""

from __future__ import annotations

import inspect
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.errors import ProtocolError
from spacechat.events import Reasoning, TextDelta, TextReset
from spacechat.protocol import Budget, Response, StreamMachine
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

    machine = StreamMachine(output=0, response=Response())
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
    found = feed([generating(""), *(generating(edit(p)) for p in pieces)], response=Response())
    assert "".join(deltas(found)) == "# T\n\n- a\n  - b\n\n1. *x*"


@pytest.mark.parametrize(
    "said", [None, 3, [], [None], {"content": 3}, {"value": "x", "__type__": "update"}, [["a"]]]
)
def test_what_only_the_server_can_show_has_no_text(said: Any) -> None:
    machine = StreamMachine(output=0, response=Response())
    machine.receive(generating(said))
    assert machine.text == ""


def test_a_component_among_messages_has_no_text_here() -> None:
    machine = StreamMachine(output=0, response=Response())
    component = "<gradio.components.html.HTML object at 0x7f926ff26850>"
    machine.receive(generating(["Here it is:", component, {"content": component}]))
    assert machine.text == "Here it is:"


def test_a_message_is_the_apps_whoever_it_says_has_written_it() -> None:
    machine = StreamMachine(output=0, response=Response())
    machine.receive(generating({"role": "user", "content": "Hi"}))
    assert machine.text == "Hi"


@given(st.lists(st.text("a\n \t", max_size=4), max_size=8))
def test_any_text_is_tidied_as_gradio_does(pieces: list[str]) -> None:
    """White space other than these is taken otherwise by one version of Python or another."""
    machine = StreamMachine(output=0, response=Response())
    machine.receive(generating(""))
    text, found = "", list[Any]()
    for piece in pieces:
        text += piece
        found += machine.receive(generating(edit(piece)))
        assert tidied(text) == inspect.cleandoc(text)
        assert shown(found) == machine.text == inspect.cleandoc(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u2003a\nb", "a\nb"),
        ("\x0ba\n\x85b", "a\nb"),
        ("\ra\nb", "a\nb"),
        ("a\n\x0c b\n\x1c\tc", "a\nb\n      c"),
        ("a\n  b\n \u2003 \n", "a\nb\n "),
    ],
)
def test_other_white_space_is_taken_as_most_versions_of_python_do(text: str, shown: str) -> None:
    assert tidied(text) == shown


@pytest.mark.parametrize(
    "text",
    ["\n" * 500_000, "\n" * 500_000 + "  x", "\n x" * 150_000, "\n\t" * 200_000, "\t" * 500_000],
)
def test_a_text_that_is_slow_to_tidy_is_charged_for(text: str) -> None:
    """One that is read again for every piece is refused after some time; none takes long."""
    machine = StreamMachine(output=0, response=Response(), budget=Budget(work=1 << 20))
    began = time.process_time()
    with pytest.raises(ProtocolError, match="would take too long"):
        for value in [text, *([edit("\t")] * 2000)]:
            machine.receive(generating(value))
    assert time.process_time() - began < 10


def test_a_long_answer_of_indented_lines_or_tabs_is_read_to_its_end() -> None:
    for line in ("    an indented line of code\n", "a row\tof a table\n"):
        machine = StreamMachine(output=0, response=Response())
        machine.receive(generating(line * 5000))
        for piece in (line, *line, line):
            machine.receive(generating(edit(piece)))
        assert machine.text == inspect.cleandoc(line * 5003)


@pytest.mark.parametrize("begin", ["Here:", "a\tb:", "\n  Here:"])
def test_words_of_indented_lines_are_read_one_by_one(begin: str) -> None:
    """In a line that has begun, a word is appended to what is shown; only its beginning is work."""
    words = ["\n", "    ", *(["word "] * 30)]
    machine = StreamMachine(output=0, response=Response(), budget=Budget(work=1 << 20))
    machine.receive(generating(begin))
    found: list[Any] = []
    for word in words * 200:
        found += machine.receive(generating(edit(word)))
    assert machine.text == inspect.cleandoc(begin + "".join(words) * 200)
    assert len(found) >= 200 * 30


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("pieces", TEXTS)
def test_where_a_chatbot_does_not_tidy_a_text_is_as_it_was_said(
    pieces: list[str], whole: bool
) -> None:
    machine = StreamMachine(output=0, response=Response(is_tidied=False))
    found: list[Any] = []
    text = ""
    for number, piece in enumerate(pieces):
        text += piece
        value = text if whole or not number else edit(piece)
        found += machine.receive(generating(value))
        assert shown(found) == machine.text == text


class TestReading:
    """What was said, read by itself."""

    def test_where_the_newest_text_is(self) -> None:
        answer = {"role": "assistant", "content": "A\nB"}
        thought = {"content": "Hm.", "metadata": {"title": "Thought"}, "role": "assistant"}
        for said, path in [
            ("A\nB", []),
            (answer, ["content"]),
            (["A\nB"], [0]),
            ([thought, "A\nB"], [1]),
            ([thought, answer], [1, "content"]),
        ]:
            assert Response().read(said).path == path
            assert Response(is_tidied=False).read(said).path == path

    def test_what_more_text_may_do(self) -> None:
        cases: list[tuple[str, str, str, list[Any] | None]] = [
            ("A\nB", "wait", "", []),
            ("A\nB\n\n", "wait", "\n\n", []),
            ("A", "change", "", []),
            ("A\n  B", "change", "", []),
            ("A\n", "", "", None),
            ("A\n  ", "", "", None),
            ("", "", "", None),
        ]
        for said, breaks, waiting, place in cases:
            found = Response().read(said)
            assert (found.breaks, found.waiting, found.path) == (breaks, waiting, place)
            as_it_is = Response(is_tidied=False).read(said)
            assert (as_it_is.answer, as_it_is.breaks, as_it_is.path) == (said, "", [])

    @pytest.mark.parametrize(
        ("text", "least"),
        [
            ("x" * 51_200, 100),
            ("x\n" * 25_600, 100),
            (" x\n" * 4_000, 1_000),
            ("\t" * 5_120, 320),
        ],
    )
    def test_a_text_costs_by_what_tidying_it_takes(self, text: str, least: int) -> None:
        message = {"content": text}
        for said in (text, message, [text], [message]):
            assert least <= Response().read(said).parts <= 1.2 * least
            assert Response(is_tidied=False).read(said).parts <= 5
        assert 2 * least <= Response().read([text, message]).parts <= 2.4 * least
