"""The views in a cell of IPython: of a Jupyter notebook, and of a terminal."""

from __future__ import annotations

import sys
import uuid
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..events import names_and_urls
from ..shell import ipython
from ..streaming.reply import Printer, Reply
from ..terminal.whole_answer import file_line
from .views import MarkdownView, RedrawnView

if TYPE_CHECKING:
    from ..events import Event
    from ..streaming.chat_stream import AsyncChatStream
    from ..sync import ChatStream


class NotebookView(MarkdownView):
    """Shows an answer in a cell of a Jupyter notebook, by updating one display."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        super().__init__(stream)
        self._shell: Any = ipython()
        self._id = uuid.uuid4().hex
        self._is_open = False

    def publish(self, markdown: str, text: str) -> None:
        self._shell.display_pub.publish(
            {"text/markdown": markdown, "text/plain": text},
            transient={"display_id": self._id},
            update=self._is_open,
        )
        self._is_open = True

    def finish(self, reply: Reply) -> None:
        super().finish(reply)
        is_shown = _remember(reply, self._shell)

        def show(result: Reply) -> None:
            if not is_shown(result):
                raise NotImplementedError  # IPython shows it as usual.

        self._shell.display_formatter.ipython_display_formatter.for_type(Reply, show)


class TerminalView(RedrawnView):
    """Shows an answer in IPython's terminal as the command line does, laid out while it comes."""

    def __init__(self, stream: ChatStream | AsyncChatStream) -> None:
        from ..terminal.markdown_display import MarkdownDisplay

        super().__init__(stream)
        self._display = MarkdownDisplay(stream.engine.script.model)
        self._due = 0.0

    def take(self, event: Event) -> None:
        self._display.feed(event, self._stream.new_text(event))

    def redraw(self) -> None:
        self._display.draw()

    def draw(self) -> None:
        super().draw()
        self._due = self._free  # The waiting line moves though nothing has changed.

    def finish(self, reply: Reply) -> None:
        for name, url in names_and_urls(reply.files):
            sys.stdout.write(f"{file_line(name, url)}\n")
        shell: Any = ipython()
        is_shown = _remember(reply, shell)

        def show(result: Reply, printer: Printer, cycle: bool) -> None:
            if is_shown(result):
                printer.text(repr(result))
            else:
                result._repr_pretty_(printer, cycle)

        shell.display_formatter.formatters["text/plain"].for_type(Reply, show)

    def __exit__(self, *_: object) -> None:
        self._display.close()


def _remember(reply: Reply, shell: Any) -> Callable[[Reply], bool]:
    """Return a function that says whether this cell has shown a reply.

    If that is the value of the cell, too, it isn't shown a second time.
    """
    shown, cell = weakref.ref(reply), shell.execution_count
    return lambda result: shown() is result and shell.execution_count == cell
