"""The API: its addresses, and what a request to each of them asks; does no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from ..errors import SettingsFileError
from . import completion_request
from .logins import Auth
from .question import Question
from .refusals import Error, Refusal, refusal
from .responses import Response
from .served_models import ServedModels

_ADDRESSES: Final = "/v1/chat/completions, /v1/models and /v1/models/MODEL"

_LONGEST: Final = 200
"""Characters of a path that an error repeats."""


class Api:
    """The API's addresses and models.

    Args:
        models: The models that may be asked for, or names with the model that each stands for;
            None for any that spacechat knows or finds.
        auth: The logins of apps among them, as in `Logins`.

    Raises:
        InputsError: A login is no pair of texts.
        ValueError: A login is for no app among the models, or for any of several.
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address can't be used.
        SettingsFileError: The user's settings file is damaged.
    """

    def __init__(
        self, models: Sequence[str] | Mapping[str, str] | None, auth: Auth | None = None
    ) -> None:
        self._models = ServedModels(models, auth)

    def receive(self, method: str, path: str, body: bytes) -> Question | Response:
        """Return the question that a request asks, or the response to any other request.

        Args:
            method: The HTTP method, in capitals.
            path: The path as it came, with `%` and without the query. A prefix before
                `/chat/completions` or `/models`, such as `/v1`, doesn't matter.
            body: The body.

        Raises:
            Refusal: There is nothing at the path, no such model, or the body is malformed.
        """
        try:
            return self._receive(method, path, body)
        except SettingsFileError as exc:
            raise refusal(exc) from exc

    def _receive(self, method: str, path: str, body: bytes) -> Question | Response:
        place = path.rstrip("/")
        if place.endswith("/chat/completions"):
            _expect(method, "POST", path)
            return self._models.resolved(completion_request.parse(body))
        if place.endswith("/models"):
            _expect(method, "GET", path)
            return Response.of(self._models.listed())
        _, separator, name = path.partition("/models/")
        if separator:
            _expect(method, "GET", path)
            return Response.of(self._models.described(unquote(name)))
        raise Refusal(
            404,
            Error(
                message=f"There is nothing at {path[:_LONGEST]}. There are {_ADDRESSES}.",
                type="invalid_request_error",
                code="unknown_url",
            ),
        )


def _expect(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise Refusal(
            405,
            Error(
                message=f"{path[:_LONGEST]} takes {allowed}, not {method}.",
                type="invalid_request_error",
            ),
            {"allow": allowed},
        )
