"""Saving the files of a batch's answers, as `--to` says."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import anyio

from ...errors import SpaceChatError
from ...streaming.reply import Reply
from ...streaming.tasks import run_together
from ..terminal.output import why

if TYPE_CHECKING:
    from ...client.client import AsyncClient
    from ..terminal.values_display import Saved

_T = TypeVar("_T")

Outcome: TypeAlias = Reply | SpaceChatError | None
"""What became of a question: an answer, or why there is none."""


async def save_files(
    client: AsyncClient, outcome: Outcome, folder: Path | None, auth: tuple[str, str] | None
) -> tuple[Outcome, Saved]:
    """Save the files of an answer; return the outcome, and where each file is, by its URL.

    An answer whose files can't be had becomes an error with its text, so that `--resume` asks for
    it again. Of its files, none stays then.

    Args:
        client: Fetches them.
        outcome: The answer, if it is one.
        folder: Where they go; None for nowhere.
        auth: The login of the app, for answers that another client asked for.
    """
    saved: dict[str, Path] = {}
    if folder is None or not isinstance(outcome, Reply):
        return outcome, saved
    try:
        for file in outcome.files:
            if file.url not in saved:
                saved[file.url] = await client.download(file, folder, auth=auth)
    except (SpaceChatError, OSError) as exc:
        for path in saved.values():
            with contextlib.suppress(OSError):
                path.unlink()
        error = exc if isinstance(exc, SpaceChatError) else _unsaved(exc)
        error.partial_text = outcome.text
        return error, {}
    return outcome, saved


def _unsaved(error: OSError) -> SpaceChatError:
    return SpaceChatError(f"A file of the answer can't be saved: {why(error)}.")


async def for_each(
    results: AsyncIterable[_T], work: Callable[[_T], Awaitable[None]], at_once: int
) -> None:
    """Do some work with each result, with a few at a time, so that a slow one holds up no other.

    Raises:
        Exception: What the results or the work raised.
    """
    if at_once == 1:
        async for result in results:
            await work(result)
        return
    send, receive = anyio.create_memory_object_stream[_T](0)

    async def give() -> None:
        async with send:
            async for result in results:
                await send.send(result)

    async def take() -> None:
        async for result in receive:
            await work(result)

    async with receive:
        await run_together(give, [take] * at_once)
