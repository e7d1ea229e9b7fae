"""What a browser's page of an app holds: the values of its components, and the session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..messages import Conversation, Messages, pairs
from ..protocol import Budget, reading
from .app import App, Function
from .components import Component


@dataclass
class Session:
    """The server's side of a page.

    Attributes:
        hash: What the server knows it by.
        turns: Questions asked in it; a page that has seen fewer is not up to date.
        ended: Whether the server has been told that its page is closed.
    """

    hash: str = field(default_factory=lambda: secrets.token_hex(6))
    turns: int = 0
    ended: bool = False

    def end(self) -> None:
        """Take note that the server knows it no more."""
        self.ended = True


@dataclass
class Page:
    """An app as one person has it open.

    Attributes:
        app: The app.
        session: The server's side.
        turns: Questions asked on this page.
        values: What components show, where that differs from what the app declares.
        held: Bytes of memory that what functions returned takes.
    """

    app: App
    session: Session = field(default_factory=Session)
    turns: int = 0
    values: dict[int, Any] = field(default_factory=dict[int, Any])
    held: int = 0
    _sizes: dict[int, int] = field(default_factory=dict[int, int])

    def copy(self) -> Page:
        """Return a page that shows the same, to try something that may fail."""
        return replace(self, values=dict(self.values), _sizes=dict(self._sizes))

    @property
    def is_current(self) -> bool:
        """Whether the session goes on, and nothing was asked in it but on this page."""
        return not self.session.ended and self.turns == self.session.turns

    def value(self, id_: int) -> Any:
        """Return what a component shows.

        Raises:
            ProtocolError: It holds more than is kept of an app's description.
        """
        if id_ in self.values:
            return self.values[id_]
        component = self.app.component(id_)
        if component is None or component.is_state:
            return None
        value = component.value
        return "" if value is None and component.type == "textbox" else value  # An empty box.

    def inputs(self, function: Function) -> list[Any]:
        """Return what the page sends when it calls a function.

        A value that is sent several times is there once.
        """
        values = {id_: self.value(id_) for id_ in dict.fromkeys(function.inputs)}
        return [values[id_] for id_ in function.inputs]

    def take(self, function: Function, outputs: Sequence[Any], budget: Budget) -> None:
        """Show what a function returned.

        Raises:
            ProtocolError: The page's values take more memory than the budget allows.
        """
        for id_, value in zip(function.outputs, outputs, strict=False):
            component = self.app.component(id_)
            if component is not None and component.is_state:
                continue  # The server keeps it.
            if not reading.is_unchanged(value):
                self.values[id_] = value["value"] if reading.is_update(value) else value
                taken = budget.measure(self.values[id_])
                self.held += taken - self._sizes.get(id_, 0)
                self._sizes[id_] = taken
                budget.hold(self.held)


def current_page(conversation: Conversation | None) -> Page | None:
    """Return the page that a conversation was held on, or None if it is no longer up to date."""
    page = None if conversation is None else conversation.page
    return page if isinstance(page, Page) and page.is_current else None


def chat_value(app: App, chatbot: Component, messages: Messages) -> list[Any]:
    """Return the value with which a chatbot shows messages."""
    if app.major < 6 and chatbot.props.type != "messages":
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
