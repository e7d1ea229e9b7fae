"""Which functions are called when a page is opened before a question: as few as decide anything."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.known import KnownApp
from spacechat.apps.opening import shown_app
from spacechat.protocol import Budget
from spacechat.steps import Steps
from tests.apps.test_asking import App
from tests.apps.test_pages import answers, called, chat, fails, update
from tests.servers.page import Page


def opened(page: Page, asks: int, *loads: int, config: Any = None) -> list[int]:
    """Ask; return the functions called before the question."""
    app = App(page, {asks: answers, **dict.fromkeys(loads, lambda *_: [update()])}, config)
    app.ask()
    *before, last = called(app)
    assert last == asks
    return before


@pytest.mark.parametrize(
    ("kind", "props", "event", "is_called"),
    [
        ("textbox", {"interactive": False}, None, True),
        ("textbox", {"visible": False}, None, True),
        ("textbox", {}, None, False),
        ("chatbot", {"visible": False}, None, True),
        ("button", {"visible": False}, "click", True),
        ("button", {"visible": False}, None, False),
        ("image", {"visible": False}, "upload", False),
        ("markdown", {"visible": False}, None, False),
    ],
)
def test_what_may_be_a_part_of_a_better_way(
    kind: str, props: dict[str, Any], event: str | None, is_called: bool
) -> None:
    """A hidden or disabled part of a chat; but not a text, if there is a way already."""
    page = Page()
    asks, _, _ = chat(page)
    part = page.add(kind, **props)
    load = page.on(99, "load", [], [part])
    if event:
        page.on(part, event, [], [])
    assert opened(page, asks, load) == ([load] if is_called else [])


def test_a_hidden_text_where_there_is_no_way_yet() -> None:
    page = Page()
    box, shown = page.add("textbox"), page.add("markdown", visible=False)
    asks = page.on(box, "submit", [box], [shown])
    load = page.on(99, "load", [], [shown])
    app = App(page, {asks: lambda _: ["Fine."], load: lambda: [update(visible=True)]})
    app.ask()
    assert called(app) == [load, asks]
    app.does[load] = lambda: [update()]
    with pytest.raises(errors.ChatNotFoundError):
        app.ask()


def test_what_shows_no_text_where_there_is_no_way_yet() -> None:
    page = Page()
    shown = page.add("image", visible=False)
    load = page.on(99, "load", [], [shown])
    app = App(page, {load: lambda: [update(visible=True)]})
    with pytest.raises(errors.ChatNotFoundError):
        app.ask()
    assert called(app) == []


@pytest.mark.parametrize(
    ("answer", "hides", "is_called"),
    [("chatbot", False, False), ("markdown", False, True), ("chatbot", True, True)],
)
def test_a_part_that_a_function_makes(answer: str, hides: bool, is_called: bool) -> None:
    """It may hold a chat, so that it is made unless there is one already."""
    page = Page()
    box, shown = page.add("textbox"), page.add(answer, visible=not hides)
    group = page.open("group")
    page.close()
    asks = page.on(box, "submit", [box], [shown])
    made = page.on(99, "load", [], [group])
    app = App(page, {asks: lambda _: [[["Hi", "Fine."]]], made: lambda: [update()]})
    if hides:
        with pytest.raises(errors.ChatNotFoundError):
            app.ask()
    else:
        app.ask()
    assert (made in called(app)) is is_called


@pytest.mark.parametrize("on_server", [True, False])
def test_what_has_its_effect_on_the_server(on_server: bool) -> None:
    """It gets what others fill, which are called for that only."""
    page = Page()
    asks, _, _ = chat(page)
    number = page.add("number")
    first = page.on(99, "load", [], [number])
    effect = page.on(99, "load", [number], [], backend_fn=on_server)
    app = App(page, {asks: answers, first: lambda: [7], effect: lambda _: []})
    app.ask()
    expected = [(first, []), (effect, [7])] if on_server else []
    assert app.calls[:-1] == expected


@pytest.mark.parametrize(
    ("event", "version", "trigger"),
    [
        ("load", "5.50.0", None),
        ("load", "4.44.1", None),
        ("load", "6.0.0", 1),
        ("load", "7.0.0", 1),
        ("mount", "5.50.0", 1),
    ],
)
def test_what_a_page_names_as_the_component_that_was_used(
    event: str, version: str, trigger: int | None
) -> None:
    page = Page()
    group = page.open("group")
    page.close()
    asks, _, shown = chat(page)
    load = page.on(group, event, [], [shown])
    app = App(page, {asks: answers, load: lambda: [[]]}, {"version": version})
    app.ask()
    first, last = app.bodies
    assert (first["fn_index"], first["trigger_id"]) == (load, trigger)
    assert last["fn_index"] == asks


def test_the_page_that_the_chat_is_on() -> None:
    """Of an app of several; the functions of others are not called."""
    page = Page()
    note, other = page.add("textbox", interactive=False), page.add("textbox", interactive=False)
    asks, box, shown = chat(page)
    loads = [page.on(99, "load", [], [note]), page.on(99, "load", [], [other])]
    config = {
        "pages": [["", "One"], ["two", "Two"]],
        "page": {
            "": {"components": [note], "dependencies": loads[:1]},
            "two": {"components": [other, box, shown], "dependencies": [*loads[1:], asks]},
        },
    }
    assert opened(page, asks, *loads, config=config) == loads[1:]


def test_a_function_that_fails_changes_nothing() -> None:
    page = Page()
    asks, _, shown = chat(page)
    load = page.on(99, "load", [], [shown], "greet")
    app = App(page, {asks: answers, load: fails})
    app.ask()
    assert called(app) == [load, asks]
    assert app.logs == ["/greet failed when the page was opened: no"]


def test_another_way_after_a_first_function() -> None:
    """What it reveals may need others; each is called once."""
    page = Page()
    group = page.open("group", visible=False)
    box, number, shown = page.add("textbox"), page.add("number"), page.add("chatbot")
    page.close()
    asks = page.on(box, "submit", [box, number], [shown])
    counts = page.on(99, "load", [], [number])
    reveals = page.on(99, "load", [], [group])
    app = App(page, {asks: answers, counts: lambda: [7], reveals: lambda: [update(visible=True)]})
    app.ask()
    assert app.calls == [(reveals, []), (counts, []), (asks, ["Hi", 7])]


@pytest.mark.parametrize("is_shown", [True, False])
def test_an_app_as_its_page_shows_it(is_shown: bool) -> None:
    """A page is opened only if no way to chat is known before; none is needed after that."""
    page = Page()
    group = page.open("group", visible=is_shown)
    asks, _, _ = chat(page)
    page.close()
    load = page.on(99, "load", [], [group])
    for visible in (True, False):
        app = App(page, {load: lambda visible=visible: [update(visible=visible)], asks: answers})
        known = KnownApp("http://app", {}, parse_config(json.dumps(app.config).encode()))
        seen = shown(app, known)
        assert called(app) == ([] if is_shown else [load])
        assert seen.components[group].shown is (is_shown or visible)


def shown(app: App, known: KnownApp) -> Any:
    """Return an app as its page shows it."""
    found: list[Any] = []

    def script() -> Steps[None]:
        found.append((yield from shown_app(known, Budget())))

    steps, outcome = script(), None
    with contextlib.suppress(StopIteration):
        while True:
            outcome = app.outcome(steps.send(outcome))
    return found[0]
