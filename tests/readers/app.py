"""What a kind of app is, and the words in which tables of them are written."""

from __future__ import annotations

from dataclasses import dataclass

from spacechat import events
from spacechat.events import Completed, Retrying, Started, TextDelta
from tests.readers.outcome import Outcome
from tests.readers.server import AppServer, Function, describe
from tests.servers import Part

LONG = 60.0
"""Seconds of silence that readers bear: no app is silent for so long."""


@dataclass(frozen=True)
class App:
    """A kind of app.

    Attributes:
        meaning: What it does, for the documentation.
        functions: Its functions, each of which follows the one before.
        gets: What every reader must get.
        answer: The kind of the component that shows the answer.
        after: How many of the last functions show no answer.
        config: The response to the request for its description; None for a good one.
        patience: Seconds of silence that readers bear.
        is_left: Whether readers leave once they have its text, since nothing follows.
    """

    meaning: str
    functions: tuple[Function, ...]
    gets: Outcome
    answer: str = "textbox"
    after: int = 0
    config: tuple[Part, ...] | None = None
    patience: float = LONG
    is_left: bool = False

    def serve(self) -> AppServer:
        """Return a server for it."""
        config = self.config
        if config is None:
            config = (describe(self.functions, answer=self.answer, after=self.after),)
        return AppServer(config, self.functions)


QUEUED, STARTED = events.Queued(0, 1), Started()
HEL, LO, HELLO = TextDelta("Hel"), TextDelta("lo"), Completed("Hello")
FIRST_RETRY, SECOND_RETRY = Retrying("{url}", 1, 0, ""), Retrying("{url}", 2, 0, "")

DOWN_SAYS = (
    "{url} answered 500 Internal Server Error: Oops. The app failed to take the request; its "
    "functions may have changed."
)
SHORT = 0.3
"""Seconds of silence after which readers give up an app that falls silent."""

SILENT_SAYS = "{url} was silent for 0.3 seconds (the idle timeout)."
