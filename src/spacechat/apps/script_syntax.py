"""The syntax of the scripts that events run on a page: a part of JavaScript that most of them use.

`parse` turns a script into a tree of tuples, each with its kind first; `scripts` says what they
mean. What the syntax here doesn't have becomes a node `UNKNOWN`, whose value nobody can tell: a
statement of another kind, an operator, a call with a function. So the parts of a script that matter
for its result can be understood even if others can't.

A script comes from a server. Its length is bounded by `config`, and its depth here, so that the
recursion ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

Node: TypeAlias = "tuple[Any, ...]"

UNKNOWN: Node = ("unknown",)

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
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "0": "\0"}
_HOLE = re.compile(r"\$\{([^{}`]*)\}")
_OPEN = {"(": ")", "[": "]", "{": "}"}
_EQUALITY = frozenset({"==", "===", "!=", "!=="})
_LITERALS: dict[str, object] = {"null": None, "true": True, "false": False}
_LOOPS = frozenset({"for", "while", "switch", "do", "class", "throw", "function"})


class SyntaxUnknownError(Exception):
    """A script has a syntax that is not known here."""


def parse(source: str) -> Node:
    """Return the function that a script is, as a node.

    Raises:
        SyntaxUnknownError: It is no function, or its syntax is not known here.
    """
    parser = _Parser(_tokens(source))
    function = parser.expression()
    if function[0] != "function" or not parser.at_end:
        raise SyntaxUnknownError
    return function


def _tokens(source: str) -> Sequence[tuple[str, str]]:
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


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


class _Parser:
    """Reads tokens, each once; only an arrow's parameters are looked for ahead.

    Args:
        tokens: The tokens, each its kind and its text. Ends of lines are among them.
    """

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._closing = _closings(tokens)
        self._at = 0
        self._depth = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left but the end of a statement."""
        while self._peek() == ";":
            self._at += 1
        self._skip_lines()
        return self._at == len(self._tokens)

    def _skip_lines(self) -> None:
        while self._at < len(self._tokens) and self._tokens[self._at][0] == "line":
            self._at += 1

    def _peek(self) -> str:
        """Return the text of the next token, or an empty text at the end."""
        self._skip_lines()
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _kind(self) -> str:
        self._skip_lines()
        return self._tokens[self._at][0] if self._at < len(self._tokens) else "end"

    def _take(self) -> str:
        text = self._peek()
        self._at += 1
        return text

    def _accept(self, text: str) -> bool:
        if self._peek() == text and self._kind() in ("mark", "name"):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise SyntaxUnknownError

    def _name(self) -> str:
        if self._kind() != "name":
            raise SyntaxUnknownError
        return self._take()

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxUnknownError

    # Expressions, from those that bind least to those that bind most.

    def expression(self) -> Node:
        """Read an expression."""
        self._go_deeper()
        try:
            return self._function() or self._choice()
        finally:
            self._depth -= 1

    def _choice(self) -> Node:
        condition = self._binary(0)
        if not self._accept("?"):
            return condition
        yes = self.expression()
        self._expect(":")
        return "choice", condition, yes, self.expression()

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._kind() == "mark" and self._peek() in _LEVELS[level]:
            operator = self._take()
            left = ("binary", operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> Node:
        if self._accept("await"):
            return self._unary()
        for operator in ("!", "-", "+", "typeof", "void"):
            if self._accept(operator):
                self._go_deeper()
                operand = self._unary()
                self._depth -= 1
                return "unary", operator, operand
        return self._member(self._primary())

    def _member(self, node: Node) -> Node:
        while True:
            if self._accept("."):
                node = ("member", node, ("value", self._name()))
            elif self._accept("?."):
                if self._peek() not in ("(", "["):
                    node = ("member", node, ("value", self._name()))
            elif self._peek() == "[" and self._kind() == "mark" and not self._is_new_line():
                self._take()
                node = ("member", node, self.expression())
                self._expect("]")
            elif self._peek() == "(" and self._kind() == "mark" and not self._is_new_line():
                node = ("call", node, self._list(")"))
            else:
                return node

    def _is_new_line(self) -> bool:
        return self._at > 0 and self._tokens[self._at - 1][0] == "line"

    def _list(self, closing: str) -> Sequence[Node]:
        """Read what stands between brackets, with commas between."""
        self._take()
        items: list[Node] = []
        while not self._accept(closing):
            is_spread = self._accept("...")
            item = self.expression()
            items.append(("spread", item) if is_spread else item)
            if not self._accept(","):
                self._expect(closing)
                break
        return items

    def _primary(self) -> Node:
        kind, text = self._kind(), self._peek()
        if kind == "number":
            return "value", float(self._take()) if "." in text else int(self._take()[:300])
        if kind == "string":
            return "value", _unescaped(self._take()[1:-1])
        if kind == "template":
            return self._template(self._take()[1:-1])
        if kind == "name":
            return self._named()
        if text == "[":
            return "array", self._list("]")
        if text == "{":
            return self._object()
        if self._accept("("):
            inner = self.expression()
            self._expect(")")
            return inner
        raise SyntaxUnknownError

    def _named(self) -> Node:
        name = self._take()
        if name in _LITERALS:
            return "value", _LITERALS[name]
        if name == "undefined":
            return ("undefined",)
        if name == "new":
            callee: Node = ("name", self._name())
            while self._accept("."):
                callee = ("member", callee, ("value", self._name()))
            return "new", callee, self._list(")") if self._peek() == "(" else ()
        return "name", name

    def _template(self, text: str) -> Node:
        parts: list[Node] = []
        place = 0
        for hole in _HOLE.finditer(text):
            parts.append(("value", _unescaped(text[place : hole.start()])))
            inner = _Parser(_tokens(hole[1]))
            inner._depth = self._depth
            parts.append(inner.expression())
            place = hole.end()
        rest = text[place:]
        if "${" in rest:
            return UNKNOWN
        return "template", [*parts, ("value", _unescaped(rest))]

    def _object(self) -> Node:
        self._take()
        items: list[tuple[str, Node]] = []
        while not self._accept("}"):
            if self._accept("..."):
                items.append(("...", self.expression()))
            else:
                is_text = self._kind() in ("string", "number")
                key = self._take().strip("'\"") if is_text else self._name()
                items.append((key, self.expression() if self._accept(":") else ("name", key)))
            if not self._accept(","):
                self._expect("}")
                break
        return "object", items

    # Functions and statements.

    def _function(self) -> Node | None:
        """Read a function, or return None if none begins here."""
        start = self._at
        self._accept("async")
        if self._accept("function"):
            if self._kind() == "name":
                self._take()
            return "function", self._parameters(), self._block()
        parameters = self._arrow_parameters()
        if parameters is None:
            self._at = start
            return None
        if self._peek() == "{":
            return "function", parameters, self._block()
        return "function", parameters, [("return", self.expression())]

    def _arrow_parameters(self) -> Sequence[Node] | None:
        if self._kind() == "name":
            name = self._take()
            return [("name", name)] if self._accept("=>") else None
        end = self._closing.get(self._at) if self._peek() == "(" else None
        if end is None:
            return None
        after = next((t for t in self._tokens[end + 1 : end + 4] if t[0] != "line"), None)
        if after != ("mark", "=>"):
            return None
        parameters = self._parameters()
        self._expect("=>")
        return parameters

    def _parameters(self) -> Sequence[Node]:
        self._expect("(")
        parameters: list[Node] = []
        while not self._accept(")"):
            if self._accept("..."):
                parameters.append(("rest", self._name()))
            else:
                name = self._name()
                default = self.expression() if self._accept("=") else None
                parameters.append(("name", name) if default is None else ("name", name, default))
            if not self._accept(","):
                self._expect(")")
                break
        return parameters

    def _block(self) -> Sequence[Node]:
        if self._peek() != "{":
            raise SyntaxUnknownError
        end = self._closing.get(self._at)
        self._take()
        statements: list[Node] = []
        while not self._accept("}"):
            statements.append(self._statement(end))
        return statements

    def _statement(self, end: int | None) -> Node:
        """Read a statement; one that is not understood becomes an unknown one.

        Args:
            end: The place of the bracket that ends the block.
        """
        self._peek()
        start, depth = self._at, self._depth
        self._go_deeper()
        try:
            return self._known_statement(end)
        except SyntaxUnknownError:
            self._at = start
            return self._skipped(end)
        finally:
            self._depth = depth

    def _known_statement(self, end: int | None) -> Node:
        if self._accept(";"):
            return ("nothing",)
        if self._peek() == "{":
            return "block", self._block()
        if self._accept("return"):
            is_bare = self._tokens[self._at][0] == "line" or self._peek() in (";", "}")
            return self._ended(("return", ("undefined",) if is_bare else self.expression()))
        if self._peek() in ("const", "let", "var"):
            self._take()
            return self._declarations()
        if self._accept("if"):
            return self._if(end)
        if self._accept("try"):
            body = self._block()
            while self._peek() in ("catch", "finally"):
                self._take()
                if self._peek() == "(":
                    self._at = self._closing.get(self._at, len(self._tokens)) + 1
                self._block()
            return "block", body
        if self._peek() in _LOOPS:
            raise SyntaxUnknownError
        target = self.expression()
        if self._accept("="):
            return self._ended(("assign", target, self.expression()))
        return self._ended(("do", target))

    def _declarations(self) -> Node:
        declared: list[Node] = []
        while True:
            name = self._name()
            value = self.expression() if self._accept("=") else ("undefined",)
            declared.append(("assign", ("name", name), value))
            if not self._accept(","):
                return self._ended(("block", declared))

    def _if(self, end: int | None) -> Node:
        self._expect("(")
        condition = self.expression()
        self._expect(")")
        yes = self._statement(end)
        no = self._statement(end) if self._accept("else") else ("nothing",)
        return "if", condition, yes, no

    def _ended(self, statement: Node) -> Node:
        """Return a statement if it ends here."""
        if self._accept(";") or self._peek() in ("}", "") or self._is_new_line():
            return statement
        raise SyntaxUnknownError

    def _skipped(self, end: int | None) -> Node:
        """Skip a statement that is not understood, and return what it may do.

        It ends at a semicolon, at the end of a line, or with a block. Brackets in it are skipped as
        a whole, so all in them is seen: the names that it may set, and whether it may return.
        """
        if end is None:
            raise SyntaxUnknownError
        start = self._at
        while self._at < end:
            kind, text = self._tokens[self._at]
            closing = self._closing.get(self._at)
            if closing is not None:
                self._at = closing
            self._at += 1
            is_block = text == "{" and self._kind() == "name" and self._peek() not in _GOES_ON
            if text == ";" or (kind == "line" and self._at > start + 1) or is_block:
                break
        skipped = self._tokens[start : self._at]
        return "skipped", frozenset(text for kind, text in skipped if kind == "name")


_LEVELS: Sequence[frozenset[str]] = (
    frozenset({"||", "??"}),
    frozenset({"&&"}),
    _EQUALITY,
    frozenset({"<", ">", "<=", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "%"}),
)
"""The operators with two sides, from those that bind least."""

_GOES_ON = frozenset({"else", "catch", "finally", "while"})


def _closings(tokens: Sequence[tuple[str, str]]) -> dict[int, int]:
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


def names_in(node: Node) -> frozenset[str]:
    """Return the names that a statement or an expression has, with `return` if it may return."""
    names: set[str] = set()
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, frozenset):
            names |= each
        elif isinstance(each, tuple | list):
            if each and each[0] == "return":
                names.add("return")
            elif len(each) == 2 and each[0] == "name":
                names.add(each[1])
            waiting += each
    return frozenset(names)
