"""`spacechat serve`: runs a local Space, or the OpenAI API in front of any Space."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .options import complete_model

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..local import LocalSpace
    from ..openai import Server

_ONLY = {"shape": False, "delay": False, "models": True, "api_key": True}
"""Options of only one of the two servers, and whether that is `--openai`."""


def _complete_shape(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from ..local import SHAPES

    return [CompletionItem(name) for name in SHAPES if name.startswith(incomplete)]


@click.command()
@click.option("--openai", is_flag=True, help="Serve the OpenAI API, answered by Spaces.")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    shell_complete=complete_model,
    help="With --openai: a model that may be asked for, again for more; any where none is named.",
)
@click.option(
    "--api-key",
    envvar="SPACECHAT_API_KEY",
    metavar="KEY",
    help="With --openai: what requests must bring; others see less of it in SPACECHAT_API_KEY.",
)
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
@click.pass_context
def serve(
    ctx: click.Context,
    *,
    openai: bool,
    models: tuple[str, ...],
    api_key: str | None,
    shape: str,
    host: str,
    port: int,
    delay: float,
) -> None:
    """Run a local Space, or with --openai a server of the OpenAI API, until Ctrl-C.

    \b
    Examples:
      spacechat serve --shape qwen-2.5 &
      spacechat ask -m qwen-2.5 --url http://127.0.0.1:7860 "Hi"
      spacechat serve --openai --port 8000
    """
    for name, goes_with_openai in _ONLY.items():
        typed = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if typed and goes_with_openai != openai:
            why = "goes with --openai only" if goes_with_openai else "is not for --openai"
            raise click.UsageError(f"--{name.rstrip('s').replace('_', '-')} {why}.")
    if openai:
        _run_openai(models, api_key, host, port)
    else:
        _run_space(shape, host, port, delay)


def _run_openai(models: tuple[str, ...], api_key: str | None, host: str, port: int) -> None:
    from ..openai import Server

    try:
        server = Server(models=models or None, api_key=api_key, host=host, port=port)
    except ValueError as exc:
        raise click.UsageError(f"{exc}") from exc
    with _until_stopped(server):
        click.echo(f"The OpenAI API is at {server.url} (Ctrl-C stops it).", err=True)
        if not models:
            click.echo(
                "Whoever asks it may name any address, which this machine then asks: -m MODEL "
                "allows only what it names.",
                err=True,
            )


def _run_space(shape: str, host: str, port: int, delay: float) -> None:
    from ..local import LocalSpace

    try:
        space = LocalSpace(shape, host=host, port=port, delay=delay)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc
    with _until_stopped(space):
        click.echo(f"A Space like {shape} listens on {space.url} (Ctrl-C stops it).", err=True)


@contextlib.contextmanager
def _until_stopped(server: LocalSpace | Server) -> Iterator[None]:
    """Run a server during the block, and then until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with server:
        yield
        stop.wait()
