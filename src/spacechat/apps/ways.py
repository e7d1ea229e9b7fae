"""Finding how a person would chat with an app.

A chat is an event that a person causes (sending a message box off, or clicking a button), whose
functions and those chained after them take the box's text and fill something that shows an answer.
Every such way is given points for what speaks for it and against it. The best is taken if it stands
out: a way that does something else and has nearly as many points may be the one that was meant, and
a question that was sent there may do harm. Then none is taken, and the caller has to choose.

Two ways are no rivals where one act of a person does both, so that only the answer is read
elsewhere; where the same message ends in the same answer, by sending its box off or by functions of
one name; and where they are boxes of one form, of which one is sent off by itself.

The work is linear in the size of the description. An event's boxes and its outputs have their
points each by itself, so the best few of each make the best ways; events that call the same
functions share what is known of these. What is left to make it more than linear, functions that
many different sets of events lead to, is bounded by `_MOST_WORK`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from ..errors import ChatNotFoundError, ProtocolError
from . import words
from .config import App, Component, Function

_CHATBOT = 140
"""Points of an answer that shows a chat."""
_OTHER = -140
"""Points of a part that is for something else: more than all that may speak for an answer that is a
mere text, but not more than what a chat has."""
_OTHER_BUTTON = -250
"""Points of a button that does something else; those below a chat often do."""
_OUTPUT_POINTS = {"textbox": 40, "markdown": 40, "textarea": 40, "html": 25, "code": 20, "json": 10}
_PICTURES = frozenset(
    {"image", "gallery", "video", "imageslider", "imageeditor", "annotatedimage", "model3d"}
)
_EVENTS = ("submit", "click")

_MARGIN = 20
"""Points by which the best way must be better than one that does something else."""
_BEST = 3
"""Boxes and outputs of an event that are worth a look."""
_SHOWN = 6
"""Ways that an error tells."""
_HEADINGS = 4
"""Tabs and the like around a box that are looked at."""
_TYPES = 30
"""Inputs and outputs of a function that an error tells."""
_MOST_WORK = 100_000
"""Functions, inputs and outputs that are looked at; what costs more counts as several: a box or an
output as `_PART`, a way as `_WAY`."""
_PART = 20
_WAY = 5

_NUMBERED = re.compile(r"_\d+$")
"""What Gradio adds to the name of a function that is there twice."""

Trigger = tuple[int | None, str]
"""The component that a person uses, and the event of it."""


class Point(NamedTuple):
    """What speaks for a way or against it."""

    worth: int
    reason: str


_BESIDE_A_PICTURE = Point(_OTHER, "it is beside a picture")


class Way(msgspec.Struct, frozen=True, dict=True, eq=False):
    """One way to chat with an app.

    Attributes:
        app: The app.
        trigger: The component that a person uses, and the event of it.
        message: Where the message goes.
        answer: Where the answer is read.
        first: The functions that the event calls.
        closure: They, and those that are chained after them, in the page's order.
        writers: Those of them that fill a component, by its id.
        points: How much speaks for it.
        considered: What does, and what speaks against it: of the answer, the event, the box.
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
        """What speaks for it and against it, in words."""
        return [f"{point.reason} ({point.worth:+})" for each in self.considered for point in each]

    @property
    def objections(self) -> Sequence[str]:
        """What speaks against it."""
        return [point.reason for each in self.considered for point in each if point.worth < 0]

    @cached_property
    def needed(self) -> frozenset[int]:
        """Ids of the functions that the answer, or the next one, depends on.

        The page also calls those that only change how it looks, which costs a request each.
        """
        giving: dict[int, list[Function]] = {}
        needed: dict[int, Function] = {}
        for function in self.closure:
            if function.on_server:
                if function.inputs and not function.outputs:
                    needed[function.id] = function  # It works silently.
                for id_ in function.outputs:
                    giving.setdefault(id_, []).append(function)
        # A function that empties the message box has no part in it.
        giving.pop(self.message.id, None)
        wanted = [self.answer.id, *(id_ for each in needed.values() for id_ in each.inputs)]
        while wanted:
            for function in giving.pop(wanted.pop(), ()):
                if function.id not in needed:
                    needed[function.id] = function
                    wanted += function.inputs
        return frozenset(needed)

    def chain(self) -> Iterator[Function]:
        """Give the needed functions in the order in which the page calls them."""
        for function in self.closure:
            if function.id in self.needed:
                yield function

    @cached_property
    def inputs(self) -> Sequence[Component]:
        """The components, apart from the message, whose values the needed functions take.

        What one before has given out, and what the server keeps, is left out: no person sets that.
        """
        given = {self.message.id}
        found: dict[int, Component] = {}
        for function in self.chain():
            for component in self.app.named(function.inputs):
                if component.is_state or component.is_chatbot or component.id in given:
                    continue
                found[component.id] = component
            given.update(function.outputs)
        return list(found.values())

    @property
    def system(self) -> Component | None:
        """The component for the system text, or None where there is none."""
        boxes = [each for each in self.inputs if each.type in ("textbox", "textarea")]
        return next((box for box in boxes if _is_for_system(box)), None)

    @property
    def endpoint(self) -> str | int | None:
        """What `endpoint=` may call this way."""
        found = next((each for each in self.closure if each.on_server), None)
        return None if found is None else found.api_name or found.id

    def writes_answer(self, function: Function) -> bool:
        """Tell whether a function fills what shows the answer."""
        return function.on_server and self.answer.id in function.outputs

    @property
    def sends_box(self) -> bool:
        """Whether a person sends the message box off; otherwise they click a button."""
        return self.trigger == (self.message.id, "submit")

    def __str__(self) -> str:
        used = self.app.component(self.trigger[0])
        by = self.trigger[1] if used is None else f"{self.trigger[1]} of {used}"
        return f"{self.message} → {self.answer} by {by}"


@dataclass(frozen=True)
class Ways:
    """The ways to chat with an app.

    Attributes:
        all: The best first; those that seem to do something else, too.
        problem: Why none of them is taken, or None.
    """

    all: Sequence[Way]
    problem: str | None

    @property
    def best(self) -> Way | None:
        """The one that is taken."""
        return self.all[0] if self.problem is None else None


def find_way(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> Way:
    """Return the best way to chat with an app.

    Args:
        app: The app.
        endpoint: A function that must have a part in it: its `api_name`, with or without a slash,
            or its id. None: any.
        output: Where the answer is to be read: a component's label or id. None: what fits best.

    Raises:
        ChatNotFoundError: There is none, and the message lists the app's functions; or there are
            several that do different things, and the message lists them.
        ProtocolError: The app is too large.
    """
    ways = find_ways(app, endpoint=endpoint, output=output)
    if ways.best is None:
        raise ChatNotFoundError(ways.problem or "")
    return ways.best


def find_ways(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> Ways:
    """Return every way to chat with an app that is worth a look; see `find_way`.

    Raises:
        ChatNotFoundError: There is no such endpoint.
        ProtocolError: The app is too large.
    """
    wanted = None if endpoint is None else _named(app, endpoint)
    found = sorted(_Search(app, wanted, output).ways(), key=lambda way: -way.points)
    taken = [way for way in found if wanted is not None or way.points > 0]
    if not taken:
        return Ways(found, _no_chat(app, endpoint, output, found))
    best = taken[0]
    near = [way for way in taken[1:] if best.points - way.points < _MARGIN]
    rivals = [] if wanted is not None else list(_rivals(best, near))
    return Ways(taken, _several([best, *rivals]) if rivals else None)


def _rivals(best: Way, others: Iterable[Way]) -> Iterator[Way]:
    """Give the ways that may be meant in the place of the best one, and have another effect."""
    known: dict[int, frozenset[str]] = {}

    def names(way: Way) -> frozenset[str]:
        """Return the names of the functions that fill the best way's answer."""
        key = id(way.writers)  # Many ways have the same.
        if key not in known:
            writers = way.writers.get(best.answer.id, ())
            known[key] = frozenset(_NUMBERED.sub("", each.api_name or "") for each in writers)
        return known[key]

    for way in others:
        same_functions = names(way) == names(best)
        if way.message is best.message:
            is_sent = bool(names(way)) and (way.sends_box or best.sends_box)
            if not (way.trigger == best.trigger or same_functions or is_sent):
                yield way
        # Of the boxes of one form, the one that is sent by itself is for the message.
        elif not (same_functions and best.sends_box and not way.sends_box):
            yield way


def _named(app: App, endpoint: str | int) -> Function:
    for function in app.functions.values():
        if isinstance(endpoint, int):
            if function.id == endpoint:
                return function
        elif function.api_name == endpoint.removeprefix("/"):
            return function
    raise ChatNotFoundError(
        f"The app has no endpoint {endpoint!r}. It has: {_list(app)}. endpoint= takes a name or "
        "an id."
    )


class _Part(NamedTuple):
    """A box or an output, and what speaks for it."""

    component: Component
    worth: int
    points: Sequence[Point]


def _part(component: Component, points: Iterable[Point]) -> _Part:
    found = list(points)
    return _Part(component, _sum(found), found)


def _sum(points: Iterable[Point]) -> int:
    return sum(point.worth for point in points)


class _Group(NamedTuple):
    """The functions that an event calls, and what they have to do with.

    Attributes:
        first: The functions.
        closure: They, and those that are chained after them.
        writers: Those of them that fill a component, by its id.
        boxes: Where a person may type what they take, by id.
        typed: The best of those that don't only show what a function returns.
        answers: The best places for an answer.
    """

    first: Sequence[Function]
    closure: Sequence[Function]
    writers: Mapping[int, Sequence[Function]]
    boxes: Mapping[int, _Part]
    typed: Sequence[_Part]
    answers: Sequence[_Part]


class _Search:
    """Looks for the ways to chat with an app.

    Args:
        app: The app.
        wanted: A function that must have a part in it. What nobody sees is then taken, too.
        output: Where the answer is to be read, as for `find_way`.
    """

    def __init__(self, app: App, wanted: Function | None, output: str | int | None) -> None:
        self._app = app
        self._wanted = wanted
        self._output = output
        self._work = 0
        self._groups: dict[tuple[int, ...], _Group | None] = {}
        self._boxes: dict[int, _Part] = {}
        self._answers: dict[int, _Part] = {}
        self._objections: dict[int, Sequence[Point]] = {}
        self._typed = frozenset(
            id_ for each in app.functions.values() if each.after is None for id_ in each.inputs
        )

    def ways(self) -> Iterator[Way]:
        """Give those that are worth a look, in the page's order."""
        events: dict[Trigger, list[Function]] = {}
        for function in self._app.functions.values():
            for target in function.targets:
                is_wanted = target[1] in _EVENTS or function is self._wanted
                if is_wanted and function.after is None:
                    events.setdefault(target, []).append(function)
        for trigger, first in events.items():
            group = self._group(first)
            if group is None:
                continue
            boxes = group.typed
            if trigger[1] == "submit":
                box = None if trigger[0] is None else group.boxes.get(trigger[0])
                boxes = [] if box is None else [box]
            points = list(_points_of_event(trigger[1], self._app.component(trigger[0])))
            worth = _sum(points)
            for box in boxes:
                for answer in group.answers:
                    if answer.component is not box.component:
                        self._spend(_WAY)
                        yield Way(
                            app=self._app,
                            trigger=trigger,
                            message=box.component,
                            answer=answer.component,
                            first=group.first,
                            closure=group.closure,
                            writers=group.writers,
                            points=answer.worth + worth + box.worth,
                            considered=(answer.points, points, box.points),
                        )

    def _spend(self, steps: int) -> None:
        self._work += steps
        if self._work > _MOST_WORK:
            raise ProtocolError(
                "This app's description is too large to be understood: its functions are chained "
                f"in so many ways that it takes more than {_MOST_WORK} steps to look at them."
            )

    def _group(self, first: Sequence[Function]) -> _Group | None:
        """Return what there is to know of functions; None if the wanted one is not among them."""
        self._spend(len(first))
        key = tuple(function.id for function in first)
        if key not in self._groups:
            closure = list(self._closure(first))
            is_wanted = self._wanted is None or any(each is self._wanted for each in closure)
            self._groups[key] = self._looked_at(first, closure) if is_wanted else None
        return self._groups[key]

    def _closure(self, first: Sequence[Function]) -> Iterator[Function]:
        """Give functions and all that are chained after them, as the page calls them."""
        waiting = deque(first)  # Each follows one at the most, so none comes twice.
        while waiting:
            self._spend(1)
            function = waiting.popleft()
            yield function
            waiting += self._app.followers.get(function.id, ())

    def _looked_at(self, first: Sequence[Function], closure: Sequence[Function]) -> _Group:
        taken: dict[int, None] = {}
        written: set[int] = set()
        writers: dict[int, list[Function]] = {}
        for function in closure:
            self._spend(len(function.inputs) + len(function.outputs))
            taken.update(dict.fromkeys(function.inputs))
            written.update(function.outputs)
            for id_ in dict.fromkeys(function.outputs if function.on_server else ()):
                writers.setdefault(id_, []).append(function)
        boxes = {
            box.id: self._box(box, is_emptied=box.id in written)
            for box in self._app.named(list(taken))
            if box.takes_text and (box.shown or self._wanted is not None)
        }
        # A box that only gets what a function returns is no place to type.
        typed = [
            part
            for id_, part in boxes.items()
            if part.component.props.interactive is not None
            or id_ not in written
            or id_ in self._typed
        ]
        called = (
            [Point(3, "it is called chat")]
            if any(each.api_name == "chat" for each in closure)
            else []
        )
        answers = [
            self._answer(answer, writers[answer.id], called)
            for answer in self._shown(list(writers))
        ]
        return _Group(
            first,
            closure,
            writers,
            boxes,
            sorted(typed or boxes.values(), key=_worth)[:_BEST],
            sorted(answers, key=_worth)[: _BEST + 1],  # One of them may be the box.
        )

    def _shown(self, written: Sequence[int]) -> Sequence[Component]:
        """Return the outputs in which an answer may be read."""
        found = self._app.named(written)
        output = self._output
        if output is not None:
            return [each for each in found if output in (each.id, each.label, each.props.elem_id)]
        fitting = [each for each in found if each.is_chatbot or each.gives_text]
        seen = [each for each in fitting if each.shown]
        return seen or (fitting if self._wanted is not None else [])

    def _box(self, box: Component, *, is_emptied: bool) -> _Part:
        self._spend(1)
        if box.id not in self._boxes:
            self._spend(_PART)
            self._boxes[box.id] = _part(box, _points_of_box(box))
        part = self._boxes[box.id]
        return _part(box, [*part.points, Point(15, f"{box} is emptied")]) if is_emptied else part

    def _answer(
        self, answer: Component, writers: Sequence[Function], more: Sequence[Point]
    ) -> _Part:
        self._spend(_WAY)
        if answer.id not in self._answers:
            self._spend(_PART)
            by_hand = self._output is not None
            self._answers[answer.id] = _part(answer, _points_of_answer(answer, by_hand=by_hand))
        points = [*self._answers[answer.id].points, *more]
        if any(each.streams for each in writers):
            points.append(Point(10, "it streams"))
        objections = [point for each in writers for point in self._objections_to(each)]
        if answer.is_chatbot or self._output is not None or _says(answer):
            objections = [each for each in objections if each is not _BESIDE_A_PICTURE]
        return _part(answer, [*points, *objections[:1]])

    def _objections_to(self, function: Function) -> Sequence[Point]:
        """Return what speaks against it that a function gives an answer."""
        found = self._objections.get(function.id)
        if found is None:
            found = []
            name = function.api_name
            if name and words.FUNCTION.is_chat([name]) is False:
                found.append(Point(_OTHER, f"{function} does something else"))
            if any(each.type in _PICTURES for each in self._app.named(function.outputs)):
                found.append(_BESIDE_A_PICTURE)
            self._objections[function.id] = found
        return found


def _worth(part: _Part) -> int:
    return -part.worth


def _says(answer: Component) -> bool | None:
    return words.OUTPUT.is_chat(answer.texts)


def _points_of_answer(answer: Component, *, by_hand: bool) -> Iterator[Point]:
    worth = _CHATBOT if answer.is_chatbot else _OUTPUT_POINTS.get(answer.type, 5)
    yield Point(worth, f"it fills {answer}")
    if not answer.is_open:
        yield Point(-30, f"{answer} is in a closed part of the page")
    if not (answer.is_chatbot or by_hand) and _says(answer) is False:
        yield Point(_OTHER, f"{answer} is no answer")


def _points_of_event(event: str, used: Component | None) -> Iterator[Point]:
    if used is None:
        return
    if event == "submit":
        yield Point(45, f"it is what sending {used} does")
        return
    if any(words.BUTTON.is_chat([text]) is False for text in used.texts):
        yield Point(_OTHER_BUTTON, f"{used} does something else")
    elif any(words.SEND.search(words.spelled_out(text)) for text in used.texts):
        yield Point(28, f"{used} sends")
    if not used.shown:
        yield Point(-60, f"{used} is hidden")


def _points_of_box(box: Component) -> Iterator[Point]:
    says = words.BOX.is_chat(box.texts)
    if _is_for_system(box):
        yield Point(-50, f"{box} is for the system text")
    elif says:
        yield Point(20, f"{box} is for messages")
    elif says is False:
        yield Point(_OTHER, f"{box} is for something else")
    elif any(words.TYPE_HERE.search(words.spelled_out(text)) for text in box.texts):
        yield Point(5, f"{box} is for typing")
    heading = _misleading(box)
    if heading is not None:
        yield Point(_OTHER, f"{box} is under {heading.label!r}")
    if not box.is_open:
        yield Point(-30, f"{box} is in a closed part of the page")
    if box.takes_files:
        yield Point(3, f"{box} takes files")


def _misleading(box: Component) -> Component | None:
    """Return the tab or what else is around a box that says that it is for something else."""
    around = box.around
    for _ in range(_HEADINGS):
        if around is None or words.HEADING.is_chat([around.label]):
            return None
        if words.HEADING.is_chat([around.label]) is False:
            return around
        around = around.around
    return None


def _is_for_system(box: Component) -> bool:
    return any(words.SYSTEM.search(words.spelled_out(text)) for text in box.texts)


def _several(ways: Sequence[Way]) -> str:
    return (
        "This app has several ways to chat that do different things, and none stands out: "
        f"{_told(ways)}. Nothing was sent. endpoint= says which function to call, and output= "
        "where the answer is to be read."
    )


def _told(ways: Sequence[Way]) -> str:
    shown = [f"{way} (endpoint={_endpoint(way)})" for way in ways[:_SHOWN]]
    rest = f" and {len(ways) - _SHOWN} more" if len(ways) > _SHOWN else ""
    return "; ".join(shown) + rest


def _endpoint(way: Way) -> str:
    return repr(f"/{way.endpoint}" if isinstance(way.endpoint, str) else way.endpoint)


def _no_chat(
    app: App, endpoint: str | int | None, output: str | int | None, doubtful: Sequence[Way]
) -> str:
    what = "No way to chat was found in this app"
    if endpoint is not None:
        what += f" by its endpoint {endpoint!r}"
    if output is not None:
        what += f" that fills the output {output!r}"
    if doubtful:
        return (
            f"{what}: what takes a text and gives one seems to be for something else: "
            f"{_told(doubtful)}. It has: {_list(app)}. If one of these answers all the same, name "
            "it by endpoint=; `spacechat inspect URL` says why none was taken."
        )
    if any(_is_from_text_to_text(app, function) for function in app.endpoints()):
        return (
            f"{what}: no box for a message that a person sees leads to a chat or a text. It has: "
            f"{_list(app)}. endpoint= and output= say how to use one of these; "
            "`spacechat inspect URL` shows more."
        )
    return (
        f"{what}: none of its functions takes a text and gives one. It has: {_list(app)}. It is no "
        "chat: ask another app."
    )


def _is_from_text_to_text(app: App, function: Function) -> bool:
    return any(each.takes_text for each in app.named(function.inputs)) and any(
        each.gives_text or each.is_chatbot for each in app.named(function.outputs)
    )


def _list(app: App) -> str:
    endpoints = list(app.endpoints())
    shown = "; ".join(_signature(app, function) for function in endpoints[:12])
    rest = f" and {len(endpoints) - 12} more" if len(endpoints) > 12 else ""
    return (shown + rest) or "no endpoints"


def _signature(app: App, function: Function) -> str:
    def types(ids: Sequence[int]) -> str:
        found = [each.type for each in app.named(ids[:_TYPES])]
        if len(ids) > _TYPES:
            found.append("…")
        return ", ".join(found) or "nothing"

    return f"{function} ({types(function.inputs)} → {types(function.outputs)})"
