"""What the commands that run a server have in common."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .option_declaration import Decorator, option

if TYPE_CHECKING:
    from ..local import LocalSpace
    from ..openai import Server


def _some_host(_ctx: click.Context, _param: click.Parameter, host: str) -> str:
    if not host.strip():  # Sockets take it for every address of this machine.
        raise click.BadParameter("it is empty. 0.0.0.0 is every address of this machine.")
    return host


host_option: Decorator = option(
    "--host",
    callback=_some_host,
    metavar="HOST",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on.",
)


def port_option(default: int) -> Decorator:
    """Return what adds the option for a server's port."""
    return option(
        "--port",
        type=click.IntRange(0, 65535),
        metavar="PORT",
        default=default,
        show_default=True,
        help="The port; 0 takes a free one.",
    )


@contextlib.contextmanager
def until_stopped(server: LocalSpace | Server) -> Iterator[None]:
    """Run a server during the block, and then until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with server:
        yield
        stop.wait()
