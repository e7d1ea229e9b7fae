"""The client: it finds the provider of a model, and gives streams their common settings.

This file is longer than most: it is the public interface, and most of it is docstrings.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from .. import markup
from ..addresses import hide_user, without_users
from ..apps import Inspection, inspect
from ..apps.files import FileLike, check_file, save_file
from ..apps.found import FoundSpace
from ..apps.known import Apps
from ..apps.memory import SHARED
from ..apps.opening import shown_app
from ..apps.options import (
    History,
    NoOthers,
    Options,
    Unpack,
    hide_auth,
    parse_auth,
    takes_options,
    unknown_option,
)
from ..errors import SpaceChatError
from ..events import File
from ..hidden import Hidden, hide
from ..messages import Conversation, MessagesLike, check_conversation
from ..protocol import Budget
from ..providers import Space, candidates, find
from ..providers.health import Health, check_space
from ..providers.registry import find_all, has_pinned, is_open, pinned_in_turn
from ..settings import DEFAULT_LIMITS, DEFAULT_TIMEOUT, Limits, Settings, Timeout, check_kinds
from ..steps import CloseKept, ClosePage, Download, Script, Steps
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.engine import Advise, AsyncEngine
from ..streaming.open_page import OpenPage
from ..streaming.reply import Reply
from ..transport.kept import Kept
from .advice import say_how_to_find
from .app import AsyncApp
from .app_engine import AsyncAppEngine, Login
from .chat import AsyncChat
from .dask import AskThere, Cluster
from .finder import AsyncFinder, Watch
from .lanes import Lanes, Rate
from .map import AsyncMap
from .map_asks import AskHere
from .map_engine import AsyncMapEngine
from .saving import FileContent, SavedFile

_T = TypeVar("_T")


class AsyncClient:
    """Asks chat Spaces; works under asyncio and trio.

    Use it as an async context manager, or call `aclose`: either closes the streams that are
    still open.

    Args:
        model: The model for whatever names none: a name or alias, a Space's id (`owner/name`) or
            the URL of a Gradio app; or several, which are tried in order. A question that names a
            provider, and a conversation that was held with a Space, go there. None: the default.
        token: A Hugging Face token, sent to the Space only, over https or on this machine. None:
            the environment's `HF_TOKEN`, or what `hf auth login` saved, which goes to Hugging
            Face's hosts only.
        proxy: URL of a proxy. None: the environment's, as httpx reads it.
        timeout: Limits on waiting, in seconds. A number sets `connect` and `idle`; None sets
            none.
        retries: How often a request that surely had no effect is repeated.
        headers: Further headers for every request.
        limits: Bounds on what a Space may send.
        unnamed: Every option has to be named: the error says so.
        unknown: No other option is taken: the error for one lists these, and near matches.

    A client can be pickled: its settings, without credentials and what may be one, which are its
    token, its proxy's user and password, and most headers (docs/proxies-and-tokens.md). The copy
    takes the token from its own environment.

    Raises:
        ModelNotFoundError: There is no such model; the message lists near matches.
        ValueError: A setting is out of range.
        TypeError: A setting is not of the kind that it has to be.
    """

    @takes_options
    def __init__(
        self,
        *unnamed: NoReturn,
        model: str | Sequence[str] | None = None,
        token: str | None = None,
        proxy: str | None = None,
        timeout: Timeout | float | None = DEFAULT_TIMEOUT,
        retries: int = 2,
        headers: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        **unknown: Unpack[NoOthers],
    ) -> None:
        self._closed = False
        self._model = model = hide_user(model)
        token, proxy = Hidden.of(token), Hidden.of(proxy)
        check_kinds(
            token=token,
            proxy=proxy,
            timeout=timeout,
            retries=retries,
            headers=headers,
            limits=limits,
        )
        headers = hide(headers or {})
        if unnamed:
            del unnamed  # An address may hold a password.
            name = type(self).__name__
            raise TypeError(f"{name} takes its options by name, as in {name}(model='owner/name').")
        if unknown:
            raise unknown_option(AsyncClient, unknown)
        self._settings = Settings(
            token=token,
            proxy=proxy,
            timeout=Timeout.of(timeout),
            retries=retries,
            headers=headers,
            limits=limits,
        )
        if model is not None:
            find_all(model)
        self._apps = Apps(SHARED, self._settings.user)
        self._kept = Kept()
        self._streams: weakref.WeakSet[AsyncEngine[Any] | AsyncMapEngine[Any]] = weakref.WeakSet()
        self._pages: set[OpenPage] = set()

    @takes_options
    def stream(
        self,
        messages: MessagesLike,
        *,
        model: str | Sequence[str] | None = None,
        provider: type[Space] | Sequence[type[Space]] | None = None,
        conversation: Conversation | None = None,
        system: str | None = None,
        files: Sequence[FileLike] = (),
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        repair: bool = True,
        **unknown: Unpack[NoOthers],
    ) -> AsyncChatStream:
        """Return the stream of an answer; nothing is requested before it is read.

        Args:
            messages: A question, or a list of `{"role": ..., "content": ...}` messages.
            model: A model's name or alias, a Space's id (`owner/name`) or the URL of a Gradio
                app. None: the conversation's, or the client's; where nothing names one, the Spaces
                that are known by name, and the error, if none of them answers, says which other
                one would. Several are tried in order until one gives its first text.
            provider: The provider that asks, or several to try in order. None: the one that has
                the model.
            conversation: An earlier conversation to continue, such as `reply.conversation`.
            system: A system text, where the messages have none.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question. None: what fits the Space best.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            MessagesError: The messages can't be sent.
            ModelNotFoundError: No provider has the model; the message lists near matches.
            SpaceChatError: The client is closed.
            TypeError: The provider doesn't take an option; the message lists those that it takes.
        """
        model = hide_user(model)
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.stream, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        return self._stream(messages, model, provider, conversation, options=options)

    def _stream(
        self,
        messages: MessagesLike,
        model: str | Sequence[str] | None,
        provider: type[Space] | Sequence[type[Space]] | None,
        conversation: Conversation | None,
        *,
        options: Options,
        page: OpenPage | None = None,
    ) -> AsyncChatStream:
        """Return the stream of an answer, for `stream`, `ask` and conversations."""
        self._check_open()
        check_conversation(conversation)
        whom, advise = self._whom(model, provider, conversation)
        first, *others = [
            space.exchange(
                messages, model=name, conversation=conversation, apps=self._apps, options=options
            )
            for space, name in whom
        ]
        stream = AsyncChatStream(
            first,
            self._settings.with_timeout(options.timeout),
            fallbacks=others,
            page=page,
            kept=self._kept,
            advise=advise,
        )
        self._streams.add(stream.engine)
        return stream

    def _whom(
        self,
        model: str | Sequence[str] | None,
        provider: type[Space] | Sequence[type[Space]] | None,
        conversation: Conversation | None = None,
    ) -> tuple[list[tuple[type[Space], str | None]], Advise | None]:
        """Return the Spaces to ask, and what adds advice to the error if none of them answers."""
        if self._names_none(model, provider) and is_open(conversation):
            return pinned_in_turn(), self._finder().advise
        whom = candidates(model, provider, conversation, default=self._model)
        return whom, say_how_to_find if has_pinned(whom) else None

    def _names_none(self, model: object, provider: object) -> bool:
        """Tell whether neither the caller nor the client names a Space."""
        return model is None and provider is None and self._model is None

    @takes_options
    async def ask(
        self,
        messages: MessagesLike,
        *,
        model: str | Sequence[str] | None = None,
        provider: type[Space] | Sequence[type[Space]] | None = None,
        conversation: Conversation | None = None,
        system: str | None = None,
        files: Sequence[FileLike] = (),
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        repair: bool = True,
        **unknown: Unpack[NoOthers],
    ) -> Reply:
        """Ask and return the whole answer.

        Args:
            messages: A question, or a list of `{"role": ..., "content": ...}` messages.
            model: A model's name or alias, a Space's id (`owner/name`) or the URL of a Gradio
                app. None: the conversation's, or the client's; where nothing names one, the Spaces
                that are known by name, and the error, if none of them answers, says which other
                one would. Several are tried in order until one gives its first text.
            provider: The provider that asks, or several to try in order. None: the one that has
                the model.
            conversation: An earlier conversation to continue, such as `reply.conversation`.
            system: A system text, where the messages have none.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question. None: what fits the Space best.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            SpaceChatError: There is no complete answer; the type says why, and `partial_text`
                holds the part that arrived.
            TypeError: The provider doesn't take an option; the message lists those that it takes.
        """
        model = hide_user(model)
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.ask, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        return await self._stream(messages, model, provider, conversation, options=options).reply()

    @takes_options
    def map(
        self,
        prompts: AsyncIterable[MessagesLike] | Iterable[MessagesLike],
        *,
        model: str | Sequence[str] | None = None,
        provider: type[Space] | Sequence[type[Space]] | None = None,
        concurrency: int = 4,
        rate: Rate | float | None = None,
        ordered: bool = True,
        cluster: Cluster | None = None,
        system: str | None = None,
        files: Sequence[FileLike] = (),
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        repair: bool = True,
        **unknown: Unpack[NoOthers],
    ) -> AsyncMap:
        """Ask many questions, a few at a time; nothing is requested before it is entered or read.

        Each result is a `MapResult`: a reply or an error. An error stops nothing. A prompt is
        taken when its question can be asked, so there may be any number of them. While a slow
        answer holds up the results after it, others are asked on: until their results are read, at
        most eight times as many prompts are taken as are asked at a time (twice as many without
        `ordered`). An error of the iterable of prompts is raised after the results so far.

        Args:
            prompts: Questions, or lists of `{"role": ..., "content": ...}` messages; or a
                `Prompt` for one that has options of its own.
            model: A model's name or alias, a Space's id (`owner/name`) or the URL of a Gradio
                app. None: the client's; where nothing names one, the Spaces that are known by name,
                each while those before it fail. Several share the work: a question goes to the
                one that is free, and to another where that fails before its answer begins.
            provider: The provider that asks, or several that share the work. None: the one that
                has the model.
            concurrency: How many questions each Space is asked at a time.
            rate: How often each Space is asked at most: a number a second, or a `Rate`. None: as
                often as it answers.
            ordered: Whether the results come in the order of the prompts; otherwise each comes as
                soon as it is there.
            cluster: A `distributed.Client` (extra `dask`) whose workers ask. Together they keep
                the limits, and the question of a lost worker is asked by another.
            system: A system text, where the messages have none.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question. None: what fits the Space best.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            ModelNotFoundError: No provider has a model; the message lists near matches.
            SpaceChatError: The client is closed.
            ValueError: A limit is out of range.
            InputsError: An option's value is of a wrong type.
            TypeError: A provider doesn't take an option; the message lists those that it takes.
        """
        model = hide_user(model)
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.map, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        self._check_open()
        whom, advise = self._whom(model, provider)
        for space, _ in whom:
            space.check_options(options)
        in_turn = self._names_none(model, provider)
        lanes = Lanes(whom, concurrency=concurrency, rate=rate, in_turn=in_turn)
        ask = (
            AskHere(self._apps, options, self._settings, self._kept)
            if cluster is None
            else AskThere(cluster, self._settings, options, lanes.places)
        )
        results = AsyncMap(prompts, ask, lanes, ordered=ordered, advise=advise)
        self._streams.add(results.engine)
        return results

    @takes_options
    def conversation(
        self,
        conversation: Conversation | None = None,
        *,
        model: str | None = None,
        provider: type[Space] | None = None,
        system: str | None = None,
        files: Sequence[FileLike] = (),
        inputs: Mapping[str, object] | None = None,
        wishes: Mapping[str, float] | None = None,
        timeout: Timeout | float | None = None,
        history: History | None = None,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        repair: bool = True,
        **unknown: Unpack[NoOthers],
    ) -> AsyncChat:
        """Return a conversation, to ask one question after another.

        Args:
            conversation: An earlier conversation, such as `Conversation.load(path)`.
            model: A model's name or alias, a Space's id (`owner/name`) or the URL of a Gradio
                app. None: the conversation's, or the client's.
            provider: The provider that asks. None: the one that has the model.
            system: A system text.
            files: Files that go with the question: paths, bytes, open files, URLs.
            inputs: Values of the app's other inputs (temperature, model choice), by label or
                parameter name.
            wishes: Settings such as `temperature` and `max_tokens`: they are set where the app
                has inputs of that meaning, and ignored where it has none.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.
            history: The form of earlier messages: "native" for the value of the chat, "prompt" for
                a part of the question. None: what fits the Space best.
            endpoint: The function of the app that answers, by name or id, if the guess is wrong.
            output: The component that shows the answer, by label or id, if the guess is wrong.
            auth: User and password of an app that has a login of its own.
            sign_in: Whether an app that wants its users to sign in with Hugging Face is given your
                token, with which it can act as you do.
            repair: If a known Space has changed, read its description again and ask by that.
            unknown: No other option is taken: the error for one lists these, and near matches.
        """
        model = hide_user(model)
        auth = hide_auth(auth)
        if unknown:
            raise unknown_option(self.conversation, unknown)
        options = Options(
            system, files, inputs, wishes, timeout, history, endpoint, output, auth, sign_in, repair
        )
        return AsyncChat(
            open_stream=self._stream,
            new_page=self._new_page,
            close_page=self._close_page,
            model=model,
            provider=provider,
            conversation=conversation,
            options=options,
        )

    def app(
        self,
        url: str | Sequence[str],
        *,
        auth: tuple[str, str] | None = None,
        sign_in: bool = False,
        timeout: Timeout | float | None = None,
    ) -> AsyncApp:
        """Return an app, any of whose functions can be called.

        Args:
            url: A Space's id (`owner/name`), the URL of an app, or a model's name. Several are
                tried in order until one gives its first value; a function that may have run is not
                called again.
            auth: User and password of an app that has a login of its own. Each of several apps
                gets them.
            sign_in: Whether functions that want a user signed in with Hugging Face are given your
                token, with which they can act as you do.
            timeout: Limits on waiting for each call, in seconds; a number sets `connect` and
                `idle`. None: the client's.

        Raises:
            ModelNotFoundError: This is no address of an app.
            SpaceChatError: The client is closed.
        """
        url, auth = hide_user(url), hide_auth(auth)
        self._check_open()
        login = Login(parse_auth(auth), sign_in)
        settings = self._settings.with_timeout(timeout)
        engine = AsyncAppEngine(find_all(url), self._apps, settings, login, self._kept)
        return AsyncApp(engine, self._keep_track, self._new_page, self._close_page)

    async def call(
        self,
        url: str | Sequence[str],
        endpoint: str | int,
        /,
        *args: object,
        timeout: Timeout | float | None = None,
        **kwargs: object,
    ) -> Any:
        """Call a function of an app and return the value of its output; see `app` for more.

        Several outputs give a tuple, none an empty one. An output that is a file is a `RemoteFile`.

        Args:
            url: A Space's id (`owner/name`), the URL of an app, or a model's name. Several are
                tried in order until one gives its first value; a function that may have run is not
                called again.
            endpoint: The function's name, such as `/predict`, or its number.
            args: Arguments by position, or an `Arguments` that has them all. A path, bytes and an
                open file are sent as files, wherever they stand; a `str` stays a text.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's. A parameter of that name is given by position or in an `Arguments`.
            kwargs: Arguments by the names of parameters.

        Raises:
            InputsError: There is no such function, or it doesn't take the arguments; it was not
                called, and the message says what it takes.
            SpaceChatError: It failed; the type says why, and `partial` is the newest value until
                then.
        """
        url = hide_user(url)
        return await self.app(url).call(endpoint, *args, timeout=timeout, **kwargs)

    async def inspect(
        self,
        model: str,
        *,
        endpoint: str | int | None = None,
        output: str | int | None = None,
        auth: tuple[str, str] | None = None,
        inputs: Mapping[str, object] | None = None,
        timeout: Timeout | float | None = None,
    ) -> Inspection:
        """Return how a Gradio app would be chatted with, and why; `str` makes a table of it.

        Args:
            model: A Space's id (`owner/name`), the URL of an app, or a model's name.
            endpoint: A function that must have a part in it.
            output: The output that holds the answer.
            auth: User and password of an app that has a login of its own.
            inputs: Values of other inputs, which are checked: one that a question could not take
                raises the error that the question would.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.

        Raises:
            InputsError: There is no such input, or it doesn't take its value.
            SpaceChatError: The app can't be reached, or is none; the kind says why.
        """
        model = hide_user(model)
        auth = hide_auth(auth)
        self._check_open()
        place = replace(find(model).place(), auth=parse_auth(auth))

        def steps() -> Steps[Inspection]:
            known, _ = yield from self._apps.open(place, with_info=True)
            budget = Budget(self._settings.limits)
            app = yield from shown_app(known, budget, endpoint=endpoint, output=output)
            names = yield from self._apps.parameters(known)
            return inspect(known.url, app, names, endpoint=endpoint, output=output, inputs=inputs)

        return await self._run(steps, timeout=timeout)

    async def download(
        self,
        file: File,
        folder: str | os.PathLike[str] = ".",
        *,
        auth: tuple[str, str] | None = None,
        largest: int = 1 << 30,
        timeout: Timeout | float | None = None,
    ) -> Path:
        """Save a file of an answer, and return where it is.

        The request goes to the app that the file came from, with the login and the token of the
        question. The file gets the name that the app gave it, made safe. An existing file stays:
        then the name gets a number, as in `plot (1).png`. A download whose connection breaks goes
        on from there, within the client's `retries`, where the app can do that, and else begins
        anew. If it fails, nothing is left behind.

        Args:
            file: A file of an answer, such as one of `reply.files`.
            folder: The folder; it is made if it is not there.
            auth: User and password of the app's own login, where another client asked.
            largest: Bytes that it may have.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.

        Raises:
            SpaceChatError: The download failed; the type says why. `InputsError` if the file is at
                another address than the app's, to which no request goes.
            OSError: The file can't be written.
            TypeError: This is no file of an answer.
        """
        auth = parse_auth(hide_auth(auth))
        self._check_open()
        check_file(file)
        with SavedFile(folder, file.name) as saved:
            download = Download(file.name, saved, largest)
            await self._run(lambda: save_file(self._apps, file, download, auth), timeout=timeout)
            return saved.keep()

    async def read(
        self,
        file: File,
        *,
        auth: tuple[str, str] | None = None,
        largest: int = 64 << 20,
        timeout: Timeout | float | None = None,
    ) -> bytes:
        """Return the content of a file of an answer, requested as `download` does.

        Args:
            file: A file of an answer, such as one of `reply.files`.
            auth: User and password of the app's own login, where another client asked.
            largest: Bytes that it may have.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.

        Raises:
            SpaceChatError: The download failed; the type says why.
            TypeError: This is no file of an answer.
        """
        auth = parse_auth(hide_auth(auth))
        self._check_open()
        check_file(file)
        found = FileContent()
        download = Download(file.name, found, largest)
        await self._run(lambda: save_file(self._apps, file, download, auth), timeout=timeout)
        return found.content()

    async def check(self, model: str, *, timeout: Timeout | float | None = None) -> Health:
        """Return whether a model's Space is up; nothing is asked of the model.

        Args:
            model: A model's name or alias, a Space's id (`owner/name`) or the URL of an app.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                client's.

        Raises:
            ModelNotFoundError: There is no such model.
        """
        model = hide_user(model)
        self._check_open()
        space = find(model)
        return await self._run(lambda: check_space(space, self._apps), timeout=timeout)

    @takes_options
    async def find(
        self,
        query: str,
        limit: int = 10,
        *,
        all: bool = False,
        timeout: float = 20.0,
        watch: Watch | None = None,
        **unknown: Unpack[NoOthers],
    ) -> list[FoundSpace]:
        """Find Spaces on the Hub that can be chatted with now, the best first.

        The Hub names the Gradio Spaces that run and fit the query. A look at each tells whether
        one can chat with it: its description and the length of its queue are read, no function is
        called, and none that sleeps is woken. Four times as many as are wanted are looked at (from
        30 to 60), a dozen at a time, with at most four requests and five seconds each. Your token
        goes to the Hub, and to private Spaces only.

        First come those that anybody may ask, then those with a button to sign in. Among equals,
        those with at most two waiting come first, then those with up to ten or an unknown number,
        then those with more; among these, the most liked. `print` shows what to type for each.

        Args:
            query: What is looked for, such as "qwen chat".
            limit: How many are returned at the most, up to 60.
            all: Whether those that can't be chatted with now follow, with the reason as
                `problem`: they sleep, are broken or are no chat.
            timeout: Seconds for all of it. What has not answered by then is left out.
            watch: Called with each Space as soon as it was looked at, in no order.
            unknown: No other option is taken: the error for one lists these, and near matches.

        Raises:
            SpaceChatError: The Hub can't be asked; the type says why.
            ValueError: The query is empty or too long, or a number is out of range.
            TypeError: An argument is of another kind.
        """
        if unknown:
            raise unknown_option(self.find, unknown)
        self._check_open()
        return await self._finder().find(query, limit, all=all, timeout=timeout, watch=watch)

    def _finder(self) -> AsyncFinder:
        return AsyncFinder(self._settings, self._kept)

    async def _run(
        self,
        steps: Callable[[], Steps[_T]],
        page: OpenPage | None = None,
        *,
        timeout: Timeout | float | None = None,
    ) -> _T:
        """Run steps that ask no question, and return their result."""
        script = Script(steps=lambda _: steps())
        settings = self._settings.with_timeout(timeout)
        engine = AsyncEngine(script, settings, page=page, kept=self._kept)
        return (await engine.complete()).value

    async def _close_page(self, page: OpenPage) -> None:
        """Close the page of a conversation."""

        def steps() -> Steps[None]:
            yield ClosePage()

        await self._run(steps, page)

    async def _close_kept(self) -> None:
        """Close the connections that wait for another request."""

        def steps() -> Steps[None]:
            yield CloseKept()

        await self._run(steps)

    def _new_page(self) -> OpenPage:
        return OpenPage(self._settings, self._pages)

    def _keep_track(self, engine: AsyncEngine[Any] | AsyncMapEngine[Any]) -> None:
        """Close what an engine runs when this client is closed."""
        self._check_open()
        self._streams.add(engine)

    def _check_open(self) -> None:
        if self._closed:
            raise SpaceChatError("This client is closed: make a new one.")

    async def aclose(self) -> None:
        """Close the streams and pages that are still open; the client can't be used afterwards."""
        self._closed = True
        # One by one, since another thread may add a stream that it has just made.
        with contextlib.suppress(KeyError):
            while True:
                await self._streams.pop().aclose()
        for page in [*self._pages]:
            await self._close_page(page)
        if not self._kept.is_empty:
            await self._close_kept()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __getstate__(self) -> tuple[Settings, str | Sequence[str] | None]:
        return self._settings, without_users(self._model)

    def __setstate__(self, state: tuple[Settings, str | Sequence[str] | None]) -> None:
        self._settings, self._model = state
        self._apps = Apps(SHARED, self._settings.user)
        self._kept = Kept()
        self._streams = weakref.WeakSet()
        self._pages = set()
        self._closed = False

    def __repr__(self) -> str:
        model = "" if self._model is None else f" model={without_users(self._model)!r}"
        return f"<{type(self).__name__}{model} {'closed' if self._closed else 'open'}>"

    def _repr_html_(self) -> str:
        # No token, proxy or header: a notebook is passed on with what it shows.
        timeout = self._settings.timeout
        limits = {"connect": timeout.connect, "idle": timeout.idle, "total": timeout.total}
        told = [f"{name} {limit:g} s" for name, limit in limits.items() if limit is not None]
        return markup.table(
            [
                ("state", "closed" if self._closed else "open"),
                *([] if self._model is None else [("model", str(without_users(self._model)))]),
                ("timeouts", ", ".join(told) or "none"),
                ("retries", str(self._settings.retries)),
                ("open streams", str(len(self._streams))),
            ],
            head=(type(self).__name__, ""),
        )
