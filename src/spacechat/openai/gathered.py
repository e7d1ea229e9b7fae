"""What a response holds besides the answer's text; does no I/O."""

from __future__ import annotations

from ..events import Completed, Event, File, Reasoning
from ..protocol.thoughts import Thoughts


class Gathered:
    """The files and thoughts of an answer.

    Attributes:
        files: The files, as a response shows them.
    """

    def __init__(self) -> None:
        self.files: list[dict[str, str]] = []
        self._thoughts = Thoughts()

    @property
    def thoughts(self) -> str:
        """The thoughts under their titles; final once the answer is complete."""
        return self._thoughts.text

    def take(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, File):
            self.files.append(event.to_dict())
        elif isinstance(event, Reasoning):
            self._thoughts.add(event)
        elif isinstance(event, Completed):
            self._thoughts.end(event.reasoning)
