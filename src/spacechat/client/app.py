"""An app, any of whose functions can be called."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Mapping,
)
from types import TracebackType
from typing import Any

from ..apps.app_view import AppView
from ..apps.arguments import Arguments
from ..apps.call import SessionPage
from ..apps.endpoint_reader import listed
from ..apps.endpoints import Endpoint
from ..errors import InputsError
from ..settings import Timeout
from ..spelling import did_you_mean
from ..streaming.open_page import OpenPage
from ..streaming.run import AsyncRun
from .app_engine import AsyncAppEngine
from .dask import CallThere, Cluster
from .lanes import Lanes, Rate
from .map import AsyncCallMap
from .map_asks import CallHere

KeepTrack = Callable[[Any], None]
"""Makes the client close what runs when it is closed, and raises if it is closed already."""


class AsyncCaller:
    """Calls the functions of an app.

    Args:
        engine: Knows the app.
        keep_track: Tells the client of each run.
        session: The session that all calls are made in. None: each has one of its own.
        page: The page that is kept open for that session, or None.
    """

    def __init__(
        self,
        engine: AsyncAppEngine,
        keep_track: KeepTrack,
        session: SessionPage | None = None,
        page: OpenPage | None = None,
    ) -> None:
        self._engine = engine
        self._keep_track = keep_track
        self._session = session
        self._page = page

    def run(
        self,
        endpoint: str | int,
        /,
        *args: object,
        timeout: Timeout | float | None = None,
        **kwargs: object,
    ) -> AsyncRun:
        """Return a run of a function; nothing is requested before it is read.

        Args:
            endpoint: The function's name, such as `/predict`, or its number.
            args: Arguments by position, or an `Arguments` that has them all. A path, bytes and an
                open file are sent as files, wherever they stand; a `str` stays a text.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                app's. A parameter of that name is given by position or in an `Arguments`.
            kwargs: Arguments by the names of parameters.

        Raises:
            InputsError: An argument can't be sent; while reading: the function doesn't take it.
            SpaceChatError: The client is closed.
        """
        engine = self._engine
        settings = engine.settings.with_timeout(timeout)
        script, *others = engine.scripts(
            endpoint,
            Arguments.of_call(args, kwargs),
            self._session,
            is_limited=timeout is not None,
        )
        run = AsyncRun(script, settings, fallbacks=others, page=self._page, kept=engine.kept)
        self._keep_track(run.engine)
        return run

    async def call(
        self,
        endpoint: str | int,
        /,
        *args: object,
        timeout: Timeout | float | None = None,
        **kwargs: object,
    ) -> Any:
        """Call a function and return the value of its output.

        Several outputs give a tuple, none an empty one. States and layout are left out. An output
        that is a file is a `RemoteFile`, which `AsyncClient.download` and `read` fetch.

        Args:
            endpoint: The function's name, such as `/predict`, or its number.
            args: Arguments by position, or an `Arguments` that has them all. A path, bytes and an
                open file are sent as files, wherever they stand; a `str` stays a text.
            timeout: Limits on waiting, in seconds; a number sets `connect` and `idle`. None: the
                app's. A parameter of that name is given by position or in an `Arguments`.
            kwargs: Arguments by the names of parameters.

        Raises:
            InputsError: There is no such function, or it doesn't take the arguments; it was not
                called, and the message says what it takes.
            SpaceChatError: It failed; the type says why, and `partial` is the newest value until
                then.
        """
        return (await self.run(endpoint, *args, timeout=timeout, **kwargs).result()).value


class AsyncAppSession(AsyncCaller):
    """A session of an app, in which the app keeps states; `AsyncApp.session` makes one.

    It is what one browser tab is to the app. Its calls are made one after another. The app is told
    that its page is open until `aclose`, the end of an `async with` block, or of the client.

    Args:
        engine: Knows the app.
        keep_track: Tells the client of each run.
        page: The page that is kept open.
        close_page: Closes that page.
    """

    def __init__(
        self,
        engine: AsyncAppEngine,
        keep_track: KeepTrack,
        page: OpenPage,
        close_page: Callable[[OpenPage], Awaitable[None]],
    ) -> None:
        super().__init__(engine, keep_track, SessionPage(), page)
        self._open_page = page
        self._close_page = close_page

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._engine}>"

    async def aclose(self) -> None:
        """Close the page; the app then forgets the session."""
        await self._close_page(self._open_page)

    async def __aenter__(self) -> AsyncAppSession:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncApp(AsyncCaller):
    """A Gradio app, any of whose functions can be called; `AsyncClient.app` makes one.

    An `async with` block fetches what the app says of itself. Functions can be called without it.
    Of several apps, what the first that answers says counts; each call tries them in order.

    Args:
        engine: Knows the app.
        keep_track: Tells the client of each run.
        new_page: Makes the page of a session.
        close_page: Closes that page.
    """

    def __init__(
        self,
        engine: AsyncAppEngine,
        keep_track: KeepTrack,
        new_page: Callable[[], OpenPage],
        close_page: Callable[[OpenPage], Awaitable[None]],
    ) -> None:
        super().__init__(engine, keep_track)
        self._new_page = new_page
        self._close_page = close_page
        # The client holds the open ones; one that is closed goes with its session.
        self._pages: weakref.WeakSet[OpenPage] = weakref.WeakSet()

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The functions that programs may call, by their names (`/predict`) or numbers."""
        return self._engine.endpoints

    def view(self) -> AppView:
        """Return what the app has: a text, a table in a notebook, and JSON by `json()`."""
        return self._engine.view

    def session(self) -> AsyncAppSession:
        """Return a session, in which the app keeps states from one call to the next.

        Of several apps, it stays with the first that answers.
        """
        page = self._new_page()
        self._pages.add(page)
        return AsyncAppSession(self._engine, self._keep_track, page, self._close_page)

    def map(
        self,
        endpoint: str | int,
        arguments: AsyncIterable[Any] | Iterable[Any],
        *,
        concurrency: int = 4,
        rate: Rate | float | None = None,
        ordered: bool = True,
        timeout: Timeout | float | None = None,
        cluster: Cluster | None = None,
    ) -> AsyncCallMap:
        """Call a function with many arguments, a few at a time.

        Each result is a `CallResult`: a value or an error. An error stops nothing. Several apps
        share the work: a call is made at the one that is free, and at another where that one failed
        before the function can have run.

        Args:
            endpoint: The function's name, such as `/predict`, or its number.
            arguments: The arguments of each call: an `Arguments` has some by name, a tuple has all
                of them by position, anything else is the only one.
            concurrency: How many calls are made at a time, of each app.
            rate: How often one is made at most: a number a second, or a `Rate`.
            ordered: Whether the results come in the order of the arguments; otherwise each comes
                as soon as it is there.
            timeout: Limits on waiting for each call, in seconds. A number sets `connect` and
                `idle`. None: the app's.
            cluster: A `distributed.Client` (extra `dask`) whose workers call. Together they keep
                the limits. A path is read by the worker; `bytes` are sent to it.

        Raises:
            SpaceChatError: The client is closed.
            ValueError: A limit is out of range.
        """
        door = self._engine
        lanes = Lanes([(each, None) for each in door.spaces], concurrency=concurrency, rate=rate)
        settings = door.settings.with_timeout(timeout)
        ask = (
            CallHere(door, endpoint, settings)
            if cluster is None
            else CallThere(cluster, door, endpoint, settings, lanes.places)
        )
        results = AsyncCallMap(arguments, ask, lanes, ordered=ordered)
        self._keep_track(results.engine)
        return results

    def __getitem__(self, name: str | int) -> Callable[..., Awaitable[Any]]:
        """Return a function that calls one of the app's, with its signature and docstring.

        Raises:
            InputsError: There is no such function; the message lists near matches.
        """
        endpoint = self._endpoint(name)

        async def function(*args: object, **kwargs: object) -> Any:
            return await self.call(endpoint.key, Arguments(*args, **kwargs))

        return endpoint.dress(function)

    def _endpoint(self, name: str | int) -> Endpoint:
        endpoints = self.endpoints
        found = endpoints.get(str(name)) or endpoints.get(f"/{name}")
        found = next((each for each in endpoints.values() if each.id == name), found)
        if found is None:
            hint = did_you_mean(f"/{str(name).removeprefix('/')}", endpoints)
            has = listed({key: each.documented for key, each in endpoints.items()})
            raise InputsError(f"The app has no function {str(name)[:100]!r}.{hint} It has: {has}.")
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.endpoints)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._engine}>"

    def __await__(self) -> Generator[Any, Any, AsyncApp]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> AsyncApp:
        await self._engine.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the sessions that are still open."""
        # One by one, since another thread may add the page of a session that it has just made.
        with contextlib.suppress(KeyError):
            while True:
                await self._close_page(self._pages.pop())
