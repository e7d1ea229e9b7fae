"""`spacechat batch`: the questions of a file, and their results in another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..asking import check_whom, complete_model, tell
from ..loop import run_loop
from ..options import option
from ..terminal.sanitize import json_line

if TYPE_CHECKING:
    import distributed

    from ...client.client import AsyncClient
    from ...client.lanes import Rate
    from ...client.map_engine import MapResult
    from ...messages import MessagesLike
    from ...providers import Space
    from .journal import Journal
    from .progress import Progress
    from .questions import Question

_CONNECT = 10.0
"""Seconds that the scheduler of a cluster may take to answer."""


@click.command()
@click.argument("source", metavar="IN.jsonl", type=click.Path(exists=True, dir_okay=False))
@click.argument("target", metavar="OUT.jsonl", type=click.Path(dir_okay=False))
@option(
    "-m",
    "--model",
    "models",
    metavar="MODEL",
    multiple=True,
    shell_complete=complete_model,
    help="A model's name, a Space (owner/name) or a URL; several share the work.",
)
@option(
    "--url",
    metavar="URL",
    help="Ask the Gradio app there; with -m, a copy of that model's Space.",
)
@option("-s", "--system", metavar="TEXT", help="What the model is told beforehand.")
@option("--resume", is_flag=True, help="Ask what is missing in OUT.jsonl, or has failed.")
@option("--ordered", is_flag=True, help="Have the results in the order of the questions.")
@option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Questions that each Space is asked at a time.",
)
@option("--rate", metavar="RATE", help="How often each Space is asked at most: 2/s, 30/m, 100/h.")
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long to wait for a connection, and for any sign of life.",
)
@option(
    "--token",
    metavar="TOKEN",
    help="A Hugging Face token for the Spaces; others see less of it in HF_TOKEN.",
)
@option(
    "--dask",
    metavar="ADDRESS",
    help="Ask on the workers of the Dask cluster whose scheduler is there.",
)
@option("--local", is_flag=True, help="Ask local Spaces: no network needed.")
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
    token: str | None,
    dask: str | None,
    local: bool,
) -> None:
    """Ask the questions of IN.jsonl, and write their answers to OUT.jsonl.

    A line of IN.jsonl is a text, a list of messages, or an object with "prompt" or "messages",
    and perhaps "id", "system", "inputs", "files", "endpoint", "output", "history" and "repair". If
    the first line doesn't begin as JSON does, each line is a question as it stands. A line of
    OUT.jsonl has the number of that line, and the answer or the error. An error stops nothing; it
    makes the exit status 1.

    Each result is written as soon as it is there. After a kill, --resume goes on.

    \b
    Examples:
      spacechat batch questions.jsonl answers.jsonl
      spacechat batch --resume questions.jsonl answers.jsonl
      spacechat batch -m qwen-2.5 -m qwen-2-72b --rate 30/m questions.jsonl answers.jsonl
      spacechat batch --local questions.jsonl answers.jsonl
    """
    import anyio.to_thread

    from .journal import Journal
    from .progress import Progress
    from .questions import check_input, read_questions

    limit = _rate(rate)
    check_input(source)
    with contextlib.ExitStack() as stack:
        providers = _providers(models, url, stack if local else None)
        client = _client(token, timeout)
        cluster = None if dask is None else stack.enter_context(_cluster(dask))
        journal = stack.enter_context(Journal(target, resume=resume, lines=os.path.getsize(source)))
        urls = _urls(models, providers)
        if not (models or url or local):
            _check_default(target, journal, urls)
        progress = Progress(_survey(source, target, journal), journal.answered)
        questions = _Questions(read_questions(source, system), journal)

        async def ask() -> None:
            async with (
                client,
                client.map(
                    questions,
                    model=list(models) if models and providers is None else None,
                    provider=providers,
                    concurrency=concurrency,
                    rate=limit,
                    ordered=ordered,
                    cluster=cluster,
                ) as results,
            ):
                async for result in results:
                    question = questions.pop(result.index)
                    journal.append(_line(question, result, urls, progress))
                    if journal.wants_sync:
                        await anyio.to_thread.run_sync(journal.sync)

        try:
            with progress:
                run_loop(ask)
        except KeyboardInterrupt:
            tell(f"{progress.summary()}; go on with --resume")
            raise
        if ordered:
            journal.put_in_order()
    tell(progress.summary())
    if progress.failed:
        raise click.exceptions.Exit(1)


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
        # A `distributed.Client` that finds nobody holds up the end of the process.
        connection = await connect(address, timeout=_CONNECT)
        await connection.close()

    try:
        run_loop(check)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--dask") from exc
    return distributed.Client(address, set_as_default=False)


def _providers(
    models: tuple[str, ...], url: str | None, local: contextlib.ExitStack | None
) -> list[type[Space]] | None:
    """Return whom to ask, or None for the models' own providers.

    Args:
        models: The models.
        url: Where their only Space is, or None.
        local: What local Spaces run in, or None where they are not wanted.
    """
    from ...local import LocalSpace
    from ...providers import PROVIDERS, GradioChat, find

    if url is not None and len(models) > 1:
        raise click.UsageError("--url goes with one model; -m takes several URLs.")
    check_whom(models, url, local=local is not None)
    found = [find(model) for model in models]
    if local is not None:
        spaces = [
            (provider, local.enter_context(LocalSpace(provider.models[0])))
            for provider in found or PROVIDERS[:1]
        ]
        return [provider.at(space.url) for provider, space in spaces]
    if url is not None:
        return [(found[0] if found else GradioChat).at(url)]
    return None


def _urls(models: tuple[str, ...], providers: list[type[Space]] | None) -> list[str]:
    """Return the addresses of the Spaces that are asked."""
    from ...providers import candidates

    return [space.url for space, _ in candidates(models or None, providers)]


def _check_default(target: str, journal: Journal, urls: list[str]) -> None:
    """Check that the results so far are of the default's Space, where none is named.

    Raises:
        SpaceChatError: What is left may have been meant for another.
    """
    from ...errors import SpaceChatError

    others = journal.urls.difference(urls)
    if others:
        named = ", ".join(sorted(url or "a Space that it doesn't name" for url in others))
        raise SpaceChatError(
            f"{target} has results of {named}: say by -m, --url or --local who is asked for the "
            "rest."
        )


def _survey(source: str, target: str, journal: Journal) -> int:
    """Return how many questions there are.

    Raises:
        SpaceChatError: The answers that are there are to others.
    """
    from ...errors import SpaceChatError
    from .questions import read_questions

    total = known = 0
    for question in read_questions(source):
        total += 1
        digest = journal.digest(question.line)
        known += digest != 0
        if digest not in (0, question.digest):
            raise SpaceChatError(
                f"Line {question.line} of {source} is not the question that {target} has an "
                "answer to: name the files that belong together, or another output."
            )
    if known != journal.answered:
        raise SpaceChatError(f"{target} has answers to more questions than {source} has.")
    return total


class _Questions:
    """The questions to be asked, as prompts; those that are asked can be had by their index."""

    def __init__(self, questions: Iterator[Question], journal: Journal) -> None:
        self._left = (each for each in questions if not journal.digest(each.line))
        self._asked: dict[int, Question] = {}
        self._count = 0

    def __iter__(self) -> Iterator[MessagesLike]:
        return self

    def __next__(self) -> MessagesLike:
        question = next(self._left)
        self._asked[self._count] = question
        self._count += 1
        return question.prompt  # What can't be asked takes its turn, too, and comes to nothing.

    def pop(self, index: int) -> Question:
        """Return a question whose result is there."""
        return self._asked.pop(index)


def _line(question: Question, result: MapResult, urls: Sequence[str], progress: Progress) -> bytes:
    """Count a result, and return the line that says it.

    Args:
        question: What was asked.
        result: What came of it.
        urls: The Spaces that are asked.
        progress: Counts it.
    """
    found: dict[str, object] = {"line": question.line}
    if question.id is not None:
        found["id"] = question.id
    found["prompt"] = question.asked
    if question.options:
        found["options"] = question.options
    reply, error = result.reply, question.error or result.error
    if reply is not None:
        progress.answer()
        found |= {
            "text": reply.text,
            "model": reply.model,
            "provider": reply.provider.__name__,
            "url": reply.provider.url,
            "reasoning": reply.reasoning,
            "files": [file.to_dict() for file in reply.files],
            "timings": asdict(reply.timings),
        }
    elif error is not None:
        progress.fail(question.line, error)
        found["url"] = urls[0] if len(urls) == 1 else None
        found["error"] = {
            "type": type(error).__name__,
            "message": str(error),
            "partial_text": error.partial_text,
        }
    return json_line(found).encode()
