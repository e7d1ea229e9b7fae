"""The clients of the soak's work, its random choices, and the checks of its results."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from spacechat import AsyncApp, AsyncClient, Timeout, errors
from spacechat.providers import AsyncProvider, Qwen_Qwen_2_72B

from .answers import broken
from .server import Addresses

FAULTS: dict[str, type[errors.SpaceChatError]] = {
    "cut": errors.StreamInterruptedError,
    "reset": errors.StreamInterruptedError,
    "error": errors.GenerationError,
    "hidden": errors.GenerationError,
    "garbage": errors.ProtocolError,
    "stuck": errors.StreamTimeoutError,
    "full": errors.QueueFullError,
    "sleeping": errors.SpaceUnavailableError,
    "html": errors.ProtocolError,
}
REFUSALS = ("full", "sleeping", "html")
"""Faults before anything of the answer has come."""
IMPATIENT = Timeout(connect=10, idle=0.5, total=30)
PATIENT = Timeout(connect=30, idle=30, total=60)

Work = Callable[["World", "Draw"], Awaitable[str]]
"""A kind of work: it returns how it ended, and raises an error if that is not as it has to be."""


@dataclass(frozen=True)
class World:
    """A client and an app that live long, and the addresses of the server's apps."""

    client: AsyncClient
    app: AsyncApp
    at: Addresses

    @property
    def known(self) -> type[AsyncProvider]:
        """The Space that is known by name."""
        return Qwen_Qwen_2_72B.at(self.at.known)

    def whom(self, draw: Draw) -> dict[str, Any]:
        """Return whom to ask: the Space known by name, or the app by its URL."""
        return draw.source.choice([{"provider": self.known}, {"model": self.at.chat}])

    @contextlib.asynccontextmanager
    async def some_client(self, draw: Draw) -> AsyncIterator[AsyncClient]:
        """Give the client that lives long, or every fourth time one that is closed soon."""
        if draw.source.random() < 0.75:
            yield self.client
        else:
            async with AsyncClient(timeout=PATIENT) as client:
                yield client


@dataclass(frozen=True)
class Draw:
    """The random choices of a piece of work, which depend on the seed and its number alone."""

    number: int
    source: random.Random

    def prompt(self, how: str = "ok", which: object = "") -> str:
        """Return a question that nobody else asks."""
        return f"{how} {self.number} {which}".rstrip()


@contextlib.asynccontextmanager
async def opened(at: Addresses) -> AsyncIterator[World]:
    """Open what lives long."""
    async with AsyncClient(timeout=PATIENT) as client, client.app(at.chat) as app:
        yield World(client, app, at)


def expect(found: object, wanted: object) -> None:
    """Raise an error if something is not what it has to be."""
    if found != wanted:
        raise AssertionError(f"{str(found)[:200]!r}, not {str(wanted)[:200]!r}")


def expect_beginning(found: str, whole: str) -> None:
    """Raise an error if a text is not the beginning of another."""
    if not whole.startswith(found):
        raise AssertionError(f"{found[-200:]!r}, which does not begin {whole[:200]!r}")


def patience(how: str) -> Timeout:
    """Return how long to wait for a server that answers so: not long for one that is stuck."""
    return IMPATIENT if how == "stuck" else PATIENT


def expect_partial(how: str, prompt: str, error: errors.SpaceChatError) -> None:
    """Raise an error if a failure does not keep the part of the answer that came."""
    if how in ("reset", "stuck"):  # A reset may overtake data, and a busy machine the time.
        expect_beginning(error.partial_text, broken(prompt))
    else:
        expect(error.partial_text, "" if how in REFUSALS else broken(prompt))
