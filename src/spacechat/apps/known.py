"""The apps that a client knows: their logins, their descriptions, and their parameters' names."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..addresses import host_of
from ..errors import ProtocolError, SpaceChatError
from ..hidden import digest
from ..steps import Beside, Connect, Response, Steps, connect
from .app import App
from .description import AppChangedError, Description, fetch_identity, fetch_info
from .hub import space_id
from .info import Info, parse_info
from .inputs import parameter_names
from .memory import Memory, Name
from .place import Key, Place, user_of
from .reach import log_in, reach, reach_space
from .sign_in import check_version, token_takers

_MOST = 256
"""Apps that are remembered; a server that answers for any app must not keep them all."""

_CONFIRMED = 600.0
"""Seconds for which a Space's address gets credentials after the Hub has confirmed it."""

_LONGEST = 24 * 3600.0
"""Seconds for which a Space's address is remembered at all."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class KnownApp:
    """An app whose description was read.

    Attributes:
        url: Its address.
        headers: Headers of every request, with the cookies of its login.
        app: The app.
        name: The name under which its description is remembered, or None.
        confirmed: When the Hub said to another client that the Space is at this address, as in
            `Description`; infinite if this client has opened the app itself.
        reader: The credentials with which it was opened, as in `Description`.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    app: App = field(repr=False)
    name: Name | None = field(default=None, repr=False)
    confirmed: float = math.inf
    reader: bytes = field(default=b"", repr=False)

    @property
    def api(self) -> str:
        """The beginning of its routes' addresses."""
        return self.url + self.app.api_prefix


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
    - Where a check has failed before, the app may be served by several processes, each of which has
      an identity of its own. The check goes first there, too, or it would fail beside every other
      question, which would then be asked twice.

    The address of a Space that is asked by its id may be somebody else's by now, who could tell any
    identity. So credentials go there only if the Hub has confirmed it a short time ago, or has
    named it to this client. A check of the identity confirms nothing, so an app that came from the
    memory is looked at in this way each time it is opened.

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
        self._says_more: dict[str, None] = {}

    def open(
        self,
        place: Place,
        *,
        again: bool = False,
        wait: bool = True,
        beside: bool = False,
        with_info: bool = False,
        signs_in: bool = False,
    ) -> Steps[tuple[KnownApp, bool]]:
        """Connect to an app; return it, and whether it was known before.

        Args:
            place: Its place.
            again: Read its description even if it is known.
            wait: Wait for a Space that is starting, if its id is known.
            beside: Whether what is remembered may be checked beside the next request, which may
                then fail with `AppChangedError`.
            with_info: Whether `info` will be asked for, so that it is read at the same time.
            signs_in: Whether the user's token goes into the bodies of calls.

        Raises:
            SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
        """
        if not again:
            known = yield from self._find(place, signs_in=signs_in)
            if known is None:
                known = yield from self._recall(place, beside=beside, signs_in=signs_in)
            if known is not None:
                return known, True
        space = space_id(place.url)
        if space is None:
            reached = yield from reach(place, with_info=with_info)
        else:
            reached = yield from reach_space(space, place, wait=wait, with_info=with_info)
        description, app = reached.description, reached.app
        if space is not None:
            description = replace(description, confirmed=time.time())
        name = self._name(place) if app.identity else None  # Else, nothing could be checked.
        known = KnownApp(description.url, reached.headers, app, name, reader=description.reader)
        if name is not None:
            self._memory.keep(name, description)
        self._keep(place, known, description)
        return known, False

    def reopen(self, place: Place, known: KnownApp) -> Steps[tuple[KnownApp, bool]]:
        """Read a known app's description anew; return it, and whether it is another app by now.

        Where it is known that the identity varies, only other functions make it another one.

        Raises:
            SpaceChatError: As `open` does.
        """
        has_varied = self._memory.varies(place.url)
        read, _ = yield from self.open(place, again=True)
        if read.app.identity == known.app.identity:
            return read, False
        self._memory.vary(place.url)
        return read, not has_varied or read.app.functions != known.app.functions

    def _find(self, place: Place, *, signs_in: bool) -> Steps[KnownApp | None]:
        """Connect to an app that this client knows; None if it knows none that it may ask."""
        known = self._known.get(place.key)
        if known is None:
            return None
        reader = yield from connect(known.url, known.headers)
        if _may_get(place, known.confirmed, reader, signs_in=signs_in):
            return known
        if self._known.get(place.key) is known:  # And not one that was opened meanwhile.
            del self._known[place.key]
        return None

    def _recall(self, place: Place, *, beside: bool, signs_in: bool) -> Steps[KnownApp | None]:
        """Connect to an app that another client knows; None if there is none, or it changed."""
        name = self._name(place)
        description = self._memory.find(name)
        if description is None:
            return None
        at, confirmed = place, math.inf
        if space_id(place.url) is not None:
            at, confirmed = place.at_host(description.url), description.confirmed
        reader = yield from connect(at.url, at.headers)
        may_get = _may_get(at, confirmed, reader, signs_in=signs_in)
        if reader != description.reader or not may_get:
            return None
        try:
            app = description.app()
        except ProtocolError:
            self._memory.forget(name)
            return None
        headers = yield from log_in(at)
        known = KnownApp(description.url, headers, app, name, confirmed, reader)
        checking = self._check(place, known, description)
        if beside and keeps_its_app(known.url) and not description.varies:
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
            identity = yield from fetch_identity(known.url, known.api)
        except SpaceChatError as exc:
            raise AppChangedError("The app does not tell its identity.") from exc
        if identity != known.app.identity:
            self._memory.forget(self._name(place))
            self._memory.vary(place.url)
            raise AppChangedError("The app was started again, or another process of it answers.")
        self._keep(place, known, description)

    def _name(self, place: Place) -> Name:
        """Return the name under which an app's description is remembered."""
        return Name(place.url, digest(self._user, place.headers.get("authorization"), place.auth))

    def _keep(self, place: Place, known: KnownApp, description: Description) -> None:
        """Remember that an app is known, and forget the oldest one if there are too many."""
        _keep(self._known, place.key, known)
        self._info.pop(known.url, None)
        if description.info is not None:
            _keep(self._info, known.url, description.read_info())

    def remember_more(self, known: KnownApp) -> None:
        """Remember that an app's chat function has said more than texts; see `one_call`."""
        _keep(self._says_more, known.url, None)

    def says_more(self, known: KnownApp) -> bool:
        """Tell whether an app's chat function has said more than texts."""
        return known.url in self._says_more

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
                known_auth == auth if auth else user_of(known_auth, authorization) == user
            ):
                return known
        return None

    def info(self, known: KnownApp) -> Steps[Info]:
        """Return what an app says of its functions to programs; nothing if it gives no `/info`."""
        info = self._info.get(known.url)
        if info is None:
            response = yield from fetch_info(known.api)
            info = Info()
            if response is not None:
                info = parse_info(response.body) if response.body else info
                self._keep_info(known, response)
            _keep(self._info, known.url, info)
        return info

    def _keep_info(self, known: KnownApp, response: Response) -> None:
        """Remember an app's `/info` with its description, if that is still the same."""
        description = None if known.name is None else self._memory.find(known.name)
        if known.name is None or description is None or description.reader != known.reader:
            return
        if description.is_of(known.app):
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


def _may_get(at: Place, confirmed: float, reader: bytes, *, signs_in: bool) -> bool:
    """Tell whether an app's address may get what goes there.

    Args:
        at: The app's place there.
        confirmed: When the Hub said that the app is there, as in `KnownApp`.
        reader: The credentials of all requests, as in `Description`.
        signs_in: Whether the user's token goes into the bodies of calls.
    """
    if confirmed == math.inf:
        return True
    has_credentials = bool(reader or at.auth or signs_in)
    age = time.time() - confirmed
    return 0.0 <= age < (_CONFIRMED if has_credentials else _LONGEST)


def _keep(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Remember a value, and forget the oldest one if there are too many."""
    known.pop(key, None)
    known[key] = value
    if len(known) > _MOST:
        del known[next(iter(known))]


def keeps_its_app(url: str) -> bool:
    """Tell whether an address belongs to one app, as far as its look says: the host has a name."""
    host = host_of(url)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False
