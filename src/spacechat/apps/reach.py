"""Connecting to an app: where it is, its login, and its description."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..addresses import is_origin, origin_of
from ..errors import AuthenticationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..steps import Beside, Connect, Request, Steps, connect, fetch
from .app import App
from .description import Described, Description, check_no_old_page, fetch_description, wants_login
from .hub import WAKING, find_host, usual_address, wait_until_running
from .place import Place

_FOUND = 302
"""The status of an answer that points to another page."""


@dataclass(frozen=True)
class Reached:
    """An app that answers.

    Attributes:
        headers: Headers of every request, with the cookies of its login.
        description: Its description.
        app: What that describes.
    """

    headers: Mapping[str, str] = field(repr=False)
    description: Description
    app: App = field(repr=False)


def log_in(place: Place) -> Steps[Mapping[str, str]]:
    """Log in to an app that is connected to, if its place has a login; connect anew if so.

    Returns:
        The headers of all further requests.
    """
    headers = dict(place.headers)
    if place.auth is not None:
        headers["cookie"] = yield from _log_in(place.url, place.auth)
        yield Connect(place.url, headers)
    return headers


def reach(place: Place, *, with_info: bool) -> Steps[Reached]:
    """Connect to an app, and fetch its description.

    Args:
        place: Its place.
        with_info: Whether its `/info` is wanted at the same time.

    Raises:
        SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
    """
    reader = yield from connect(place.url, place.headers)
    headers = yield from log_in(place)
    also = Connect(place.url, headers) if with_info else None
    description, app = yield from _describe(place, also)
    return Reached(headers, replace(description, reader=reader), app)


def reach_space(space: str, place: Place, *, wait: bool, with_info: bool) -> Steps[Reached]:
    """Connect to a Space's app, and fetch its description.

    Args:
        space: The Space's id.
        place: The place of its page on the Hub.
        wait: Whether to wait for a Space that is starting.
        with_info: As for `reach`.

    Raises:
        SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
    """
    usual = None if place.has_credentials else usual_address(space)
    if usual is None:
        at, described = place.at_host((yield from find_host(space))), None
    else:
        guess = place.at_host(usual)
        at, described = yield from _reach_guess(space, guess, with_info=with_info)
    if described is not None:
        description, app = described
        reader = yield from connect(at.url, at.headers)
        public = description.public and not reader
        return Reached(at.headers, replace(description, public=public, reader=reader), app)
    try:
        return (yield from reach(at, with_info=with_info))
    except (SpaceUnavailableError, ProtocolError) as exc:
        yield from wait_until_running(space, exc, patience=WAKING if wait else 0.0)
        return (yield from reach(at, with_info=with_info))


class _ElsewhereError(SpaceChatError):
    """A Space is at another address than the usual one.

    Attributes:
        host: Its address.
    """

    host: str = ""


def _reach_guess(
    space: str, guess: Place, *, with_info: bool
) -> Steps[tuple[Place, Described | None]]:
    """Ask the Hub where a Space is, and try its usual address at the same time.

    The Space at that address may be somebody else's. So no credentials go there before the Hub has
    confirmed it, and what came from it is dropped if the Hub doesn't. The guess brings none itself.

    Returns:
        The Space's place, and its app if that is described there to anybody who asks.
    """
    asking = Beside(_find_host(space, guess))
    to_guess = Connect(guess.url, guess.headers, anonymous=True)
    yield to_guess
    yield asking
    described = None
    try:
        described = yield from fetch_description(
            guess.url, None, also=to_guess if with_info else None
        )
    except _ElsewhereError as exc:
        return guess.at_host(exc.host), None
    except SpaceChatError:  # It may be asleep, private or not there, which the Hub knows.
        if not asking.has_ended:
            raise
    return guess.at_host(asking.value), described


def _find_host(space: str, guess: Place) -> Steps[str]:
    """Return the address of a Space's app.

    Raises:
        _ElsewhereError: It is not the guess.
    """
    host = yield from find_host(space)
    if host != guess.url:
        error = _ElsewhereError(f"The Space {space} is not at its usual address.")
        error.host = host
        raise error
    return host


def _describe(place: Place, also: Connect | None) -> Steps[Described]:
    """Fetch the description of an app, or of the page of one."""
    try:
        return (yield from fetch_description(place.url, None, also=also))
    except AuthenticationError as exc:
        if place.auth is not None or not wants_login(exc):
            raise
        raise AuthenticationError(
            f"The app at {place.url} has a login of its own: pass auth=(user, password)."
        ) from exc
    except (SpaceUnavailableError, ProtocolError) as exc:
        url, _, page = place.url.rpartition("/")
        if not _is_no_app(exc):
            raise
        if is_origin(origin_of(url)):
            # Perhaps it is the address of one page of an app that has several.
            with contextlib.suppress(SpaceUnavailableError, ProtocolError):
                return (yield from fetch_description(url, page, also=also))
        if isinstance(exc, SpaceUnavailableError):
            yield from check_no_old_page(place.url)
        raise


def _is_no_app(error: SpaceUnavailableError | ProtocolError) -> bool:
    """Tell whether an address answers, but not as a Gradio app does."""
    return isinstance(error, ProtocolError) or error.status == 404


def _is_open(url: str) -> Steps[bool]:
    """Tell whether an app describes itself to those who have not logged in."""
    with contextlib.suppress(SpaceChatError):
        yield from fetch_description(url, None)
        return True
    return False


def _log_in(url: str, auth: tuple[str, str]) -> Steps[str]:
    user, password = auth
    try:
        response = yield from fetch(
            Request(f"{url}/login", form={"username": user, "password": password})
        )
    except (AuthenticationError, ProtocolError) as exc:
        raise AuthenticationError(
            f"The app at {url} did not take the user and password of auth=."
        ) from exc
    except SpaceUnavailableError as exc:
        # Where there is no login, Gradio sends whoever logs in to the app's page.
        if exc.status != _FOUND or not (yield from _is_open(url)):
            raise
        raise AuthenticationError(
            f"The app at {url} has no login of its own: leave auth= out. For a private Space, "
            "give the client a token."
        ) from exc
    return response.cookies
