"""Web addresses, as people and servers write them."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Sequence
from typing import TypeVar, cast
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from .hidden import Hidden

_Model = TypeVar("_Model")

_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 8192
_IN_ADDRESSES = "%/:=@!$&'()*+,;~"
"""Characters of a path that are not quoted, besides letters and digits; `%` may be a quote."""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def full_address(text: str) -> str | None:
    """Return the web address that a text stands for; None if it stands for none.

    An address has a scheme, or leaves it to be guessed: `http` for this machine, `https` for any
    other. Then it must show that it is one, by a port or a path, or a host with two dots.

    Args:
        text: What was typed or set, such as `localhost:7860` or `gradio.example.org/chat`.
    """
    if "://" in text:
        return text
    parts = _parts(f"https://{text}")
    if parts is None or not parts.hostname:
        return None
    if _is_here(parts.hostname):
        return f"http://{text}"
    is_address = parts.port is not None or (
        _is_dotted(parts.hostname) and (parts.path or parts.hostname.count(".") > 1)
    )
    return f"https://{text}" if is_address else None


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine, as servers on it name themselves."""
    return is_loopback(host) or host == "0.0.0.0" or host.endswith(".localhost")  # noqa: S104


def _is_dotted(host: str) -> bool:
    """Tell whether a host has the form of a name on the internet, or is an IP address."""
    top = host.rpartition(".")[2]
    if len(top) > 1 and top.isalpha():
        return "." in host.strip(".")
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def split_address(text: str) -> tuple[str, Hidden]:
    """Split a server's address into the bare address and the user in it.

    Args:
        text: The address. It may have a user and password (`https://user:password@host`), and what
            a browser's address bar adds: a query and a fragment, which are dropped.

    Returns:
        The address, without a slash at the end, and `user:password` as they were written.

    Raises:
        ValueError: The text is no address; the message says why, and repeats nothing of it.
    """
    parts = _parts(text)
    if parts is None:
        raise ValueError(
            "it should begin with https:// or http://, and name a host, perhaps with a port up to "
            "65535"
        )
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host, query="", fragment="").geturl().rstrip("/"), Hidden(user)


def basic_auth_headers(user: str) -> dict[str, str]:
    """Return the header of HTTP's basic authentication, or no header for no user.

    Args:
        user: `user:password`, as written in an address.
    """
    if not user:
        return {}
    encoded = base64.b64encode(unquote_to_bytes(user)).decode()
    return {"authorization": Hidden(f"Basic {encoded}")}


def basic_auth_user(authorization: str) -> str:
    """Return the user's name in a header of `basic_auth_headers`, or an empty text."""
    encoded = authorization.removeprefix("Basic ")
    return base64.b64decode(encoded).partition(b":")[0].decode(errors="replace")


def without_user(text: str) -> str:
    """Return an address without its user and password, fit for a message.

    The text may be anything that was meant as an address.
    """
    scheme, _, rest = text.partition("://")
    shown = text.rpartition("@")[2]
    return f"{scheme}://{shown}" if "@" in rest and scheme.isalnum() else shown


def with_user(text: str, user: str) -> str:
    """Return an address with something else in the place of its user and password, if it has any.

    Args:
        text: Anything that was meant as an address.
        user: What is written in their place.
    """
    shown = without_user(text)
    if shown == text:
        return text
    scheme, separator, _ = text.partition("://")
    begin = scheme + separator if scheme.isalnum() else ""
    return f"{begin}{user}@{shown.removeprefix(begin)}"


def hide_user(model: _Model) -> _Model:
    """Return a model's name, or several, so that no repr shows an address with a user in it."""
    if model is None:
        return model
    if isinstance(model, str):
        return cast("_Model", Hidden(model)) if "@" in model else model
    if isinstance(model, Sequence):
        return cast("_Model", [hide_user(each) for each in cast("Sequence[object]", model)])
    return model


def without_users(model: _Model) -> _Model:
    """Return a model's name, or several, without the users in addresses."""
    if isinstance(model, str):
        return cast("_Model", without_user(model))
    if isinstance(model, Sequence):
        return cast("_Model", [without_users(each) for each in cast("Sequence[object]", model)])
    return model


def is_origin(text: str) -> bool:
    """Tell whether a text is the address of a server, without a path on it."""
    try:
        url, user = split_address(text)
    except ValueError:
        return False
    return not user and url == text.rstrip("/") and not urlsplit(url).path


def origin_of(url: str) -> str:
    """Return the origin of a web address: its scheme, host and port, as `https://host:port`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(text: str) -> str:
    """Return the host's name in an address, or an empty text if it is no address."""
    parts = _parts(text)
    return "" if parts is None else parts.hostname or ""


def is_same_server(one: str, other: str) -> bool:
    """Tell whether two web addresses have the same scheme, host and port."""
    return _server(one) == _server(other)


def _server(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def quoted_address(text: str) -> str | None:
    """Return a web address, quoted for a request, or None if the text is no address."""
    if len(text) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    odd = not parts.netloc.isprintable() or re.search(r"[\s\"<>\\^`{|}]", parts.netloc)
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or odd:
        return None
    quoted = {
        part: quote(getattr(parts, part), safe=_IN_ADDRESSES + more, errors="replace")
        for part, more in (("path", ""), ("query", "?"), ("fragment", "?"))
    }
    return fitting_address(parts._replace(**quoted).geturl())


def fitting_address(url: str) -> str | None:
    """Return an address, or None if it is too long to be requested."""
    return url if len(url) <= _LONGEST_URL else None


def _parts(text: str) -> SplitResult | None:
    """Split an address, or return None if the text is none.

    No error leaves this frame: its traceback would show a password in the address.
    """
    # The standard library drops some of these characters, the HTTP library does not.
    if not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port  # Raises ValueError for a malformed port.
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None
