"""The library's errors as `llm` shows them: in one line, without a traceback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click
import llm

from ..errors import SpaceChatError
from ..sanitize import one_line


class SpaceError(llm.ModelError, click.ClickException):
    """A Space gave no complete answer; the cause is spacechat's own error, whose type says why.

    `llm prompt` shows any error in one line. `llm chat` shows a traceback, unless it is an error of
    click's, so this one is both.
    """


@contextlib.contextmanager
def in_words_of_llm() -> Iterator[None]:
    """Turn the library's errors into `SpaceError`.

    Raises:
        SpaceError: The block raised an error of the library's, or can't write a file.
    """
    try:
        yield
    except (SpaceChatError, OSError) as exc:
        # A terminal must not obey control characters of a Space.
        raise SpaceError(one_line(str(exc))) from exc
