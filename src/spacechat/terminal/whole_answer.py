"""A complete answer as a terminal shows it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..sanitize import harmless, one_line
from .live_lines import can_redraw, text_width


def whole_answer(text: str, reasoning: str, files: Sequence[tuple[str, str]]) -> str:
    """Return a complete answer as text for standard output, without a newline at its end.

    On a terminal, Markdown is laid out, with the extra `cli`. Elsewhere, and without the extra,
    the text is as the Space sent it, but for what a terminal would obey.

    Args:
        text: The answer.
        reasoning: The model's thoughts, which come first.
        files: The name and the address of each file; they are listed below the text.
    """
    listed = "\n".join(file_line(name, url) for name, url in files)
    parts = [*_laid_out(text, reasoning.strip()), listed]
    return "\n\n".join(part for part in parts if part)


def file_line(name: str, url: str) -> str:
    """Return the line that says where a file of an answer is."""
    return one_line(f"file: {name}: {url}")


def shows_markdown() -> bool:
    """Return whether standard output can show Markdown: on a terminal, with the extra `cli`."""
    return can_redraw(sys.stdout) and all(map(find_spec, ("rich", "markdown_it")))


def _laid_out(text: str, reasoning: str) -> list[str]:
    """Return the thoughts and the answer."""
    if not shows_markdown():
        return [harmless(reasoning), harmless(text).rstrip("\n")]
    from .markdown import Layout

    layout, width = Layout(sys.stdout), text_width(sys.stdout)
    return ["\n".join(layout.thoughts(reasoning, width)), "\n".join(layout.markdown(text, width))]
