"""Extracts the text of HTML that a server sent, without anything that could be active."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Python's HTML parser takes quadratic time for some hostile texts, and fails for others.
_TAG = re.compile(r"(<!--|-->|<[a-zA-Z/!?][^<>]*>)")
_HIDING = re.compile(r"<(script|style)\b", re.IGNORECASE)
_CHARACTER = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LINE = re.compile(
    r"</?(?:address|article|aside|blockquote|br|caption|dd|details|div|dl|dt|fieldset|figcaption"
    r"|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody"
    r"|tfoot|thead|title|tr|ul)\b",
    re.IGNORECASE,
)
"""A tag that begins or ends a line."""

_CELL = re.compile(r"</t[dh]\b", re.IGNORECASE)


def without_tags(text: str) -> str:
    """Return a text without tags, comments, scripts and styles; the rest stays as it is."""
    return _characters(part for part, is_tag in _parts(text) if not is_tag)


def text_of(text: str) -> str:
    """Return the text of HTML, each of its blocks on a line of its own."""
    laid_out = _characters(map(_laid_out, _parts(text)))
    lines = (" ".join(line.split()) for line in laid_out.split("\n"))
    return "\n".join(line for line in lines if line)


def _laid_out(part: tuple[str, bool]) -> str:
    text, is_tag = part
    if not is_tag:
        return text.replace("\n", " ")
    return "\n" if _LINE.match(text) else " " if _CELL.match(text) else ""


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the texts between tags (False) and the tags (True), without comments and scripts."""
    end = ""  # The beginning of the tag that ends a comment or script.
    for index, part in enumerate(_TAG.split(text)):
        if end:
            if part.lower().startswith(end):
                end = ""
        elif index % 2 == 0 or part == "-->":
            yield part, False
        elif part == "<!--":
            end = "-->"
        else:
            if hiding := _HIDING.match(part):
                end = f"</{hiding[1].lower()}"
            yield part, True


def _characters(parts: Iterator[str]) -> str:
    return _CHARACTER.sub(lambda match: html.unescape(match[0]), "".join(parts))
