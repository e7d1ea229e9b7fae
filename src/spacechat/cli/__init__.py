"""The command line, one file for each command.

The answer goes to standard output as it comes, everything else to standard error. The exit status
is 0 for an answer, 1 for an error, 2 for bad usage, 130 for Ctrl-C.

The files load what they need when a command runs, so that `--help` and completion are quick.
"""

from __future__ import annotations

import io
import os
import sys

import click

from ..errors import SpaceChatError
from ..version import __version__
from .ask import ask
from .asking import tell
from .batch import batch
from .chat import chat
from .inspect import inspect
from .models import models
from .serve import serve

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""


def run() -> int:
    """Run the command line on the arguments of the process and return its exit status."""
    for file in (sys.stdout, sys.stderr):
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(errors="replace")  # Not every terminal has every character.
    try:
        return commands.main(prog_name="spacechat", standalone_mode=False) or 0
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has enough; Python must not try to write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError:
        raise  # An extra that is missing: `__main__` says which.
    except (SpaceChatError, OSError, ImportError) as exc:
        tell(exc)
        return 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Stream chat answers from Hugging Face Spaces.

    \b
    Examples:
      spacechat ask "Why is the sky blue?"
      spacechat ask -m qwen-2.5-1m -s "Be brief." "What is SSE?"
      git diff | spacechat ask -s "Review this change." -
      spacechat chat -m qwen-2.5
      spacechat chat --local
      spacechat batch questions.jsonl answers.jsonl

    The models' names complete with the Tab key once your shell is told (also zsh, fish):

    \b
      eval "$(_SPACECHAT_COMPLETE=bash_source spacechat)"
    """


for _command in (ask, batch, chat, inspect, models, serve):
    commands.add_command(_command)
