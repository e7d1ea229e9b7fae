"""The command line, one file for each command.

The answer goes to standard output as it comes, everything else to standard error. The exit status
is 0 for an answer, 1 for an error, 2 for bad usage, 130 for Ctrl-C.

Modules are imported when a command runs, so that `--help` and completion are quick.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable

import click

from ..errors import SpaceChatError
from ..version import __version__
from .ask import ask
from .batch.command import batch
from .call import call
from .chat import chat
from .conversation_log.command import log
from .inspect import inspect
from .models import models
from .serve import serve
from .terminal import standard_streams as standard
from .terminal.output import fitted, report, say
from .terminal.sanitize import one_line

INTERRUPTED = 130
"""The exit status after Ctrl-C."""


def run() -> int:
    """Run the command line on the arguments of the process and return its exit status."""
    standard.open_closed()
    standard.forgive()
    try:
        status = _run()
    except BrokenPipeError:  # The reader of the output has closed it, as `head` does.
        status = 1
    finally:
        settled = [standard.settle(file) for file in (sys.stdout, sys.stderr)]
    return status if all(settled) else status or 1


def _run() -> int:
    try:
        status: int = commands.main(prog_name="spacechat", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as exc:
        _show(exc)
        return exc.exit_code
    except click.Abort:
        return INTERRUPTED
    except (ModuleNotFoundError, BrokenPipeError):
        raise  # `__main__` names the extra that is missing.
    except OSError as exc:
        why = exc.strerror or exc
        report(exc if standard.settle(sys.stdout) else f"Standard output can't be written: {why}.")
        return 1
    except (SpaceChatError, ImportError) as exc:
        report(exc)
        return 1
    return status


def _show(error: click.ClickException) -> None:
    """Show a usage error as click would, but break lines between words."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        say(context.get_usage())
        say(f"Try '{context.command_path} --help' for help.\n")
    say(f"Error: {one_line(error.format_message())}")


class _Formatter(click.HelpFormatter):
    """Fits help to the terminal's width and breaks lines between words."""

    def __init__(self, *_: object, **__: object) -> None:
        columns = shutil.get_terminal_size().columns
        super().__init__(width=max(min(columns, 80) - 2, 20))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options and their descriptions, in two columns of similar width."""
        super().write_dl(rows, min(col_max, self.width // 2), col_spacing)

    def getvalue(self) -> str:
        """Return the help."""
        return fitted(super().getvalue(), sys.stdout)


class _Context(click.Context):
    formatter_class = _Formatter


class _Commands(click.Group):
    """The group of commands; Ctrl-C ends each of them silently."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                say()  # After the ^C that the terminal shows.
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Stream chat answers from Hugging Face Spaces, and call any function of a Gradio app.

    \b
    Examples:
      spacechat ask "Why is the sky blue?"
      spacechat ask -m qwen-2.5-1m -s "Be brief." "What is SSE?"
      git diff | spacechat ask "Review this change."
      spacechat chat -m qwen-2.5
      spacechat chat --local
      spacechat batch questions.jsonl answers.jsonl
      spacechat call owner/name /caption photo.jpg

    The models' names complete with the Tab key once your shell is told (also zsh, fish):

    \b
      eval "$(_SPACECHAT_COMPLETE=bash_source spacechat)"
    """


commands.context_class = _Context
for _command in (ask, batch, call, chat, inspect, log, models, serve):
    _command.context_class = _Context
    commands.add_command(_command)
