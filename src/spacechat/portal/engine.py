"""The engine of the blocking faces: an `AsyncEngine` that runs in the portal's loop.

It has the names of `streaming.engine.AsyncEngine` that a face uses, without `async`, so that the
translation of an asynchronous face is a blocking face.
"""

from __future__ import annotations

import queue
import sys
import threading
import warnings
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar, cast

from ..errors import SpaceChatError, StreamInterruptedError
from ..events import Event
from ..settings import Settings
from ..steps import Script
from ..streaming.engine import Advise, AsyncEngine, Outcome
from ..streaming.open_page import OpenPage
from ..transport.kept import Kept
from . import loop
from .loop import Portal, get_portal, result_of
from .read_ahead import ReadAhead, inherited_stream
from .taken import Taken

_T = TypeVar("_T")
_ScriptT_co = TypeVar("_ScriptT_co", bound=Script[object], covariant=True)


class Engine(Generic[_ScriptT_co]):
    """Runs a script of steps for one thread that reads its events.

    Args:
        script: The script.
        settings: The client's settings.
        fallbacks: Scripts to run where that one fails before it gives anything out.
        page: The page of the conversation that the question is part of, or None.
        kept: The connections that wait for the client's next request, or None.
        advise: Adds advice to the error that ends it, in the loop, or None.

    Attributes:
        events: What was taken from the buffer and has not been read.
    """

    def __init__(
        self,
        script: _ScriptT_co,
        settings: Settings,
        *,
        fallbacks: Iterable[_ScriptT_co] = (),
        page: OpenPage | None = None,
        kept: Kept | None = None,
        advise: Advise | None = None,
    ) -> None:
        self._taken = Taken()
        self.events: deque[Event] = self._taken.left
        self._page = page
        self._engine = AsyncEngine(
            script, settings, fallbacks=fallbacks, page=page, kept=kept, advise=advise
        )
        self._read_ahead: ReadAhead | None = None
        self._portal: Portal | None = None
        self._closed = False

    @property
    def text(self) -> str:
        """The answer as far as the caller has taken it."""
        return self._taken.text

    @property
    def previous_text(self) -> str:
        """The answer before the newest `TextReset`."""
        return self._taken.previous_text

    @property
    def script(self) -> _ScriptT_co:
        """The script of the current attempt."""
        return self._engine.script

    @property
    def state(self) -> str:
        """The state of the stream, in a word."""
        return self._engine.state

    def open(self) -> None:
        """Begin to run the script in the background, if that has not been done.

        Raises:
            SpaceChatError: The stream was closed before its end.
            RuntimeError: The stream is the parent's of a forked process, or the process ends.
        """
        self._own()
        if not self._closed:
            _ = self._read_ahead or self._start()
        elif self._engine.outcome is None:
            raise SpaceChatError("This stream is closed: ask again.", partial_text=self.text)

    def complete(self: Engine[Script[_T]]) -> Outcome[_T]:
        """Run the script to its end, drop its events, and return the result.

        Raises:
            SpaceChatError: It failed; the kind says why.
            RuntimeError: As for `open`.
        """
        __tracebackhide__ = True
        self._own()
        try:
            while self.advance():
                self.events.clear()
        except BaseException:  # Ctrl-C may come between two waits, too.
            self.close(wait=False)
            raise
        # Not by the engine's own method: it would read beside the task that is being stopped, where
        # another thread is closing the stream.
        outcome = self._engine.outcome
        if outcome is None:
            raise StreamInterruptedError(
                "The stream was closed before its end.", partial_text=self.text
            )
        return cast("Outcome[_T]", outcome)

    def advance(self, timeout: float | None = None) -> bool:
        """Wait for an event to be there; False at the end.

        Args:
            timeout: Seconds to wait at the most; None for ever.

        Raises:
            queue.Empty: None came in time; the next call goes on waiting.
            SpaceChatError: The script failed, and there is no other attempt.
            RuntimeError: As for `open`.
        """
        __tracebackhide__ = True
        if self.events:
            return True
        read_ahead = self._read_ahead
        if read_ahead is None:
            if self._closed:
                return False
            read_ahead = self._start()
        try:
            self._keep(read_ahead.take(timeout))
        except queue.Empty:
            raise
        except StopIteration:
            self._closed = True
            return False
        except SpaceChatError:
            if read_ahead.is_running:
                self.close()  # It waits for its turn, which would come when nobody wants it.
            self._closed = True
            raise
        except BaseException:  # Ctrl-C, while it waits or takes: what was taken is lost.
            self.close(wait=False)
            raise
        return True

    def _keep(self, batch: Sequence[Event] = ()) -> None:
        """Keep what was taken for the caller to read, in the place of what it had before."""
        self._taken = Taken(batch, self._taken)
        self.events = self._taken.left

    def close(self, *, wait: bool = True) -> None:
        """Stop: tell the Space to cancel if it is still at work, and free the connection.

        Args:
            wait: Return when that is done; otherwise it goes on in the background.
        """
        if self._closed:
            return
        portal = self._portal or get_portal()
        if wait:
            portal.check_caller()
        self._closed = True
        if portal is not loop.current or portal.exiting:
            return  # It is the parent's, or the end of the process has closed it.
        read_ahead, self._read_ahead = self._read_ahead, None
        if read_ahead is not None and read_ahead.reader == threading.get_ident():
            self._keep()  # Nothing: another thread, though, may be about to read an event.
        future = portal.submit(self._stop, read_ahead, self.text)
        if wait:
            result_of(future)

    def leave(self, exc: BaseException | None) -> None:
        """Close at the end of a block; a second Ctrl-C would end a wait for that.

        Args:
            exc: The error that ends the block, or None.
        """
        self.close(wait=not isinstance(exc, KeyboardInterrupt))

    def abandon(self, owner: object) -> None:
        """Close a dropped face, and complain, as the standard library does of a file.

        Args:
            owner: The face.
        """
        portal = self._portal
        if portal is None or portal is not loop.current or portal.exiting:
            return
        if self._read_ahead is None or not self._read_ahead.is_running:
            return
        if not sys.is_finalizing():
            dropped = repr(owner)  # As it is now: closing changes it.
            self.close(wait=False)
            warnings.warn(
                f"{dropped} was dropped before its end; use it in a with block, or close() it.",
                ResourceWarning,
                stacklevel=3,
                source=owner,
            )

    async def _stop(self, read_ahead: ReadAhead | None, read: str) -> None:
        """End the stream; runs in the loop.

        Args:
            read_ahead: The task that reads it, or None.
            read: The part of the answer that the caller had read when it was closed.
        """
        if read_ahead is not None:
            await read_ahead.stop()
        await self._engine.aclose()
        self._engine.forget_unread(read)

    def _start(self) -> ReadAhead:
        self._read_ahead = ReadAhead(self._engine, self._own(), self._page)
        return self._read_ahead

    def _own(self) -> Portal:
        """Check that the caller may use this engine; return the portal that it belongs to."""
        portal = get_portal()
        portal.check_caller()
        if self._portal is None:
            self._portal = portal
        elif self._portal is not portal:
            raise inherited_stream()
        return portal
