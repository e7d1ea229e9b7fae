"""Each part of an inspection, and of the view of an app's endpoints, as text and as HTML."""

from __future__ import annotations

import functools
import html
import re
from typing import Any

import pytest

from spacechat.apps import App, inspect, parse_config
from spacechat.apps.app_view import AppView
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.info import Info
from spacechat.apps.inspection import EndpointInfo, InputInfo, wrapped
from spacechat.apps.known import KnownApp
from tests.servers.page import Page

URL = "http://app"


def chat(*, system: bool = True, files: bool = True) -> App:
    """Return an app with a chat that takes much."""
    page = Page()
    box, answer, state = page.add("textbox", "Message"), page.add("chatbot"), page.add("state")
    given = [box, answer, state]
    if system:
        given.append(page.add("textbox", "Persona", value="Be kind."))
    if files:
        given += [page.add("file", "Files", file_count="multiple"), page.add("image", "Picture")]
    given.append(page.add("slider", "Heat", value=0.7, minimum=0, elem_id="slid"))
    given.append(page.add("dropdown", "Model", value="a" * 61, choices=["a", "b"]))
    page.on(box, "submit", given, [answer], "chat")
    page.on(99, "click", [], [], api_name=None, queue=False)
    return parse_config(page.config())


def test_the_inputs() -> None:
    seen = inspect(URL, chat(), {7: "temperature", 8: "model"})
    assert seen.inputs == [
        InputInfo("Persona", "textbox", "a text", "Be kind.", "str", [], ["4"]),
        InputInfo("Files", "file", "what a file holds", None, "list[filepath]", [], ["5"]),
        InputInfo("Picture", "image", "what a image holds", None, "filepath", [], ["6"]),
        InputInfo(
            "Heat", "slider", "a number from 0", 0.7, "float", [], ["temperature", "slid", "7"]
        ),
        InputInfo(
            *("Model", "dropdown", "one of 'a', 'b'", "a" * 61, "Literal['a', 'b']", ["a", "b"]),
            ["model", "8"],
        ),
    ]
    assert seen.takes_files
    assert not inspect(URL, chat(files=False), {}).takes_files


def test_an_input_too_large_to_be_kept() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("chatbot")
    page.on(box, "submit", [box, page.add("code", "Big", value="x" * 5_000_000)], [answer])
    (only,) = inspect(URL, parse_config(page.config()), {}).inputs
    assert only.default == "5000002 bytes"


def test_the_endpoints() -> None:
    seen = inspect(URL, chat(system=False, files=False), {})
    names = ["textbox 'Message' (1)", "chatbot (2)", "state (3)"]
    first, second = seen.endpoints
    assert (first.id, first.name, first.key) == (0, "chat", "/chat")
    assert (second.id, second.name, second.key) == (1, None, "1")
    assert [*first.inputs][:3] == names
    assert str(second) == "nothing → nothing"
    many = EndpointInfo(0, None, [f"a{n}" for n in range(31)], ["b"] * 30)
    shown = ", ".join(f"a{n}" for n in range(30))
    assert str(many) == f"{shown} and 1 more → {', '.join(['b'] * 30)}"


def test_ids_that_no_component_has_are_left_out() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("chatbot")
    page.on(box, "submit", [box, 98], [answer, 99], "chat")
    (only,) = inspect(URL, parse_config(page.config()), {}).endpoints
    assert str(only) == "textbox (1) → chatbot (2)"


HEAD = [f"{URL} (Gradio 5.50.0, sse_v3)", ""]
SUMMARY = [
    "You type into the box 'Message'; pressing Enter calls /chat; the answer appears",
    "in the chatbot.",
]
CALLED = [
    "  /chat (queued): textbox 'Message' (1), chatbot (2), state (3), slider 'Heat'",
    "      (4), dropdown 'Model' (5) → chatbot (2)",
]
SETTINGS = [
    "",
    "Settings, as in inputs={name: value}",
    "  'Heat' = 0.7: a number from 0",
    f"  'Model' = '{'a' * 59}…: one",
    "      of 'a', 'b'",
]
STEPS = [
    "",
    "Step by step",
    "  the message goes into textbox 'Message' (1)",
    *CALLED,
    "  the answer is read from chatbot (2)",
]


def test_the_lines() -> None:
    seen = inspect(URL, chat(system=False, files=False), {})
    whole = seen.lines()
    assert whole[: len(HEAD + SUMMARY)] == HEAD + SUMMARY
    rest = whole[len(HEAD + SUMMARY) :]
    assert rest[: len(SETTINGS)] == SETTINGS
    assert rest[len(SETTINGS) : len(SETTINGS + STEPS)] == STEPS
    assert rest[len(SETTINGS + STEPS) :] == ["", "Why", *(f"  {each}" for each in seen.reasons)]
    assert len(seen.reasons) == 4
    assert seen.lines(is_brief=True) == [*HEAD, *SUMMARY, *SETTINGS]
    endpoints = [
        "",
        "Endpoints",
        "  /chat: textbox 'Message' (1), chatbot (2), state (3), slider 'Heat' (4),",
        "      dropdown 'Model' (5) → chatbot (2)",
        "  1: nothing → nothing",
    ]
    assert str(seen).split("\n") == [*whole, *endpoints]


def test_the_lines_in_other_words() -> None:
    seen = inspect(URL, chat(system=False, files=False), {})
    lines = seen.lines(1000, lambda text: text.upper(), shown=lambda value: f"<{value}>")
    assert lines[2] == seen.summary[0].upper()
    assert "SETTINGS, AS IN INPUTS={NAME: VALUE}" in lines
    assert "  'HEAT' = <0.7>: A NUMBER FROM 0" in lines
    whole, cut = (seen.lines(1000, shown=functools.partial(repeated, n)) for n in (60, 61))
    assert whole[5] == f"  'Heat' = {'x' * 60}: a number from 0"
    assert cut[5] == f"  'Heat' = {'x' * 60}…: a number from 0"


def repeated(times: int, _: object) -> str:
    return "x" * times


def test_the_answer_may_also_be_elsewhere() -> None:
    page = Page()
    box, answers = page.add("textbox", "Message"), [page.add("chatbot", each) for each in "AB"]
    page.on(box, "submit", [box], answers)
    seen = inspect(URL, parse_config(page.config()), {})
    assert seen.summary[1:] == [
        "The answer may also be in 'B': output= says where to read it.",
    ]


@pytest.mark.parametrize("system", [True, False])
def test_the_steps_of_a_question(system: bool) -> None:
    seen = inspect(URL, chat(system=system), {})
    told = "  the system text goes into textbox 'Persona' (4)"
    assert (told in seen.lines()) is system
    assert seen.system == ("textbox 'Persona' (4)" if system else None)
    assert (seen.message, seen.answer) == ("textbox 'Message' (1)", "chatbot (2)")
    assert [each.partition(":")[0] for each in seen.chain] == ["/chat (queued)"]


def test_a_function_that_is_called_at_once() -> None:
    page = Page()
    box, answer = page.add("textbox"), page.add("chatbot")
    page.on(box, "submit", [box], [answer], "chat", queue=False)
    seen = inspect(URL, parse_config(page.config()), {})
    assert seen.chain == ["/chat (at once): textbox (1) → chatbot (2)"]


def no_chat(*, several: bool, sign_in: bool = False) -> App:
    page = Page()
    for number in range(2 if several else 0):
        box = page.add("textbox", f"Box {number}")
        page.on(box, "submit", [box], [page.add("markdown")], f"f{number}")
    if sign_in:
        page.components.append({"id": 99, "type": "button", "props": {"x": "/login/huggingface"}})
    return parse_config(page.config())


SIGN_IN = "Visitors sign in with Hugging Face"


@pytest.mark.parametrize("sign_in", [True, False])
@pytest.mark.parametrize(
    ("several", "told", "heading"),
    [
        (False, "No way to chat was found.", None),
        (
            True,
            "There are several ways to chat that do different things, and none stands out, so "
            "nothing would be sent. Choose one by endpoint= and output=.",
            "To choose from",
        ),
    ],
)
def test_no_chat(several: bool, told: str, heading: str | None, sign_in: bool) -> None:
    seen = inspect(URL, no_chat(several=several, sign_in=sign_in), {})
    assert seen.summary[0] == told
    assert len(seen.summary) == 1 + sign_in
    assert not seen.is_chat
    assert seen.problem is not None
    nothing = (seen.message, seen.answer, seen.system, seen.takes_files)
    assert nothing == (None, None, None, False)
    assert [*seen.chain, *seen.reasons, *seen.inputs] == []
    lines = seen.lines(is_brief=True)
    assert ("To choose from" in lines) is (heading is not None)
    assert "Not taken, but to be had" not in lines
    assert seen.lines() == lines


@pytest.mark.parametrize(("count", "listed"), [(2, 2), (5, 5), (6, 5)])
def test_a_few_of_many_ways(count: int, listed: int) -> None:
    page = Page()
    for number in range(count):
        box = page.add("textbox", "Message")
        page.on(box, "submit", [box], [page.add("chatbot")], f"f{number}")
    seen = inspect(URL, parse_config(page.config()), {})
    assert [each.partition(": ")[0] for each in seen.others] == [
        f"endpoint='/f{number}'" for number in range(listed)
    ]


def rows(table: str) -> list[list[str]]:
    """Return the texts of a table's cells."""
    found = re.findall(r"<tr>(.*?)</tr>", table)
    return [
        [html.unescape(each) for each in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in found
    ]


def test_an_inspection_in_a_notebook() -> None:
    """A heading stands in the first of its rows only."""
    seen = inspect(URL, chat(system=False, files=False), {})
    shown = rows(seen._repr_html_())
    assert shown[:2] == [["App", HEAD[0]], ["", seen.summary[0]]]
    headings = [first for first, _ in shown if first]
    assert headings == [
        "App",
        "Settings, as in inputs={name: value}",
        "Step by step",
        "Why",
        "Endpoints",
    ]
    assert shown[-1] == ["", "1: nothing → nothing"]
    assert ["Why", seen.reasons[0]] in shown
    assert ["", seen.reasons[1]] in shown


@pytest.mark.parametrize(
    ("text", "indent", "lines"),
    [
        ("", "", []),
        ("a  b\nc", "", ["a b c"]),
        ("aaaa bbbb cccc", "", ["aaaa bbbb", "cccc"]),
        ("aaaa bbbb cccc", "  ", ["  aaaa", "      bbbb", "      cccc"]),
        ("a-b-c-d-e-f-g-h", "", ["a-b-c-d-e-f-g-h"]),
        ("x" * 15, "", ["x" * 15]),
    ],
)
def test_wrapped(text: str, indent: str, lines: list[str]) -> None:
    assert wrapped(text, 10, indent) == lines


def view(*functions: tuple[str, dict[str, Any]]) -> AppView:
    page = Page()
    box, answer = page.add("textbox", "Text"), page.add("markdown", "Answer")
    for name, more in functions:
        page.on(99, "click", [box], [answer], name, **more)
    app = parse_config(page.config())
    endpoints = {each.key: each for each in EndpointReader(app, Info()).all()}
    return AppView.of(KnownApp(URL, {}, app), endpoints)


def test_a_view_of_endpoints() -> None:
    seen = view(("a", {}), ("hidden", {"show_api": False}), ("b", {}))
    assert list(seen.endpoints) == ["/a", "/b"]
    assert (seen.url, seen.version) == (URL, "5.50.0")
    said = seen.json()
    assert (said["url"], said["version"]) == (URL, "5.50.0")
    assert said["endpoints"] == [each.to_dict() for each in seen.endpoints.values()]
    first, second = seen.endpoints.values()
    assert str(seen) == repr(seen)
    head, *parts = str(seen).split("\n\n/")
    assert head == f"{URL} (Gradio 5.50.0)"
    assert [each.partition("\n")[0] for each in parts] == [str(first)[1:], str(second)[1:]]
    assert parts[0].partition("\n")[2].startswith("    ")
    shown = rows(seen._repr_html_())
    assert [each[0] for each in shown if each[0]] == [
        "endpoint",
        f"{URL} (Gradio 5.50.0)",
        str(first),
        str(second),
    ]
    assert ["", str(first.parameters[0])] in shown


def test_a_view_of_no_endpoints() -> None:
    assert str(view(("hidden", {"show_api": False}))) == (
        f"{URL} (Gradio 5.50.0)\n\nIt lists no endpoints."
    )
