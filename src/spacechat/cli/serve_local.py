"""`spacechat serve-local`: runs a local Space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .option_declaration import Seconds, option
from .serving import host_option, port_option, until_stopped
from .terminal.output import say

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_shape(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from ..local import SHAPES

    return [CompletionItem(name) for name in SHAPES if name.startswith(incomplete)]


@click.command("serve-local", short_help="Run a local Space.")
@option(
    "--shape",
    metavar="SHAPE",
    default="qwen-2-72b",
    show_default=True,
    shell_complete=_complete_shape,
    help="The Space that it is like: a model's name, plain or messages.",
)
@host_option
@port_option(7860)
@option(
    "--delay",
    type=Seconds(min=0),
    metavar="SECONDS",
    default=0.03,
    show_default=True,
    help="How long it waits between two pieces.",
)
def serve_local(*, shape: str, host: str, port: int, delay: float) -> None:
    """Run a local Space until Ctrl-C: a server that is asked as a real Space is.

    It speaks what Gradio does, in the shape of one of the known Spaces, and says what it was asked.
    For tests of your own programs, see also spacechat.local.LocalSpace.

    \b
    Examples:
      spacechat serve-local --shape qwen-2.5 &
      spacechat -m qwen-2.5 --url http://localhost:7860 "Hi"
      spacechat serve-local --shape messages --delay 1
    """
    from ..local import LocalSpace

    try:
        space = LocalSpace(shape, host=host, port=port, delay=delay)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    with until_stopped(space):
        say(f"A Space like {shape} listens on {space.url} (Ctrl-C stops it).")
