"""What a Gradio app says of itself: its components, and the functions that its events call.

Gradio 4 to 6 are read. A description may have many megabytes, most of them nobody's concern: the
examples, the choices and the values of components that no function takes. Those are passed over
without being decoded, and what is kept is bounded:

- what no function takes, fills or is called by, and what holds no other component, is left out;
- of texts the beginning is kept, of values and choices only what fits `_LARGEST_VALUES` and
  `_LARGEST_CHOICES`, undecoded until somebody wants them;
- a description of more than `_MOST_PARTS` parts is refused, as is a function of more than
  `_MOST_INPUTS` inputs, outputs or targets. Marks of JSON are counted before anything is decoded,
  since no part but a number in a list comes without a brace, and no such number without a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ..errors import ProtocolError

_T = TypeVar("_T")

_WITH_FILES = frozenset({"multimodaltextbox", "multimodalinput"})
_TEXT_INPUTS = frozenset({"textbox", "search", *_WITH_FILES})
_TEXT_OUTPUTS = frozenset({"textbox", "markdown", "html", "code", "json", "label", "textarea"})

_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[\w.~!$&'()*+,;=:@-]+)*/?", re.ASCII)
"""A path that stays where it is: no host, query, fragment or step upwards."""

_NEVER_A_CHAT = _TEXT_INPUTS | frozenset(
    {
        "audio",
        "button",
        "checkbox",
        "code",
        "dropdown",
        "file",
        "gallery",
        "html",
        "image",
        "label",
        "markdown",
        "number",
        "plot",
        "radio",
        "slider",
        "state",
        "textarea",
        "video",
    }
)

_TABS = frozenset({"tabs", "walkthrough"})
_TAB = frozenset({"tabitem", "walkthroughstep"})

_MOST_PARTS = 100_000
"""Places in the layout, and what functions take, fill and are called by; what costs more to read
counts as several: a component that a function uses as `_COMPONENT`, a function as `_FUNCTION`."""
_COMPONENT = 5
_FUNCTION = 10
_MOST_INPUTS = 4096
_MOST_MARKS = 300_000
"""More than parts, since values and texts may have braces and commas, too."""
_LARGEST_PROPS = 4096
"""Bytes of properties that are decoded at once; of larger ones, each is looked at by itself."""
_LARGEST_VALUES = 4 << 20
"""Bytes of all values together; the largest go first."""
_LARGEST_CHOICES = 1 << 20
"""Bytes of all choices together."""
_LONGEST = 300
"""Characters of a text that says what a component is."""

_NOTHING = msgspec.Raw(b"null")


class Props(msgspec.Struct):
    """What an app declares of a component; what has another type is as if it were not there.

    Attributes:
        value: What it holds at first, undecoded.
        choices: What may be chosen from, undecoded.
        id: What a tab is called by the tabs around it.
        selected: Which tab is open.
        open: Whether an accordion or sidebar is.
    """

    label: str | None = None
    value: msgspec.Raw = _NOTHING
    visible: bool | str | None = True
    interactive: bool | None = None
    placeholder: str | None = None
    info: str | None = None
    elem_id: str | None = None
    type: str | None = None
    choices: msgspec.Raw = _NOTHING
    minimum: int | float | None = None
    maximum: int | float | None = None
    multiselect: bool | None = None
    allow_custom_value: bool | None = None
    file_count: str | None = None
    max_length: int | None = None
    id: int | str | None = None
    selected: int | str | None = None
    open: bool | None = None


_FIELDS: dict[str, msgspec.json.Decoder[Any]] = {
    each.name: msgspec.json.Decoder(each.type)
    for each in msgspec.structs.fields(Props)
    if each.type is not msgspec.Raw
}
_PROPS = msgspec.json.Decoder(Props)
_UNDECODED: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct(
        "_Undecoded", [(name, msgspec.Raw, _NOTHING) for name in Props.__struct_fields__]
    )
)
_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_LIST = msgspec.json.Decoder(list[Any])
_TEXT = msgspec.json.Decoder(str)
_UNDECODED_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class Component(msgspec.Struct):
    """A component of the page.

    Attributes:
        id: Its number.
        type: What it is, such as `textbox`.
        props: What the app declares of it.
        shown: Whether a person sees it, or would if they opened what it is in.
        is_open: Whether no closed tab or accordion is around it.
        around: The innermost tab or accordion around it, or what else has a label; None if none.
        left_out: Bytes of its first value, where that is too large to be kept.
    """

    id: int
    type: str = ""
    props: Props = msgspec.field(default_factory=Props)
    shown: bool = True
    is_open: bool = True
    around: Component | None = None
    left_out: int = 0

    @property
    def label(self) -> str:
        """What a person reads beside it or on it."""
        text = self.props.label
        return "" if text is None or text.startswith("__i18n__") else text

    @property
    def texts(self) -> Iterator[str]:
        """Whatever says what it is for, the most telling first."""
        for text in (self.label, self.props.placeholder, self.props.info, self.props.elem_id):
            if text:
                yield text

    @property
    def value(self) -> Any:
        """What it holds when the page is opened.

        Raises:
            ProtocolError: That is too large to be kept.
        """
        if self.left_out:
            raise ProtocolError(
                f"{self} holds {self.left_out} bytes when the app's page is opened, which is too "
                "much to be kept and sent: set it to something else with inputs=."
            )
        return _decoded(self.props.value, _ANYTHING)

    @property
    def choices(self) -> list[Any]:
        """The values that may be chosen from, where they are known."""
        found = _decoded(self.props.choices, _LIST) or []
        return [each[1] if isinstance(each, list) and len(each) == 2 else each for each in found]

    @property
    def is_chatbot(self) -> bool:
        """Whether it shows a chat."""
        return self.type.endswith("chatbot")

    @property
    def may_hold_chat(self) -> bool:
        """Whether its value may be a chat's; apps make components of their own."""
        return self.type not in _NEVER_A_CHAT

    @property
    def is_state(self) -> bool:
        """Whether the server keeps its value; a browser sends none."""
        return self.type == "state"

    @property
    def takes_text(self) -> bool:
        """Whether a person can type a message into it."""
        is_secret = self.props.type in ("password", "email")
        return self.type in _TEXT_INPUTS and not is_secret and self.props.interactive is not False

    @property
    def takes_files(self) -> bool:
        """Whether a message typed into it may come with files."""
        return self.type in _WITH_FILES

    @property
    def gives_text(self) -> bool:
        """Whether it may show an answer that is no chat."""
        return self.type in _TEXT_OUTPUTS

    def __str__(self) -> str:
        name = f" {self.label!r}" if self.label else ""
        return f"{self.type}{name} ({self.id})"


class Function(msgspec.Struct):
    """A function of the app, and when the page calls it.

    Attributes:
        id: Its `fn_index`.
        targets: The events that call it, each a component's id and a name.
        inputs: The components whose values it takes.
        outputs: The components that get what it returns.
        queue: Whether it goes through the queue; None is what the app says of all.
        api_name: Its name for programs; none where the app gives no text.
        after: The function that it follows, or None.
        only_on_success: Whether it follows only where that one has succeeded.
        only_on_failure: Whether it follows only where that one has failed.
        on_server: Whether the server has a part in it.
        streams: Whether it gives its outputs more than once.
    """

    id: int
    targets: Sequence[tuple[int | None, str]]
    inputs: Sequence[int]
    outputs: Sequence[int]
    queue: bool | None
    api_name: str | None
    after: int | None
    only_on_success: bool
    only_on_failure: bool
    on_server: bool
    streams: bool

    def __str__(self) -> str:
        return f"/{self.api_name}" if self.api_name else f"function {self.id}"


class App(msgspec.Struct, kw_only=True):
    """A Gradio app.

    Attributes:
        version: Of Gradio.
        protocol: How its streams are read; see `spacechat.protocol`.
        api_prefix: What the paths of its routes begin with.
        identity: Differs from one start of the app to the next.
        queued: Whether functions that don't say otherwise go through the queue.
        heartbeat: Whether it wants to know for how long a page is open.
        components: Those that functions have to do with, by id, in the page's order.
        functions: By id.
        followers: Those that are chained after one, by the id of that one.
    """

    version: str
    protocol: str
    api_prefix: str
    identity: str
    queued: bool
    heartbeat: bool
    components: Mapping[int, Component]
    functions: Mapping[int, Function]
    followers: Mapping[int, Sequence[Function]]

    @property
    def major(self) -> int:
        """The first number of Gradio's version; 0 where it is unknown."""
        return _major(self.version)

    def component(self, id_: int | None) -> Component | None:
        """Return a component, or None where there is none of that id."""
        return None if id_ is None else self.components.get(id_)

    def named(self, ids: Sequence[int]) -> list[Component]:
        """Return the components of these ids, as far as there are any."""
        return [self.components[id_] for id_ in ids if id_ in self.components]

    def is_queued(self, function: Function) -> bool:
        """Tell whether a function goes through the queue."""
        return self.queued if function.queue is None else function.queue

    def endpoints(self) -> Iterator[Function]:
        """Give the functions that a person or a program may call first."""
        for function in self.functions.values():
            if function.on_server and function.after is None:
                yield function


class _Types(msgspec.Struct):
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
    types: _Types = msgspec.field(default_factory=_Types)


class _Component(msgspec.Struct):
    id: int
    type: str = ""
    props: msgspec.Raw = _NOTHING


class _Layout(msgspec.Struct):
    id: int | None = None
    children: list[_Layout] | None = None


class _Config(msgspec.Struct):
    components: msgspec.Raw = _NOTHING
    dependencies: msgspec.Raw = _NOTHING
    version: str = ""
    protocol: str = "sse"
    api_prefix: str | None = None
    app_id: msgspec.Raw = _NOTHING
    enable_queue: bool | None = True
    connect_heartbeat: bool = False
    layout: msgspec.Raw = _NOTHING


_LAYOUT = msgspec.json.Decoder(_Layout | None)
_FAILURES = (msgspec.DecodeError, RecursionError, UnicodeError)


def parse_config(data: bytes) -> App:
    """Return the app that the answer of its `/config` describes.

    Raises:
        ProtocolError: It describes no Gradio app, one that is too old, or too large an app.
    """
    try:
        config = msgspec.json.decode(data, type=_Config)
        if 0 < _major(config.version) < 4:
            raise ProtocolError(
                f"This app runs on Gradio {config.version[:40]}; spacechat wants 4 or later. Ask "
                "whoever runs it to update Gradio, or look for another app."
            )
        return _Reader(config).app()
    except _FAILURES as exc:
        raise ProtocolError(
            f"What this address gives as its /config is not a Gradio app's ({exc}). "
            "Check the address: is it the app's own, and is the app running?"
        ) from exc


def _prefix(said: str) -> str:
    """Return what the paths of the app's routes begin with.

    Raises:
        ProtocolError: It is no path; requests would go elsewhere.
    """
    if not _PREFIX.fullmatch(said):
        raise ProtocolError(
            f"This app's /config says {said[:100]!r} for api_prefix, which is no path like "
            "'/gradio_api'. Nothing is sent there."
        )
    return said.rstrip("/")


class _Reader:
    """Reads a description, and keeps of it what matters.

    Attributes:
        left: Parts that it may still have.
        values: Bytes of values that may still be kept.
        choices: Bytes of choices that may still be kept.
    """

    def __init__(self, config: _Config) -> None:
        self.left = _MOST_PARTS
        self.values = _LARGEST_VALUES
        self.choices = _LARGEST_CHOICES
        self._config = config

    def app(self) -> App:
        """Return the app."""
        config = self._config
        functions = {each.id: each for each in self._functions()}
        taken = {id_ for each in functions.values() for id_ in each.inputs}
        used: set[int | None] = set(taken)
        used.update(id_ for each in functions.values() for id_ in each.outputs)
        used.update(target[0] for each in functions.values() for target in each.targets)
        layout = self._layout()
        used |= {node.id for node in _nodes(layout) if node.children}
        self._check(config.components, b"{")
        found = [
            each
            for each in msgspec.json.decode(config.components, type=list[_Component])
            if each.id in used or each.type in _TAB
        ]
        self._spend(_COMPONENT * len(found))
        components = {each.id: self._component(each, each.id in taken) for each in found}
        _arrange(layout, components)
        followers: dict[int, list[Function]] = {}
        for function in functions.values():
            if function.after is not None:
                followers.setdefault(function.after, []).append(function)
        return App(
            version=config.version[:_LONGEST],
            protocol=config.protocol[:_LONGEST],
            api_prefix=_prefix(config.api_prefix or ""),
            identity=bytes(config.app_id)[:_LONGEST].decode(errors="replace"),
            queued=config.enable_queue is not False,
            heartbeat=config.connect_heartbeat,
            components=components,
            functions=functions,
            followers=followers,
        )

    def _spend(self, parts: int) -> None:
        self.left -= parts
        if self.left < 0:
            raise _too_large(f"it has more than {_MOST_PARTS} parts")

    def _check(self, raw: msgspec.Raw, mark: bytes) -> None:
        """Raise an error if there is too much in a list to decode it."""
        if bytes(raw).count(mark) > _MOST_MARKS:
            raise _too_large(f"it has more than {_MOST_MARKS} objects or numbers")

    def _functions(self) -> Iterator[Function]:
        self._check(self._config.dependencies, b"{")
        self._check(self._config.dependencies, b",")
        self._spend(_FUNCTION * len(_UNDECODED_LIST.decode(self._config.dependencies)))
        found = msgspec.json.decode(self._config.dependencies, type=list[_RawFunction])
        for index, raw in enumerate(found):
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
                targets=list(dict.fromkeys(map(_target, raw.targets))),
                inputs=raw.inputs,
                outputs=raw.outputs,
                queue=raw.queue,
                api_name=raw.api_name[:_LONGEST] if isinstance(raw.api_name, str) else None,
                after=raw.trigger_after,
                only_on_success=raw.trigger_only_on_success,
                only_on_failure=raw.trigger_only_on_failure,
                on_server=raw.backend_fn,
                streams=raw.types.generator,
            )

    def _layout(self) -> _Layout:
        raw = self._config.layout
        self._spend(bytes(raw).count(b"{"))
        return _LAYOUT.decode(raw) or _Layout()

    def _component(self, raw: _Component, is_taken: bool) -> Component:
        component = Component(raw.id, raw.type[:_LONGEST], _props(raw.props))
        props = component.props
        if props.label is None and component.type == "button":
            props.label = _short(props.value, _TEXT)
        if _size(raw.props) > _LONGEST:
            props.label, props.placeholder = _begin(props.label), _begin(props.placeholder)
            props.info, props.elem_id = _begin(props.info), _begin(props.elem_id)
        if not (is_taken or component.is_chatbot):
            props.value = props.choices = _NOTHING
        if props.value is not _NOTHING:
            size = _size(props.value)
            if size <= self.values:
                self.values -= size
                props.value = props.value.copy()
            else:
                component.left_out, props.value = size, _NOTHING
        if props.choices is not _NOTHING:
            size = _size(props.choices)
            is_kept = size <= self.choices
            self.choices -= size if is_kept else 0
            props.choices = props.choices.copy() if is_kept else _NOTHING
        return component


def _too_large(why: str) -> ProtocolError:
    return ProtocolError(
        f"This app's description is too large to be understood: {why}. Use it in a "
        "browser, or ask another app."
    )


def _props(raw: msgspec.Raw) -> Props:
    """Return what is declared of a component, without what is too large or of another type."""
    found = _short(raw, _PROPS)
    if found is not None:
        return found
    props = Props()
    undecoded = _decoded(raw, _UNDECODED)
    if undecoded is not None:
        props.value, props.choices = undecoded.value, undecoded.choices
        for name, decoder in _FIELDS.items():
            value = _short(getattr(undecoded, name), decoder)
            if value is not None:
                setattr(props, name, value)
    return props


def _short(raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
    """Return what something that is not large says, or None where it is large or something else."""
    return _decoded(raw, decoder) if _size(raw) <= _LARGEST_PROPS else None


def _decoded(raw: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T | None:
    try:
        return decoder.decode(raw)
    except _FAILURES:
        return None


def _size(raw: msgspec.Raw) -> int:
    return memoryview(raw).nbytes


def _begin(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST]


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 9 else 0


def _target(raw: Any) -> tuple[int | None, str]:
    if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], str):
        return (raw[0] if type(raw[0]) is int else None), raw[1]
    return None, ""


def _nodes(layout: _Layout) -> Iterator[_Layout]:
    """Give every place in a layout."""
    waiting = [layout]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children or ())


def _arrange(layout: _Layout, components: Mapping[int, Component]) -> None:
    """Take note of what nobody sees, since it or something around it is hidden or closed."""
    waiting: list[tuple[_Layout, bool, bool, Component | None]] = [(layout, True, True, None)]
    while waiting:
        node, shown, is_open, around = waiting.pop()
        component = components.get(node.id) if node.id is not None else None
        open_tab: int | None = None
        if component is not None:
            shown = shown and component.props.visible not in (False, "hidden")
            component.shown, component.is_open, component.around = shown, is_open, around
            is_open = is_open and component.props.open is not False
            if component.type in _TABS:
                open_tab = _open_tab(component, node, components)
            if component.label and node.children:
                around = component
        for child in reversed(node.children or ()):
            is_closed = open_tab is not None and child.id != open_tab
            waiting.append((child, shown, is_open and not is_closed, around))


def _open_tab(tabs: Component, node: _Layout, components: Mapping[int, Component]) -> int | None:
    """Return the id of the tab that is open when the page is: the one named, or the first."""
    found = [each.id for each in node.children or () if each.id is not None]
    seen = [
        components[id_]
        for id_ in found
        if id_ in components and components[id_].props.visible not in (False, "hidden")
    ]
    selected = tabs.props.selected
    named = [each for each in seen if selected is not None and selected == each.props.id]
    return next((each.id for each in [*named, *seen]), None)
