"""Shows an answer live in a notebook's cell, as Markdown below the Space's status."""

from __future__ import annotations

import contextlib
import math
import queue
import sys
import time
import uuid
import weakref
from collections.abc import Coroutine
from typing import Any, overload

import anyio

from .. import markup
from ..event_descriptions import describe
from ..events import Completed, Event, Reasoning, Retrying, names_and_urls
from ..protocol.thoughts import Thoughts
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.reply import Reply
from ..sync import ChatStream

INTERVAL = 1 / 15
"""Seconds between two drawings of an answer, at least."""

SHARE = 0.2
"""The share of time that drawing may take; each time, the whole answer is drawn."""


@overload
def display(stream: ChatStream) -> Reply: ...
@overload
def display(stream: AsyncChatStream) -> Coroutine[Any, Any, Reply]: ...
def display(stream: ChatStream | AsyncChatStream) -> Reply | Coroutine[Any, Any, Reply]:
    """Show an answer as it comes, and return it.

    In a notebook, the cell shows it as Markdown, below the queue, the status and the thoughts.
    Outside of one, the text is printed. After an error, cancellation or the stop button, the
    partial answer stays on the page, and the Space is told to stop.

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


async def _draw(view: _View, errors: list[BaseException], scope: anyio.CancelScope) -> None:
    """Draw the changes, again and again."""
    try:
        while True:
            await anyio.sleep(view.patience() or INTERVAL)
            view.draw()
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - trio interrupts any task
        errors.append(exc)
        scope.cancel()


def _view(stream: ChatStream | AsyncChatStream) -> _View:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    # A terminal can't change the text that it has shown.
    return _View(stream) if getattr(shell, "kernel", None) is None else _Cell(stream, shell)


class _View:
    """Shows an answer by printing it; a context manager."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        self._stream = stream

    def open(self) -> None:
        """Show that the question is asked."""

    def take(self, event: Event) -> None:
        """Take an event."""
        sys.stdout.write(self._stream.new_text(event))
        sys.stdout.flush()

    def patience(self) -> float | None:
        """Return the seconds until the next drawing is due, or None if nothing has changed."""
        return None

    def draw(self) -> None:
        """Show what has changed, if a drawing is due."""

    def finish(self, reply: Reply) -> None:
        """Show the whole answer."""
        sys.stdout.write("" if reply.text.endswith("\n") else "\n")

    def __enter__(self) -> _View:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._stream.text:
            sys.stdout.write("\n")


class _Cell(_View):
    """Shows an answer in a cell, by updating one display.

    Args:
        stream: The stream of the answer.
        shell: The kernel's IPython shell.
    """

    def __init__(self, stream: ChatStream | AsyncChatStream, shell: Any) -> None:
        super().__init__(stream)
        self._shell = shell
        self._id = uuid.uuid4().hex
        self._status = "Asking …"
        self._thoughts = Thoughts()
        self._due = math.inf  # When the next drawing is due, by `time.monotonic`,
        self._free = 0.0  # and the earliest time at which it may be.

    def open(self) -> None:
        self._publish(self._picture(), self._stream.text, update=False)

    def take(self, event: Event) -> None:
        if isinstance(event, Reasoning):
            self._thoughts.add(event)
        elif isinstance(event, Retrying):
            self._thoughts = Thoughts()
        elif isinstance(event, Completed):
            self._thoughts.end(event.reasoning)
        self._status = describe(event)
        self._due = min(self._due, self._free)

    def patience(self) -> float | None:
        if self._due == math.inf:
            return None
        return max(0.0, self._due - time.monotonic())

    def draw(self) -> None:
        if self.patience() == 0:
            self._publish(self._picture(), self._stream.text)

    def finish(self, reply: Reply) -> None:
        shown = markup.answer(reply.text, self._thoughts.text, files=names_and_urls(reply.files))
        self._publish(shown, reply.text)
        _Shown.note(reply, self._shell)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._status = "Stopped before the end of the answer."
            self._publish(self._picture(), self._stream.text)

    def _picture(self) -> str:
        text = self._stream.text
        above = [markup.note(self._status)] if self._status else []
        shown = markup.answer(text, self._thoughts.text, unfolded=not text)
        return "\n\n".join([*above, shown])

    def _publish(self, markdown: str, text: str, *, update: bool = True) -> None:
        began = time.monotonic()
        self._shell.display_pub.publish(
            {"text/markdown": markdown, "text/plain": text},
            transient={"display_id": self._id},
            update=update,
        )
        now = time.monotonic()
        self._due = math.inf
        self._free = now + max(INTERVAL, (now - began) / SHARE)


class _Shown:
    """The last reply that a cell has shown, so that it isn't shown again as the cell's result."""

    reply: weakref.ref[Reply] | None = None
    cell = -1

    @classmethod
    def note(cls, reply: Reply, shell: Any) -> None:
        """Remember a reply that the current cell has shown."""
        cls.reply, cls.cell = weakref.ref(reply), shell.execution_count

        def show(result: Reply) -> None:
            if cls.reply is None or cls.reply() is not result or cls.cell != shell.execution_count:
                raise NotImplementedError  # IPython shows it as usual.

        shell.display_formatter.ipython_display_formatter.for_type(Reply, show)
