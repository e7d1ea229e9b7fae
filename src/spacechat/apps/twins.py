"""The buttons that do the same as sending a box, whose words tell what sending it does.

`gr.on([box.submit, button.click], add)` is how authors let people press enter instead of a button.
Where the button says "Add", the box is for adding something, though nothing else says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from . import words
from .app import App, Function
from .components import Component
from .points import OTHER, Point

_Key: TypeAlias = "tuple[int, ...]"


class Twins:
    """The buttons of an app, by what a click on them does.

    Everything is looked at once, so that the work is linear in the size of the description.

    Args:
        app: The app.
        events: The functions that each event calls directly.
    """

    def __init__(
        self, app: App, events: Mapping[tuple[int | None, str], Sequence[Function]]
    ) -> None:
        self._numbers: dict[tuple[str, tuple[int, ...], tuple[int, ...]], int] = {}
        self._kinds: dict[int, int] = {}
        self._others: dict[_Key, Component | None] = {}
        for (used, event), functions in events.items():
            button = app.component(used)
            if event == "click" and button is not None:
                self._add(self._key(functions), button)

    def objections(self, functions: Sequence[Function]) -> Iterator[Point]:
        """Yield what the buttons say against sending a box that calls functions."""
        button = self._others.get(self._key(functions))
        if button is not None:
            yield Point(OTHER, f"it does the same as {button}")

    def _add(self, key: _Key, button: Component) -> None:
        """Keep the first button, unless one of those that do the same says nothing else."""
        is_other = any(words.BUTTON.is_chat([text]) is False for text in button.texts)
        if not is_other:
            self._others[key] = None
        else:
            self._others.setdefault(key, button)

    def _key(self, functions: Iterable[Function]) -> _Key:
        return tuple(map(self._kind, functions))

    def _kind(self, function: Function) -> int:
        """Return a number that functions of one name, with the same inputs and outputs, share."""
        kind = self._kinds.get(function.id)
        if kind is None:
            name = words.unnumbered(function.api_name or "")
            what = (name, tuple(function.inputs), tuple(function.outputs))
            kind = self._kinds[function.id] = self._numbers.setdefault(what, len(self._numbers))
        return kind
