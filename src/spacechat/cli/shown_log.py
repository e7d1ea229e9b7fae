"""The library's log on standard error, for a command that serves others."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from ..log import log
from .terminal.output import say
from .terminal.sanitize import harmless


class _Shown(logging.Handler):
    """Writes what is logged to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        with contextlib.suppress(OSError):  # Nobody reads it any more; requests go on.
            say(f"spacechat: {harmless(self.format(record))}")


@contextlib.contextmanager
def shown_log() -> Iterator[None]:
    """Show during the block why requests fail, as far as those who made them must not know it."""
    handler = _Shown(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
