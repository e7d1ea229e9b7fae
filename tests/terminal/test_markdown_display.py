"""An answer on a terminal's screen: nothing lost, nothing doubled, whatever comes however."""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spacechat.events import Event, Log, Queued, Reasoning, Started, Status, TextDelta, TextReset
from spacechat.terminal import live_lines as region
from spacechat.terminal import markdown_display as live
from tests.cli.terminal import Screen, feeder


class Tty(io.StringIO):
    """Standard output that is a terminal of some size."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__()
        self.screen = Screen(columns, lines, history=100_000, ratio=0.0001)
        self._feed = feeder(self.screen)
        self.raw = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.raw += text
        self._feed(text.replace("\n", "\r\n").encode())
        return len(text)

    def shown(self) -> list[str]:
        return self.screen.everything()


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def play(
    events: Iterable[Event], columns: int = 80, lines: int = 24, *, often: bool = True
) -> tuple[Tty, list[str]]:
    """Show events; return the terminal, and what was shown just before the end."""
    tty = Tty(columns, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", tty)
        for module in (live, region):
            patch.setattr(module, "size", lambda _: (tty.screen.columns, tty.screen.lines))
        display = live.MarkdownDisplay("a-model")
        for number, event in enumerate(events):
            display.feed(event, "")
            if often and number % 3 == 0:
                display.draw()
        if often:
            display.draw()
        before = tty.shown()
        display.close()
    return tty, before


def at_once(text: str, columns: int) -> list[str]:
    """Return what a text looks like that comes in one piece."""
    return play([TextDelta(text)], columns, 10_000, often=False)[0].shown()


def deltas(text: str, seed: int = 1) -> list[TextDelta]:
    """Cut a text into pieces of some characters."""
    rng = random.Random(seed)
    found: list[TextDelta] = []
    while text:
        length = rng.randint(1, 60)
        found.append(TextDelta(text[:length]))
        text = text[length:]
    return found


PROSE = "The quick brown fox jumps over **the lazy dog** and `runs away`, every *single* time. "
LONG = {
    "paragraph": PROSE * 14,
    "paragraphs": "\n\n".join(f"Part {n}: " + PROSE * 2 for n in range(12)),
    "list": "".join(f"- item {n}: {PROSE}\n" for n in range(15)),
    "loose list": "".join(f"- item {n}: {PROSE}\n\n" for n in range(12)),
    "nested": "- one\n" + "".join(f"  - item {n}: {PROSE}\n" for n in range(12)),
    "code": "Look:\n\n```python\n"
    + "".join(f"def f{n}(x):\n    return x + {n}\n\n" for n in range(15))
    + "```\n\nThat was it.",
    "unclosed code": "```\n" + "".join(f"line {n}\n" for n in range(50)),
    "table": "| a | b |\n|---|---|\n" + "".join(f"| row {n} | {n * n} |\n" for n in range(25)),
    "table and more": "# Table\n\n| a |\n|---|\n"
    + "".join(f"| {n} |\n" for n in range(25))
    + "\nAfter it.\n\n- a\n- b\n",
    "quote": "".join(f"> {PROSE}\n" for _ in range(20)),
    "lines": "".join(f"line {n}\n" for n in range(50)),
    "one word": "x" * 3000,
    "headings": "".join(f"## Part {n}\n{PROSE}\n---\n" for n in range(15)),
    "chinese": "你好世界，这是一个测试。" * 60,
    "blank": "\n" * 30,
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_answer_scrolls_whole(name: str) -> None:
    text = LONG[name]
    tty, _ = play(deltas(text), 50, 10)
    assert tty.shown() == at_once(text, 50)


def test_a_numbered_list_scrolls_whole() -> None:
    """Its numbers may be indented less at the beginning, where they are shorter."""
    text = "".join(f"{n}. {PROSE}\n" for n in range(1, 20))
    tty, _ = play(deltas(text), 60, 20)
    assert " ".join(tty.shown()).split() == " ".join(at_once(text, 60)).split()


def test_every_word_is_there_while_it_comes() -> None:
    text = "\n\n".join(" ".join(f"w{n * 40 + k}" for k in range(40)) for n in range(10))
    _, before = play(deltas(text), 60, 12)
    assert " ".join(before).split() == text.split()


BLOCKS = st.sampled_from(
    [
        "Short.",
        PROSE * 3,
        PROSE * 6,
        "# Heading",
        "Under\n---",
        "- a\n- b\n\n- c",
        "1. a\n2. b\n",
        "- a\n  - b\n    - c\n      more\n\n  text",
        "```python\nx = 1\n\n\ny = 2\n```",
        "```\n" + "code\n" * 30 + "```",
        "| a | b |\n|---|--:|\n| 1 | 2 |",
        "> quoted\nlazily",
        "***",
        "**open",
        "<div>\nvector<int>\n</div>",
        "    indented\n    code",
        "[a link](http://x.org) and <http://y.org>",
        "你好，世界。" * 20,
        "one\ntwo\nthree",
    ]
)


@settings(max_examples=6)
@given(
    st.lists(
        max_size=6, elements=st.tuples(BLOCKS, st.sampled_from(["\n\n", "\n", "\n\n\n", "\n\n  "]))
    ),
    st.sampled_from([(80, 24), (40, 8), (20, 4)]),
    st.integers(0, 1000),
)
@example([("***", "\n\n"), (PROSE * 6, "\n\n")], (20, 4), 261)
@example([("你好，世界。" * 20, "\n\n"), ("***", "\n"), (PROSE * 6, "\n\n")], (20, 4), 261)
def test_pieces_look_like_the_whole(
    blocks: Sequence[tuple[str, str]], size: tuple[int, int], seed: int
) -> None:
    text = "".join(block + end for block, end in blocks)
    tty, _ = play(deltas(text, seed), *size)
    assert tty.shown() == at_once(text, size[0])


@pytest.mark.parametrize("columns", [30, 60, 200])
def test_a_new_size_loses_no_word(columns: int) -> None:
    words = [f"w{n}" for n in range(400)]

    def events() -> Iterable[Event]:
        for n, word in enumerate(words):
            yield TextDelta(word + (" " if n % 30 else "\n\n"))
            if n == 200:
                sys.stdout.screen.resize(30, columns)  # type: ignore[union-attr]

    tty, _ = play(events(), 100, 30)
    found = " ".join(tty.shown()).split()
    assert found[-150:] == words[-150:]  # pyte cuts lines that have become too long


def test_a_rewrite_is_drawn_over() -> None:
    tty, _ = play([TextDelta("It is **wro"), TextReset("It is **right**."), TextDelta(" Yes.")])
    assert tty.shown() == ["It is right. Yes."]


def test_a_rewrite_of_what_scrolled_away_is_told() -> None:
    text = "".join(f"line {n}\n\n" for n in range(30))
    tty, _ = play([*deltas(text), TextReset("Sorry. "), TextDelta("No.")], 40, 10)
    assert tty.shown()[-3:] == ["The Space rewrote its answer:", "", "Sorry. No."]
    assert tty.shown()[0] == "line 0"


def test_thoughts_are_dimmed_and_apart() -> None:
    tty, _ = play(
        [
            Queued(3, 4, 12.0),
            Started(2.0),
            Reasoning("Let me\nthink"),
            Reasoning(" harder."),
            TextDelta("Forty"),
            TextDelta("-two."),
            Reasoning("Sure?"),
            TextDelta(" Yes."),
            TextReset("Forty-two. Yes!"),
        ]
    )
    assert tty.shown() == [
        "  Let me",
        "  think harder.",
        "",
        "Forty-two.",
        "",
        "  Sure?",
        "",
        "Yes!",
    ]
    assert "\x1b[2;3mLet me" in tty.raw
    assert "\x1b[2" not in tty.raw[tty.raw.rindex("Yes!") - 5 :]


def test_thoughts_have_their_titles() -> None:
    tty, _ = play(
        [
            Reasoning("hm", "Think\x1b[2Jing"),
            Reasoning("", "Search"),
            TextDelta("Answer"),
            Reasoning("\n\nfound", "Search"),
            Reasoning("\n\nread", "Read"),
            TextDelta("\n\nMore"),
        ]
    )
    assert [line.strip() for line in tty.shown()] == [
        *("Think␛[2Jing", "hm", "", "Search", "", "Answer", "", "found", "", "Read", "read", ""),
        "More",
    ]


def test_long_thoughts_scroll_whole() -> None:
    text = "".join(f"thought {n} goes on and on and on\n" for n in range(30))
    tty, _ = play([Reasoning(delta.text) for delta in deltas(text)], 30, 10)
    assert " ".join(tty.shown()).split() == text.split()


def test_the_queue_is_told_and_gone() -> None:
    told: list[str] = []

    def events() -> Iterable[Event]:
        for event in (Queued(3, 4, 12.0), Queued(0, 1), Started(), Log("info", "A\nnotice", "T")):
            yield event
            told.extend(sys.stdout.shown()[-1:])  # type: ignore[union-attr]
            yield Status("Loading")
            yield Status("Loading")  # Every third event is drawn.
        yield TextDelta("Hi")

    tty, _ = play(events())
    assert [line[2:] for line in told] == [
        "3 before us in the queue, about 12 s left",
        "Next in the queue",
        "Working",
        "Loading",
    ]
    assert tty.shown() == ["info: T: A notice", "Hi"]


def test_nothing_is_said_where_nothing_came() -> None:
    assert play([])[0].shown() == []


def test_only_what_changes_is_drawn() -> None:
    """What a person sees can't flicker where it isn't written."""
    text = "\n\n".join([PROSE] * 5)
    tty, _ = play([TextDelta(word + " ") for word in text.split(" ")])
    assert "\x1b[2J" not in tty.raw
    assert "\x1b[H" not in tty.raw
    assert tty.raw.count("quick") < 5 * 40


def test_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# Title\n\n`code`\n\n```python\nimport this\n```\n"
    coloured, _ = play([TextDelta(text)])
    assert "\x1b[36m" in coloured.raw
    monkeypatch.setenv("NO_COLOR", "1")
    plain, _ = play([TextDelta(text)])
    assert plain.shown() == coloured.shown()
    assert not any(f"\x1b[{code}m" in plain.raw for code in (31, 32, 33, 34, 35, 36, 94))


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b[Hgone",
        "`\x1b[2J`",
        "```\n\x1b]0;title\x07\n```",
        "```\x1b[2J\nx\n```",
        "a &#27;[2J &#x9b;2J &#8238;b &#13; c &#8;",
        "<http://a.org/%1b%5b2J>",
        '[text](http://a.org/%1b[2J "\x1b")',
        "![\x1b[2J](http://a.org/\x9b)",
        "| \x1b[2J |\n|---|\n| \x9b2J |",
        "[a]: http://a.org/&#27;\n\n[a]",
    ],
)
def test_no_control_sequence_gets_through(text: str) -> None:
    tty, _ = play([Reasoning(text), Log("info", text, text), TextDelta(text)])
    rest = tty.raw
    for ours in ("\x1b[?2026h", "\x1b[?2026l", "\x1b[K", "\x1b[J", "\r", "\n"):
        rest = rest.replace(ours, "")
    rest = region.plain(rest)
    rest = "".join(part.lstrip("0123456789").removeprefix("A") for part in rest.split("\x1b["))
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for char in rest)


def test_a_link_tells_where_it_goes() -> None:
    tty, _ = play([TextDelta("[bank.example](http://evil.example) and <http://plain.example>")])
    assert tty.shown() == ["bank.example (http://evil.example) and http://plain.example"]
