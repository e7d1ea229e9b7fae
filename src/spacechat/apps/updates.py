"""The parts of a page that its functions change: properties of components, and whole parts.

An `App` is what a server says of itself, which all pages of it share. A page that changes a part
gets an app of its own, in which only that part is another one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from .app import App, followers_in, listeners_in
from .component_reader import LONGEST_TEXT
from .components import Props
from .config import parse_config
from .decoding import MALFORMED
from .layout import Layout, places

_TYPES: dict[str, Any] = {each.name: each.type for each in msgspec.structs.fields(Props)}


def changed(app: App, updates: Mapping[int, Mapping[str, object]]) -> App:
    """Return an app in which functions have set properties of components.

    Args:
        app: The app.
        updates: The properties by their names, by the components' ids.
    """
    components = {id_: copy.copy(each) for id_, each in app.components.items()}
    for id_, properties in updates.items():
        if id_ in components:
            components[id_].props = _changed_props(components[id_].props, properties)
    return _marked(msgspec.structs.replace(app, components=components))


def _changed_props(props: Props, properties: Mapping[str, object]) -> Props:
    changed_props = copy.copy(props)
    for name, value in properties.items():
        if name in _TYPES and name != "value":
            try:
                setattr(changed_props, name, _converted(value, _TYPES[name]))
            except (msgspec.ValidationError, *MALFORMED):
                continue  # As for what an app declares: a wrong type counts as not set.
    return changed_props


def _converted(value: object, kind: Any) -> object:
    if kind is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(value))
    converted = msgspec.convert(value, kind)
    return converted[:LONGEST_TEXT] if isinstance(converted, str) else converted


def rendered(app: App, data: bytes) -> App:
    """Return an app in which a function has made a part of the page.

    What the same function made before is gone.

    Args:
        app: The app.
        data: What it made, as JSON in the form of a description.

    Raises:
        ProtocolError: The part is malformed or too large.
    """
    part = parse_config(data)
    old = _place(app.layout, part.layout.id)
    gone = {each.id for each in places(old)} if old is not None else set[int | None]()
    components = {
        id_: copy.copy(each)
        for id_, each in app.components.items()
        if id_ not in gone or id_ == part.layout.id
    }
    components.update(part.components)
    functions = {id_: each for id_, each in app.functions.items() if each.part != part.layout.id}
    for id_, function in part.functions.items():
        functions[id_] = msgspec.structs.replace(function, part=part.layout.id)
    return _marked(
        msgspec.structs.replace(
            app,
            components=components,
            functions=functions,
            followers=followers_in(functions),
            listeners=listeners_in(functions),
            layout=_replaced(app.layout, part.layout),
        )
    )


def _marked(app: App) -> App:
    app.mark()
    return app


def _place(layout: Layout, id_: int | None) -> Layout | None:
    return next((each for each in places(layout) if each.id == id_), None)


def _replaced(layout: Layout, part: Layout) -> Layout:
    """Return a layout with another part in the place of that with the same id.

    Only the places around it are copied.
    """
    around = {id(child): place for place in places(layout) for child in place.children or ()}
    old = _place(layout, part.id)
    new = part
    while old is not None:
        outer = around.pop(id(old), None)
        if outer is None:
            return new
        children = [new if child is old else child for child in outer.children or ()]
        old, new = outer, Layout(outer.id, children)
    return layout
