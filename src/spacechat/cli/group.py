"""The group of commands: which command runs, how help is laid out, and how Ctrl-C ends one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

import click

from .terminal.output import fitted, say

_DESCRIPTION = 38
"""Columns for an option's description, at least, if the terminal has them."""

INTERRUPTED = 130
"""The exit status after Ctrl-C."""


class _Formatter(click.HelpFormatter):
    """Fits help to the terminal's width and breaks lines between words."""

    def __init__(self, *_: object, **__: object) -> None:
        columns = shutil.get_terminal_size().columns
        super().__init__(width=max(min(columns, 80) - 2, 20))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options and what they do; in a narrow terminal, a long option stands alone."""
        super().write_dl(rows, min(col_max, max(self.width - _DESCRIPTION, 16)), col_spacing)

    def getvalue(self) -> str:
        """Return the help."""
        return fitted(super().getvalue(), sys.stdout)


class Context(click.Context):
    """The context of a command, whose help fits the terminal."""

    formatter_class = _Formatter


QUESTION = "ask"
"""The command of a command line that names none."""

_SIMILAR = 0.66
"""The least similarity of a mistyped word and a command's name; 1 is the same."""


def is_like(word: str, name: str) -> bool:
    """Return whether a word is probably a command's name, mistyped.

    It is if it has the same letters in any order, or begins with the same one and is similar.
    Otherwise questions such as `what is SSE` would be taken for `chat`.
    """
    typed = word.lower().replace("_", "-")
    if len(typed) < 3 or not typed.replace("-", "").isalpha():
        return False
    from difflib import SequenceMatcher

    if sorted(typed) == sorted(name):
        return True
    return typed[0] == name[0] and SequenceMatcher(None, typed, name).ratio() >= _SIMILAR


class Commands(click.Group):
    """The group of commands; a command line that begins with none of them is a question.

    Ctrl-C ends each of them silently.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises:
            UsageError: A question begins with what is more likely a command.
        """
        own = {name for each in self.get_params(ctx) for name in each.opts}
        if not args and not ctx.resilient_parsing:
            args = ["--help"] if sys.stdin.isatty() else [QUESTION]
        elif args and args[0] not in own and args[0] not in self.commands:
            if not ctx.resilient_parsing:
                self._check_question(ctx, args)
            args = [QUESTION, *args]
        return super().parse_args(ctx, args)

    def _check_question(self, ctx: click.Context, args: Sequence[str]) -> None:
        """Raise if a question that doesn't follow a command begins with what may be one.

        It does if its first word is a command's name, or like one; `--` before it says it isn't.

        Raises:
            UsageError: It does.
        """
        word = self._first_word(ctx, args)
        if word in self.commands:
            raise click.UsageError(
                f"{word} is a command, and commands come first: `spacechat {word}`. As a question, "
                f"it needs `spacechat {QUESTION}` before it.",
                ctx,
            )
        if list(args) in (["help"], ["version"]):
            near: str | None = f"--{word}"
        else:
            near = next((name for name in self.commands if is_like(word, name)), None)
        if near is not None:
            raise click.UsageError(
                f"There is no command {word!r}. Did you mean {near}? As a question, it needs "
                f"`spacechat {QUESTION}` before it.",
                ctx,
            )

    def _first_word(self, ctx: click.Context, args: Sequence[str]) -> str:
        """Return the first word of a question; empty if there is none, or it follows `--`."""
        if "--" in args:
            return ""
        try:
            given, _, _ = self.commands[QUESTION].make_parser(ctx).parse_args([*args])
        except click.UsageError:
            return ""  # The command raises it again.
        words = given.get("text")
        return words[0] if isinstance(words, tuple) and words else ""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                say()  # After the ^C that the terminal shows.
            raise click.exceptions.Exit(INTERRUPTED) from None
