"""What every writer of a response is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from ..events import Event, Wishes
from .refusals import Refusal

EVENT_STREAM: Final = "text/event-stream; charset=utf-8"
"""The type of a stream of server-sent events."""


class Writer:
    """Writes the body of the response to one question, from the events of its answer; does no I/O.

    Each kind of request has writers of its own: one for a response in one piece, and one for a
    stream. They say in `write` what an event adds.

    Attributes:
        done: Whether all of the answer is there that is wanted; `rest` completes the response.
        ignored: What in the request has no effect, by name or place. It is complete once anything
            of the answer is there.
        clamped: The values of settings for which the app doesn't take what was asked for, by name.

    Args:
        ignored: See above, as far as the request alone tells it.
    """

    content_type: str = "application/json"

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        self.done: bool = False
        self.ignored: Sequence[str] = ignored
        self.clamped: Mapping[str, float] = {}
        self._always_ignored = ignored

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response, in lower case; complete once there is something to send."""
        headers = {"content-type": self.content_type}
        if self.ignored:
            headers["x-spacechat-ignored"] = ", ".join(self.ignored)
        return headers

    def feed(self, event: Event, new_text: str) -> bytes:
        """Take an event; return the bytes that it adds to the response, often none.

        Args:
            event: The event.
            new_text: The text that it adds for a reader that can't take back what was shown.
        """
        if not isinstance(event, Wishes):
            return self.write(event, new_text)
        self.ignored = [*event.ignored, *self._always_ignored]
        self.clamped = {name: event.applied[name] for name in event.clamped}
        return b""

    def write(self, event: Event, new_text: str) -> bytes:
        """Return the bytes that an event adds to the response; see `feed`."""
        raise NotImplementedError

    def rest(self) -> Iterator[bytes]:
        """Return what follows once the answer is complete.

        Each piece may be as large as the answer, so it is made when the one before it was sent.
        """
        return iter(())

    def fail(self, refusal: Refusal) -> bytes:
        """Return the bytes that end the response with an error."""
        self._finish()
        return msgspec.json.encode(refusal.body)

    def _finish(self) -> None:
        """Want no more of the answer."""
        self.done = True
