"""What a debugger, a notebook and a traceback show of our objects: short, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat import CallResult, Client, Conversation, MapResult, Prompt, RemoteFile, Reply, Result
from spacechat.brief import brief
from spacechat.errors import InputsError
from spacechat.events import Completed, File, TextDelta, TextReset, Values
from spacechat.hidden import Hidden
from spacechat.providers import Qwen_Qwen_2_5
from spacechat.shell import Shell
from spacechat.streaming.reply import Timings

LONG = "word " * 400_000
TIMINGS = Timings(queued=None, first_text=0.123456, total=1.987654)
TALK = Conversation(
    session_hash="s3cr3t",
    messages=[{"role": "user", "content": "Why?"}, {"role": "assistant", "content": LONG}],
    model="qwen-2.5",
    url="https://example.com",
)
FILE = File("https://example.com/plot.png?signature=s3cr3t", "plot.png", "image/png", user="ada")


def reply(text: str = "Paris.", files: tuple[File, ...] = ()) -> Reply:
    return Reply(
        text=text,
        model="qwen-2.5",
        provider=Qwen_Qwen_2_5,
        conversation=TALK,
        reasoning=LONG,
        timings=TIMINGS,
        files=files,
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (reply(), "<Reply 'Paris.' model='qwen-2.5' total=1.99>"),
        (
            reply(files=(FILE,)),
            "<Reply 'Paris.' model='qwen-2.5' files=['plot.png'] total=1.99>",
        ),
        (Result({"b": 1, "a": [2]}, (), (), TIMINGS), "<Result {'b': 1, 'a': [2]} total=1.99>"),
        (MapResult(3, "Capital?", reply()), "<MapResult 3 'Capital?': 'Paris.'>"),
        (
            MapResult(4, "", None, InputsError("There is no text.")),
            "<MapResult 4 '': InputsError: There is no text.>",
        ),
        (CallResult(0, (1, 2), Result(3, (3,), (), TIMINGS)), "<CallResult 0 (1, 2): 3>"),
        (CallResult(1, 5, None, InputsError("No.")), "<CallResult 1 5: InputsError: No.>"),
        (TIMINGS, "Timings(queued=None, first_text=0.123, total=1.99)"),
        (FILE, "<File 'plot.png' 'image/png' at 'https://example.com/plot.png'>"),
        (
            Prompt("Hi", inputs={"a": 1}),
            "Prompt([{'role': 'user', 'content': 'Hi'}], inputs={'a': 1})",
        ),
        (Conversation(session_hash=""), "<Conversation model=None url=None messages=0>"),
        (TextDelta(" exact\n"), r"TextDelta(text=' exact\n')"),
        (Values(({"a": 1},)), "Values(values=({'a': 1},))"),
        (Completed("Hello"), "Completed(text='Hello', reasoning='')"),
        (
            Client(model=["qwen-2.5", "https://ada:s3cr3t@example.com"]),
            "<Client model=['qwen-2.5', 'https://example.com'] open>",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_shown(value: object, shown: str) -> None:
    assert repr(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        reply(LONG),
        Result([[LONG] * 100] * 100, (), (FILE,) * 100, TIMINGS),
        MapResult(0, LONG, reply(LONG)),
        CallResult(0, {LONG: [LONG] * 9}, Result(LONG.encode(), (), (), TIMINGS)),
        TALK,
        TextReset(LONG),
        Completed(LONG, LONG),
        Values((LONG, [list(range(100_000))] * 1000)),
        Prompt(LONG, system=LONG, auth=("ada", "s3cr3t")),
        File("https://example.com/" + "x" * 8000, LONG, LONG),
    ],
    ids=lambda value: type(value).__name__,
)
def test_long_ones_are_short(value: object) -> None:
    shown = repr(value)
    assert len(shown) < 600
    assert "s3cr3t" not in shown


class Printer:
    """What IPython prints of an object in this place.

    Attributes:
        printed: What was printed.
    """

    def __init__(self, *stack: int) -> None:
        self.stack = [*stack]
        self.printed: list[str] = []

    def text(self, obj: str) -> None:
        self.printed.append(obj)


@pytest.mark.parametrize(
    ("shell", "stack", "whole"),
    [
        (Shell.TERMINAL, (1,), True),
        (Shell.TERMINAL, (1, 2), False),
        (Shell.TERMINAL, (1, 2, 3), False),
        (Shell.JUPYTER, (1,), False),
        (Shell.NONE, (1,), False),
    ],
)
def test_what_ipython_prints(
    monkeypatch: pytest.MonkeyPatch, shell: Shell, stack: tuple[int, ...], whole: bool
) -> None:
    """A terminal shows a reply as an answer, but one within a list as its repr."""
    monkeypatch.setattr("spacechat.streaming.reply.current_shell", lambda: shell)
    printer, said = Printer(*stack), reply("Paris.\n\nAnd more.")
    said._repr_pretty_(printer, False)
    (printed,) = printer.printed
    assert (printed == repr(said)) != whole
    assert ("Paris.\n\nAnd more." in printed) == whole


def test_brief() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    assert brief(deep) == "[[[[[...]]]]]"
    assert brief({}) == "{}"
    assert brief({number: {number: {}} for number in range(9)}).endswith("3: {3: {}}, ...}")
    assert brief(b"x" * 100).endswith("x'... (100 bytes)")
    assert brief({"password": [Hidden("s3cr3t")]}) == "{'password': [<hidden>]}"
    assert RemoteFile is File
