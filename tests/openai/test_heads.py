"""Which requests are let in, by their heads alone; no server is asked."""

from __future__ import annotations

import pytest

from spacechat.openai.admission import Head, admit, is_this_machine
from spacechat.openai.refusals import Refusal


def head(*headers: tuple[bytes, bytes], target: bytes = b"/v1/models") -> Head:
    return Head("GET", target, headers, b"a=b")


def refused(*headers: tuple[bytes, bytes], key: str | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        admit(head(*headers), key)
    return caught.value


def test_what_a_head_says() -> None:
    found = head((b"host", b" localhost "), (b"x-name", b"\xe9"), target=b"/v1/%20")
    assert (found.method, found.path, found.query, found.length) == ("GET", "/v1/%20", "a=b", 0)
    assert (found.get(b"host"), found.get(b"x-name"), found.get(b"none")) == (
        "localhost",
        "é",
        None,
    )


def test_other_headers_may_come_twice() -> None:
    assert head((b"accept", b"a"), (b"accept", b"b")).get(b"accept") == "b"


@pytest.mark.parametrize(
    "name", [b"authorization", b"content-length", b"host", b"origin", b"sec-fetch-site"]
)
def test_what_decides_may_come_once(name: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        head((name, b"1"), (name, b"1"))
    assert (caught.value.status, caught.value.error.message) == (
        400,
        f"The header {name.decode()!r} came more than once.",
    )


def test_a_target_with_a_host() -> None:
    with pytest.raises(Refusal) as caught:
        head(target=b"http://localhost/v1/models")
    assert caught.value.error.message == (
        "The request must name a path, such as /v1/models, and no host."
    )


@pytest.mark.parametrize(("said", "length"), [(b"0", 0), (b"12", 12), (b"9" * 18, 10**18 - 1)])
def test_the_length_of_a_body(said: bytes, length: int) -> None:
    assert head((b"content-length", said)).length == length
    assert head((b"content-length", said), (b"transfer-encoding", b"chunked")).length is None


@pytest.mark.parametrize("said", [b"", b"-1", b"+1", b"1_0", b"0x1", b"9" * 19, b"1, 1"])
def test_a_length_that_is_none(said: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        head((b"content-length", said))
    assert caught.value.error.message == "The content-length is not a number of bytes."


@pytest.mark.parametrize("given", [b"Bearer key", b"bearer key", b"Bearer   key "])
def test_the_key(given: bytes) -> None:
    admit(head((b"authorization", given), (b"host", b"example.org")), "key")


@pytest.mark.parametrize(
    "given", [b"", b"key", b"Bearer", b"Bearer kex", b"Basic key", b"Bearer key2", b"Bearer \xe9"]
)
def test_a_key_that_is_missing_or_wrong(given: bytes) -> None:
    for headers in ([(b"authorization", given)], [(b"host", b"localhost")]):
        found = refused(*headers, key="key")
        assert (found.status, found.error.type, found.error.code, found.headers) == (
            401,
            "invalid_request_error",
            "invalid_api_key",
            {"www-authenticate": "Bearer"},
        )
        assert found.error.message == (
            "The API key is missing or wrong: send it as 'Authorization: Bearer KEY'."
        )


@pytest.mark.parametrize(
    "authority",
    [
        *("localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:65535", "127.255.0.9", "[::1]"),
        *("[::1]:8000", "[0:0:0:0:0:0:0:1]"),
    ],
)
def test_this_machine(authority: str) -> None:
    assert is_this_machine(authority)
    admit(head((b"host", authority.encode())), None)


@pytest.mark.parametrize(
    "authority",
    [
        *("", "example.org", "localhost.example.org", "localhost:", "localhost:123456"),
        *("128.0.0.1", "127.0.0.1.nip.io", "127.1", "[::2]", "[127.0.0.1]", "::1", "[::1", "[x]"),
        *("user@localhost", "localhost/x", "[::ffff:127.0.0.1]", "0.0.0.0"),
    ],
)
def test_another_machine(authority: str) -> None:
    assert not is_this_machine(authority)
    found = refused((b"host", authority.encode()))
    assert (found.status, found.error.code) == (403, "bad_host")
    assert found.error.message == (
        "A server that has no key answers to localhost, 127.0.0.1 and [::1] only: ask it by one of "
        "these, or set a key."
    )


def test_a_request_that_names_no_host() -> None:
    assert refused().error.code == "bad_host"


LOCAL = (b"host", b"localhost")


@pytest.mark.parametrize(
    "header",
    [
        (b"origin", b"http://localhost:3000"),
        (b"origin", b"https://127.0.0.1"),
        *((b"sec-fetch-site", site) for site in (b"none", b"same-origin", b"same-site")),
    ],
)
def test_pages_of_this_machine(header: tuple[bytes, bytes]) -> None:
    admit(head(LOCAL, header), None)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"origin", b"http://example.org")],
        [(b"origin", b"null")],
        [(b"origin", b"")],
        [(b"origin", b"file://localhost")],
        [(b"origin", b"http://localhost.example.org")],
        [(b"sec-fetch-site", b"cross-site")],
        [(b"origin", b"http://example.org"), (b"sec-fetch-site", b"none")],
    ],
)
def test_pages_of_other_sites(headers: list[tuple[bytes, bytes]]) -> None:
    found = refused(LOCAL, *headers)
    assert (found.status, found.error.code, found.error.message) == (
        403,
        "bad_origin",
        "Pages of other sites may not ask a server that has no key.",
    )
    admit(head(LOCAL, *headers, (b"authorization", b"Bearer key")), "key")
