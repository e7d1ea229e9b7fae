"""Credentials: which host gets which secret, and where requests may go.

A connection serves one origin: scheme, host, port and user. A Space's answers name further
addresses (where to upload, where the events are), so each is compared with the connection's own
before a request is made for it, and one that is elsewhere gets none. Redirects are not followed,
since they would be the other way to leave: their status is a refusal like any other. So whatever a
connection sends can reach one server only, and whether a secret may be sent is decided once, when
the connection is made:

- A token goes over TLS, or to this machine. Through a proxy, this machine's name is another's.
- A token of the caller's was given for the Space and goes to it. One of the environment wasn't, and
  goes to Hugging Face's hosts and this machine only; one that `hf auth login` saved goes to Hugging
  Face's hosts only. Neither goes anywhere if the user withholds them.
- Where the caller signs in, any of these goes to the app, in the bodies of its calls.
- Headers of the caller's go with every request; an `authorization` among them comes before a token.
"""

from __future__ import annotations

import contextlib
import os
import urllib.request

import httpx

from ..addresses import host_of, is_loopback, without_user
from ..errors import AuthenticationError, ProtocolError, SpaceUnavailableError
from ..hidden import Hidden
from ..log import log
from ..settings import Settings, is_header_value
from .hub_token import environment_token, is_withheld, saved_token


def space_address(url: str) -> httpx.URL:
    """Return the address of a Space, parsed.

    Raises:
        SpaceUnavailableError: It is no address that a request can go to.
    """
    with contextlib.suppress(ValueError, httpx.InvalidURL):
        address = httpx.URL(url)
        has_host = address.scheme in ("http", "https") and address.host  # Raises if it is no ASCII.
        if has_host and has_port(address):
            return address
    raise SpaceUnavailableError(
        f"{without_user(url)[:200]!r} is not the address of a Space: check it."
    )


def has_port(address: httpx.URL) -> bool:
    """Return whether an address's port is one; trio would connect to another one instead."""
    return address.port is None or address.port < 1 << 16


def place_of(space: httpx.URL) -> str:
    """Return a Space's address without its user and password, as messages name it."""
    return str(space.copy_with(userinfo=b""))


def own_address(space: httpx.URL, url: str) -> httpx.URL:
    """Return the address of a request, which has to be on the Space's own origin.

    The URL may be a server's choice. The HTTP library sends the request by the very object that
    is compared here, so nothing parses the URL a second time and another way.

    Args:
        space: Address of the Space.
        url: Address of the request.

    Raises:
        ProtocolError: The address is on another origin, or is none.
    """
    address: httpx.URL | None = None
    with contextlib.suppress(ValueError, httpx.InvalidURL):
        address = httpx.URL(url)
    if address is None or _origin(address) != _origin(space):
        raise ProtocolError(
            f"{place_of(space)} names {without_user(url)[:200]!r} as an address of its own, which "
            "is not on it: nothing was sent there."
        )
    return address


def token_for(space: httpx.URL, settings: Settings, *, proxied: bool) -> str | None:
    """Return the token to send to a Space, or None.

    Args:
        space: Address of the Space.
        settings: The client's settings; the token among them was given for this Space.
        proxied: Whether the connection may go through a proxy.

    Raises:
        AuthenticationError: The environment's token is none.
    """
    token = settings.token
    local = is_loopback(space.host) and not proxied
    if not (space.scheme == "https" or local):
        if token:
            log.warning("The token is not sent to %s: plain http is read on the way.", space.host)
        return None
    if token is not None:
        return token
    if is_withheld():
        return None
    if local:
        return environment_token()
    if space.host in _hub_hosts() or space.host.endswith((".hf.space", ".huggingface.co")):
        return environment_token() or saved_token()
    return None


def sign_in_token(space: httpx.URL, settings: Settings) -> Hidden:
    """Return the token with which the user signs in to a Space's app.

    Args:
        space: Address of the Space.
        settings: The client's settings.

    Raises:
        AuthenticationError: There is none, or it would be read on the way.
    """
    local = is_loopback(space.host) and not is_proxied(space, settings.proxy)
    if not (space.scheme == "https" or local):
        raise AuthenticationError(
            f"sign_in=True sends a token, and {place_of(space)} is plain http, which is read on "
            "the way: use its https address."
        )
    token = settings.token
    if token is None:
        token = environment_token() or saved_token()
    if not token:
        raise AuthenticationError(
            f"sign_in=True gives {place_of(space)} your Hugging Face token, and there is none: "
            "pass token=, set HF_TOKEN, or run `hf auth login`."
        )
    return Hidden(token)


def is_proxied(space: httpx.URL, proxy: str | None) -> bool:
    """Return whether requests to a Space may go through a proxy, on whatever machine that is."""
    if proxy is not None:
        return True
    proxies = urllib.request.getproxies()
    exempt = {name.strip() for name in proxies.get("no", "").split(",")}
    return not proxies.keys().isdisjoint({space.scheme, "all"}) and exempt.isdisjoint(
        {space.host, "*"}
    )


def cookies_of(response: httpx.Response) -> str:
    """Return the cookies that a response sets, as a request's header carries them."""
    values = response.headers.get_list("set-cookie")
    cookies = [value.partition(";")[0].strip() for value in values]
    return Hidden("; ".join(cookie for cookie in cookies if is_header_value(cookie)))


def _origin(url: httpx.URL) -> tuple[object, ...]:
    """Return what a connection is to: the server, and the user who asks it."""
    return url.scheme, url.raw_host, url.port, url.userinfo


def _hub_hosts() -> tuple[str, str]:
    return "huggingface.co", host_of(os.environ.get("HF_ENDPOINT", ""))
