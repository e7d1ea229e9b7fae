"""The apps that a client knows: their logins, their descriptions, and their parameters' names."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from ..addresses import basic_auth_user, host_of, is_origin, origin_of
from ..errors import AuthenticationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..hidden import digest
from ..steps import Beside, Connect, Request, Response, Steps, fetch
from .app import App
from .description import (
    Description,
    check_no_old_page,
    fetch_description,
    fetch_identity,
    fetch_info,
)
from .hub import WAKING, find_host, space_id, wait_until_running
from .info import Info, parse_info
from .inputs import parameter_names
from .memory import Memory, Name
from .sign_in import check_version, token_takers

Key: TypeAlias = "tuple[str, tuple[str, str] | None, str]"

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
        app: The app.
        name: The name under which its description is remembered, or None.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    app: App = field(repr=False)
    name: Name | None = field(default=None, repr=False)

    @property
    def api(self) -> str:
        """The beginning of its routes' addresses."""
        return self.url + self.app.api_prefix


class AppChangedError(SpaceChatError):
    """An app is not, or may not be, the one that is remembered: it has to be read anew."""


class Apps:
    """The apps that a client knows, so that it reads each description once.

    A description that another client has read is remembered, too, and has to be checked before
    anything that came of it counts. Most often that is done beside the first request of a question,
    which then costs no more time than if the client knew the app. If the app was started again
    meanwhile, that question may have reached a function that is another one by now, until it is
    taken back. A page that is open in a browser, and a client that knows an app for long, ask like
    that all the time, without any check. It is not done where it would be likely to do harm:

    - A call of a function by its name may do anything. It is made after the check, as is what runs
      at once and can't be taken back (see `Beside`).
    - At an address of this machine, or of any that has no name, one app comes after another. The
      check goes first there; it takes next to no time.

    Args:
        memory: What the clients of this process remember; None: nothing.
        user: A digest of the client's credentials; empty if it has none.

    Attributes:
        changed: Keys of pinned Spaces whose numbers no longer fit.
    """

    def __init__(self, memory: Memory | None = None, user: bytes = b"") -> None:
        self.changed: set[Key] = set()
        self._memory = Memory() if memory is None else memory
        self._user = user
        self._known: dict[Key, KnownApp] = {}
        self._info: dict[str, Info] = {}

    def open(
        self, place: Place, *, again: bool = False, wait: bool = True, beside: bool = False
    ) -> Steps[tuple[KnownApp, bool]]:
        """Connect to an app; return it, and whether it was known before.

        Args:
            place: Its place.
            again: Read its description even if it is known.
            wait: Wait for a Space that is starting, if its id is known.
            beside: Whether what is remembered may be checked beside the next request, which may
                then fail with `AppChangedError`.

        Raises:
            SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
        """
        if not again:
            known = self._known.get(place.key)
            if known is not None:
                yield Connect(known.url, known.headers)
            else:
                known = yield from self._recall(place, beside=beside)
            if known is not None:
                return known, True
        space = space_id(place.url)
        at = place if space is None else _at_host(place, (yield from find_host(space)))
        try:
            known, description = yield from _open(at)
        except (SpaceUnavailableError, ProtocolError) as exc:
            if space is None:
                raise
            yield from wait_until_running(space, exc, patience=WAKING if wait else 0.0)
            known, description = yield from _open(at)
        if known.app.identity:  # Else, nothing could be checked.
            known = replace(known, name=self._name(place))
            self._memory.keep(self._name(place), description)
        self._keep(place, known, description)
        return known, False

    def _recall(self, place: Place, *, beside: bool) -> Steps[KnownApp | None]:
        """Connect to an app that another client knows; None if there is none, or it changed."""
        name = self._name(place)
        description = self._memory.find(name)
        if description is None:
            return None
        try:
            app = description.app()
        except ProtocolError:
            self._memory.forget(name)
            return None
        at = place if space_id(place.url) is None else _at_host(place, description.url)
        known = KnownApp(description.url, (yield from _enter(at)), app, name)
        checking = self._check(place, known, description)
        if beside and keeps_its_app(known.url):
            yield Beside(checking)
            return known
        try:
            yield from checking
        except AppChangedError:
            return None
        return known

    def _check(self, place: Place, known: KnownApp, description: Description) -> Steps[None]:
        """Check that an app is the one that is remembered; from then on, it is known.

        Raises:
            AppChangedError: It may be another one.
        """
        yield Connect(known.url, known.headers)
        try:
            identity = yield from fetch_identity(known.api)
        except SpaceChatError as exc:
            raise AppChangedError("The app does not tell its identity.") from exc
        if identity != known.app.identity:
            self._memory.forget(self._name(place))
            raise AppChangedError("The app was started again.")
        self._keep(place, known, description)

    def _name(self, place: Place) -> Name:
        """Return the name under which an app's description is remembered."""
        return Name(place.url, digest(self._user, place.headers.get("authorization"), place.auth))

    def _keep(self, place: Place, known: KnownApp, description: Description) -> None:
        """Remember that an app is known, and forget the oldest one if there are too many."""
        _keep(self._known, place.key, known)
        self._info.pop(known.url, None)
        if description.info is not None:
            with contextlib.suppress(ProtocolError):
                _keep(self._info, known.url, description.read_info())

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
            response = yield from fetch_info(known.api)
            info = Info() if response is None else parse_info(response.body)
            _keep(self._info, known.url, info)
            self._keep_info(known, response)
        return info

    def _keep_info(self, known: KnownApp, response: Response | None) -> None:
        """Remember an app's `/info` with its description, if that is still the same."""
        description = None if known.name is None else self._memory.find(known.name)
        if known.name is not None and description is not None and description.is_of(known.app):
            self._memory.keep(known.name, description.with_info(response))

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


def keeps_its_app(url: str) -> bool:
    """Tell whether an address belongs to one app, as far as its look says: the host has a name."""
    host = host_of(url)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False


def _enter(place: Place) -> Steps[Mapping[str, str]]:
    """Connect to an app, and log in; return the headers of all further requests."""
    headers = dict(place.headers)
    yield Connect(place.url, headers)
    if place.auth is not None:
        headers["cookie"] = yield from _log_in(place.url, place.auth)
        yield Connect(place.url, headers)
    return headers


def _open(place: Place) -> Steps[tuple[KnownApp, Description]]:
    """Connect to an app, and fetch its description."""
    headers = yield from _enter(place)
    description = yield from _describe(place)
    return KnownApp(description.url, headers, description.app()), description


def _describe(place: Place) -> Steps[Description]:
    """Fetch the description of an app, or of the page of one."""
    try:
        return (yield from fetch_description(place.url, None))
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
                return (yield from fetch_description(url, page))
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
