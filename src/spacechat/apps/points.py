"""The points of a way to chat: what speaks for each of its parts, and what against it.

A way has three parts: the answer's component, the event that a person causes, and the message's
box. Each part has a list of points, and the way's points are the sum of all three. Only a way with
more than 0 points is taken, unless the caller names its function.

The weights keep these orderings:

- A chat beats a text. An answer that is a chat has 160 points (`_CHATBOT`), one that is a text has
  77 at the most: 40 for its type (`_OUTPUTS`), 15 since it is labelled an answer, 4 since it is the
  final one, 5 for its size, 10 since it streams, 3 since it is called chat.
- A part that is for something else (`OTHER`, -160) rules out a text: a way to one has 160 points at
  the most, those 77, 45 for an event that sends the box off, and 38 for a box that is for messages,
  is emptied and takes files. To a chat it leaves what else speaks for it: apps name things oddly.
- A button that does something else (`_OTHER_BUTTON`, -250) rules out a chat, too, whose answer and
  box have 211 points at the most. "Clear" and "Undo" are below most chats.
- Of the texts that one function fills, a labelled answer (15) is above one that says nothing, and
  what is beside an answer (-30) below. Where no label decides, size does, and a text that is there
  before any question (-6) is a badge or a counter.
- Sending the box off (45) beats a button that says that it sends (28), and that beats a button that
  says nothing.

A new weight has to keep them. The words that decide what a part is for are in `words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from . import words
from .components import Component
from .kin import SENDING

_CHATBOT = 160
OTHER = -160
_OTHER_BUTTON = -250
_OUTPUTS = {"textbox": 40, "markdown": 40, "textarea": 40, "html": 25, "code": 20, "json": 10}
_CLASSES = frozenset({"label", "highlightedtext"})
_LINES = 10
"""Lines of a text that count for its size."""
_HEADINGS = 4
"""Headings around a box that are looked at."""


Role: TypeAlias = Literal["person", "message", "target", None]
"""What a box is for: somebody's address, a message, or what the function does something with."""


class Point(NamedTuple):
    """A reason for or against a part.

    Attributes:
        worth: How much it counts; negative if it speaks against the part.
        reason: The reason in words.
    """

    worth: int
    reason: str


class Part(NamedTuple):
    """A box or an output, with its points.

    Attributes:
        component: The component.
        worth: The sum of the points.
        points: What speaks for it and against it.
    """

    component: Component
    worth: int
    points: Sequence[Point]


BESIDE_A_PICTURE = Point(OTHER, "it is beside a picture")
SEARCHES = Point(OTHER, "its function searches")
CALLED_CHAT = Point(3, "it is called chat")
STREAMS = Point(10, "it streams")


def part(component: Component, points: Iterable[Point]) -> Part:
    """Return a part with its points and their sum."""
    listed = list(points)
    return Part(component, total(listed), listed)


def total(points: Iterable[Point]) -> int:
    """Return the sum of points."""
    return sum(point.worth for point in points)


def is_labelled_answer(answer: Component) -> bool:
    """Tell whether an output's texts are those of an answer."""
    return _purpose(answer) == "answer"


def _purpose(answer: Component) -> Literal["answer", "beside", "status", None]:
    """Return what an output shows, by its own texts, or else by the heading around it."""
    purpose = words.purpose_of_output(answer.texts)
    if purpose is None and not answer.label and answer.around is not None:
        return words.purpose_of_output([answer.around.label])
    return purpose


def points_of_answer(answer: Component, *, by_hand: bool) -> Iterator[Point]:
    """Yield the points of an output.

    Args:
        answer: The output.
        by_hand: Whether the caller named it.
    """
    worth = _CHATBOT if answer.is_chatbot else _OUTPUTS.get(answer.kin, 5)
    yield Point(worth, f"it fills {answer}")
    if not (answer.is_chatbot or by_hand):
        yield from _points_of_text(answer)


def points_of_place(answer: Component, *, is_opened: bool) -> Iterator[Point]:
    """Yield the points of the place of an output on the page.

    Args:
        answer: The output.
        is_opened: Whether the functions that fill it may open what is closed around it.
    """
    if is_opened:
        yield Point(-10, f"{answer} is in a part of the page that is closed at first")
    elif not answer.is_open:
        yield Point(-30, f"{answer} is in a closed part of the page")


def _points_of_text(answer: Component) -> Iterator[Point]:
    """Yield the points that tell an answer from the other texts that a function fills."""
    purpose = _purpose(answer)
    if answer.type in _CLASSES:
        yield Point(OTHER, f"{answer} shows classes")
    elif purpose == "answer":
        yield Point(15, f"{answer} is labelled an answer")
    elif purpose == "beside":
        yield Point(-30, f"{answer} is beside an answer")
    elif purpose == "status":
        yield Point(OTHER, f"{answer} is no answer")
    if words.is_any(words.FINAL, answer.texts):
        yield Point(4, f"{answer} is the final one")
    elif words.is_any(words.DRAFT, answer.texts):
        yield Point(-4, f"{answer} is a draft")
    if answer.has_text:
        yield Point(-6, f"{answer} has a text before any question")
    size = min(answer.props.lines or 1, _LINES) // 2
    if size:
        yield Point(size, f"{answer} has room")


def role_of_box(box: Component) -> Role:
    """Return what a box is for in the form of all the boxes that a function takes."""
    texts = words.before_examples(box.texts)
    if words.is_any(words.PERSON, texts):
        return "person"
    if words.BOX.is_chat(texts):
        return "message"
    return "target" if words.TARGET.is_chat(texts) is False else None


def points_of_form(boxes: Sequence[tuple[Component, Role]]) -> Iterator[Point]:
    """Yield the reason why boxes are those of a form for something else.

    Args:
        boxes: The boxes, and what each is for.
    """
    first = {role: box for box, role in reversed(boxes)}
    if "person" in first:
        yield Point(OTHER, f"it is sent with {first['person']}")
    elif "target" in first and "message" not in first:
        yield Point(OTHER, f"it does something with {first['target']}")


def does_other(button: Component) -> bool:
    """Tell whether a button's texts say that it does something other than asking."""
    return any(words.BUTTON.is_chat([text]) is False for text in button.texts)


def points_of_event(event: str, used: Component | None) -> Iterator[Point]:
    """Yield the points of an event.

    Args:
        event: Its name.
        used: The component that a person uses, or None if there is none.
    """
    if used is None:
        return
    if event in SENDING:
        yield Point(45, f"it is what sending {used} does")
        return
    if does_other(used):
        yield Point(_OTHER_BUTTON, f"{used} does something else")
    elif words.is_any(words.SEND, used.texts):
        yield Point(28, f"{used} sends")
    if not used.shown:
        yield Point(-60, f"{used} is hidden")


def points_of_box(box: Component) -> Iterator[Point]:
    """Yield the points of a text box."""
    says = words.BOX.is_chat(words.before_examples(box.texts))
    if is_for_system(box):
        yield Point(-50, f"{box} is for the system text")
    elif says:
        yield Point(20, f"{box} is for messages")
    elif says is False:
        yield Point(OTHER, f"{box} is for something else")
    elif words.is_any(words.TYPE_HERE, box.texts):
        yield Point(5, f"{box} is for typing")
    heading = _other_heading(box)
    if heading is not None:
        yield Point(OTHER, f"{box} is under {heading.label!r}")
    if not box.is_open:
        yield Point(-30, f"{box} is in a closed part of the page")
    if box.takes_files:
        yield Point(3, f"{box} takes files")


def points_of_chat_below(box: Component, answer: Component) -> Iterator[Point]:
    """Yield the point that makes up for a heading which says what a chat is about.

    The tab "Upload a video" is for uploads, and so is a box in it. But if the answer is a chat in
    the same tab, the box is for questions about the video.

    Args:
        box: The text box.
        answer: The output.
    """
    heading = _other_heading(box) if answer.is_chatbot else None
    if heading is None or not any(each is heading for each in _headings(answer)):
        return
    if words.HEADING.is_chat([words.GIVING.compiled.sub("", heading.label)]) is not False:
        yield Point(-OTHER, f"{answer} is under {heading.label!r}, too")


def _headings(component: Component) -> Iterator[Component]:
    """Yield the headings around a component that are looked at, the innermost first."""
    around = component.around
    for _ in range(_HEADINGS):
        if around is None:
            return
        yield around
        around = around.around


def _other_heading(box: Component) -> Component | None:
    """Return the heading that says that a box is for something else, or None."""
    for heading in _headings(box):
        is_chat = words.HEADING.is_chat([heading.label])
        if is_chat is not None:
            return None if is_chat else heading
    return None


def is_for_system(box: Component) -> bool:
    """Tell whether a box is for the system text, by its own texts or else by what is around it."""
    texts = list(box.texts) or ([] if box.around is None else [box.around.label])
    return words.is_any(words.SYSTEM, texts)
