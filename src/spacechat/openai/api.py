"""The API: its addresses, and what a request to each of them asks; does no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from ..errors import SettingsFileError
from . import completion_request, response_request, stored_routes
from .bounds import Bounds
from .http_response import HttpResponse
from .logins import Auth
from .question import Question
from .refusals import LONGEST_PATH, Error, Refusal, check_method, refusal
from .served_models import ServedModels
from .stored_responses import Recalled, StoredResponses

_ADDRESSES: Final = "/v1/chat/completions, /v1/responses, /v1/models and /v1/models/MODEL"


class Api:
    """The API's addresses and models.

    Args:
        models: See `ServedModels`, whose errors it raises.
        auth: See `ServedModels`.
        bounds: How much of the responses is kept.
    """

    def __init__(
        self,
        models: Sequence[str] | Mapping[str, str] | None,
        auth: Auth | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._models = ServedModels(models, auth)
        kept = bounds or Bounds()
        self._stored = StoredResponses(kept.stored, kept.stored_seconds)

    def recall(self, path: str, body: bytes) -> Recalled:
        """Return what a request takes from the stored responses, which its body doesn't show.

        Args:
            path: The path as it came.
            body: The body.
        """
        place = path.rstrip("/")
        about = stored_routes.place_of(place)
        if about is not None:
            return stored_routes.recall(about, self._stored)
        if place.endswith("/responses"):
            return response_request.recall(body, self._stored)
        return Recalled(self._stored)

    def receive(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        query: str = "",
        recalled: Recalled | None = None,
    ) -> Question | HttpResponse:
        """Return the question that a request asks, or the response to any other request.

        Args:
            method: The HTTP method, in capitals.
            path: The path as it came, with `%` and without the query. A prefix before
                `/chat/completions`, `/responses` or `/models`, such as `/v1`, doesn't matter.
            body: The body.
            query: The query, without `?`.
            recalled: What it takes from the stored responses, if that was looked up before.

        Raises:
            Refusal: There is nothing at the path, no such model, or the body is malformed.
        """
        if recalled is None:
            recalled = self.recall(path, body)
        try:
            return self._receive(method, path, body, query, recalled)
        except SettingsFileError as exc:
            raise refusal(exc) from exc

    def _receive(
        self, method: str, path: str, body: bytes, query: str, recalled: Recalled
    ) -> Question | HttpResponse:
        place = path.rstrip("/")
        if place.endswith("/chat/completions"):
            check_method(method, ("POST",), path)
            return self._models.resolved(completion_request.parse(body))
        if name := _model_in(path):
            check_method(method, ("GET",), "/v1/models/MODEL")  # Its name may have a password.
            return HttpResponse.of(self._models.described(unquote(name)))
        if place.endswith("/models"):
            check_method(method, ("GET",), path)
            return HttpResponse.of(self._models.listed())
        if place.endswith("/responses"):
            check_method(method, ("POST",), path)
            return self._models.resolved(response_request.parse(body, recalled, self._stored))
        about = stored_routes.place_of(place)
        if about is not None:
            return stored_routes.receive(about, method, query, recalled, self._stored)
        raise Refusal(
            404,
            Error(
                message=f"There is nothing at {path[:LONGEST_PATH]}. There are {_ADDRESSES}.",
                type="invalid_request_error",
                code="unknown_url",
            ),
        )


def _model_in(path: str) -> str:
    """Return the name of the model in a path, which may have slashes; empty if there is none."""
    name = path.partition("/v1/models/")[2]
    if name or path.rstrip("/").endswith("/models"):
        return name
    return path.partition("/models/")[2]
