"""Real marimo notebooks, in an environment of their own: as a script, an app, and in the editor."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from tests import environments
from tests.processes import LIMIT, wait_until

VERSION = "0.25.2"

_ROOT = Path(__file__).parents[2]
_PAGE = Path(__file__).with_name("marimo_page.py")

_HEAD = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import spacechat

    return mo, spacechat
"""
_TAIL = """

if __name__ == "__main__":
    app.run()
"""


def marimo_python() -> Path:
    """Return the Python of marimo's environment, which has what spacechat needs, too."""
    own = [each for each in metadata.requires("spacechat") or () if "extra ==" not in each]
    return environments.make("marimo", (f"marimo=={VERSION}", *sorted(own)))


def variables(home: Path) -> dict[str, str]:
    """Return the environment's variables for a program of marimo's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    kept |= {"HOME": str(home), "PYTHONPATH": str(_ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    return {**kept, "MARIMO_SKIP_UPDATE_CHECK": "1"}


def write_notebook(folder: Path, *cells: str) -> Path:
    """Write a notebook; its first cell imports marimo as `mo`, and spacechat."""
    source = [_HEAD]
    for cell in cells:
        body = "".join(f"    {line}\n" for line in cell.splitlines())
        kind = "async def" if "await " in cell else "def"
        source.append(f"\n\n@app.cell\n{kind} _(mo, spacechat):\n{body}    return\n")
    path = folder / "notebook.py"
    path.write_text("".join([*source, _TAIL]), encoding="utf-8")
    return path


def run_script(notebook: Path) -> str:
    """Run a notebook as a script, and return what it printed."""
    done = subprocess.run(
        [marimo_python(), "-W", "error", notebook],
        env=variables(notebook.parent), cwd=notebook.parent, capture_output=True,
        encoding="utf-8", timeout=LIMIT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class Page:
    """The page of a notebook.

    Attributes:
        messages: What the server has sent, in order.
    """

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.messages: list[dict[str, Any]] = []
        self._program = program
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def press(self, path: str, **body: object) -> None:
        """Press a button."""
        print(json.dumps([path, body]), file=_there(self._program.stdin), flush=True)

    def outputs(self, cell: int) -> list[str]:
        """Return what the output of a cell was, as HTML; 1 is the first after the imports."""
        return [
            each["output"]["data"] if isinstance(each["output"]["data"], str) else ""
            for each in self._of(cell)
            if each["output"] and each["output"]["data"]
        ]

    def printed(self, cell: int) -> str:
        """Return what a cell has printed."""
        kept = [each["console"] for each in self._of(cell) if each["console"]]
        return "".join(
            each["data"] for each in kept if isinstance(each, dict) and each["channel"] == "stdout"
        )

    def wait_for(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, or the page ends."""
        wait_until(lambda: bool(holds()) or not self._reader.is_alive(), LIMIT)
        assert holds(), self.messages[-3:]

    def wait_for_end(self) -> None:
        """Wait until all cells have run."""
        self.wait_for(lambda: any(each["op"] == "completed-run" for each in self.messages))

    def join(self) -> None:
        """Wait for the end of the page's program."""
        self._reader.join()

    def _of(self, cell: int) -> Iterator[dict[str, Any]]:
        """Return what was said of a cell."""
        ready = next((each for each in self.messages if each["op"] == "kernel-ready"), None)
        ids: Sequence[str] = ready["data"]["cell_ids"] if ready else ()
        for each in list(self.messages):
            data = each["data"]
            if each["op"] == "cell-op" and ids and data["cell_id"] == ids[cell]:
                yield data

    def _read(self) -> None:
        for line in _there(self._program.stdout):
            self.messages.append(json.loads(line))


@contextlib.contextmanager
def opened(notebook: Path, mode: str) -> Iterator[Page]:
    """Open a notebook as an app (`run`) or in the editor (`edit`), and its page.

    In the editor, the cells run once `instantiate` is pressed.
    """
    flags = ["--headless", "--no-token", "--no-sandbox"]
    flags += ["--no-skew-protection"] if mode == "edit" else []
    python, environment = marimo_python(), variables(notebook.parent)
    with contextlib.ExitStack() as stack:
        server = _start(
            stack, [python, "-m", "marimo", "-y", mode, notebook, *flags], environment,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        said = ""
        for line in _there(server.stdout):
            said += line
            if found := re.search(r"URL: http://localhost:(\d+)", line):
                break
        else:
            raise AssertionError(f"marimo did not start: {said}")
        drain = threading.Thread(target=_there(server.stdout).read)
        drain.start()
        stack.callback(drain.join)
        stack.callback(server.terminate)
        program = _start(stack, [python, _PAGE, f"localhost:{found[1]}"], environment)
        page = Page(program)
        stack.callback(page.join)
        stack.callback(program.kill)
        yield page


def _start(
    stack: contextlib.ExitStack,
    command: Sequence[str | Path],
    environment: dict[str, str],
    stderr: int | None = None,
) -> subprocess.Popen[str]:
    """Start a program that the stack ends."""
    program = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
        env=environment, encoding="utf-8",
    )  # fmt: skip
    stack.enter_context(program)
    stack.callback(program.kill)
    return program


def _there(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


_RENDERER = """
import json, sys, marimo
for line in sys.stdin:
    try:
        made = marimo.md(json.loads(line)).text
    except ValueError:  # It can't read every address.
        made = ""
    print(json.dumps(made), flush=True)
"""


class Renderer:
    """Renders Markdown as marimo does, in a process of its own; a context manager."""

    def __init__(self, home: Path) -> None:
        self._stack = contextlib.ExitStack()
        self._program = _start(self._stack, [marimo_python(), "-c", _RENDERER], variables(home))

    def __call__(self, text: str) -> str:
        print(json.dumps(text), file=_there(self._program.stdin), flush=True)
        made: str = json.loads(_there(self._program.stdout).readline())
        return made

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
