"""Requests made at the same time: which error is raised, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel
import pytest

from spacechat import errors
from spacechat.streaming.joining import Joining
from spacechat.streaming.tasks import run_together
from spacechat.streaming.together import together
from tests import waiting

pytestmark = [pytest.mark.anyio]

Work = Callable[[], Awaitable[None]]


async def interrupted() -> None:
    """Be where Ctrl-C comes, as under trio: in whichever task is running."""
    await anyio.lowlevel.checkpoint()
    raise KeyboardInterrupt


async def failing() -> None:
    raise errors.GenerationError("failed")


async def join(ask: Work, beside: Work) -> None:
    await together(Joining(ask, lambda: False).run, [beside])


class TestCtrlC:
    """`except KeyboardInterrupt` has to catch it, so it comes in no group."""

    async def test_in_the_request(self) -> None:
        with anyio.fail_after(waiting.LONGEST), pytest.raises(KeyboardInterrupt):
            await together(interrupted, [anyio.sleep_forever])

    async def test_beside_it(self) -> None:
        with anyio.fail_after(waiting.LONGEST), pytest.raises(KeyboardInterrupt):
            await together(anyio.sleep_forever, [interrupted])

    async def test_in_the_task_that_joins_a_queue(self) -> None:
        with anyio.fail_after(waiting.LONGEST), pytest.raises(KeyboardInterrupt):
            await Joining(interrupted, lambda: False).run()

    async def test_in_that_task_while_something_is_asked_beside_it(self) -> None:
        with anyio.fail_after(waiting.LONGEST), pytest.raises(KeyboardInterrupt):
            await join(interrupted, anyio.sleep_forever)

    async def test_it_goes_before_an_error(self) -> None:
        async def late() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                raise KeyboardInterrupt

        with anyio.fail_after(waiting.LONGEST), pytest.raises(KeyboardInterrupt):
            await run_together(late, [failing])


async def test_the_error_of_what_is_beside_comes_in_the_requests_place() -> None:
    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.GenerationError, match="failed"):
        await together(anyio.sleep_forever, [failing])


async def test_what_is_beside_ends_though_the_request_fails() -> None:
    ended: list[bool] = []

    async def slow() -> None:
        await anyio.wait_all_tasks_blocked()
        ended.append(True)

    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.GenerationError, match="failed"):
        await together(failing, [slow])
    assert ended == [True]


async def test_of_two_errors_that_of_what_is_beside_is_raised() -> None:
    async def other() -> None:
        raise errors.ProtocolError("other")

    with anyio.fail_after(waiting.LONGEST), pytest.raises(errors.ProtocolError, match="other"):
        await together(failing, [other])


@pytest.mark.parametrize("beside", [False, True])
async def test_what_fails_first_ends_the_rest(beside: bool) -> None:
    works = [anyio.sleep_forever, failing]
    with anyio.move_on_after(5) as scope, pytest.raises(errors.GenerationError):
        await run_together(works[not beside], [works[beside]])
    assert not scope.cancel_called
