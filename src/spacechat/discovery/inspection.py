"""What was found out about an app, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import markup
from .chat import Chat, ways_to_chat
from .config import App, Dependency
from .inputs import describe, names


@dataclass(frozen=True)
class InputInfo:
    """An input that can be set by hand.

    Attributes:
        name: What `inputs=` may call it.
        type: The component's type, such as `slider`.
        takes: Which values it takes, in words.
        default: What it holds if it is not set.
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
    """What was found in an app; as a string, a readable table.

    Attributes:
        url: The app's address.
        version: The version of Gradio.
        protocol: How its streams are read.
        is_chat: Whether a way to chat was found.
        message: Where the message goes.
        answer: Where the answer is read.
        system: Where the system text goes, or None where it becomes part of the message.
        chain: The functions that are called, in order.
        reasons: Why this way was taken.
        others: The next best ways.
        inputs: What else can be set.
        endpoints: Every function that can be called first.
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

    def __str__(self) -> str:
        rows = self._rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)

    def _repr_html_(self) -> str:
        return markup.table(self._rows())

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("app", f"{self.url} (Gradio {self.version}, {self.protocol})"),
            ("message", self.message or "no way to chat was found"),
            ("answer", self.answer or "-"),
            ("system text", self.system or "becomes part of the message"),
            *_rows("chain", self.chain),
            *_rows("why", self.reasons),
            *_rows("also possible", self.others),
            *_rows(
                "inputs",
                [f"{each.name!r}: {each.takes} (default {each.default!r})" for each in self.inputs],
            ),
            *_rows(
                "endpoints",
                [
                    f"{'/' + each.name if each.name else each.id}: "
                    f"{', '.join(each.inputs) or 'nothing'} → "
                    f"{', '.join(each.outputs) or 'nothing'}"
                    for each in self.endpoints
                ],
            ),
        ]


def _rows(name: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [("" if index else name, text) for index, text in enumerate(texts)]


def inspect(
    url: str,
    app: App,
    parameters: Mapping[int, str],
    *,
    endpoint: str | int | None = None,
    output: str | int | None = None,
) -> Inspection:
    """Return what there is to know about chatting with an app."""
    ways = ways_to_chat(app, endpoint=endpoint, output=output)
    chat = ways[0] if ways else None
    others = [_way(way) for way in ways[1:6]]
    return Inspection(
        url=url,
        version=app.version,
        protocol=app.protocol,
        is_chat=chat is not None,
        message=None if chat is None else str(chat.message),
        answer=None if chat is None else str(chat.answer),
        system=None if chat is None or chat.system is None else str(chat.system),
        chain=[] if chat is None else [_called(app, dep) for dep in chat.chain()],
        reasons=[] if chat is None else chat.reasons,
        others=others,
        inputs=[] if chat is None else _inputs(chat, parameters),
        endpoints=[
            EndpointInfo(dep.id, dep.api_name, _named(app, dep.inputs), _named(app, dep.outputs))
            for dep in app.endpoints()
        ],
    )


def _way(chat: Chat) -> str:
    used = chat.app.components.get(-1 if chat.trigger[0] is None else chat.trigger[0])
    by = f"{chat.trigger[1]} of {used}" if used is not None else chat.trigger[1]
    return f"{chat.message} → {chat.answer} by {by} ({chat.points:+})"


def _called(app: App, dependency: Dependency) -> str:
    how = "queued" if app.is_queued(dependency) else "at once"
    return (
        f"{dependency} ({how}): {', '.join(_named(app, dependency.inputs)) or 'nothing'} → "
        f"{', '.join(_named(app, dependency.outputs)) or 'nothing'}"
    )


def _named(app: App, ids: Sequence[int]) -> list[str]:
    return [str(app.components[id_]) for id_ in ids if id_ in app.components]


def _inputs(chat: Chat, parameters: Mapping[int, str]) -> list[InputInfo]:
    return [
        InputInfo(
            next(iter(names(component, parameters)), str(component.id)),
            component.type,
            describe(component),
            component.props.value,
        )
        for component in chat.inputs
    ]
