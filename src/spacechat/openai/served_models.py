"""The models that are served: their names, and what each stands for; does no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from ..addresses import hide_user, without_user
from ..apps.hub import space_id
from ..apps.options import ChatOptions
from ..errors import SettingsFileError, SpaceChatError
from ..log import log
from ..preferences import load
from ..providers import Space, find
from ..providers import models as known_models
from ..providers.registry import check_name, meaning
from .logins import Auth, Logins
from .question import Question
from .refusals import bad_request, not_found


class Model(msgspec.Struct, kw_only=True):
    """A model, as the API describes it. When it was made is not known, so `created` is 0."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str


class ModelList(msgspec.Struct):
    """A list of models, as the API has it."""

    data: list[Model]
    object: str = "list"


class ServedModels:
    """The models that may be asked for.

    A name that stands for another one hides it: neither the list of models nor an error tells the
    address of its app.

    Args:
        models: The models, or names with the model that each stands for; None for any that
            spacechat knows or finds.
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
        if models is None:
            known_models()  # An alias that stands for nothing is left out of the list, no more.
        listed = models or ()
        named = listed if isinstance(listed, Mapping) else {each: each for each in listed}
        # Clients of this API must not see the user and password in an address.
        hidden = {without_user(name): hide_user(model) for name, model in named.items()}
        self._models = None if models is None else hidden
        self._logins = Logins(auth, {name: find(model) for name, model in hidden.items()})

    def listed(self) -> ModelList:
        """Return all models, as the API lists them."""
        listed = known_models() if self._models is None else self._models
        return ModelList(self._described(listed))

    def described(self, name: str) -> Model:
        """Return one model, as the API describes it.

        Raises:
            Refusal: There is no such model.
        """
        self._check(name)
        return self._describe(name)

    def resolved(self, question: Question) -> Question:
        """Return a question with the Space that its model stands for.

        Raises:
            Refusal: There is no such model, or it doesn't take what is asked of it.
        """
        self._check(question.model)
        named = self._space(question.model)
        space = find(named)
        _check_taken(question, space)
        options: ChatOptions = {
            **question.options,
            "auth": self._logins.of(question.model, space),
        }
        places = _places(named, space) if self._hides(question.model) else ()
        return msgspec.structs.replace(question, space=named, options=options, places=places)

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

    def _hides(self, model: str) -> bool:
        """Tell whether a name stands for another one."""
        return without_user(meaning(self._space(model))) != model

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
        host = urlsplit(find(self._space(name)).url).hostname or ""
        return Model(id=name, owned_by="spacechat" if self._hides(name) else host)


def _check_taken(question: Question, space: type[Space]) -> None:
    """Raise if a question has files or inputs, and its Space takes none.

    Raises:
        Refusal: It has.
    """
    for name, param, what in (("files", "messages", "files"), ("inputs", "inputs", "inputs")):
        if question.options.get(name) and name not in space.takes:
            raise bad_request(
                f"The model {question.model!r} takes no {what}: leave them out, or ask another.",
                param,
                "unsupported_parameter",
            )


def _places(named: str, space: type[Space]) -> list[str]:
    """Return the texts that tell where a Space is.

    Args:
        named: The name of its model, or its address.
        space: The Space.
    """
    parts = urlsplit(space.url)
    id_ = space_id(space.url) or ""
    places = [
        without_user(meaning(named)),
        space.default_model,
        space.url,
        parts.netloc,
        parts.hostname,
        id_,
        id_.replace("/", "-"),
    ]
    return [each for each in places if each]
