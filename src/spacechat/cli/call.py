"""`spacechat call`: calls a function of an app."""

from __future__ import annotations

import contextlib
import queue
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .inspect import pair
from .options import option
from .terminal.output import say
from .terminal.sanitize import one_line

if TYPE_CHECKING:
    from ..events import Event, File
    from ..sync import Client, Run
    from .terminal.values_display import ValuesDisplay

_FRAME = 0.1
"""Seconds between two drawings of what a function does."""


_NEGATIVE = re.compile(r"-\.?\d")
"""The beginning of a number that click would take for an option."""
_ESCAPE = "\0"
"""Before such a number; no argument of a program can contain it."""


class _Call(click.Command):
    """A command whose arguments may be negative numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with negative numbers among them."""
        escaped = [_ESCAPE + word if _NEGATIVE.match(word) else word for word in args]
        return super().parse_args(ctx, escaped)


@click.command(cls=_Call)
@click.argument("url", metavar="URL")
@click.argument("endpoint", metavar="ENDPOINT")
@click.argument("words", metavar="[ARG]...", nargs=-1)
@option(
    "-o",
    "--option",
    "named",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="An argument by its name.",
)
@option("--json", "as_json", is_flag=True, help="Print each value as a line of JSON.")
@option(
    "--to",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Save the files of the result there.",
)
@option("--auth", metavar="USER:PASSWORD", help="For an app that has a login of its own.")
@option(
    "--token",
    metavar="TOKEN",
    help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
)
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long to wait for a connection, and for any sign of life.",
)
def call(
    url: str,
    endpoint: str,
    words: tuple[str, ...],
    *,
    named: tuple[tuple[str, str], ...],
    as_json: bool,
    folder: Path | None,
    auth: str | None,
    token: str | None,
    timeout: float | None,
) -> None:
    """Call the function ENDPOINT of the Gradio app at URL (or the Space owner/name).

    ARGs are its arguments in order; `spacechat inspect URL` lists them. A text is taken as it is,
    a file by its path, anything else (numbers, true, null, lists) as JSON.

    Values go to standard output as they come, everything else to standard error. With --json, each
    is an object with the outputs by their labels, on a line of its own; the last line is the
    result. Files are given by their addresses, or by their paths where --to saves them.

    \b
    Examples:
      spacechat call http://localhost:7860 /calc 1 add 2
      spacechat call owner/name /caption photo.jpg
      spacechat call owner/name /draw "a cat" -o steps 20 --to .
      spacechat call --json owner/name /calc 1 add 2 | jq .output
    """
    from ..settings import DEFAULT_TIMEOUT
    from ..sync import Client
    from .terminal.values_display import ValuesDisplay
    from .words import arguments

    limits = DEFAULT_TIMEOUT if timeout is None else timeout
    try:
        client = Client(token=token, timeout=limits)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    with client, client.app(url, auth=pair(auth)) as app:
        key = endpoint if endpoint in app.endpoints else f"/{endpoint.removeprefix('/')}"
        app[key]  # The error for one that is not there says which there are.
        function = app.endpoints[key]
        plain = [word.removeprefix(_ESCAPE) for word in words]
        pairs = [(name, word.removeprefix(_ESCAPE)) for name, word in named]
        values, by_name = arguments(function, plain, pairs)
        labels = [each.label for each in function.returns]
        display = ValuesDisplay(one_line(url), labels, as_json=as_json)
        _follow(client, app.run(function.key, *values, **by_name), display, folder)


def _follow(client: Client, run: Run, display: ValuesDisplay, folder: Path | None) -> None:
    """Show a run to its end, and save the files of its result.

    A value with files waits for the next one, since only those of the last one are saved.
    """
    from ..events import Values
    from .terminal.values_display import has_files

    held: Sequence[Any] | None = None
    try:
        with run:
            for event in _events(run, display):
                if not isinstance(event, Values):
                    display.feed(event)
                    continue
                if held is not None:
                    display.show(held)
                values = event.values
                held = values if folder is not None and has_files(values) else None
                if held is None:
                    display.show(values)
            if held is not None and folder is not None:
                display.show(held, _save(client, run.result().files, folder))
    finally:
        display.close()


def _events(run: Run, display: ValuesDisplay) -> Iterator[Event]:
    """Yield the events of a run; draw what it does meanwhile."""
    due = time.monotonic()
    goes_on = True
    while goes_on:
        with contextlib.suppress(queue.Empty):
            goes_on = run.engine.advance(max(0.0, due - time.monotonic()))
        while run.engine.events:
            yield run.next_event()
        if time.monotonic() >= due:
            display.draw()
            due = time.monotonic() + _FRAME


def _save(client: Client, files: Sequence[File], folder: Path) -> dict[str, Path]:
    """Save files, and say where each is."""
    saved: dict[str, Path] = {}
    for file in files:
        if file.url not in saved:
            saved[file.url] = client.download(file, folder)
            say(one_line(f"saved: {saved[file.url]}"))
    return saved
