"""A pinned Space: what is known of it, and the requests that follow from that."""

from __future__ import annotations

import contextlib
import copyreg
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import quote, urlsplit

from ..addresses import basic, split_address, without_user
from ..apps import App
from ..apps.ask import Asked, ask_app, page_of
from ..apps.known import Apps, Place
from ..apps.options import ChatOptions, History, Options, Unpack
from ..errors import (
    GenerationError,
    ModelNotFoundError,
    ProtocolError,
    SpaceChatError,
    SpaceUnavailableError,
)
from ..events import Log
from ..hidden import Hidden
from ..log import log
from ..messages import (
    Conversation,
    Messages,
    MessagesLike,
    continued,
    format_prompt,
    last_user_text,
    parse_messages,
    split_last,
    split_system,
)
from ..protocol import Budget
from ..protocol.budget import json_length
from ..steps import Connect, Exchange, Fetch, Generate, Request, Steps, Tell, generate
from .question import Question

_S = TypeVar("_S", bound="type[Space]")


_OPTIONS = frozenset({"history", "repair"})


class SpaceType(type):
    """The class of provider classes; lets the copies that `Space.at` makes be pickled."""

    @property
    def original(cls) -> SpaceType:
        """The provider that this one is a copy of at another URL; itself where it is none."""
        return cast("SpaceType", cls.__dict__.get("_original", cls))

    def __repr__(cls) -> str:
        if cls.original is cls:
            return super().__repr__()
        return f"{cls.__name__}.at({cls.url!r})"  # type: ignore[attr-defined]


def _reduce(cls: SpaceType) -> Any:
    if cls.original is cls:
        return cls.__qualname__
    return _at, (cls.original, cls.url)  # type: ignore[attr-defined]


def _at(original: type[Space], url: str) -> type[Space]:
    return original.at(url)


copyreg.pickle(SpaceType, _reduce)


class Space(metaclass=SpaceType):
    """A chat Space whose requests are known beforehand.

    A subclass declares what is particular to its Space. Nothing here is about one of them.
    """

    label: ClassVar[str]
    """The name for people."""
    url: ClassVar[str]
    """The Space's address, without a slash at the end."""
    _user: ClassVar[Hidden] = Hidden()
    """The user and password that the address came with."""
    default_model: ClassVar[str]
    """The model that answers; a Space has one."""
    model_aliases: ClassVar[Mapping[str, str]]
    """Other names of models, and the model that each stands for."""
    models: ClassVar[Sequence[str]]
    """The names that people use, which are the aliases."""
    api_endpoint: ClassVar[str]
    """Where the first request of an answer goes."""

    working: ClassVar[bool] = True
    """Whether the Space was up when this version was made."""
    supports_stream: ClassVar[bool] = True
    """Whether the answer comes piece by piece."""
    supports_system_message: ClassVar[bool] = True
    """Whether a system message is heeded."""
    supports_message_history: ClassVar[bool] = False
    """Whether earlier messages go out as such; otherwise they are told in the prompt."""

    join_path: ClassVar[str] = "/queue/join"
    """Where an event joins the queue, with the query string that it wants."""
    events_path: ClassVar[str] = "/queue/data"
    """Where the session's stream of events is."""
    cancel_path: ClassVar[str] = "/cancel"
    """Where an event is stopped."""
    before_path: ClassVar[str | None] = None
    """Where a plain request goes before the event joins, or None."""
    referer_path: ClassVar[str] = "/?__theme=system"
    """The page that the requests say they come from."""
    fn_index: ClassVar[int]
    """The number of the Space's function that answers."""
    trigger_id: ClassVar[int]
    """The number of the component that a person would click."""
    output: ClassVar[int | None]
    """Index of the output in which the chat comes, or None to look for it."""
    shows_chat: ClassVar[bool] = True
    """Whether that output is a chat; where it is a text instead, the Space has changed."""
    hash_length: ClassVar[int] = 12
    """Hex digits of a session hash; an even number."""
    system_default: ClassVar[str] = ""
    """The system text where the messages have none."""
    keeps_session: ClassVar[bool] = False
    """Whether the Space remembers a conversation by its session hash. The whole of a conversation
    then goes into the first prompt, system text included, and a follow-up sends the last only."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "url"):
            return  # A base, which declares no Space.
        cls.models = list(cls.model_aliases)
        cls.api_endpoint = cls.url + (cls.before_path or cls.join_path)

    @classmethod
    def data(cls, question: Question) -> list[object]:
        """Return the inputs of the function that answers."""
        raise NotImplementedError

    @classmethod
    def before(cls, question: Question) -> Mapping[str, object]:
        """Return the body of the plain request that goes first, where there is one."""
        raise NotImplementedError

    @classmethod
    def at(cls: _S, url: str) -> _S:
        """Return the same provider on another copy of the Space.

        Args:
            url: Address of a duplicate or of a local server, with http or https. A user and
                password in it (`https://user:password@host`) are sent with each request, and show
                neither in `url` nor in a repr, an error or a pickle. What a browser's address bar
                adds after `?` or `#` is no part of it.

        Raises:
            SpaceUnavailableError: The address is none.
        """
        url = Hidden(cls._address(url))
        try:
            address, user = split_address(url)
        except ValueError as exc:
            raise SpaceUnavailableError(
                f"{without_user(url)[:200]!r} is not the address of a Space: {exc}."
            ) from None
        members = {
            "url": address,
            "_original": cls.original,
            "_user": user,
            "__doc__": cls.__doc__,
        }
        return cast("_S", SpaceType(cls.__name__, (cls.original,), members))

    @classmethod
    def _address(cls, url: str) -> str:
        """Return the address that is meant by what a person gives as one."""
        return url

    @classmethod
    def get_model(cls, model: str | None = None) -> str:
        """Return the model that a name stands for; no name stands for the default.

        Raises:
            ModelNotFoundError: The Space has no model of that name.
        """
        if not model or model == cls.default_model:
            return cls.default_model
        if isinstance(model, str) and model in cls.model_aliases:
            return cls.model_aliases[model]
        raise ModelNotFoundError(
            f"{cls.__name__} has no model {model!r}; it has "
            f"{', '.join([cls.default_model, *cls.model_aliases])}."
        )

    @classmethod
    def exchange(
        cls,
        messages: MessagesLike,
        *,
        model: str | None = None,
        conversation: Conversation | None = None,
        apps: Apps | None = None,
        **options: Unpack[ChatOptions],
    ) -> Exchange:
        """Return the exchange that asks the Space for an answer.

        Args:
            messages: The question, or a conversation that ends with one.
            model: A name of the Space's model, or None.
            conversation: An earlier conversation that this goes on with, or None.
            apps: What the client knows of apps; None knows nothing.
            options: Of `ChatOptions`, `history` and `repair`.

        Raises:
            MessagesError: The messages can't be sent.
            ModelNotFoundError: The Space has no model of that name.
            TypeError: The Space doesn't take an option.
        """
        resolved = cls.get_model(model)
        wanted = Options.of(cls.__name__, options, _OPTIONS)
        new = parse_messages(messages)
        earlier = conversation
        going_on = Conversation(
            session_hash=secrets.token_hex(cls.hash_length // 2),
            messages=continued(earlier, new),
            model=resolved,
            url=cls.url,
        )
        if (
            cls.keeps_session
            and earlier is not None
            and earlier.session_hash
            and earlier.url in (None, cls.url)  # Another Space knows nothing of the session.
            and wanted.history is None
        ):
            going_on.session_hash = earlier.session_hash
            question = Question(last_user_text(new))
        else:
            question = cls._question(going_on.messages, wanted.history)
        known = Apps() if apps is None else apps
        place = cls.place()
        asked = Asked(place, known, wanted, going_on, new, page=page_of(earlier))

        def steps(budget: Budget) -> Steps[None]:
            if place.key not in known.changed or not wanted.repair:
                changed = yield from cls._try(question, asked)
                if not changed:
                    return
            yield from ask_app(asked, budget)

        return Exchange(
            provider=cls,
            model=resolved,
            conversation=going_on,
            steps=steps,
            brought=json_length(going_on.messages),
        )

    @classmethod
    def _question(cls, said: Messages, history: History | None) -> Question:
        """Return what goes out for a whole conversation."""
        system, rest = ("", said) if cls.keeps_session else split_system(said)
        if history != "native" or rest[-1]["role"] != "user":
            return Question(format_prompt(rest), system or cls.system_default)
        system, rest = split_system(said)
        earlier, last = split_last(rest)
        return Question(last, system or cls.system_default, earlier)

    @classmethod
    def _try(cls, question: Question, asked: Asked) -> Steps[bool]:
        """Ask the Space by the numbers that are known of it.

        Returns:
            Whether they don't fit it any more, and it has to be asked otherwise.
        """
        failure: SpaceChatError | None = None
        repair = asked.options.repair
        try:
            answered = yield from cls._ask(question, asked.conversation.session_hash)
            if answered or not repair:
                return False
        except (GenerationError, ProtocolError, SpaceUnavailableError) as exc:
            unreachable = isinstance(exc, SpaceUnavailableError) and exc.status is None
            if not repair or unreachable or exc.temporary or exc.partial_text:
                raise
            failure = exc
        change = None
        with contextlib.suppress(SpaceChatError):
            known, _ = yield from asked.apps.open(asked.place, again=True)
            joined = failure is None or failure.status is None
            change = cls.change(known.app, len(cls.data(question)), joined=joined)
        if change is None:
            if failure is not None:
                raise failure
            return False
        asked.apps.changed.add(asked.place.key)
        text = f"{cls.url} has changed: {change}. It is asked by what it says of itself."
        log.warning("%s", text)
        yield Tell(Log("warning", text))
        return True

    @classmethod
    def _ask(cls, question: Question, session_hash: str) -> Steps[bool]:
        """Ask the Space by the numbers that are known of it.

        Returns:
            Whether anything came where the chat should be.
        """
        yield Connect(cls.url, cls._headers())
        if cls.before_path is not None:
            body = {**cls.before(question), "session_hash": session_hash}
            yield Fetch(Request(cls.url + cls.before_path, body))
        outputs = yield from generate(
            Generate(
                join=Request(
                    cls.url + cls.join_path,
                    {
                        "data": cls.data(question),
                        "event_data": None,
                        "fn_index": cls.fn_index,
                        "trigger_id": cls.trigger_id,
                        "session_hash": session_hash,
                    },
                ),
                events_url=(
                    f"{cls.url}{cls.events_path}?session_hash={quote(session_hash, safe='')}"
                ),
                cancel=Request(
                    cls.url + cls.cancel_path,
                    {"session_hash": session_hash, "fn_index": cls.fn_index},
                ),
                output=cls.output,
                only_chat=cls.shows_chat,
            )
        )
        return not cls.shows_chat or cls.output is None or bool(outputs[cls.output])

    @classmethod
    def place(cls) -> Place:
        """Return where the Space is, as far as it is known."""
        return Place(cls.url, cls._headers())

    @classmethod
    def change(cls, app: App, inputs: int, *, joined: bool = False) -> str | None:
        """Return in words why the numbers known of the Space don't fit it, or None if they do.

        Args:
            app: What the Space says of itself.
            inputs: How many inputs its function is known to take.
            joined: Whether the Space took a question at the known address.
        """
        function = app.dependencies.get(cls.fn_index)
        if function is None:
            return f"it has no function {cls.fn_index} any more"
        if len(function.inputs) != inputs:
            return (
                f"its function {cls.fn_index} takes {len(function.inputs)} inputs, where {inputs} "
                "are known"
            )
        known_path = cls.join_path.startswith(app.api_prefix + "/queue")
        if not joined and not (known_path and app.is_queued(function)):
            return "its functions are called at another address"
        if cls.output is not None:
            if cls.output >= len(function.outputs):
                return f"its function {cls.fn_index} gives {len(function.outputs)} outputs"
            shown = app.components.get(function.outputs[cls.output])
            if cls.shows_chat and (shown is None or not shown.may_hold_chat):
                return f"its function {cls.fn_index} fills no chat there"
        return None

    @classmethod
    def _headers(cls) -> Mapping[str, str]:
        parts = urlsplit(cls.url)
        return {
            "origin": f"{parts.scheme}://{parts.netloc}",
            "referer": cls.url + cls.referer_path,
            **basic(cls._user),
        }
