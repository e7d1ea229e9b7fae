"""A pinned Space: its numbers are known beforehand, and its requests follow from them.

A question to a pinned Space costs one request less than a question to an app that first has to
describe itself. The price is that the numbers go stale when the Space's owner changes the app.
A failure that may come from that (or an answer with nothing in the chat) makes the provider read
the app's description. Where the numbers no longer fit it, the app is asked by that description
instead, now and for as long as the client lives.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Mapping
from typing import ClassVar
from urllib.parse import quote

from ..apps import App
from ..apps.ask import Asked, ask_app
from ..apps.files import open_files
from ..apps.known import Apps
from ..apps.options import NO_OPTIONS, History, Options
from ..apps.page import current_page
from ..errors import GenerationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..events import Log, Wishes
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
    with_system,
)
from ..protocol import Budget, ReadAnswer
from ..protocol.budget import json_length
from ..steps import Connect, Exchange, Fetch, Generate, Request, Steps, Tell, generate
from .question import Question
from .space import Space


class Pinned(Space):
    """A chat Space whose requests are known beforehand.

    A subclass declares what is particular to its Space. Nothing here is about one of them.
    """

    api_endpoint: ClassVar[str]
    """Where the first request of an answer goes."""
    takes: ClassVar[Collection[str]] = ("system", "wishes", "timeout", "history", "repair")
    """The options that a question may have. One with files goes by the app's description, which
    says how files are sent. Wishes are ignored: the function takes nothing that they could set."""
    join_path: ClassVar[str] = "/queue/join"
    """Where an event joins the queue, with its query string."""
    events_path: ClassVar[str] = "/queue/data"
    """Where the session's stream of events is."""
    cancel_path: ClassVar[str] = "/cancel"
    """Where an event is stopped."""
    before_path: ClassVar[str | None] = None
    """Where a plain request goes before the event joins, or None."""
    fn_index: ClassVar[int]
    """The number of the Space's function that answers."""
    trigger_id: ClassVar[int]
    """The number of the component that a person would click."""
    output: ClassVar[int | None]
    """Index of the output in which the chat comes, or None to look for it."""
    shows_chat: ClassVar[bool] = True
    """Whether that output is a chat; if it is a text instead, the Space has changed."""
    hash_length: ClassVar[int] = 12
    """Hex digits of a session hash; an even number."""
    system_default: ClassVar[str] = ""
    """The system text of messages that have none."""
    keeps_session: ClassVar[bool] = False
    """Whether the Space remembers a conversation by its session hash. The whole of a conversation
    then goes into the first prompt, system text included, and a follow-up sends the last only."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "url"):
            cls.api_endpoint = cls.url + (cls.before_path or cls.join_path)

    @classmethod
    def data(cls, question: Question) -> list[object]:
        """Return the inputs of the function that answers."""
        raise NotImplementedError

    @classmethod
    def before(cls, question: Question) -> Mapping[str, object]:
        """Return the body of the plain request that goes first, if there is one."""
        raise NotImplementedError

    @classmethod
    def exchange(
        cls,
        messages: MessagesLike,
        *,
        model: str | None = None,
        conversation: Conversation | None = None,
        apps: Apps | None = None,
        options: Options = NO_OPTIONS,
    ) -> Exchange:
        """Return the exchange that asks the Space for an answer.

        Args:
            messages: The question, or a conversation that ends with one.
            model: A name of the Space's model, or None.
            conversation: An earlier conversation to go on with, or None.
            apps: The apps that the client knows; None knows none.
            options: The options of the question; those in `takes` are taken.

        Raises:
            MessagesError: The messages can't be sent.
            InputsError: A file can't be sent.
            ModelNotFoundError: The Space has no model of that name.
            TypeError: The Space doesn't take an option.
        """
        resolved = cls.get_model(model)
        cls.check_options(options)
        new, earlier = with_system(options.system, parse_messages(messages), conversation)
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
            and options.history is None
        ):
            going_on.session_hash = earlier.session_hash
            question = Question(last_user_text(new))
        else:
            question = cls._question(going_on.messages, options.history)
        known = Apps() if apps is None else apps
        place = cls.place()
        files = open_files(options.files or ())
        asked = Asked(place, known, options, going_on, new, files, current_page(earlier))

        def steps(budget: Budget) -> Steps[None]:
            if not files and (place.key not in known.changed or options.repair is False):
                if options.wishes:
                    yield Tell(Wishes({}, (), tuple(options.wishes)))
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
    def _question(cls, messages: Messages, history: History | None) -> Question:
        """Return the question that goes out for a whole conversation."""
        system, rest = ("", messages) if cls.keeps_session else split_system(messages)
        if history != "native" or rest[-1]["role"] != "user":
            return Question(format_prompt(rest), system or cls.system_default)
        system, rest = split_system(messages)
        earlier, last = split_last(rest)
        return Question(last, system or cls.system_default, earlier)

    @classmethod
    def _try(cls, question: Question, asked: Asked) -> Steps[bool]:
        """Ask the Space by its known numbers, and find out if they have gone stale.

        Returns:
            Whether the numbers no longer fit, so that the Space has to be asked another way.
        """
        failure: SpaceChatError | None = None
        repair = asked.options.repair is not False
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
        """Ask the Space by its known numbers.

        Returns:
            Whether the output of the chat got a value.
        """
        yield Connect(cls.url, cls.place().headers)
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
                reads=ReadAnswer(cls.output, only_chat=cls.shows_chat),
            )
        )
        return not cls.shows_chat or cls.output is None or bool(outputs[cls.output])

    @classmethod
    def misfit(cls, app: App) -> str | None:
        """Return in words why the known numbers don't fit the app, or None if they do."""
        change = cls.change(app, len(cls.data(Question("Hi"))))
        return None if change is None else f"{change}."

    @classmethod
    def change(cls, app: App, inputs: int, *, joined: bool = False) -> str | None:
        """Return in words why the known numbers don't fit the app, or None if they do.

        Args:
            app: The Space's description of itself.
            inputs: How many inputs the function is known to take.
            joined: Whether the Space took a question at the known address.
        """
        function = app.functions.get(cls.fn_index)
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
