"""A Gradio app: its components, and the functions that events on its page call."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from .components import Component
from .layout import Layout, mark_visibility

SET_BY_PERSON = ("input", "select", "change", "release")
"""The events of a component that a person sets."""
SET_BY_FUNCTION = ("change", "tick")
"""The events of a component that a function fills with another value, or of a timer that it starts.
"""
_LISTENED = frozenset((*SET_BY_PERSON, *SET_BY_FUNCTION))


Visibility: TypeAlias = Literal["public", "undocumented", "private"]
"""Who calls a function besides the page: programs; those that know its name; none."""


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
        script: The script that the page runs on the inputs before the call, or in the place of
            one; empty if there is none.
        renders: Whether its result may be a part of the page, with components and functions: it
            fills a container in which nothing is.
        page: The path of the page that it belongs to, in an app of several.
        takes_event: Whether it takes what the event says, besides its inputs.
        takes_whole: Which of its inputs are all properties of a component, by index.
        visibility: Who may call it besides the page.
        part: The id of the part of the page that a function has made with it, or None.
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
    script: str = ""
    renders: bool = False
    page: str = ""
    takes_event: bool = False
    takes_whole: Sequence[int] = ()
    visibility: Visibility = "public"
    part: int | None = None

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
        has_own_pages: Whether its pages are no Gradio pages, so that only endpoints are known.
        heartbeat: Whether it expects a request that stays open for as long as a page does.
        has_sign_in: Whether its visitors can sign in with Hugging Face.
        components: Those that matter to functions, by id, in the page's order.
        functions: Its functions, by id.
        followers: The functions chained after a function, by the id of that one.
        listeners: The functions that an event of a component calls, by its id and the event's name.
        layout: The places of its components.
        page: The path of the page that is looked at, or None for all pages.
        elsewhere: Components on other pages than that or, if all are looked at, than the first.
    """

    version: str
    protocol: str
    api_prefix: str
    identity: str
    queued: bool
    heartbeat: bool
    has_sign_in: bool
    has_own_pages: bool
    components: Mapping[int, Component]
    functions: Mapping[int, Function]
    followers: Mapping[int, Sequence[Function]]
    listeners: Mapping[tuple[int, str], Sequence[Function]] = msgspec.field(
        default_factory=dict[tuple[int, str], Sequence[Function]]
    )
    layout: Layout = msgspec.field(default_factory=Layout)
    page: str | None = None
    elsewhere: frozenset[int] = frozenset()

    @property
    def major(self) -> int:
        """The first number of Gradio's version; 0 if it is unknown."""
        return major_version(self.version)

    def is_since(self, major: int, minor: int) -> bool:
        """Tell whether it runs on a version of Gradio or a later one; an unknown one is earlier."""
        return version_numbers(self.version) >= (major, minor)

    def component(self, id_: int | None) -> Component | None:
        """Return the component of an id, or None if there is none."""
        return None if id_ is None else self.components.get(id_)

    def named(self, ids: Sequence[int]) -> list[Component]:
        """Return the components of these ids, skipping ids that no component has."""
        return [self.components[id_] for id_ in ids if id_ in self.components]

    def following(self, first: Iterable[Function]) -> Iterator[Function]:
        """Yield functions and all that may follow them, each once, as the page calls them.

        Those are the functions chained after one, and those that listen to what it fills.
        """
        waiting = deque(first)
        seen: set[int] = set()
        filled: set[int] = set()
        while waiting:
            function = waiting.popleft()
            if function.id in seen:
                continue
            seen.add(function.id)
            yield function
            waiting += self.followers.get(function.id, ())
            for id_ in function.outputs:
                if id_ not in filled:
                    filled.add(id_)
                    waiting += self.listening(id_, *SET_BY_FUNCTION)

    def listening(self, id_: int, *events: str) -> Iterator[Function]:
        """Yield the functions that any of these events of a component calls, each once."""
        found = (each for event in events for each in self.listeners.get((id_, event), ()))
        yield from {function.id: function for function in found}.values()

    def mark(self) -> None:
        """Set which components a person sees, and what is around them."""
        mark_visibility(self.layout, self.components)
        for component in self.named(list(self.elsewhere)):
            component.is_open, component.closed_by = False, None
            component.shown = component.shown and self.page is None

    def is_queued(self, function: Function) -> bool:
        """Tell whether a function goes through the queue."""
        return self.queued if function.queue is None else function.queue

    def endpoints(self) -> Iterator[Function]:
        """Yield the functions that a person or a program can call directly."""
        for function in self.functions.values():
            if function.on_server and function.after is None:
                yield function


def followers_in(functions: Mapping[int, Function]) -> dict[int, Sequence[Function]]:
    """Return the functions chained after a function, by the id of that one.

    Gradio numbers a function later than the one that it follows. Whatever a server says, no chain
    of these is a circle: one that is said to follow a later one, or itself, follows none.
    """
    followers: dict[int, list[Function]] = {}
    for function in functions.values():
        if function.after is not None and function.after < function.id:
            followers.setdefault(function.after, []).append(function)
    return {**followers}


def listeners_in(
    functions: Mapping[int, Function],
) -> dict[tuple[int, str], Sequence[Function]]:
    """Return the functions that an event calls, by the component's id and the event's name."""
    listeners: dict[tuple[int, str], list[Function]] = {}
    for function in functions.values():
        for id_, event in function.targets:
            # What a selection says is not known, so who takes that is not called.
            is_known = event != "select" or not function.takes_event
            if id_ is not None and event in _LISTENED and is_known:
                listeners.setdefault((id_, event), []).append(function)
    return {**listeners}


def version_numbers(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version; those that it doesn't have are 0."""
    major, minor = (
        int(each) if each.isascii() and each.isdecimal() and len(each) < 9 else 0
        for each in [*version.split("."), "", ""][:2]
    )
    return major, minor


def major_version(version: str) -> int:
    """Return the first number of a version, or 0 if it has none."""
    return version_numbers(version)[0]
