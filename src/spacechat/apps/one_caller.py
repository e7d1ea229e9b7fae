"""Calls of a page whose chat one function asks by itself; see `one_call`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..protocol import Outputs, ReadAnswer
from ..steps import Show, Steps
from .app import Function
from .invoke import Caller
from .one_call import OneCall, shown_turn, without_last_question
from .page import Page


@dataclass(frozen=True, kw_only=True)
class OneCaller(Caller):
    """Calls functions as a page does, but one of them in the place of the three that ask.

    Attributes:
        one_call: The function that is called, and those around it.
        says_more: The addresses of apps whose functions have said more than texts, to which this
            one is added if its does.
    """

    one_call: OneCall
    says_more: set[str]

    def _outputs(
        self,
        page: Page,
        data: Sequence[object],
        function: Function,
        since: Sequence[object] | None,
        trigger: int | None,
    ) -> Steps[Outputs]:
        """Call a function, or what asks in its place, and return the outputs of the function."""
        one = self.one_call
        if function.id != one.stands_for.id:
            return (yield from super()._outputs(page, data, function, since, trigger))
        data = page.inputs(one.asks)
        self.budget.check_request(data)
        reads = ReadAnswer(0, is_response=True)
        invocation = self.invocation(page, one.asks, data, one.asks.targets[0][0])
        outputs = yield from invocation.outputs(reads)
        said = outputs[0] if outputs else None
        if not invocation.is_queued:
            yield Show(said, reads)
        chat = self._with_turn(page, said)
        if chat is None:
            if one.asks.streams and not isinstance(said, str):
                self.says_more.add(self.known.url)
            chat = yield from self._shown(page, trigger)
            yield Show(chat, ReadAnswer(0, since=since or (), question=self.question))
        return Outputs([None, chat])

    def _with_turn(self, page: Page, said: object) -> object:
        """Return the chat with the question and what was said, or None if only the server can."""
        one = self.one_call
        question, chat = _text(page.value(one.message.id)), page.value(one.chatbot.id)
        is_text = isinstance(said, str) and said.strip() and one.asks.streams
        if not (is_text and question and isinstance(chat, list)):
            return None
        return [*chat, *shown_turn(page.app.major, one.chatbot, question, str(said))]

    def _shown(self, page: Page, trigger: int | None) -> Steps[object]:
        """Return the chat as the server shows it."""
        chat: object = None
        for function in (self.one_call.saves, self.one_call.shows):
            invocation = self.invocation(page, function, page.inputs(function), trigger)
            outputs = yield from invocation.outputs(ReadAnswer(answers=False))
            chat = outputs[0] if outputs else None
        return without_last_question(chat) if isinstance(chat, list) else chat


def _text(asked: Any) -> str | None:
    """Return the text of a message, or None if it has files."""
    if isinstance(asked, dict):
        return None if asked.get("files") else asked.get("text")
    return asked if isinstance(asked, str) else None
