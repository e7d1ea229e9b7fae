"""The HTTP library's client of a line: its transport, its cookies, and a proxy that is none."""

from __future__ import annotations

import httpx
import pytest

from spacechat import errors
from spacechat.settings import Settings, Timeout
from spacechat.transport import http_client
from spacechat.transport.fast import FastTransport
from spacechat.transport.http_client import open_client, timeouts

PROXY = "http://me:canary@proxy.example:3128"


@pytest.mark.parametrize(
    ("proxied", "has_httptools", "is_fast"),
    [(False, True, True), (True, True, False), (False, False, False)],
)
def test_the_transport(
    proxied: bool, has_httptools: bool, is_fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "_has_httptools", lambda: has_httptools)
    client = open_client(Settings(), {}, proxied=proxied)
    assert isinstance(client._transport, FastTransport) is is_fast


def test_what_it_is_given() -> None:
    settings = Settings(timeout=Timeout(connect=1, idle=2, total=3))
    client = open_client(settings, {"x": "y"}, proxied=False)
    assert client.headers["x"] == "y"
    assert client.timeout == timeouts(settings)
    found = timeouts(settings)
    assert (found.connect, found.read, found.write, found.pool) == (1, 2, 2, None)


@pytest.mark.parametrize(
    "proxy", ["http://me:canary@h:65536", "ftp://me:canary@h", "http://me:canary@[::1", "me:canary"]
)
def test_a_proxy_that_cannot_be_used(proxy: str) -> None:
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        open_client(Settings(proxy=proxy), {}, proxied=True)
    assert str(caught.value) == (
        "The proxy's URL can't be used: it should be like http://user:password@host:port. Check "
        "proxy= and the proxy variables of the environment."
    )
    assert caught.value.__context__ is None, "it would have the password"


@pytest.mark.parametrize("proxy", [PROXY, "http://proxy.example", "http://proxy.example:65535"])
def test_a_proxy_that_can(proxy: str) -> None:
    assert not open_client(Settings(proxy=proxy), {}, proxied=True).is_closed


def test_what_a_proxy_needs_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def client(**_: object) -> None:
        raise ImportError("Using SOCKS proxy, but there is no 'socksio'.")

    monkeypatch.setattr(httpx, "AsyncClient", client)
    with pytest.raises(errors.SpaceUnavailableError, match=r"host:port\. Using SOCKS .* Check"):
        open_client(Settings(), {}, proxied=True)


@pytest.mark.parametrize("said", [{}, {"set-cookie": "a=1; Path=/"}])
def test_cookies(said: dict[str, str]) -> None:
    """A client has none at first, takes those that come, and may hand them on to another."""
    client = open_client(Settings(), {}, proxied=False)
    assert not client.cookies
    request = httpx.Request("GET", "http://space.test/")
    client.cookies.extract_cookies(httpx.Response(200, headers=said, request=request))
    assert dict(client.cookies) == ({"a": "1"} if said else {})
    other = open_client(Settings(), {}, proxied=False, cookies=client.cookies)
    assert dict(other.cookies) == dict(client.cookies)


def test_whether_there_is_httptools() -> None:
    http_client._has_httptools.cache_clear()
    assert http_client._has_httptools()
    assert http_client.fast_transport() is not None
