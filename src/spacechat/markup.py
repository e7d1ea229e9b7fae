r"""Markdown and HTML for notebooks, in which nothing of a Space's text is active.

A notebook passes Markdown to a renderer that lets HTML through, and there are several renderers.
So nothing here relies on how a text is parsed. Whatever a renderer makes of the result of `safe`,

- a `<` that could begin a tag is one of ours, and ours have no attributes that a text can reach;
- `](`, which may be a link, goes to http, https or mail and nowhere else;
- `![`, which is an image, and `]:`, which may define the target of a link, do not occur;
- nothing of marimo's own occurs: `///`, which begins a block that may have attributes, `::a:b::`,
  an icon that is fetched by its name, and attributes in braces after a fence.

Code and formulas are recognized only to make them look right: code that holds none of these stays
as it is; other code becomes HTML in which every mark is an entity.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

_ENTITIES = {code: f"&#{code};" for code in (9, *range(33, 127)) if not chr(code).isalnum()} | {
    10: "&#10;"
}
"""Entities for each ASCII punctuation mark, tab and newline."""

_BREAKS = {**_ENTITIES, 10: "<br>"}

_FENCE = re.compile(r"([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})")
"""The beginning of a line that opens a block of code: a list marker, if any, and the fence."""

_ACTIVE = re.compile(
    r"<[A-Za-z/!?]|!\[|\]\(|\]:\s*[^\s:&]{0,40}[:&]"
    r"|/{3}[ \t]*[\w-]+[ \t]*(?:\||\n|$)|::[\w-]+:[\w-]+::|[`~]{3}[^\n`~]*\{"
)
"""Marks that code must not hold to be left as it is."""

_MARKS = re.compile(
    r"(?P<math>\$\$[^$]+\$\$|\$[^$\n]+\$)"
    r"|\\(?P<escaped>[!<:()\[\]])|(?P<literal>\\.)"
    r"|(?P<tag><(?=[A-Za-z/!?]))|(?P<image>!(?=\[))|(?P<definition>(?<=\]):)"
    r"|(?P<link>(?<=\])\((?!\s*(?:https?://|mailto:)))"
    r"|(?P<block>/(?=//))|(?P<icon>:(?=:[\w-]+:[\w-]+::))|(?P<fence>[`~](?=[`~]{2}[^\n`~]*\{))",
    re.IGNORECASE,
)
"""Marks with a meaning outside code."""

_SPACED = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)|\](?=[(:])|/(?=/)|:(?=:)|[`~](?=[`~])")
"""Marks of a formula that a space makes harmless; a formula does not show it."""

_UNFIT = re.compile(r"[^A-Za-z0-9:/?#%&=.~_+,@-]")
"""Characters to quote in a link's address: all that Markdown, HTML or formulas could read."""

_CELL = ' style="text-align: left; vertical-align: top; padding: 0.3em 0.6em"'
"""The style of a table's cells: those of notebooks are for numbers, or have no room between."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CODE = re.compile(r"(`+)")
_BLANK = re.compile(r"(\n[ \t]*\n)")


def safe(text: str) -> str:
    """Return a text's Markdown without anything active; blocks of code in it are closed.

    Images become links, so that showing an answer sends no request.
    """
    text = _without_controls(text)
    blocks: list[str] = []
    prose: list[str] = []
    lines = iter(text.split("\n"))
    for line in lines:
        opened = _FENCE.match(line)
        if opened is None:
            prose.append(line)
            continue
        blocks += [_prose("\n".join(prose))] if prose else []
        prose = []
        blocks.append(_block(line, opened, lines))
    return "\n".join([*blocks, _prose("\n".join(prose))] if prose else blocks)


def _without_controls(text: str) -> str:
    """Return a text with newlines and tabs as its only control characters.

    Renderers drop some of the others (Python-Markdown STX and ETX), so that marks which were apart
    here would meet there.
    """
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _block(first: str, opened: re.Match[str], lines: Iterable[str]) -> str:
    """Return a block of code, consuming its lines."""
    before, fence = opened[1], opened[2]
    closing = re.compile(rf"[ \t]*{fence}{fence[0]}*[ \t]*")
    code: list[str] = []
    for line in lines:
        if closing.fullmatch(line):
            break
        code.append(line)
    whole = "\n".join([first, *code, " " * len(before) + fence])
    if not _ACTIVE.search(whole):
        return whole
    width = len(before)
    content = "\n".join(line[min(width, len(line) - len(line.lstrip())) :] for line in code)
    return f"{before}<pre><code>{content.translate(_ENTITIES)}</code></pre>\n"


def _prose(text: str) -> str:
    return "".join(_paragraph(part) for part in _BLANK.split(text))


def _paragraph(text: str) -> str:
    """Return a paragraph; code in it ends at as many backticks as it began with."""
    parts = _CODE.split(text)
    runs = range(1, len(parts), 2)
    following: dict[int, int] = {}  # By length: the next run of backticks, seen from the end.
    ends: dict[int, int] = {}
    for index in reversed(runs):
        length = len(parts[index])
        if length in following:
            ends[index] = following[length]
        following[length] = index
    shown: list[str] = []
    plain: list[str] = []
    index = 0
    while index < len(parts):
        end = ends.get(index)
        if end is None or (plain and plain[-1].endswith("\\")):
            plain.append(parts[index])
            index += 1
            continue
        code = "".join(parts[index + 1 : end])
        whole = f"{parts[index]}{code}{parts[end]}"
        if _ACTIVE.search(whole):
            whole = f"<code>{code.strip().translate({**_ENTITIES, 10: ' '})}</code>"
        shown += [_MARKS.sub(_quiet, "".join(plain)), whole]
        plain = []
        index = end + 1
    return "".join([*shown, _MARKS.sub(_quiet, "".join(plain))])


def _quiet(match: re.Match[str]) -> str:
    kind, text = match.lastgroup, match[0]
    if kind == "math":
        return _SPACED.sub(r"\g<0> ", text)
    if kind == "literal":
        return text
    return f"&#{ord(text[-1])};"


def plain(text: str) -> str:
    """Return Markdown, on one line, that shows a text literally."""
    return _without_controls(text).translate(_BREAKS)


def note(text: str) -> str:
    """Return Markdown that shows a short text in small letters."""
    return f"<small>{plain(text)}</small>"


def thoughts(text: str, *, unfolded: bool = False) -> str:
    """Return Markdown of a model's thoughts, folded."""
    shown = " open" if unfolded else ""
    return (
        f"<details{shown}><summary><small>Thoughts</small></summary>"
        f"<div><small>{plain(text.strip())}</small></div></details>"
    )


def answer(
    text: str,
    reasoning: str = "",
    *,
    files: Sequence[tuple[str, str]] = (),
    unfolded: bool = False,
) -> str:
    """Return Markdown of an answer, with the thoughts above it and its files below.

    Args:
        text: The answer.
        reasoning: The model's thoughts.
        files: The name and the address of each file.
        unfolded: Whether the thoughts are unfolded.
    """
    above = [thoughts(reasoning, unfolded=unfolded)] if reasoning.strip() else []
    below = ["\n".join(f"- {link(name, url)}" for name, url in files)] if files else []
    return "\n\n".join([*above, safe(text), *below])


def link(name: str, url: str) -> str:
    """Return Markdown of a link to a web address; to another address, the name alone."""
    shown = plain(" ".join(name.split()))
    if not url.startswith(("http://", "https://")):
        return shown
    target = _UNFIT.sub(lambda match: quote(match[0], errors="replace"), url)
    target = target.replace("::", ":%3A")
    return f"[{shown}]({target})"


def unfinished(name: str, text: str) -> str:
    """Return Markdown of an answer that may still grow."""
    return f"{note(name)}\n\n{safe(text)}"


def dialogue(title: str, messages: Iterable[tuple[str, str]]) -> str:
    """Return Markdown of a conversation, from the role and the text of each message."""
    said = [f"**{plain(role)}**\n\n{safe(text)}" for role, text in messages]
    return "\n\n".join([note(title), *said])


def table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = ()) -> str:
    """Return a table as HTML; the first cell of each row is its heading."""

    def row(cells: Sequence[str], other: str) -> str:
        tags = ["th", *[other] * len(cells[1:])]
        shown = [
            f"<{tag}{_CELL}>{html.escape(cell)}</{tag}>"
            for tag, cell in zip(tags, cells, strict=True)
        ]
        return f"<tr>{''.join(shown)}</tr>"

    top = f"<thead>{row(head, 'th')}</thead>" if head else ""
    return f"<table>{top}<tbody>{''.join(row(each, 'td') for each in rows)}</tbody></table>"
