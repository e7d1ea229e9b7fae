"""The models that are served: their names, and what each stands for; does no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit

import msgspec

from ..addresses import hide_user, host_of, without_user
from ..apps.hub import space_id
from ..apps.options import ChatOptions
from ..errors import SettingsFileError, SpaceChatError
from ..log import log
from ..preferences import load
from ..providers import GradioChat, Space, find
from ..providers import models as known_models
from ..providers.registry import check_name, meaning
from .logins import Auth, Logins
from .question import LEAVE_OUT, Question
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
        ValueError: A login is for no app among the models, or for any of several; or two models
            differ only in the user in their address.
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
        if len(hidden) < len(named):
            twice = Counter(map(without_user, named)).most_common(1)[0][0]
            raise ValueError(
                f"models= names {twice!r} twice, with several users: give each a name of its own, "
                "as in models={NAME: MODEL}."
            )
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
        return _described(name, *self._find(name))

    def resolved(self, question: Question) -> Question:
        """Return a question with the Space that its model stands for.

        The name is looked up once: what it stands for may change, and the login is for one app.

        Raises:
            Refusal: There is no such model, or it doesn't take what is asked of it.
        """
        name = without_user(question.model)
        meant, space = self._find(question.model)
        options: ChatOptions = {**question.options, "auth": self._logins.of(name, space)}
        found = msgspec.structs.replace(
            question,
            model=name,
            options=options,
            space=space,
            own_name=None if issubclass(space, GradioChat) else meant,
            places=_places(meant, space) if without_user(meant) != name else (),
        )
        _check_taken(found, space)
        return found

    def _find(self, model: str) -> tuple[str, type[Space]]:
        """Return what a model's name stands for, without aliases, and its Space.

        Raises:
            Refusal: There is no such model.
        """
        try:
            check_name(model)
            if self._models is not None and model not in self._models:
                listed = ", ".join(self._models)
                raise not_found(
                    f"There is no model {without_user(model)!r} here. There are {listed}."
                )
            return self._meant(model)
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

    def _meant(self, model: str) -> tuple[str, type[Space]]:
        meant = meaning(model if self._models is None else self._models[model])
        return meant, find(meant)

    def _described(self, names: Iterable[str]) -> list[Model]:
        """Return the models of these names."""
        found = map(self._describe_if_there, names)
        return [each for each in found if each is not None]

    def _describe_if_there(self, name: str) -> Model | None:
        """Return the model of a name, or None for an alias that stands for none."""
        try:
            return _described(name, *self._meant(name))
        except SettingsFileError:
            raise
        except SpaceChatError:
            return None


def _described(name: str, meant: str, space: type[Space]) -> Model:
    """Return a model, as the API describes it.

    Args:
        name: Its name.
        meant: What that stands for.
        space: Its Space.
    """
    shown = without_user(name)
    hides = without_user(meant) != shown
    return Model(id=shown, owned_by="spacechat" if hides else host_of(space.url))


def _check_taken(question: Question, space: type[Space]) -> None:
    """Raise if a question has files or inputs, and its Space takes none.

    Raises:
        Refusal: It has.
    """
    for name, param, advice in (
        ("files", question.files_name, question.files_advice),
        ("inputs", "inputs", LEAVE_OUT),
    ):
        if question.options.get(name) and name not in space.takes:
            raise bad_request(
                f"The model {question.model!r} takes no {name}: {advice}, or ask another.",
                param,
                "unsupported_parameter",
            )


def _places(meant: str, space: type[Space]) -> set[str]:
    """Return the texts that tell where a Space is, besides full addresses.

    Args:
        meant: The name of its model, or its address.
        space: The Space.
    """
    parts = urlsplit(space.url)
    host = parts.hostname or ""
    hosts = {parts.netloc, host, host.rstrip("."), _in_ascii(host)}
    path = parts.path.rstrip("/")
    plain = unquote(path)
    paths = {path, plain, quote(plain)}
    id_ = space_id(space.url) or ""
    names = {without_user(meant), space.default_model, id_, id_.replace("/", "-")}
    located = {host + path for host in hosts - {""} for path in paths}
    return (names | hosts | paths | located) - {""}


def _in_ascii(host: str) -> str:
    """Return the name of a host as the network has it; empty if it is none there."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""
