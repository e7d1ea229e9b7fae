"""Saving the files of a batch's answers, as `--to` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ...errors import SpaceChatError
from ...streaming.reply import Reply

if TYPE_CHECKING:
    from ...client.client import AsyncClient
    from ..terminal.values_display import Saved

Outcome: TypeAlias = Reply | SpaceChatError | None
"""What became of a question: an answer, or why there is none."""


async def save_files(
    client: AsyncClient, outcome: Outcome, folder: Path | None, auth: tuple[str, str] | None
) -> tuple[Outcome, Saved]:
    """Save the files of an answer; return the outcome, and where each file is, by its URL.

    An answer whose files can't be had becomes an error with its text, so that `--resume` asks for
    it again.

    Args:
        client: Fetches them.
        outcome: The answer, if it is one.
        folder: Where they go; None for nowhere.
        auth: The login of the app, for answers that another client asked for.

    Raises:
        OSError: A file can't be written.
    """
    saved: dict[str, Path] = {}
    if folder is None or not isinstance(outcome, Reply):
        return outcome, saved
    try:
        for file in outcome.files:
            if file.url not in saved:
                saved[file.url] = await client.download(file, folder, auth=auth)
    except SpaceChatError as exc:
        exc.partial_text = outcome.text
        return exc, {}
    return outcome, saved
