"""Requests as they are compared: without what differs from one visit to the next."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

__all__ = ["Call", "Sent", "Visited", "calls", "paths"]

_PREFIX: Final = "/gradio_api"
#: Routes that have a path of its own for each page or file.
_ONE_EACH: Final = ("heartbeat", "static", "assets", "svelte", "file", "custom_component")
_SERVER_FILES: Final = re.compile(r"[^\s\"'=]*spacechat-gradio-\w+/")
_HASH: Final = re.compile(r"/[0-9a-f]{40,64}/")
_DURATION: Final = re.compile(r'("duration":)\s*[\d.e-]+')


class Sent(NamedTuple):
    """A request as it was sent."""

    method: str
    url: str
    body: str


@dataclass(frozen=True)
class Call:
    """A call of a function of the app.

    Attributes:
        path: Its route, without the app's root and the prefix of the API.
        fn_index: The function.
        data: Its inputs.
        event_data: What the event tells beside them.
        trigger_id: The component that a person used.
        session: The number of its session, from 0, in the order of their first calls.
        not_needed: Why spacechat does without this call of the page (see `table`); empty: it
            must not.
        differs: Fields that spacechat sends otherwise than the page, and why that is right.
        asked_by: The function by which spacechat asks in the place of this one and some before it,
            or None. Then `data` is what that takes.
        shown_by: The function that shows what that one says, or None.
    """

    path: str
    fn_index: int
    data: list[Any] = field(default_factory=list)
    event_data: Any = None
    trigger_id: int | None = None
    session: int = 0
    not_needed: str = ""
    differs: dict[str, str] = field(default_factory=dict)
    asked_by: int | None = None
    shown_by: int | None = None


@dataclass
class Visited:
    """A conversation that was held on a page.

    Attributes:
        opening: The calls that the page made before the first question.
        turns: The calls for each question.
        answers: The text that the page showed for each.
        paths: The routes of all its requests that call no function.
    """

    opening: list[Call]
    turns: list[list[Call]]
    answers: list[str]
    paths: list[str]


def calls(base: str, sent: list[list[Sent]]) -> list[list[Call]]:
    """Return the calls among the requests of each turn.

    Args:
        base: The app's address, without a slash at its end.
        sent: The requests of each turn.
    """
    sessions: dict[str, int] = {}
    return [[_call(base, r, sessions) for r in turn if '"fn_index"' in r.body] for turn in sent]


def paths(base: str, sent: list[list[Sent]]) -> list[str]:
    """Return the routes that requests beside the calls went to, each once."""
    others = [r for turn in sent for r in turn if '"fn_index"' not in r.body]
    return sorted({f"{r.method} {_path(base, r.url)}" for r in others})


def _call(base: str, request: Sent, sessions: dict[str, int]) -> Call:
    body: dict[str, Any] = json.loads(_plain(base, request.body))
    session = sessions.setdefault(body["session_hash"], len(sessions))
    return Call(
        path=_path(base, request.url),
        fn_index=body["fn_index"],
        data=body.get("data", []),
        event_data=body.get("event_data"),
        trigger_id=body.get("trigger_id"),
        session=session,
    )


def _path(base: str, url: str) -> str:
    path = urlsplit(url).path.removeprefix(urlsplit(base).path).removeprefix(_PREFIX)
    kind = path.lstrip("/").partition("/")[0].partition("=")[0]
    return f"/{kind}/…" if kind in _ONE_EACH else path


def _plain(base: str, body: str) -> str:
    """Leave out the server's port, the folders that it keeps its files in, and measured times."""
    body = _HASH.sub("/", _SERVER_FILES.sub("/", body.replace(base, "http://app")))
    return _DURATION.sub(r"\1 0", body)
