"""`spacechat batch`: asks the questions of one file and writes the results to another."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..completion import complete_model
from ..event_loop import run_loop
from ..group import Command
from ..option_declaration import WholeNumber, option
from ..options import (
    AppOptions,
    asks_app,
    folder_option,
    local_option,
    system_option,
    timeout_option,
    url_option,
)
from ..saved_files import make_folder
from ..terminal.output import report
from ..terminal.piped_input import PIPE

if TYPE_CHECKING:
    import distributed
    from typing_extensions import Unpack

    from ...client.client import AsyncClient
    from ...client.lanes import Rate
    from ...client.map_results import MapResult
    from .journal import Journal

_IN_PLACE_OF_PIPE = {
    "source": "Write what is piped in to one: cat > questions.jsonl.",
    "target": "Read the lines of one as they come: tail -f answers.jsonl.",
}
"""What to type in place of - for each argument."""

_CONNECT = 10.0
"""Seconds that a cluster's scheduler may take to answer."""


def _no_pipe(_ctx: click.Context, param: click.Parameter, given: str) -> str:
    if given == PIPE:
        raise click.UsageError(
            f"{param.metavar} can't be -: a batch reads its input twice, and its output "
            f"again to --resume, so both are files. {_IN_PLACE_OF_PIPE[param.name or '']}"
        )
    return given


@click.command(cls=Command, short_help="Ask the questions of a file.")
@click.argument(
    "source",
    metavar="IN.jsonl",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    callback=_no_pipe,
)
@click.argument(
    "target",
    metavar="OUT.jsonl",
    type=click.Path(dir_okay=False, allow_dash=True),
    callback=_no_pipe,
)
@option(
    "-m",
    "--model",
    "models",
    metavar="MODEL",
    multiple=True,
    shell_complete=complete_model,
    help="A model's name, a Space (owner/name) or a URL; several share the work.  "
    "[env var: SPACECHAT_MODEL]",
)
@url_option
@local_option
@system_option
@asks_app
@folder_option
@option("--resume", is_flag=True, help="Ask what is missing in OUT.jsonl, or has failed.")
@option("--ordered", is_flag=True, help="Write the results in the order of the questions.")
@option(
    "--concurrency",
    type=WholeNumber(min=1),
    metavar="N",
    default=4,
    show_default=True,
    help="Questions that each Space is asked at a time.",
)
@option("--rate", metavar="RATE", help="How often each Space is asked at most: 2/s, 30/m, 100/h.")
@timeout_option
@option(
    "--dask",
    metavar="ADDRESS",
    help="Ask on the workers of the Dask cluster whose scheduler is there.",
)
def batch(
    *,
    source: str,
    target: str,
    models: tuple[str, ...],
    url: str | None,
    system: str | None,
    resume: bool,
    ordered: bool,
    concurrency: int,
    rate: str | None,
    timeout: float | None,
    dask: str | None,
    local: bool,
    folder: Path | None,
    **of_app: Unpack[AppOptions],
) -> None:
    """Ask the questions of IN.jsonl, and write their answers to OUT.jsonl.

    A line of IN.jsonl is a text, a list of messages, or an object with "prompt" or "messages",
    and perhaps "id", "system", "inputs", "wishes", "files", "endpoint", "output", "history",
    "sign_in" and "repair". If the first line doesn't begin as JSON does, each line is a question as
    it stands. A line of OUT.jsonl has the number of that line, and the answer or the error. An
    error stops nothing; it makes the exit status 1.

    What -a, -o and the like give goes with each question whose line doesn't say otherwise. Files of
    the answers are in OUT.jsonl by their URLs, or by their paths where --to saves them.

    Each result is written as soon as it is there. After a kill, --resume goes on.

    \b
    Examples:
      spacechat batch questions.jsonl answers.jsonl
      spacechat batch --resume questions.jsonl answers.jsonl
      spacechat batch --rate 30/m questions.txt answers.jsonl
      spacechat batch -m owner/name -o Seed 1 in.txt out.jsonl
      spacechat batch --local questions.jsonl answers.jsonl
    """
    from . import spaces
    from .app_options import add_inputs, common_options
    from .journal import Journal
    from .pending import PendingQuestions, count_questions
    from .progress import BatchProgress
    from .questions import check_input, read_questions
    from .results import result_line
    from .saving import for_each, save_files

    limit = _rate(rate)
    check_input(source)
    with contextlib.ExitStack() as stack:
        providers = spaces.providers(models, url, stack if local else None)
        asked = spaces.asked(models, providers)
        options = common_options(of_app, asked)
        client = _client(of_app["token"], timeout)
        make_folder(folder)
        cluster = None if dask is None else stack.enter_context(_cluster(dask))
        journal = stack.enter_context(Journal(target, resume=resume, lines=os.path.getsize(source)))
        urls = [space.url for space in asked]
        if not (models or url or local):
            spaces.check_default(target, journal, urls)
        progress = BatchProgress(count_questions(source, target, journal), journal.answered)
        lines = stack.enter_context(contextlib.closing(read_questions(source, system)))
        questions = PendingQuestions(lines, journal)

        async def ask() -> None:
            async with client:
                await add_inputs(of_app, options, client, spaces.address(models, url, asked))
                results = client.map(
                    questions,
                    model=list(models) if models and providers is None else None,
                    provider=providers,
                    concurrency=concurrency,
                    rate=limit,
                    ordered=ordered,
                    cluster=cluster,
                    **options,
                )
                async with results:
                    # What is answered is written at once, if there is nothing to fetch for it.
                    await for_each(results, keep, 1 if folder is None else concurrency)

        async def keep(result: MapResult) -> None:
            question = questions.pop(result.index)
            found = result.reply or question.error or result.error
            outcome, saved = await save_files(client, found, folder, options.get("auth"))
            progress.count(question.line, outcome)
            journal.append(result_line(question, outcome, urls, saved))
            await _sync(journal)

        try:
            with progress:
                run_loop(ask)
        except KeyboardInterrupt:
            report(f"{progress.summary()}; go on with --resume")
            raise
        if ordered:
            journal.put_in_order()
    report(progress.summary())
    if progress.failed:
        raise click.exceptions.Exit(1)


async def _sync(journal: Journal) -> None:
    """Have the results on the disk, if it is time for that again."""
    import anyio.to_thread

    if journal.wants_sync:
        await anyio.to_thread.run_sync(journal.sync)


def _rate(text: str | None) -> Rate | None:
    from ...client.lanes import Rate

    try:
        return None if text is None else Rate.parse(text)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--rate") from exc


def _client(token: str | None, timeout: float | None) -> AsyncClient:
    from ...client.client import AsyncClient
    from ...settings import DEFAULT_TIMEOUT

    try:
        return AsyncClient(token=token, timeout=DEFAULT_TIMEOUT if timeout is None else timeout)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc


def _cluster(address: str) -> distributed.Client:
    try:
        import distributed
        from distributed.comm.core import connect
    except ModuleNotFoundError as exc:
        raise click.UsageError('--dask needs: pip install "spacechat[dask]"') from exc

    async def check() -> None:
        # A `distributed.Client` without a scheduler delays the exit of the process.
        connection = await connect(address, timeout=_CONNECT)
        await connection.close()

    try:
        run_loop(check)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--dask") from exc
    return distributed.Client(address, set_as_default=False)
