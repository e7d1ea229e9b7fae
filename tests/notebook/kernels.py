"""Real Jupyter kernels, as notebooks use them."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

Action = Callable[[], Coroutine[Any, Any, None]]

LIMIT = 200.0
"""Seconds after which a cell counts as hanging, or a kernel that is to start or to end.

The first completion in a fresh environment has jedi read all that it knows of Python: 5 seconds on
a quiet machine, over a minute on a busy one.
"""


def plain(text: str) -> str:
    """Return a text without a terminal's colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@dataclass(frozen=True)
class Shown:
    """Something that a cell shows.

    Attributes:
        kind: The kernel's message: `display_data`, `update_display_data` or `execute_result`.
        id: Which display it is, or is to change.
        data: What is shown, by media type.
    """

    kind: str
    id: str | None
    data: dict[str, str]


class Cell:
    """A cell that was run.

    Attributes:
        out: What it printed to standard output.
        err: What it printed to standard error.
        error: The name of the exception that ended it, or None.
        failed: Whether the cells after it are not run.
        traceback: What Jupyter shows of that exception.
        shown: What else it shows, in order, updates included.
        pager: What it shows in the pager, such as the help for `name?`.
        ended: When it ended, by `time.monotonic`.
    """

    def __init__(self) -> None:
        self.out = ""
        self.err = ""
        self.error: str | None = None
        self.failed = False
        self.traceback = ""
        self.shown: list[Shown] = []
        self.pager = ""
        self.ended = 0.0

    def show(self, message: dict[str, Any]) -> None:
        """Take what the kernel sends for it."""
        content = message["content"]
        if message["msg_type"] == "stream":
            if content["name"] == "stdout":
                self.out += content["text"]
            else:
                self.err += content["text"]
        elif message["msg_type"] == "error":
            self.error = content["ename"]
            self.traceback = plain("\n".join(content["traceback"]))
        elif "data" in content:
            id_ = content.get("transient", {}).get("display_id")
            self.shown.append(Shown(message["msg_type"], id_, content["data"]))


class Notebook:
    """A notebook with a running kernel, as a person uses one.

    Args:
        portal: The loop that speaks with the kernel, in a thread of its own: whatever fails there,
            the next tests find no loop and no signal handler of it.
        kernel: The kernel's process.
        channels: What is said to it and what it says.
    """

    def __init__(
        self, portal: BlockingPortal, kernel: AsyncKernelManager, channels: AsyncKernelClient
    ) -> None:
        self._portal = portal
        self._kernel = kernel
        self._channels = channels

    def run(self, code: str, meanwhile: Action | None = None, *, cell: Cell | None = None) -> Cell:
        """Run a cell to its end, whatever that is.

        Args:
            code: The cell.
            meanwhile: What else happens until then.
            cell: Takes note of what the kernel sends; None for a new one.
        """
        return self._portal.call(self._run, code, meanwhile, cell)

    async def _run(
        self, code: str, meanwhile: Action | None = None, cell: Cell | None = None
    ) -> Cell:
        cell = cell or Cell()
        async with anyio.create_task_group() as tasks:
            if meanwhile is not None:
                tasks.start_soon(meanwhile)
            reply = await self._channels.execute_interactive(
                code, allow_stdin=False, stop_on_error=False, timeout=LIMIT, output_hook=cell.show
            )
            cell.ended = time.monotonic()
            cell.failed = reply["content"]["status"] == "error"
            for page in reply["content"].get("payload", ()):
                cell.pager += plain(page.get("data", {}).get("text/plain", ""))
        return cell

    def check(self, code: str) -> str:
        """Run a cell that must not fail, and return what it printed."""
        cell = self.run(code)
        assert cell.error is None, cell.traceback
        assert cell.err == ""
        return cell.out

    def completions(self, code: str) -> list[str]:
        """Press Tab at the end of some code; return what is offered."""
        reply = self._portal.call(lambda: self._channels.complete(code, reply=True, timeout=LIMIT))
        matches: list[str] = reply["content"]["matches"]
        return matches

    def tooltip(self, code: str) -> str:
        """Press Shift+Tab at the end of some code; return what is shown."""
        reply = self._portal.call(lambda: self._channels.inspect(code, reply=True, timeout=LIMIT))
        return plain(reply["content"]["data"].get("text/plain", ""))

    async def interrupt(self) -> None:
        """What the stop button does."""
        await self._kernel.interrupt_kernel()

    def restart(self, *, now: bool = False) -> None:
        """What the restart button does.

        Args:
            now: End the kernel without a word to it.
        """
        self._portal.call(self._restart, now)

    async def _restart(self, now: bool) -> None:
        await self._kernel.restart_kernel(now=now)
        await self._channels.wait_for_ready(timeout=LIMIT)

    def restart_under(self, code: str, when: Action) -> None:
        """Press the restart button while a cell runs.

        Args:
            code: The cell; nothing more is heard of it.
            when: Waits until the button is to be pressed.
        """

        async def run() -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._run, code)
                await when()
                # The cell's messages are no longer read: the new kernel's would be among them.
                tasks.cancel_scope.cancel()
            await self._restart(now=False)

        self._portal.call(run)


@contextlib.asynccontextmanager
async def running_kernel() -> AsyncIterator[tuple[AsyncKernelManager, AsyncKernelClient]]:
    """A kernel that is ready; its process ends with the block."""
    kernel = AsyncKernelManager(kernel_name="python3")
    kernel.shutdown_wait_time = LIMIT  # Then a kernel is killed, which half of it shows.
    await kernel.start_kernel()
    try:
        channels = kernel.client()
        channels.start_channels()
        try:
            await channels.wait_for_ready(timeout=LIMIT)
            yield kernel, channels
        finally:
            channels.stop_channels()
    finally:
        await kernel.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Notebook]:
    """A notebook whose kernel the tests of this module share; starting one takes a second."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running_kernel()) as found,
    ):
        yield Notebook(portal, *found)


@pytest.fixture
def notebook(kernel: Notebook) -> Notebook:
    """The notebook, with spacechat at hand and the loop that a kernel begins with."""
    # To format a traceback with its context takes a kernel half a second.
    kernel.check("%autoawait asyncio\n%xmode Minimal")
    kernel.check("import spacechat\nfrom spacechat import providers")
    return kernel
