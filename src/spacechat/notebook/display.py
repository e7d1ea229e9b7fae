"""Shows an answer while it comes, in whatever runs this code."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any, overload

import anyio

from ..shell import Shell, current_shell
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.reply import Reply
from ..sync import ChatStream
from ..terminal.whole_answer import shows_markdown
from .views import INTERVAL, View


@overload
def display(stream: ChatStream) -> Reply: ...
@overload
def display(stream: AsyncChatStream) -> Coroutine[Any, Any, Reply]: ...
def display(stream: ChatStream | AsyncChatStream) -> Reply | Coroutine[Any, Any, Reply]:
    """Show an answer as it comes, and return it.

    In a notebook of Jupyter or marimo, the cell shows it as Markdown, below the queue, the status
    and the thoughts. IPython's terminal shows it as the command line does, with the extra `cli`.
    Elsewhere, the text is printed. After an error, cancellation or the stop button, the partial
    answer stays on the page, and the Space is told to stop.

    Args:
        stream: The stream that `client.stream` or `spacechat.stream` returned. For an asynchronous
            one, await the result: `reply = await spacechat.display(client.stream("Hi"))`.

    Raises:
        SpaceChatError: The answer can't be had; the kind says why.
        TypeError: This is not a stream.
    """
    if isinstance(stream, AsyncChatStream):
        return _follow_async(stream)
    if isinstance(stream, ChatStream):
        return _follow(stream)
    raise TypeError(f"display() shows a stream of a client, not a {type(stream).__name__}.")


# The two functions that follow can't be made of one another by translation. A blocking reader can
# wait for an event with a timeout and draw in between, on the thread of the cell, where IPython
# expects output. An asynchronous read that times out is cancelled, which would stop the answer, so
# there a second task draws.


def _follow(stream: ChatStream) -> Reply:
    with contextlib.ExitStack() as closing:
        view = _view(stream)
        closing.push(view)
        closing.push(stream)
        view.open()
        while True:
            try:
                if not stream.engine.advance(view.patience()):
                    break
            except queue.Empty:
                view.draw()
                continue
            view.take(stream.next_event())
            if view.patience() == 0:
                view.draw()
        reply = stream.reply()
    view.finish(reply)
    return reply


async def _follow_async(stream: AsyncChatStream) -> Reply:
    view = _view(stream)
    errors: list[BaseException] = []
    with view:
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_exit(stream)
            async with anyio.create_task_group() as tasks:
                # The task group would wrap an exception that leaves it.
                try:
                    view.open()
                    tasks.start_soon(_draw, view, errors, tasks.cancel_scope)
                    if _may_suspend():
                        tasks.start_soon(_heed_ctrl_c, errors, tasks.cancel_scope)
                    async for event in stream.events():
                        view.take(event)
                except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - raised below
                    errors.append(exc)
                tasks.cancel_scope.cancel()
            if errors:
                raise errors[0]
            reply = await stream.reply()
    view.finish(reply)
    return reply


async def _draw(view: View, errors: list[BaseException], scope: anyio.CancelScope) -> None:
    """Draw the changes, again and again."""
    try:
        while True:
            await anyio.sleep(view.patience() or INTERVAL)
            view.draw()
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - trio interrupts any task
        errors.append(exc)
        scope.cancel()


def _may_suspend() -> bool:
    """Return whether Ctrl-C would only suspend this task: IPython's terminal leaves it as it is.

    On Windows it can't be helped, as asyncio takes no signals there.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and current_shell() is Shell.TERMINAL and sys.platform != "win32"


async def _heed_ctrl_c(errors: list[BaseException], scope: anyio.CancelScope) -> None:
    """End the answer at Ctrl-C. Afterwards, the handler that was set before is set again."""
    before = signal.getsignal(signal.SIGINT)
    try:
        with anyio.open_signal_receiver(signal.SIGINT) as signals:
            await anext(signals)
            errors.append(KeyboardInterrupt())
            scope.cancel()
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)  # asyncio sets Python's own.


def _view(stream: ChatStream | AsyncChatStream) -> View:
    shell = current_shell()
    if shell is Shell.JUPYTER:
        from .ipython import NotebookView

        return NotebookView(stream)
    if shell is Shell.MARIMO:
        from .marimo import MarimoView

        return MarimoView(stream)
    if shell is Shell.TERMINAL and shows_markdown():
        from .ipython import TerminalView

        return TerminalView(stream)
    return View(stream)
