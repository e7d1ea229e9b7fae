"""The earlier turns of sessions, for Spaces whose requests leave them out."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from .values import ChatRequest

_MOST_SESSIONS: Final = 1000
"""How many sessions' earlier turns are kept."""


class Turns:
    """The turns that a local Space remembers of its newest sessions."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, list[dict[str, str]]] = OrderedDict()

    def of(self, session_hash: str) -> list[dict[str, str]]:
        """Return the earlier turns of a session, oldest first."""
        return self._turns.get(session_hash, [])

    def add(self, request: ChatRequest, answer: str) -> None:
        """Remember a question and its answer, and forget the oldest session if there are too many.

        Args:
            request: The question, with the turns before it.
            answer: The answer.
        """
        self._turns[request.session_hash] = [
            *request.history,
            {"role": "user", "content": request.prompt},
            {"role": "assistant", "content": answer},
        ]
        self._turns.move_to_end(request.session_hash)
        if len(self._turns) > _MOST_SESSIONS:
            self._turns.popitem(last=False)
