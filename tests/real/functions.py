"""The servers whose functions the tests call: the apps of `apps/functions`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread

from tests.apis import Api
from tests.conftest import BLOCKING, LOOPS
from tests.real.environments import ZOO_VERSIONS
from tests.real.servers import GradioServer

__all__ = ["VERSIONS", "FunctionServer", "on_each_api", "unique"]

_APPS: Final = Path(__file__).resolve().parent / "apps"

#: The first of Gradio 4, and the last of each major version.
VERSIONS: Final = tuple(v for v in ("4.0.2", "4.44.1", "5.50.0", "6.31.0") if v in ZOO_VERSIONS)

#: Apps that need more than the first of Gradio 4 has, whose queue a batch ends, too.
_NOT_IN_4_0: Final = ("batches", "rendered")
#: Apps that need more than Gradio 4 has at all.
_SINCE_5: Final = ("stored", "streams", "validated")


def unique(what: str) -> str:
    """Return a name that no other test has for something."""
    return f"{what} {uuid.uuid4()}"


async def on_each_api(read: Callable[[Api], Awaitable[object]]) -> None:
    """Call a function on each event loop, and with the blocking API, all at the same time."""

    def run(name: str) -> None:
        backend, options = LOOPS["asyncio" if name == BLOCKING else name]
        anyio.run(read, Api(name == BLOCKING), backend=backend, backend_options=options)

    async with anyio.create_task_group() as tasks:
        for name in (*LOOPS, BLOCKING):
            tasks.start_soon(anyio.to_thread.run_sync, run, name)


class FunctionServer(GradioServer):
    """One process with the apps, each on a port of its own.

    Args:
        version: The Gradio version.
        only: The one app to have, which is quicker to start; None: all of them.
    """

    def __init__(self, version: str, *, only: str | None = None) -> None:
        super().__init__(version, only=only)
        self._ports: dict[str, int] = {}

    def url(self, name: str) -> str:
        """Return the base address of an app, without a slash at its end."""
        if name not in self._ports:
            raise LookupError(f"no app {name!r}; there are {', '.join(self._ports)}")
        return f"http://127.0.0.1:{self._ports[name]}"

    def _script(self) -> list[str]:
        there = sorted(path.stem for path in (_APPS / "functions").glob("*.py"))
        missing = () if self.major >= 5 else _SINCE_5
        if self.version == "4.0.2":
            missing = (*missing, *_NOT_IN_4_0)
        names = [name for name in there if name not in missing]
        chosen = names if self._only is None else [self._only]
        return [str(_APPS / "zoo_server.py"), "--folder", "functions", *chosen]

    def _started(self, ready: str) -> None:
        told = json.loads(ready)
        self._check_version(told["version"])
        self._ports = told["ports"]
        self.apps = tuple(self._ports)
