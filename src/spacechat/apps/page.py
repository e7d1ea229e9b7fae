"""A page of an app, as a browser has it open: its components' values, and its session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..messages import Conversation, Messages, pairs
from ..protocol import Budget, reading
from .app import App, Function
from .components import Component
from .schemas import Form


@dataclass
class Session:
    """The server's side of a page.

    Attributes:
        hash: The server's name for it.
        turns: Questions asked in it; a page that has seen fewer is out of date.
        ended: Whether its page was closed, so that the server has dropped it.
    """

    hash: str = field(default_factory=lambda: secrets.token_hex(6))
    turns: int = 0
    ended: bool = False

    def end(self) -> None:
        """Record that the server has dropped it."""
        self.ended = True


@dataclass
class Page:
    """An app as one person has it open.

    Attributes:
        app: The app.
        session: The server's side.
        turns: Questions asked on this page.
        values: The components' values that differ from the declared ones, by id.
        held: Bytes of memory that returned values take.
    """

    app: App
    session: Session = field(default_factory=Session)
    turns: int = 0
    values: dict[int, Any] = field(default_factory=dict[int, Any])
    held: int = 0
    _sizes: dict[int, int] = field(default_factory=dict[int, int])

    def copy(self) -> Page:
        """Return a page with the same values and session, for a question that may fail."""
        return replace(self, values=dict(self.values), _sizes=dict(self._sizes))

    @property
    def is_current(self) -> bool:
        """Whether the session goes on, and this page has seen all questions in it."""
        return not self.session.ended and self.turns == self.session.turns

    def value(self, id_: int) -> Any:
        """Return a component's value.

        Raises:
            ProtocolError: The value is too large to be kept of an app's description.
        """
        if id_ in self.values:
            return self.values[id_]
        component = self.app.component(id_)
        if component is None or component.is_state:
            return None
        value = component.value
        return "" if value is None and component.type == "textbox" else value  # An empty box.

    def inputs(self, function: Function) -> list[Any]:
        """Return the values that the page sends when it calls a function.

        A value that is sent several times is the same object.
        """
        values = {id_: self.value(id_) for id_ in dict.fromkeys(function.inputs)}
        return [values[id_] for id_ in function.inputs]

    def take(self, function: Function, outputs: Sequence[Any], budget: Budget) -> None:
        """Show the values that a function returned.

        Raises:
            ProtocolError: The page's values take more memory than the budget allows.
        """
        for id_, value in zip(function.outputs, outputs, strict=False):
            component = self.app.component(id_)
            if component is not None and component.is_state:
                continue  # The server keeps it.
            if not _is_unchanged(component, value):
                self.values[id_] = reading.content_of(value)
                taken = budget.measure(self.values[id_])
                self.held += taken - self._sizes.get(id_, 0)
                self._sizes[id_] = taken
                budget.hold(self.held)


def _is_unchanged(component: Component | None, value: Any) -> bool:
    """Tell whether an output leaves what a page sends, or shows as an answer, as it is."""
    shows = component is not None and (component.is_chatbot or component.gives_text)
    if shows or not reading.is_update(value):
        return reading.is_unchanged(value)
    return "value" not in value


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
