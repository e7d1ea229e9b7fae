"""The fields of a request's body: decoded and checked; does no I/O.

A value that nobody wants is never made: it stays a piece of JSON. So a field that may hold anything
is declared as `msgspec.Raw`, and decoded by itself once its length is known to be small.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar, cast

import msgspec

from ..apps.wishes import MEANINGS
from .refusals import Refusal, bad_request
from .weight import MOST_VALUES

LONGEST_SETTING: Final = 10_000
"""Bytes that a parameter may have; those that can be honoured are short."""

_LONGEST_NUMBER: Final = 100
"""Bytes that a number may have."""

NULL: Final = msgspec.Raw(b"null")
"""The JSON of a field that was not given."""

_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_NOTHING: Final = frozenset((b"null", b"[]", b"{}"))
_NUMBER: Final[msgspec.json.Decoder[int | float | None]] = msgspec.json.Decoder(int | float | None)
_ANYTHING: Final = msgspec.json.Decoder(object)

_INPUTS: Final[msgspec.json.Decoder[dict[str, object] | None]] = msgspec.json.Decoder(
    dict[str, object] | None
)

_STOP: Final[msgspec.json.Decoder[str | list[str] | None]] = msgspec.json.Decoder(
    str | list[str] | None
)
_MOST_STOPS: Final = 4
_LONGEST_STOP: Final = 256

_T = TypeVar("_T")
_S = TypeVar("_S", bound=msgspec.Struct)


class _Streamed(msgspec.Struct):
    stream: bool | None = None


_STREAMED: Final = msgspec.json.Decoder(_Streamed)


def decode(decoder: msgspec.json.Decoder[_T], data: bytes | msgspec.Raw, name: str = "") -> _T:
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
    param = ".".join(names).replace(".[", "[") or None
    code = "missing_required_parameter" if missing else "invalid_type"
    return bad_request(f"The request is malformed: {why}.", param, code)


def is_streamed(body: bytes) -> bool:
    """Return whether a request's body, well-formed or not, asks for an answer piece by piece."""
    try:
        return bool(_STREAMED.decode(body).stream)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False


def decode_inputs(raw: msgspec.Raw) -> dict[str, object] | None:
    """Return the values of an app's inputs (`inputs`, which is not part of the API).

    Raises:
        Refusal: They are no mapping, or hold too many values.
    """
    data = bytes(raw)
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise bad_request(
            f"'inputs' hold too many values: {MOST_VALUES:,} are the most, and commas and "
            "brackets in texts count, too.",
            "inputs",
            "array_above_max_length",
        )
    return decode(_INPUTS, raw, "inputs")


def decode_stops(raw: msgspec.Raw) -> list[str]:
    """Return the texts at which an answer ends (`stop`).

    Raises:
        Refusal: They are no texts, too many, or too long.
    """
    if len(bytes(raw)) <= LONGEST_SETTING:
        stop = decode(_STOP, raw, "stop")
        stops = [stop] if isinstance(stop, str) else stop or []
        if len(stops) <= _MOST_STOPS and all(0 < len(each) <= _LONGEST_STOP for each in stops):
            return stops
    raise bad_request(
        f"'stop' takes up to {_MOST_STOPS} texts of 1 to {_LONGEST_STOP} characters.",
        "stop",
        "invalid_value",
    )


class Wished(NamedTuple):
    """The settings of a request that only shape the answer.

    Attributes:
        wishes: Those that an app may have an input for, by their names.
        ignored: The names of those that no app has one for.
    """

    wishes: dict[str, float]
    ignored: list[str]


class WishedFields:
    """Settings that only shape the answer, so that a Space that hasn't got them can answer, too.

    Attributes:
        names: The names of all of them, which are fields of a request's body.

    Args:
        others: The names of those that no app has an input for; the rest are the library's wishes.
    """

    def __init__(self, others: Sequence[str]) -> None:
        self._others = others
        self.names: Sequence[str] = (*MEANINGS, *others)

    def read(self, given: msgspec.Struct) -> Wished:
        """Return the settings among the fields that `decoder_of` adds.

        Raises:
            Refusal: One that takes a number is none.
        """
        wishes: dict[str, float] = {}
        for name in MEANINGS:
            raw: msgspec.Raw = getattr(given, name)
            if len(bytes(raw)) > _LONGEST_NUMBER:
                raise bad_request(f"{name!r} takes a number.", name, "invalid_type")
            number = decode(_NUMBER, raw, name)
            if number is not None:
                wishes[name] = number
        ignored = [name for name in self._others if bytes(getattr(given, name)) not in _NOTHING]
        return Wished(wishes, ignored)


class Unhonoured:
    """Parameters that no Space can honour.

    Attributes:
        names: Their names, which are fields of a request's body, or of a part of it.

    Args:
        harmless: The values of each that ask for nothing. Any other value is refused, since the
            answer would not be what was asked for. The first parameter that is refused is named.
        within: The parameter that they are parts of, and a dot; empty for the whole body.
    """

    def __init__(self, harmless: Mapping[str, Sequence[object]], within: str = "") -> None:
        self._harmless = harmless
        self._within = within
        self.names: Sequence[str] = tuple(harmless)

    def check(self, given: msgspec.Struct) -> None:
        """Raise if a request asks for what can't be done.

        Args:
            given: The fields that `decoder_of` adds.

        Raises:
            Refusal: It does.
        """
        for name, harmless in self._harmless.items():
            raw: msgspec.Raw = getattr(given, name)
            if len(bytes(raw)) > LONGEST_SETTING or decode(_ANYTHING, raw) not in harmless:
                allowed = " or ".join(msgspec.json.encode(each).decode() for each in harmless)
                raise bad_request(
                    f"'{self._within}{name}' can't be honoured: a Space only chats. Leave it out, "
                    f"or say {allowed}.",
                    f"{self._within}{name}",
                    "unsupported_parameter",
                )


def decoder_of(declared: type[_S], *further: WishedFields | Unhonoured) -> msgspec.json.Decoder[_S]:
    """Return a decoder of a body, which is read once, with all the fields that are wanted of it.

    Args:
        declared: The fields that are decoded.
        further: Those that stay pieces of JSON.
    """
    fields = [(name, msgspec.Raw, NULL) for each in further for name in each.names]
    whole = msgspec.defstruct(declared.__name__, fields, bases=(declared,))
    return msgspec.json.Decoder(cast("type[_S]", whole))
