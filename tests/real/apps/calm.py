# mypy: ignore-errors
"""Lets dozens of Gradio apps run in one process, on a small and busy machine, once imported."""

import asyncio
import contextlib
import os
import time

import gradio.networking
import gradio.oauth
import gradio.queueing
import uvicorn
from gradio.queueing import Queue

SOON = 0.01
"""Seconds after which a queue in use looks for something to do again."""
LATER = 1.0
"""Seconds after which one does that nobody uses, unless somebody begins to."""
USED = 2.0
"""Seconds for which a queue is in use after it was given an event."""


class Sleeping:
    """What `gradio.queueing` has in the place of `asyncio`."""

    def __getattr__(self, name):
        return getattr(asyncio, name)

    async def sleep(self, seconds):
        """Sleep; in the place of seconds, a queue says that it has nothing to do."""
        if not isinstance(seconds, Queue):
            await asyncio.sleep(seconds)
            return
        use = use_of(seconds)
        if any(seconds.active_jobs) or time.monotonic() < use.until:
            await asyncio.sleep(SOON)
        else:
            use.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(use.wait(), LATER)


class Use(asyncio.Event):
    """The event that a queue is given something to do, and the time until which it is in use."""

    until = 0.0


def use_of(queue):
    if not hasattr(queue, "use"):
        queue.use = Use()
    return queue.use


def push(queue, *arguments, **named):
    """Give a queue an event."""
    use = use_of(queue)
    use.until = time.monotonic() + USED
    use.set()
    return PUSH(queue, *arguments, **named)


async def main_loop(server):
    while not await server.on_tick(0):  # noqa: ASYNC110
        await asyncio.sleep(LATER)


# Gradio 6 looks into the queue of each app a thousand times a second, earlier ones 20 times, and
# uvicorn has something to do ten times: for all of them, that takes a core though nobody asks.
gradio.queueing.asyncio = Sleeping()
NO_SECONDS = property(lambda queue: queue, lambda queue, seconds: None)
Queue.sleep_when_free = Queue.progress_update_sleep_when_free = NO_SECONDS
PUSH, Queue.push = Queue.push, push
uvicorn.Server.main_loop = main_loop

# Gradio asks whether its server can be reached, for three seconds, which a busy machine may need.
# Before that it has asked it something else, without a limit.
gradio.networking.url_ok = lambda url: True

# Gradio asks the Hub who is logged in on this machine, for an app with a button to sign in with.
os.environ["HF_TOKEN"] = "hf_of_this_machine"
gradio.oauth.whoami = lambda: {"type": "user", "fullname": "Ada", "name": "ada", "avatarUrl": ""}
