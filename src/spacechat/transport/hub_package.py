"""Requests to the Hub by way of `huggingface_hub`, where that is installed.

The package knows who is logged in: it renews a login that is about to expire, and asks Colab for
its secret. It may have been told how to reach the Hub (`set_client_factory`), or not to
(`HF_HUB_OFFLINE`). So its session makes the request, with its login. What it has no bounds for is
bounded here. Its own functions would wait without end, keep an answer of any size, and repeat a
request for minutes; retries, deadlines and errors are those of any other request of ours instead.

The package blocks, so that a thread makes the request. Cancelling leaves the thread to itself. It
ends by its own time limits, or with the process, and with what it holds: no more than the answer
may have.
"""

from __future__ import annotations

import functools
import importlib.util
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
import httpx

from ..addresses import is_loopback
from ..errors import ProtocolError, SpaceUnavailableError
from ..hidden import Hidden
from ..log import log
from ..settings import Settings, is_header_value
from ..version import __version__
from .bodies import Guard
from .credentials import is_proxied
from .deadline import Deadline
from .failures import os_reason
from .hub_token import is_withheld

_T = TypeVar("_T")

_LONGEST = 10.0
"""Seconds for a connection, and for any sign of life, where the client's settings allow more."""

_OWN = frozenset({"host", "connection", "user-agent"})
"""Headers that the package's session sets by itself."""

_POLL = 0.01
"""Seconds between two looks at whether the thread is done."""

_LOOK = 1.0
"""Seconds by which a thread that was left to itself may outlast the deadline, besides a read."""


@dataclass(frozen=True)
class _Asked:
    """A request to the Hub.

    Attributes:
        url: Its address.
        headers: Its headers.
        logs_in: Whether it goes with the package's login.
        largest: Bytes that the answer may have.
        deadline: When it has to be over, by `time.monotonic`.
        timeout: Seconds for a connection, and for any sign of life.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    logs_in: bool
    largest: int
    deadline: float
    timeout: float


@functools.cache
def has_hub_package() -> bool:
    """Return whether `huggingface_hub` is installed."""
    return importlib.util.find_spec("huggingface_hub") is not None


async def fetch_by_package(
    request: httpx.Request, largest: int, settings: Settings, guard: Guard, deadline: Deadline
) -> httpx.Response | None:
    """Make a request by way of `huggingface_hub`; None if the package is too old for that.

    Args:
        request: The request, as it would be made without the package.
        largest: Bytes that the answer may have.
        settings: The client's settings.
        guard: Ends it at the deadline.
        deadline: When the total timeout is over.

    Raises:
        httpx.TransportError: The Hub can't be reached, or the connection breaks.
        SpaceUnavailableError: The package refuses to ask.
        StreamTimeoutError: The total timeout is over.
        ProtocolError: The answer is too large.
    """
    limits = [each for each in (settings.timeout.connect, settings.timeout.idle) if each]
    timeout = min(_LONGEST, *limits, max(deadline.at - time.monotonic(), _LOOK))
    headers = {name: value for name, value in request.headers.items() if name not in _OWN}
    asked = _Asked(
        str(request.url), headers, _logs_in(request, settings), largest, deadline.at, timeout
    )
    with guard.fail_at_deadline():
        return await _in_thread(lambda: _fetch(asked))


async def _in_thread(work: Callable[[], _T]) -> _T:
    """Return the result of a function that blocks.

    If this is cancelled, its thread is left alone. It keeps no process from ending, as one of
    anyio's would: the Hub may be silent, and the package has no bound for renewing a login.
    """
    result: Future[_T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as exc:  # noqa: BLE001 - raised where the result is awaited
            result.set_exception(exc)

    threading.Thread(target=run, name="spacechat-hub", daemon=True).start()
    while not result.done():  # noqa: ASYNC110 - the thread may outlast the loop: it wakes nobody
        await anyio.sleep(_POLL)
    return result.result()


def _logs_in(request: httpx.Request, settings: Settings) -> bool:
    """Return whether a request may go with the package's login: neither another nor none is named.

    The package itself would send the login where the user withholds it: only those of its own
    functions that make a request's headers heed that.
    """
    named = settings.token is not None or "authorization" in map(str.lower, settings.headers)
    if named or is_withheld():
        return False
    is_local = is_loopback(request.url.host) and not is_proxied(request.url, settings.proxy)
    is_safe = request.url.scheme == "https" or is_local
    return is_safe and request.headers.get("authorization", "Bearer").startswith("Bearer")


def _fetch(asked: _Asked) -> httpx.Response | None:
    """Make a request; runs in a thread of its own."""
    import huggingface_hub

    try:
        session: Any = huggingface_hub.get_session()
        if not hasattr(session, "build_request"):  # Before 1.0, it is one of another HTTP library.
            return None
        agent = f"spacechat/{__version__}; hf_hub/{huggingface_hub.__version__}"
        headers = {**asked.headers, "user-agent": agent}
        token = _saved_login() if asked.logs_in else None
        if token and is_header_value(token):
            headers["authorization"] = Hidden(f"Bearer {token}")
        with session.stream(
            "GET", asked.url, headers=headers, timeout=asked.timeout, follow_redirects=False
        ) as response:
            body = _read(response, asked)
            return httpx.Response(
                response.status_code, headers=[*response.headers.items()], content=body
            )
    except (ProtocolError, httpx.HTTPError):
        raise
    except Exception as exc:  # noqa: BLE001 - those of another HTTP library, or of the package
        error = _translated(exc)
    raise error


def _saved_login() -> Hidden | None:
    """Return the package's login; None if there is none, or its file can't be read.

    The package fails for such a file. A search needs no login, so that here it counts as none, as
    it does without the package.
    """
    import huggingface_hub

    try:
        return Hidden.of(huggingface_hub.get_token())
    except (OSError, UnicodeDecodeError) as exc:
        if isinstance(exc, OSError) and exc.errno is None:
            raise  # One of the package's own, about a login that it could not exchange.
        log.warning("huggingface_hub can't read the saved token: %s. None is sent.", os_reason(exc))
        return None


def _read(response: Any, asked: _Asked) -> bytes:
    """Return a response's body, as it came over the wire.

    Raises:
        ProtocolError: It is too large, or compressed.
        httpx.ReadTimeout: The deadline is over.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProtocolError("The Hub compressed its answer, which was not asked for.")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > asked.largest:
            raise ProtocolError(
                f"The Hub's answer has more than {asked.largest} bytes. Check HF_ENDPOINT."
            )
        if time.monotonic() > asked.deadline + _LOOK:
            raise httpx.ReadTimeout("The answer took too long.")
    return bytes(body)


def _translated(exc: Exception) -> Exception:
    """Return an error of the package's HTTP library as one of ours; any other as a refusal."""
    kind = getattr(httpx, type(exc).__name__, None)
    if isinstance(kind, type) and issubclass(kind, httpx.RequestError):
        error = kind(str(exc))
        error.__cause__ = exc  # What lies at the bottom of it, a message says.
        return error
    return SpaceUnavailableError(f"huggingface_hub can't ask the Hub: {os_reason(exc)}.")
