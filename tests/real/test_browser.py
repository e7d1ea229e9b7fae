"""The comparison with the page's requests, without a browser; `test_any_chat` makes use of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.real.browser.calls import Call, Sent, Visited, calls, paths
from tests.real.browser.compare import compare, is_same
from tests.real.browser.pointing import BOX, LABELLED, selector
from tests.real.browser.record import load, recorded
from tests.real.browser.table import DOCS, REASONS, ROUTES, table
from tests.real.browser.text import is_shown

CONFIG: dict[str, Any] = {
    "components": [
        {"id": 1, "type": "textbox"},
        {"id": 2, "type": "chatbot"},
        {"id": 3, "type": "state"},
        {"id": 4, "type": "button"},
    ],
    "dependencies": [
        {"targets": [[1, "submit"], [4, "click"]], "inputs": [1, 2, 3], "outputs": [2]},
        {"targets": [[None, "then"]], "inputs": [], "outputs": [1]},
        {"targets": [[None, "then"]], "inputs": [], "outputs": [4]},
        {"targets": [[None, "then"]], "inputs": [2], "outputs": [3]},
        {"targets": [[None, "then"]], "inputs": [2], "outputs": []},
        {"targets": [[None, "then"]], "inputs": [2], "outputs": [3]},
    ],
}
ASKED = Call("/queue/join", 0, ["Hi", [], None], trigger_id=1)


def compared(page: list[Call], ours: list[Call]) -> tuple[list[Call], list[str]]:
    found, defects = compare(Visited([], [page], [], []), Visited([], [ours], [], []), CONFIG)
    return found.turns[0], defects


@pytest.mark.parametrize(
    ("fn_index", "data", "reason"),
    [(1, [], "same: textbox"), (2, [], "looks: button"), (3, [[]], ""), (4, [[]], "")],
    ids=["same", "looks", "a-state", "on-the-server"],
)
def test_a_call_left_out(fn_index: int, data: list[Any], reason: str) -> None:
    (_, call), defects = compared([ASKED, Call("/queue/join", fn_index, data)], [ASKED])
    assert call.not_needed == reason
    assert bool(defects) is not bool(reason)


def test_a_call_made_again() -> None:
    saved = Call("/queue/join", 3, [[]])
    (*_, call), defects = compared([ASKED, saved, replace(saved, fn_index=5)], [ASKED, saved])
    assert (call.not_needed, defects) == ("again", [])


def test_a_call_too_many() -> None:
    _, (defect,) = compared([ASKED], [ASKED, ASKED])
    assert defect.startswith("turn 1: only spacechat calls")


@pytest.mark.parametrize(
    "ours",
    [
        replace(ASKED, path="/run/predict"),
        replace(ASKED, data=["Hi", None, None]),
        replace(ASKED, event_data={}),
        replace(ASKED, trigger_id=2),
        replace(ASKED, session=1),
    ],
)
def test_a_call_made_otherwise(ours: Call) -> None:
    _, (defect,) = compared([ASKED], [ours])
    assert "function 0" in defect


def test_either_way_to_send() -> None:
    (call,), defects = compared([replace(ASKED, trigger_id=4)], [ASKED])
    assert (call.differs, defects) == ({"trigger_id": "event"}, [])


def test_an_event_that_nobody_reads() -> None:
    (call,), defects = compared([replace(ASKED, event_data="Hi")], [ASKED])
    assert (call.differs, defects) == ({"event_data": "unread"}, [])


def test_properties_that_only_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONFIG["dependencies"][0], "component_prop_inputs", [0])
    page = replace(ASKED, data=[{"value": "Hi", "api_url": "/"}, [], None])
    (call,), defects = compared([page], [replace(ASKED, data=[{"value": "Hi"}, [], None])])
    assert (call.differs, defects) == ({"data": "properties"}, [])
    assert compared([page], [replace(ASKED, data=[{"value": "Ho"}, [], None])])[1]


def test_states_do_not_count() -> None:
    _, defects = compared([replace(ASKED, data=["Hi", [], ["kept"]])], [ASKED])
    assert defects == []


@pytest.mark.parametrize("collects", [True, False])
def test_what_an_event_tells_counts_if_it_is_collected(collects: bool) -> None:
    function = {**CONFIG["dependencies"][0], "collects_event_data": collects}
    config = {**CONFIG, "dependencies": [function]}
    page = Visited([], [[replace(ASKED, event_data={"value": "Hi"})]], [], [])
    _, defects = compare(page, Visited([], [[ASKED]], [], []), config)
    assert bool(defects) is collects


def test_values() -> None:
    assert is_same({"text": "a", "options": []}, {"text": "a"})
    assert is_same([{"metadata": None}], [{}])
    assert not is_same({"text": "a"}, {"text": "b"})
    assert not is_same({"metadata": {}}, {"metadata": None})
    assert not is_same([1], [True])
    assert not is_same(["a"], ["a", "b"])
    assert not is_same("", None)


def test_requests() -> None:
    base = "http://127.0.0.1:7860/chat"
    body = {"data": [f"{base}/gradio_api/file=/tmp/spacechat-gradio-x/a.png"], "fn_index": 0}
    sent = [
        Sent("POST", f"{base}/gradio_api/queue/join?", json.dumps({**body, "session_hash": "x"})),
        Sent("GET", f"{base}/gradio_api/queue/data?session_hash=x", ""),
        Sent("GET", f"{base}/gradio_api/heartbeat/x", ""),
    ]
    assert calls(base, [sent]) == [
        [Call("/queue/join", 0, ["http://app/gradio_api/file=/a.png"])],
    ]
    assert paths(base, [sent]) == ["GET /heartbeat/…", "GET /queue/data"]


@pytest.mark.parametrize(
    ("version", "props", "found"),
    [
        ("5.50.0", {"elem_id": "ask"}, f"#component-7 {BOX}"),
        ("6.31.0", {"elem_id": "ask", "label": "Question"}, f"#ask {BOX}"),
        ("6.31.0", {"label": "Question"}, LABELLED.format(label="Question")),
        (
            "6.31.0",
            {"label": "L", "show_label": False, "placeholder": "Ask"},
            "[placeholder='Ask']",
        ),
        ("6.31.0", {"label": "Question", "show_label": False}, ""),
        (
            "6.31.0",
            {"label": "Question", "placeholder": "__i18n__{}"},
            LABELLED.format(label="Question"),
        ),
    ],
)
def test_where_a_person_types(version: str, props: dict[str, Any], found: str) -> None:
    config = {"version": version, "components": [{"id": 7, "props": props}]}
    assert selector(config, 7) == found


def test_what_a_page_shows() -> None:
    assert is_shown("# T\n\n1. *x* <b>y</b>", "T\nx y")
    assert is_shown("1. a", "1. a")
    assert is_shown("text", "Thought\nsome text")
    assert not is_shown("text", "tex")
    assert not is_shown("", "anything")


def test_what_is_kept() -> None:
    kept = [load(*each) for each in recorded()]
    assert kept
    for page in kept:
        assert page is not None
        made = [*page.opening, *(call for turn in page.turns for call in turn)]
        assert {c.not_needed.partition(":")[0] for c in made} <= {"", *REASONS}
        assert set(page.paths) <= set(ROUTES)
        assert all(any(not call.not_needed for call in turn) for turn in page.turns)


def test_the_documentation() -> None:
    assert DOCS.read_text(encoding="utf-8") == table(), "run `python -m tests.real.browser.table`"
