"""What a Gradio app says of itself: its components, and the functions that its events call.

Gradio 4 to 6 are read; of a description that may have half a megabyte only what matters here is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import ProtocolError

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


class _Props(msgspec.Struct):
    """What the app declares of a component; any of it may have any type."""

    label: Any = None
    value: Any = None
    visible: Any = True
    interactive: Any = None
    placeholder: Any = None
    info: Any = None
    elem_id: Any = None
    type: Any = None
    choices: Any = None
    minimum: Any = None
    maximum: Any = None
    multiselect: Any = None
    max_choices: Any = None
    allow_custom_value: Any = None
    file_count: Any = None
    file_types: Any = None
    max_length: Any = None


class Component(msgspec.Struct):
    """A component of the page.

    Attributes:
        id: Its number.
        type: What it is, such as `textbox`.
        props: What the app declares of it.
        shown: Whether a person sees it.
    """

    id: int
    type: str = ""
    props: _Props = msgspec.field(default_factory=_Props)
    shown: bool = True

    @property
    def label(self) -> str:
        """What a person reads beside it or on it."""
        for text in (self.props.label, self.props.value if self.type == "button" else None):
            if isinstance(text, str) and not text.startswith("__i18n__"):
                return text
        return ""

    @property
    def words(self) -> str:
        """Whatever tells what it is for."""
        props = self.props
        texts = (self.label, props.placeholder, props.info, props.elem_id)
        return " ".join(text for text in texts if isinstance(text, str))

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


class Dependency(msgspec.Struct):
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
        components: By id, in the page's order.
        dependencies: By id.
        followers: Those that are chained after one, by the id of that one.
    """

    version: str
    protocol: str
    api_prefix: str
    identity: str
    queued: bool
    heartbeat: bool
    components: Mapping[int, Component]
    dependencies: Mapping[int, Dependency]
    followers: Mapping[int, Sequence[Dependency]]

    @property
    def major(self) -> int:
        """The first number of Gradio's version; 0 where it is unknown."""
        first = self.version.partition(".")[0]
        return int(first) if first.isdecimal() else 0

    def is_queued(self, dependency: Dependency) -> bool:
        """Tell whether a function goes through the queue."""
        return self.queued if dependency.queue is None else dependency.queue

    def endpoints(self) -> Iterator[Dependency]:
        """Give the functions that a person or a program may call first."""
        for dependency in self.dependencies.values():
            if dependency.on_server and dependency.after is None:
                yield dependency


class _Types(msgspec.Struct):
    generator: bool = False
    continuous: bool = False


class _Dependency(msgspec.Struct):
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


class _Layout(msgspec.Struct):
    id: int | None = None
    children: list[_Layout] = msgspec.field(default_factory=list["_Layout"])


class _Config(msgspec.Struct):
    components: list[Component]
    dependencies: list[_Dependency]
    version: str = ""
    protocol: str = "sse"
    api_prefix: str | None = None
    app_id: Any = None
    enable_queue: bool | None = True
    connect_heartbeat: bool = False
    layout: _Layout = msgspec.field(default_factory=_Layout)


_DECODER = msgspec.json.Decoder(_Config)


def parse_config(data: bytes) -> App:
    """Return the app that the answer of its `/config` describes.

    Raises:
        ProtocolError: It is no description of a Gradio app.
    """
    try:
        config = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        raise ProtocolError(
            f"What this address gives as its /config is not a Gradio app's ({exc}). "
            "Check the address: is it the app's own, and is the app running?"
        ) from exc
    components = {component.id: component for component in config.components}
    _hide(config.layout, components, hidden=False)
    found = [_dependency(index, each) for index, each in enumerate(config.dependencies)]
    dependencies = {dependency.id: dependency for dependency in found}
    followers: dict[int, list[Dependency]] = {}
    for dependency in dependencies.values():
        if dependency.after is not None:
            followers.setdefault(dependency.after, []).append(dependency)
    return App(
        version=config.version,
        protocol=config.protocol,
        api_prefix=_prefix(config.api_prefix or ""),
        identity=str(config.app_id),
        queued=config.enable_queue is not False,
        heartbeat=config.connect_heartbeat,
        components=components,
        dependencies=dependencies,
        followers=followers,
    )


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


def _dependency(index: int, raw: _Dependency) -> Dependency:
    return Dependency(
        id=index if raw.id is None else raw.id,
        targets=[_target(target) for target in raw.targets],
        inputs=raw.inputs,
        outputs=raw.outputs,
        queue=raw.queue,
        api_name=raw.api_name if isinstance(raw.api_name, str) else None,
        after=raw.trigger_after,
        only_on_success=raw.trigger_only_on_success,
        only_on_failure=raw.trigger_only_on_failure,
        on_server=raw.backend_fn,
        streams=raw.types.generator,
    )


def _target(raw: Any) -> tuple[int | None, str]:
    if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], str):
        return (raw[0] if isinstance(raw[0], int) else None), raw[1]
    return None, ""


def _hide(node: _Layout, components: Mapping[int, Component], *, hidden: bool) -> None:
    """Take note of what nobody sees, since it or something around it is hidden."""
    component = components.get(-1 if node.id is None else node.id)
    if component is not None:
        hidden = hidden or component.props.visible in (False, "hidden")
        component.shown = not hidden
    for child in node.children:
        _hide(child, components, hidden=hidden)
