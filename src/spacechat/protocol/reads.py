"""How the outputs of a function are read: what a step says, and the machine of each event is of."""

from __future__ import annotations

from typing import Protocol

from .budget import Budget
from .machine import EventMachine


class Reads(Protocol):
    """How the outputs of a function are read, which decides the machine of its events."""

    def machine(
        self, *, event_id: str | None, budget: Budget, after: EventMachine | None = None
    ) -> EventMachine:
        """Return a machine for one event.

        Args:
            event_id: The event to listen to. None: the first event that a message names.
            budget: Bounds what the event may cost.
            after: The machine of the event before this one in a chain, or None.
        """
        ...
