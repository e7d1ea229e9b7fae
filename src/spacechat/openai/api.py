"""The API: its addresses, its models, and what a request to each of them asks; does no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

import msgspec

from ..addresses import hide_user, without_user
from ..apps.options import hide_auth
from ..errors import SettingsFileError, SpaceChatError
from ..log import log
from ..preferences import load
from ..providers import GradioChat, Space, find
from ..providers import models as known_models
from ..providers.registry import check_name
from .completion_request import CompletionRequest, parse
from .refusals import Error, Refusal, not_found, refusal
from .responses import Response


class Model(msgspec.Struct, kw_only=True):
    """A model, as the API describes it. When it was made is not known, so `created` is 0."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str


class _Models(msgspec.Struct):
    data: list[Model]
    object: str = "list"


class Api:
    """The API's addresses and models.

    Args:
        models: The models that may be asked for, or names with the model that each stands for;
            None for any that spacechat knows or finds.
        auth: User and password of the one app among the models that is named by its address.

    Raises:
        ValueError: There is a login, and not just one such app.
        ModelNotFoundError: There is no such model.
        SpaceUnavailableError: A model's address can't be used.
        SettingsFileError: The user's settings file is damaged.
    """

    def __init__(
        self,
        models: Sequence[str] | Mapping[str, str] | None,
        auth: tuple[str, str] | None = None,
    ) -> None:
        if models is None:
            known_models()  # An alias that stands for nothing is left out of the list, no more.
        listed = models or ()
        named = listed if isinstance(listed, Mapping) else {each: each for each in listed}
        spaces = list(map(find, named.values()))
        self._auth = hide_auth(auth)
        # An alias may stand for another app later, which must not see the password.
        self._login_at = None if auth is None else _one_app(spaces)
        # Clients of this API must not see the user and password in an address.
        self._models = (
            None
            if models is None
            else {without_user(name): hide_user(model) for name, model in named.items()}
        )

    def receive(self, method: str, path: str, body: bytes) -> CompletionRequest | Response:
        """Return the request for a completion, or the response to any other request.

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

    def _receive(self, method: str, path: str, body: bytes) -> CompletionRequest | Response:
        place = path.rstrip("/")
        if place.endswith("/chat/completions"):
            _expect(method, "POST", path)
            question = parse(body)
            self._check(question.model)
            space = self._space(question.model)
            options = question.options
            if self._login_at is not None and find(space).url == self._login_at:
                options = {**options, "auth": self._auth}
            return msgspec.structs.replace(question, space=space, options=options)
        if place.endswith("/models"):
            _expect(method, "GET", path)
            listed = known_models() if self._models is None else self._models
            return Response.of(_Models(self._described(listed)))
        _, separator, name = path.partition("/models/")
        if separator:
            _expect(method, "GET", path)
            name = unquote(name)
            self._check(name)
            return Response.of(self._describe(name))
        raise Refusal(
            404,
            Error(
                message=f"There is nothing at {path}: ask /v1/chat/completions or /v1/models.",
                type="invalid_request_error",
                code="unknown_url",
            ),
        )

    def _check(self, model: str) -> None:
        try:
            check_name(model)
            if self._models is not None and model not in self._models:
                listed = ", ".join(self._models)
                raise not_found(f"There is no model {model!r} here. There are {listed}.")
            find(self._space(model))
        except SettingsFileError:
            raise
        except SpaceChatError as exc:  # An address that can't be used is one, too.
            raise not_found(self._reason(model, exc)) from exc

    def _reason(self, model: str, error: SpaceChatError) -> str:
        """Return in words why there is no model; that what a name stands for is none is logged."""
        if model not in (load().models if self._models is None else self._models):
            return str(error)
        log.warning("The model %r can't be asked: %s", model, error)
        return f"The model {model!r} can't be asked: what it stands for here is no model."

    def _space(self, model: str) -> str:
        """Return the model that a name stands for, as the client takes it."""
        return model if self._models is None else self._models[model]

    def _described(self, names: Iterable[str]) -> list[Model]:
        """Return the models of these names."""
        found = map(self._describe_if_there, names)
        return [each for each in found if each is not None]

    def _describe_if_there(self, name: str) -> Model | None:
        """Return the model of a name, or None for an alias that stands for none."""
        try:
            return self._describe(name)
        except SettingsFileError:
            raise
        except SpaceChatError:
            return None

    def _describe(self, name: str) -> Model:
        return Model(id=name, owned_by=urlsplit(find(self._space(name)).url).hostname or "")


def _one_app(spaces: Sequence[type[Space]]) -> str:
    """Return the address of the only app: no app must see the password of another.

    Raises:
        ValueError: There is none, or there are several.
    """
    apps = {space.url for space in spaces if issubclass(space, GradioChat)}
    if len(apps) != 1:
        raise ValueError(
            "auth= goes to one app, so the models must name exactly one by its address or its "
            f"Space's id, and they name {len(apps) or 'none'}: serve each app that has a login by "
            "a server of its own."
        )
    return apps.pop()


def _expect(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise Refusal(
            405,
            Error(message=f"{path} takes {allowed}, not {method}.", type="invalid_request_error"),
            {"allow": allowed},
        )
