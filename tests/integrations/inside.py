"""Runs blocks of code in the environment of a package; imports nothing of the tests.

Each line of standard input is a block, in JSON. Lines of JSON on standard output tell what it
prints, as it does so, and how it ended. The last line, once standard input has ended, tells which
addresses beyond this machine were wanted since the last block: who wants one gets an error.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import faulthandler
import inspect
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

_HERE = ("localhost", "127.0.0.1", "::1", "", None)

_strangers: list[str] = []


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to look up, or to connect to, what is not this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in _HERE:
        _strangers.append(host)
        raise ConnectionRefusedError(f"{host} is not this machine")


def _take_strangers() -> list[str]:
    taken = _strangers.copy()
    _strangers.clear()
    return taken


class _Printed(io.TextIOBase):
    """Standard output of the blocks: each text is told at once."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell

    def write(self, text: str) -> int:
        self._tell(printed=text)
        return len(text)


def _name(kind: type[Exception]) -> str:
    """Return a class's name in the first of its packages that has it."""
    name, packages = kind.__qualname__, kind.__module__.split(".")
    places = (".".join(packages[:count]) for count in range(1, len(packages) + 1))
    found = (each for each in places if getattr(sys.modules[each], name, None) is kind)
    return f"{next(found, kind.__module__)}.{name}"


def _run(code: str, names: dict[str, Any], loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """Run a block as a notebook's next cell; return how it ended."""
    error, message = None, None
    try:
        block = compile(code, "block", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        result = eval(block, names)
        if block.co_flags & inspect.CO_COROUTINE:
            loop.run_until_complete(result)
    except Exception as exc:
        error, message = _name(type(exc)), str(exc)
    return {"error": error, "message": message, "strangers": _take_strangers()}


def main() -> None:
    """Run what comes, until standard input ends."""
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what is printed past `sys.stdout` goes to the log

    def tell(**said: Any) -> None:
        answers.write(json.dumps(said) + "\n")  # at once: threads print, too
        answers.flush()

    sys.addaudithook(_guard)
    sys.stdout = _Printed(tell)
    atexit.register(lambda: tell(strangers=_take_strangers()))  # the first one runs last
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    names: dict[str, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["fresh"]:
            names = {"__name__": "__main__"}
        tell(**_run(asked["code"], names, loop))


if __name__ == "__main__":
    main()
