"""Apps that have endpoints only (`gr.Server`): their pages are their own, and no Gradio page.

What a person sees there is not known, but the app's `info` names the parameters of its endpoints.
So an endpoint whose name is that of a chat, with a text parameter that is called as a message is,
counts as a form with a box for the message. A parameter for the history is filled by the page,
which keeps the messages itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ..messages import Messages, pairs
from . import words
from .app import App, Function
from .components import Component, Props
from .decoding import decoded_if_small
from .info import Info, ValueInfo

_HISTORIES = frozenset({"history", "chat_history", "messages", "conversation", "past_messages"})
HISTORY = "history"
"""The type of a component that stands for a list of messages."""
PAIRS = "pairs"
"""The type of one that stands for a list of pairs of messages."""


class _Items(msgspec.Struct):
    type: str = ""


class _Type(msgspec.Struct):
    type: str = ""
    items: _Items | None = None


_TYPE = msgspec.json.Decoder(_Type)


def with_forms(app: App, info: Info) -> App:
    """Return an app in which the endpoints that are chats have forms.

    Args:
        app: The app.
        info: What its `/info` says.
    """
    components, functions = dict(app.components), dict(app.functions)
    for function in app.functions.values():
        endpoint = info.of(function)
        if endpoint is None:
            continue
        inputs = _named(components, function.inputs, endpoint.parameters)
        _named(components, function.outputs, endpoint.returns)
        box = _box(function, inputs)
        if box is not None:
            functions[function.id] = msgspec.structs.replace(function, targets=[(box.id, "submit")])
    return msgspec.structs.replace(app, components=components, functions=functions)


def _named(
    components: dict[int, Component], ids: Sequence[int], values: Sequence[ValueInfo]
) -> list[Component]:
    """Name the components that stand for parameters or returned values; return them."""
    named: list[Component] = []
    for id_, value in zip(ids, values, strict=False):
        if id_ in components:
            kind = _kind(value)
            first = value.parameter_default
            if kind in (HISTORY, PAIRS) and bytes(first) == b"null":
                first = msgspec.Raw(b"[]")
            props = Props(label=value.parameter_name, value=first)
            components[id_] = Component(id_, kind, kind, props=props)
            named.append(components[id_])
    return named


def _kind(value: ValueInfo) -> str:
    """Return the type of the component that such a value would have on a page."""
    declared = decoded_if_small(value.type, _TYPE) or _Type()
    if declared.type == "array" and value.parameter_name in _HISTORIES:
        is_pairs = declared.items is not None and declared.items.type == "array"
        return PAIRS if is_pairs else HISTORY
    return {"string": "textbox", "number": "number", "boolean": "checkbox"}.get(
        declared.type, "json"
    )


def _box(function: Function, inputs: Sequence[Component]) -> Component | None:
    """Return the parameter for the message if the endpoint is a chat, or None.

    Its name says so; "generate" and the like do only if it takes a history.
    """
    name = function.api_name or ""
    has_history = any(each.type in (HISTORY, PAIRS) for each in inputs)
    if not (words.FUNCTION.is_chat([name]) and (has_history or words.BOX.is_chat([name]))):
        return None
    texts = [each for each in inputs if each.type == "textbox"]
    return next((each for each in texts if words.BOX.is_chat([each.label])), None)


def history_value(component: Component, messages: Messages) -> list[Any]:
    """Return the value of a parameter for the history."""
    if component.type == PAIRS:
        return list(pairs(messages))
    return [{"role": each["role"], "content": each["content"]} for each in messages]
