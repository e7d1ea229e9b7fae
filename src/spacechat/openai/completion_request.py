"""Requests for a completion: a request's body, checked and typed; does no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar, cast

import msgspec

from ..apps.options import ChatOptions
from ..messages import Message
from .refusals import Refusal, bad_request
from .weight import MOST_VALUES

HARMLESS: Mapping[str, Sequence[object]] = {
    "audio": (None,),
    "function_call": (None, "none", "auto"),
    "functions": (None, []),
    "logprobs": (None, False),
    "modalities": (None, ["text"]),
    "n": (None, 1),
    "response_format": (None, {"type": "text"}),
    "tool_choice": (None, "none", "auto"),
    "tools": (None, []),
    "top_logprobs": (None, 0),
    "web_search_options": (None,),
}
"""Parameters that no Space can honour, and the values that ask for nothing. Any other value is
refused, since the answer would not be what was asked for. A parameter that neither stands here nor
in `_Body` only shapes the answer (`temperature`, `max_tokens`, `seed`), and is ignored."""

_ROLES = {"assistant": "assistant", "developer": "system", "system": "system", "user": "user"}
_MOST_STOPS = 4
_LONGEST_STOP = 256

_LONGEST_SETTING = 10_000
"""Bytes that a parameter may have; those that can be honoured are short."""

_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")

_T = TypeVar("_T")


class CompletionRequest(msgspec.Struct, frozen=True):
    """A request for a chat completion, as the API calls an answer.

    Attributes:
        model: The model's name in the request.
        space: The model's name for the client: an address may have a login here.
        messages: The conversation, which ends with a question.
        options: Further arguments of `stream`.
        streamed: Whether the answer is wanted piece by piece.
        counted: Whether a stream ends with counts of tokens.
        stops: Texts before which the answer ends.
    """

    model: str
    space: str
    messages: list[Message]
    options: ChatOptions
    streamed: bool
    counted: bool
    stops: Sequence[str]


_NONE: Final = msgspec.Raw(b"null")
_NOTHING: Final = frozenset((b"null", b"[]", b"{}"))


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None


class _GivenMessage(msgspec.Struct):
    role: str
    content: str | list[_Part] | None = None
    tool_calls: msgspec.Raw = _NONE
    function_call: msgspec.Raw = _NONE


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Body(msgspec.Struct):
    model: str
    messages: list[_GivenMessage]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    stop: msgspec.Raw = _NONE
    inputs: msgspec.Raw = _NONE


_Unhonoured = msgspec.defstruct("_Unhonoured", [(name, msgspec.Raw, _NONE) for name in HARMLESS])

_BODY: Final = msgspec.json.Decoder(_Body)
_UNHONOURED: Final = msgspec.json.Decoder(_Unhonoured)
_ANYTHING: Final = msgspec.json.Decoder(object)
_STOP: Final[msgspec.json.Decoder[str | list[str] | None]] = msgspec.json.Decoder(
    str | list[str] | None
)
_INPUTS: Final[msgspec.json.Decoder[dict[str, object] | None]] = msgspec.json.Decoder(
    dict[str, object] | None
)


def parse(body: bytes) -> CompletionRequest:
    """Return the body of a request, checked and typed.

    Raises:
        Refusal: The body is malformed, or asks for something that a Space can't do.
    """
    asked = _decode(_BODY, body)
    _check_harmless(body)
    _check_count(asked.messages)
    streamed = asked.stream or False
    if asked.stream_options is not None and not streamed:
        raise bad_request("'stream_options' goes with 'stream': true only.", "stream_options")
    inputs = _inputs(asked.inputs)
    return CompletionRequest(
        model=asked.model,
        space=asked.model,
        messages=[_message(index, each) for index, each in enumerate(asked.messages)],
        options={"inputs": inputs} if inputs else {},
        streamed=streamed,
        counted=asked.stream_options is not None and bool(asked.stream_options.include_usage),
        stops=_stops(asked.stop),
    )


def _decode(decoder: msgspec.json.Decoder[_T], data: bytes | msgspec.Raw, name: str = "") -> _T:
    """Return decoded JSON; values that the decoder doesn't want are never made.

    Args:
        decoder: Decodes and checks.
        data: The JSON.
        name: The parameter that the JSON is the value of; empty for the whole body.

    Raises:
        Refusal: It is no JSON, or not of the decoder's type.
    """
    try:
        return decoder.decode(data)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise _malformed(str(exc), name) from exc
    except (msgspec.DecodeError, UnicodeError) as exc:
        raise bad_request(f"The body is not JSON: {exc}.") from exc


def _malformed(why: str, name: str) -> Refusal:
    place = _PLACE.search(why)
    missing = _MISSING.search(why)
    names = [name] if name else []
    names += [place[1]] if place else []
    names += [missing[1]] if missing else []
    param = ".".join(names) or None
    code = "missing_required_parameter" if missing else "invalid_type"
    return bad_request(f"The request is malformed: {why}.", param, code)


def _check_harmless(body: bytes) -> None:
    unhonoured = _decode(_UNHONOURED, body)
    for name, harmless in HARMLESS.items():
        raw: msgspec.Raw = getattr(unhonoured, name)
        if len(bytes(raw)) > _LONGEST_SETTING or _decode(_ANYTHING, raw) not in harmless:
            allowed = " or ".join(msgspec.json.encode(each).decode() for each in harmless)
            raise bad_request(
                f"{name!r} can't be honoured: a Space only chats. Leave it out, or say {allowed}.",
                name,
                "unsupported_parameter",
            )


def _check_count(messages: Sequence[_GivenMessage]) -> None:
    parts = sum(len(each.content) for each in messages if isinstance(each.content, list))
    if len(messages) + parts > MOST_VALUES:
        raise bad_request(
            f"There are too many messages and parts: {MOST_VALUES:,} are the most.",
            "messages",
            "array_above_max_length",
        )


def _inputs(raw: msgspec.Raw) -> dict[str, object] | None:
    data = bytes(raw)
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise bad_request(
            f"'inputs' hold too many values: {MOST_VALUES:,} are the most, and commas and "
            "brackets in texts count, too.",
            "inputs",
            "array_above_max_length",
        )
    return _decode(_INPUTS, raw, "inputs")


def _message(index: int, message: _GivenMessage) -> Message:
    place = f"messages[{index}]"
    role = _ROLES.get(message.role)
    if role is None:
        raise bad_request(
            f"{place} has the role {message.role!r}; a Space knows {', '.join(_ROLES)}.",
            f"{place}.role",
            "invalid_value",
        )
    if not {bytes(message.tool_calls), bytes(message.function_call)} <= _NOTHING:
        raise bad_request(
            f"{place} calls tools, of which a Space can't be told.",
            f"{place}.tool_calls",
            "unsupported_parameter",
        )
    content = message.content
    if isinstance(content, list):
        content = "".join(_text(place, number, part) for number, part in enumerate(content))
    return cast("Message", {"role": role, "content": content or ""})


def _text(place: str, number: int, part: _Part) -> str:
    text = {"text": part.text, "refusal": part.refusal}.get(part.type)
    if text is None:
        raise bad_request(
            f"{place} has a part of the type {part.type!r}; only text can be sent to a Space.",
            f"{place}.content[{number}]",
            "invalid_value",
        )
    return text


def _stops(raw: msgspec.Raw) -> list[str]:
    if len(bytes(raw)) <= _LONGEST_SETTING:
        stop = _decode(_STOP, raw, "stop")
        stops = [stop] if isinstance(stop, str) else stop or []
        if len(stops) <= _MOST_STOPS and all(0 < len(each) <= _LONGEST_STOP for each in stops):
            return stops
    raise bad_request(
        f"'stop' takes up to {_MOST_STOPS} texts of 1 to {_LONGEST_STOP} characters.",
        "stop",
        "invalid_value",
    )
