"""The tokens of a script, and a reader that takes them one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DEEPEST = 40
"""Expressions and statements within each other."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>\d+(?:\.\d+)?(?![\w.]))
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<template>`(?:[^`\\]|\\.)*`)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>=>|\.\.\.|\?\.|\?\?|\|\||&&|===|!==|==|!=|<=|>=|\+\+|--|[-+*/%]=|[-+*/%<>=!?:.,;(){}\[\]&|^~@#])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_OPEN = {"(": ")", "[": "]", "{": "}"}


class SyntaxUnknownError(Exception):
    """A script has a syntax that is not known here."""


def tokens_in(source: str) -> Sequence[tuple[str, str]]:
    """Return the tokens of a script, each its kind and its text; ends of lines are among them."""
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None or match.lastgroup is None:
            raise SyntaxUnknownError
        place = match.end()
        if match.lastgroup != "space":
            tokens.append((match.lastgroup, match[0]))
        elif "\n" in match[0] and tokens:
            tokens.append(("line", "\n"))
    return tokens


def closings_in(tokens: Sequence[tuple[str, str]]) -> dict[int, int]:
    """Return the places of the brackets that close others, by the places of these."""
    closings: dict[int, int] = {}
    waiting: list[tuple[int, str]] = []
    for place, (kind, text) in enumerate(tokens):
        if kind != "mark":
            continue
        if text in _OPEN:
            waiting.append((place, _OPEN[text]))
        elif waiting and text == waiting[-1][1]:
            closings[waiting.pop()[0]] = place
    return closings


class TokenReader:
    """Reads tokens, each once.

    Args:
        tokens: The tokens, each its kind and its text. Ends of lines are among them.
    """

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.closing: dict[int, int] = closings_in(tokens)
        self.at: int = 0
        self.depth: int = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left but the end of a statement."""
        while self.peek() == ";":
            self.at += 1
        return self.at == len(self.tokens)

    def skip_lines(self) -> None:
        """Go on to the next token that is no end of a line."""
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "line":
            self.at += 1

    def peek(self) -> str:
        """Return the text of the next token, or an empty text at the end."""
        self.skip_lines()
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        """Return the kind of the next token."""
        self.skip_lines()
        return self.tokens[self.at][0] if self.at < len(self.tokens) else "end"

    def take(self) -> str:
        """Return the text of the next token, and go on."""
        text = self.peek()
        self.at += 1
        return text

    def accept(self, text: str) -> bool:
        """Go on if this mark or name comes next; return whether it does."""
        if self.peek() == text:  # No string or template begins as a mark or a name does.
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Go on if this mark or name comes next; raise if it does not."""
        if not self.accept(text):
            raise SyntaxUnknownError

    def name(self) -> str:
        """Return the name that comes next, and go on."""
        if self.kind() != "name":
            raise SyntaxUnknownError
        return self.take()

    def go_deeper(self) -> None:
        """Count a level; raise if there are too many."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise SyntaxUnknownError

    def is_new_line(self) -> bool:
        """Tell whether a line has ended after the last token that was taken."""
        return self.tokens[self.at - 1][0] == "line"
