"""Descriptions of apps: what an app says of itself, as it was read, and how it is read.

An app that is started again has another identity, which it also tells alone (`/app_id`). So a
description that was read earlier can be checked with a small request. Where several processes serve
an app, each has an identity of its own, and a check fails whenever it comes to another one.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ..errors import AuthenticationError, ProtocolError, SpaceChatError
from ..steps import Beside, Connect, Request, Response, Steps, fetch
from .app import App
from .config import check_page, parse_config, parse_identity
from .decoding import MALFORMED
from .info import Info, parse_info
from .servers import with_forms

_LARGEST = 16 << 20
"""The largest description, in bytes; half a megabyte is usual for a large app."""

_USUAL_PREFIX = "/gradio_api"
"""The beginning of the routes' paths since Gradio 5."""

_LARGEST_ID = 4096
"""The largest answer with nothing but an app's identity, in bytes."""


class AppChangedError(SpaceChatError):
    """An app is not, or may not be, the one that is remembered: it has to be read anew."""


@dataclass(frozen=True)
class Description:
    """What an app says of itself.

    Attributes:
        url: The app's address.
        page: The path of the one page of it that is looked at, or None for all pages.
        config: Its `/config`.
        info: Its `/info`; None if that was not read, empty if the app gives none.
        public: Whether anybody may read it: it was given out without credentials, to somebody who
            has none for the app.
        reader: A digest of the credentials with which it was read, before any login: the outcome
            of `Connect`. It tells equal ones in this process; it is empty if there were none.
        confirmed: When the Hub said that the Space is at this address, in seconds since 1970; 0 if
            it was not asked.
        varies: Whether the app at its address has told one identity and then another: it was
            started again, or several processes serve it, each of which has its own.
    """

    url: str
    page: str | None
    config: bytes = field(repr=False)
    info: bytes | None = field(default=None, repr=False)
    public: bool = False
    reader: bytes = field(default=b"", repr=False)
    confirmed: float = field(default=0.0, compare=False)
    varies: bool = False

    @property
    def size(self) -> int:
        """Bytes of it."""
        return len(self.config) + len(self.info or b"")

    def app(self) -> App:
        """Return the app that it describes.

        Raises:
            ProtocolError: It describes none.
        """
        return self.complete(parse_config(self.config, self.page))

    def complete(self, app: App) -> App:
        """Return the app with what only its `/info` says.

        Args:
            app: The app, as its `/config` alone describes it.
        """
        return with_forms(app, self.read_info()) if app.has_own_pages else app

    def read_info(self) -> Info:
        """Return what it says of the app's functions to programs; nothing if it doesn't."""
        return parse_info(self.info) if self.info else Info()

    def is_of(self, app: App) -> bool:
        """Tell whether it describes an app as it was started."""
        return parse_identity(self.config) == app.identity

    def with_info(self, info: Response) -> Description:
        """Return it with the app's `/info`."""
        return replace(self, info=info.body, public=self.public and info.public)


Described: TypeAlias = tuple[Description, App]
"""A description, and the app that was read out of it."""


def wants_login(error: object) -> bool:
    """Tell whether an error of `fetch_description` is an app's that has a login of its own."""
    return isinstance(error, AuthenticationError) and "not authenticated" in str(error).lower()


def fetch_description(
    url: str, page: str | None, *, also: Connect | None = None, largest: int = _LARGEST
) -> Steps[Described]:
    """Fetch an app's description; return it with the app.

    Args:
        url: The app's address.
        page: The path of the one page to look at, or None for all pages.
        also: The connection for its `/info`, if that is wanted, too. It is read at the same time
            from where Gradio has it since version 5.
        largest: Bytes that it may have.

    Raises:
        SpaceChatError: The address gives none; the kind says why.
    """
    asking = None if also is None else Beside(_connect_for_info(also, url + _USUAL_PREFIX))
    if asking is not None:
        yield asking
    response = yield from fetch(Request(f"{url}/config"), largest=largest)
    description = Description(url, page, response.body, public=response.public)
    app = parse_config(response.body, page)
    found = asking.value if asking is not None and app.api_prefix == _USUAL_PREFIX else None
    if app.has_own_pages and (found is None or not found.body):
        found = yield from fetch(_info_request(url + app.api_prefix), largest=largest)
    if found is not None:
        description = description.with_info(found)
    return description, description.complete(app)


def _connect_for_info(connect: Connect, api: str) -> Steps[Response | None]:
    yield connect
    return (yield from fetch_info(api))


def fetch_info(api: str) -> Steps[Response | None]:
    """Fetch what an app says of its functions to programs.

    Args:
        api: The beginning of its routes' addresses.

    Returns:
        The answer, which is empty if the app gives no `/info`; None if that is not known.
    """
    try:
        return (yield from fetch(_info_request(api), largest=_LARGEST))
    except AppChangedError:
        raise
    except SpaceChatError as exc:
        # Any other refusal may be one of a moment.
        return Response(b"", public=True) if exc.status == 404 else None


def fetch_identity(url: str, api: str) -> Steps[str]:
    """Fetch an app's identity, in the form of `App.identity`.

    It is in the app's description, too. An app that doesn't tell it alone is no other one for that,
    and a question that is on its way to it is not asked twice.

    Args:
        url: The app's address.
        api: The beginning of its routes' addresses.

    Raises:
        SpaceChatError: The app doesn't tell it; the kind says why.
    """
    with contextlib.suppress(SpaceChatError):
        alone = yield from fetch(Request(f"{api}/app_id"), largest=_LARGEST_ID)
        return _read_identity(alone)
    return _read_identity((yield from fetch(Request(f"{url}/config"), largest=_LARGEST)))


def _read_identity(response: Response) -> str:
    try:
        return parse_identity(response.body)
    except MALFORMED as exc:
        raise ProtocolError(f"The app does not tell its identity as Gradio does ({exc}).") from None


def check_no_old_page(url: str) -> Steps[None]:
    """Read the page of an app that has no description.

    Raises:
        ProtocolError: It is the page of an app on an old Gradio.
    """
    page = b""
    with contextlib.suppress(SpaceChatError):
        page = (yield from fetch(Request(f"{url}/"), largest=_LARGEST)).body
    check_page(page)


def _info_request(api: str) -> Request:
    return Request(f"{api}/info?all_endpoints=true")  # Otherwise, it leaves some out.
