"""Requests for a completion: a request's body, checked and typed; does no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from ..addresses import without_user
from .completion_messages import GivenMessage, read_messages
from .completion_writers import ChunkWriter, WholeWriter
from .contents import newest_files
from .fields import NULL, Unhonoured, WishedFields, decode, decode_inputs, decode_stops, decoder_of
from .question import Question
from .refusals import bad_request

HARMLESS: Mapping[str, Sequence[object]] = {
    "audio": (None,),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "logprobs": (None, False),
    "modalities": (None, ["text"]),
    "n": (None, 1),
    "response_format": (None, {"type": "text"}),
    "top_logprobs": (None, 0),
    "web_search_options": (None,),
}
"""Parameters that no Space can honour, and the values that ask for nothing."""

_IGNORED: Final = ("logit_bias", "prediction", "reasoning_effort", "verbosity")
"""Parameters that shape the answer, and for which no app has an input."""


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Body(msgspec.Struct):
    model: str
    messages: list[GivenMessage]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    stop: msgspec.Raw = NULL
    inputs: msgspec.Raw = NULL


_UNHONOURED: Final = Unhonoured(HARMLESS)
_WISHED: Final = WishedFields(_IGNORED)
_BODY: Final = decoder_of(_Body, _UNHONOURED, _WISHED)


def parse(body: bytes) -> Question:
    """Return the body of a request, checked and typed.

    Raises:
        Refusal: The body is malformed, or asks for something that a Space can't do.
    """
    asked = decode(_BODY, body)
    _UNHONOURED.check(asked)
    streamed = bool(asked.stream)
    if asked.stream_options is not None and not streamed:
        raise bad_request("'stream_options' goes with 'stream': true only.", "stream_options")
    counted = asked.stream_options is not None and bool(asked.stream_options.include_usage)
    stops = decode_stops(asked.stop)
    wished = _WISHED.read(asked)
    shown = without_user(asked.model)
    contents = read_messages(asked.messages)
    files, left_out = newest_files("messages", contents)
    ignored = [*wished.ignored, *left_out]
    return Question(
        model=asked.model,
        messages=[each.message for each in contents],
        messages_name="messages",
        options={
            "files": files,
            "inputs": decode_inputs(asked.inputs),
            "wishes": wished.wishes,
        },
        streamed=streamed,
        writer=(
            partial(ChunkWriter, shown, stops, ignored, counted=counted)
            if streamed
            else partial(WholeWriter, shown, stops, ignored)
        ),
    )
