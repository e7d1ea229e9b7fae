"""The HTTP library's client that a line sends its requests with, and their common headers."""

from __future__ import annotations

import functools
import importlib.util
import ssl
from collections.abc import Mapping

import httpx

from ..errors import SpaceUnavailableError
from ..settings import Settings
from ..version import __version__
from .credentials import has_port, token_for

_USER_AGENT = f"spacechat/{__version__}"


def open_client(
    settings: Settings,
    headers: Mapping[str, str],
    *,
    proxied: bool,
    cookies: httpx.Cookies | None = None,
) -> httpx.AsyncClient:
    """Return the client of a line to a Space.

    Args:
        settings: The client's settings.
        headers: The headers of every request.
        proxied: Whether requests may go through a proxy.
        cookies: Those of another such client, which it goes on with; None: it has none yet.

    Raises:
        SpaceUnavailableError: The proxy's URL can't be used.
    """
    client: httpx.AsyncClient | None = None
    missing = ""
    try:
        if settings.proxy is not None and not has_port(httpx.URL(settings.proxy)):
            raise httpx.InvalidURL("There is no such port.")
        client = httpx.AsyncClient(
            verify=tls_context(),
            transport=None if proxied else fast_transport(),
            proxy=settings.proxy,
            headers=headers,
            timeout=timeouts(settings),
            limits=httpx.Limits(
                max_connections=2, max_keepalive_connections=1, keepalive_expiry=None
            ),
        )
    except ImportError as exc:
        missing = f" {exc}"
    except (ValueError, httpx.InvalidURL):
        pass
    if client is None:  # Out here, the HTTP library's error is no context: it has the password.
        raise SpaceUnavailableError(
            "The proxy's URL can't be used: it should be like http://user:password@host:port."
            f"{missing} Check proxy= and the proxy variables of the environment."
        )
    # What the library is given as `cookies=` is copied into one of its own kind.
    client._cookies = _Cookies() if cookies is None else cookies
    return client


def timeouts(settings: Settings) -> httpx.Timeout:
    """Return the timeouts of every request of a line."""
    timeout = settings.timeout
    return httpx.Timeout(timeout.idle, connect=timeout.connect, pool=None)


class _Cookies(httpx.Cookies):
    """A connection's cookies, looked for in responses that set some only: to look is slow."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


@functools.lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Return the TLS context that all connections of the process share."""
    return httpx.create_ssl_context()


def fast_transport() -> httpx.AsyncBaseTransport | None:
    """Return the fast transport; None where there is no `httptools`, and the ordinary one reads."""
    if not _has_httptools():
        return None
    from .fast import FastTransport

    return FastTransport(tls_context())


@functools.cache
def _has_httptools() -> bool:
    return importlib.util.find_spec("httptools") is not None


def line_headers(
    space: httpx.URL,
    settings: Settings,
    headers: Mapping[str, str],
    *,
    proxied: bool,
    anonymous: bool,
) -> dict[str, str]:
    """Return the headers of every request of a line, by their names in lower case.

    Args:
        space: Address of the Space.
        settings: The client's settings.
        headers: Further headers, besides those of the settings.
        proxied: Whether the line may go through a proxy.
        anonymous: Whether the token and the headers of the settings are left out.

    Raises:
        AuthenticationError: The environment's token is none.
    """
    token = None if anonymous else token_for(space, settings, proxied=proxied)
    merged = {"user-agent": _USER_AGENT, "accept-encoding": "identity"}
    # The page's address may have an internationalized name, which HTTP wants in ASCII.
    for name, value in headers.items():
        merged[name.lower()] = value if value.isascii() else str(httpx.URL(value))
    if not anonymous:
        merged.update({name.lower(): value for name, value in settings.headers.items()})
    if token and "authorization" not in merged:
        merged["authorization"] = f"Bearer {token}"
    return merged
