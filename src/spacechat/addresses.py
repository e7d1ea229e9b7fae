"""Addresses of web servers, as people and servers write them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar, cast
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from .hidden import Hidden

_Model = TypeVar("_Model")


def split_address(text: str) -> tuple[str, Hidden]:
    """Return the address of a server without what is no part of it, and the user in it.

    Args:
        text: It may have a user and password (`https://user:password@host`), and what a browser's
            address bar adds: a query and a fragment.

    Returns:
        The address, without a slash at the end, and `user:password` as they were written.

    Raises:
        ValueError: It is none; the message says why, and repeats nothing of it.
    """
    parts = _parts(text)
    if parts is None:
        raise ValueError(
            "it should begin with https:// or http://, and name a host, perhaps with a port up to "
            "65535"
        )
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host, query="", fragment="").geturl().rstrip("/"), Hidden(user)


def basic(user: str) -> dict[str, str]:
    """Return the header that sends a user and password as HTTP's own; none where there is none.

    Args:
        user: `user:password`, as they are written in an address.
    """
    if not user:
        return {}
    encoded = base64.b64encode(unquote_to_bytes(user)).decode()
    return {"authorization": Hidden(f"Basic {encoded}")}


def user_of(authorization: str) -> str:
    """Return the name of the user in a header that `basic` made; nothing where there is none."""
    encoded = authorization.removeprefix("Basic ")
    return base64.b64decode(encoded).partition(b":")[0].decode(errors="replace")


def without_user(text: str) -> str:
    """Return an address, or what was meant to be one, fit for a message."""
    scheme, _, rest = text.partition("://")
    shown = text.rpartition("@")[2]
    return f"{scheme}://{shown}" if "@" in rest and scheme.isalnum() else shown


def hide_user(model: _Model) -> _Model:
    """Return a model's name, or several; an address with a user in it shows in no repr."""
    if isinstance(model, str):
        return cast("_Model", Hidden(model)) if "@" in model else model
    if isinstance(model, Sequence):
        return cast("_Model", [hide_user(each) for each in cast("Sequence[object]", model)])
    return model


def is_origin(text: str) -> bool:
    """Tell whether a text names a server, and nothing on it."""
    try:
        url, user = split_address(text)
    except ValueError:
        return False
    return not user and url == text.rstrip("/") and not urlsplit(url).path


def host_of(text: str) -> str:
    """Return the name of the server that an address is of; none where it is no address."""
    parts = _parts(text)
    return "" if parts is None else parts.hostname or ""


def _parts(text: str) -> SplitResult | None:
    """Return the parts of an address, or None where it is none.

    No error leaves this frame, which would show a password in the address.
    """
    # The standard library passes over some of these characters, the HTTP library does not.
    if not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port  # Raises where it is none.
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None
