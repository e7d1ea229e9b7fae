"""What a person sees of a page when it is opened: tabs, accordions, headings, hidden parts."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from spacechat.apps import App, parse_config
from spacechat.apps.components import Component
from spacechat.apps.layout import Layout, enclosing, mark_visibility, places, stage
from tests.servers.page import Page


class Seen(NamedTuple):
    """What is known of a component: see `Component`."""

    shown: bool = True
    is_open: bool = True
    closed_by: int | None = None
    unmounted_in: int | None = None
    around: int | None = None


def read(page: Page) -> App:
    """Read the app of a page, with a function that fills everything, so that all is kept."""
    page.on(1, "click", [], [each["id"] for each in page.components])
    return parse_config(page.config())


def seen(app: App, id_: int) -> Seen:
    each = app.components[id_]
    around = None if each.around is None else each.around.id
    return Seen(each.shown, each.is_open, each.closed_by, each.unmounted_in, around)


PARTS: list[tuple[list[tuple[str, str | None, dict[str, Any]]], Seen]] = [
    ([], Seen()),
    ([("row", None, {})], Seen()),
    ([("group", "Sky", {})], Seen(around=1)),
    ([("group", "Sky", {}), ("row", None, {})], Seen(around=1)),
    ([("group", "Sky", {}), ("group", "Sea", {})], Seen(around=2)),
    ([("row", None, {"visible": False})], Seen(shown=False)),
    ([("row", None, {"visible": "hidden"})], Seen(shown=False)),
    ([("row", None, {"visible": False}), ("row", None, {})], Seen(shown=False)),
    ([("accordion", None, {"open": True})], Seen()),
    ([("accordion", None, {"open": False})], Seen(True, False, 1, 1)),
    ([("sidebar", None, {"open": False})], Seen(True, False, 1, None)),
    (
        [("accordion", None, {"open": False}), ("accordion", None, {"open": False})],
        Seen(True, False, None, 2),
    ),
    (
        [("accordion", None, {"open": False}), ("sidebar", None, {"open": False})],
        Seen(True, False, None, 1),
    ),
    (
        [("sidebar", None, {"open": False}), ("row", None, {}), ("row", None, {})],
        Seen(True, False, 1, None),
    ),
]


@pytest.mark.parametrize(("around", "expected"), PARTS)
def test_what_is_around_a_component(
    around: list[tuple[str, str | None, dict[str, Any]]], expected: Seen
) -> None:
    page = Page()
    for kind, label, props in around:
        page.open(kind, label, **props)
    inside = page.add("textbox")
    for _ in around:
        page.close()
    outside = page.add("textbox")
    app = read(page)
    assert seen(app, inside) == expected
    assert seen(app, outside) == Seen()


@pytest.mark.parametrize(
    ("kinds", "tabs", "first", "second", "opened"),
    [
        (("tabs", "tabitem"), {}, {}, {}, 0),
        (("tabs", "tabitem"), {"selected": "b"}, {"id": "a"}, {"id": "b"}, 1),
        (("tabs", "tabitem"), {"selected": 2}, {"id": 1}, {"id": 2}, 1),
        (("tabs", "tabitem"), {"selected": 0}, {"id": 1}, {"id": 0}, 1),
        (("tabs", "tabitem"), {"selected": "c"}, {"id": "a"}, {"id": "b"}, 0),
        (("tabs", "tabitem"), {"selected": "b"}, {"id": "a"}, {"id": "b", "visible": False}, 0),
        (("tabs", "tabitem"), {}, {"visible": False}, {}, 1),
        (("tabs", "tabitem"), {}, {"id": "a"}, {}, 0),
        (("walkthrough", "walkthroughstep"), {"selected": 2}, {"id": 1}, {"id": 2}, 1),
        (("antdtabs", "antdtabsitem"), {"active_key": "b"}, {"key": "a"}, {"key": "b"}, 1),
        (("antdtabs", "antdtabsitem"), {}, {"key": "a"}, {"key": "b"}, 0),
    ],
)
def test_which_tab_is_open(
    kinds: tuple[str, str],
    tabs: dict[str, Any],
    first: dict[str, Any],
    second: dict[str, Any],
    opened: int,
) -> None:
    page = Page()
    around = page.open(kinds[0], **tabs)
    items, inside = [], []
    for props in (first, second):
        items.append(page.open(kinds[1], **props))
        inside.append(page.add("textbox"))
        page.close()
    app = read(page)
    closed = 1 - opened
    is_shown = [props.get("visible", True) for props in (first, second)]
    is_own = kinds[0] in ("tabs", "walkthrough")
    assert seen(app, inside[opened]) == Seen()
    assert seen(app, inside[closed]) == Seen(
        is_shown[closed], False, around, items[closed] if is_own else None
    )


def test_tabs_within_a_closed_part() -> None:
    page = Page()
    accordion = page.open("accordion", open=False)
    page.open("tabs")
    inside, items = [], []
    for _ in range(2):
        items.append(page.open("tabitem"))
        inside.append(page.add("textbox"))
        page.close()
    app = read(page)
    assert seen(app, inside[0]) == Seen(True, False, accordion, accordion)
    assert seen(app, inside[1]) == Seen(True, False, None, items[1])


def test_the_places_of_a_page_come_in_its_order() -> None:
    inner = Layout(2, [Layout(3), Layout(4)])
    assert [each.id for each in places(Layout(1, [inner, Layout(5)]))] == [1, 2, 3, 4, 5]


def test_places_without_components() -> None:
    """A layout may name what is not described, or nothing."""
    component = Component(3)
    mark_visibility(Layout(None, [Layout(9, [Layout(3)])]), {3: component})
    assert (component.shown, component.is_open, component.around) == (True, True, None)


def tree() -> App:
    """Return an app whose page has two rows, one with a hidden and a disabled box in a group."""
    page = Page()
    page.open("row")
    page.open("group")
    page.add("textbox", visible=False)
    page.add("textbox", interactive=False)
    page.add("textbox")
    page.close(2)
    page.open("row")
    page.add("textbox")
    return read(page)


@pytest.mark.parametrize(
    ("parts", "deciding"),
    [
        ([], set()),
        ([5], {0, 1, 2}),
        ([3, 4], {0, 1, 2, 3, 4}),
        ([7], {0, 6}),
        ([5, 7], {0, 1, 2, 6}),
    ],
)
def test_what_decides_whether_a_part_is_seen(parts: list[int], deciding: set[int]) -> None:
    app = tree()
    assert stage(app.layout, app.components, parts) == deciding


@pytest.mark.parametrize(("id_", "around"), [(5, {0, 1, 2}), (2, {0, 1}), (6, {0}), (0, set())])
def test_what_encloses_a_component(id_: int, around: set[int]) -> None:
    assert enclosing(tree().layout, id_) == around


def test_tabs_that_hold_nothing() -> None:
    page = Page()
    page.add("tabs")
    assert seen(read(page), 1) == Seen()
    tabs = Component(1, "tabs")
    mark_visibility(Layout(1, [Layout(9), Layout(None)]), {1: tabs})
    assert tabs.is_open


def test_what_has_no_number_encloses_nothing() -> None:
    layout = Layout(None, [Layout(3)])
    assert enclosing(layout, 3) == frozenset()
    assert stage(layout, {3: Component(3)}, [3]) == frozenset()


def test_numbers_that_are_around_each_other() -> None:
    """A layout may name a component twice, even within itself."""
    layout = Layout(1, [Layout(2, [Layout(1), Layout(3)])])
    assert enclosing(layout, 3) == {1, 2}
    assert stage(layout, {3: Component(3)}, [3]) == {1, 2}
