"""Finding how a person would chat with an app.

A chat is an event that a person causes (sending a message box off, or clicking a button), whose
functions and those chained after them take the box's text and fill something that shows an answer.
Every such way is given points for what speaks for it and against it; the best is taken, and of
equals the first on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import ChatNotFoundError
from .config import App, Component, Dependency

_SYSTEM = re.compile(r"\b(system|instructions?|persona|preprompt|pre-prompt)\b", re.IGNORECASE)
_MESSAGE = re.compile(
    r"\b(message|messages|question|prompt|ask|chat|query|input|text|type|say|write|talk)\b|\?|❓|💬",
    re.IGNORECASE,
)
_SEND = re.compile(
    r"\b(send|submit|ask|chat|generate|run|go|enter|answer|reply|start|translate)\b|➤|⬆|✈|🚀|▶",
    re.IGNORECASE,
)
_NOT_SEND = re.compile(
    r"\b(clear|undo|retry|regenerate|stop|cancel|delete|remove|reset|save|load|upload|download|"
    r"export|import|vote|upvote|downvote|flag|report|share|copy|new|edit|login|log in|sign in|"
    r"settings|apply|update|refresh|like|dislike)\b|🗑|🔄|↩|👍|👎",
    re.IGNORECASE,
)
_OUTPUT_POINTS = {"textbox": 40, "markdown": 40, "textarea": 40, "html": 25, "code": 20, "json": 10}
_EVENTS = ("submit", "click")


@dataclass(frozen=True)
class Chat:
    """One way to chat with an app.

    Attributes:
        app: The app.
        trigger: The component that a person uses, and the event of it.
        message: Where the message goes.
        answer: Where the answer is read.
        first: The functions that the event calls.
        needed: Ids of the functions that the answer, or the next one, depends on.
        points: How much speaks for it.
        reasons: What does, in words.
    """

    app: App
    trigger: tuple[int | None, str]
    message: Component
    answer: Component
    first: Sequence[Dependency]
    needed: frozenset[int]
    points: int
    reasons: Sequence[str]

    def chain(self) -> Iterator[Dependency]:
        """Give the needed functions in the order in which the page calls them."""
        for dependency in _closure(self.app, self.first):
            if dependency.id in self.needed:
                yield dependency

    @property
    def inputs(self) -> list[Component]:
        """The components, apart from the message, whose values the needed functions take.

        What one before has given out, and what the server keeps, is left out: no person sets that.
        """
        given = {self.message.id}
        found: dict[int, Component] = {}
        for dependency in self.chain():
            for id_ in dependency.inputs:
                component = self.app.components.get(id_)
                if component is None or component.is_state or component.is_chatbot:
                    continue
                if id_ not in given:
                    found[id_] = component
            given |= set(dependency.outputs)
        return list(found.values())

    @property
    def system(self) -> Component | None:
        """The component for the system text, or None where there is none."""
        boxes = [each for each in self.inputs if each.type in ("textbox", "textarea")]
        return next((box for box in boxes if _SYSTEM.search(box.words)), None)

    def writes_answer(self, dependency: Dependency) -> bool:
        """Tell whether a function fills what shows the answer."""
        return dependency.on_server and self.answer.id in dependency.outputs


def find_chat(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> Chat:
    """Return the best way to chat with an app.

    Args:
        app: The app.
        endpoint: A function that must have a part in it: its `api_name`, with or without a slash,
            or its id. None: any.
        output: Where the answer is to be read: a component's label or id. None: what fits best.

    Raises:
        ChatNotFoundError: There is none; the message lists the app's functions.
    """
    found = ways_to_chat(app, endpoint=endpoint, output=output)
    if not found:
        raise _no_chat(app, endpoint, output)
    return found[0]


def ways_to_chat(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> list[Chat]:
    """Return every way to chat with an app, the best first; see `find_chat`."""
    wanted = None if endpoint is None else _named(app, endpoint)
    groups: dict[tuple[int | None, str], list[Dependency]] = {}
    for dependency in app.dependencies.values():
        for target in dependency.targets:
            if dependency.after is None and (target[1] in _EVENTS or wanted is dependency):
                groups.setdefault(target, []).append(dependency)
    found: list[Chat] = []
    by_hand = wanted is not None
    typed = frozenset(
        id_ for dep in app.dependencies.values() if dep.after is None for id_ in dep.inputs
    )
    for trigger, first in groups.items():
        group = _Group(app, first, list(_closure(app, first)), typed)
        if wanted is None or wanted in group.closure:
            answers = _answers(group, output, by_hand=by_hand)
            for message in _messages(group, trigger, by_hand=by_hand):
                found += [
                    _way(trigger, message, answer, group)
                    for answer in answers
                    if answer.id != message.id
                ]
    if wanted is None:
        found = [chat for chat in found if chat.points > 0]
    return sorted(found, key=lambda chat: -chat.points)


def _named(app: App, endpoint: str | int) -> Dependency:
    for dependency in app.dependencies.values():
        if isinstance(endpoint, int):
            if dependency.id == endpoint:
                return dependency
        elif dependency.api_name == endpoint.removeprefix("/"):
            return dependency
    raise ChatNotFoundError(
        f"The app has no endpoint {endpoint!r}. It has: {_list(app)}. endpoint= takes a name or "
        "an id."
    )


def _closure(app: App, first: Iterable[Dependency]) -> Iterator[Dependency]:
    """Give functions and all that are chained after them, as the page calls them."""
    seen: set[int] = set()
    waiting = list(first)
    while waiting:
        dependency = waiting.pop(0)
        if dependency.id in seen:
            continue
        seen.add(dependency.id)
        yield dependency
        waiting += app.followers.get(dependency.id, ())


@dataclass(frozen=True)
class _Group:
    """The functions that an event calls.

    Attributes:
        app: The app.
        first: They.
        closure: With them those that are chained after them.
        typed: Ids of what some event's functions take, so that a person may fill it.
    """

    app: App
    first: Sequence[Dependency]
    closure: Sequence[Dependency]
    typed: frozenset[int]


def _answers(group: _Group, output: str | int | None, *, by_hand: bool) -> list[Component]:
    app = group.app
    written = {id_: None for dep in group.closure if dep.on_server for id_ in dep.outputs}
    components = [app.components[id_] for id_ in written if id_ in app.components]
    if output is not None:
        return [each for each in components if output in (each.id, each.label, each.props.elem_id)]
    fitting = [each for each in components if each.is_chatbot or each.gives_text]
    return [each for each in fitting if each.shown] or (fitting if by_hand else [])


def _messages(group: _Group, trigger: tuple[int | None, str], *, by_hand: bool) -> list[Component]:
    app, closure = group.app, group.closure
    taken = {id_: None for dependency in closure for id_ in dependency.inputs}
    boxes = [app.components[id_] for id_ in taken if id_ in app.components]
    boxes = [box for box in boxes if box.takes_text and (box.shown or by_hand)]
    written = {id_ for dependency in closure for id_ in dependency.outputs}
    only_shows = {box.id for box in boxes if box.props.interactive is None and box.id in written}
    if trigger[1] == "submit":
        return [box for box in boxes if box.id == trigger[0]]
    # A box that only gets what a function returns is no place to type.
    kept = [box for box in boxes if box.id not in only_shows or box.id in group.typed]
    return kept or boxes


def _way(
    trigger: tuple[int | None, str], message: Component, answer: Component, group: _Group
) -> Chat:
    """Return a way to chat, with the points for it."""
    closure = group.closure
    found = [
        *_points_of_answer(answer, closure),
        *_points_of_trigger(group.app, trigger, message),
        *_points_of_message(message, closure),
    ]
    if any(dep.api_name == "chat" for dep in closure):
        found.append((3, "it is called chat"))
    return Chat(
        app=group.app,
        trigger=trigger,
        message=message,
        answer=answer,
        first=group.first,
        needed=_needed(closure, message, answer),
        points=sum(worth for worth, _ in found),
        reasons=[f"{reason} ({worth:+})" for worth, reason in found],
    )


_Points: TypeAlias = Iterator[tuple[int, str]]


def _points_of_answer(answer: Component, closure: Sequence[Dependency]) -> _Points:
    worth = 100 if answer.is_chatbot else _OUTPUT_POINTS.get(answer.type, 5)
    yield worth, f"it fills {answer}"
    if any(dep.streams and answer.id in dep.outputs for dep in closure):
        yield 10, "it streams"


def _points_of_trigger(app: App, trigger: tuple[int | None, str], message: Component) -> _Points:
    button = app.components.get(-1 if trigger[0] is None else trigger[0])
    if trigger[1] == "submit":
        yield 30, f"it is what sending {message} does"
    elif button is not None:
        if _NOT_SEND.search(button.words):
            yield -150, f"{button} does something else"
        elif _SEND.search(button.words):
            yield 28, f"{button} sends"
        if not button.shown:
            yield -60, f"{button} is hidden"


def _points_of_message(message: Component, closure: Sequence[Dependency]) -> _Points:
    if _SYSTEM.search(message.words):
        yield -50, f"{message} is for the system text"
    elif _MESSAGE.search(message.words):
        yield 5, f"{message} is for messages"
    if any(message.id in dep.outputs for dep in closure):
        yield 15, f"{message} is emptied"
    if message.takes_files:
        yield 3, f"{message} takes files"


def _needed(closure: Sequence[Dependency], message: Component, answer: Component) -> frozenset[int]:
    """Return the functions that the answer, or the next one, depends on.

    The page also calls those that only change how it looks, which costs a request each.
    """
    wanted = {answer.id}
    needed: set[int] = set()
    while True:
        for dependency in closure:
            gives = wanted.intersection(dependency.outputs)
            works_silently = bool(dependency.inputs) and not dependency.outputs
            if dependency.on_server and (gives or works_silently):
                needed.add(dependency.id)
        known = len(wanted)
        for dependency in closure:
            if dependency.id in needed:
                wanted |= set(dependency.inputs)
        # A function that empties the message box has no part in it.
        wanted -= {message.id}
        if len(wanted) == known:
            return frozenset(needed)


def _no_chat(app: App, endpoint: str | int | None, output: str | int | None) -> ChatNotFoundError:
    what = "No way to chat was found in this app"
    if endpoint is not None:
        what += f" by its endpoint {endpoint!r}"
    if output is not None:
        what += f" that fills the output {output!r}"
    return ChatNotFoundError(
        f"{what}: no box for a message leads to a chat or a text. It has: {_list(app)}. "
        "endpoint=, inputs= and output= say how to use one of these; "
        "`spacechat inspect URL` shows more."
    )


def _list(app: App) -> str:
    shown = [_signature(app, dependency) for dependency in app.endpoints()]
    rest = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return ("; ".join(shown[:12]) + rest) or "no endpoints"


def _signature(app: App, dependency: Dependency) -> str:
    def types(ids: Sequence[int]) -> str:
        found = [app.components[id_].type for id_ in ids if id_ in app.components]
        return ", ".join(found) or "nothing"

    return f"{dependency} ({types(dependency.inputs)} → {types(dependency.outputs)})"
