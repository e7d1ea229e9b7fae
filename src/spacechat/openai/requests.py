"""What the API is asked: checked and typed, without I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar, cast
from urllib.parse import unquote, urlsplit

import msgspec

from ..addresses import hide_user, without_user
from ..apps.options import ChatOptions
from ..errors import SpaceChatError
from ..messages import Message
from ..providers import find, models
from ..providers.registry import check_name
from .refusals import Error, Refusal, Response, bad_request, not_found

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
_T = TypeVar("_T")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")


_MOST_VALUES = 10_000
"""Messages and their parts, or values of inputs, in one request."""

_LONGEST_SETTING = 10_000
"""Bytes of a parameter that is short where it can be honoured."""

TEXT_WEIGHT: Final = 8
_VALUE_WEIGHT: Final = 512

HEAVIEST: Final = _VALUE_WEIGHT * _MOST_VALUES
"""Bytes of memory that the values of a request take, at the most."""


def weight(body: bytes) -> int:
    """Return the bytes that a body and its question take of memory, at the most.

    A text is copied a few times on its way to the Space. How many values there are is told without
    making them; what has more than are allowed is refused when it is read.
    """
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    return TEXT_WEIGHT * len(body) + min(_VALUE_WEIGHT * values, HEAVIEST)


class Question(msgspec.Struct, frozen=True):
    """A request for an answer.

    Attributes:
        model: The model as it was asked for.
        space: What the client is asked for it: an address with the login that the model has here.
        messages: The conversation, which ends with a question.
        options: What `stream` takes besides.
        streamed: Whether the answer is wanted piece by piece.
        counted: Whether a stream ends with counts of tokens.
        stops: Texts at which the answer ends, not counted to it.
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


class _Message(msgspec.Struct):
    role: str
    content: str | list[_Part] | None = None
    tool_calls: msgspec.Raw = _NONE
    function_call: msgspec.Raw = _NONE


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Body(msgspec.Struct):
    model: str
    messages: list[_Message]
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


class Model(msgspec.Struct, kw_only=True):
    """A model, as the API describes it. When it was made is not known, so `created` is 0."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str


class _Models(msgspec.Struct):
    data: list[Model]
    object: str = "list"


class Api:
    """What is at the API's addresses.

    Args:
        models: The models that may be asked for; None for any that spacechat knows or finds.

    Raises:
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address is none.
    """

    def __init__(self, models: Sequence[str] | None) -> None:
        for name in models or ():
            find(name)
        # A user and password in an address are nobody's business who asks this API.
        self._models = (
            None if models is None else {without_user(each): hide_user(each) for each in models}
        )

    def receive(self, method: str, path: str, body: bytes) -> Question | Response:
        """Return the question that a request asks, or the response to it.

        Args:
            method: The HTTP method, in capitals.
            path: The path as it came, with `%` and without the query. What stands before
                `/chat/completions` or `/models`, such as `/v1`, doesn't matter.
            body: The body.

        Raises:
            Refusal: It asks for nothing that there is.
        """
        place = path.rstrip("/")
        if place.endswith("/chat/completions"):
            _expect(method, "POST", path)
            question = parse(body)
            self._check(question.model)
            if self._models is None:
                return question
            return msgspec.structs.replace(question, space=self._models[question.model])
        if place.endswith("/models"):
            _expect(method, "GET", path)
            listed = models() if self._models is None else self._models
            return Response.of(_Models([_describe(name) for name in listed]))
        _, found, name = path.partition("/models/")
        if found:
            _expect(method, "GET", path)
            name = unquote(name)
            self._check(name)
            return Response.of(_describe(name))
        raise Refusal(
            404,
            Error(
                message=f"There is nothing at {path}: ask /v1/chat/completions or /v1/models.",
                type="invalid_request_error",
                code="unknown_url",
            ),
        )

    def _check(self, model: str) -> None:
        try:
            check_name(model)
            if self._models is not None and model not in self._models:
                listed = ", ".join(self._models)
                raise not_found(f"There is no model {model!r} here. There are {listed}.")
            find(model)
        except SpaceChatError as exc:  # Also where an address is none.
            raise not_found(str(exc)) from exc


def _expect(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise Refusal(
            405,
            Error(message=f"{path} takes {allowed}, not {method}.", type="invalid_request_error"),
            {"allow": allowed},
        )


def _describe(name: str) -> Model:
    return Model(id=name, owned_by=urlsplit(find(name).url).hostname or "")


def parse(body: bytes) -> Question:
    """Return the question that the body of a request asks.

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
    return Question(
        model=asked.model,
        space=asked.model,
        messages=[_message(index, each) for index, each in enumerate(asked.messages)],
        options={"inputs": inputs} if inputs else {},
        streamed=streamed,
        counted=asked.stream_options is not None and bool(asked.stream_options.include_usage),
        stops=_stops(asked.stop),
    )


def _decode(decoder: msgspec.json.Decoder[_T], data: bytes | msgspec.Raw, name: str = "") -> _T:
    """Return what JSON holds; values that are not asked for are never made.

    Args:
        decoder: Knows what it must hold.
        data: The JSON.
        name: The parameter that it is of, or nothing for the whole body.
    """
    try:
        return decoder.decode(data)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise _malformed(str(exc), name) from exc
    except (msgspec.DecodeError, UnicodeError) as exc:
        raise bad_request(f"The body is not JSON: {exc}.") from exc


def _malformed(told: str, name: str) -> Refusal:
    place = _PLACE.search(told)
    missing = _MISSING.search(told)
    names = [name] if name else []
    names += [place[1]] if place else []
    names += [missing[1]] if missing else []
    param = ".".join(names) or None
    code = "missing_required_parameter" if missing else "invalid_type"
    return bad_request(f"The request is malformed: {told}.", param, code)


def _check_harmless(body: bytes) -> None:
    found = _decode(_UNHONOURED, body)
    for name, harmless in HARMLESS.items():
        raw: msgspec.Raw = getattr(found, name)
        if len(bytes(raw)) > _LONGEST_SETTING or _decode(_ANYTHING, raw) not in harmless:
            told = " or ".join(msgspec.json.encode(each).decode() for each in harmless)
            raise bad_request(
                f"{name!r} can't be honoured: a Space only chats. Leave it out, or say {told}.",
                name,
                "unsupported_parameter",
            )


def _check_count(messages: Sequence[_Message]) -> None:
    parts = sum(len(each.content) for each in messages if isinstance(each.content, list))
    if len(messages) + parts > _MOST_VALUES:
        raise bad_request(
            f"There are too many messages and parts: {_MOST_VALUES:,} are the most.",
            "messages",
            "array_above_max_length",
        )


def _inputs(raw: msgspec.Raw) -> dict[str, object] | None:
    data = bytes(raw)
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
        raise bad_request(
            f"'inputs' hold too many values: {_MOST_VALUES:,} are the most, and commas and "
            "brackets in texts count, too.",
            "inputs",
            "array_above_max_length",
        )
    return _decode(_INPUTS, raw, "inputs")


def _message(index: int, message: _Message) -> Message:
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
