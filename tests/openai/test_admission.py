"""Who may ask a server: raw requests, as no well-behaved client sends them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from spacechat.openai import Server
from spacechat.openai.admission import is_this_machine

ROUTES = [
    ("GET", "/v1/models"),
    ("GET", "/v1/models/qwen-2.5"),
    ("GET", "/v1/models/owner/name"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("GET", "/v1/responses/resp_1"),
    ("POST", "/v1/completions"),
    ("OPTIONS", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("GET", "/v1/responses/resp_1"),
    ("DELETE", "/v1/responses/resp_1"),
    ("GET", "/v1/responses/resp_1/input_items"),
    ("OPTIONS", "/v1/responses"),
    ("HEAD", "/v1/models"),
    ("GET", "/nothing"),
    ("DELETE", "/"),
]


def ask(server: Server, request: str, body: bytes = b"") -> bytes:
    """Send the lines of a request's head, and return the response."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port or 0), timeout=60) as sock:
        head = "".join(f"{line}\r\n" for line in [*request.splitlines(), "Connection: close", ""])
        sock.sendall(head.encode("latin-1") + body)
        data = b""
        while piece := sock.recv(65536):
            data += piece
        return data


def status(response: bytes) -> int:
    return int(response.split()[1])


@pytest.fixture(scope="module")
def keyless() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def keyed() -> Iterator[Server]:
    with Server(api_key="right") as server:
        yield server


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8000",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.8.9.10:65535",
        "[::1]",
        "[::1]:8000",
        "[0:0:0:0:0:0:0:1]:80",
    ],
)
def test_names_of_this_machine(keyless: Server, host: str) -> None:
    assert is_this_machine(host)
    assert status(ask(keyless, f"GET /v1/models HTTP/1.1\nHost: {host}")) == 200


OTHERS = [
    "evil.test",
    "evil.test:8000",
    "localhost.evil.test",
    "evil.localhost",
    "127.0.0.1.evil.test",
    "127.0.0.1.",
    "localhost@evil.test",
    "evil.test@localhost",
    "user:pass@127.0.0.1",
    "localhost, evil.test",
    "localhost evil.test",
    "localhost/",
    "localhost#@evil.test",
    "localhost:80:80",
    "localhost:evil.test",
    "localhost:",
    "http://localhost",
    "",
    ":8000",
    "0.0.0.0",
    "192.168.1.1",
    "128.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "127.0.0.01",
    "::1",
    "[::1",
    "[::]",
    "[::2]",
    "[::ffff:127.0.0.1]",
    "[::1%lo]",
    "[127.0.0.1]",
    "[localhost]",
    "lοcalhost".encode().decode("latin-1"),
]


@pytest.mark.parametrize("host", OTHERS)
def test_names_of_others(keyless: Server, host: str) -> None:
    assert not is_this_machine(host)
    assert status(ask(keyless, f"GET /v1/models HTTP/1.1\nHost: {host}")) in (400, 403)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route(keyless: Server, method: str, path: str) -> None:
    for version in ("1.0", "1.1"):
        found = ask(keyless, f"{method} {path} HTTP/{version}\nHost: evil.test")
        assert status(found) == 403
        assert b"qwen" not in found
    assert status(ask(keyless, f"{method} {path} HTTP/1.0")) == 403
    assert status(ask(keyless, f"{method} {path} HTTP/1.1")) == 400


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_is_closed_to_other_sites_and_keys(
    keyless: Server, keyed: Server, method: str, path: str
) -> None:
    origin = f"{method} {path} HTTP/1.1\nHost: localhost\nOrigin: https://evil.test"
    assert status(ask(keyless, origin)) == 403
    wrong = f"{method} {path} HTTP/1.1\nHost: localhost\nAuthorization: Bearer wrong"
    assert status(ask(keyed, wrong)) == 401


def test_a_name_matters_only_without_a_key(keyed: Server) -> None:
    head = "GET /v1/models HTTP/1.1\nHost: api.example\nAuthorization: Bearer right"
    assert status(ask(keyed, head)) == 200


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.test/v1/models",
        "http://localhost/v1/models",
        "https://evil.test/v1/models?x",
        "evil.test:80/v1/models",
        "*/v1/models",
    ],
)
def test_targets_with_a_host(keyless: Server, target: str) -> None:
    assert status(ask(keyless, f"GET {target} HTTP/1.1\nHost: localhost")) == 400


@pytest.mark.parametrize(
    "headers",
    [
        "Host: localhost\nHost: localhost",
        "Host: localhost\nHost: evil.test",
        "Host: evil.test\nHost: localhost",
        "Host: localhost\nOrigin: http://localhost\nOrigin: https://evil.test",
        "Host: localhost\nOrigin: https://evil.test\norigin: http://localhost",
        "Host: localhost\nSec-Fetch-Site: cross-site\nSec-Fetch-Site: none",
        "Host: localhost\nContent-Length: 0\nContent-Length: 1",
        "Host: localhost\nAuthorization: Bearer a\nAuthorization: Bearer b",
    ],
)
def test_what_came_twice(keyless: Server, headers: str) -> None:
    for version in ("1.0", "1.1"):
        assert status(ask(keyless, f"GET /v1/models HTTP/{version}\n{headers}")) == 400


@pytest.mark.parametrize("keys", [("right", "wrong"), ("wrong", "right"), ("right", "right")])
def test_two_keys(keyed: Server, keys: tuple[str, str]) -> None:
    lines = "\n".join(f"Authorization: Bearer {key}" for key in keys)
    assert status(ask(keyed, f"GET /v1/models HTTP/1.1\nHost: x\n{lines}")) == 400


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Sec-Fetch-Site: none", 200),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: same-site", 200),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: other", 403),
        ("Sec-Fetch-Site: cross-site\nOrigin: http://127.0.0.1:3000", 200),
        ("Sec-Fetch-Site: same-origin\nOrigin: https://evil.test", 403),
        ("Origin: null", 403),
        ("Origin:", 403),
        ("Origin: localhost", 403),
        ("Origin: file://localhost", 403),
        ("Origin: https://LOCALHOST:3000", 200),
        ("Origin: http://[::1]:3000", 200),
        ("Origin: http://localhost.evil.test", 403),
        ("Origin: http://localhost@evil.test", 403),
        ("Origin: http://evil.test@localhost", 403),
        ("Origin: http://localhost, https://evil.test", 403),
    ],
)
def test_pages(keyless: Server, headers: str, expected: int) -> None:
    found = ask(keyless, f"GET /v1/models HTTP/1.1\nHost: localhost\n{headers}")
    assert status(found) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Content-Length: +5", 400),
        ("Content-Length: -5", 400),
        ("Content-Length: 5.0", 400),
        ("Content-Length: 0x5", 400),
        ("Content-Length: ", 400),
        ("Content-Length: five", 400),
        ("Content-Length: 9" + "9" * 17, 413),
        ("Content-Length: " + "9" * 5000, 400),
        ("Transfer-Encoding: gzip", 501),
        ("Transfer-Encoding: chunked\nTransfer-Encoding: chunked", 501),
    ],
)
def test_lengths_that_are_none(keyless: Server, headers: str, expected: int) -> None:
    found = ask(keyless, f"POST /v1/chat/completions HTTP/1.1\nHost: localhost\n{headers}")
    assert status(found) in (expected, 400)


def test_a_length_and_chunks(keyless: Server) -> None:
    """Chunks are what counts, whatever the length says."""
    head = "POST /v1/chat/completions HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
    for length in ("1", "5"):
        found = ask(keyless, f"{head}\nContent-Length: {length}", b"2\r\n{}\r\n0\r\n\r\n")
        assert status(found) == 400


def test_a_head_without_end(keyless: Server) -> None:
    place = urlsplit(keyless.url)
    with socket.create_connection((place.hostname, place.port or 0), timeout=60) as sock:
        sock.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx: ")
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken, whichever comes
            for _ in range(10_000):
                sock.sendall(b"x" * 65536)


def test_heads_that_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which no request begins is closed, whether bytes come or not."""
    monkeypatch.setattr("spacechat.local.serving._STALLED", 0.1)
    with Server() as server:
        place = urlsplit(server.url)
        address = (place.hostname, place.port or 0)
        with (
            socket.create_connection(address, timeout=60) as silent,
            socket.create_connection(address, timeout=60) as dripping,
        ):
            while not _is_closed(dripping):
                pass
            while not _is_closed(silent, drip=False):
                pass


def _is_closed(sock: socket.socket, *, drip: bool = True) -> bool:
    sock.settimeout(0.05)
    try:
        if drip:
            sock.sendall(b"G")
        return sock.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_more_connections_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.openai.app._REFUSED", 2 - 512)
    with Server() as server:
        place = urlsplit(server.url)
        address = (place.hostname, place.port or 0)
        with (
            socket.create_connection(address, timeout=60),
            socket.create_connection(address, timeout=60),
            socket.create_connection(address, timeout=60) as third,
        ):
            assert third.recv(100).startswith(b"HTTP/1.1 503 ")
