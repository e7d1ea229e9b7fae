"""Layout of Markdown and thoughts as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TextIO

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text
from rich.theme import Theme

from ...sanitize import harmless

_THEME = Theme(
    {
        "markdown.code": "cyan",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold underline",
        "markdown.h3": "bold",
        "markdown.h4": "bold",
        "markdown.item.bullet": "bold",
        "markdown.item.number": "bold",
        "markdown.link": "none",
        "markdown.link_url": "underline",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
    }
)
# Tags are shown literally: most of what looks like one is not HTML, as in vector<int>.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])


class _Heading(Heading):
    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _CodeBlock(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(
            code,
            self.lexer_name,
            theme="ansi_dark",  # the terminal's own colours, whatever its background
            background_color="default",
            word_wrap=True,
            padding=(0, 2),
        )


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _CodeBlock,
        "code_block": _CodeBlock,
    }

    def __init__(self, block: Iterable[Token]) -> None:
        super().__init__("", hyperlinks=False)
        self.parsed = list(_tamed(block))


def _blocks(source: str) -> Iterable[list[Token]]:
    """Yield the tokens of each outermost block of a text."""
    block: list[Token] = []
    for token in _PARSER.parse(source):
        block.append(token)
        if not token.level and token.nesting <= 0:
            yield block
            block = []


def _tamed(tokens: Iterable[Token]) -> Iterable[Token]:
    """Yield tokens with harmless text; entities may hold characters that the source does not."""
    for token in tokens:
        token.content = harmless(token.content)
        token.info = harmless(token.info)
        for name, value in token.attrs.items():
            token.attrs[name] = harmless(str(value))
        if token.type == "softbreak":
            token.type = "hardbreak"  # as chat pages show it
        if token.children:
            token.children = list(_tamed(token.children))
        if token.markup != "autolink":  # Its text is its address.
            yield token


class Layout:
    """Lays texts out as lines of a terminal."""

    def __init__(self, file: TextIO) -> None:
        self._console = Console(file=file, theme=_THEME, highlight=False)
        self._colours = COLOR_SYSTEMS.get(self._console.color_system or "")

    def markdown(self, source: str, width: int) -> list[str]:
        """Return the lines of a Markdown text, without leading and trailing blank ones."""
        lines: list[str] = []
        for block in _blocks(source):
            more = self._lines(_Markdown(block), width)
            lines += ["", *more] if lines and more else more
        return lines

    def thoughts(self, source: str, width: int) -> list[str]:
        """Return the lines of a plain text, dimmed."""
        return self._lines(Padding(Text(harmless(source), "dim italic"), (0, 2)), width)

    def styled(self, text: str, style: str) -> str:
        """Return a short text in a style."""
        return self._line([Segment(text, Style.parse(style))])

    def _lines(self, content: RenderableType, width: int) -> list[str]:
        options = self._console.options.update(width=width)
        lines = [
            self._line(line) for line in self._console.render_lines(content, options, pad=False)
        ]
        while lines and not lines[-1]:
            lines.pop()
        while lines and not lines[0]:
            del lines[0]
        return lines

    def _line(self, segments: Iterable[Segment]) -> str:
        if self._console.no_color:
            segments = Segment.remove_color(segments)
        pieces = [(harmless(text), style) for text, style, control in segments if not control]
        while pieces and not pieces[-1][0].strip():
            pieces.pop()
        if pieces:
            text, style = pieces[-1]
            pieces[-1] = text.rstrip(), style
        return "".join(
            style.render(text, color_system=self._colours) if style else text
            for text, style in pieces
        )


def closed_length(source: str) -> int:
    r"""Return the length of the closed blocks of a Markdown text, which no later text can change.

    These are all but the last block of the complete lines: a block depends on nothing after the
    line that ends it. Lines of the text end with `\n` only.
    """
    complete = source[: source.rfind("\n") + 1]
    starts = [
        token.map[0]
        for token in _PARSER.parse(complete)
        if token.map and not token.level and token.nesting >= 0
    ]
    if len(starts) < 2:
        return 0
    return sum(len(line) + 1 for line in complete.split("\n")[: starts[-1]])


def opening_fence(source: str) -> str:
    """Return the opening fence if a Markdown text begins with a code block; otherwise nothing."""
    first = next(iter(_PARSER.parse(source)), None)
    is_fence = first is not None and first.type == "fence"
    return source[: source.find("\n") + 1] if is_fence else ""
