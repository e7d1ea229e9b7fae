"""Functions of apps in notebooks: calls, runs, help and completion, in real Jupyter kernels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.notebook.kernels import Cell, Notebook, kernel, notebook
from tests.processes import wait_until
from tests.servers import completed, generating, message, until
from tests.servers.function_app import NUMBER, Function, FunctionApp, Value

__all__ = ["kernel", "notebook"]  # The fixtures.

PROMPTLY = 5.0
"""Seconds between the stop button and the end of the cell, on a busy machine."""


def calculate(data: list[Any], _: dict[str, Any]) -> Iterator[bytes]:
    first, operation, second = data
    yield completed(first + second if operation == "add" else first - second)


def train(data: list[Any], _: dict[str, Any]) -> Iterator[bytes]:
    for step in range(data[0]):
        done = {"index": step, "length": data[0], "unit": "rounds", "desc": "Training"}
        yield message("progress", progress_data=[{**done, "progress": None}])
        yield generating(step) if step == 0 else generating([["replace", [], step]])
    yield completed(data[0] - 1)


def count(_: list[Any], __: dict[str, Any]) -> Iterator[bytes]:
    yield generating(0)
    for number in range(1, 6000):
        time.sleep(0.01)
        yield generating([["replace", [], number]])


CALC = Function(
    "calc",
    calculate,
    [
        Value("num1", NUMBER),
        Value("operation", choices=("add", "subtract")),
        Value("num2", NUMBER, default=100),
    ],
    [Value("result", NUMBER)],
    "Work out two numbers.",
)
TRAIN = Function("train", train, [Value("rounds", NUMBER)], [Value("done", NUMBER)], streams=True)
COUNT = Function("count", count, [], [Value("reached", NUMBER)], streams=True)


@pytest.fixture
def server() -> Iterator[FunctionApp]:
    with FunctionApp([CALC, TRAIN, COUNT]) as found:
        yield found


WAYS = [
    pytest.param("", "", "Client", id="blocking"),
    pytest.param("%autoawait asyncio", "async ", "AsyncClient", id="asyncio"),
    pytest.param("%autoawait trio", "async ", "AsyncClient", id="trio"),
]
"""What is set up beforehand, how a cell reads, and the client."""


def opened(notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str) -> str:
    """Have the notebook open the app, which is then `app`; return the word that calls it."""
    wait = "await " if reads else ""
    notebook.check(f"{setup}\napp = {wait}spacechat.{client}().app({server.url!r})")
    return wait


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_calls(
    notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str
) -> None:
    """By name, and by what has the function's own signature; an error is one of a cell."""
    wait = opened(notebook, server, setup, reads, client)
    told = notebook.check(
        f"""
        print({wait}app.call("/calc", 1, "add", num2=2))
        print({wait}app["/calc"](1, "subtract"))
        """
    )
    assert told == "3\n-99\n"
    cell = notebook.run(f'{wait}app.call("/calc", 1, "divide", 2)')
    assert cell.error == "InputsError"
    assert "'subtract'" in cell.traceback


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_what_the_last_line_shows(
    notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str
) -> None:
    opened(notebook, server, setup, reads, client)
    (shown,) = notebook.run("app").shown
    assert shown.data["text/plain"].endswith(f" at {server.url}>")
    (shown,) = notebook.run("app.view()").shown
    assert shown.kind == "execute_result"
    assert "<table" in shown.data["text/html"]
    for word in ("/calc", "num1", "Work out two numbers.", "/train"):
        assert word in shown.data["text/html"]


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_help(notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str) -> None:
    """`?`, the tooltip and `help` know what the app says of a function.

    IPython looks up names and numbers before a `?`, but no texts, so `app["/calc"]?` is none.
    """
    opened(notebook, server, setup, reads, client)
    notebook.check('calc = app["/calc"]')
    for told in (
        notebook.run("calc?").pager,
        notebook.run("app[0]?").pager,
        notebook.tooltip("calc("),
        notebook.check("help(calc)"),
    ):
        assert "num1: float, operation: Literal['add', 'subtract']" in " ".join(told.split())
        assert "num2: float = 100" in told
        assert "Work out two numbers." in told
        assert "One of 'add', 'subtract'." in told


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_completion(
    notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str
) -> None:
    opened(notebook, server, setup, reads, client)
    for begun in ('app["', 'app["/', "app["):
        offered = [each.strip("'\"") for each in notebook.completions(begun)]
        assert {"/calc", "/train", "/count"} <= set(offered)
    assert any(each.endswith("call") for each in notebook.completions("app.ca"))


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_runs(notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str) -> None:
    """Values as they come, and what is between them."""
    wait = opened(notebook, server, setup, reads, client)
    told = notebook.check(
        f"""
        {reads}with app.run("/train", 3) as run:
            {reads}for value in run:
                print(value, end=" ")
            print(({wait}run.result()).value)
        {reads}for event in app.run("/train", 2).events():
            if isinstance(event, spacechat.events.Progress):
                print(int(event.index), int(event.length), event.description)
        """
    )
    assert told == "0 1 2 2\n0 2 Training\n1 2 Training\n"


@pytest.mark.parametrize(("setup", "reads", "client"), WAYS)
def test_stop_button(
    notebook: Notebook, server: FunctionApp, setup: str, reads: str, client: str
) -> None:
    """The cell ends at once, the app is told to stop, and the next call is as good as any."""
    wait = opened(notebook, server, setup, reads, client)
    cell, at = Cell(), 0.0

    async def press() -> None:
        nonlocal at
        await until(lambda: cell.out.startswith("0 1 2 "))
        at = time.monotonic()
        await notebook.interrupt()

    code = f'{reads}for value in app.run("/count"):\n    print(value, end=" ")'
    notebook.run(code, press, cell=cell)
    # A kernel stops a cell of its own loop by cancelling it, and Jupyter shows it as that.
    assert cell.error == ("CancelledError" if "asyncio" in setup else "KeyboardInterrupt")
    assert cell.err == ""
    assert cell.ended - at < PROMPTLY
    wait_until(lambda: any(each.path.endswith("/cancel") for each in server.requests))
    assert notebook.check(f'print({wait}app.call("/calc", 1, "add", 2))') == "3\n"
