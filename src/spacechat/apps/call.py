"""One call of a function of an app, as a program makes it.

Unlike a question, a call is of one function alone: nothing that the app's page would call before or
after it. It is made in a session of its own, or on a page that stays open, on which the server
keeps the states of the calls before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputsError, SpaceChatError, none_answered
from ..events import Retrying
from ..protocol import Budget, Outputs, ReadValues
from ..protocol.values import copied
from ..steps import KeepPageOpen, Show, Steps, TakeTurn, Tell
from .app import App, Function
from .arguments import OpenArguments
from .endpoint_reader import EndpointReader, shown_outputs
from .endpoints import Endpoint
from .files import send_files, with_files
from .invoke import Invocation
from .known import Apps, KnownApp
from .page import Page
from .place import Place
from .sign_in import explained

_WHOLE = ("sse", "sse_v1")
"""The protocols in which every message brings whole values."""


@dataclass
class SessionPage:
    """The page on which the calls of a session are made.

    Attributes:
        page: The page; None before the first call.
        place: The app that it is of, with which the session stays; None before the first call.
    """

    page: Page | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Call:
    """A call of a function.

    Attributes:
        places: Where the app is; of several, the first that answers is called.
        apps: The apps that the client knows.
        endpoint: The function's name, or its number.
        arguments: What is given for its parameters.
        signs_in: Whether the function gets the user's token, if it takes one.
        session: The session in which it is made. None: one of its own.
        is_limited: Whether `timeout=` was given, which a function may take for itself.
    """

    places: Sequence[Place]
    apps: Apps
    endpoint: str | int
    arguments: OpenArguments
    signs_in: bool = False
    session: SessionPage | None = None
    is_limited: bool = False


def describe_app(place: Place, apps: Apps) -> Steps[tuple[KnownApp, tuple[Endpoint, ...]]]:
    """Return an app, and its endpoints."""
    known, _ = yield from apps.open(place, with_info=True)
    info = yield from apps.info(known)
    return known, tuple(EndpointReader(known.app, info).all())


def call_function(call: Call, budget: Budget) -> Steps[tuple[Any, ...]]:
    """Call a function; return the values of its outputs.

    Raises:
        InputsError: There is no such function, or it doesn't take the arguments; it was not called.
    """
    if call.session is not None:
        yield TakeTurn()
    known, place = yield from _open(call)
    info = yield from call.apps.info(known)
    page = _page(call, known)
    function, endpoint = EndpointReader(page.app, info).find(call.endpoint)
    if call.is_limited:
        _check_unambiguous(endpoint)
    make_inputs = call.arguments.inputs(page, function, endpoint, known.url)
    signs_in = call.signs_in and function.id in (yield from call.apps.token_takers(known))
    if call.session is not None and known.app.heartbeat:
        yield KeepPageOpen(f"{known.api}/heartbeat/{page.session.hash}", page.session.end)
    sent = yield from send_files(f"{known.api}/upload", call.arguments.files)
    data = make_inputs(sent)
    budget.check_request(data)
    invocation = Invocation(
        known,
        function,
        data,
        session=page.session.hash,
        signs_in=signs_in,
        is_queued=endpoint.queued or _is_garbled(page.app, function),
    )
    shown = shown_outputs(page.app, function)
    present = _presenter(known, place.user)
    reads = ReadValues(present, shown, known.app.protocol in _WHOLE)
    with explained(known.url, known.app, signed_in=call.signs_in):
        outputs = yield from invocation.outputs(reads)
    if not invocation.is_queued:
        yield Show(outputs, reads)
    if call.session is not None:
        page.change(function, outputs, budget)
    return _values(function, outputs, shown, present)


def _check_unambiguous(endpoint: Endpoint) -> None:
    """Raise if `timeout=`, which limits the wait, may be meant for a function's own parameter.

    Raises:
        InputsError: The function has one of that name.
    """
    if any(each.name == "timeout" for each in endpoint.parameters):
        raise InputsError(
            f"{endpoint.key} has a parameter 'timeout', and timeout= limits the wait for it. Give "
            f"the parameter by position, or in Arguments(timeout=...): {endpoint}."
        )


def _is_garbled(app: App, function: Function) -> bool:
    """Tell whether what a function gives is garbled unless it goes through the queue.

    Gradio 5 has JSON as Python's `repr` in the answer of a function that doesn't.
    """
    return app.major == 5 and any(each.type == "json" for each in app.named(function.outputs))


def _open(call: Call) -> Steps[tuple[KnownApp, Place]]:
    """Open the first of the call's apps that answers, or the one that its session stays with."""
    session = call.session
    places = call.places if session is None or session.place is None else [session.place]
    errors: list[SpaceChatError] = []
    for place in places:
        if errors:
            yield Tell(Retrying(place.url, 0, 0.0, str(errors[-1])))
        try:
            known, _ = yield from call.apps.open(place, with_info=True, signs_in=call.signs_in)
        except SpaceChatError as exc:
            errors.append(exc)
        else:
            if session is not None:
                session.place = place
            return known, place
    raise none_answered(errors)


def _page(call: Call, known: KnownApp) -> Page:
    """Return the page on which the call is made; a session's goes on until it is closed."""
    session = call.session
    if session is None:
        return Page(known.app)
    if session.page is None or session.page.session.ended:
        session.page = Page(known.app)
    return session.page


def _values(
    function: Function,
    outputs: Outputs,
    shown: Sequence[int],
    present: Callable[[list[Any]], tuple[Any, ...]],
) -> tuple[Any, ...]:
    """Return the values of the outputs that a caller gets."""
    values: list[Any] = [outputs[index] for index in shown if index < len(outputs)]
    return present(copied(values)[0])


def _presenter(known: KnownApp, user: str) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Return what makes of outputs' values those that a caller gets."""

    def present(values: list[Any]) -> tuple[Any, ...]:
        return tuple(with_files(_unwrapped(each), known, user) for each in values)

    return present


def _unwrapped(value: Any) -> Any:
    """Return the value in an update, or the other properties that it sets; None if it sets none."""
    if not (isinstance(value, dict) and value.get("__type__") == "update"):
        return value
    if "value" in value:
        return value["value"]
    return {name: each for name, each in value.items() if name != "__type__"} or None
