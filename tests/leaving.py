"""What a local Space saw of somebody who left an answer early."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spacechat import AsyncChatStream
from spacechat.local import LocalSpace
from tests.servers import until


def endless(_: object) -> Iterator[str]:
    """An answer that never ends by itself; each piece comes when the one before was taken."""
    while True:
        yield "ha "


def cancels(space: LocalSpace) -> list[Any]:
    return [request.json for request in space.requests if request.path.endswith("/cancel")]


async def assert_stopped(space: LocalSpace, stream: AsyncChatStream, count: int = 1) -> None:
    """The generation ended, and because it was asked to with the right words."""
    await until(lambda: space.active == 0)
    found = cancels(space)
    assert len(found) == count
    wanted = stream.conversation.session_hash
    (cancel,) = [one for one in found if one["session_hash"] == wanted]
    assert cancel.keys() == {"session_hash", "fn_index", "event_id"}
    assert cancel["fn_index"] == 0
    assert len(cancel["event_id"]) == 32
    assert space.cancelled == count
