"""Refusals: the status and the body that stand for an error in the API."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from ..errors import (
    AuthenticationError,
    InputsError,
    MessagesError,
    ModelNotFoundError,
    QueueFullError,
    QuotaExceededError,
    RateLimitError,
    SettingsFileError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamTimeoutError,
)
from ..log import log
from .http_response import HttpResponse
from .words import in_api_words

LONGEST_PATH: Final = 200
"""Characters of a path that an error repeats."""

_LONGEST_WAIT: Final = 86_400
"""Seconds in `retry-after` at most: quotas are filled up daily."""


class Error(msgspec.Struct, kw_only=True):
    """The API's description of an error; `partial_text` is ours."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None
    partial_text: str | msgspec.UnsetType = msgspec.UNSET


class Refusal(Exception):  # noqa: N818 - it carries the API's `Error`
    """A request gets no answer, or an answer that ends early.

    Attributes:
        status: The HTTP status.
        error: The error in the body.
        headers: Further headers, by their names in lower case.
    """

    def __init__(self, status: int, error: Error, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers: Mapping[str, str] = headers or {}

    @property
    def body(self) -> Mapping[str, Error]:
        """The body of the response."""
        return {"error": self.error}

    def response(self) -> HttpResponse:
        """Return the refusal as a response."""
        return HttpResponse.of(self.body, self.status, **self.headers)


def bad_request(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """Return the refusal of a malformed request.

    Args:
        message: What is wrong, and what to do.
        param: The part of the request that is wrong.
        code: The API's name for the mistake, if it has one.
    """
    error = Error(message=message, type="invalid_request_error", param=param, code=code)
    return Refusal(400, error)


def not_found(message: str) -> Refusal:
    """Return the refusal of a request for a model that doesn't exist."""
    error = Error(
        message=message, type="invalid_request_error", param="model", code="model_not_found"
    )
    return Refusal(404, error)


def check_method(method: str, allowed: Sequence[str], path: str) -> None:
    """Raise if a path doesn't take a request's method.

    Args:
        method: The HTTP method, in capitals.
        allowed: Those that it takes.
        path: The path.

    Raises:
        Refusal: It doesn't take it.
    """
    if method not in allowed:
        raise Refusal(
            405,
            Error(
                message=f"{path[:LONGEST_PATH]} takes {' and '.join(allowed)}, not {method}.",
                type="invalid_request_error",
            ),
            {"allow": ", ".join(allowed)},
        )


def refusal(exc: SpaceChatError, messages_name: str = "messages") -> Refusal:
    """Return the refusal that stands for one of spacechat's errors.

    Args:
        exc: The error.
        messages_name: The parameter that the messages are in.
    """
    status, kind, code, param = _kind(exc, messages_name)
    headers: dict[str, str] = {}
    if isinstance(exc, RateLimitError):
        if exc.retry_after is not None:
            headers["retry-after"] = str(math.ceil(min(exc.retry_after, _LONGEST_WAIT)))
        if isinstance(exc, QuotaExceededError):
            headers["x-should-retry"] = "false"  # A quota is filled up in hours, not in seconds.
    error = Error(
        message=_message(exc),
        type=kind,
        param=param,
        code=code,
        partial_text=exc.partial_text or msgspec.UNSET,
    )
    return Refusal(status, error, headers)


def _message(exc: SpaceChatError) -> str:
    """Return an error in the API's words, without the path of a file on this machine."""
    if not isinstance(exc, SettingsFileError):
        return in_api_words(str(exc))
    log.error("%s", exc)
    return "The server's settings file is damaged: `spacechat models` there tells why."


def _kind(exc: SpaceChatError, messages_name: str) -> tuple[int, str, str, str | None]:
    """Return status, type, code and parameter."""
    if isinstance(exc, ModelNotFoundError) or (
        isinstance(exc, SpaceUnavailableError) and exc.status == 404
    ):
        return 404, "invalid_request_error", "model_not_found", "model"
    if isinstance(exc, MessagesError):
        return 400, "invalid_request_error", "invalid_value", messages_name
    if isinstance(exc, InputsError):
        return 400, "invalid_request_error", "invalid_value", "inputs"
    if isinstance(exc, AuthenticationError):
        # Not 401: that says that the key of this API is wrong.
        return 403, "permission_error", "space_forbidden", "model"
    if isinstance(exc, QuotaExceededError):
        return 429, "insufficient_quota", "insufficient_quota", None
    if isinstance(exc, RateLimitError):
        return 429, "rate_limit_error", "rate_limit_exceeded", None
    if isinstance(exc, QueueFullError):
        return 503, "server_error", "queue_full", None
    if isinstance(exc, SettingsFileError):
        return 500, "server_error", "settings_file", None
    if isinstance(exc, StreamTimeoutError):
        return 504, "server_error", "space_timeout", None
    if isinstance(exc, SpaceUnavailableError):
        return 503, "server_error", "space_unavailable", None
    return 502, "server_error", "space_failed", None
