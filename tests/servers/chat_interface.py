"""The description of a `gradio.ChatInterface`, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.servers.page import Page

__all__ = ["ChatInterface"]


@dataclass
class ChatInterface:
    """The page of a `ChatInterface`, as Gradio makes it.

    Attributes:
        streams: Whether the author's function yields what it says.
        inputs: The kinds of further inputs.
        chatbot: Properties of the chatbot.
        asking: More about the function for programs.
        saving: More about the function that saves the message.
    """

    streams: bool = True
    inputs: tuple[str, ...] = ()
    chatbot: dict[str, Any] = field(default_factory=dict[str, Any])
    asking: dict[str, Any] = field(default_factory=dict[str, Any])
    saving: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        page = self.page = Page()
        self.chat = page.add("chatbot", **{"value": [], **self.chatbot})
        self.box = page.add("textbox", "Message")
        self.button = page.add("button", "Fake API", visible=False)
        self.response = page.add("json", visible=False)
        self.more = [page.add(kind, f"Input {kind}") for kind in self.inputs]
        self.saved, self.unseen, self.history, self.value = (page.add("state") for _ in range(4))
        own: dict[str, Any] = {"queue": False, "api_visibility": "undocumented"}
        types = {"types": {"generator": self.streams}}
        self.saves = page.on(
            self.box,
            "submit",
            [self.box],
            [self.box, self.saved],
            "_clear_and_save_textbox",
            **{**own, **self.saving},
        )
        self.appends = page.then(
            self.saves,
            [self.saved, self.chat],
            [self.chat],
            "_append_message_to_history",
            **own,
        )
        self.answers = page.then(
            self.appends,
            [self.saved, self.history, *self.more],
            [self.unseen, self.chat],
            "_submit_fn",
            api_visibility="undocumented",
            **types,
        )
        self.copies = page.then(
            self.answers, [self.chat], [self.history, self.value], "lambda", **own
        )
        self.asks = page.on(
            self.button,
            "click",
            [self.box, self.history, *self.more],
            [self.response, self.history],
            "chat",
            **{"api_visibility": "public", **types, **self.asking},
        )
        pops = page.on(
            self.chat, "retry", [self.history], [self.history, self.saved], "_pop", **own
        )
        self.shows = page.then(
            pops, [self.saved, self.history], [self.chat], "_append_message_to_history_1", **own
        )
