"""The options of a batch's questions to any app: those of all questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..question_options import (
    app_options,
    check_options,
    inspect_options,
    open_attached,
    takes_pipe,
)

if TYPE_CHECKING:
    from ...apps.options import ChatOptions
    from ...client.client import AsyncClient
    from ...providers import Space
    from ..options import AppOptions


def common_options(options: AppOptions, asked: Sequence[type[Space]]) -> ChatOptions:
    """Return the options of all questions, but for the inputs.

    Args:
        options: What the command was given.
        asked: The Spaces that are asked, each of which takes them.

    Raises:
        UsageError: A Space doesn't take one, or standard input would be several of them.
        InputsError: A file is not there.
    """
    from ...apps.files import open_files

    for space in asked:
        check_options(options, space)
    takes_pipe(options)
    given = min((app_options(options, space) for space in asked), key=len)
    if options["attached"]:
        given["files"] = open_attached(options["attached"])
        open_files(given["files"])  # Raises once, and not for each question.
    return given


async def add_inputs(
    options: AppOptions, given: ChatOptions, client: AsyncClient, app: str
) -> None:
    """Add the values that `-o` sets, once the app has said what each word is and that it fits.

    Args:
        options: What the command was given.
        given: The other options of all questions; it is changed.
        client: The client that asks.
        app: The app, or the first of several, which are alike.

    Raises:
        SpaceChatError: The app can't be inspected, or doesn't take a value.
        InputsError: A word is broken JSON, or given twice.
    """
    from ..words import chat_inputs

    if options["named"]:
        how = inspect_options(given)
        inspection = await client.inspect(app, **how)
        given["inputs"] = chat_inputs(inspection.inputs, options["named"])
        await client.inspect(app, **how, inputs=given["inputs"])
