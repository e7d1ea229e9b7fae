"""An app's inspection: how it would be chatted with, and why, for people to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import markup
from .app import App, Function
from .choice import find_ways
from .components import Component
from .inputs import describe, names
from .ways import Way

_OTHERS = 5
"""Ways that were not taken and are listed."""
_SHOWN = 30
"""Inputs and outputs of a function that its line in the table lists."""
_LONGEST = 200
"""Characters of a default that its line in the table shows."""


@dataclass(frozen=True)
class InputInfo:
    """An input that can be set with `inputs=`.

    Attributes:
        name: Its name there.
        type: The component's type, such as `slider`.
        takes: Which values it takes, in words.
        default: Its value if it is not set.
    """

    name: str
    type: str
    takes: str
    default: object


@dataclass(frozen=True)
class EndpointInfo:
    """A function of the app.

    Attributes:
        id: Its number.
        name: Its name for programs, or None.
        inputs: Its inputs.
        outputs: Its outputs.
    """

    id: int
    name: str | None
    inputs: Sequence[str]
    outputs: Sequence[str]


@dataclass(frozen=True)
class Inspection:
    """An app as an inspection sees it; as a string, a readable table.

    Attributes:
        url: The app's address.
        version: The version of Gradio.
        protocol: The protocol of its streams.
        is_chat: Whether a way to chat was found.
        message: The component that takes the message.
        answer: The component that shows the answer.
        system: The component for the system text, or None if that becomes part of the message.
        chain: The functions that are called, in order.
        reasons: Why this way was taken.
        others: The next best ways.
        inputs: The other inputs that can be set.
        endpoints: Every function that can be called directly.
        problem: Why no way was taken, or None.
    """

    url: str
    version: str
    protocol: str
    is_chat: bool
    message: str | None
    answer: str | None
    system: str | None
    chain: Sequence[str]
    reasons: Sequence[str]
    others: Sequence[str]
    inputs: Sequence[InputInfo]
    endpoints: Sequence[EndpointInfo]
    problem: str | None = None

    def __str__(self) -> str:
        rows = self._rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)

    def _repr_html_(self) -> str:
        return markup.table(self._rows())

    @property
    def _nothing(self) -> str:
        if self.problem is not None and self.problem.startswith("No way"):
            return "no way to chat was found"
        return "several ways to chat, of which none stands out"

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("app", f"{self.url} (Gradio {self.version}, {self.protocol})"),
            ("message", self.message or self._nothing),
            ("answer", self.answer or "-"),
            ("system text", self.system or "becomes part of the message"),
            *_rows("chain", self.chain),
            *_rows("why", self.reasons),
            *_rows("also possible", self.others),
            *_rows(
                "inputs",
                [
                    f"{each.name!r}: {each.takes} (default {_shortened(repr(each.default))})"
                    for each in self.inputs
                ],
            ),
            *_rows(
                "endpoints",
                [
                    f"{'/' + each.name if each.name else each.id}: "
                    f"{_joined(each.inputs)} → {_joined(each.outputs)}"
                    for each in self.endpoints
                ],
            ),
        ]


def _rows(name: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [("" if index else name, text) for index, text in enumerate(texts)]


def _joined(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) + rest) or "nothing"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def inspect(
    url: str,
    app: App,
    parameters: Mapping[int, str],
    *,
    endpoint: str | int | None = None,
    output: str | int | None = None,
) -> Inspection:
    """Return the inspection of an app.

    Args:
        url: The app's address.
        app: The app.
        parameters: The parameters' names, by the ids of their components.
        endpoint: A function that must be part of the way to chat, or None.
        output: The label or id of the component that shows the answer, or None.

    Raises:
        ChatNotFoundError: There is no such endpoint.
        ProtocolError: The app is too large.
    """
    ways = find_ways(app, endpoint=endpoint, output=output)
    way = ways.best
    named = {id_: str(component) for id_, component in app.components.items()}

    def names_of(ids: Sequence[int]) -> list[str]:
        return [named[id_] for id_ in ids if id_ in named]

    def called(function: Function) -> str:
        how = "queued" if app.is_queued(function) else "at once"
        inputs, outputs = names_of(function.inputs), names_of(function.outputs)
        return f"{function} ({how}): {_joined(inputs)} → {_joined(outputs)}"

    others = ways.all[1 : _OTHERS + 1] if way is not None else ways.all[:_OTHERS]
    return Inspection(
        url=url,
        version=app.version,
        protocol=app.protocol,
        is_chat=way is not None,
        message=None if way is None else str(way.message),
        answer=None if way is None else str(way.answer),
        system=None if way is None or way.system is None else str(way.system),
        chain=[] if way is None else [called(each) for each in way.chain()],
        reasons=[] if way is None else way.reasons,
        others=[_with_objections(way) for way in others],
        inputs=[] if way is None else [_input(each, parameters) for each in way.inputs],
        endpoints=[
            EndpointInfo(each.id, each.api_name, names_of(each.inputs), names_of(each.outputs))
            for each in app.endpoints()
        ],
        problem=ways.problem,
    )


def _with_objections(way: Way) -> str:
    against = "".join(f"; {reason}" for reason in way.objections)
    return f"{way} ({way.points:+}{against})"


def _input(component: Component, parameters: Mapping[int, str]) -> InputInfo:
    return InputInfo(
        next(iter(names(component, parameters)), str(component.id)),
        component.type,
        describe(component),
        f"{component.left_out} bytes" if component.left_out else component.value,
    )
