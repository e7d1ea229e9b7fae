"""Reading an app's description of itself, which is what its `/config` says.

Gradio 4 to 6 are read. A description may have many megabytes, most of which nothing here needs: the
examples, the choices and the values of components that no function takes. Those are skipped without
being decoded, and what is kept is bounded:

- A component is left out unless a function takes it, fills it or is called by it, or it is a
  tab or holds other components.
- Texts are cut. Values and choices are kept only within `_LARGEST_VALUES` and `_LARGEST_CHOICES`,
  undecoded until they are used.
- A description of more than `_MOST_PARTS` parts is refused, as is a function of more than
  `_MOST_INPUTS` inputs, outputs or targets. JSON's marks are counted before anything is decoded,
  because every part has a brace, but for numbers in a list, and these have commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from ..errors import ProtocolError
from .app import App, Function, followers_in, listeners_in, major_version
from .components import Component, Props
from .decoding import MALFORMED, NOTHING, decoded
from .layout import TAB, Layout, places

_T = TypeVar("_T")

_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[\w.~!$&'()*+,;=:@-]+)*/?", re.ASCII)
"""A path that stays on its server: no host, query, fragment or step upwards."""

_MOST_PARTS = 100_000
"""Places in the layout, and inputs, outputs and targets of functions. A component that a function
uses counts as `_COMPONENT_PARTS` of them, a function as `_FUNCTION_PARTS`: these cost more."""
_COMPONENT_PARTS = 5
_FUNCTION_PARTS = 10
_MOST_INPUTS = 4096
_MOST_MARKS = 300_000
"""More than parts, since values and texts may have braces and commas, too."""
_LARGEST_PROPS = 4096
"""Bytes of properties that are decoded in one go; of larger ones, each is looked at by itself."""
_LARGEST_VALUES = 4 << 20
"""Bytes of all values together. A value that no longer fits is dropped; its component says so."""
_LARGEST_CHOICES = 1 << 20
"""Bytes of all choices together."""
_LARGEST_SCRIPTS = 1 << 18
"""Bytes of all scripts together. A script that no longer fits is one that can't be understood."""
LONGEST_TEXT = 300
"""Characters of a text that says what a component is."""
_MOST_PAGES = 100

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
_FALSE = msgspec.Raw(b"false")
_NO_SCRIPT = "?"
_UNDECODED_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class _RawTypes(msgspec.Struct):
    generator: bool = False
    continuous: bool = False


class _RawFunction(msgspec.Struct):
    id: int | None = None
    targets: list[Any] = msgspec.field(default_factory=list[Any])
    inputs: list[int] = msgspec.field(default_factory=list[int])
    outputs: list[int] = msgspec.field(default_factory=list[int])
    queue: bool | None = None
    api_name: str | bool | None = None
    trigger_after: int | None = None
    trigger_only_on_success: bool = False
    trigger_only_on_failure: bool = False
    backend_fn: bool = True
    types: _RawTypes = msgspec.field(default_factory=_RawTypes)
    js: msgspec.Raw = NOTHING
    collects_event_data: bool = False


class _RawComponent(msgspec.Struct):
    id: int
    type: str = ""
    props: msgspec.Raw = NOTHING


class _Config(msgspec.Struct):
    components: msgspec.Raw = NOTHING
    dependencies: msgspec.Raw = NOTHING
    version: str = ""
    mode: str = ""
    protocol: str = "sse"
    api_prefix: str | None = None
    app_id: msgspec.Raw = NOTHING
    enable_queue: bool | None = True
    connect_heartbeat: bool = False
    layout: msgspec.Raw = NOTHING
    pages: msgspec.Raw = NOTHING
    page: msgspec.Raw = NOTHING


class _PageParts(msgspec.Struct):
    components: list[int] = msgspec.field(default_factory=list[int])
    dependencies: list[int] = msgspec.field(default_factory=list[int])


_LAYOUT = msgspec.json.Decoder(Layout | None)
_PAGES = msgspec.json.Decoder(dict[str, _PageParts])


def parse_config(data: bytes, page: str | None = None) -> App:
    """Return the app that a `/config` describes.

    Args:
        data: The description.
        page: The path of the page to look at, in an app of several. None: all pages.

    Raises:
        ProtocolError: It describes no Gradio app, one that is too old, one that is too large, or
            one without that page.
    """
    try:
        config = msgspec.json.decode(data, type=_Config)
        if 0 < major_version(config.version) < 4:
            raise ProtocolError(
                f"This app runs on Gradio {config.version[:40]}; spacechat wants 4 or later. Ask "
                "whoever runs it to update Gradio, or look for another app."
            )
        return _Reader(config, page).app()
    except MALFORMED as exc:
        raise ProtocolError(
            f"What this address gives as its /config is not a Gradio app's ({exc}). "
            "Check the address: is it the app's own, and is the app running?"
        ) from exc


def _prefix(declared: str) -> str:
    """Return the beginning of the paths of the app's routes.

    Raises:
        ProtocolError: It is no path, so that requests would go elsewhere.
    """
    if not _PREFIX.fullmatch(declared):
        raise ProtocolError(
            f"This app's /config says {declared[:100]!r} for api_prefix, which is no path like "
            "'/gradio_api'. Nothing is sent there."
        )
    return declared.rstrip("/")


class _Reader:
    """Reads a description, within bounds.

    Args:
        config: The description, most of it undecoded.
        page: The path of the page to look at, or None.

    Attributes:
        parts_left: Parts that it may still have.
        values_left: Bytes of values that may still be kept.
        choices_left: Bytes of choices that may still be kept.
        scripts_left: Bytes of scripts that may still be kept.
    """

    def __init__(self, config: _Config, page: str | None) -> None:
        self.parts_left = _MOST_PARTS
        self.values_left = _LARGEST_VALUES
        self.choices_left = _LARGEST_CHOICES
        self.scripts_left = _LARGEST_SCRIPTS
        self._config = config
        self._page = page
        self._pages = self._read_pages()

    def app(self) -> App:
        """Return the app."""
        config = self._config
        functions = {each.id: each for each in self._functions()}
        taken = {id_ for each in functions.values() for id_ in each.inputs}
        used: set[int | None] = set(taken)
        used.update(id_ for each in functions.values() for id_ in each.outputs)
        used.update(target[0] for each in functions.values() for target in each.targets)
        layout = self._layout()
        empty = {place.id for place in places(layout) if place.children == []}
        for function in functions.values():
            function.renders = len(function.outputs) == 1 and function.outputs[0] in empty
        if any(each.renders for each in functions.values()):
            used |= {place.id for place in places(layout)}  # What is rendered may use any.
        else:
            used |= {place.id for place in places(layout) if place.children}
        self._check(config.components, b"{")
        kept = [
            each
            for each in msgspec.json.decode(config.components, type=list[_RawComponent])
            if each.id in used or each.type in TAB
        ]
        self._spend(_COMPONENT_PARTS * len(kept))
        components = {each.id: self._component(each, each.id in taken) for each in kept}
        elsewhere = [parts for path, parts in self._pages.items() if path != (self._page or "")]
        app = App(
            version=config.version[:LONGEST_TEXT],
            protocol=config.protocol[:LONGEST_TEXT],
            api_prefix=_prefix(config.api_prefix or ""),
            identity=bytes(config.app_id)[:LONGEST_TEXT].decode(errors="replace"),
            queued=config.enable_queue is not False,
            heartbeat=config.connect_heartbeat,
            has_own_pages=config.mode == "server",
            components=components,
            functions=functions,
            followers=followers_in(functions),
            listeners=listeners_in(functions),
            layout=layout,
            page=self._page,
            elsewhere=frozenset(id_ for parts in elsewhere for id_ in parts.components),
        )
        app.mark()
        return app

    def _read_pages(self) -> dict[str, _PageParts]:
        """Return the parts of each page; nothing for an app of one page."""
        pages = self._config.pages
        listed = decoded(pages, _UNDECODED_LIST)
        count = 0 if listed is None else len(listed)
        parts = _PAGES.decode(self._config.page) if 1 < count <= _MOST_PAGES else {}
        if self._page is not None and self._page not in parts:
            raise ProtocolError(f"This app has no page {self._page[:LONGEST_TEXT]!r}.")
        self._spend(sum(len(each.components) + len(each.dependencies) for each in parts.values()))
        return parts

    def _spend(self, parts: int) -> None:
        self.parts_left -= parts
        if self.parts_left < 0:
            raise _too_large(f"it has more than {_MOST_PARTS} parts")

    def _check(self, raw: msgspec.Raw, mark: bytes) -> None:
        """Raise if a list holds too much to be decoded."""
        if bytes(raw).count(mark) > _MOST_MARKS:
            raise _too_large(f"it has more than {_MOST_MARKS} objects or numbers")

    def _functions(self) -> Iterator[Function]:
        self._check(self._config.dependencies, b"{")
        self._check(self._config.dependencies, b",")
        self._spend(_FUNCTION_PARTS * len(_UNDECODED_LIST.decode(self._config.dependencies)))
        declared = msgspec.json.decode(self._config.dependencies, type=list[_RawFunction])
        pages = {id_: path for path, each in self._pages.items() for id_ in each.dependencies}
        for index, raw in enumerate(declared):
            id_ = index if raw.id is None else raw.id
            sizes = [len(each) for each in (raw.inputs, raw.outputs, raw.targets)]
            if max(sizes) > _MOST_INPUTS:
                raise _too_large(
                    f"its function {id_} takes, fills or is called by more than {_MOST_INPUTS} "
                    "components"
                )
            self._spend(sum(sizes))
            yield Function(
                id=id_,
                # What is called again and again by itself never ends: no event here calls it.
                targets=[]
                if raw.types.continuous
                else list(dict.fromkeys(map(_target, raw.targets))),
                inputs=raw.inputs,
                outputs=raw.outputs,
                queue=raw.queue,
                api_name=raw.api_name[:LONGEST_TEXT] if isinstance(raw.api_name, str) else None,
                after=raw.trigger_after,
                only_on_success=raw.trigger_only_on_success,
                only_on_failure=raw.trigger_only_on_failure,
                on_server=raw.backend_fn,
                streams=raw.types.generator,
                script=self._script(raw.js),
                page=pages.get(id_, ""),
                takes_event=raw.collects_event_data,
            )

    def _script(self, raw: msgspec.Raw) -> str:
        """Return the text of a script; of one that is too large, none that can be understood."""
        if raw in (NOTHING, _FALSE):
            return ""
        self.scripts_left -= _size(raw)
        text = _decoded_if_small(raw, _TEXT) if self.scripts_left > 0 else None
        return _NO_SCRIPT if text is None else text

    def _layout(self) -> Layout:
        raw = self._config.layout
        self._spend(bytes(raw).count(b"{"))
        return _LAYOUT.decode(raw) or Layout()

    def _component(self, raw: _RawComponent, is_taken: bool) -> Component:
        component = Component(raw.id, raw.type[:LONGEST_TEXT], _props(raw.props))
        props = component.props
        if props.label is None and component.type == "button":
            props.label = _decoded_if_small(props.value, _TEXT)
        if _size(raw.props) > LONGEST_TEXT:
            props.label, props.placeholder = _beginning(props.label), _beginning(props.placeholder)
            props.info, props.elem_id = _beginning(props.info), _beginning(props.elem_id)
        if not (is_taken or component.is_chatbot):
            props.value = props.choices = NOTHING
        if component.type == "browserstate":
            props.value = props.default_value
        props.default_value = NOTHING
        if props.value is not NOTHING:
            size = _size(props.value)
            if size <= self.values_left:
                self.values_left -= size
                props.value = props.value.copy()
            else:
                component.left_out, props.value = size, NOTHING
        if props.choices is not NOTHING:
            size = _size(props.choices)
            is_kept = size <= self.choices_left
            self.choices_left -= size if is_kept else 0
            props.choices = props.choices.copy() if is_kept else NOTHING
        return component


def _too_large(why: str) -> ProtocolError:
    return ProtocolError(
        f"This app's description is too large to be understood: {why}. Use it in a "
        "browser, or ask another app."
    )


def _props(raw: msgspec.Raw) -> Props:
    """Return the properties of a component, without those too large or of another type."""
    small = _decoded_if_small(raw, _PROPS)
    if small is not None:
        return small
    props = Props()
    undecoded = decoded(raw, _UNDECODED)
    if undecoded is not None:
        props.value, props.choices = undecoded.value, undecoded.choices
        props.default_value = undecoded.default_value
        for name, decoder in _FIELDS.items():
            value = _decoded_if_small(getattr(undecoded, name), decoder)
            if value is not None:
                setattr(props, name, value)
    return props


def _decoded_if_small(raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
    """Decode a small value, or return None if it is large, malformed or of another type."""
    return decoded(raw, decoder) if _size(raw) <= _LARGEST_PROPS else None


def _size(raw: msgspec.Raw) -> int:
    return memoryview(raw).nbytes


def _beginning(text: str | None) -> str | None:
    return None if text is None else text[:LONGEST_TEXT]


def _target(raw: Any) -> tuple[int | None, str]:
    if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], str):
        return (raw[0] if type(raw[0]) is int else None), raw[1]
    return None, ""
