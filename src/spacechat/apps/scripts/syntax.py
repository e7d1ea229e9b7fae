"""The syntax of the scripts that events run on a page: a part of JavaScript that most of them use.

`parse` turns a script into a tree of tuples, each with its kind first; `run` says what they
mean. What the syntax here doesn't have becomes a node `UNKNOWN`, whose value nobody can tell: a
statement of another kind, an operator, a call with a function. So the parts of a script that matter
for its result can be understood even if others can't.

A script comes from a server. Its length is bounded by `config`, and its depth here, so that the
recursion ends.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from .tokens import SyntaxUnknownError, TokenReader, tokens_in

Node: TypeAlias = "tuple[Any, ...]"

UNKNOWN: Node = ("unknown",)

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_NOT_ESCAPED = frozenset("ux123456789\n")
"""What doesn't stand for itself after a backslash: the numbers of characters, an end of a line."""
_HOLE = re.compile(r"(?<!\\)\$\{([^{}`]*)\}")
_EQUALITY = frozenset({"==", "===", "!=", "!=="})
_LITERALS: dict[str, object] = {"null": None, "true": True, "false": False}
_LOOPS = frozenset({"for", "while", "switch", "do", "class", "throw", "function"})


def parse(source: str) -> Node:
    """Return the function that a script is, as a node.

    Raises:
        SyntaxUnknownError: It is no function, or its syntax is not known here.
    """
    parser = _Parser(tokens_in(source))
    function = parser.expression()
    if function[0] != "function" or not parser.at_end:
        raise SyntaxUnknownError
    return function


def _unescaped(text: str) -> str:
    if any(each[1] in _NOT_ESCAPED for each in _ESCAPE.finditer(text)):
        raise SyntaxUnknownError
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


def _in_hole(source: str) -> Node:
    """Return the expression in a hole of a template."""
    parser = _Parser(tokens_in(source))
    expression = parser.expression()
    if not parser.at_end:
        raise SyntaxUnknownError
    return expression


class _Expressions(TokenReader, abc.ABC):
    """Reads expressions; only an arrow's parameters are looked for ahead."""

    def expression(self) -> Node:
        """Read an expression."""
        self.go_deeper()
        try:
            return self._function() or self._choice()
        finally:
            self.depth -= 1

    def _choice(self) -> Node:
        condition = self._binary(0)
        if not self.accept("?"):
            return condition
        yes = self.expression()
        self.expect(":")
        return "choice", condition, yes, self.expression()

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self.peek() in _LEVELS[level]:
            operator = self.take()
            left = ("binary", operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> Node:
        if self.accept("await"):
            return self._unary()
        for operator in ("!", "-", "+", "typeof", "void"):
            if self.accept(operator):
                self.go_deeper()
                operand = self._unary()
                self.depth -= 1
                return "unary", operator, operand
        return self._member(self._primary())

    def _member(self, node: Node) -> Node:
        while True:
            if self.accept("."):
                node = ("member", node, ("value", self.name()))
            elif self.accept("?."):
                if self.peek() not in ("(", "["):
                    node = ("member", node, ("value", self.name()))
            elif self.peek() == "[":
                self.take()
                node = ("member", node, self.expression())
                self.expect("]")
            elif self.peek() == "(":
                node = ("call", node, self._list(")"))
            else:
                return node

    def _list(self, closing: str) -> Sequence[Node]:
        """Read what stands between brackets, with commas between."""
        self.take()
        items: list[Node] = []
        while not self.accept(closing):
            is_spread = self.accept("...")
            item = self.expression()
            items.append(("spread", item) if is_spread else item)
            if not self.accept(","):
                self.expect(closing)
                break
        return items

    def _primary(self) -> Node:
        kind, text = self.kind(), self.peek()
        if kind == "number":
            return "value", self._number()
        if kind == "string":
            return "value", self._string()
        if kind == "template":
            return self._template(self.take()[1:-1])
        if kind == "name":
            return self._named()
        if text == "[":
            return "array", self._list("]")
        if text == "{":
            return self._object()
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        raise SyntaxUnknownError

    def _number(self) -> float:
        number = float(self.take())  # As JavaScript has it, but for a whole one's ".0" as a text.
        return int(number) if number.is_integer() else number

    def _string(self) -> str:
        return _unescaped(self.take()[1:-1])

    def _named(self) -> Node:
        name = self.take()
        if name in _LITERALS:
            return "value", _LITERALS[name]
        if name == "undefined":
            return ("undefined",)
        if name == "new":
            callee: Node = ("name", self.name())
            while self.accept("."):
                callee = ("member", callee, ("value", self.name()))
            return "new", callee, self._list(")") if self.peek() == "(" else ()
        return "name", name

    def _template(self, text: str) -> Node:
        parts = _HOLE.split(text)  # A text, a hole, a text, …
        if any("${" in each for each in parts[::2]):
            return UNKNOWN
        return "template", [
            _in_hole(each) if index % 2 else ("value", _unescaped(each))
            for index, each in enumerate(parts)
        ]

    def _object(self) -> Node:
        self.take()
        items: list[tuple[str, Node]] = []
        while not self.accept("}"):
            if self.accept("..."):
                items.append(("...", self.expression()))
            else:
                key = self._key()
                items.append((key, self.expression() if self.accept(":") else ("name", key)))
            if not self.accept(","):
                self.expect("}")
                break
        return "object", items

    def _key(self) -> str:
        if self.kind() == "string":
            return self._string()
        return str(self._number()) if self.kind() == "number" else self.name()

    def _function(self) -> Node | None:
        """Read a function, or return None if none begins here."""
        start = self.at
        self.accept("async")
        if self.accept("function"):
            if self.kind() == "name":
                self.take()
            return "function", self._parameters(), self._block()
        parameters = self._arrow_parameters()
        if parameters is None:
            self.at = start
            return None
        if self.peek() == "{":
            return "function", parameters, self._block()
        return "function", parameters, [("return", self.expression())]

    def _arrow_parameters(self) -> Sequence[Node] | None:
        if self.kind() == "name":
            name = self.take()
            return [("name", name)] if self.accept("=>") else None
        end = self.closing.get(self.at) if self.peek() == "(" else None
        if end is None:
            return None
        if [*self.tokens[end + 1 : end + 2]] != [("mark", "=>")]:
            return None
        parameters = self._parameters()
        self.expect("=>")
        return parameters

    def _parameters(self) -> Sequence[Node]:
        self.expect("(")
        parameters: list[Node] = []
        while not self.accept(")"):
            if self.accept("..."):
                parameters.append(("rest", self.name()))
            else:
                name = self.name()
                default = self.expression() if self.accept("=") else None
                parameters.append(("name", name) if default is None else ("name", name, default))
            if not self.accept(","):
                self.expect(")")
                break
        return parameters

    @abc.abstractmethod
    def _block(self) -> Sequence[Node]:
        """Read the statements of a block."""


class _Parser(_Expressions):
    """Reads statements."""

    def _block(self) -> Sequence[Node]:
        if self.peek() != "{":
            raise SyntaxUnknownError
        end = self.closing.get(self.at)
        self.take()
        statements: list[Node] = []
        while not self.accept("}"):
            statements.append(self._statement(end))
        return statements

    def _statement(self, end: int | None) -> Node:
        """Read a statement; one that is not understood becomes an unknown one.

        Args:
            end: The place of the bracket that ends the block.
        """
        self.peek()
        start, depth = self.at, self.depth
        self.go_deeper()
        try:
            return self._known_statement(end)
        except SyntaxUnknownError:
            self.at = start
            return self._skipped(end)
        finally:
            self.depth = depth

    def _known_statement(self, end: int | None) -> Node:
        if self.accept(";"):
            return ("nothing",)
        if self.peek() == "{":
            return "block", self._block()
        if self.accept("return"):
            is_bare = self.peek() in (";", "}") or self.is_new_line()
            return self._ended(("return", ("undefined",) if is_bare else self.expression()))
        if self.peek() in ("const", "let", "var"):
            self.take()
            return self._declarations()
        if self.accept("if"):
            return self._if(end)
        if self.accept("try"):
            body = self._block()
            while self.peek() in ("catch", "finally"):
                self.take()
                if self.peek() == "(":
                    self.at = self.closing.get(self.at, len(self.tokens)) + 1
                self._block()
            return "block", body
        if self.peek() in _LOOPS:
            raise SyntaxUnknownError
        target = self.expression()
        if self.accept("="):
            return self._ended(("assign", target, self.expression()))
        return self._ended(("do", target))

    def _declarations(self) -> Node:
        declared: list[Node] = []
        while True:
            name = self.name()
            value = self.expression() if self.accept("=") else ("undefined",)
            declared.append(("assign", ("name", name), value))
            if not self.accept(","):
                return self._ended(("block", declared))

    def _if(self, end: int | None) -> Node:
        self.expect("(")
        condition = self.expression()
        self.expect(")")
        yes = self._statement(end)
        no = self._statement(end) if self.accept("else") else ("nothing",)
        return "if", condition, yes, no

    def _ended(self, statement: Node) -> Node:
        """Return a statement if it ends here."""
        if self.accept(";") or self.peek() in ("}", "") or self.is_new_line():
            return statement
        raise SyntaxUnknownError

    def _skipped(self, end: int | None) -> Node:
        """Skip a statement that is not understood, and return what it may do.

        It ends at a semicolon, at the end of a line, or with a block. Brackets in it are skipped as
        a whole, so all in them is seen: the names that it may set, and whether it may return.
        """
        if end is None:
            raise SyntaxUnknownError
        start = self.at
        while self.at < end:
            kind, text = self.tokens[self.at]
            closing = self.closing.get(self.at)
            if closing is not None:
                self.at = closing
            self.at += 1
            is_block = text == "{" and self.kind() == "name" and self.peek() not in _GOES_ON
            if text == ";" or kind == "line" or is_block:
                break
        skipped = self.tokens[start : self.at]
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
