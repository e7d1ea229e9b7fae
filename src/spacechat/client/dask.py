"""Asking on the workers of a Dask cluster.

Questions are given to the cluster one by one, as the limits allow, so all workers together keep the
limits of each Space without counting anything. The scheduler gives the question of a lost worker to
another; each answer comes from one worker only.
"""

from __future__ import annotations

import concurrent.futures
import functools
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import anyio
import anyio.to_thread

from ..apps.known import Apps
from ..apps.options import ChatOptions
from ..errors import SpaceChatError, StreamInterruptedError, without_frames
from ..messages import MessagesLike
from ..providers import Space
from ..settings import Settings
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.reply import Reply
from ..streaming.result import Result
from .app_engine import AppDoor, Login
from .map_engine import CallHere
from .prompt import prompt_exchange

_T = TypeVar("_T")


class Future(Protocol):
    """The methods of `distributed.Future` that are used here."""

    def result(self) -> object:
        """Wait for the task, and return its value."""
        ...

    def cancel(self) -> object:
        """Cancel the task."""
        ...


class Cluster(Protocol):
    """The methods of `distributed.Client` that are used here."""

    def submit(self, func: Callable[..., object], *args: object, pure: bool) -> Future:
        """Call a function on a worker."""
        ...


class _Workers:
    """The workers of a cluster.

    Args:
        cluster: A `distributed.Client`, not an asynchronous one.
        places: How many functions run at a time.

    Raises:
        TypeError: The client is asynchronous.
    """

    def __init__(self, cluster: Cluster, places: int) -> None:
        if getattr(cluster, "asynchronous", False):
            raise TypeError("cluster: a distributed.Client with asynchronous=False is wanted.")
        self._cluster = cluster
        self._places = places
        self._threads: anyio.CapacityLimiter | None = None

    async def run(
        self, kind: type[_T], function: Callable[..., Awaitable[object]], *args: object
    ) -> _T:
        """Run a function in the loop of a worker.

        Args:
            kind: The type of what it returns, if not an error.
            function: The function.
            args: Its arguments.

        Raises:
            SpaceChatError: It returned one.
            ConnectionError: The cluster can't be reached any more.
        """
        from distributed import KilledWorker

        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._places)
        future = self._cluster.submit(function, *args, pure=False)
        try:
            found = await anyio.to_thread.run_sync(
                future.result, abandon_on_cancel=True, limiter=self._threads
            )
        except KilledWorker as exc:
            raise StreamInterruptedError(
                f"One worker after another was lost while it asked this: {exc}"
            ) from exc
        except concurrent.futures.CancelledError as exc:
            raise ConnectionError("The Dask cluster can't be reached any more.") from exc
        except BaseException:
            future.cancel()
            raise
        if isinstance(found, SpaceChatError):
            raise found
        if not isinstance(found, kind):
            raise TypeError(f"A worker gave a {type(found).__name__}, not a {kind.__name__}.")
        return found


class AskThere:
    """Asks on the workers of a cluster.

    Args:
        cluster: A `distributed.Client`, not an asynchronous one.
        settings: The client's settings. Its token stays here; workers take their own.
        options: For every question.
        places: How many questions are asked at a time.

    Raises:
        TypeError: The client is asynchronous.
    """

    def __init__(
        self, cluster: Cluster, settings: Settings, options: ChatOptions, places: int
    ) -> None:
        self._workers = _Workers(cluster, places)
        self._given = settings, options

    async def __call__(self, prompt: MessagesLike, space: type[Space], model: str | None) -> Reply:
        """Ask.

        Raises:
            SpaceChatError: The answer can't be had.
            ConnectionError: The cluster can't be reached any more.
        """
        return await self._workers.run(Reply, _ask, prompt, space, model, *self._given)


class CallThere:
    """Calls a function of an app on the workers of a cluster.

    Args:
        cluster: A `distributed.Client`, not an asynchronous one.
        door: The app.
        endpoint: The function.
        settings: The settings of the calls. Their token stays here; workers take their own.
        places: How many calls are made at a time.

    Raises:
        TypeError: The client is asynchronous.
    """

    def __init__(
        self, cluster: Cluster, door: AppDoor, endpoint: str | int, settings: Settings, places: int
    ) -> None:
        self._workers = _Workers(cluster, places)
        self._given = endpoint, settings, door.login

    async def __call__(self, arguments: object, space: type[Space], _model: str | None) -> Result:
        """Call.

        Raises:
            SpaceChatError: It failed.
            ConnectionError: The cluster can't be reached any more.
        """
        return await self._workers.run(Result, _call, arguments, space, *self._given)


async def _ask(
    prompt: MessagesLike,
    space: type[Space],
    model: str | None,
    settings: Settings,
    options: ChatOptions,
) -> Reply | SpaceChatError:
    """Ask, in the loop of a worker. An error is returned, since it is no failure of the task."""
    try:
        exchange = prompt_exchange(prompt, space, model, _apps(), options)
        return await AsyncChatStream(exchange, settings).reply()
    except SpaceChatError as exc:
        return without_frames(exc)


async def _call(
    arguments: object, space: type[Space], endpoint: str | int, settings: Settings, login: Login
) -> Result | SpaceChatError:
    """Call a function of an app, in the loop of a worker; see `_ask`."""
    try:
        door = AppDoor([space], _apps(), settings, login)
        return await CallHere(door, endpoint, settings)(arguments, space, None)
    except SpaceChatError as exc:
        return without_frames(exc)


@functools.cache
def _apps() -> Apps:
    return Apps()
