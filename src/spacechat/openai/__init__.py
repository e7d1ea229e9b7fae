"""The OpenAI API in front of any Space: a server, and the same in-process for the `openai` package.

Both share the parts that do no I/O: the addresses (`api`), the models (`served_models`), and the
refusals that stand for errors (`refusals`). Each kind of request has a parser, which makes a
`question` of a body, and writers, which make a response of an answer's events: those of completions
are `completion_request` and `completion_writers`. The blocking transport is generated from the
asynchronous one (`blocking`). Names are loaded when they are first used.

Examples:
    >>> import httpx, openai, spacechat.openai  # doctest: +SKIP
    >>> http = httpx.Client(transport=spacechat.openai.Transport())
    >>> client = openai.OpenAI(api_key="-", http_client=http)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .blocking.transports import Transport
    from .bounds import Bounds
    from .server import Server
    from .transports import AsyncTransport

__all__ = ["AsyncTransport", "Bounds", "Server", "Transport"]

_HOME = {
    "AsyncTransport": "transports",
    "Bounds": "bounds",
    "Server": "server",
    "Transport": "blocking.transports",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
