"""`spacechat chat`: a conversation."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SpaceChatError
from .asking import Asker, asks, called, tell
from .options import option
from .talk import Talk
from .terminal.sanitize import harmless, one_line
from .terminal.standard_streams import LARGEST, say

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Conversation
    from ..providers import Space
    from .asking import Options

_HELP = """\
/model [NAME]   say which model answers, or take another one
/system [TEXT]  say what the model is told beforehand, or tell it something else; - for nothing
/retry          ask the last question again
/undo           take back the last question and its answer
/save FILE      write the conversation to a file
/load FILE      go on with the conversation of a file
/help           this list
/exit           the end, as Ctrl-D

Ctrl-C stops an answer. Alt-Enter begins a new line. A question that begins with / needs a space \
before it."""


@click.command()
@asks
@option(
    "--history",
    metavar="FILE",
    envvar="SPACECHAT_HISTORY",
    help="Where to keep the questions for the arrow keys; '' keeps none.  "
    "[default: ~/.local/state/spacechat/history; env var: SPACECHAT_HISTORY]",
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
def chat(history: str | None, file: str | None, **options: Unpack[Options]) -> None:
    """Hold a conversation, or go on with one that was saved to FILE.

    Ctrl-C stops an answer, Ctrl-D ends the conversation, /help lists what else there is. Where
    standard input is not a terminal, each of its lines is a question.

    \b
    Examples:
      spacechat chat
      spacechat chat -m qwen-2.5-1m -s "You are a patient teacher."
      spacechat chat ada.json
      spacechat chat < questions.txt > answers.txt
    """
    with Asker(options) as asker:
        talk = Talk(options["system"] or "")
        chatting = _Chat(asker, talk)
        if file:
            chatting.load(file)
            if options["system"] is not None:
                talk.system = options["system"]
        else:
            _ = asker.space  # A name that is none is told before the first question.
        if sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty()):
            chatting.with_person(_history_path(history))
        elif not chatting.without_person():
            raise click.exceptions.Exit(1)


def _history_path(history: str | None) -> Path | None:
    from .terminal.keyboard import history_file

    if history is None:
        return history_file()
    return Path(os.path.expanduser(history)) if history else None


class _EndError(Exception):
    """The conversation is over."""


class _Chat:
    """A conversation and its commands."""

    def __init__(self, asker: Asker, talk: Talk) -> None:
        self._asker = asker
        self._talk = talk
        self._failed: str | None = None  # the last question, where it has no answer
        self._commands: dict[str, Callable[[str], None]] = {
            "/model": self._model,
            "/system": self._system,
            "/retry": self._retry,
            "/undo": self._undo,
            "/save": self._save,
            "/load": self.load,
            "/help": lambda _: say(_HELP),
            "/exit": self._exit,
        }

    def with_person(self, history: Path | None) -> None:
        """Talk with a person at a terminal, until the end."""
        from ..providers import models
        from .terminal.keyboard import line_reader

        words: dict[str, Sequence[str] | None] = dict.fromkeys(self._commands, ())
        words |= {"/model": models(), "/save": None, "/load": None}
        read = line_reader(words, history)
        say(f"Questions go to {self._asker.name}. /help lists commands, Ctrl-D ends.\n")
        while True:
            try:
                line = read()
            except KeyboardInterrupt:
                continue  # The line is given up, as in a shell.
            except EOFError:
                return
            try:
                if line.strip():
                    say()
                    self.take(line)
                    say()
            except KeyboardInterrupt:
                say("\nStopped.\n")
            except _EndError:
                return

    def without_person(self) -> bool:
        """Take every line of standard input; False where one failed."""
        failed = False
        with contextlib.suppress(_EndError):
            while line := sys.stdin.buffer.readline(LARGEST + 1):
                if len(line) > LARGEST:
                    raise SpaceChatError(f"A line is longer than {LARGEST >> 20} MiB.")
                # What isn't UTF-8 becomes halves of surrogate pairs, which no Space is asked.
                text = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
                if self.take(text):
                    continue
                failed = True
                if text.startswith(("/load", "/model")):
                    # What follows was not meant for whom it would go to.
                    raise SpaceChatError("The lines after that are not asked.")
        return not failed

    def take(self, line: str) -> bool:
        """Do what a line says: ask a question or follow a command; False where that failed."""
        try:
            if line.startswith("/"):
                self._follow(line)
            elif line.strip():
                self._ask(line.strip())
        except BrokenPipeError:
            raise
        except (SpaceChatError, OSError, click.UsageError) as exc:
            tell(exc)
            return False
        return True

    def load(self, path: str) -> None:
        """Go on with the conversation of a file."""
        from ..messages import Conversation

        loaded = Conversation.load(_path(path))
        try:
            self._asker.go_on(loaded)
        except SpaceChatError as exc:
            raise SpaceChatError(f"{path} is not loaded. {exc}") from exc
        self._talk.take(loaded.messages)
        self._failed = None
        said = len(self._talk.turns)
        say(f"{said} messages of {path} are loaded.")
        say(f"{_held_with(loaded, self._asker.space)}{self._asker.name} goes on.")

    def _ask(self, question: str) -> None:
        self._failed = question
        try:
            answer = self._asker.answer(self._talk.with_question(question)).text
        except KeyboardInterrupt:
            answer = self._asker.text
            if answer:  # The conversation goes on from what had come.
                self._add(question, answer)
            raise
        self._add(question, answer)

    def _add(self, question: str, answer: str) -> None:
        self._talk.add(question, answer)
        self._failed = None

    def _follow(self, line: str) -> None:
        name, _, argument = line.strip().partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise click.UsageError(
                f"There is no command {name}; /help lists them. A question that begins with / "
                "needs a space before it."
            )
        command(argument.strip())

    def _model(self, name: str) -> None:
        if name:
            self._asker.turn_to(name)
        said = len(self._talk.turns)
        along = f", with the {said} messages so far" if name and said else ""
        say(f"Questions go to {self._asker.name}{along}.")

    def _system(self, text: str) -> None:
        if text:
            self._talk.system = "" if text == "-" else text
        say(f"The system message: {harmless(self._talk.system) or '(none)'}")

    def _retry(self, _: str) -> None:
        question = self._failed or self._talk.undo()
        if question is None:
            raise click.UsageError("There is no question to ask again.")
        self._ask(question)

    def _undo(self, _: str) -> None:
        question = self._failed or self._talk.undo()
        if question is None:
            raise click.UsageError("There is nothing to take back.")
        self._failed = None
        say(f"Taken back: {one_line(question)}")

    def _save(self, path: str) -> None:
        self._talk.save(_path(path), self._asker.space)
        say(f"{len(self._talk.turns)} messages are in {path}.")

    def _exit(self, _: str) -> None:
        raise _EndError


def _held_with(loaded: Conversation, space: type[Space]) -> str:
    """Say whom an earlier conversation was held with, if that is not who goes on."""
    from ..providers import candidates

    try:
        ((own, _),) = candidates(None, None, loaded)
    except SpaceChatError:  # It doesn't say, or there is no such model any more.
        held = one_line(loaded.model or "")
        return f"The conversation was held with {held}; " if held else ""
    return "" if own.url == space.url else f"The conversation was held with {called(own)}; "


def _path(path: str) -> str:
    if not path:
        raise click.UsageError("Name a file, as in /save talk.json.")
    return os.path.expanduser(path)
