"""Asks a Space as a command's options say, and shows the answer."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from ..sanitize import one_line
from ..terminal.live_lines import can_redraw
from .app_settings import AppSettings
from .question_options import (
    app_options,
    check_options,
    check_taken,
    inspect_options,
    open_attached,
)
from .saved_files import make_folder, save_files
from .target import Target
from .terminal.display import choose_display
from .terminal.output import fitted, list_files, part_from_answer

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ..apps.files import FileLike
    from ..apps.inspection import Inspection
    from ..apps.options import ChatOptions
    from ..messages import Conversation, Messages
    from ..providers import Space
    from ..streaming.reply import Reply
    from ..sync import Chat, ChatStream, Client
    from .options import Options
    from .terminal.display import Display
    from .terminal.values_display import Saved

_FRAME = 0.07
"""Seconds between two drawings of an answer, at least."""


class Asker:
    """Asks a Space as the options say; a context manager, in which local Spaces run.

    Attributes:
        target: The Space.
        files: The files that go with the next question.
    """

    def __init__(self, options: Options) -> None:
        self.target: Target = Target(options["model"], options["url"], local=options["local"])
        self.files: list[FileLike] = []
        self._options = options
        self._meant_for: type[Space] | None = None
        self._settings: dict[type[Space], AppSettings] = {}
        self._opened: Client | None = None

    def check(self) -> None:
        """Check the options before anything is asked, and open the files that they name.

        What they say of the app (`-o`, `--auth` and others) is meant for the Space that is the
        target now, and goes to no other.

        Raises:
            ModelNotFoundError: There is no such model.
            SpaceUnavailableError: The address is not one of a Space.
            UsageError: The Space doesn't take an option, or standard input can't be read.
            OSError: The folder for files can't be made.
        """
        self._meant_for = self.target.space
        check_options(self._options, self._meant_for)
        make_folder(self._options["folder"])
        self.files += open_attached(self._options["attached"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._opened is not None:
                self._opened.close()
        finally:
            self.target.close()

    def stream(self, messages: Messages) -> ChatStream:
        """Return the stream of the answer to a conversation that ends with a question."""
        return self._client.stream(messages, provider=self._named, **self.question_options())

    def conversation(self, earlier: Conversation) -> Chat:
        """Return a conversation that goes on after an earlier one.

        Its questions have to be asked with `question_options`.
        """
        return self._client.conversation(earlier, provider=self._named)

    @property
    def _named(self) -> type[Space] | None:
        """The Space, or None where nobody names one: then the client looks for one that answers."""
        return self.target.space if self.target.is_named else None

    def question_options(self) -> ChatOptions:
        """Return the options of the next question to the target, with the files that go with it.

        Raises:
            UsageError: The target takes no files.
            InputsError: A word is broken JSON, or given twice.
            SpaceChatError: The app can't be inspected, which says what its inputs are.
        """
        given: ChatOptions = {}
        if self.files:
            # Another Space may have been taken since.
            check_taken({"files": "/file"}, self.target.space)
            given["files"] = [*self.files]
        given.update(self._app_options)
        inputs = self.settings.values()
        if inputs:
            given["inputs"] = inputs
        return given

    @property
    def settings(self) -> AppSettings:
        """The settings of the target's app, of which `-o` gives the first ones."""
        space = self.target.space
        if space not in self._settings:
            named = self._options["named"] if space is self._meant_for else ()
            self._settings[space] = AppSettings(self._inspect, named)
        return self._settings[space]

    @property
    def _app_options(self) -> ChatOptions:
        meant_for = self._meant_for
        if meant_for is None or self.target.space is not meant_for:
            return {}
        return app_options(self._options, meant_for)

    def _inspect(self, inputs: Mapping[str, object]) -> Inspection:
        """Inspect the target's app; raise if it doesn't take these values of its inputs."""
        given = inspect_options(self._app_options)
        return self._client.inspect(self.target.address, **given, inputs=inputs)

    def show(self, stream: ChatStream, write: Callable[[str], None] | None = None) -> Reply:
        """Show an answer as it comes, and return it; `give_files` does the rest.

        Args:
            stream: The answer.
            write: Takes the pieces of the answer, and a newline at its end. None: they go to
                standard output.

        Raises:
            SpaceChatError: The answer can't be had.
            KeyboardInterrupt: Ctrl-C; the Space is told to stop, in the background.
        """
        display = choose_display(self.target.name, write, plain=self._options["plain"])
        reply = _follow(stream, display)
        if self._options["verbose"]:
            part_from_answer()
            timings = fitted(_timings(reply), sys.stderr)
            dims = can_redraw(sys.stderr) and not os.environ.get("NO_COLOR")
            click.echo(click.style(timings, dim=True) if dims else timings, err=True)
        return reply

    def give_files(self, reply: Reply) -> None:
        """Save the files of an answer if the options say where; list them otherwise.

        Raises:
            SpaceChatError: A download failed.
            OSError: A file can't be written.
        """
        if not self.save(reply):
            list_files(reply)

    def save(self, reply: Reply) -> Saved:
        """Save the files of an answer if the options say where; say where each is.

        Raises:
            SpaceChatError: A download failed.
            OSError: A file can't be written.
        """
        folder = self._options["folder"]
        return {} if folder is None else save_files(self._client, reply.files, folder, tells=True)

    @property
    def _client(self) -> Client:
        """The one client, so that each app's description is fetched once."""
        from ..settings import DEFAULT_TIMEOUT
        from ..sync import Client
        from .app_cache import remember_apps

        if self._opened is None:
            remember_apps()
            token, timeout = self._options["token"], self._options["timeout"]
            try:
                self._opened = Client(
                    token=token, timeout=DEFAULT_TIMEOUT if timeout is None else timeout
                )
            except ValueError as exc:
                raise click.UsageError(str(exc)) from exc
        return self._opened


def _follow(stream: ChatStream, display: Display) -> Reply:
    """Read a stream to its end, and have a display show it."""
    due = time.monotonic()
    try:
        with stream:
            goes_on = True
            while goes_on:
                with contextlib.suppress(queue.Empty):
                    goes_on = stream.engine.advance(max(0.0, due - time.monotonic()))
                if stream.engine.events:
                    event = stream.next_event()
                    display.feed(event, stream.new_text(event))
                began = time.monotonic()
                if began >= due:
                    display.draw()
                    now = time.monotonic()
                    due = now + max(_FRAME, 4 * (now - began))  # Leave most of the time to others.
            return stream.reply()
    finally:
        display.close()


def _timings(reply: Reply) -> str:
    timings = reply.timings
    parts = [f"{timings.total:.1f} s in all"]
    if timings.first_text is not None:
        parts.insert(0, f"first text after {timings.first_text:.1f} s")
    if timings.queued is not None:
        parts.insert(0, f"begun after {timings.queued:.1f} s")
    return f"{one_line(reply.model)}: {', '.join(parts)}"
