"""The group of commands: which command runs, how help is laid out, and how Ctrl-C ends one."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from .options import NAMED, in_two_words
from .terminal.output import fitted, say

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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

    formatter_class: type[click.HelpFormatter] = _Formatter


class Command(click.Command):
    """A command some of whose options take two words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises:
            UsageError: They don't fit.
        """
        last = args[-1] if args else ""
        try:
            return super().parse_args(ctx, args)
        except click.BadOptionUsage as exc:
            word = last.removeprefix("--option=")
            word = word if word.startswith("--") else word.removeprefix("-o")
            is_half = exc.option_name in NAMED and last not in NAMED
            raise click.UsageError(in_two_words(word) if is_half else exc.message, ctx) from exc


class TextCommand(Command):
    """A command whose arguments may be any text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises:
            UsageError: They don't fit.
        """
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as exc:
            hint = "A text that begins with a minus needs a -- before it."
            near = [each for each in exc.possibilities or () if each[:3] == exc.option_name[:3]]
            meant = f"Did you mean {' or '.join(near)}? " if near else ""
            raise click.UsageError(f"{exc.message.rstrip('.')}. {meant}{hint}", exc.ctx) from exc


QUESTION = "ask"
"""The command of a command line that names none."""

_ELSEWHERE = {
    "aliases": "Aliases stand in the settings file, as `spacechat models --help` says.",
    "config": "Settings stand in the settings file, as `spacechat models --help` says.",
    "history": "Did you mean `spacechat log`?",
    "info": "Did you mean `spacechat inspect`?",
    "keys": "`hf auth login` saves a token for Spaces.",
    "login": "`hf auth login` saves a token for Spaces.",
    "logs": "Did you mean `spacechat log`?",
    "predict": "Did you mean `spacechat call`?",
    "search": "Did you mean `spacechat find`?",
}
"""Commands of other tools for models and Spaces, and what there is in their place."""

_SPACE = re.compile(r"[\w.-]+/[\w.-]+")
"""A Space's id."""

_SIMILAR = 0.7
"""The least similarity of a mistyped word and a command's name; 1 is the same."""


def is_like(word: str, name: str) -> bool:
    """Return whether a word is probably a command's name, mistyped.

    It is if it has the same letters in any order, is the beginning of the name, or begins with the
    same letter and is similar. Without that letter, `what is SSE` would be taken for `chat`.
    """
    typed = word.lower().replace("_", "-")
    if len(typed) < 3 or not typed.replace("-", "").isalpha():
        return False
    from difflib import SequenceMatcher

    if sorted(typed) == sorted(name) or name.startswith(typed):
        return True
    return typed[0] == name[0] and SequenceMatcher(None, typed, name).ratio() >= _SIMILAR


def names_app(word: str) -> bool:
    """Return whether a word looks like the address of an app, or like a Space's id."""
    from ..addresses import full_address

    is_word = not any(map(str.isspace, word))
    return is_word and bool(_SPACE.fullmatch(word) or full_address(word))


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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what completes a word; before a text, the options of a question do, too."""
        found = super().shell_complete(ctx, incomplete)
        names = {each.value for each in found}
        options = self.commands[QUESTION].shell_complete(ctx, incomplete)
        return [*found, *(each for each in options if each.value not in names)]

    def _check_question(self, ctx: click.Context, args: Sequence[str]) -> None:
        """Raise if a question that doesn't follow a command begins with what may be one.

        It does if its first word is a command's name, or like one, here or in other tools, or if
        an app's address follows or is it; `--` before it says it isn't.

        Raises:
            UsageError: It does.
        """
        words = self._words(ctx, args)
        why = self._why_no_question(words, is_alone=len(args) == 1) if words else None
        if why is not None:
            raise click.UsageError(
                f"{why} As a question, it needs `spacechat {QUESTION}` before it.", ctx
            )

    def _why_no_question(self, words: Sequence[str], *, is_alone: bool) -> str | None:
        """Return why the first words are probably no question, and what to type; None if not."""
        from ..addresses import without_user

        word, *rest = words
        if word in self.commands:
            return f"{word} is a command, and commands come first: `spacechat {word}`."
        if is_alone and word in ("help", "version"):
            return f"There is no command {word!r}. Did you mean --{word}?"
        if word.lower() in _ELSEWHERE:
            return f"There is no command {word!r}. {_ELSEWHERE[word.lower()]}"
        near = next((name for name in self.commands if is_like(word, name)), None)
        if near is not None:
            return f"There is no command {word!r}. Did you mean {near}?"
        if names_app(word):
            return f"That is an app: `spacechat -m {without_user(word)} TEXT` asks it."
        if rest and not any(map(str.isspace, word)) and names_app(rest[0]):
            app = without_user(rest[0])
            return (
                f"There is no command {word!r}. `spacechat -m {app} TEXT` asks that app, and "
                f"`spacechat inspect {app}` lists what it can do."
            )
        return None

    def _words(self, ctx: click.Context, args: Sequence[str]) -> tuple[str, ...]:
        """Return the words of a question; none if it follows `--`."""
        if "--" in args:
            return ()
        try:
            given, _, _ = self.commands[QUESTION].make_parser(ctx).parse_args([*args])
        except click.UsageError:
            return ()  # The command raises it again.
        words = given.get("text")
        return words if isinstance(words, tuple) else ()

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                say()  # After the ^C that the terminal shows.
            raise click.exceptions.Exit(INTERRUPTED) from None
