"""The apps that a client knows: their logins, their descriptions, and their parameters' names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from ..addresses import basic_auth_user, is_origin, origin_of
from ..errors import AuthenticationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..steps import Connect, Request, Steps, fetch
from .app import App
from .config import check_page, parse_config
from .hub import WAKING, find_host, space_id, wait_until_running
from .info import Info, parse_info
from .inputs import parameter_names
from .servers import with_forms
from .sign_in import check_version, token_takers

Key: TypeAlias = "tuple[str, tuple[str, str] | None, str]"

_LARGEST = 16 << 20
"""The largest description, in bytes; half a megabyte is usual for a large app."""

_FOUND = 302
"""The status of an answer that points to another page."""

_MOST = 256
"""Apps that are remembered; a server that answers for any app must not keep them all."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class Place:
    """An app's address, and the user who asks there.

    Attributes:
        url: The app's address, or that of its page on the Hub.
        headers: Headers of every request to it.
        auth: User and password of the app's own login, or None.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def key(self) -> Key:
        """The key of the known app. Users are part of it: an app may look different to each."""
        return self.url, self.auth, self.headers.get("authorization", "")

    @property
    def user(self) -> str:
        """The user of the login, or else of the address; an empty text if there is neither."""
        return _user(self.auth, self.headers.get("authorization", ""))


@dataclass(frozen=True)
class KnownApp:
    """An app whose description was read.

    Attributes:
        url: Its address.
        headers: Headers of every request, with the cookies of its login.
        app: Its description.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    app: App = field(repr=False)

    @property
    def api(self) -> str:
        """The beginning of its routes' addresses."""
        return self.url + self.app.api_prefix


class Apps:
    """The apps that a client knows, so that it reads each description once.

    Attributes:
        changed: Keys of pinned Spaces whose numbers no longer fit.
        says_more: The addresses of apps whose chat function has said more than texts; see
            `one_call`.
    """

    def __init__(self) -> None:
        self.changed: set[Key] = set()
        self.says_more: set[str] = set()
        self._known: dict[Key, KnownApp] = {}
        self._info: dict[str, Info] = {}

    def open(
        self, place: Place, *, again: bool = False, wait: bool = True
    ) -> Steps[tuple[KnownApp, bool]]:
        """Connect to an app; return it, and whether it was known before.

        Args:
            place: Its place.
            again: Read its description even if it is known.
            wait: Wait for a Space that is starting, if its id is known.

        Raises:
            SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
        """
        known = self._known.get(place.key)
        if known is not None and not again:
            yield Connect(known.url, known.headers)
            return known, True
        space = space_id(place.url)
        at = place if space is None else _at_host(place, (yield from find_host(space)))
        try:
            known = yield from _open(at)
        except (SpaceUnavailableError, ProtocolError) as exc:
            if space is None:
                raise
            yield from wait_until_running(space, exc, patience=WAKING if wait else 0.0)
            known = yield from _open(at)
        _keep(self._known, place.key, known)
        self._info.pop(known.url, None)
        return known, False

    def logged_in(
        self, url: str, user: str, auth: tuple[str, str] | None = None
    ) -> KnownApp | None:
        """Return a known app as a user sees it, or None.

        Args:
            url: Its address.
            user: The user, as in `Place.user`.
            auth: The user and password that it must have been opened with; None: `user` is enough.
        """
        for (_, known_auth, authorization), known in self._known.items():
            if known.url == url and (
                known_auth == auth if auth else _user(known_auth, authorization) == user
            ):
                return known
        return None

    def info(self, known: KnownApp) -> Steps[Info]:
        """Return what an app says of its functions to programs; nothing if it gives no `/info`."""
        info = self._info.get(known.url)
        if info is None:
            info = Info()
            with contextlib.suppress(SpaceChatError):
                info = yield from _read_info(known.api)
            _keep(self._info, known.url, info)
        return info

    def parameters(self, known: KnownApp) -> Steps[Mapping[int, str]]:
        """Return the names of an app's parameters, by the ids of their components.

        Where an app gives no `/info`, there are none, and labels have to do.
        """
        return parameter_names(known.app, (yield from self.info(known)))

    def token_takers(self, known: KnownApp) -> Steps[frozenset[int]]:
        """Return the ids of the functions that get the user's token after `sign_in=True`.

        Raises:
            AuthenticationError: The app is one in which only a browser can sign in.
        """
        check_version(known.url, known.app)
        return token_takers(known.app, (yield from self.info(known)))


def _user(auth: tuple[str, str] | None, authorization: str) -> str:
    if auth is not None:
        return auth[0]
    return basic_auth_user(authorization)


def _keep(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Remember a value, and forget the oldest one if there are too many."""
    known.pop(key, None)
    known[key] = value
    if len(known) > _MOST:
        del known[next(iter(known))]


def _at_host(place: Place, url: str) -> Place:
    """Return a Space's place at its host instead of its page on the Hub."""
    own = {"origin": origin_of(url), "referer": f"{url}/"}
    return replace(place, url=url, headers={**place.headers, **own})


def _open(place: Place) -> Steps[KnownApp]:
    headers = dict(place.headers)
    yield Connect(place.url, headers)
    if place.auth is not None:
        headers["cookie"] = yield from _log_in(place.url, place.auth)
        yield Connect(place.url, headers)
    try:
        app = yield from _describe(place.url, None)
    except AuthenticationError as exc:
        if place.auth is not None or "not authenticated" not in str(exc).lower():
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
                return KnownApp(url, headers, (yield from _describe(url, page)))
        if isinstance(exc, SpaceUnavailableError):
            yield from _check_page(place.url)
        raise
    return KnownApp(place.url, headers, app)


def _is_no_app(error: SpaceUnavailableError | ProtocolError) -> bool:
    """Tell whether an address answers, but not as a Gradio app does."""
    return isinstance(error, ProtocolError) or error.status == 404


def _describe(url: str, page: str | None) -> Steps[App]:
    response = yield from fetch(Request(f"{url}/config"), largest=_LARGEST)
    app = parse_config(response.body, page)
    if not app.has_own_pages:
        return app
    return with_forms(app, (yield from _read_info(url + app.api_prefix)))


def _read_info(api: str) -> Steps[Info]:
    asked = Request(f"{api}/info?all_endpoints=true")  # Otherwise, it leaves some out.
    return parse_info((yield from fetch(asked, largest=_LARGEST)).body)


def _check_page(url: str) -> Steps[None]:
    """Read the page of an app that has no description.

    Raises:
        ProtocolError: It is the page of an app on an old Gradio.
    """
    page = b""
    with contextlib.suppress(SpaceChatError):
        page = (yield from fetch(Request(f"{url}/"), largest=_LARGEST)).body
    check_page(page)


def _is_open(url: str) -> Steps[bool]:
    """Tell whether an app describes itself to those who have not logged in."""
    with contextlib.suppress(SpaceChatError):
        yield from _describe(url, None)
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
