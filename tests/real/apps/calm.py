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

SOON, LATER = 0.01, 1.0
USED = 2.0


class Nap(float):
    """Seconds that a queue sleeps; one that nobody uses sleeps until somebody does, or longer."""


class Sleeping:
    """What `gradio.queueing` has in the place of `asyncio`."""

    def __getattr__(self, name):
        return getattr(asyncio, name)

    async def sleep(self, seconds):
        if not isinstance(seconds, Nap):
            await asyncio.sleep(seconds)
        elif any(seconds.queue.active_jobs) or time.monotonic() < used(seconds.queue).until:
            await asyncio.sleep(SOON)
        else:
            used(seconds.queue).clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(used(seconds.queue).wait(), LATER)


class Use(asyncio.Event):
    """The event that a queue is used, and the time until which it counts as used."""

    until = 0.0


def used(queue):
    if not hasattr(queue, "used"):
        queue.used = Use()
    return queue.used


def nap(queue):
    seconds = Nap(SOON)
    seconds.queue = queue
    return seconds


def push(queue, *arguments, **named):
    used(queue).until = time.monotonic() + USED
    used(queue).set()
    return PUSH(queue, *arguments, **named)


async def main_loop(server):
    while not await server.on_tick(0):  # noqa: ASYNC110
        await asyncio.sleep(LATER)


# Gradio 6 looks into the queue of each app a thousand times a second, earlier ones 20 times, and
# uvicorn has something to do ten times: for all of them, that takes a core though nobody asks.
gradio.queueing.asyncio = Sleeping()
Queue.sleep_when_free = property(nap, lambda queue, seconds: None)
Queue.progress_update_sleep_when_free = property(nap, lambda queue, seconds: None)
PUSH, Queue.push = Queue.push, push
uvicorn.Server.main_loop = main_loop

# Gradio asks whether its server can be reached, for three seconds, which a busy machine may need.
# Before that it has asked it something else, without a limit.
gradio.networking.url_ok = lambda url: True

# Gradio asks the Hub who is logged in on this machine, for an app with a button to sign in with.
os.environ["HF_TOKEN"] = "hf_of_this_machine"
gradio.oauth.whoami = lambda: {"type": "user", "fullname": "Ada", "name": "ada", "avatarUrl": ""}
