"""Errors that nobody foresaw while a server's words were read, as errors of ours."""

from __future__ import annotations

import traceback
from collections import deque
from pathlib import Path

from ..errors import ProtocolError, SpaceChatError
from ..protocol.failures import plain_text


def comes_from_server(error: BaseException) -> bool:
    """Return whether an error of no type of ours may come of what a server sent.

    A caller's mistake shows at the connection as one of two others: an input that is no JSON as a
    `TypeError`, two tasks that read one stream as a `RuntimeError`.
    """
    if isinstance(error, RecursionError):
        return True
    return isinstance(error, Exception) and not isinstance(error, TypeError | RuntimeError)


def as_ours(error: BaseException) -> BaseException:
    """Return a `ProtocolError` that names an unforeseen error; others are returned as they are."""
    if isinstance(error, SpaceChatError) or not isinstance(error, Exception):
        return error
    place = "".join(
        f" at {Path(frame.f_code.co_filename).name}:{line}"
        for frame, line in deque(traceback.walk_tb(error.__traceback__), maxlen=1)
    )
    said = plain_text(str(error)) or "no reason given"
    ours = ProtocolError(
        f"What the Space sent could not be read: {type(error).__name__}{place} ({said}). Either it "
        "is not what a Gradio server sends, or spacechat has an error, which its authors would "
        "like to know of."
    )
    ours.__cause__ = error
    return ours
