"""Several requests at once: one that the script waits for, and what is asked beside it."""

from __future__ import annotations

from collections.abc import Sequence

from .tasks import Work, run_together


async def together(request: Work, beside: Sequence[Work]) -> None:
    """Make a request, and do other work at the same time; return when all of it has ended.

    No task outlives this call. If some of the other work fails, the rest is cancelled, and that
    failure is raised: it says that the request should not be made. If the request fails, the other
    work still comes to its end, since it may say why.

    Args:
        request: Makes the request.
        beside: The other work.

    Raises:
        BaseException: What the other work or the request raised; it comes in no group.
    """
    if not beside:
        await request()
        return
    failure: Exception | None = None

    async def make() -> None:
        nonlocal failure
        try:
            await request()
        except Exception as exc:  # noqa: BLE001 - raised below, when the other work has ended
            failure = exc

    await run_together(make, beside)
    if failure is not None:
        raise failure
