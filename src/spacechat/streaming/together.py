"""Several requests at once: one that the script waits for, and what is asked beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio

Work = Callable[[], Awaitable[None]]


async def together(request: Work, beside: Sequence[Work]) -> None:
    """Make a request, and do other work at the same time; return when all of it has ended.

    No task outlives this call. If some of the other work fails, the rest is cancelled, and that
    failure is raised: it says that the request should not be made. If the request fails, the other
    work still comes to its end, since it may say why.

    Args:
        request: Makes the request.
        beside: The other work.

    Raises:
        Exception: What the other work or the request raised.
    """
    if not beside:
        await request()
        return
    errors: list[Exception] = []  # Those of the other work before that of the request.

    async def do(work: Work) -> None:
        try:
            await work()
        except Exception as exc:  # noqa: BLE001 - raised below, outside the group
            errors.insert(0, exc)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for work in beside:
            tasks.start_soon(do, work)
        try:
            await request()
        except Exception as exc:  # noqa: BLE001 - raised below, outside the group
            errors.append(exc)
    if errors:
        raise errors[0]
