"""The fuzzer's modes: what each checks, and the inputs that it starts from.

A mode is a module of this folder. It is loaded after the part of the library that is watched.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol, cast

WATCHED: Final[Mapping[str, tuple[str, str]]] = {
    "stream": ("spacechat.events", "spacechat.protocol"),
    "values": ("spacechat.events", "spacechat.protocol"),
    "descriptions": ("spacechat.steps", "spacechat.apps"),
    "arguments": ("spacechat.steps", "spacechat.apps"),
}
"""The part of the library that decides which inputs are new, and what is below it."""

NAMES: Final = tuple(WATCHED)


class Mode(Protocol):
    """What a mode's module has.

    Attributes:
        TOKENS: Texts that are put into inputs.
    """

    @property
    def TOKENS(self) -> Sequence[str]: ...

    @staticmethod
    def check_input(data: bytes) -> None:
        """Check everything for an input.

        Raises:
            AssertionError: Something does not hold.
            Exception: Anything but the library's own errors came out of it.
        """

    @staticmethod
    def inputs() -> list[bytes]:
        """Return the inputs to start from."""
        ...

    @staticmethod
    def shown(data: bytes) -> Iterator[str]:
        """Yield what an input stands for, line by line."""
        ...


def load(name: str) -> Mode:
    """Return a mode."""
    return cast("Mode", importlib.import_module(f"tests.fuzz.{name}"))
