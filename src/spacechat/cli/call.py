"""`spacechat call`: calls a function of an app."""

from __future__ import annotations

import contextlib
import queue
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..sanitize import one_line
from .completion import complete_model, complete_path
from .group import TextCommand
from .option_declaration import option
from .options import (
    NAMED,
    auth_option,
    folder_option,
    login,
    timeout_option,
    token_option,
    two_words,
)
from .saved_files import make_folder, save_files

if TYPE_CHECKING:
    from ..events import Event
    from ..sync import Client, Run
    from .terminal.values_display import Form, ValuesDisplay

_FRAME = 0.1
"""Seconds between two drawings of what a function does."""


_NEGATIVE = re.compile(r"-\.?\d")
"""The beginning of a number that click would take for an option."""
_ESCAPE = "\0"
"""Before such a number; no argument of a program can contain it."""


class _Call(TextCommand):
    """A command whose arguments may be negative numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with negative numbers among them."""
        rest = super().parse_args(ctx, list(self._escaped(args)))
        for name in ("url", "endpoint"):
            ctx.params[name] = ctx.params[name] and ctx.params[name].removeprefix(_ESCAPE)
        ctx.params["words"] = tuple(word.removeprefix(_ESCAPE) for word in ctx.params["words"])
        return rest

    def _escaped(self, args: Sequence[str]) -> Iterator[str]:
        """Yield words, with a mark before negative numbers that are no option's value."""
        options = (each for each in self.params if isinstance(each, click.Option))
        lengths = {name: each.nargs for each in options if not each.is_flag for name in each.opts}
        values = 0
        for word in args:
            yield _ESCAPE + word if not values and _NEGATIVE.match(word) else word
            values = values - 1 if values else lengths.get(word, 0)


@click.command(cls=_Call)
@click.argument("url", metavar="URL", shell_complete=complete_model)
@click.argument("endpoint", metavar="ENDPOINT", required=False)
@click.argument("words", metavar="[ARG]...", nargs=-1, shell_complete=complete_path)
@option(
    *NAMED,
    "named",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    callback=two_words,
    shell_complete=complete_path,
    help="An argument by its name or label; again for more.",
)
@option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@option(
    "--jsonl", "as_lines", is_flag=True, help="Print each value as a line of JSON, as it comes."
)
@folder_option
@auth_option
@token_option
@timeout_option
def call(
    url: str,
    endpoint: str | None,
    words: tuple[str, ...],
    *,
    named: tuple[tuple[str, str], ...],
    as_json: bool,
    as_lines: bool,
    folder: Path | None,
    auth: tuple[str, str] | None,
    token: str | None,
    timeout: float | None,
) -> None:
    """Call a function of any Gradio app.

    URL is the app's address, or the Space's owner/name; ENDPOINT is the function's name.
    `spacechat inspect URL` lists the functions, each with a command to copy.

    ARGs are the function's arguments in order; what is left out has the app's default. A text is
    taken as it is, and a file by its path or URL. Anything else is JSON: 5, true, null,
    '["a", "b"]', and '{"text": "Hi", "files": ["a.png"]}' where a file stands in it. - is standard
    input. A text that begins with a minus needs a -- before it.

    Values go to standard output as they come, everything else to standard error. Files are
    printed as URLs, or as paths where --to saves them.

    With --json, only the result is printed, as an object with the outputs by their labels. With
    --jsonl, each value is such an object on a line of its own; the last line is the result.

    \b
    Examples:
      spacechat call http://localhost:7860 /calc 1 add 2
      spacechat call owner/name /caption photo.jpg
      spacechat call owner/name /draw cat -o steps 9 --to out
      spacechat call owner/name /summarize - < report.txt
      spacechat call --json owner/name /calc 1 add 2 | jq
    """
    from ..addresses import without_user
    from ..apps.arguments import Arguments
    from ..settings import DEFAULT_TIMEOUT
    from ..sync import Client
    from .app_cache import remember_apps
    from .terminal.values_display import ValuesDisplay
    from .words import arguments

    if as_json and as_lines:
        raise click.UsageError("--json and --jsonl: choose one.")
    if endpoint is None:
        raise click.UsageError(
            f"Missing argument 'ENDPOINT': `spacechat inspect {without_user(url)}` lists the "
            "functions, each with a command to copy."
        )
    limits = DEFAULT_TIMEOUT if timeout is None else timeout
    remember_apps()
    try:
        client = Client(token=token, timeout=limits)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    with client, client.app(url, auth=login(auth)) as app:
        key = endpoint if endpoint in app.endpoints else f"/{endpoint.removeprefix('/')}"
        app[key]  # The error for one that is not there says which there are.
        function = app.endpoints[key]
        values, by_name = arguments(function, words, named)
        given = Arguments(*values, **by_name)
        labels = [each.label for each in function.returns]
        form: Form = "json" if as_json else "lines" if as_lines else "text"
        make_folder(folder)
        display = ValuesDisplay(one_line(url), labels, form=form, saves=folder is not None)
        _follow(client, app.run(function.key, given), display, folder)


def _follow(client: Client, run: Run, display: ValuesDisplay, folder: Path | None) -> None:
    """Show a run to its end, and save the files of its result."""
    from ..events import Values

    try:
        with run:
            for event in _events(run, display):
                if isinstance(event, Values):
                    display.take(event)
                else:
                    display.feed(event)
            result = run.result()
            tells = not sys.stdout.isatty()  # There, the value says it.
            saved = {} if folder is None else save_files(client, result.files, folder, tells=tells)
            display.finish(result.values, saved)
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
