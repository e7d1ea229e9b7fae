"""The opening of an app's page: the functions that it calls then, and the way to chat after them.

Apps decide what a visitor sees when the page is opened: a `load` event reveals the chat, fills the
choices, or makes a part of the page. So the way to chat is judged after the functions of `load`
have been called. Each call is a round trip, so only those are called that

- fill what the way takes or shows, or what such a function takes;
- decide whether a person sees or can use a part of a chat: they fill it or a container around it;
- make a part of the page, unless a chatbot is there already;
- fill nothing, so that their effect is on the server.

A function that fails changes nothing, as on the page. Once others have been called, another way may
be the best one, and need others; each function is called once, so this ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence

from ..errors import ChatNotFoundError, SpaceChatError
from ..events import Log
from ..protocol import Budget
from ..steps import Steps, Tell
from .app import App, Function
from .choice import find_way
from .invoke import Caller
from .known import KnownApp
from .layout import stage
from .options import Options
from .page import Page
from .walk import Triggered, Walk
from .ways import Way, feeding

_OPENING = frozenset({"load", "mount"})
"""The events of a page that is opened: Gradio's own, and that of a part which others make."""


def open_page(caller: Caller, page: Page, options: Options) -> Steps[Way]:
    """Call the functions that the page calls when it is opened; return the way to chat then.

    Args:
        caller: Calls functions.
        page: The page, which is new.
        options: The caller's options, which may choose the way.

    Raises:
        ChatNotFoundError: There is no way to chat, even then.
    """
    called: set[int] = set()
    judged = page.app
    way, problem = _choose(judged, options)
    while True:
        loads = list(_loads(page.app, "" if way is None else way.first[0].page))
        needed = _needed(page.app, way, loads) - called
        if not needed:
            break
        walk = _Opening(caller, page, needed, is_opening=True)
        called |= needed
        yield from walk.run(Triggered(each, _trigger(page.app, each)) for each in loads)
        if page.app is not judged:
            judged = page.app
            way, problem = _choose(judged, options)
    if way is None:
        raise problem or ChatNotFoundError("")
    return way


def shown_app(
    known: KnownApp,
    budget: Budget,
    *,
    endpoint: str | int | None = None,
    output: str | int | None = None,
) -> Steps[App]:
    """Return an app as its page shows it, after opening one if no way to chat is known before.

    Args:
        known: The app.
        budget: Limits on what the app may cost.
        endpoint: As for `find_way`.
        output: As for `find_way`.
    """
    options = Options(endpoint=endpoint, output=output)
    page = Page(known.app)
    if _choose(page.app, options)[0] is None:
        with contextlib.suppress(ChatNotFoundError):
            yield from open_page(Caller(known, budget), page, options)
    return page.app


def _choose(app: App, options: Options) -> tuple[Way | None, ChatNotFoundError | None]:
    try:
        return find_way(app, endpoint=options.endpoint, output=options.output), None
    except ChatNotFoundError as exc:
        return None, exc


def _loads(app: App, page: str) -> Iterator[Function]:
    """Yield the functions that a page calls when it is opened."""
    for function in app.functions.values():
        if function.page == page and any(event in _OPENING for _, event in function.targets):
            yield function


def _trigger(app: App, load: Function) -> int | None:
    """Return what a page names as the component that has a function called when it is opened."""
    id_, event = next(target for target in load.targets if target[1] in _OPENING)
    return None if event == "load" and app.major < 6 else id_


def _needed(app: App, way: Way | None, loads: Sequence[Function]) -> set[int]:
    """Return the ids of the functions to call, out of those and what follows them."""
    if not loads:
        return set()
    closure = list(app.following(loads))
    wanted = set(_deciding(app, way))
    if way is not None:
        wanted.add(way.answer.id)
        wanted.update(id_ for each in way.chain() for id_ in each.inputs)
    if way is None or not way.answer.is_chatbot:
        wanted.update(id_ for each in closure if each.renders for id_ in each.outputs)
    effects = [each for each in loads if each.on_server and not each.outputs]
    wanted.update(id_ for each in effects for id_ in each.inputs)
    return feeding(closure, wanted).union(each.id for each in effects)


def _deciding(app: App, way: Way | None) -> Collection[int]:
    """Return the components that decide whether a person sees and can use parts of a chat."""
    used = {target for each in app.functions.values() for target, _ in each.targets}
    parts = [
        id_
        for id_, each in app.components.items()
        if each.could_take_text
        or each.is_chatbot
        or (each.type == "button" and id_ in used)
        or (way is None and each.gives_text)
    ]
    return stage(app.layout, app.components, parts)


class _Opening(Walk):
    """Calls what the page calls when it is opened."""

    def failed(
        self, function: Function, waiting: Iterable[Function], error: SpaceChatError
    ) -> Steps[None]:
        """Tell the reader, and go on."""
        yield Tell(Log("warning", f"{function} failed when the page was opened: {error}"))
