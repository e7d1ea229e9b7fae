"""Which components of a page a person sees, by the tree of its layout.

A component is *shown* unless it, or a component around it, is declared invisible. A closed tab or
accordion doesn't count against that: a person can open it. But what it holds is not *open*, and
the page's author has put it out of the way, which counts against using it for a chat. It counts
less where only one thing around it is closed and the functions that fill it fill that too: they
open it, as an app does that shows code in a drawer while it writes.

Of tabs, one is open: the one that is named as selected, or else the first that is visible. A
component's *heading* is the innermost component around it that has a label; headings form a chain,
from the inside to the outside of the page.

A layout comes from a server, so its depth has no limit that Python's recursion would bear. Both
walks use a list as their stack, and visit each place once: a tree that was decoded from JSON has
no cycles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from .components import Component

_TABS = ("tabs", "walkthrough")
_TAB = ("tabitem", "tabsitem", "walkthroughstep")
"""The ends of the types of tabs, and of a single one: others name theirs after Gradio's."""


def is_tab(name: str) -> bool:
    """Tell whether a type is that of a single tab."""
    return name.endswith(_TAB)


class Layout(msgspec.Struct):
    """A place in the layout, and the places in it.

    Attributes:
        id: The component's id.
        children: The places in it, in order.
    """

    id: int | None = None
    children: list[Layout] | None = None


def places(layout: Layout) -> Iterator[Layout]:
    """Yield every place in a layout, outer ones before those in them."""
    waiting = [layout]
    while waiting:
        place = waiting.pop()
        yield place
        waiting += reversed(place.children or ())


def mark_visibility(layout: Layout, components: Mapping[int, Component]) -> None:
    """Set `shown`, `is_open`, `closed_by`, `unmounted_in` and `around` of all components.

    Args:
        layout: The page's layout.
        components: Its components, by id.
    """
    waiting: list[tuple[Layout, bool, Sequence[int], int | None, Component | None]]
    waiting = [(layout, True, (), None, None)]
    while waiting:
        place, shown, closed, unmounted_in, around = waiting.pop()
        component = components.get(place.id) if place.id is not None else None
        type_ = "" if component is None else component.type
        open_tab: int | None = None
        if component is not None:
            shown = shown and component.props.is_visible
            component.shown, component.is_open, component.around = shown, not closed, around
            component.closed_by = closed[0] if len(closed) == 1 else None
            component.unmounted_in = unmounted_in
            if component.props.open is False:
                closed = _with(closed, component.id)
                if type_ == "accordion":
                    unmounted_in = component.id
            if component.type.endswith(_TABS):
                open_tab = _open_tab(component, place, components)
            if component.label:
                around = component
        for child in reversed(place.children or ()):
            within, inside = closed, unmounted_in
            if component is not None and open_tab is not None and child.id != open_tab:
                within = _with(closed, component.id)
                inside = child.id if type_ in _TABS else unmounted_in
            waiting.append((child, shown, within, inside, around))


def stage(
    layout: Layout, components: Mapping[int, Component], parts: Collection[int]
) -> frozenset[int]:
    """Return the components that decide whether a person sees and can use any of some parts.

    These are all that are around them, and the parts that are hidden or disabled themselves.

    Args:
        layout: The page's layout.
        components: Its components, by id.
        parts: Ids of the parts.
    """
    around = _places_around(layout)
    deciding = {
        id_
        for id_ in parts
        if not components[id_].props.is_visible or components[id_].props.is_fixed
    }
    for id_ in parts:
        deciding.update(_outwards(around, id_))
    return frozenset(deciding)


def enclosing(layout: Layout, id_: int) -> frozenset[int]:
    """Return the components around one."""
    return frozenset(_outwards(_places_around(layout), id_))


def _places_around(layout: Layout) -> dict[int, Layout]:
    return {
        child.id: place for place in places(layout) for child in place.children or () if child.id
    }


def _outwards(around: dict[int, Layout], id_: int) -> Iterator[int]:
    """Yield the components around one, the innermost first.

    A layout may name a component twice, even within itself. This ends, and none is passed again in
    a later walk, as each place is taken out of those that are left.

    Args:
        around: The place around each component that no walk has passed.
        id_: The component.
    """
    while (place := around.pop(id_, None)) is not None and place.id is not None:
        id_ = place.id
        yield id_


def _with(closed: Sequence[int], id_: int) -> Sequence[int]:
    """Return what is closed around a place, of which two are as good as many."""
    return (*closed[:1], id_)


def _open_tab(tabs: Component, place: Layout, components: Mapping[int, Component]) -> int | None:
    """Return the id of the tab that is open at first: the selected one, or else the first."""
    ids = [each.id for each in place.children or () if each.id is not None]
    visible = [
        components[id_] for id_ in ids if id_ in components and components[id_].props.is_visible
    ]
    selected = _first_set(tabs.props.selected, tabs.props.active_key)
    named = [
        each
        for each in visible
        if selected is not None and selected == _first_set(each.props.id, each.props.key)
    ]
    return next((each.id for each in [*named, *visible]), None)


def _first_set(*names: int | str | None) -> int | str | None:
    return next((each for each in names if each is not None), None)
