"""What a page sends to a function, and how what comes back is read as the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.invoke import Invocation
from spacechat.apps.known import KnownApp
from spacechat.apps.options import Options
from spacechat.apps.page import Page as PageView
from spacechat.protocol import Budget, Outputs, ReadAnswer
from spacechat.providers import GradioChat
from spacechat.settings import Limits
from spacechat.steps import Generate
from tests.apps.test_pages import Does, Server, answers, called
from tests.scripts import run_script
from tests.servers.page import Page


class Reading(Server):
    """A server that notes how each function's outputs are read."""

    def __init__(self, page: Page, does: dict[int, Does]) -> None:
        super().__init__(page, does)
        self.reads: list[object] = []

    def outcome(self, step: object) -> object:
        if isinstance(step, Generate):
            self.reads.append(step.reads)
        return super().outcome(step)


TURN = ["Hi", "Fine."]


@pytest.mark.parametrize(
    ("protocol", "join", "events", "cancel"),
    [
        ("sse", "/queue/data", "/queue/join?fn_index=7&session_hash=s%2Fx", "/reset"),
        ("sse_v1", "/queue/join", "/queue/data?session_hash=s%2Fx", "/cancel"),
        ("sse_v3", "/queue/join", "/queue/data?session_hash=s%2Fx", "/cancel"),
    ],
)
def test_where_a_function_is_called(protocol: str, join: str, events: str, cancel: str) -> None:
    """The oldest protocol joins the queue by the stream of events, and has its own way to stop."""
    page = Page()
    box = page.add("textbox")
    page.on(box, "submit", [box], [], id=7)
    app = parse_config(page.config().replace(b"sse_v3", protocol.encode()))
    known = KnownApp("http://app/sub", {}, app)
    step = next(Invocation(known, app.functions[7], ["Hi"], "s/x").outputs(ReadAnswer(None)))
    assert isinstance(step, Generate)
    assert step.cancel is not None
    urls = (step.join.url, step.events_url, step.cancel.url)
    assert urls == tuple(f"http://app/sub/gradio_api{each}" for each in (join, events, cancel))
    assert step.cancel.body == {"session_hash": "s/x", "fn_index": 7}
    assert step.asks_for_data == (protocol == "sse")
    assert not step.join.sign_in


@pytest.mark.parametrize(
    ("kind", "value", "since", "is_html"),
    [
        ("chatbot", [TURN], [TURN], False),
        ("textbox", "Old", [], False),
        ("markdown", "Old", [], False),
        ("html", "<p>Old", ["<p>Old"], True),
    ],
)
def test_how_an_answer_is_read(kind: str, value: Any, since: list[Any], is_html: bool) -> None:
    """A load event gives none; what comes is told apart from what was there before."""
    page = Page()
    box, status = page.add("textbox", "Message"), page.add("state")
    shown = page.add(kind, value=value)
    loads = page.on(0, "load", [], [status])
    asks = page.on(box, "submit", [box, status, shown], [status, shown])
    answer = [TURN, TURN] if kind == "chatbot" else "New"
    server = Reading(page, {loads: lambda: [None], asks: lambda *_: [None, answer]})
    server.ask()
    assert called(server) == [loads, asks]
    assert server.reads == [
        ReadAnswer(None, answers=False),
        ReadAnswer(1, answers=True, since=since, question="Hi", is_html=is_html),
    ]
    assert server.shown == []


def at_once(*outputs: object) -> Server:
    """Return an app that answers outside the queue, with the outputs that are given."""
    page = Page()
    box, status, shown = page.add("textbox", "Message"), page.add("number"), page.add("chatbot")
    asks = page.on(box, "submit", [box], [status, shown], queue=False)
    return Server(page, {asks: lambda _: list(outputs)})


def test_an_answer_that_comes_at_once() -> None:
    server = at_once(1, [TURN])
    server.ask()
    assert server.shown == ["Fine."]


def test_an_answer_that_is_missing() -> None:
    server = at_once(1)
    with pytest.raises(errors.GenerationError, match=r"no function filled chatbot \(3\)"):
        server.ask()
    assert server.shown == []


def test_what_is_too_large_is_not_sent() -> None:
    page = Page()
    box, shown = page.add("textbox", "Message"), page.add("chatbot")
    kept = page.add("textbox", visible=False, value="x" * 100_000)
    server = Server(page, {page.on(box, "submit", [box, kept], [shown]): answers})
    steps = GradioChat.at("http://app").exchange("Hi", options=Options()).steps
    with pytest.raises(errors.ProtocolError, match="would send more than"):
        run_script(steps(Budget(Limits(message=1000, answer=1000))), server.outcome)
    assert server.calls == []


def test_a_part_that_a_named_function_makes() -> None:
    """It is on the page when the next question comes."""
    page = Page()
    box, shown, part = page.add("textbox", "Message"), page.add("chatbot"), page.open("column")
    page.close()
    makes = page.on(box, "submit", [box], [part], "make")
    asks = page.then(makes, [box], [shown])
    made = {
        "layout": {"id": part, "children": [{"id": 21}]},
        "components": [{"id": 21, "type": "textbox", "props": {"value": "Made."}}],
        "dependencies": [{"id": 9, "targets": [[21, "change"]], "inputs": [21], "outputs": []}],
    }
    server = Server(
        page, {makes: lambda _: Outputs([None], json.dumps(made).encode()), asks: answers}
    )
    conversation = server.ask(endpoint="make")
    assert called(server) == [makes, asks]
    assert isinstance(conversation.page, PageView)
    assert conversation.page.app.components[21].value == "Made."
