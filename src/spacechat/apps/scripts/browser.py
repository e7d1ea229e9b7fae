"""A browser that opens an app's page for the first time, as the page's scripts see it.

The page's address has no parameters, nothing is stored, and the language is English. What a script
may ask for and is not here is `UNKNOWN`, and so is whatever is made of that.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit


class Unknown:
    """A value that can't be told."""


class Undefined:
    """JavaScript's undefined."""


class Empty:
    """Something that holds nothing: the storage, or an address's parameters."""


class BrowserObject(dict[str, object]):
    """An object of the browser: it has more members than are known here, and is sent nowhere."""


UNKNOWN = Unknown()
UNDEFINED = Undefined()
EMPTY = Empty()

HostFunction: TypeAlias = "Callable[[Sequence[Any]], object]"
"""A function of the browser, which takes its arguments as a list."""


def browser(url: str) -> dict[str, object]:
    """Return what the names mean that every script knows.

    Args:
        url: The page's address.
    """
    names: dict[str, object] = {**_NAMES, "location": _location(url), "URL": _url_maker(url)}
    names["document"] = BrowserObject(cookie="", referrer="", URL=url, location=names["location"])
    everything = BrowserObject(names)
    for name in ("window", "globalThis", "self", "top", "parent"):
        names[name] = everything
    return names


def _location(url: str) -> BrowserObject:
    parts = urlsplit(url)
    return BrowserObject(
        href=url,
        origin=f"{parts.scheme}://{parts.netloc}",
        protocol=f"{parts.scheme}:",
        host=parts.netloc,
        hostname=parts.hostname,
        pathname=parts.path or "/",
        search="",
        hash="",
        toString=lambda _: url,
    )


def _url_maker(url: str) -> HostFunction:
    location = BrowserObject(_location(url), searchParams=EMPTY)

    def make(arguments: Sequence[Any]) -> object:
        given = _first(arguments)
        href = given.get("href") if isinstance(given, BrowserObject) else given
        return location if href == url else UNKNOWN

    return make


def member(owner: object, key: object) -> object:
    """Return a member of a value."""
    if isinstance(key, Unknown):
        return UNKNOWN
    if owner is None or isinstance(owner, Undefined):
        return UNDEFINED
    if isinstance(owner, Empty):
        return _OF_EMPTY.get(str(key), UNDEFINED)
    if isinstance(owner, Mapping):
        missing = UNKNOWN if isinstance(owner, BrowserObject) else UNDEFINED
        return cast("Any", owner).get(key, missing)
    if isinstance(owner, str | list):
        return _of_sequence(cast("Any", owner), key)
    return UNKNOWN


def _of_sequence(owner: str | list[Any], key: object) -> object:
    if key == "length":
        return len(owner)
    if isinstance(key, int) and not isinstance(key, bool):
        return owner[key] if 0 <= key < len(owner) else UNDEFINED
    methods = _OF_TEXT if isinstance(owner, str) else _OF_LIST
    method = methods.get(key) if isinstance(key, str) else None
    return UNKNOWN if method is None else lambda arguments: method(owner, *arguments)


def _first(arguments: Sequence[Any]) -> Any:
    return arguments[0] if arguments else UNDEFINED


def _parameters(arguments: Sequence[Any]) -> object:
    return EMPTY if _first(arguments) in ("", UNDEFINED, EMPTY) else UNKNOWN


def _from_entries(arguments: Sequence[Any]) -> object:
    return {} if _first(arguments) in (EMPTY, []) else UNKNOWN


def _to_list(arguments: Sequence[Any]) -> object:
    return [] if _first(arguments) is EMPTY else UNKNOWN


def _to_json(arguments: Sequence[Any]) -> object:
    value = _first(arguments)
    if isinstance(value, Unknown | Undefined | Empty | BrowserObject) or len(arguments) != 1:
        return UNKNOWN
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return UNKNOWN


def _from_json(arguments: Sequence[Any]) -> object:
    try:
        return json.loads(_first(arguments), parse_constant=_no_constant)
    except (TypeError, ValueError, RecursionError):
        return UNKNOWN


def _no_constant(name: str) -> object:
    raise ValueError(name)  # As `NaN`, which Python takes and JSON doesn't have.


def _same_text(arguments: Sequence[Any]) -> object:
    value = _first(arguments)
    return value if isinstance(value, str) else UNKNOWN


def _nothing(_: Sequence[Any]) -> object:
    return UNDEFINED


def _none(_: Sequence[Any]) -> object:
    return None


_NAVIGATOR = BrowserObject(
    language="en-US", languages=["en-US", "en"], onLine=True, cookieEnabled=True
)
_FORMAT = BrowserObject(resolvedOptions=lambda _: BrowserObject(locale="en-US", timeZone="UTC"))
_CONSOLE = BrowserObject(dict.fromkeys(("log", "info", "warn", "error", "debug"), _nothing))

_NAMES: Mapping[str, object] = {
    "URLSearchParams": _parameters,
    "localStorage": EMPTY,
    "sessionStorage": EMPTY,
    "navigator": _NAVIGATOR,
    "console": _CONSOLE,
    "Object": BrowserObject(fromEntries=_from_entries),
    "Array": BrowserObject({"from": _to_list}),
    "JSON": BrowserObject(stringify=_to_json, parse=_from_json),
    "String": _same_text,
    "decodeURIComponent": _same_text,
    "Math": BrowserObject(random=lambda _: random.random()),  # noqa: S311 - as a page's
    "Date": BrowserObject(now=lambda _: time.time_ns() // 1_000_000),
    "Intl": BrowserObject(DateTimeFormat=lambda _: _FORMAT),
    "crypto": BrowserObject(randomUUID=lambda _: str(uuid.uuid4())),
    "setTimeout": lambda _: 1,
    "alert": _nothing,
}

BROWSER_NAMES = frozenset(browser("http://localhost/"))
"""The names that every script knows."""

_OF_EMPTY: Mapping[str, object] = {
    "get": _none,
    "getItem": _none,
    "has": lambda _: False,
    "getAll": lambda _: [],
    "entries": lambda _: EMPTY,
    "keys": lambda _: EMPTY,
    "values": lambda _: EMPTY,
    "toString": lambda _: "",
    "setItem": _nothing,
    "removeItem": _nothing,
    "forEach": _nothing,
    "size": 0,
    "length": 0,
}
"""The members of something that holds nothing."""

_OF_TEXT: Mapping[str, Callable[..., object]] = {
    "trim": lambda text, *_: text.strip(),
    "toLowerCase": lambda text, *_: text.lower(),
    "toUpperCase": lambda text, *_: text.upper(),
    "toString": lambda text, *_: text,
    "includes": lambda text, *rest: _in_text(rest, lambda part: part in text),
    "startsWith": lambda text, *rest: _in_text(rest, text.startswith),
    "endsWith": lambda text, *rest: _in_text(rest, text.endswith),
}
_OF_LIST: Mapping[str, Callable[..., object]] = {
    "concat": lambda items, *rest: items + rest[0] if _are_lists(rest) else UNKNOWN,
    "slice": lambda items, *rest: _sliced(items, rest),
}


def _in_text(arguments: Sequence[Any], test: Callable[[str], bool]) -> object:
    """Return what a test of a text says; from which place on it looks is not known here."""
    is_part = len(arguments) == 1 and isinstance(arguments[0], str)
    return test(arguments[0]) if is_part else UNKNOWN


def _are_lists(arguments: Sequence[Any]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], list)


def _sliced(items: list[Any], bounds: Sequence[Any]) -> object:
    if not all(type(each) is int for each in bounds):
        return UNKNOWN
    first = bounds[0] if bounds else 0
    return items[first : bounds[1] if len(bounds) > 1 else len(items)]
