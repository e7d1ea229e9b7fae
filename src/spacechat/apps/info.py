"""Reading an app's `/info`, which says what a program should know of its functions.

Some apps give none, or a broken one. Then there is nothing in it, and what an app's `/config` says
of its components has to do. What is kept is bounded, as of a description: texts are cut, and
defaults and types that are too large are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from .app import Function
from .component_reader import LONGEST_TEXT
from .decoding import MALFORMED, NOTHING, decoded, size
from .value_types import simplified

_MOST_BRACES = 300_000
"""Objects in an `/info`; each parameter is one."""
_LARGEST_VALUES = 1 << 20
"""Bytes of all defaults and types together."""
_LONGEST_DESCRIPTION = 10_000
"""Characters of a function's description."""
_READS = 5
"""How often a character of a type is read, at the most."""
_LONGEST_TYPE = 1000
"""Characters of a type."""


class PythonType(msgspec.Struct):
    """The type of a value.

    Attributes:
        type: The type in Python's words, such as `str`.
    """

    type: str | None = None


class ValueInfo(msgspec.Struct):
    """A parameter or a returned value of a function.

    Attributes:
        label: What a person reads beside it.
        parameter_name: Its name, or None.
        parameter_has_default: Whether it may be left out; None: it isn't said.
        parameter_default: Its value if it is left out, undecoded.
        type: Its JSON schema, undecoded.
        python_type: Its type, as Python has it, or None.
        component: The kind of component that stands for it on the page, or None.
    """

    label: str | None = None
    parameter_name: str | None = None
    parameter_has_default: bool | None = None
    parameter_default: msgspec.Raw = NOTHING
    type: msgspec.Raw = NOTHING
    python_type: PythonType | None = None
    component: str | None = None

    @property
    def python_words(self) -> str:
        """Its type in Python's words; empty if it isn't said."""
        return "" if self.python_type is None else self.python_type.type or ""


class EndpointInfo(msgspec.Struct):
    """What an `/info` says of a function.

    Attributes:
        parameters: Its inputs, without states and layout.
        returns: Its outputs, without states and layout.
        description: What it does.
        oauth_token: Whether it takes a user's token; None if not.
    """

    parameters: list[ValueInfo] = msgspec.field(default_factory=list[ValueInfo])
    returns: list[ValueInfo] = msgspec.field(default_factory=list[ValueInfo])
    description: str | None = None
    oauth_token: str | None = None


class _Info(msgspec.Struct):
    named_endpoints: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict[str, msgspec.Raw])
    unnamed_endpoints: dict[str, msgspec.Raw] = msgspec.field(
        default_factory=dict[str, msgspec.Raw]
    )


_INFO = msgspec.json.Decoder(_Info)
_ENDPOINT = msgspec.json.Decoder(EndpointInfo)


@dataclass(frozen=True)
class Info:
    """An app's `/info`.

    Attributes:
        endpoints: What it says of each function, by `/` and its name, or by its id.
    """

    endpoints: Mapping[str, EndpointInfo] = field(default_factory=dict[str, EndpointInfo])

    def of(self, function: Function) -> EndpointInfo | None:
        """Return what is said of a function, or None if nothing is."""
        named = self.endpoints.get(f"/{function.api_name}")
        return self.endpoints.get(str(function.id)) if named is None else named


def parse_info(data: bytes) -> Info:
    """Return what an `/info` says; one that is malformed or too large says nothing."""
    if data.count(b"{") > _MOST_BRACES:
        return Info()
    try:
        info = _INFO.decode(data)
    except MALFORMED:
        return Info()
    return Info(dict(_endpoints({**info.unnamed_endpoints, **info.named_endpoints})))


def _endpoints(undecoded: Mapping[str, msgspec.Raw]) -> Iterator[tuple[str, EndpointInfo]]:
    """Yield the endpoints that are not malformed, with what of them is kept."""
    left = _LARGEST_VALUES
    for name, raw in undecoded.items():
        endpoint = decoded(raw, _ENDPOINT)
        if endpoint is None:
            continue
        endpoint.description = (endpoint.description or "")[:_LONGEST_DESCRIPTION]
        for value in (*endpoint.parameters, *endpoint.returns):
            left -= size(value.parameter_default) + size(value.type)
            left -= _READS * len(value.python_words)
            _cut(value, keeps=left > 0)
        yield name, endpoint


def _cut(value: ValueInfo, *, keeps: bool) -> None:
    """Keep a bounded part of what is said of a value.

    Args:
        value: The value; it is changed.
        keeps: Whether there is room for its default and its type.
    """
    value.label = _beginning(value.label)
    if len(value.parameter_name or "") > LONGEST_TEXT:
        value.parameter_name = None
    if value.python_type is not None:
        words = simplified(value.python_words) if keeps else ""
        value.python_type.type = words[:_LONGEST_TYPE]
    value.component = _beginning(value.component)
    if not keeps and value.parameter_has_default:
        value.parameter_has_default = None  # What a default is, the component may say.
    # Copied, since an undecoded value keeps all of the text that it is a part of.
    value.parameter_default = value.parameter_default.copy() if keeps else NOTHING
    value.type = value.type.copy() if keeps else NOTHING


def _beginning(text: str | None) -> str:
    return (text or "")[:LONGEST_TEXT]
