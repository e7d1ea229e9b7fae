"""What is sent to a Dask cluster, and what runs on its workers; without one."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import distributed
import pytest

from spacechat import Client, errors
from spacechat.apps.arguments import Arguments
from spacechat.apps.options import NO_OPTIONS
from spacechat.client import dask
from spacechat.client.app_engine import Login
from spacechat.client.dask import AskThere
from spacechat.providers import GradioChat, Qwen_Qwen_2_72B
from spacechat.settings import Settings
from tests import waiting
from tests.servers import CLOSE_STREAM, Part, ReplayServer, Then, completed, gradio, message, until
from tests.servers.functions import told

KEY = "spacechat-1"


class Cluster:
    """A cluster to which nothing can be sent, or whose tasks all end when enough of them run.

    Args:
        error: The error with which each ends, or with which it is not taken.
        together: How many results must be waited for at once.
        is_taken: Whether tasks are taken.
    """

    def __init__(self, error: Exception, *, together: int = 1, is_taken: bool = True) -> None:
        self._error = error
        self._all_here = threading.Barrier(together)
        self._is_taken = is_taken

    def submit(self, *_: object, **__: object) -> Cluster:
        if not self._is_taken:
            raise self._error
        return self

    def result(self) -> object:
        self._all_here.wait(waiting.LONGEST)
        raise self._error

    def cancel(self) -> None: ...


def test_each_of_many_tasks_is_waited_for() -> None:
    """A thread waits for each, and anyio has only forty of its own."""
    many = 45
    with Client() as client:
        cluster = Cluster(errors.GenerationError("No."), together=many)
        results = client.map(["Hi"] * many, model="x/y", cluster=cluster, concurrency=many)
        assert [str(each.error) for each in results] == ["No."] * many


@pytest.mark.parametrize("cause", [None, ValueError("no pickle of a file")])
def test_what_can_not_be_sent(cause: Exception | None) -> None:
    error = TypeError("can't serialize")
    error.__cause__ = cause
    ask = AskThere(Cluster(error, is_taken=False), Settings(), NO_OPTIONS, 1)
    with pytest.raises(errors.InputsError) as caught:
        anyio.run(ask, "Hi", Qwen_Qwen_2_72B, None)
    assert str(caught.value) == (
        f"This can't be sent to a worker: {cause or error}. A path that it can read and bytes can "
        "be sent, an open file can't."
    )


class TestOnAWorker:
    """Tasks that run in the loop of a worker."""

    @pytest.fixture
    def tasks(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        """The tasks that the worker knows, of which one runs."""
        found: dict[str, Any] = {KEY: SimpleNamespace(state="executing")}
        worker = SimpleNamespace(state=SimpleNamespace(tasks=found))
        monkeypatch.setattr(distributed, "get_worker", lambda: worker)
        return found

    def run(self, function: Callable[..., Awaitable[object]]) -> object:
        async def main() -> object:
            with anyio.fail_after(waiting.LONGEST):
                return await dask._run(KEY, function, "argument")

        return anyio.run(main)

    @pytest.mark.usefixtures("tasks")
    def test_what_a_function_returns(self) -> None:
        async def function(*args: str) -> object:
            await anyio.lowlevel.checkpoint()
            return args

        assert self.run(function) == (KEY, "argument")

    @pytest.mark.usefixtures("tasks")
    def test_an_error_of_the_library_is_no_failure_of_the_task(self) -> None:
        error = errors.GenerationError("No rain.")

        async def function(*_: str) -> object:
            raise error

        assert self.run(function) is error
        assert error.__traceback__ is None

    @pytest.mark.usefixtures("tasks")
    def test_any_other_error_is_one(self) -> None:
        async def function(*_: str) -> object:
            raise ZeroDivisionError("a mistake")

        with pytest.raises(ZeroDivisionError, match="a mistake"):
            self.run(function)

    @pytest.mark.parametrize("state", ["cancelled", "gone"])
    def test_what_nobody_wants_any_more_is_cancelled(
        self, state: str, tasks: dict[str, Any]
    ) -> None:
        ended = []

        async def function(*_: str) -> None:
            if state == "gone":
                tasks.clear()
            else:
                tasks[KEY].state = state
            try:
                await anyio.sleep_forever()
            finally:
                ended.append(state)

        assert self.run(function) is None
        assert ended == [state]


class Event:
    """A mark that all workers see; each look at it and each change of it takes a moment."""

    def __init__(self, key: str, _: object, marks: list[str]) -> None:
        self._key = key
        self._marks = marks

    async def is_set(self) -> bool:
        await anyio.lowlevel.checkpoint()
        return self._key in self._marks

    async def set(self) -> None:
        await anyio.lowlevel.checkpoint()
        self._marks += [self._key, "set"]

    async def clear(self) -> None:
        await anyio.lowlevel.checkpoint()
        self._marks += ["cleared"]


class TestCalls:
    """A call whose worker is lost is made once only: it leaves a mark."""

    @pytest.fixture
    def marks(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        found: list[str] = []

        async def client() -> object:
            await anyio.lowlevel.checkpoint()
            return None

        monkeypatch.setattr(distributed, "get_client", client)
        monkeypatch.setattr(distributed, "Event", lambda key, of: Event(key, of, found))
        return found

    async def call(self, server: ReplayServer) -> object:
        calls = dask._Calls("/calc", Settings(), Login())
        with anyio.fail_after(waiting.LONGEST):
            result = await dask._call(KEY, Arguments(1), GradioChat.at(server.url), calls)
            return result.value

    @staticmethod
    def functions(*parts: Part) -> ReplayServer:
        dask._apps.cache_clear()
        return ReplayServer(gradio(*parts, **told()))

    def test_it_is_there_while_the_call_is_made(self, marks: list[str]) -> None:
        with self.functions(completed(3), CLOSE_STREAM) as server:
            assert anyio.run(self.call, server) == 3
        assert marks == [KEY, "set", "cleared"]

    def test_where_it_is_there_already_nothing_is_called(self, marks: list[str]) -> None:
        marks.append(KEY)
        with self.functions(completed(3), CLOSE_STREAM) as server:
            with pytest.raises(errors.StreamInterruptedError, match="The worker was lost") as lost:
                anyio.run(self.call, server)
            assert not server.requests
        assert lost.value.may_have_run
        assert marks == [KEY]

    def test_it_goes_with_a_call_that_is_cancelled(self, marks: list[str]) -> None:
        async def main(server: ReplayServer) -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.call, server)
                await until(
                    lambda: "set" in marks and len(server.to("/gradio_api/queue/join")) == 1
                )
                tasks.cancel_scope.cancel()

        with self.functions(message("process_starts", eta=None), Then.HANG) as server:
            anyio.run(main, server)
        assert marks == [KEY, "set", "cleared"]
