"""The buttons that do the same as sending a box, whose words tell what sending it does.

`gr.on([box.submit, button.click], add)` is how authors let people press enter instead of a button.
Where the button says "Add", the box is for adding something, though nothing else says so.

Some authors split the act instead: enter only puts the question into the chat, and a button has it
answered. Nothing tells of the first that it gives no answer, but the second streams into the same
chat, and takes the box, too, so that one click does both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from . import words
from .app import App, Function
from .components import Component
from .points import OTHER, Point, does_other

_Key: TypeAlias = "tuple[int, ...]"
_SHOWS_ONLY = -40
"""Makes up for what sending a box, and emptying it, is ahead of a button that streams."""


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
        self._streaming: dict[int, tuple[Component, frozenset[int]]] = {}
        for (used, event), functions in events.items():
            button = app.component(used)
            if event == "click" and button is not None:
                self._add(self._key(functions), button)
                self._add_streaming(functions, button)

    def objections(
        self,
        functions: Sequence[Function],
        box: Component,
        answer: Component,
        writers: Iterable[Function],
    ) -> Iterator[Point]:
        """Yield what the buttons say against sending a box that calls functions.

        Args:
            functions: The functions.
            box: The box.
            answer: What shows the answer.
            writers: The functions that fill it once the box is sent.
        """
        if answer.is_chatbot:
            yield from self._objections_to_chat(box, answer, writers)
            return
        button = self._others.get(self._key(functions))
        if button is not None:
            yield Point(OTHER, f"it does the same as {button}")

    def _objections_to_chat(
        self, box: Component, answer: Component, writers: Iterable[Function]
    ) -> Iterator[Point]:
        button, taken = self._streaming.get(answer.id, (None, frozenset[int]()))
        if box.id in taken and not any(each.streams for each in writers):
            yield Point(_SHOWS_ONLY, f"it may only show the question: {button} streams the answer")

    def _add_streaming(self, functions: Iterable[Function], button: Component) -> None:
        """Keep the first button that sends and streams into an output, and what it takes."""
        if not (button.shown and words.is_any(words.SEND, button.texts)):
            return
        for function in functions:
            if function.streams:
                taken = frozenset(function.inputs)
                for id_ in function.outputs:
                    self._streaming.setdefault(id_, (button, taken))

    def _add(self, key: _Key, button: Component) -> None:
        """Keep the first button, unless one of those that do the same says nothing else."""
        if not does_other(button):
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
