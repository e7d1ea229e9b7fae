"""How a terminal lists Spaces that a search has found: a table, or a few lines for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ..sanitize import one_line
from .terminal.output import beside

if TYPE_CHECKING:
    from ..apps.found import FoundSpace

_TABLE = 100
"""Columns from which on there is room for a table."""

_GAP = "  "
_INDENT = "   "
_HEAD = ("Space", "likes", "queue", "notes", "title")
_FEWEST = 8
"""Columns below which there is no room for a title."""

_END = re.compile(r"(?<=[.!?]) |: | \(")
"""The end of the part of an error that says what the matter is."""


def listed(
    spaces: Sequence[FoundSpace], width: int, *, styled: bool, headed: bool = True
) -> Iterator[str]:
    """Yield the lines for Spaces, the best first; those that are no chats come with the reason.

    Args:
        spaces: The Spaces.
        width: The columns that lines may have; only names are wider, since they are to be copied.
        styled: Whether names stand out, and the rest steps back.
        headed: Whether a table has a heading.
    """
    chats = [each for each in spaces if each.chat]
    others = [each for each in spaces if not each.chat]
    if width < _TABLE:
        yield from _short(chats, width, styled=styled)
    elif chats:
        yield from _table(chats, width, styled=styled, headed=headed)
    if others:
        yield from ([""] if chats else [])
        yield from ([_dim("Not to be chatted with at once", styled=styled)] if headed else [])
        yield from _reasons(others, width, styled=styled)


def _reasons(spaces: Sequence[FoundSpace], width: int, *, styled: bool) -> Iterator[str]:
    """Yield a line with the name of each Space, and why it can't be chatted with."""
    longest = max(len(each.id) for each in spaces)
    for each in spaces:
        name = _bold(each.id, styled=styled)
        if longest > width // 2:
            yield from (name, *beside(_INDENT, _reason(each), width))
        else:
            first, *rest = beside(each.id.ljust(longest) + _GAP, _reason(each), width)
            yield from (first.replace(each.id, name, 1), *rest)


def _short(spaces: Sequence[FoundSpace], width: int, *, styled: bool) -> Iterator[str]:
    """Yield a line with the name and the title of each Space, and what is known of it below."""
    from rich.cells import cell_len

    for each in spaces:
        title = _cut(_title(each), width - cell_len(each.id) - len(_GAP))
        yield f"{_bold(each.id, styled=styled)}{_GAP}{_dim(title, styled=styled)}".rstrip()
        facts = [_likes(each), *_facts(each)]
        yield from _fitted(facts, width)


def _fitted(facts: Sequence[str], width: int) -> Iterator[str]:
    """Yield lines with some facts, none of which is broken."""
    line = ""
    for fact in facts:
        if line and len(f"{_INDENT}{line} · {fact}") > width:
            yield _INDENT + line
            line = ""
        line = f"{line} · {fact}" if line else fact
    yield _INDENT + line


def _table(
    spaces: Sequence[FoundSpace], width: int, *, styled: bool, headed: bool
) -> Iterator[str]:
    """Yield the lines of a table."""
    from rich.cells import cell_len, set_cell_size

    rows = list(map(_row, spaces))
    columns = zip(_HEAD, zip(*rows, strict=True), strict=True)
    heading = tuple(name if any(cells) else "" for name, cells in columns)
    if headed:
        rows.insert(0, heading)
    widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
    gaps = [_GAP if name else "" for name in heading]
    left = width - sum(widths[:-1]) - len("".join(gaps[:-1]))
    for number, (name, likes, *others, title) in enumerate(rows, start=not headed):
        cells = [likes.rjust(widths[1]), *map(set_cell_size, others, widths[2:-1])]
        cells = [cell + gap for cell, gap in zip(cells, gaps[1:-1], strict=True)]
        rest = "".join([*cells, _cut(title, left)]).rstrip()
        first = set_cell_size(name, widths[0])
        shown = _bold(first, styled=styled) if number else _dim(first, styled=styled)
        yield f"{shown}{gaps[0]}{_dim(rest, styled=styled and not number)}".rstrip()


def _row(space: FoundSpace) -> tuple[str, ...]:
    notes = ", ".join(each for each in _facts(space) if each != space.waiting)
    return space.id, f"{space.likes:,}", space.waiting or "-", notes, _title(space)


def _facts(space: FoundSpace) -> list[str]:
    """Return what a person should know, the queue first."""
    return sorted(space.notes, key=lambda note: note != space.waiting)


def _title(space: FoundSpace) -> str:
    return one_line(space.title) if space.has_title else ""


def _likes(space: FoundSpace) -> str:
    return f"{space.likes:,} {'like' if space.likes == 1 else 'likes'}"


def _reason(space: FoundSpace) -> str:
    """Return why a Space can't be chatted with, in a sentence."""
    reason = _END.split(one_line(space.problem), maxsplit=1)[0]
    return reason if reason.endswith(".") else f"{reason}."


def _cut(text: str, width: int) -> str:
    """Return the beginning of a text that fits into a width; nothing if that is too narrow."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…" if width >= _FEWEST else ""


def _bold(text: str, *, styled: bool) -> str:
    return click.style(text, bold=True) if styled else text


def _dim(text: str, *, styled: bool) -> str:
    return click.style(text, dim=True) if styled else text
