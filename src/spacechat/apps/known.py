"""Getting to know an app: its login, its description, and the parameters' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from ..addresses import basic_auth_user, origin_of
from ..errors import AuthenticationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..steps import Connect, Request, Steps, fetch
from .app import App
from .config import parse_config
from .hub import WAKING, find_host, space_id, wait_until_running
from .inputs import parse_parameters

Key: TypeAlias = "tuple[str, tuple[str, str] | None, str]"

_LARGEST = 16 << 20
"""Bytes of a description; half a megabyte is usual for a large app."""

_MOST = 256
"""Apps that are remembered; a server that is asked for any app must not remember them all."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class Place:
    """Where an app is, and who asks.

    Attributes:
        url: Its address, or that of its page on the Hub.
        headers: Headers of every request to it.
        auth: User and password of its own login, or None.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def key(self) -> Key:
        """What tells it from others: who has not logged in has no part in what others see."""
        return self.url, self.auth, self.headers.get("authorization", "")

    @property
    def user(self) -> str:
        """Who asks, by the login or else the address; nothing where that is nobody's."""
        return _user(self.auth, self.headers.get("authorization", ""))


@dataclass(frozen=True)
class KnownApp:
    """An app, as far as it is known.

    Attributes:
        url: Its address.
        headers: Headers of every request, with the cookies of its login.
        app: What it says of itself.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    app: App = field(repr=False)

    @property
    def api(self) -> str:
        """What the addresses of its routes begin with."""
        return self.url + self.app.api_prefix


class Apps:
    """The apps that a client knows, so that each is asked for its description once.

    Attributes:
        changed: Places of known Spaces whose numbers don't fit any more.
    """

    def __init__(self) -> None:
        self.changed: set[Key] = set()
        self._known: dict[Key, KnownApp] = {}
        self._parameters: dict[str, dict[int, str]] = {}

    def open(
        self, place: Place, *, again: bool = False, wait: bool = True
    ) -> Steps[tuple[KnownApp, bool]]:
        """Connect to an app and return what is known of it, and whether that was known before.

        Args:
            place: Where it is.
            again: Ask for its description in any case.
            wait: Wait for a Space that starts, where its id is known.

        Raises:
            SpaceChatError: It can't be reached, or is no Gradio app; the kind says why.
        """
        known = self._known.get(place.key)
        if known is not None and not again:
            yield Connect(known.url, known.headers)
            return known, True
        space = space_id(place.url)
        found = place if space is None else _at_host(place, (yield from find_host(space)))
        try:
            known = yield from _open(found)
        except (SpaceUnavailableError, ProtocolError) as exc:
            if space is None:
                raise
            yield from wait_until_running(space, exc, patience=WAKING if wait else 0.0)
            known = yield from _open(found)
        _keep(self._known, place.key, known)
        self._parameters.pop(known.url, None)
        return known, False

    def logged_in(
        self, url: str, user: str, auth: tuple[str, str] | None = None
    ) -> KnownApp | None:
        """Return an app that is known as a user sees it.

        Args:
            url: Its address.
            user: Who asks, as `Place.user` has it.
            auth: The user and password that have to be the ones it was asked with, or None for
                those that it was.
        """
        for (_, known_auth, authorization), known in self._known.items():
            if known.url == url and (
                known_auth == auth if auth else _user(known_auth, authorization) == user
            ):
                return known
        return None

    def parameters(self, known: KnownApp) -> Steps[Mapping[int, str]]:
        """Return the names of an app's parameters, by the ids of their components."""
        found = self._parameters.get(known.url)
        if found is None:
            try:
                response = yield from fetch(Request(f"{known.api}/info"), largest=_LARGEST)
                found = parse_parameters(known.app, response.body)
            except SpaceChatError:  # An app may keep it to itself: then labels have to do.
                found = {}
            _keep(self._parameters, known.url, found)
        return found


def _user(auth: tuple[str, str] | None, authorization: str) -> str:
    if auth is not None:
        return auth[0]
    return basic_auth_user(authorization)


def _keep(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Remember a value, and forget the oldest where there are too many."""
    known.pop(key, None)
    known[key] = value
    if len(known) > _MOST:
        del known[next(iter(known))]


def _at_host(place: Place, url: str) -> Place:
    """Return the place of a Space whose page's address was known, and whose host now is."""
    own = {"origin": origin_of(url), "referer": f"{url}/"}
    return replace(place, url=url, headers={**place.headers, **own})


def _open(place: Place) -> Steps[KnownApp]:
    headers = dict(place.headers)
    yield Connect(place.url, headers)
    if place.auth is not None:
        headers["cookie"] = yield from _log_in(place.url, place.auth)
        yield Connect(place.url, headers)
    try:
        response = yield from fetch(Request(f"{place.url}/config"), largest=_LARGEST)
    except AuthenticationError as exc:
        if place.auth is not None or "not authenticated" not in str(exc).lower():
            raise
        raise AuthenticationError(
            f"The app at {place.url} has a login of its own: pass auth=(user, password)."
        ) from exc
    return KnownApp(place.url, headers, parse_config(response.body))


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
    return response.cookies
