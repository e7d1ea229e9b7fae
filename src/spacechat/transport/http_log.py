"""Keeps secrets out of the HTTP library's log.

At debug level, the HTTP library logs the arguments and the result of each of its steps. Two of
these hold secrets: a response's headers, with the cookie of a login, and the password of a SOCKS
proxy. A filter on the library's loggers cuts such records short. It does so while a request of
ours is being sent only, since a program may use the HTTP library for itself, too.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar

_hiding: ContextVar[bool] = ContextVar("hiding", default=False)

_SECRET = re.compile(r" (?:return_value|auth)=")
"""Where a secret may begin in a record; nothing that matters follows it."""


@contextlib.contextmanager
def without_secrets() -> Iterator[None]:
    """Hide what is or may be secret in records of the requests made in the body of the `with`."""
    token = _hiding.set(True)
    try:
        yield
    finally:
        _hiding.reset(token)


def _cut(record: logging.LogRecord) -> bool:
    """Cut a record of one of our requests where a secret may begin; keep every record."""
    if _hiding.get():
        record.msg = _SECRET.split(str(record.msg))[0]
    return True


_LOGGERS = ("httpcore.http11", "httpcore.socks", "httpcore2.http11", "httpcore2.socks")
for _name in _LOGGERS:  # The latter two are httpx2's.
    logging.getLogger(_name).addFilter(_cut)
