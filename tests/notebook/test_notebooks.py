"""Notebooks: cells run in real Jupyter kernels, against a Space in the test's own process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import anyio
import pytest

from spacechat.local import LocalSpace
from tests.notebook.kernels import LIMIT, Action, Cell, Notebook, kernel, notebook
from tests.processes import wait_until
from tests.samples import PIECES
from tests.servers import until

__all__ = ["kernel", "notebook"]  # The fixtures.


PROMPTLY = 5.0
"""Seconds between the stop button and the end of the cell, on a busy machine."""


@pytest.fixture
def fresh(kernel: Notebook) -> Notebook:
    """The notebook, with a kernel that has run nothing."""
    kernel.restart(now=True)
    return kernel


@pytest.fixture
def space() -> Iterator[LocalSpace]:
    with LocalSpace("qwen-2-72b", PIECES) as found:
        yield found


@pytest.fixture
def endless() -> Iterator[LocalSpace]:
    """A Space whose answer goes on until somebody stops it."""

    def reply(_: object) -> Iterator[str]:
        while True:
            yield "ha "

    with LocalSpace("qwen-2-72b", reply, delay=0.01) as found:
        yield found


@pytest.fixture
def silent() -> Iterator[LocalSpace]:
    """A Space that has begun an answer and gives no more than signs of life.

    Without these, a cell that awaits is not interrupted: ipykernel takes note of the button when
    its loop next wakes (https://github.com/ipython/ipykernel/issues/881).
    """
    done = threading.Event()

    def reply(_: object) -> Iterator[str]:
        done.wait()
        yield "late"

    with LocalSpace("qwen-2-72b", reply, heartbeat=0.1) as found:
        yield found
        done.set()


def stream(space: LocalSpace, client: str = "spacechat") -> str:
    """The expression that asks a Space."""
    return f"{client}.stream('Hi', provider=providers.Qwen_Qwen_2_72B.at({space.url!r}))"


def blocking(space: LocalSpace) -> str:
    return f"""
for text in {stream(space)}:
    print(text, end="|")
"""


def with_async(space: LocalSpace) -> str:
    return f"""
async with {stream(space, "spacechat.AsyncClient()")} as answer:
    async for text in answer:
        print(text, end="|")
"""


Reading = Callable[[LocalSpace], str]

WAYS = [
    pytest.param("", blocking, id="blocking"),
    pytest.param("%autoawait asyncio", with_async, id="asyncio"),
    pytest.param("%autoawait trio", with_async, id="trio"),
]
"""How a cell may read an answer: what is set up beforehand, and the cell."""

SHOWN = "".join(f"{piece}|" for piece in PIECES)


def assert_stopped(space: LocalSpace) -> None:
    """The generation ends, because the Space was told."""
    wait_until(lambda: space.active == 0 and space.cancelled == 1)
    # The Space may have noticed the closed connection before it was told.
    wait_until(lambda: any(one.path.endswith("/cancel") for one in space.requests))


class Button:
    """Presses a button of a notebook when a Space has worked for a moment.

    Attributes:
        at: When it did, by `time.monotonic`.
    """

    def __init__(
        self, space: LocalSpace, press: Action, shown: Callable[[], bool] = lambda: True
    ) -> None:
        self.at = 0.0
        self._press = press
        self._space = space
        self._shown = shown

    async def __call__(self) -> None:
        await working(self._space, self._shown)
        self.at = time.monotonic()
        await self._press()


async def working(space: LocalSpace, shown: Callable[[], bool] = lambda: True) -> None:
    """Wait until an answer is read, some of it is shown, and a moment more."""
    await until(lambda: shown() and any("/queue/data" in each.path for each in space.requests))
    await anyio.sleep(0.3)


def test_import_prints_and_starts_nothing(fresh: Notebook) -> None:
    before = fresh.check(
        """
        import asyncio, sys, threading
        threads, tasks = set(threading.enumerate()), asyncio.all_tasks()
        import spacechat
        """
    )
    assert before == ""
    found = fresh.check(
        """
        print(
            set(threading.enumerate()) - threads,
            len(asyncio.all_tasks()) - len(tasks),
            sorted({"httpx", "anyio", "trio", "spacechat.portal.loop"} & sys.modules.keys()),
        )
        """
    )
    assert found == "set() 0 []\n"


@pytest.mark.parametrize(("setup", "reading"), WAYS)
def test_iteration(notebook: Notebook, space: LocalSpace, setup: str, reading: Reading) -> None:
    notebook.check(setup)
    assert notebook.check(reading(space)) == SHOWN
    assert notebook.check(reading(space)) == SHOWN


def test_plain_async_for(notebook: Notebook, space: LocalSpace) -> None:
    for backend in ("asyncio", "trio", "asyncio"):
        notebook.check(f"%autoawait {backend}")
        code = f"""
            async for text in {stream(space, "spacechat.AsyncClient()")}:
                print(text, end="|")
        """
        assert notebook.check(code) == SHOWN


def test_blocking_iteration_beside_the_kernels_loop(notebook: Notebook, space: LocalSpace) -> None:
    code = f"""
        import asyncio
        loop = asyncio.get_running_loop()
        ticks = []
        task = loop.create_task(asyncio.sleep(0, "a task of the kernel's loop"))
        for text in {stream(space)}:
            print(text, end="|")
        print(await task, asyncio.get_running_loop() is loop)
    """
    assert notebook.check(code) == f"{SHOWN}a task of the kernel's loop True\n"


@pytest.mark.parametrize(("setup", "reading"), WAYS)
def test_pieces_are_shown_as_they_come(
    notebook: Notebook, endless: LocalSpace, setup: str, reading: Reading
) -> None:
    notebook.check(setup)
    code = reading(endless).replace('print(text, end="|")', "print(text); break")
    assert notebook.check(code) == "ha \n"
    wait_until(lambda: endless.active == 0)


@pytest.mark.parametrize("where", ["endless", "silent"])
@pytest.mark.parametrize(("setup", "reading"), WAYS)
def test_stop_button(
    notebook: Notebook,
    space: LocalSpace,
    request: pytest.FixtureRequest,
    setup: str,
    reading: Reading,
    where: str,
) -> None:
    asked: LocalSpace = request.getfixturevalue(where)
    notebook.check(setup)
    cell = Cell()
    begins = "ha |ha |ha " if where == "endless" else ""
    stop = Button(asked, notebook.interrupt, lambda: cell.out.startswith(begins))
    notebook.run(reading(asked), stop, cell=cell)
    # A kernel stops a cell of its own loop by cancelling it, and Jupyter shows it as that.
    assert cell.error == ("CancelledError" if "asyncio" in setup else "KeyboardInterrupt")
    assert cell.err == ""
    print(f"the cell ended {cell.ended - stop.at:.3f} s after the button")
    assert cell.ended - stop.at < PROMPTLY
    assert_stopped(asked)
    assert cell.out.startswith(begins)
    assert notebook.check(reading(space)) == SHOWN


def test_what_the_stop_button_shows(notebook: Notebook, endless: LocalSpace) -> None:
    notebook.check("%xmode Context")
    cell = notebook.run(blocking(endless), Button(endless, notebook.interrupt))
    print(cell.traceback)
    assert "for text in" in cell.traceback
    assert "asyncio" not in cell.traceback


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("answer = {blocking}\nprint(next(answer))", id="blocking"),
        pytest.param(
            "answer = {async_}\nprint(await answer.__anext__())",
            id="asyncio",
        ),
    ],
)
def test_restart_with_a_stream_open(
    notebook: Notebook, space: LocalSpace, endless: LocalSpace, code: str
) -> None:
    asked = code.format(blocking=stream(endless), async_=stream(endless, "spacechat.AsyncClient()"))
    assert notebook.check(asked) == "ha \n"
    assert endless.active == 1
    began = time.monotonic()
    notebook.restart()
    print(f"restarting took {time.monotonic() - began:.3f} s")
    assert time.monotonic() - began < LIMIT / 2
    wait_until(lambda: endless.active == 0)
    notebook.check("import spacechat; from spacechat import providers")
    assert notebook.check(blocking(space)) == SHOWN


def test_restart_while_a_cell_reads(
    notebook: Notebook, space: LocalSpace, endless: LocalSpace
) -> None:
    pressed = 0.0

    async def when() -> None:
        nonlocal pressed
        await working(endless)
        pressed = time.monotonic()

    notebook.restart_under(blocking(endless), when)
    took = time.monotonic() - pressed
    print(f"restarting took {took:.3f} s")
    assert took < LIMIT / 2
    wait_until(lambda: endless.active == 0)
    notebook.check("import spacechat; from spacechat import providers")
    assert notebook.check(blocking(space)) == SHOWN
