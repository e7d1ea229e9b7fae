"""Reading a component of an app's description: what is kept of it, within bounds.

Texts are cut. Values and choices are kept only within `_LARGEST_VALUES` and `_LARGEST_CHOICES` for
all components together, undecoded until they are used. Schemas are read of components that Gradio
doesn't know, within the bounds of `schemas`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .components import Component, Props
from .decoding import NOTHING, decoded, decoded_if_small, size
from .kin import OWN, kin_of
from .layout import is_tab
from .schemas import FormReader

_LARGEST_VALUES = 4 << 20
"""Bytes of all values together. A value that no longer fits is dropped; its component says so."""
_LARGEST_CHOICES = 1 << 20
"""Bytes of all choices together."""
LONGEST_TEXT = 300
"""Characters of a text that says what a component is."""
_EMPTY = frozenset({b"null", b'""', b"[]", b"{}"})
"""Values that show nothing."""

_FIELDS: dict[str, msgspec.json.Decoder[Any]] = {
    each.name: msgspec.json.Decoder(each.type)
    for each in msgspec.structs.fields(Props)
    if each.type is not msgspec.Raw
}
_PROPS = msgspec.json.Decoder(Props)
_UNDECODED: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct(
        "_Undecoded", [(name, msgspec.Raw, NOTHING) for name in Props.__struct_fields__]
    )
)
_TEXT = msgspec.json.Decoder(str)


_LEFT_OUT = frozenset({"state", "dataset", "button"})
"""Components that programs neither give nor get, where an app doesn't say it."""


class RawComponent(msgspec.Struct):
    """A component as a description has it, most of it undecoded."""

    id: int
    type: str = ""
    props: msgspec.Raw = NOTHING
    skip_api: bool | None = None
    api_info: msgspec.Raw = NOTHING
    api_info_as_input: msgspec.Raw = NOTHING
    api_info_as_output: msgspec.Raw = NOTHING


class ComponentReader:
    """Reads the components of one app.

    Attributes:
        values_left: Bytes of values that may still be kept.
        choices_left: Bytes of choices that may still be kept.
    """

    def __init__(self) -> None:
        self.values_left: int = _LARGEST_VALUES
        self.choices_left: int = _LARGEST_CHOICES
        self._forms = FormReader()

    def read(
        self, raw: RawComponent, *, is_taken: bool, is_taken_whole: bool, is_sent: bool
    ) -> Component:
        """Return a component.

        Args:
            raw: The component, undecoded.
            is_taken: Whether a function takes its value.
            is_taken_whole: Whether a function takes all its properties.
            is_sent: Whether a person sends it off.
        """
        props = _props(raw.props)
        name = raw.type[:LONGEST_TEXT]
        special = raw.api_info_as_input if is_taken else raw.api_info_as_output
        form = None if name in OWN else self._forms.read(special, raw.api_info, props.value)
        component = Component(raw.id, name, kin_of(name, form, is_sent=is_sent), form, props)
        skips = raw.skip_api
        component.is_left_out = name in _LEFT_OUT or is_tab(name) if skips is None else skips
        _set_label(component)
        if size(raw.props) > LONGEST_TEXT:
            props.label, props.placeholder = _beginning(props.label), _beginning(props.placeholder)
            props.info, props.elem_id = _beginning(props.info), _beginning(props.elem_id)
        if component.is_chatbot and props.value is NOTHING:
            props.value = props.items
        props.items = NOTHING
        component.has_text = size(props.value) > 4 or bytes(props.value) not in _EMPTY
        if not (is_taken or component.is_chatbot or component.is_timer):
            props.value = props.choices = NOTHING
        if component.type == "browserstate":
            props.value = props.default_value
        props.default_value = NOTHING
        self._keep_value(component)
        if is_taken_whole and size(raw.props) <= self.values_left:
            self.values_left -= size(raw.props)
            component.declared = raw.props.copy()
        return component

    def _keep_value(self, component: Component) -> None:
        """Copy a component's value and choices, if there is room for them."""
        props = component.props
        if props.value is not NOTHING:
            taken = size(props.value)
            if taken <= self.values_left:
                self.values_left -= taken
                props.value = props.value.copy()
            else:
                component.left_out, props.value = taken, NOTHING
        if props.choices is not NOTHING:
            taken = size(props.choices)
            is_kept = taken <= self.choices_left
            self.choices_left -= taken if is_kept else 0
            props.choices = props.choices.copy() if is_kept else NOTHING


def _set_label(component: Component) -> None:
    """Take what a person reads on a component for its label, if it has no other."""
    props = component.props
    if props.label is None and component.kin == "button":
        props.label = decoded_if_small(props.value, _TEXT)
    if props.label is None and props.open is not None:
        props.label = props.title  # Of a drawer, or a dialogue.


def _props(raw: msgspec.Raw) -> Props:
    """Return the properties of a component, without those too large or of another type."""
    small = decoded_if_small(raw, _PROPS)
    if small is not None:
        return small
    props = Props()
    undecoded = decoded(raw, _UNDECODED)
    if undecoded is not None:
        props.value, props.choices = undecoded.value, undecoded.choices
        props.items = undecoded.items
        props.default_value = undecoded.default_value
        for name, decoder in _FIELDS.items():
            value = decoded_if_small(getattr(undecoded, name), decoder)
            if value is not None:
                setattr(props, name, value)
    return props


def _beginning(text: str | None) -> str | None:
    return None if text is None else text[:LONGEST_TEXT]
