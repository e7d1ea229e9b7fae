"""An answer shown live in a notebook's cell, as Markdown with what the Space does above it."""

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
from ..events import (
    Completed,
    Event,
    Log,
    Progress,
    Queued,
    Reasoning,
    Retrying,
    Started,
    Status,
    names_and_urls,
)
from ..protocol.thoughts import Thoughts
from ..streaming.chat_stream import AsyncChatStream
from ..streaming.reply import Reply
from ..sync import ChatStream

INTERVAL = 1 / 15
"""Seconds between two pictures of an answer."""

SHARE = 0.2
"""Of the time, how much may go into drawing: each picture shows the whole of a long answer."""


@overload
def display(stream: ChatStream) -> Reply: ...
@overload
def display(stream: AsyncChatStream) -> Coroutine[Any, Any, Reply]: ...
def display(stream: ChatStream | AsyncChatStream) -> Reply | Coroutine[Any, Any, Reply]:
    """Show an answer as it comes, and return it.

    In a notebook, the cell shows it as Markdown, with the queue, the status and the thoughts above
    it; where there is no notebook, the text is printed. An error, cancellation and the stop button
    leave what had come on the page, and the Space is told to stop.

    Args:
        stream: What `stream` of a client, or `spacechat.stream`, returned. For an asynchronous
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
                # A group would wrap what is raised in it.
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
    """Draw what is new, again and again."""
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
    # A terminal can't change what it has shown.
    return _View(stream) if getattr(shell, "kernel", None) is None else _Cell(stream, shell)


class _View:
    """Shows an answer by printing it; a context manager."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        self._stream = stream

    def open(self) -> None:
        """Begin."""

    def take(self, event: Event) -> None:
        """Take note of an event."""
        sys.stdout.write(self._stream.new_text(event))
        sys.stdout.flush()

    def patience(self) -> float | None:
        """Return the seconds until there is something to draw, or None while nothing is new."""
        return None

    def draw(self) -> None:
        """Show what is new."""

    def finish(self, reply: Reply) -> None:
        """Show the whole answer."""
        sys.stdout.write("" if reply.text.endswith("\n") else "\n")

    def __enter__(self) -> _View:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._stream.text:
            sys.stdout.write("\n")


class _Cell(_View):
    """Shows an answer in a cell, by one display that is updated.

    Args:
        stream: What is shown.
        shell: The kernel's IPython shell.
    """

    def __init__(self, stream: ChatStream | AsyncChatStream, shell: Any) -> None:
        super().__init__(stream)
        self._shell = shell
        self._id = uuid.uuid4().hex
        self._status = "Asking …"
        self._thoughts = Thoughts()
        self._due = math.inf  # When there is something to draw,
        self._free = 0.0  # and when there may be, by `time.monotonic`.

    def open(self) -> None:
        self._publish(self._picture(), self._stream.text, update=False)

    def take(self, event: Event) -> None:
        if isinstance(event, Reasoning):
            self._thoughts.add(event)
        elif isinstance(event, Retrying):
            self._thoughts = Thoughts()
        elif isinstance(event, Completed):
            self._thoughts.end(event.reasoning)
        self._status = status(event)
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


def status(event: Event) -> str:
    """Return in a few words what a Space does now; nothing where its answer shows that."""
    if isinstance(event, Queued):
        place = f"{event.position} before this one" if event.position else "Next"
        return f"{place} in the queue of {event.queue_size}{_about(event.eta)}"
    if isinstance(event, Started):
        return f"Answering{_about(event.eta)} …"
    if isinstance(event, Status):
        return event.text
    if isinstance(event, Progress):
        return " ".join(["Working", *_progress(event)])
    if isinstance(event, Log):
        return f"{event.title or event.level.capitalize()}: {event.message}"
    if isinstance(event, Retrying):
        return f"{event.reason} Asking {event.model} again in {event.delay:.0f} s."
    return f"{event.title or 'Thinking'} …" if isinstance(event, Reasoning) else ""


def _about(seconds: float | None) -> str:
    return "" if seconds is None else f", about {seconds:.0f} s"


def _progress(event: Progress) -> list[str]:
    found = [] if event.description is None else [f"({event.description})"]
    if event.index is not None and event.length is not None:
        found.append(f"{event.index:g} of {event.length:g} {event.unit or 'steps'}")
    elif event.progress is not None:
        found.append(f"{event.progress:.0%}")
    return found


class _Shown:
    """Keeps a notebook from showing a reply twice, where its display is a cell's last line."""

    reply: weakref.ref[Reply] | None = None
    cell = -1

    @classmethod
    def note(cls, reply: Reply, shell: Any) -> None:
        """A cell has shown a reply."""
        cls.reply, cls.cell = weakref.ref(reply), shell.execution_count

        def show(found: Reply) -> None:
            if cls.reply is None or cls.reply() is not found or cls.cell != shell.execution_count:
                raise NotImplementedError  # IPython goes on as it would without this.

        shell.display_formatter.ipython_display_formatter.for_type(Reply, show)
