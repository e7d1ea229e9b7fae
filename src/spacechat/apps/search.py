"""The search for ways to chat: which message box, event and output belong together.

A chat is an event that a person causes (sending a message box off, or clicking a button), whose
functions and those chained after them take the box's text and fill a component that shows an
answer. Every combination of a box, an event and an output that fits is a way; `points` says what
each part is worth.

The work is linear in the size of the description. The points of a box or an output don't depend on
each other, so the few best boxes and the few best outputs of an event make its best ways, and no
other combination is looked at. Events that call the same functions share a `_Group`. Only one thing
makes it more than linear: functions that many different sets of events lead to. `_MOST_WORK` bounds
that, and so the search ends on any description.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import ProtocolError
from . import words
from .app import App, Function
from .components import Component
from .kin import SENDING
from .points import (
    BESIDE_A_PICTURE,
    CALLED_CHAT,
    OTHER,
    SEARCHES,
    STREAMS,
    Part,
    Point,
    Role,
    is_labelled_answer,
    part,
    points_of_answer,
    points_of_box,
    points_of_chat_below,
    points_of_event,
    points_of_form,
    points_of_place,
    role_of_box,
    total,
)
from .twins import Twins
from .ways import Trigger, Way, leading_to

_EVENTS = SENDING | {"click"}
_TYPING = ("input", "change")
_PICTURES = frozenset(
    {"image", "gallery", "video", "imageslider", "imageeditor", "annotatedimage", "model3d"}
)
_BEST = 3
"""Boxes and outputs of an event that are looked at."""
_MOST_WORK = 100_000
"""Functions, inputs and outputs that are looked at. A box or an output counts as `_PART` of them, a
way as `_WAY`: they cost more."""
_PART = 20
_WAY = 5


class _Group(NamedTuple):
    """The functions that an event calls, and the parts of ways that they have.

    Attributes:
        first: The functions the event calls directly.
        closure: These and the functions chained after them.
        line: Those that come before or after the wanted one, and that one; all if none is wanted.
        writers: The functions of the line that fill a component, by the component's id.
        boxes: The text boxes whose values they take, by id.
        typed: The best boxes, without those that only show what a function returns.
        answers: The best outputs.
    """

    first: Sequence[Function]
    closure: Sequence[Function]
    line: Sequence[Function]
    writers: Mapping[int, Sequence[Function]]
    boxes: Mapping[int, Part]
    typed: Sequence[Part]
    answers: Sequence[Part]


class Search:
    """Searches an app for the ways to chat with it.

    Args:
        app: The app.
        wanted: A function that must be part of a way, or None. Then hidden components count, too.
        output: The label or id of the answer's component, or None.
    """

    def __init__(self, app: App, wanted: Function | None, output: str | int | None) -> None:
        self._app = app
        self._wanted = wanted
        self._output = output
        self._work = 0
        self._groups: dict[tuple[int, ...], _Group | None] = {}
        self._boxes: dict[int, Part] = {}
        self._roles: dict[int, Role] = {}
        self._answers: dict[int, Part] = {}
        self._certain: set[int] = set()  # Outputs that are answers, whatever is beside them.
        self._objections: dict[int, Sequence[Point]] = {}
        self._typed = frozenset(
            id_ for each in app.functions.values() if each.after is None for id_ in each.inputs
        )
        self._typed_into = self._copies()

    def ways(self) -> Iterator[Way]:
        """Yield the ways that are worth a look, in the page's order."""
        events: dict[Trigger, list[Function]] = {}
        for function in self._app.functions.values():
            for target in function.targets:
                is_wanted = target[1] in _EVENTS or function is self._wanted
                if is_wanted and function.after is None:
                    events.setdefault(target, []).append(function)
        twins = Twins(self._app, events)
        for trigger, first in events.items():
            group = self._group(first)
            if group is None:
                continue
            boxes = group.typed
            if trigger[1] in SENDING:
                box = None if trigger[0] is None else group.boxes.get(trigger[0])
                boxes = [] if box is None else [box]
            points = list(points_of_event(trigger[1], self._app.component(trigger[0])))
            for box in boxes:
                for answer in group.answers:
                    if answer.component is not box.component:
                        self._spend(_WAY)
                        event = [*points, *points_of_chat_below(box.component, answer.component)]
                        if trigger[1] in SENDING:
                            writers = group.writers[answer.component.id]
                            event += twins.objections(
                                first, box.component, answer.component, writers
                            )
                        yield Way(
                            app=self._app,
                            trigger=trigger,
                            message=box.component,
                            answer=answer.component,
                            first=group.first,
                            closure=group.closure,
                            named=self._wanted,
                            line=group.line,
                            writers=group.writers,
                            points=answer.worth + total(event) + box.worth,
                            considered=(answer.points, event, box.points),
                        )

    def _spend(self, steps: int) -> None:
        self._work += steps
        if self._work > _MOST_WORK:
            raise ProtocolError(
                "This app's description is too large to be understood: its functions are chained "
                f"in so many ways that it takes more than {_MOST_WORK} steps to look at them."
            )

    def _group(self, first: Sequence[Function]) -> _Group | None:
        """Return the group of functions, or None if the wanted one is not among them."""
        self._spend(len(first))
        key = tuple(function.id for function in first)
        if key not in self._groups:
            closure = list(self._closure(first))
            is_wanted = self._wanted is None or any(each is self._wanted for each in closure)
            self._groups[key] = self._new_group(first, closure) if is_wanted else None
        return self._groups[key]

    def _closure(self, first: Sequence[Function]) -> Iterator[Function]:
        """Yield functions and all that may follow them, as the page calls them."""
        for function in self._app.following(first):
            self._spend(1)
            yield function

    def _line(self, closure: Sequence[Function]) -> Sequence[Function]:
        """Return the functions that come before or after the wanted one, and that one."""
        wanted = self._wanted
        if wanted is None:
            return closure
        line = leading_to(closure, [wanted.id])
        line.update(each.id for each in self._app.following([wanted]))
        return [each for each in closure if each.id in line]

    def _new_group(self, first: Sequence[Function], closure: Sequence[Function]) -> _Group:
        taken: dict[int, None] = {}
        written: set[int] = set()
        writers: dict[int, list[Function]] = {}
        line = self._line(closure)
        for function in closure:
            self._spend(len(function.inputs) + len(function.outputs))
            written.update(function.outputs)
        for function in line:
            taken.update(dict.fromkeys(function.inputs))
            for id_ in dict.fromkeys(function.outputs if function.on_server else ()):
                writers.setdefault(id_, []).append(function)
        boxes = self._boxes_among(taken, written)
        if not boxes:  # Perhaps what is typed gets there by way of a state.
            taken.update((id_, None) for each in closure for id_ in each.inputs)
            through = {box: None for id_ in taken for box in self._typed_into.get(id_, ())}
            boxes = self._boxes_among({**taken, **through}, written)
        typed = self._typed_among(boxes, written)
        called = [CALLED_CHAT] if any(each.api_name == "chat" for each in closure) else []
        roles: list[tuple[Component, Role]] = [
            (each.component, self._roles[each.component.id]) for each in typed
        ]
        form = list(points_of_form(roles))
        answers = [
            self._answer(
                answer,
                writers[answer.id],
                [*called, *points_of_place(answer, is_opened=answer.closed_by in writers)],
                form,
            )
            for answer in self._shown(list(writers))
        ]
        best = sorted(typed or boxes.values(), key=_best_first)[:_BEST]
        answers = self._own(answers, best) or answers
        return _Group(
            first,
            closure,
            line,
            writers,
            boxes,
            best,
            sorted(answers, key=_best_first)[: _BEST + 1],  # One of them may be the box.
        )

    def _own(self, answers: Iterable[Part], boxes: Sequence[Part]) -> list[Part]:
        """Return the outputs of the wanted function that may be answers, without the best box."""
        filled = set(() if self._wanted is None else self._wanted.outputs)
        filled.difference_update(each.component.id for each in boxes[:1])
        return [
            each
            for each in answers
            if each.component.id in filled and self._answers[each.component.id].worth > 0
        ]

    def _boxes_among(self, taken: Iterable[int], written: Collection[int]) -> dict[int, Part]:
        """Return the boxes among components whose values are taken."""
        return {
            box.id: self._box(box, is_emptied=box.id in written)
            for box in self._app.named(list(taken))
            if box.takes_text and (box.shown or self._wanted is not None)
        }

    def _typed_among(self, boxes: Mapping[int, Part], written: Collection[int]) -> list[Part]:
        """Return the boxes without those that functions alone fill, which are no place to type."""
        return [
            each
            for id_, each in boxes.items()
            if each.component.props.interactive is not None
            or id_ not in written
            or id_ in self._typed
        ]

    def _copies(self) -> dict[int, dict[int, None]]:
        """Return the boxes whose text a listener copies to a state, by the state's id."""
        copies: dict[int, dict[int, None]] = {}
        for (id_, event), listeners in self._app.listeners.items():
            box = self._app.component(id_)
            if event not in _TYPING or box is None or not box.takes_text:
                continue
            for function in listeners:
                self._spend(len(function.inputs) + len(function.outputs))
                if id_ in function.inputs:
                    for state in self._app.named(function.outputs):
                        if state.is_state:
                            copies.setdefault(state.id, {})[id_] = None
        return copies

    def _shown(self, written: Sequence[int]) -> Sequence[Component]:
        """Return the outputs that may show an answer."""
        filled = self._app.named(written)
        output = self._output
        if output is not None:
            return [each for each in filled if output in (each.id, each.label, each.props.elem_id)]
        fitting = [each for each in filled if each.is_chatbot or each.gives_text]
        seen = [each for each in fitting if each.shown]
        return seen or (fitting if self._wanted is not None else [])

    def _box(self, box: Component, *, is_emptied: bool) -> Part:
        self._spend(1)
        if box.id not in self._boxes:
            self._spend(_PART)
            self._boxes[box.id] = part(box, points_of_box(box))
            self._roles[box.id] = role_of_box(box)
        known = self._boxes[box.id]
        return part(box, [*known.points, Point(15, f"{box} is emptied")]) if is_emptied else known

    def _answer(
        self,
        answer: Component,
        writers: Sequence[Function],
        more: Sequence[Point],
        form: Sequence[Point],
    ) -> Part:
        self._spend(_WAY)
        if answer.id not in self._answers:
            self._spend(_PART)
            by_hand = self._output is not None
            self._answers[answer.id] = part(answer, points_of_answer(answer, by_hand=by_hand))
            if by_hand or answer.is_chatbot or is_labelled_answer(answer):
                self._certain.add(answer.id)
        points = [*self._answers[answer.id].points, *more]
        if any(each.streams for each in writers):
            points.append(STREAMS)
        objections = [point for each in writers for point in self._objections_to(each)]
        if answer.id in self._certain:
            objections = [each for each in objections if each not in (BESIDE_A_PICTURE, SEARCHES)]
        if not answer.is_chatbot:
            objections += form
        return part(answer, [*points, *objections[:1]])

    def _objections_to(self, function: Function) -> Sequence[Point]:
        """Return the reasons why a function gives no answer."""
        objections = self._objections.get(function.id)
        if objections is None:
            objections = []
            name = function.api_name
            does_chat = words.FUNCTION.is_chat([name] if name else [])
            if does_chat is False:
                objections.append(Point(OTHER, f"{function} does something else"))
            elif does_chat is None and name and words.SEARCHES.search(words.spelled_out(name)):
                objections.append(SEARCHES)
            if any(each.kin in _PICTURES for each in self._app.named(function.outputs)):
                objections.append(BESIDE_A_PICTURE)
            self._objections[function.id] = objections
        return objections


def _best_first(each: Part) -> int:
    return -each.worth
