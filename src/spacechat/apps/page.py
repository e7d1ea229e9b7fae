"""A page of an app, as a browser has it open: its components' values, and its session."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..messages import Conversation, Messages, pairs
from ..protocol import Budget, Outputs, reading
from .app import App, Function
from .components import Component
from .layout import enclosing
from .schemas import Form
from .updates import changed, rendered

_EMPTY: Mapping[str, Any] = {
    "textbox": "",
    "search": "",
    "code": "",
    "markdown": "",
    "html": "",
    "number": 0,
    "slider": 0,
    "checkbox": False,
    "checkboxgroup": [],
    "chatbot": [],
    "multimodaltextbox": {"text": "", "files": []},
}
"""What a page has where an app declares no value."""


_SHORTEST, _LONGEST = 0.2, 60.0
"""The bounds of the seconds from one tick of a timer to the next."""


@dataclass
class Session:
    """The server's side of a page.

    Attributes:
        hash: The server's name for it.
        turns: Questions asked in it; a page that has seen fewer is out of date.
        ended: Whether its page was closed, so that the server has dropped it.
        saved: The states in which a message was saved; see `one_call`.
    """

    hash: str = field(default_factory=lambda: secrets.token_hex(6))
    turns: int = 0
    ended: bool = False
    saved: set[int] = field(default_factory=set[int])

    def end(self) -> None:
        """Record that the server has dropped it."""
        self.ended = True


@dataclass
class Page:
    """An app as one person has it open.

    Attributes:
        app: The app as the page shows it, which functions may have changed.
        session: The server's side.
        turns: Questions asked on this page.
        values: The components' values that differ from the declared ones, by id.
        held: Bytes of memory that returned values take.
        running: Ids of the timers that functions have started.
        filled: Ids of the components that functions have given a value since the question.
        opened: Ids of components that have made what they hold, even if they were closed at first.
    """

    app: App
    session: Session = field(default_factory=Session)
    turns: int = 0
    values: dict[int, Any] = field(default_factory=dict[int, Any])
    held: int = 0
    running: set[int] = field(default_factory=set[int])
    filled: set[int] = field(default_factory=set[int])
    opened: frozenset[int] = frozenset()
    _sizes: dict[int, int] = field(default_factory=dict[int, int])

    def copy(self) -> Page:
        """Return a page with the same values and session, for a question that may fail."""
        return replace(
            self,
            values=dict(self.values),
            running=set(self.running),
            filled=set(),
            _sizes=dict(self._sizes),
        )

    @property
    def is_current(self) -> bool:
        """Whether the session goes on, and this page has seen all questions in it."""
        return not self.session.ended and self.turns == self.session.turns

    def value(self, id_: int) -> Any:
        """Return a component's value.

        Raises:
            ProtocolError: The value is too large to be kept of an app's description.
        """
        component = self.app.component(id_)
        value = self._value(id_, component)
        is_rich = component is not None and component.form is Form.RICH_PAIRS
        return _with_files(value) if is_rich else value

    def _value(self, id_: int, component: Component | None) -> Any:
        if id_ in self.values:
            value = self.values[id_]
            return self._emptied(component) if value is None and component is not None else value
        if component is None or component.is_state:
            return None
        value = component.value
        return self._empty(component) if value is None else value

    def reach(self, used: Component) -> None:
        """Open the tabs and accordions around a component, as a person does to use it."""
        if used.unmounted_in is not None and used.unmounted_in not in self.opened:
            self.opened |= enclosing(self.app.layout, used.id)

    def _is_mounted(self, component: Component) -> bool:
        """Tell whether a component is a part of the page, seen or not."""
        closed = component.unmounted_in is not None and component.unmounted_in not in self.opened
        if closed and self.app.is_since(6, 1):
            return False
        return (
            component.shown or component.props.visible == "hidden" or not self.app.is_since(5, 46)
        )

    def _emptied(self, component: Component) -> Any:
        """Return what the page has for a component that a function has set to None."""
        fills = component.type == "textbox" or (
            component.type == "multimodaltextbox" and self.app.major >= 6
        )
        return _EMPTY[component.type] if fills and self._is_mounted(component) else None

    def _empty(self, component: Component) -> Any:
        """Return what the page has for a component that an app declares without a value."""
        later = component.type == "markdown" and self.app.major >= 6
        return None if later or not self._is_mounted(component) else _EMPTY.get(component.type)

    def inputs(self, function: Function) -> list[Any]:
        """Return the values that the page sends when it calls a function.

        A value that is sent several times is the same object.
        """
        values = {id_: self.value(id_) for id_ in dict.fromkeys(function.inputs)}
        inputs = [values[id_] for id_ in function.inputs]
        for index in function.takes_whole:
            component = self.app.component(function.inputs[index])
            if component is not None and not component.is_state:
                inputs[index] = {**component.properties, "value": inputs[index]}
        return inputs

    def take(self, function: Function, outputs: Outputs, budget: Budget) -> Collection[int]:
        """Show the values that a function returned.

        Returns:
            The ids of the components that have other values than before, and of the timers that
            the function started.

        Raises:
            ProtocolError: The page's values take more memory than the budget allows.
        """
        others: dict[int, None] = {}
        values: list[Any] = outputs
        for id_, value in zip(function.outputs, values, strict=False):
            component = self.app.component(id_)
            if component is not None and component.is_state:
                if outputs.changed_states is None or id_ in outputs.changed_states:
                    others[id_] = None  # The server keeps it.
            elif not _is_unchanged(component, value):
                before = self.value(id_) if component is None or not component.left_out else None
                self.filled.add(id_)
                self._set(id_, reading.content_of(value), budget)
                if _differs(self.value(id_), before):
                    others[id_] = None
            if component is not None and component.is_timer:
                others.pop(id_, None)
                if self._starts(component, value):
                    others[id_] = None
        return others

    def _starts(self, timer: Component, value: Any) -> bool:
        """Start or stop a timer as a function says; tell whether that started it."""
        ran = timer.id in self.running
        says = value.get("active") if reading.is_update(value) else None
        if says is True:
            self.running.add(timer.id)
        elif says is False:
            self.running.discard(timer.id)
        return says is True and not ran

    def interval(self, timer: int | None) -> float:
        """Return the seconds from one tick of a timer to the next."""
        seconds = None if timer is None else self.value(timer)
        if isinstance(seconds, int | float) and _SHORTEST <= seconds <= _LONGEST:
            return seconds
        return _SHORTEST

    def _set(self, id_: int, value: Any, budget: Budget) -> None:
        self.values[id_] = value
        taken = budget.measure(value)
        self.held += taken - self._sizes.get(id_, 0)
        self._sizes[id_] = taken
        budget.hold(self.held)

    def change(self, function: Function, outputs: Outputs, budget: Budget) -> None:
        """Show what a function did to the page besides filling its outputs.

        Raises:
            ProtocolError: What it made is malformed or too large.
        """
        values: list[Any] = outputs
        updates: dict[int, Mapping[str, object]] = {
            id_: value
            for id_, value in zip(function.outputs, values, strict=False)
            if reading.is_update(value) and len(value) > 1 + ("value" in value)
        }
        if updates:
            self.held += budget.measure(list(updates.values()))
            self.app = changed(self.app, updates)
        if function.renders and outputs.rendered:
            self.held += len(outputs.rendered)
            before = self.app.components.keys()
            self.app = rendered(self.app, outputs.rendered)
            self.opened |= self.app.components.keys() - before  # It makes all that it holds.
        budget.hold(self.held)


def _with_files(shown: Any, depth: int = 3) -> Any:
    """Return a chat of rich pairs as a page has it: a message without files has a list of none.

    Args:
        shown: The chat, or a part of it.
        depth: How deep messages may lie in it: in a list, in a pair, in a list of bubbles.
    """
    if isinstance(shown, list) and depth:
        return [_with_files(each, depth - 1) for each in shown]
    if isinstance(shown, dict) and "files" in shown and shown["files"] is None:
        return {**shown, "files": []}
    return shown


def _is_unchanged(component: Component | None, value: Any) -> bool:
    """Tell whether an output leaves what a page sends, or shows as an answer, as it is."""
    shows = component is not None and (component.is_chatbot or component.gives_text)
    if shows or not reading.is_update(value):
        return reading.is_unchanged(value)
    return "value" not in value


def _differs(value: object, before: object) -> bool:
    """Tell whether a value is another than before; one too deep to be compared counts as such."""
    try:
        return value != before
    except RecursionError:
        return True


def current_page(conversation: Conversation | None) -> Page | None:
    """Return the page that a conversation was held on, or None if it is no longer up to date."""
    page = None if conversation is None else conversation.page
    return page if isinstance(page, Page) and page.is_current else None


def chat_value(app: App, chatbot: Component, messages: Messages) -> list[Any]:
    """Return the value with which a chatbot shows messages."""
    if chatbot.form is Form.MESSAGES:
        return [{"role": each["role"], "content": each["content"]} for each in messages]
    if chatbot.form is Form.RICH_PAIRS:
        return [
            [None if text is None else {"text": text, "files": []} for text in pair]
            for pair in pairs(messages)
        ]
    if chatbot.form is Form.PAIRS or (app.major < 6 and chatbot.props.type != "messages"):
        return list(pairs(messages))
    parts = app.major >= 6
    return [
        {
            "role": message["role"],
            "content": (
                [{"type": "text", "text": message["content"]}] if parts else message["content"]
            ),
            "metadata": {},  # None or a title of None is refused by one version or another.
        }
        for message in messages
    ]
