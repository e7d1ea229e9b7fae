"""Answers shown live in cells, by the messages that real kernels send."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

import spacechat
from spacechat import markup
from spacechat.event_descriptions import describe
from spacechat.events import (
    Completed,
    Event,
    File,
    Log,
    Progress,
    Queued,
    Reasoning,
    Retrying,
    Started,
    Status,
    TextDelta,
)
from spacechat.local import ChatRequest, LocalSpace
from spacechat.notebook.ipython import NotebookView
from spacechat.streaming import Timings
from tests.notebook.kernels import Cell, Notebook, kernel, notebook
from tests.notebook.shell import Shell
from tests.notebook.test_notebooks import Button, assert_stopped, endless, silent, space, stream
from tests.processes import wait_until
from tests.samples import TEXT

__all__ = ["endless", "kernel", "notebook", "silent", "space"]  # The fixtures.

DOCS = Path(__file__).parents[2] / "docs"

WAYS = [
    pytest.param("", "{}", "spacechat", id="blocking"),
    pytest.param("%autoawait asyncio", "await {}", "spacechat.AsyncClient()", id="asyncio"),
    pytest.param("%autoawait trio", "await {}", "spacechat.AsyncClient()", id="trio"),
]
"""How a cell may show an answer: what is set up beforehand, the expression, and who asks."""

EVIL = "<script>alert(1)</script> <b onclick=x>b</b> [x](javascript:x) ![y](https://evil.test/y)"


def live(cell: Cell) -> list[str]:
    """What a cell's one display showed, one text after another, checked on the way."""
    first, *updates = cell.shown
    assert first.kind == "display_data"
    assert first.id is not None
    assert {(each.kind, each.id) for each in updates} <= {("update_display_data", first.id)}
    for each in cell.shown:
        assert each.data.keys() == {"text/markdown", "text/plain"}
    return [each.data["text/plain"] for each in cell.shown]


def rest(notebook: Notebook) -> str:
    """Return the kernel's threads, and that no task of ours is left."""
    threads, tasks = notebook.check(
        """
        import asyncio, threading
        pools = ("asyncio_", "AnyIO", "Trio")
        names = [each.name for each in threading.enumerate()]
        print(sorted(name for name in names if not name.startswith(pools)))
        print([each for each in asyncio.all_tasks() if "spacechat" in repr(each)])
        """
    ).splitlines()
    assert tasks == "[]"
    return threads


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_display(
    notebook: Notebook, space: LocalSpace, setup: str, awaited: str, client: str
) -> None:
    notebook.check(setup)
    shown = awaited.format(f"spacechat.display({stream(space, client)})")
    cells = [notebook.run(f"reply = {shown}")]
    before = rest(notebook)
    cells += [notebook.run(shown) for _ in range(3)]
    assert rest(notebook) == before
    text = notebook.check("print(reply.text, end='')")
    for cell in cells:
        assert (cell.error, cell.out, cell.err) == (None, "", "")
        texts = live(cell)
        assert texts[0] == ""
        assert texts[-1] == text
        assert cell.shown[-1].data["text/markdown"] == markup.safe(text)
        assert all(text.startswith(each) for each in texts)


def test_a_reply_is_shown_again_by_another_cell(notebook: Notebook, space: LocalSpace) -> None:
    notebook.check(f"reply = spacechat.display({stream(space)})")
    (again,) = notebook.run("reply").shown
    assert again.kind == "execute_result"
    assert again.data["text/markdown"] == markup.safe(notebook.check("print(reply.text, end='')"))
    # And a reply that the cell has not shown is shown.
    cell = notebook.run(f"spacechat.display({stream(space)})\nreply")
    assert cell.shown[-1].kind == "execute_result"


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_the_stop_button_leaves_what_had_come(
    notebook: Notebook, endless: LocalSpace, setup: str, awaited: str, client: str
) -> None:
    notebook.check(setup)
    cell = Cell()
    notebook.run(
        awaited.format(f"spacechat.display({stream(endless, client)})"),
        Button(
            endless,
            notebook.interrupt,
            lambda: bool(cell.shown) and live(cell)[-1].startswith("ha ha "),
        ),
        cell=cell,
    )
    assert cell.error in ("KeyboardInterrupt", "CancelledError")
    assert_stopped(endless)
    texts = live(cell)
    assert texts[-1].startswith("ha ha ")
    assert "Stopped" in cell.shown[-1].data["text/markdown"]
    rest(notebook)


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_the_stop_button_before_the_first_text(
    notebook: Notebook, silent: LocalSpace, setup: str, awaited: str, client: str
) -> None:
    notebook.check(setup)
    cell = notebook.run(
        awaited.format(f"spacechat.display({stream(silent, client)})"),
        Button(silent, notebook.interrupt),
    )
    assert cell.error in ("KeyboardInterrupt", "CancelledError")
    assert_stopped(silent)
    assert live(cell)[-1] == ""


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_an_error_leaves_what_had_come(
    notebook: Notebook, setup: str, awaited: str, client: str
) -> None:
    def reply(_: ChatRequest) -> Iterator[str]:
        yield "so far"
        raise RuntimeError("out of memory")

    notebook.check(setup)
    with LocalSpace("qwen-2-72b", reply) as broken:
        cell = notebook.run(awaited.format(f"spacechat.display({stream(broken, client)})"))
    assert cell.error == "GenerationError"
    assert live(cell)[-1] == "so far"
    assert "Stopped" in cell.shown[-1].data["text/markdown"]


@pytest.mark.parametrize(("setup", "awaited", "client"), WAYS)
def test_what_has_come_is_shown_while_nothing_more_comes(
    notebook: Notebook, setup: str, awaited: str, client: str
) -> None:
    """The last piece before a pause is shown, though it came too soon after another."""
    paused = threading.Event()

    def reply(_: ChatRequest) -> Iterator[str]:
        yield from ["one ", "two ", "three "]
        paused.wait(60)
        yield "four"

    notebook.check(setup)
    with LocalSpace("qwen-2-72b", reply) as waiting:
        shown = f"spacechat.display({stream(waiting, client)})"
        cell = Cell()
        show = cell.show

        def watch(message: dict[str, object]) -> None:
            show(message)
            if cell.shown and cell.shown[-1].data["text/plain"] == "one two three ":
                paused.set()

        cell.show = watch  # type: ignore[method-assign]
        notebook.run(awaited.format(shown), cell=cell)
    assert paused.is_set()
    assert live(cell)[-1] == "one two three four"


def test_pictures_are_few(notebook: Notebook) -> None:
    pieces = [f"{number} " for number in range(5000)]
    with LocalSpace("qwen-2-72b", pieces) as quick:
        cell = notebook.run(f"spacechat.display({stream(quick)})")
    texts = live(cell)
    assert texts[-1] == "".join(pieces)
    assert len(texts) < 1000


def test_the_queue_is_shown(notebook: Notebook) -> None:
    go = threading.Event()

    def reply(_: ChatRequest) -> Iterator[str]:
        go.wait(60)
        yield EVIL

    with LocalSpace("qwen-2-72b", reply, concurrency=1) as busy:
        notebook.check(f"first = {stream(busy)}; first.__enter__().next_event()")
        cell = Cell()
        show = cell.show

        def watch(message: dict[str, object]) -> None:
            show(message)
            if cell.shown and "queue" in cell.shown[-1].data["text/markdown"]:
                go.set()

        cell.show = watch  # type: ignore[method-assign]
        notebook.run(f"spacechat.display({stream(busy)})", cell=cell)
        notebook.check("first.close()")
    assert go.is_set()
    assert live(cell)[-1] == EVIL
    assert cell.shown[-1].data["text/markdown"] == markup.safe(EVIL)


def test_only_streams(notebook: Notebook) -> None:
    cell = notebook.run("spacechat.display('Hi')")
    assert cell.error == "TypeError"
    assert "not a str" in cell.traceback


def test_chat_cells(notebook: Notebook) -> None:
    def reply(request: ChatRequest) -> Iterator[str]:
        yield json.dumps([request.prompt, request.system, [m["content"] for m in request.history]])

    notebook.check("%load_ext spacechat")
    with LocalSpace("qwen-2.5", reply) as one, LocalSpace("messages", reply) as other:

        def ask(options: str, text: str) -> list[object]:
            cell = notebook.run(f"%%chat {options}\n{text}\n")
            assert (cell.error, cell.out, cell.err) == (None, "", ""), cell.traceback
            found: list[object] = json.loads(live(cell)[-1])
            return found

        assert ask(f"-m {one.url}", "Hi")[::2] == ["Hi", []]
        assert len(ask("", "And\nthen?")[2]) == 2  # type: ignore[arg-type]
        assert ask("--new", "Hi")[2] == []
        assert "Be brief." in json.dumps(ask('-s "Be brief." --reply short', "Hi"))
        assert len(ask("", "More")[2]) == 2  # type: ignore[arg-type]
        assert "More" in notebook.check("print(reply.text)")
        assert "More" not in notebook.check("print(short.text)")
        moved = json.dumps(ask(f"-m {other.url}", "And here?"))
        assert "More" in moved
        notebook.check("%chat_reset")
        notebook.check(f"url = {one.url!r}")
        assert ask("-m {url}", "Hi")[::2] == ["Hi", []]


def test_mistakes_in_chat_cells(notebook: Notebook) -> None:
    notebook.check("%load_ext spacechat")
    for line, message in {
        "-m no-such-model": "ModelNotFoundError: There is no model 'no-such-model'",
        "-m qwen-2.5 --reply 1x": "no name of a variable",
        "--nonsense": "unrecognized arguments",
    }.items():
        cell = notebook.run(f"%%chat {line}\nHi")
        assert cell.failed
        assert message in cell.err
        assert cell.err.count("\n") <= 2, "more than a line"
    notebook.check("%chat_reset")
    told = notebook.check("print(get_ipython().find_cell_magic('chat').__doc__)")
    assert "--system" in told
    assert "--reply" in told
    assert "Why is the sky blue?" in told


def test_a_chat_cell_whose_answer_fails(notebook: Notebook) -> None:
    """It says what happened, in one line, and is no mistake of the cell."""

    def reply(_: ChatRequest) -> Iterator[str]:
        yield "Some text"
        raise ValueError("Not\n\x1b[2Jtoday")

    notebook.check("%load_ext spacechat")
    with LocalSpace("messages", reply) as space:
        cell = notebook.run(f"%%chat -m {space.url}\nHi")
    assert (cell.failed, cell.error, cell.err) == (True, "GenerationError", "")
    assert cell.traceback.startswith("spacechat: The Space ")
    assert "Not today" in cell.traceback
    assert cell.traceback.count("\n") == 0
    assert "Some text" in live(cell)[-1]
    dead = notebook.run(f"%%chat -m {space.url}\nHi")
    assert (dead.failed, dead.error) == (True, "SpaceUnavailableError")
    assert f"spacechat: {space.url} can't be reached" in dead.traceback
    notebook.check("%chat_reset")


@pytest.mark.parametrize("name", ["first-steps", "async"])
def test_notebooks_of_the_docs(notebook: Notebook, name: str) -> None:
    notebook.restart(now=True)
    page = json.loads((DOCS / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert (page["nbformat"], page["metadata"]["kernelspec"]["name"]) == (4, "python3")
    ran = 0
    for each in page["cells"]:
        if each["cell_type"] == "code":
            assert (each["outputs"], each["execution_count"]) == ([], None), "strip the outputs"
            # A reader likes to see it come.
            cell = notebook.run("".join(each["source"]).replace("delay=0.02", "delay=0.001"))
            assert cell.error is None, cell.traceback
            assert cell.err == ""
            ran += 1
    assert ran > 5


def test_without_a_notebook_the_text_is_printed(space: LocalSpace) -> None:
    code = f"""
import anyio, spacechat
from spacechat import providers
reply = spacechat.display({stream(space)})
async def main():
    return await spacechat.display({stream(space, "spacechat.AsyncClient()")})
assert reply.text == anyio.run(main).text == anyio.run(main, backend="trio").text
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout == f"{TEXT}\n" * 3


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Queued(0, 3, None), "Next in the queue of 3"),
        (Queued(2, 3, 12.4), "2 before this one in the queue of 3, about 12 s"),
        (Started(None), "Answering …"),
        (Started(3.2), "Answering, about 3 s …"),
        (Status("Qwen is thinking..."), "Qwen is thinking..."),
        (Reasoning("Hm"), "Thinking …"),
        (Reasoning("Hm", "Search"), "Search …"),
        (Progress(2, 10, "steps", None, "reading"), "Working (reading) 2 of 10 steps"),
        (Progress(None, None, None, 0.25, None), "Working 25%"),
        (Log("warning", "No GPU is free."), "Warning: No GPU is free."),
        (Log("info", "No GPU is free.", "Wait"), "Wait: No GPU is free."),
        (Retrying("m", 1, 2.0, "It fell."), "It fell. Asking m again in 2 s."),
        (TextDelta("x"), ""),
        (Completed("x"), ""),
    ],
)
def test_what_the_space_is_at(event: Event, words: str) -> None:
    assert describe(event) == words


class Answer:
    """What a display asks of a stream."""

    text = ""


def test_thoughts_are_unfolded_until_the_answer_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, shell = Answer(), Shell()
    shell.run_here(monkeypatch)
    cell = NotebookView(cast("spacechat.ChatStream", answer))
    cell.open()
    cell.take(Reasoning("Let me <b>see</b>\n"))
    cell.take(Reasoning("\nwell."))
    wait_until(lambda: cell.patience() == 0)
    cell.draw()
    cell.draw()
    answer.text = "It *is*"
    cell.take(TextDelta(answer.text))
    wait_until(lambda: cell.patience() == 0)
    cell.draw()
    cell.take(Retrying("m", 1, 0, "<i>"))
    cell.__exit__(ValueError, None, None)
    first, thinking, answering, stopped = shell.markdown
    thoughts = (
        "<small>Let me &#60;b&#62;see&#60;&#47;b&#62;<br><br>well&#46;</small></div></details>"
    )
    assert "Asking" in first
    assert "Thinking" in thinking
    assert "<details open>" in thinking
    assert thoughts in thinking
    assert "<details>" in answering
    assert answering.endswith(f"{thoughts}\n\nIt *is*")
    assert "Stopped" in stopped
    assert "<details" not in stopped


def test_titles_and_files_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, shell = Answer(), Shell()
    shell.run_here(monkeypatch)
    cell = NotebookView(cast("spacechat.ChatStream", answer))
    cell.open()
    for event in (Reasoning("hm", "<b>Think"), Completed("Hi", "hm")):
        cell.take(event)
    file = File("http://h/a(1).png?x=<b>", "a](javascript:x)\n<b>", "image/png")
    odd = File("javascript:alert(1)", "odd", "text/plain")
    cell.finish(reply_with(file, odd))
    assert "<small>&#60;b&#62;Think<br>hm</small>" in shell.markdown[-1]
    assert shell.markdown[-1].endswith(
        "</details>\n\nHi\n\n"
        "- [a&#93;&#40;javascript&#58;x&#41; &#60;b&#62;](http://h/a%281%29.png?x=%3Cb%3E)\n"
        "- odd"
    )
    assert reply_with(file)._repr_markdown_().count("](") == 1


def reply_with(*files: File) -> spacechat.Reply:
    return spacechat.Reply(
        text="Hi",
        model="m",
        provider=spacechat.providers.GradioChat,
        conversation=spacechat.Conversation(session_hash=""),
        reasoning="hm",
        timings=Timings(None, None, 1.0),
        files=files,
    )
