"""The lines of a batch's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...errors import SpaceChatError
from ...events import File
from ...sanitize import json_line
from ..terminal.values_display import as_plain

if TYPE_CHECKING:
    from ..terminal.values_display import Saved
    from .questions import BatchQuestion
    from .saving import Outcome


def result_line(
    question: BatchQuestion, outcome: Outcome, urls: Sequence[str], saved: Saved
) -> bytes:
    """Return the line of a result.

    Args:
        question: The question.
        outcome: The answer, or why there is none.
        urls: The Spaces that are asked. A line names them all, if there are several.
        saved: Where the files of the answer were saved, by their URLs.
    """
    fields: dict[str, object] = {"line": question.line}
    if question.id is not None:
        fields["id"] = question.id
    fields["prompt"] = question.asked
    if question.options:
        fields["options"] = question.options
    if len(urls) > 1:
        fields["asked"] = urls
    if isinstance(outcome, SpaceChatError):
        fields["url"] = urls[0] if len(urls) == 1 else None
        fields["error"] = {
            "type": type(outcome).__name__,
            "message": str(outcome),
            "partial_text": outcome.partial_text,
        }
    elif outcome is not None:
        fields |= {
            "text": outcome.text,
            "model": outcome.model,
            "provider": outcome.provider.__name__,
            "url": outcome.provider.url,
            "reasoning": outcome.reasoning,
            "files": as_plain(outcome.files, saved, File.to_dict),
            "timings": asdict(outcome.timings),
        }
    return json_line(fields).encode()
