"""The descriptions of apps that all clients of a process remember.

What is here holds no secret: a description is found by the app's address and a digest of the
client's credentials. It is used only where requests carry those that it was read with, which may be
the environment's (see `Description.reader`), so that nobody uses what was given to somebody else.
The cookies of a login stay with the client that made it. A description is kept as the bytes that
the app gave; each client reads its own app out of them, so that threads share nothing that changes.

An address at which the app has told one identity and then another is remembered apart from its
description, which goes when that happens. What is found or kept for the address afterwards says so.

It is bounded, in descriptions, bytes and addresses. A forked child goes on with what its parent
knew, and with a lock of its own: a thread that held the parent's is not there to let go of it.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Protocol

from .description import Description

_MOST = 256
"""Descriptions that are remembered."""

_LARGEST = 32 << 20
"""Bytes of all of them."""

_MOST_VARYING = 4096
"""Addresses that are remembered because the identity there varies."""


@dataclass(frozen=True)
class Name:
    """The name of a description.

    Attributes:
        address: The app's address, or that of its page on the Hub.
        user: A digest of the credentials of the client and the place; empty for none.
    """

    address: str
    user: bytes = b""


class Store(Protocol):
    """Keeps descriptions beyond the end of the process. It raises no error."""

    def load(self, address: str) -> Description | None:
        """Return the description of the app at an address, or None."""

    def save(self, address: str, description: Description) -> None:
        """Keep a description."""

    def remove(self, address: str) -> None:
        """Forget the description of the app at an address."""


class Memory:
    """Remembers descriptions; any thread may use it.

    Attributes:
        store: Keeps those beyond the end of the process that are public and were read without any
            credentials; None: nothing does.
    """

    def __init__(self) -> None:
        self.store: Store | None = None
        self._lock = threading.Lock()
        self._known: OrderedDict[Name, Description] = OrderedDict()
        self._size = 0
        self._varying: dict[str, None] = {}

    def find(self, name: Name) -> Description | None:
        """Return a description, or None."""
        with self._lock:
            found = self._known.get(name)
        if found is None and self.store is not None and not name.user:
            found = self.store.load(name.address)
            if found is not None and found.varies:
                self.vary(name.address)
        return None if found is None else self._marked(name, found)

    def keep(self, name: Name, description: Description) -> None:
        """Remember a description in the place of an earlier one; the oldest ones may have to go."""
        description = self._marked(name, description)
        with self._lock:
            self._drop(name)
            self._known[name] = description
            self._size += description.size
            for oldest in list(self._known):
                if self._size > _LARGEST or len(self._known) > _MOST:
                    self._drop(oldest)
        if self.store is not None and description.public and not name.user:
            self.store.save(name.address, description)

    def forget(self, name: Name) -> None:
        """Forget a description."""
        with self._lock:
            self._drop(name)
        if self.store is not None and not name.user:
            self.store.remove(name.address)

    def vary(self, address: str) -> None:
        """Remember that the app at an address has told one identity and then another."""
        with self._lock:
            self._varying.pop(address, None)
            self._varying[address] = None
            if len(self._varying) > _MOST_VARYING:
                del self._varying[next(iter(self._varying))]

    def varies(self, address: str) -> bool:
        """Tell whether the app at an address has told one identity and then another."""
        with self._lock:
            return address in self._varying

    def after_fork(self) -> None:
        """Go on in a forked child, whatever another thread was doing here in the parent."""
        self._lock = threading.Lock()
        self._size = sum(each.size for each in self._known.values())

    def clear(self) -> None:
        """Forget all that is in memory, and the store."""
        with self._lock:
            self._known.clear()
            self._varying.clear()
            self._size = 0
        self.store = None

    def _marked(self, name: Name, description: Description) -> Description:
        """Return a description that says whether the identity at its address varies."""
        return replace(description, varies=description.varies or self.varies(name.address))

    def _drop(self, name: Name) -> None:
        dropped = self._known.pop(name, None)
        self._size -= 0 if dropped is None else dropped.size


SHARED = Memory()
"""What all clients of this process remember."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SHARED.after_fork)
