"""Refusals: which error stands for a response whose status is no success."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from ..errors import (
    AuthenticationError,
    GenerationError,
    InputsError,
    ProtocolError,
    QueueFullError,
    RateLimitError,
    SpaceChatError,
    SpaceUnavailableError,
)
from ..protocol.failures import failure, plain_text


def refusal_error(
    place: str, response: httpx.Response, body: bytes, *, runs: bool = False
) -> SpaceChatError:
    """Return the error for a status that is no success.

    Args:
        place: The Space's address.
        response: Its response.
        body: The response's body.
        runs: Whether the request runs a function of the app, so that the failure may be the
            function's.
    """
    decoded = _decoded(body)
    try:
        error = _error(place, response, decoded, runs=runs)
    except RecursionError:  # Decoding went as deep as it can; making text of it goes deeper.
        error = _error(place, response, "", runs=runs)
    error.status = response.status_code
    return error


def _error(place: str, response: httpx.Response, body: object, *, runs: bool) -> SpaceChatError:
    status = response.status_code
    detail = _detail(body)
    said = f"{place} answered {status} {response.reason_phrase}".rstrip()
    said += f": {detail}" if detail else ""
    said += "" if said.endswith((".", "!", "?", "…")) else "."
    if status == 500 and runs:
        if isinstance(body, dict) and "error" in body:
            return failure(body["error"], body.get("title"))
        return GenerationError(f"The Space failed: {said}")
    if status == 422 and (objections := _objections(body)):
        return InputsError(f"{place} does not take what was given: {objections}")
    if status == 413:
        return InputsError(f"{said} It takes less than what was given: send something smaller.")
    if status in (401, 403):
        return AuthenticationError(
            f"{said} The Space is private or gated, or the token is wrong: set token= or HF_TOKEN, "
            "or run `hf auth login`."
        )
    if status == 404:
        return SpaceUnavailableError(
            f"{said} There is no such Space or path: check the address, and that the Space is "
            "public and running."
        )
    if status == 429:
        return RateLimitError(
            f"{said} Ask less often.",
            retry_after=_retry_after(response.headers),
            temporary=True,
        )
    if status == 407:
        return SpaceUnavailableError(
            f"{said} The proxy on the way wants a user and a password: put them in its URL."
        )
    if status == 503 and "queue is full" in detail.lower():
        return QueueFullError(f"{said} Ask again later.", temporary=True)
    if status in (502, 503, 504):
        return SpaceUnavailableError(
            f"{said} The Space is asleep, starting or overloaded: ask again in a minute.",
            temporary=True,
        )
    if 300 <= status < 400:
        return SpaceUnavailableError(
            f"{said} It points elsewhere ({plain_text(response.headers.get('location', ''))}), "
            "which is not followed: use the Space's own address, and a token if it is private."
        )
    if status >= 500:
        return SpaceUnavailableError(
            f"{said} The app failed to take the request; its functions may have changed."
        )
    return ProtocolError(f"{said} The app does not take this request; it may have changed.")


def _decoded(body: bytes) -> object:
    """Return the body of a refusal as the JSON that it holds, or else as text."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return body.decode(errors="replace")


def _detail(body: object) -> str:
    """Return what a refusal says, in words."""
    if isinstance(body, dict):
        body = body.get("detail") or body.get("error") or body
    return plain_text(body if isinstance(body, str) else str(body))


def _objections(body: object) -> str:
    """Return the objections of the app's validators to the inputs; nothing if there are none."""
    detail = body.get("detail") if isinstance(body, dict) else None
    objections = [
        ": ".join(str(each[key]) for key in ("parameter_name", "message") if each.get(key))
        for each in (detail if isinstance(detail, list) else [detail])
        if isinstance(each, dict) and each.get("is_valid") is False
    ]
    return plain_text("; ".join(objections) or "its validator does not say why.") * bool(objections)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` gives, as a number or as a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
