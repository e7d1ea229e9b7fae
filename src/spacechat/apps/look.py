"""A look at a Space: whether it is a chat, and what a question to it would meet.

A look only reads: the app's description, and the length of its queue. It calls no function, not
even those that the page calls when it is opened. It wakes no Space, either: one that does not run,
as the Hub has it, gets no request. A Space is anybody's, and nobody has named it, so that it gets
neither the client's token nor its headers, unless it is private: then only those whom its owner
trusts find it.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import msgspec

from ..addresses import origin_of
from ..errors import AuthenticationError, SpaceChatError
from ..protocol.failures import plain_text
from ..steps import Connect, Request, Steps, fetch
from .app import App
from .choice import find_ways
from .decoding import MALFORMED
from .description import fetch_description, wants_login
from .found import FoundSpace
from .hub import find_host
from .hub_search import ListedSpace
from .plain_words import summary

REQUESTS = 4
"""Requests that a look takes, at the most: for the host, `/config`, `/info` and the queue."""

_LARGEST = 4 << 20
"""The largest description of an app that is looked at, in bytes."""

_MOST = 1_000_000
"""People in a queue, and seconds of a wait, from which on a number means nothing."""

_LARGEST_STATUS = 4096
"""The largest answer with the length of a queue, in bytes."""


class _Status(msgspec.Struct):
    queue_size: int | None = None
    rank_eta: float | None = None


def look_at(listed: ListedSpace) -> Steps[FoundSpace]:
    """Return what a person would want to know of a Space that is running.

    Raises:
        SpaceChatError: The app can't be reached, or is no Gradio app; the kind says why.
    """
    found = FoundSpace.of(listed)
    host = listed.host or (yield from find_host(listed.id))
    page = {"origin": origin_of(host), "referer": f"{host}/"}
    yield Connect(host, page, anonymous=not listed.private)
    try:
        _, app = yield from fetch_description(host, None, largest=_LARGEST)
    except AuthenticationError as exc:
        if not wants_login(exc):
            raise
        problem = "It has a login of its own: ask it with auth=(user, password)."
        return replace(found, login=True, problem=problem)
    judged = _judged(found, app)
    return (yield from _with_queue(judged, host + app.api_prefix)) if judged.chat else judged


def unreachable(listed: ListedSpace, problem: str) -> FoundSpace:
    """Return a Space that runs in the Hub's words, and did not answer as an app does."""
    return replace(FoundSpace.of(listed), state="unreachable", problem=plain_text(problem))


def _judged(found: FoundSpace, app: App) -> FoundSpace:
    """Return a Space with what its app's description says."""
    ways = find_ways(app)
    found = replace(found, sign_in=app.has_sign_in, gradio=plain_text(app.version)[:40])
    if ways.best is None:
        return replace(found, problem=plain_text(ways.problem or ""))
    how = " ".join(summary(ways.best, ways.all))
    return replace(found, chat=True, how=plain_text(how))


def _with_queue(found: FoundSpace, api: str) -> Steps[FoundSpace]:
    """Return a Space with the length of its queue, if the app tells it."""
    with contextlib.suppress(SpaceChatError, *MALFORMED):
        response = yield from fetch(Request(f"{api}/queue/status"), largest=_LARGEST_STATUS)
        status = msgspec.json.decode(response.body, type=_Status)
        size, wait = status.queue_size, status.rank_eta
        if size is not None and 0 <= size < _MOST:
            known = wait is not None and 0.0 <= wait < _MOST
            return replace(found, queue=size, wait=wait if known else None)
    return found
