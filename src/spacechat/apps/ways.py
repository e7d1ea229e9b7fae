"""One way to chat with an app: the message's box, the event, the functions, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import msgspec

from .app import App, Function
from .components import Component
from .points import Point, is_for_system

Trigger: TypeAlias = "tuple[int | None, str]"
"""An event that a person causes: the id of the component that they use, and the event's name."""


class Way(msgspec.Struct, frozen=True, dict=True, eq=False):
    """One way to chat with an app.

    It has a `__dict__` for its cached properties.

    Attributes:
        app: The app.
        trigger: The event that a person causes.
        message: The component that takes the message.
        answer: The component that shows the answer.
        first: The functions the event calls directly.
        closure: These and the functions chained after them, in the page's order.
        writers: The functions of the closure that fill a component, by the component's id.
        points: The sum of its points.
        considered: Its points: those of the answer, of the event and of the box.
    """

    app: App
    trigger: Trigger
    message: Component
    answer: Component
    first: Sequence[Function]
    closure: Sequence[Function]
    writers: Mapping[int, Sequence[Function]]
    points: int
    considered: Sequence[Sequence[Point]]

    @property
    def reasons(self) -> Sequence[str]:
        """The reasons for and against it, in words."""
        return [f"{point.reason} ({point.worth:+})" for each in self.considered for point in each]

    @property
    def objections(self) -> Sequence[str]:
        """The reasons against it, in words."""
        return [point.reason for each in self.considered for point in each if point.worth < 0]

    @cached_property
    def needed(self) -> frozenset[int]:
        """Ids of the functions that this answer, or the next one, depends on.

        The page also calls functions that only change its looks. Each of those would cost a
        request, so they are left out.

        The search goes backwards: from the answer to the functions that fill it, to their inputs,
        to the functions that fill those, and so on. It ends because a component's functions are
        popped when they are looked at, and a function's inputs are added only once.
        """
        giving: dict[int, list[Function]] = {}
        needed: dict[int, Function] = {}
        for function in self.closure:
            if function.on_server:
                if function.inputs and not function.outputs:
                    needed[function.id] = function  # Its effect is on the server.
                for id_ in function.outputs:
                    giving.setdefault(id_, []).append(function)
        # Emptying the message box is no part of the answer.
        giving.pop(self.message.id, None)
        wanted = [self.answer.id, *(id_ for each in needed.values() for id_ in each.inputs)]
        while wanted:
            for function in giving.pop(wanted.pop(), ()):
                if function.id not in needed:
                    needed[function.id] = function
                    wanted += function.inputs
        return frozenset(needed)

    def chain(self) -> Iterator[Function]:
        """Yield the needed functions in the order in which the page calls them."""
        for function in self.closure:
            if function.id in self.needed:
                yield function

    @cached_property
    def inputs(self) -> Sequence[Component]:
        """The components, apart from the message, whose values the needed functions take.

        Outputs of earlier functions and values that the server keeps are left out: no person sets
        those.
        """
        given = {self.message.id}
        settable: dict[int, Component] = {}
        for function in self.chain():
            for component in self.app.named(function.inputs):
                if component.is_state or component.is_chatbot or component.id in given:
                    continue
                settable[component.id] = component
            given.update(function.outputs)
        return list(settable.values())

    @property
    def system(self) -> Component | None:
        """The component for the system text, or None."""
        boxes = [each for each in self.inputs if each.type in ("textbox", "textarea")]
        return next((box for box in boxes if is_for_system(box)), None)

    @property
    def endpoint(self) -> str | int | None:
        """The name or id by which `endpoint=` chooses this way."""
        function = next((each for each in self.closure if each.on_server), None)
        return None if function is None else function.api_name or function.id

    def writes_answer(self, function: Function) -> bool:
        """Tell whether a function fills the component that shows the answer."""
        return function.on_server and self.answer.id in function.outputs

    @property
    def sends_box(self) -> bool:
        """Whether the event is sending the message box off; otherwise it is a button's."""
        return self.trigger == (self.message.id, "submit")

    @property
    def shows_html(self) -> bool:
        """Whether the answer is HTML."""
        return self.answer.type == "html"

    def __str__(self) -> str:
        used = self.app.component(self.trigger[0])
        by = self.trigger[1] if used is None else f"{self.trigger[1]} of {used}"
        return f"{self.message} → {self.answer} by {by}"
