"""The displays of an answer, and which of them fits where it is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ...terminal.live_lines import can_redraw
from .output import write_exactly, write_harmless

if TYPE_CHECKING:
    from ...events import Event


class Display(Protocol):
    """Shows an answer while it comes: fed with each event, and drawn several times a second."""

    def feed(self, event: Event, text: str) -> None:
        """Take an event.

        Args:
            event: The event.
            text: The text that it adds, for a display that can't take back what it has shown.
        """

    def draw(self) -> None:
        """Show what has changed."""

    def close(self) -> None:
        """Show what is left; nothing follows."""


def choose_display(name: str, write: Callable[[str], None] | None, *, plain: bool) -> Display:
    """Return the display for standard output as it is.

    Args:
        name: The name of the Space.
        write: Takes the pieces of the answer in the place of standard output, or None.
        plain: Whether a terminal gets the text as it is, not as Markdown.
    """
    if write is None:
        if can_redraw(sys.stdout) and not plain:
            from ...terminal.markdown_display import MarkdownDisplay

            return MarkdownDisplay(name)
        write = write_harmless if sys.stdout.isatty() else write_exactly
    from .plain_display import PlainDisplay

    return PlainDisplay(name, write, animated=can_redraw(sys.stderr))
