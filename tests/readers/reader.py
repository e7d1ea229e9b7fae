"""What a way to read an answer is, and what it is given."""

from __future__ import annotations

import functools
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

import spacechat
from spacechat import errors
from spacechat.openai import Server
from tests.apis import Api
from tests.conftest import BLOCKING, LOOPS
from tests.processes import wait_until
from tests.readers.app import App
from tests.readers.outcome import Kind, Read
from tests.readers.server import AppServer
from tests.servers import until

if TYPE_CHECKING:
    import distributed

BOTH = (*LOOPS, BLOCKING)
HERE = ("here",)
"""For readers that are no coroutines, and run in the test's own thread."""


@dataclass(frozen=True)
class Task:
    """What a reader is to do.

    Attributes:
        app: The app to ask.
        server: Serves it.
        api: The API that the reader is to use, if it can use both.
        tools: What readers share.
    """

    app: App
    server: AppServer
    api: Api
    tools: Tools

    @property
    def url(self) -> str:
        """The app's address."""
        return self.server.url

    def is_enough(self, read: Read) -> bool:
        """Whether the reader is to leave, as it has got all that comes."""
        if not self.app.is_left:
            return False
        if read.events is not None:
            return len(read.events) == len(self.app.gets.events)
        return bool(read.pieces) and "".join(read.pieces or ()) == self.app.gets.text

    async def do(
        self,
        work: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
        *,
        sees_enough: bool = False,
        questions: int = 1,
        seen: Callable[[], bool] = lambda: True,
    ) -> None:
        """Do what reads an answer; where the reader is to leave, break it off.

        Args:
            work: Reads the answer.
            stop: Stops the blocking work of another thread, which can't be cancelled.
            sees_enough: Whether the work ends by itself when it has got all that comes.
            questions: How many questions it asks at the same time.
            seen: Whether it has shown all that comes.
        """
        if not self.app.is_left or sees_enough:
            await work()
            return
        stuck = self.server.stuck + questions
        async with anyio.create_task_group() as group:

            async def leave() -> None:
                await until(lambda: self.server.stuck == stuck and seen())
                if self.api.blocking:
                    await stop()
                else:
                    group.cancel_scope.cancel()

            group.start_soon(leave)
            try:
                await work()
            except errors.SpaceChatError:
                if not self.api.blocking:
                    raise

    @contextmanager
    def here(
        self, *, sees_enough: bool = False, seen: Callable[[], bool] = lambda: True
    ) -> Iterator[None]:
        """Read in this thread; where the reader is to leave, by Ctrl-C.

        Args:
            sees_enough: Whether the block ends by itself when it has got all that comes.
            seen: Whether it has shown all that comes.
        """
        if not self.app.is_left or sees_enough:
            yield
            return

        def leave() -> None:
            wait_until(lambda: self.server.stuck == 1 and seen())
            signal.pthread_kill(reads, signal.SIGINT)

        reads = threading.get_ident()
        leaving = threading.Thread(target=leave)
        leaving.start()
        with suppress(KeyboardInterrupt):
            yield
        leaving.join()


class Tools:
    """What readers share, since it is slow to start: each is started when it is first wanted.

    A context manager, which ends all of it.

    Attributes:
        folder: A folder for files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running = ExitStack()
        self._servers: dict[float, Server] = {}

    def __enter__(self) -> Tools:
        return self

    def __exit__(self, *exc: object) -> None:
        self._running.close()

    def openai_server(self, patience: float) -> Server:
        """A server of the OpenAI API that bears so many seconds of silence."""
        if patience not in self._servers:
            server = Server(spacechat.AsyncClient(timeout=patience))
            self._servers[patience] = self._running.enter_context(server)
        return self._servers[patience]

    @functools.cached_property
    def cluster(self) -> distributed.Client:
        """A Dask cluster of one worker, which is a thread of this process."""
        import distributed

        made = distributed.Client(
            processes=False,
            n_workers=1,
            threads_per_worker=1,
            dashboard_address=":0",
            set_as_default=False,
        )
        self._running.callback(made.close)
        return made


ReadAsync = Callable[[Task], Awaitable[list[Read]]]
ReadHere = Callable[[Task], list[Read]]


@dataclass(frozen=True)
class Reader:
    """A way to read.

    Attributes:
        read: Asks the app, and returns what it got of each question.
        shows: The fields of what it got that it shows.
        runs_on: The event loops that it runs on, or `BLOCKING`, or `HERE`.
        questions: How many it asks.
        at_once: Whether it asks them at the same time.
        kinds: What it calls the kinds of errors, where not as Python does.
        has_limits: Whether the caller can limit the time that it takes.
    """

    read: ReadAsync | ReadHere
    shows: frozenset[str]
    runs_on: tuple[str, ...] = BOTH
    questions: int = 1
    at_once: bool = False
    kinds: dict[Kind, str] = field(default_factory=dict)
    has_limits: bool = True
