"""Requests about stored responses; does no I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

from ..messages import Message
from .http_response import HttpResponse
from .refusals import Error, Refusal, bad_request, check_method
from .response_object import InputMessage, InputText, OutputMessage, OutputText
from .stored_responses import (
    MESSAGE,
    RESPONSE,
    Recalled,
    StoredResponse,
    StoredResponses,
    token_of,
)

_PLACE: Final = re.compile(r".*/responses/(?P<id>[^/]+)(?P<items>/input_items)?", re.DOTALL)

_MOST: Final = 100
_USUAL: Final = 20
"""Messages in one answer: at most, and where no number is given."""

_MOST_FIELDS: Final = 20
"""Parameters that the query of an address may have."""


class _Deleted(msgspec.Struct):
    id: str
    object: str = "response"
    deleted: bool = True


class _Messages(msgspec.Struct):
    data: Sequence[InputMessage | OutputMessage]
    first_id: str
    last_id: str
    has_more: bool
    object: str = "list"


class Place(NamedTuple):
    """The part of an address that is about a stored response.

    Attributes:
        name: The id of a response.
        of_input: Whether it is about the response's input.
        path: The path.
    """

    name: str
    of_input: bool
    path: str


def place_of(path: str) -> Place | None:
    """Return the place that a path leads to, or None if it isn't about a stored response."""
    match = _PLACE.fullmatch(path)
    return match and Place(unquote(match["id"]), match["items"] is not None, path)


def recall(place: Place, stored: StoredResponses) -> Recalled:
    """Return what the response to a request takes from the stored responses."""
    token = token_of(place.name, RESPONSE)
    found = stored.get(token)
    if found is None:
        return Recalled(stored)
    text = found.before if place.of_input else found.body
    return Recalled(stored, (token,), [(text, 1)])


def receive(
    place: Place, method: str, query: str, recalled: Recalled, stored: StoredResponses
) -> HttpResponse:
    """Return the response to a request about a stored response.

    Args:
        place: The place.
        method: The HTTP method, in capitals.
        query: What follows the path behind `?`.
        recalled: The response.
        stored: All responses.

    Raises:
        Refusal: The response is not there, or this can't be asked of it.
    """
    check_method(method, ("GET",) if place.of_input else ("GET", "DELETE"), place.path)
    found = recalled.response(place.name)
    if found is None:
        raise _missing(place.name, stored)
    if place.of_input:
        return HttpResponse.of(_messages(place.name, found, _fields(query)))
    if method == "DELETE":
        stored.remove(token_of(place.name, RESPONSE))
        return HttpResponse.of(_Deleted(place.name))
    if _fields(query).get("stream", "false") != "false":
        raise bad_request(
            "A stored response is complete, and is not streamed again: leave 'stream' out.",
            "stream",
            "unsupported_parameter",
        )
    return HttpResponse.json(found.body)


def _missing(name: str, stored: StoredResponses) -> Refusal:
    error = Error(
        message=stored.why_missing(name),
        type="invalid_request_error",
        param="response_id",
        code="response_not_found",
    )
    return Refusal(404, error)


def _fields(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as exc:
        raise bad_request(
            f"The query of the address has more than {_MOST_FIELDS} parameters: leave some out."
        ) from exc


def _messages(name: str, found: StoredResponse, fields: dict[str, str]) -> _Messages:
    """Return the messages before an answer, as items."""
    start = MESSAGE + token_of(name, RESPONSE)
    numbered = [(f"{start}_{number}", each) for number, each in enumerate(found.messages_before)]
    order = fields.get("order", "desc")
    if order not in ("asc", "desc"):
        raise bad_request("'order' is asc or desc.", "order", "invalid_value")
    if order == "desc":
        numbered.reverse()
    ids = [each for each, _ in numbered]
    if (after := fields.get("after")) is not None:
        if after not in ids:
            raise bad_request("'after' names no item of this input.", "after", "invalid_value")
        numbered = numbered[ids.index(after) + 1 :]
    limit = fields.get("limit", str(_USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= _MOST):
        raise bad_request(f"'limit' is a number from 1 to {_MOST}.", "limit", "invalid_value")
    data = [_item(*each) for each in numbered[: int(limit)]]
    return _Messages(
        data=data,
        first_id=data[0].id if data else "",
        last_id=data[-1].id if data else "",
        has_more=len(numbered) > len(data),
    )


def _item(name: str, message: Message) -> InputMessage | OutputMessage:
    text = message["content"]
    if message["role"] == "assistant":
        return OutputMessage(id=name, status="completed", content=[OutputText(text=text)])
    return InputMessage(id=name, role=message["role"], content=[InputText(text=text)])
