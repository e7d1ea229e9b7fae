"""Requests and responses of httpx, and of httpx2, its successor.

The two libraries share names but no types, so a response is made of the types of the library whose
client made the request.
"""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import TypeVar, cast

import httpx

from .http_response import HttpResponse

_T = TypeVar("_T")


def path_of(request: httpx.Request) -> str:
    """Return a request's path, without the query."""
    return request.url.raw_path.partition(b"?")[0].decode("ascii")


def query_of(request: httpx.Request) -> str:
    """Return a request's query, without `?`."""
    return request.url.query.decode("ascii")


def patience_of(request: httpx.Request) -> float | None:
    """Return the seconds that a piece of the answer may take: httpx's `read` timeout."""
    return cast("dict[str, float | None]", request.extensions.get("timeout", {})).get("read")


def library_of(request: httpx.Request) -> ModuleType:
    """Return the library whose client made a request."""
    return sys.modules[type(request).__module__.partition(".")[0]]


@functools.cache
def stream_class(body: type[_T], base: type) -> type[_T]:
    """Return a class of bodies that are streams of a library, too."""
    return cast("type[_T]", type(body.__name__, (body, base), {}))


def response(request: httpx.Request, status: int, **parts: object) -> httpx.Response:
    """Return the response to a request, with the arguments of the library's `Response`."""
    return cast("httpx.Response", library_of(request).Response(status, **parts))


def whole(request: httpx.Request, whole_response: HttpResponse) -> httpx.Response:
    """Return one of the API's whole responses as a response to a request."""
    return response(
        request,
        whole_response.status,
        headers=whole_response.headers,
        content=whole_response.body,
    )


def too_late(request: httpx.Request) -> httpx.ReadTimeout:
    """Return the library's error for a piece of the answer that didn't come in time."""
    kind = library_of(request).ReadTimeout
    return cast("httpx.ReadTimeout", kind("The answer took too long.", request=request))
