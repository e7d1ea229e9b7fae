"""`spacechat serve`: a local Space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_shape(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from ..local import SHAPES

    return [CompletionItem(name) for name in SHAPES if name.startswith(incomplete)]


@click.command()
@click.option(
    "--shape",
    default="qwen-2-72b",
    show_default=True,
    shell_complete=_complete_shape,
    help="The Space that it is like: a model's name, plain or messages.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=7860, show_default=True, help="The port; 0 takes a free one.")
@click.option("--delay", default=0.03, show_default=True, help="Seconds between two pieces.")
def serve(shape: str, host: str, port: int, delay: float) -> None:
    """Run a local Space until Ctrl-C.

    \b
    Example:
      spacechat serve --shape qwen-2.5 &
      spacechat ask -m qwen-2.5 --url http://127.0.0.1:7860 "Hi"
    """
    import signal
    import threading

    from ..local import LocalSpace

    try:
        space = LocalSpace(shape, host=host, port=port, delay=delay)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with space:
        click.echo(f"A Space like {shape} listens on {space.url} (Ctrl-C stops it).", err=True)
        stop.wait()
