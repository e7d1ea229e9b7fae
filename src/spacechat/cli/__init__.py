"""The command line, one file for each command.

The answer goes to standard output as it comes, everything else to standard error. The exit status
is 0 for an answer, 1 for an error, 2 for bad usage, 130 for Ctrl-C.

Modules are imported when a command runs, so that `--help` and completion are quick.
"""

from __future__ import annotations

import sys

import click

from ..errors import InputsError, SpaceChatError
from ..sanitize import one_line
from ..version import __version__
from .ask import ask
from .batch.command import batch
from .call import call
from .chat import chat
from .conversation_log.command import log
from .find import find
from .group import INTERRUPTED, Commands, Context
from .inspect import inspect
from .models import models
from .serve import serve
from .serve_local import serve_local
from .terminal import standard_streams as standard
from .terminal.output import report, say, why


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
        is_settled = standard.settle(sys.stdout)
        report(exc if is_settled else f"Standard output can't be written: {why(exc)}.")
        return 1
    except (SpaceChatError, ImportError) as exc:
        report(exc)
        is_usage = isinstance(exc, InputsError) and exc.status is None  # No app has refused them.
        return click.UsageError.exit_code if is_usage else 1
    return status


def _show(error: click.ClickException) -> None:
    """Show a usage error as click would, but break lines between words."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        say(context.get_usage())
        say(f"Try '{context.command_path} --help' for help.\n")
    say(f"Error: {one_line(error.format_message())}")


@click.group(
    cls=Commands,
    subcommand_metavar="TEXT | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
def commands() -> None:
    """Ask chat apps on Hugging Face Spaces, or any Gradio app, and call their functions.

    TEXT is a question: without a command, `ask` takes it, with the options that `spacechat ask
    --help` lists.

    \b
    Examples:
      spacechat "Why is the sky blue?"
      spacechat -m qwen-2.5-1m -s "Be brief." "What is SSE?"
      git diff | spacechat "Review this change."
      spacechat -m owner/name -a photo.jpg "What is on it?"
      spacechat -c "And in one sentence?"
      spacechat chat -m qwen-2.5
      spacechat chat --local
      spacechat batch questions.jsonl answers.jsonl
      spacechat find "qwen chat"
      spacechat call owner/name /caption photo.jpg
      spacechat serve -m owner/name

    To complete names and paths with Tab, run in your shell (also zsh, fish):

    \b
      eval "$(_SPACECHAT_COMPLETE=bash_source spacechat)"
    """


commands.context_class = Context
for _command in (ask, batch, call, chat, find, inspect, log, models, serve, serve_local):
    _command.context_class = Context
    commands.add_command(_command)
