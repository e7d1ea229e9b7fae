"""One way to chat with an app: the message's box, the event, the functions, and the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from .app import SET_BY_FUNCTION, SET_BY_PERSON, App, Function
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


def leading_to(functions: Iterable[Function], wanted: Iterable[int]) -> set[int]:
    """Return the ids of the functions after which wanted ones are called, and of those.

    Each function and each component is looked at once, so that this ends.

    Args:
        functions: The functions to choose from.
        wanted: Ids of the wanted functions.
    """
    known = {each.id: each for each in functions}
    filling: dict[int | None, list[int]] = {}
    for function in known.values():
        for id_ in function.outputs:
            filling.setdefault(id_, []).append(function.id)
    found = set(wanted)
    waiting = [known[id_] for id_ in found]
    while waiting:
        later = waiting.pop()
        before = [] if later.after is None else [later.after]
        for used, event in later.targets:
            if event in SET_BY_FUNCTION:
                before += filling.pop(used, ())
        waiting += [known[id_] for id_ in before if id_ in known and id_ not in found]
        found.update(id_ for id_ in before if id_ in known)
    return found


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
        named: The one of them that the caller named, or None.
        line: Those that come before or after the named one, and that one; all if none is named.
        writers: The functions of the line that fill a component, by the component's id.
        points: The sum of its points.
        considered: Its points: those of the answer, of the event and of the box.
    """

    app: App
    trigger: Trigger
    message: Component
    answer: Component
    first: Sequence[Function]
    closure: Sequence[Function]
    named: Function | None
    line: Sequence[Function]
    writers: Mapping[int, Sequence[Function]]
    points: int
    considered: Sequence[Sequence[Point]]

    @property
    def takes_files(self) -> bool:
        """Whether files can go with a message: in its own box, or beside it."""
        return self.message.takes_files or any(each.picks_files for each in self.inputs)

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
        called = {each.id for each in self._effects()}
        wanted = {self.answer.id}
        if self.named is not None:
            called.add(self.named.id)
        wanted.update(id_ for each in self.closure if each.id in called for id_ in each.inputs)
        taken = {self.message.id, *(id_ for each in self.closure for id_ in each.inputs)}
        by_person = [each for id_ in taken for each in self.app.listening(id_, *SET_BY_PERSON)]
        functions = [*self.line, *self._beside(), *by_person]
        return frozenset(called | feeding(functions, wanted, apart=self.message.id))

    def _effects(self) -> Iterator[Function]:
        """Yield the functions that do something on the server instead of filling an output.

        If the caller named a function, those that come after the answer are left out.
        """
        begun = {each.id for each in self.first}
        before = {each.id for each in self.line}
        if self.named is not None:
            writers = self.writers.get(self.answer.id, ())
            later = {each.id for each in self.app.following([self.named])}
            ends = {self.named.id, *(each.id for each in writers if each.id in later)}
            before = leading_to(self.line, ends)
        for each in self.line:
            fills_nothing = each.on_server and each.inputs and not each.outputs
            # Listeners only look on.
            if fills_nothing and each.id in before and (each.after is not None or each.id in begun):
                yield each

    def _beside(self) -> Iterator[Function]:
        """Yield the other functions of the event, as if they filled nothing that the line fills."""
        line = {each.id for each in self.line}
        filled = {id_ for each in self.line for id_ in each.outputs}
        for each in self.closure:
            if each.id not in line:
                yield replace(each, outputs=[id_ for id_ in each.outputs if id_ not in filled])

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
        """The name or id by which `endpoint=` chooses this way: that of who fills the answer."""
        function = next(iter(self.writers.get(self.answer.id, ())), None)
        return None if function is None else function.api_name or function.id

    def writes_answer(self, function: Function) -> bool:
        """Tell whether a function that is called fills the component that shows the answer."""
        fills = function.on_server and self.answer.id in function.outputs
        return fills and function.id in self.needed

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
