"""Tasks that run at the same time, and whose errors come as they are: in no exception group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio

Work = Callable[[], Awaitable[None]]


async def run_together(work: Work, others: Sequence[Work]) -> None:
    """Run some work in this task and other work in tasks of its own, until all of it has ended.

    No task outlives this call. What fails first cancels all the rest, and is raised; but Ctrl-C,
    which trio raises in whichever task is running, goes before any error.

    Args:
        work: Runs in this task.
        others: Run in tasks of their own.

    Raises:
        BaseException: What one of them raised.
    """
    errors: list[BaseException] = []

    async def run(each: Work) -> None:
        try:
            await each()
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as exc:  # noqa: BLE001 - raised below, outside the group
            errors.append(exc)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for each in others:
            tasks.start_soon(run, each)
        await run(work)
    if errors:
        raise min(errors, key=lambda error: isinstance(error, Exception))
