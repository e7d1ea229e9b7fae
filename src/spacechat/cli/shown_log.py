"""The library's log on standard error, for a command that serves others."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from ..log import log
from ..sanitize import harmless
from .terminal.output import say


class _Shown(logging.Handler):
    """Writes what is logged to standard error; what each request says anew, once."""

    _last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        text = self.format(record)
        if text == self._last:
            return
        self._last = text
        with contextlib.suppress(OSError):  # Nobody reads it any more; requests go on.
            say(f"spacechat: {harmless(text)}")


@contextlib.contextmanager
def shown_log() -> Iterator[None]:
    """Show during the block why requests fail, as far as those who made them must not know it."""
    handler = _Shown(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
