"""Asking on the workers of a Dask cluster.

Questions are given to the cluster one by one, as the limits allow, so all workers together keep the
limits of each Space without counting anything. The scheduler gives the question of a lost worker to
another; each answer comes from one worker only. A call of a function, which must not run twice, is
marked at the scheduler before it is made, and fails on the other worker.

Dask takes a task back, but lets what runs on a worker run on. So the worker looks, a few times a
second, whether its task is still wanted, and otherwise stops, which tells the Space to stop, too.
"""

from __future__ import annotations

import concurrent.futures
import functools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import anyio
import anyio.to_thread

from ..apps.known import Apps
from ..apps.options import Options
from ..errors import InputsError, SpaceChatError, StreamInterruptedError, without_frames
from ..messages import MessagesLike
from ..providers import Space
from ..settings import Settings
from ..streaming.reply import Reply
from ..streaming.result import Result
from ..transport.connection import CLOSING
from .app_engine import AppDoor, Login
from .map_asks import CallHere
from .prompt import prompt_stream

_T = TypeVar("_T")

_LOOKS = 0.25
"""Seconds from one look at whether a task is still wanted to the next."""


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

    def submit(self, func: Callable[..., object], *args: object, key: str, pure: bool) -> Future:
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
            function: The function, which takes the key of its task, too.
            args: Its other arguments.

        Raises:
            SpaceChatError: It returned one.
            ConnectionError: The cluster can't be reached any more.
        """
        from distributed import KilledWorker

        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._places)
        key = f"spacechat-{secrets.token_hex(16)}"
        try:
            future = self._cluster.submit(_run, key, function, *args, key=key, pure=False)
        except TypeError as exc:
            raise InputsError(
                f"This can't be sent to a worker: {exc.__cause__ or exc}. A path that it can read "
                "and bytes can be sent, an open file can't."
            ) from None
        try:
            found = await anyio.to_thread.run_sync(
                future.result, abandon_on_cancel=True, limiter=self._threads
            )
        except KilledWorker as exc:
            raise StreamInterruptedError(
                f"One worker after another was lost while it asked this: {exc}"
            ) from None
        except concurrent.futures.CancelledError:
            raise ConnectionError("The Dask cluster can't be reached any more.") from None
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

    def __init__(self, cluster: Cluster, settings: Settings, options: Options, places: int) -> None:
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
        self._calls = _Calls(endpoint, settings, door.login)

    async def __call__(self, arguments: object, space: type[Space], _model: str | None) -> Result:
        """Call.

        Raises:
            SpaceChatError: It failed.
            ConnectionError: The cluster can't be reached any more.
        """
        return await self._workers.run(Result, _call, arguments, space, self._calls)


async def _run(key: str, function: Callable[..., Awaitable[object]], *args: object) -> object:
    """Run a function in the loop of a worker, for as long as its task is wanted.

    Args:
        key: The key of the task.
        function: The function, which takes the key, too.
        args: Its other arguments.

    Returns:
        What it returns, or its `SpaceChatError`, which is no failure of the task.
    """
    found: object = None
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_unwanted, key, tasks.cancel_scope)
        try:
            found = await function(key, *args)
        except SpaceChatError as exc:
            found = without_frames(exc)
        except Exception as exc:  # noqa: BLE001 - raised below, out of the group
            failure = exc
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
    return found


async def _cancel_unwanted(key: str, scope: anyio.CancelScope) -> None:
    """Cancel what runs in a scope once its task isn't wanted any more."""
    from distributed import get_worker

    known = get_worker().state.tasks
    while (task := known.get(key)) is not None and task.state != "cancelled":  # noqa: ASYNC110 - Dask tells nobody
        await anyio.sleep(_LOOKS)
    scope.cancel()


async def _ask(
    _key: str,
    prompt: MessagesLike,
    space: type[Space],
    model: str | None,
    settings: Settings,
    options: Options,
) -> Reply:
    """Ask, in the loop of a worker."""
    stream = prompt_stream(prompt, (space, model), _apps(), options=options, settings=settings)
    return await stream.reply()


@dataclass(frozen=True)
class _Calls:
    """What the calls of a function have in common.

    Attributes:
        endpoint: The function.
        settings: The settings of the calls.
        login: The user.
    """

    endpoint: str | int
    settings: Settings
    login: Login


async def _call(key: str, arguments: object, space: type[Space], calls: _Calls) -> Result:
    """Call a function of an app, in the loop of a worker.

    Raises:
        StreamInterruptedError: Another worker was lost while it made this call.
    """
    from distributed import Event, get_client

    begun = Event(key, await get_client())
    if await begun.is_set():
        lost = StreamInterruptedError("The worker was lost while it made this call.")
        lost.may_have_run = True
        raise lost
    await begun.set()
    try:
        door = AppDoor([space], _apps(), calls.settings, calls.login)
        return await CallHere(door, calls.endpoint, calls.settings)(arguments, space, None)
    finally:
        with anyio.move_on_after(CLOSING, shield=True):
            await begun.clear()


@functools.cache
def _apps() -> Apps:
    return Apps()
