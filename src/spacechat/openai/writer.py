"""What every writer of a response is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ..events import Event
from .refusals import Refusal


class Writer:
    """Writes the body of the response to one question, from the events of its answer; does no I/O.

    Each kind of request has writers of its own: one for a response in one piece, and one for a
    stream.

    Attributes:
        done: Whether the response is complete; the rest of the answer is not wanted.
        ignored: What in the request has no effect, by name or place.

    Args:
        ignored: See above, as far as the request alone tells it.
    """

    content_type: str = "application/json"

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        self.done: bool = False
        self.ignored: list[str] = list(ignored)

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
        raise NotImplementedError

    def fail(self, refusal: Refusal) -> bytes:
        """Return the bytes that end the response with an error."""
        self.done = True
        return msgspec.json.encode(refusal.body)
