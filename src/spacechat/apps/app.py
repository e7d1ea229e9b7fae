"""A Gradio app: its components, and the functions that events on its page call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .components import Component


class Function(msgspec.Struct):
    """A function of the app, and when the page calls it.

    Attributes:
        id: Its `fn_index`.
        targets: The events that call it, each a component's id and an event's name.
        inputs: Ids of the components whose values it takes.
        outputs: Ids of the components that its return values fill.
        queue: Whether it goes through the queue; None: as the app says for all functions.
        api_name: Its name for programs, or None.
        after: The id of the function that it follows, or None.
        only_on_success: Whether it follows only a success of that function.
        only_on_failure: Whether it follows only a failure of that function.
        on_server: Whether the server has a part in it.
        streams: Whether it fills its outputs more than once.
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
        version: Gradio's version.
        protocol: The protocol of its streams; see `spacechat.protocol`.
        api_prefix: The beginning of its routes' paths.
        identity: A text that differs from one start of the app to the next.
        queued: Whether functions go through the queue unless they say otherwise.
        heartbeat: Whether it expects a request that stays open for as long as a page does.
        has_sign_in: Whether its visitors can sign in with Hugging Face.
        components: Those that matter to functions, by id, in the page's order.
        functions: Its functions, by id.
        followers: The functions chained after a function, by the id of that one.
    """

    version: str
    protocol: str
    api_prefix: str
    identity: str
    queued: bool
    heartbeat: bool
    has_sign_in: bool
    components: Mapping[int, Component]
    functions: Mapping[int, Function]
    followers: Mapping[int, Sequence[Function]]

    @property
    def major(self) -> int:
        """The first number of Gradio's version; 0 if it is unknown."""
        return major_version(self.version)

    def component(self, id_: int | None) -> Component | None:
        """Return the component of an id, or None if there is none."""
        return None if id_ is None else self.components.get(id_)

    def named(self, ids: Sequence[int]) -> list[Component]:
        """Return the components of these ids, skipping ids that no component has."""
        return [self.components[id_] for id_ in ids if id_ in self.components]

    def is_queued(self, function: Function) -> bool:
        """Tell whether a function goes through the queue."""
        return self.queued if function.queue is None else function.queue

    def endpoints(self) -> Iterator[Function]:
        """Yield the functions that a person or a program can call directly."""
        for function in self.functions.values():
            if function.on_server and function.after is None:
                yield function


def major_version(version: str) -> int:
    """Return the first number of a version, or 0 if it has none."""
    first = version.partition(".")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 9 else 0
