"""`spacechat chat`: holds a conversation."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import MessagesError, SpaceChatError
from .asker import Asker
from .options import asks, option
from .question_options import takes_pipe
from .target import display_name
from .terminal.output import report, say
from .terminal.piped_input import LARGEST
from .terminal.sanitize import harmless, one_line

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Conversation, Messages
    from ..providers import Space
    from ..sync import Chat
    from .options import Options

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


@click.command(short_help="Hold a conversation.")
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
    if takes_pipe(options):
        raise click.UsageError("-: standard input has the questions, so nothing else can be there.")
    with Asker(options) as asker:
        system = options["system"]
        messages = _load(asker, file, system) if file else _with_system(system or "", [])
        asker.check()
        chatting = _Chat(asker, messages)
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
    """Ends the conversation."""


class _Chat:
    """A conversation, and the commands that a person types in it.

    Args:
        asker: Asks the questions.
        messages: The conversation so far.
    """

    def __init__(self, asker: Asker, messages: Messages) -> None:
        self._asker = asker
        self._begun_with = messages
        self._failed: str | None = None  # The last question, if it has no answer.
        self._commands: dict[str, Callable[[str], None]] = {
            "/model": self._model,
            "/system": self._system,
            "/retry": self._retry,
            "/undo": self._undo,
            "/save": self._save,
            "/load": self._load,
            "/help": lambda _: say(_HELP),
            "/exit": self._exit,
        }

    @functools.cached_property
    def _chat(self) -> Chat:
        # Made when it is first used: it takes a client, whose modules would delay the prompt.
        return self._asker.conversation(self._begun_with)

    def with_person(self, history: Path | None) -> None:
        """Hold the conversation with a person at a terminal, until they end it."""
        from ..providers import models
        from .terminal.keyboard import line_reader

        words: dict[str, Sequence[str] | None] = dict.fromkeys(self._commands, ())
        words |= {"/model": models(), "/save": None, "/load": None}
        read = line_reader(words, history)
        say(f"Questions go to {self._asker.target.name}. /help lists commands, Ctrl-D ends.\n")
        while True:
            try:
                line = read()
            except KeyboardInterrupt:
                continue  # Ctrl-C discards the line, as in a shell.
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
        """Follow each line of standard input; return False if one failed."""
        failed = False
        with contextlib.suppress(_EndError):
            while line := sys.stdin.buffer.readline(LARGEST + 1):
                if len(line) > LARGEST:
                    raise SpaceChatError(f"A line is longer than {LARGEST >> 20} MiB.")
                # Bytes that aren't UTF-8 become lone surrogates, which `stream` refuses.
                text = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
                if self.take(text):
                    continue
                failed = True
                if text.startswith(("/load", "/model")):
                    # The next lines were meant for the Space that this one names.
                    raise SpaceChatError("The lines after that are not asked.")
        return not failed

    def take(self, line: str) -> bool:
        """Ask the question or run the command of a line; return False if that failed."""
        try:
            if line.startswith("/"):
                self._follow(line)
            elif line.strip():
                self._ask(line.strip())
        except BrokenPipeError:
            raise
        except (SpaceChatError, OSError, click.UsageError) as exc:
            report(exc)
            return False
        return True

    def _ask(self, question: str) -> None:
        self._failed = question
        stream = self._chat.stream(question, **self._asker.question_options())
        try:
            self._asker.show(stream)
        except KeyboardInterrupt:
            if stream.text:
                self._chat.keep_partial(stream.text)
                self._failed = None
            raise
        self._failed = None
        self._asker.files.clear()

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
            self._asker.target.switch(name)
            self._chat.switch(provider=self._asker.target.space)
        count = len(_turns(self._chat))
        along = f", with the {count} messages so far" if name and count else ""
        say(f"Questions go to {self._asker.target.name}{along}.")

    def _system(self, text: str) -> None:
        from ..messages import split_system

        system, turns = split_system(list(self._chat.messages))
        if text:
            system = "" if text == "-" else text
            self._go_on_with(_with_system(system, turns))
        say(f"The system message: {harmless(system) or '(none)'}")

    def _retry(self, _: str) -> None:
        self._ask(self._take_back("There is no question to ask again."))

    def _undo(self, _: str) -> None:
        question = self._take_back("There is nothing to take back.")
        say(f"Taken back: {one_line(question)}")

    def _take_back(self, nothing: str) -> str:
        """Take back the last question, answered or not, and return it.

        Raises:
            UsageError: There is none; the message is `nothing`.
        """
        question, self._failed = self._failed, None
        if question is None:
            try:
                question = self._chat.undo()
            except MessagesError:
                raise click.UsageError(nothing) from None
        return question

    def _save(self, path: str) -> None:
        from ..messages import Conversation

        space = self._asker.target.space
        # A session lasts no longer than this command, so none is saved.
        Conversation(
            session_hash="",
            messages=list(self._chat.messages),
            model=space.default_model,
            url=space.url,
        ).save(_path(path))
        say(f"{len(_turns(self._chat))} messages are in {path}.")

    def _load(self, path: str) -> None:
        self._go_on_with(_load(self._asker, path))
        self._failed = None

    def _go_on_with(self, messages: Messages) -> None:
        self._chat.close()
        self._chat = self._asker.conversation(messages)

    def _exit(self, _: str) -> None:
        raise _EndError


def _load(asker: Asker, path: str, system: str | None = None) -> Messages:
    """Return the messages of a file; say how long it is and which Space goes on with it.

    Args:
        asker: Asks the conversation's own Space from now on, unless the options name one.
        path: The file.
        system: The system text. None: the file's.

    Raises:
        SpaceChatError: The file holds no conversation, or doesn't say which Space it was held with.
        OSError: The file can't be read.
    """
    from ..messages import Conversation, split_system

    loaded = Conversation.load(_path(path))
    try:
        asker.target.follow(loaded)
    except SpaceChatError as exc:
        raise SpaceChatError(f"{path} is not loaded. {exc}") from exc
    own, turns = split_system(loaded.messages)
    say(f"{len(turns)} messages of {path} are loaded.")
    say(f"{_held_with(loaded, asker.target.space)}{asker.target.name} goes on.")
    return _with_system(own if system is None else system, turns)


def _with_system(system: str, turns: Messages) -> Messages:
    return [{"role": "system", "content": system}, *turns] if system else turns


def _turns(chat: Chat) -> Messages:
    """Return the messages of a conversation without the system message."""
    return [message for message in chat.messages if message["role"] != "system"]


def _held_with(loaded: Conversation, space: type[Space]) -> str:
    """Say which Space an earlier conversation was held with, if another goes on."""
    from ..providers import candidates

    try:
        ((own, _),) = candidates(None, None, loaded)
    except SpaceChatError:  # It names none, or a model that no longer exists.
        name = one_line(loaded.model or "")
        return f"The conversation was held with {name}; " if name else ""
    return "" if own.url == space.url else f"The conversation was held with {display_name(own)}; "


def _path(path: str) -> str:
    if not path:
        raise click.UsageError("Name a file, as in /save talk.json.")
    return os.path.expanduser(path)
