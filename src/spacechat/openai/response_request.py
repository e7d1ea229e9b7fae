"""Requests for a response: a request's body, checked and typed; does no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from ..addresses import without_user
from ..messages import Message
from .attached import AttachedFile
from .contents import newest_files
from .fields import NULL, Unhonoured, WishedFields, decode, decode_inputs, decode_stops, decoder_of
from .question import Question
from .refusals import bad_request
from .response_input import read_input, references
from .response_writers import ResponseEventWriter, ResponseRequest, WholeResponseWriter
from .stored_responses import (
    MESSAGE,
    RESPONSE,
    Dialogue,
    Recalled,
    StoredResponses,
    token_of,
)

HARMLESS: Mapping[str, Sequence[object]] = {
    "background": (None, False),
    "conversation": (None,),
    "moderation": (None,),
    "prompt": (None,),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "top_logprobs": (None, 0),
}
"""Parameters that no Space can honour, and the values that ask for nothing."""

_IGNORED: Final = ("include", "reasoning", "truncation")
"""Parameters that shape the answer, and for which no app has an input."""

_TEXT_HARMLESS: Mapping[str, Sequence[object]] = {"format": (None, {"type": "text"})}
"""The same in `text`."""

_LONGEST_METADATA: Final = 64 << 10
"""Bytes of JSON that `metadata` may have."""

_MOST_NOTES: Final = 16
_LONGEST_NAME: Final = 64
_LONGEST_NOTE: Final = 512
"""Texts in `metadata`, and characters that each name and each text may have."""


class _Body(msgspec.Struct):
    model: str
    input: msgspec.Raw
    instructions: str | None = None
    previous_response_id: str | None = None
    stream: bool | None = None
    store: bool | None = None
    metadata: msgspec.Raw = NULL
    text: msgspec.Raw = NULL
    stop: msgspec.Raw = NULL
    inputs: msgspec.Raw = NULL


class _Text(msgspec.Struct):
    verbosity: str | None = None


class _References(msgspec.Struct):
    input: msgspec.Raw = NULL
    previous_response_id: str | None = None


_REFERENCES: Final = msgspec.json.Decoder(_References)
_METADATA: Final[msgspec.json.Decoder[dict[str, str] | None]] = msgspec.json.Decoder(
    dict[str, str] | None
)
_UNHONOURED: Final = Unhonoured(HARMLESS)
_WISHED: Final = WishedFields(_IGNORED)
_UNHONOURED_TEXT: Final = Unhonoured(_TEXT_HARMLESS, "text.")
_BODY: Final = decoder_of(_Body, _UNHONOURED, _WISHED)
_TEXT: Final = decoder_of(_Text, _UNHONOURED_TEXT)


def recall(body: bytes, stored: StoredResponses) -> Recalled:
    """Return what a request takes from the stored responses.

    Args:
        body: The body of the request, well-formed or not.
        stored: The stored responses.
    """
    try:
        asked = _REFERENCES.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Recalled(stored)
    previous = token_of(asked.previous_response_id or "", RESPONSE)
    referred = [token_of(each, MESSAGE) for each in references(asked.input)]
    kept = {token: stored.get(token) for token in {previous, *referred}}
    found = {token: each for token, each in kept.items() if each is not None}
    # Counted by token: many references to a large answer are told apart without reading it.
    times = Counter(token for token in referred if token in found)
    texts = [(found[token].answer, count) for token, count in times.items()]
    files: list[bytes] = []
    if previous in found:
        texts += [(found[previous].before, 1), (found[previous].answer, 1)]
        files = found[previous].contents
    return Recalled(stored, frozenset(found), texts, files)


def parse(body: bytes, recalled: Recalled, stored: StoredResponses) -> Question:
    """Return the body of a request, checked and typed.

    Args:
        body: The body.
        recalled: The stored responses that it refers to.
        stored: Where the response is kept.

    Raises:
        Refusal: The body is malformed, asks for something that a Space can't do, or follows a
            response that is not there.
    """
    asked = decode(_BODY, body)
    _UNHONOURED.check(asked)
    wished = _WISHED.read(asked)
    if asked.text != NULL:
        text = decode(_TEXT, asked.text, "text")
        _UNHONOURED_TEXT.check(text)
        wished.ignored.extend(["text.verbosity"] if text.verbosity else [])
    before = _dialogue(asked.previous_response_id, recalled, stored)
    contents = read_input(asked.input, len(before.messages), recalled)
    files, left_out = newest_files("input", contents)
    dialogue = Dialogue(
        [*before.messages, *(each.message for each in contents)],
        [(each.name, each.getvalue()) for each in files] or before.files,
    )
    instructions: list[Message] = (
        [{"role": "system", "content": asked.instructions}] if asked.instructions else []
    )
    request = ResponseRequest(
        model=without_user(asked.model),
        instructions=asked.instructions,
        previous_response_id=asked.previous_response_id,
        metadata=_metadata(asked.metadata),
        stops=decode_stops(asked.stop),
        ignored=[*wished.ignored, *left_out],
        dialogue=dialogue,
        stored=None if asked.store is False else stored,
    )
    return Question(
        model=asked.model,
        messages=[*instructions, *dialogue.messages],
        messages_name="input",
        options={
            "files": [AttachedFile(*each) for each in dialogue.files],
            "inputs": decode_inputs(asked.inputs),
            "wishes": wished.wishes,
        },
        streamed=bool(asked.stream),
        has_earlier_files=bool(before.files) and not files,
        writer=partial(ResponseEventWriter if asked.stream else WholeResponseWriter, request),
    )


def _dialogue(previous: str | None, recalled: Recalled, stored: StoredResponses) -> Dialogue:
    if previous is None:
        return Dialogue([], [])
    found = recalled.response(previous)
    if found is None:
        raise bad_request(
            stored.why_missing(previous), "previous_response_id", "previous_response_not_found"
        )
    return found.dialogue


def _metadata(raw: msgspec.Raw) -> dict[str, str]:
    if len(bytes(raw)) <= _LONGEST_METADATA:
        notes = decode(_METADATA, raw, "metadata") or {}
        if len(notes) <= _MOST_NOTES and all(
            len(name) <= _LONGEST_NAME and len(text) <= _LONGEST_NOTE
            for name, text in notes.items()
        ):
            return notes
    raise bad_request(
        f"'metadata' takes up to {_MOST_NOTES} texts of {_LONGEST_NOTE} characters, with names of "
        f"{_LONGEST_NAME}.",
        "metadata",
        "invalid_value",
    )
