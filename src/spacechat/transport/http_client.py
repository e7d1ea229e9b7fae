"""The HTTP library's client that a connection sends its requests with, and their common headers."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Mapping

import httpx

from ..errors import SpaceUnavailableError
from ..settings import Settings, is_fast_installed
from ..version import __version__
from .credentials import has_port, token_for

_USER_AGENT = f"spacechat/{__version__}"


def open_client(
    space: httpx.URL, settings: Settings, headers: Mapping[str, str], *, proxied: bool
) -> httpx.AsyncClient:
    """Return the client of a connection to a Space.

    Args:
        space: Address of the Space.
        settings: The client's settings.
        headers: Headers of every request, besides those of the settings.
        proxied: Whether the requests go through a proxy.

    Raises:
        SpaceUnavailableError: The proxy's URL can't be used.
        AuthenticationError: The environment's token is none.
    """
    timeout = settings.timeout
    client: httpx.AsyncClient | None = None
    missing = ""
    try:
        if settings.proxy is not None and not has_port(httpx.URL(settings.proxy)):
            raise httpx.InvalidURL("There is no such port.")
        client = httpx.AsyncClient(
            verify=tls_context(),
            transport=None if proxied else _fast_transport(settings),
            proxy=settings.proxy,
            headers=_headers(space, settings, headers, proxied=proxied),
            timeout=httpx.Timeout(timeout.idle, connect=timeout.connect, pool=None),
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
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
    client._cookies = _Cookies()  # What is given as `cookies=` is copied into one of its own kind.
    return client


class _Cookies(httpx.Cookies):
    """A connection's cookies, looked for in responses that set some only: to look is slow."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


@functools.lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Return the TLS context that all connections of the process share."""
    return httpx.create_ssl_context()


def _fast_transport(settings: Settings) -> httpx.AsyncBaseTransport | None:
    """Return the transport to use instead of the HTTP library's own, or None for that."""
    if settings.fast is False or not is_fast_installed():
        return None
    from .fast import FastTransport

    return FastTransport(tls_context())


def _headers(
    space: httpx.URL, settings: Settings, headers: Mapping[str, str], *, proxied: bool
) -> dict[str, str]:
    """Return the headers of every request, by their names in lower case."""
    token = token_for(space, settings, proxied=proxied)
    merged = {"user-agent": _USER_AGENT, "accept-encoding": "identity"}
    # The page's address may have an internationalized name, which HTTP wants in ASCII.
    for name, value in headers.items():
        merged[name.lower()] = value if value.isascii() else str(httpx.URL(value))
    merged.update({name.lower(): value for name, value in settings.headers.items()})
    if token and "authorization" not in merged:
        merged["authorization"] = f"Bearer {token}"
    return merged
