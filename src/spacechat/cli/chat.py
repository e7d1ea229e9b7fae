"""`spacechat chat`: holds a conversation."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SpaceChatError
from ..sanitize import one_line
from .asker import Asker
from .chat_commands import Commands, EndError
from .completion import complete_path
from .conversation_log.keeper import open_keeper
from .group import Command
from .listening import is_nobody_there
from .option_declaration import option
from .options import asks
from .question_options import takes_pipe
from .resuming import load, take_up
from .talk import Talk
from .terminal.output import say, shortened
from .terminal.piped_input import LARGEST

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Messages
    from .conversation_log.keeper import Keeper
    from .options import Options

_DECIDES = ("/load", "/model", "/file", "/set")
"""The commands without which the next lines would be asked of another Space, or otherwise."""


@click.command(cls=Command, short_help="Hold a conversation.")
@asks
@option(
    "--history",
    metavar="FILE",
    shell_complete=complete_path,
    envvar="SPACECHAT_HISTORY",
    help="Where to keep the questions for the arrow keys; '' keeps none.  "
    "[default: ~/.local/state/spacechat/history; env var: SPACECHAT_HISTORY]",
)
@click.argument("file", required=False, type=click.Path(dir_okay=False))
def chat(history: str | None, file: str | None, **options: Unpack[Options]) -> None:
    """Hold a conversation, or go on with one that was saved to FILE, or with the last one.

    Ctrl-C stops an answer, exit or Ctrl-D ends the conversation, /help lists what else there is.
    Where standard input is not a terminal, each of its lines is a question.

    \b
    Examples:
      spacechat chat
      spacechat chat -m qwen-2.5-1m -s "You are a teacher."
      spacechat chat -c
      spacechat chat ada.json
      spacechat chat < questions.txt > answers.txt
    """
    if takes_pipe(options):
        raise click.UsageError("-: standard input has the questions, so nothing else can be there.")
    with Asker(options) as asker:
        keeper = open_keeper(options)
        messages = _earlier(asker, keeper, file, options["system"])
        asker.check()
        is_typed = sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())
        commands = Commands(Talk(asker, messages, keeper), is_typed=is_typed)
        if is_typed:
            _with_person(asker, commands, _history_path(history, keeps=keeper.keeps))
        elif not _without_person(commands):
            raise click.exceptions.Exit(1)


def _earlier(asker: Asker, keeper: Keeper, file: str | None, system: str | None) -> Messages:
    """Return the messages that the conversation begins with."""
    if file is not None:
        if keeper.earlier is not None:
            raise click.UsageError("FILE and -c: choose one.")
        if not os.path.exists(os.path.expanduser(file)):
            raise click.UsageError(
                f"There is no file {one_line(file)}. `chat` goes on with the conversation of a "
                "file; a question goes without `chat`."
            )
        return load(asker, file, system)
    messages = take_up(asker, keeper, system)
    if keeper.earlier is not None:
        count, last = len(keeper.earlier.turns), shortened(keeper.earlier.last_question, 60)
        say(f"{count} messages are loaded; the last question was: {last}")
    return messages


def _history_path(history: str | None, *, keeps: bool) -> Path | None:
    from .terminal.keyboard import history_file

    if history is None:
        return history_file() if keeps else None
    return Path(os.path.expanduser(history)) if history else None


def _with_person(asker: Asker, commands: Commands, history: Path | None) -> None:
    """Hold the conversation with a person at a terminal, until they end it."""
    from .terminal.keyboard import line_reader

    read = line_reader(commands.completions(), history)
    say(f"Questions go to {asker.target.name}. /help lists commands, exit ends.\n")
    if is_nobody_there(asker.target.space.url):
        say("Nothing answers there at the moment: is the app running?\n")
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
                commands.take(line)
                say()
        except KeyboardInterrupt:
            say("\nStopped.\n")
        except EndError:
            return


def _without_person(commands: Commands) -> bool:
    """Follow each line of standard input; return False if one failed."""
    failed = False
    with contextlib.suppress(EndError):
        while line := sys.stdin.buffer.readline(LARGEST + 1):
            if len(line) > LARGEST:
                raise SpaceChatError(f"A line is longer than {LARGEST >> 20} MiB.")
            # Bytes that aren't UTF-8 become lone surrogates, which `stream` refuses.
            text = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
            if commands.take(text):
                continue
            failed = True
            if text.startswith(_DECIDES):
                raise SpaceChatError("The lines after that are not asked.")
    return not failed
