"""The call by which one function asks a chat in the place of three; see `one_call`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import SpaceChatError
from ..protocol import Outputs, ReadAnswer, Response
from ..steps import Pause, Show, Steps
from .invoke import Caller
from .known import Apps
from .one_call import OneCall
from .page import Page

_LEFT_OUT = "?"
"""What is saved as a message, since the server shows a history only with one more at its end."""

_MOMENT = 1.0
"""Seconds until a Space that refused to show an answer is asked again, once."""


@dataclass(frozen=True)
class OneCaller:
    """Calls one function in the place of the last of the three that ask; see `Instead`.

    Attributes:
        one_call: The function that is called, and those around it.
        apps: The apps that the client knows, which learn whether this one says more than texts.
    """

    one_call: OneCall
    apps: Apps

    def __call__(
        self, caller: Caller, page: Page, since: Sequence[object], trigger: int | None
    ) -> Steps[Outputs]:
        """Ask, and return the outputs that the function of the page would have had."""
        asks = self.one_call.asks
        data = page.inputs(asks)
        caller.budget.check_request(data)
        reads = ReadAnswer(0, response=Response(is_tidied=self.one_call.tidies(page.app)))
        invocation = caller.invocation(page, asks, data, asks.targets[0][0])
        outputs = yield from invocation.outputs(reads)
        said = outputs[0] if outputs else None
        if not invocation.is_queued:
            yield Show(said, reads)
        if asks.streams and not isinstance(said, str):
            self.apps.remember_more(caller.known)
        try:
            chat = yield from self._shown(caller, page, trigger)
        except SpaceChatError as exc:
            if not exc.temporary:
                raise
            # The answer is there already, and neither function does anything but show it.
            yield Pause(_MOMENT)
            chat = yield from self._shown(caller, page, trigger)
        yield Show(chat, ReadAnswer(0, since=since, question=caller.question))
        return Outputs([None, chat])

    def _shown(self, caller: Caller, page: Page, trigger: int | None) -> Steps[object]:
        """Return the chat as the server shows it."""
        one, reads = self.one_call, ReadAnswer(answers=False)
        saved = one.saves.outputs[1]
        if saved not in page.session.saved:
            message = {"text": _LEFT_OUT, "files": []} if one.message.takes_files else _LEFT_OUT
            yield from caller.invocation(page, one.saves, [message], trigger).outputs(reads)
            page.session.saved.add(saved)
        invocation = caller.invocation(page, one.shows, page.inputs(one.shows), trigger)
        outputs = yield from invocation.outputs(reads)
        chat: object = outputs[0] if outputs else None
        return chat[:-1] if isinstance(chat, list) else chat
