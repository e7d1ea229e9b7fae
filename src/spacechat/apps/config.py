"""Reading an app's description of itself, which is what its `/config` says.

Gradio 4 to 6 are read. A description may have many megabytes, most of which nothing here needs: the
examples, the choices and the values of components that no function takes. Those are skipped without
being decoded, and what is kept is bounded:

- A component is left out unless a function takes it, fills it or is called by it, or it is a
  tab or holds other components.
- Schemas are read of components of others only; `schemas` bounds them.
- A description of more than `_MOST_PARTS` parts is refused, as is a function of more than
  `_MOST_INPUTS` inputs, outputs or targets. JSON's marks are counted before anything is decoded,
  because every part has a brace, but for numbers in a list, and these have commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ..errors import ProtocolError
from .app import App, Function, Visibility, followers_in, listeners_in, major_version
from .component_reader import LONGEST_TEXT, ComponentReader, RawComponent
from .decoding import MALFORMED, NOTHING, decoded, decoded_if_small, size
from .kin import SENDING
from .layout import Layout, is_tab, places

_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[\w.~!$&'()*+,;=:@-]+)*/?", re.ASCII)
"""A path that stays on its server: no host, query, fragment or step upwards."""

_OLDEST = 4
"""The first major version of Gradio that is understood."""
_IN_PAGE = re.compile(
    rb'window\.gradio_config\s?=\s?\{\s?"version"\s?:\s?"([\w.]{1,40})"', re.ASCII
)
"""The version in a page of Gradio 2 and 3, which may come without a `/config`."""
_SIGN_IN = b"/login/huggingface"
"""The route that a button to sign in with leads to."""
_MOST_PARTS = 100_000
"""Places in the layout, and inputs, outputs and targets of functions. A component that a function
uses counts as `_COMPONENT_PARTS` of them, a function as `_FUNCTION_PARTS`: these cost more."""
_COMPONENT_PARTS = 5
_FUNCTION_PARTS = 10
_MOST_INPUTS = 4096
_MOST_MARKS = 300_000
"""More than parts, since values and texts may have braces and commas, too."""
_LARGEST_SCRIPTS = 1 << 18
"""Bytes of all scripts together. A script that no longer fits is one that can't be understood."""
_MOST_PAGES = 100
_TEXT = msgspec.json.Decoder(str)
_FALSE = msgspec.Raw(b"false")
_NO_SCRIPT = "?"
_NO_NAME = re.compile(r"false(_\d+)?", re.ASCII)
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
    api_visibility: str | None = None
    show_api: bool | None = True
    trigger_after: int | None = None
    trigger_only_on_success: bool = False
    trigger_only_on_failure: bool = False
    backend_fn: bool = True
    types: _RawTypes = msgspec.field(default_factory=_RawTypes)
    js: msgspec.Raw = NOTHING
    collects_event_data: bool = False
    component_prop_inputs: list[int] = msgspec.field(default_factory=list[int])

    @property
    def name(self) -> str | None:
        """The function's name for programs, or None; Gradio 6 makes the name "false" of False."""
        name = self.api_name
        is_made = self.api_visibility == "private" and _NO_NAME.fullmatch(str(name))
        return name[:LONGEST_TEXT] if isinstance(name, str) and not is_made else None


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


class _Identity(msgspec.Struct):
    app_id: msgspec.Raw = NOTHING


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
        _check_version(config.version)
        return _Reader(config, page, has_sign_in=_SIGN_IN in data).app()
    except MALFORMED as exc:
        raise ProtocolError(
            f"What this address gives as its /config is not a Gradio app's ({exc}). "
            "Check the address: is it the app's own, and is the app running?"
        ) from exc


def check_page(data: bytes) -> None:
    """Raise if a page that came instead of a description is one of an old Gradio.

    Raises:
        ProtocolError: It is.
    """
    declared = _IN_PAGE.search(data)
    if declared is not None:
        _check_version(declared[1].decode())


def parse_identity(data: bytes) -> str:
    """Return the identity that an `/app_id` or a `/config` tells, in the form of `App.identity`.

    Raises:
        msgspec.MsgspecError: It is none.
    """
    return _identity(msgspec.json.decode(data, type=_Identity).app_id)


def _identity(app_id: msgspec.Raw) -> str:
    """Return the text of an identity, a number or a text, which may be cut; empty for none."""
    return "" if app_id == NOTHING else bytes(app_id)[:LONGEST_TEXT].decode(errors="replace")


def _check_version(version: str) -> None:
    if 0 < major_version(version) < _OLDEST:
        raise ProtocolError(
            f"This app runs on Gradio {version[:40]}; spacechat wants {_OLDEST} or later. Ask "
            "whoever runs it to update Gradio, or look for another app."
        )


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
        has_sign_in: Whether visitors can sign in.

    Attributes:
        parts_left: Parts that it may still have.
        scripts_left: Bytes of scripts that may still be kept.
    """

    def __init__(self, config: _Config, page: str | None, *, has_sign_in: bool) -> None:
        self.parts_left = _MOST_PARTS
        self.scripts_left = _LARGEST_SCRIPTS
        self._config = config
        self._page = page
        self._pages = self._read_pages()
        self._has_sign_in = has_sign_in
        self._components = ComponentReader()

    def app(self) -> App:
        """Return the app."""
        config = self._config
        functions = {each.id: each for each in self._functions()}
        taken = {id_ for each in functions.values() for id_ in each.inputs}
        taken_whole = {each.inputs[i] for each in functions.values() for i in each.takes_whole}
        used: set[int | None] = set(taken)
        used.update(id_ for each in functions.values() for id_ in each.outputs)
        targets = {target for each in functions.values() for target in each.targets}
        used.update(id_ for id_, _ in targets)
        sent = {id_ for id_, event in targets if event in SENDING}
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
            for each in msgspec.json.decode(config.components, type=list[RawComponent])
            if each.id in used or is_tab(each.type)
        ]
        self._spend(_COMPONENT_PARTS * len(kept))
        components = {
            each.id: self._components.read(
                each,
                is_taken=each.id in taken,
                is_taken_whole=each.id in taken_whole,
                is_sent=each.id in sent,
            )
            for each in kept
        }
        elsewhere = [parts for path, parts in self._pages.items() if path != (self._page or "")]
        app = App(
            version=config.version[:LONGEST_TEXT],
            protocol=config.protocol[:LONGEST_TEXT],
            api_prefix=_prefix(config.api_prefix or ""),
            identity=_identity(config.app_id),
            queued=config.enable_queue is not False,
            heartbeat=config.connect_heartbeat,
            has_sign_in=self._has_sign_in,
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
            sizes = [
                len(each)
                for each in (raw.inputs, raw.outputs, raw.targets, raw.component_prop_inputs)
            ]
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
                api_name=raw.name,
                after=raw.trigger_after,
                only_on_success=raw.trigger_only_on_success,
                only_on_failure=raw.trigger_only_on_failure,
                on_server=raw.backend_fn,
                streams=raw.types.generator,
                script=self._script(raw.js),
                page=pages.get(id_, ""),
                takes_event=raw.collects_event_data,
                takes_whole=[i for i in raw.component_prop_inputs if 0 <= i < len(raw.inputs)],
                visibility=_visibility(raw),
            )

    def _script(self, raw: msgspec.Raw) -> str:
        """Return the text of a script; of one that is too large, none that can be understood."""
        if raw in (NOTHING, _FALSE):
            return ""
        self.scripts_left -= size(raw)
        text = decoded_if_small(raw, _TEXT) if self.scripts_left > 0 else None
        return _NO_SCRIPT if text is None else text

    def _layout(self) -> Layout:
        raw = self._config.layout
        self._spend(bytes(raw).count(b"{"))
        return _LAYOUT.decode(raw) or Layout()


def _too_large(why: str) -> ProtocolError:
    return ProtocolError(
        f"This app's description is too large to be understood: {why}. Use it in a "
        "browser, or ask another app."
    )


def _visibility(raw: _RawFunction) -> Visibility:
    """Return who may call a function besides the page."""
    said = raw.api_visibility
    if not raw.backend_fn or said == "private" or (said is None and raw.api_name is False):
        return "private"
    is_hidden = said == "undocumented" or (said is None and raw.show_api is False)
    return "undocumented" if is_hidden else "public"


def _target(raw: Any) -> tuple[int | None, str]:
    if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], str):
        return (raw[0] if type(raw[0]) is int else None), raw[1]
    return None, ""
