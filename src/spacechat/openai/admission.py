"""Admission: which requests a server takes, by their heads; does no I/O.

A server that has no key is for this machine alone. Listening on the loopback is not enough for
that: a page of any site may have a browser ask it, and a name of the page's own (which resolves to
127.0.0.1 a moment later) makes that a request to its own site. So the host of the request has to be
a name of this machine, and so has the origin of a page that makes it. A header that decides
something may come only once: of two, a proxy may have looked at the other.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Final

from .refusals import Error, Refusal, bad_request

_DECIDING: Final = frozenset(
    (b"authorization", b"content-length", b"host", b"origin", b"sec-fetch-site")
)
_AUTHORITY: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9a-z.-]+))(?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


class Head:
    """The head of a request.

    Attributes:
        method: The HTTP method.
        path: The path as it came, with `%` and without the query.
        query: The query, without `?`.
        length: Bytes of the body; None if only its end shows them.

    Args:
        method: The HTTP method.
        target: The target of the request, without the query.
        headers: Names in lower case, and values.
        query: The query, without `?`.

    Raises:
        Refusal: It is malformed, or repeats a header that may come only once.
    """

    def __init__(
        self,
        method: str,
        target: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        query: bytes = b"",
    ) -> None:
        self._headers: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in _DECIDING and name in self._headers:
                raise bad_request(f"The header {name.decode()!r} came more than once.")
            self._headers[name] = value.strip()
        if not target.startswith(b"/"):  # the form for proxies, whose host may be another one
            raise bad_request("The request must name a path, such as /v1/models, and no host.")
        self.method = method
        self.path: str = target.decode("latin-1")
        self.query: str = query.decode("latin-1")
        self.length: int | None = self._body_length()

    def _body_length(self) -> int | None:
        if b"transfer-encoding" in self._headers:
            return None
        length = self._headers.get(b"content-length", b"0")
        if not _LENGTH.fullmatch(length):
            raise bad_request("The content-length is not a number of bytes.")
        return int(length)

    def get(self, name: bytes) -> str | None:
        """Return the value of a header, or None."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")


def admit(head: Head, key: str | None) -> None:
    """Let a request in.

    Args:
        head: Its head.
        key: The key that it must bring; None if it must come from this machine.

    Raises:
        Refusal: It is not admitted.
    """
    if key is not None:
        _check_key(head, key)
    else:
        _check_place(head)


def _check_key(head: Head, key: str) -> None:
    kind, _, given = (head.get(b"authorization") or "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), key.encode())
    if not same or kind.lower() != "bearer":
        raise refused(
            401,
            "The API key is missing or wrong: send it as 'Authorization: Bearer KEY'.",
            "invalid_api_key",
            {"www-authenticate": "Bearer"},
        )


def _check_place(head: Head) -> None:
    if not is_this_machine(head.get(b"host") or ""):
        raise refused(
            403,
            "A server that has no key answers to localhost, 127.0.0.1 and [::1] only: ask it by "
            "one of these, or set a key.",
            "bad_host",
        )
    origin, site = head.get(b"origin"), head.get(b"sec-fetch-site")
    if origin is not None:
        scheme, _, authority = origin.partition("://")
        local = scheme in ("http", "https") and is_this_machine(authority)
    else:  # images, scripts and links of a page come without its origin
        local = site in (None, "none", "same-origin", "same-site")
    if not local:
        raise refused(
            403, "Pages of other sites may not ask a server that has no key.", "bad_origin"
        )


def is_this_machine(authority: str) -> bool:
    """Return whether a host, with or without a port, is this machine by its name alone."""
    match = _AUTHORITY.fullmatch(authority.lower())
    if match is None:
        return False
    ipv6, name = match.groups()
    try:
        if ipv6 is not None:
            return ipaddress.IPv6Address(ipv6) == ipaddress.IPv6Address("::1")
        return name == "localhost" or ipaddress.IPv4Address(name).is_loopback
    except ValueError:
        return False


def refused(
    status: int, message: str, code: str, headers: Mapping[str, str] | None = None
) -> Refusal:
    """Return the refusal of a request whose body is not read."""
    return Refusal(status, Error(message=message, type="invalid_request_error", code=code), headers)
