"""One way to chat with an app: the message's box, the event, the functions, and the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import msgspec

from .app import SET_BY_PERSON, App, Function
from .components import Component
from .kin import SENDING
from .points import Point, is_for_system
from .servers import HISTORY, PAIRS

Trigger: TypeAlias = "tuple[int | None, str]"
"""An event that a person causes: the id of the component that they use, and the event's name."""


def feeding(
    functions: Iterable[Function], wanted: Iterable[int], apart: int | None = None
) -> set[int]:
    """Return the ids of the functions that fill components, or what such functions take.

    The search goes backwards: from the wanted components to the functions that fill them, to their
    inputs, to the functions that fill those, and so on. It ends because a component's functions are
    popped when they are looked at, and a function's inputs are added only once.

    Args:
        functions: The functions to choose from.
        wanted: Ids of the components.
        apart: The id of a component that a person fills, so that no function has to. None: none.
    """
    giving: dict[int, list[Function]] = {}
    for function in functions:
        if function.on_server or function.script:
            for id_ in function.outputs:
                if id_ != apart:
                    giving.setdefault(id_, []).append(function)
    needed: set[int] = set()
    waiting = list(wanted)
    while waiting:
        for function in giving.pop(waiting.pop(), ()):
            if function.id not in needed:
                needed.add(function.id)
                waiting += function.inputs
    return needed


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
        request, so they are left out. What empties the message box is no part of the answer.
        """
        begun = {each.id for each in self.first}
        effects = [  # Of functions that fill nothing, on the server; listeners only look on.
            each
            for each in self.closure
            if each.on_server
            and each.inputs
            and not each.outputs
            and (each.after is not None or each.id in begun)
        ]
        wanted = {self.answer.id, *(id_ for each in effects for id_ in each.inputs)}
        taken = {self.message.id, *(id_ for each in self.closure for id_ in each.inputs)}
        by_person = [each for id_ in taken for each in self.app.listening(id_, *SET_BY_PERSON)]
        needed = feeding([*self.closure, *by_person], wanted, apart=self.message.id)
        return frozenset(needed.union(each.id for each in effects))

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
    def remembers(self) -> bool:
        """Whether its functions take what an earlier question left: the chat, or a state."""
        taken = {id_ for each in self.chain() for id_ in each.inputs}
        return self.answer.id in taken or any(each.is_state for each in self.app.named(list(taken)))

    @property
    def system(self) -> Component | None:
        """The component for the system text, or None."""
        boxes = [each for each in self.inputs if each.kin in ("textbox", "textarea")]
        return next((box for box in boxes if is_for_system(box)), None)

    @property
    def history(self) -> Component | None:
        """The parameter that takes the earlier messages from the page, or None."""
        return next((each for each in self.inputs if each.type in (HISTORY, PAIRS)), None)

    @property
    def endpoint(self) -> str | int | None:
        """The name or id by which `endpoint=` chooses this way."""
        function = next((each for each in self.closure if each.on_server), None)
        return None if function is None else function.api_name or function.id

    def writes_answer(self, function: Function) -> bool:
        """Tell whether a function fills the component that shows the answer."""
        return function.on_server and self.answer.id in function.outputs

    def shows_answer(self, function: Function) -> bool:
        """Tell whether what a function fills in there is the answer, or a part of it."""
        return self.writes_answer(function) and function.id not in self.previews

    @cached_property
    def previews(self) -> frozenset[int]:
        """Ids of the functions that fill the answer with what is none, such as "Searching…".

        They take nothing, so they don't know the question, and another function fills it after
        them. Those that fill a chat are none: theirs are entries of it.
        """
        if self.answer.is_chatbot:
            return frozenset()
        writers = [each for each in self.closure if self.writes_answer(each)]
        return frozenset(each.id for each in writers[:-1] if not each.inputs)

    @property
    def sends_box(self) -> bool:
        """Whether the event is sending the message box off; otherwise it is a button's."""
        return self.trigger[0] == self.message.id and self.trigger[1] in SENDING

    @property
    def shows_html(self) -> bool:
        """Whether the answer is HTML."""
        return self.answer.type == "html"

    def __str__(self) -> str:
        used = self.app.component(self.trigger[0])
        by = self.trigger[1] if used is None else f"{self.trigger[1]} of {used}"
        return f"{self.message} → {self.answer} by {by}"
