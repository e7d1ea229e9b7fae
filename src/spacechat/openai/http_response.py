"""Whole responses of the server, with status and headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class HttpResponse:
    """A whole response.

    Attributes:
        status: The HTTP status.
        body: JSON.
        headers: Further headers, in lower case.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, value: object, status: int = 200, **headers: str) -> HttpResponse:
        """Return the response with a value as JSON."""
        return cls.json(msgspec.json.encode(value), status, **headers)

    @classmethod
    def json(cls, body: bytes, status: int = 200, **headers: str) -> HttpResponse:
        """Return the response with a body that is JSON."""
        return cls(status, body, {"content-type": "application/json", **headers})
