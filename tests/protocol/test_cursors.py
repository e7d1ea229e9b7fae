"""Cursors and placeholders that apps show while they write: none is given out, no text is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spacechat import errors, events
from spacechat.protocol import StreamMachine
from spacechat.protocol.cursors import Ending
from spacechat.protocol.transcript import new_text
from tests.protocol.test_machine import (
    applied,
    completed,
    deltas,
    generating,
    shaped,
    simple_diff,
    texts,
    truth,
)

CURSORS = [
    "▌",
    " ▌",
    "█",
    "▍\n",
    "●",
    " ●",
    "|",
    " |",
    "_",
    "...",
    "…",
    " ⏳",
    "🔴",
    "\n\n✍️",
    '<span class="cursor"></span>',
    '<span class="blink">▌</span>',
    "<span style='animation: blink 1s infinite;'>|</span>",
    '<span class="dots"><i></i><i></i><i></i></span>',
    "&#9612;",
    "&nbsp;▌",
    "</p></div>",
]

PLACEHOLDERS = [
    "...",
    "…",
    "▌",
    "⏳",
    "Thinking",
    "Thinking...",
    "⏳ Thinking…",
    "🤔 Thinking",
    "🔍 Searching the web",
    "*Thinking...*",
    "_Denke nach_",
    "(pensando)",
    "<i>Generating response...</i>",
    '<div class="loader"></div>',
    '<div class="thinking">Denke nach</div>',
    "Please wait",
    "思考中",
    "正在思考",
    "⌛ Working (3 s)",
    "Loading model… 50 %",
]

SHAPES = ["text", "pairs", "pairs_dict", "messages", "parts"]


class Reader:
    """Reads what a server says in both ways: by the events, and as pieces of text."""

    def __init__(self, **settings: Any) -> None:
        self.machine = StreamMachine(**settings)
        self.events: list[events.Event] = []
        self.pieces: list[str] = []

    def take(self, payload: str | bytes) -> None:
        for event in self.machine.receive(payload):
            self.events.append(event)
            self.pieces.append(new_text(event, self.machine.previous_text))
        assert applied(self.events) == self.machine.text

    def check(self, text: str) -> None:
        """Check the end: each character once, in order, and nothing rewritten."""
        assert self.events[-1] == events.Completed(text, self.machine.reasoning)
        assert self.machine.text == text
        assert "".join(self.pieces) == text
        assert not any(isinstance(event, events.TextReset) for event in self.events)


def messages(values: Sequence[Any], final: Any, how: str) -> list[str | bytes]:
    """The messages of an answer: snapshots, or edits after the first."""
    found: list[str] = []
    for index, value in enumerate(values):
        edits = how == "edits" and index
        found.append(generating(simple_diff(values[index - 1], value) if edits else value))
    found.append(completed(final))
    return [each.encode() for each in found] if how != "texts" else list(found)


def read(shown: Sequence[str], final: str, shape: str = "text", how: str = "edits") -> Reader:
    reader = Reader(output=0)
    values = [shaped(shape, text) for text in shown]
    for payload in messages(values, shaped(shape, final), how):
        reader.take(payload)
    return reader


ways = st.sampled_from(["snapshots", "texts", "edits"])
words = st.sampled_from(
    ["You", " asked", " a", "ha", "ha", "| a |\n", "█", "...", ".", "<b>", "\n"]
)
answers = st.lists(words | texts, max_size=8)


def grown(pieces: Sequence[str]) -> list[str]:
    return ["".join(pieces[:end]) for end in range(len(pieces) + 1)]


@given(
    answers, st.sampled_from(CURSORS), st.sampled_from(SHAPES), ways, st.booleans(), st.booleans()
)
@example(["a", ".", "b"], "...", "text", "edits", False, False)
@example(["█", "█", "█"], "█", "text", "edits", False, False)
def test_cursors(
    pieces: list[str], cursor: str, shape: str, how: str, stays: bool, empty: bool
) -> None:
    """Each value ends in the cursor, the last perhaps not; the first one may be empty."""
    shown = ([""] if empty else []) + [text + cursor for text in grown(pieces)]
    final = "".join(pieces) + (cursor if stays else "")
    read(shown, final, shape, how).check(final)


GROWING = [
    ["You", " asked", " me"],
    ["You", " asked", ".", " So"],
    ["| a |\n", "ha", "ha", "", "ha"],
    ["# T\n", "\n", "a"],
    ["<b>a", "</b>", " b"],
]


@pytest.mark.parametrize("how", ["snapshots", "edits"])
@pytest.mark.parametrize("cursor", CURSORS)
def test_each_cursor(cursor: str, how: str) -> None:
    """It may stay, and the first value may be empty."""
    for pieces in GROWING:
        whole = "".join(pieces)
        for before in ([], [""]):
            shown = [*before, *(text + cursor for text in grown(pieces)[1:])]
            for final in (whole, whole + cursor):
                read(shown, final, "pairs", how).check(final)


@pytest.mark.parametrize("how", ["snapshots", "edits"])
@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_each_placeholder(placeholder: str, how: str) -> None:
    for cursor in ("", "▌"):
        for times in (1, 2):
            shown = ["", *[placeholder] * times, f"You{cursor}", f"You said{cursor}"]
            reader = read(shown, "You said", "messages", how)
            reader.check("You said")
            told = [each for each in reader.events if not isinstance(each, events.Status)]
            assert told[0] == events.TextDelta("You")


@given(
    answers,
    st.sampled_from(PLACEHOLDERS),
    st.sampled_from(["", *CURSORS]),
    st.sampled_from(SHAPES),
    ways,
    st.integers(1, 3),
)
def test_placeholders(
    pieces: list[str], placeholder: str, cursor: str, shape: str, how: str, times: int
) -> None:
    """Each answer begins with words, so that no placeholder is its beginning."""
    pieces = ["You said", *pieces]
    shown = ["", *[placeholder] * times, *(text + cursor for text in grown(pieces)[1:])]
    final = "".join(pieces)
    reader = read(shown, final, shape, how)
    reader.check(final)
    assert reader.pieces[0] or isinstance(reader.events[0], events.Status)


@pytest.mark.parametrize(
    "text", [*PLACEHOLDERS, *CURSORS, "| a | b |", "etc...", "It is ▌", "a |\n"]
)
@pytest.mark.parametrize("how", ["snapshots", "texts", "edits"])
def test_an_answer_may_end_so(text: str, how: str) -> None:
    read([text, text], text, how=how).check(text)
    read([], text).check(text)
    read(["", "I am", f"I am {text}"], f"I am {text}", how=how).check(f"I am {text}")
    read(["", text, f"{text} and so on"], f"{text} and so on", how=how).check(f"{text} and so on")


def test_what_waits_is_given_out_with_the_next_piece() -> None:
    reader = read(["Well...", "Well... yes", "Well... yes."], "Well... yes.")
    assert deltas(reader.events) == ["Well... yes", "."]


def test_the_cursor_of_the_issue() -> None:
    reader = read(["▌", "You▌", "You asked▌", "You asked"], "You asked")
    assert deltas(reader.events) == ["You", " asked"]
    assert reader.pieces == ["You", " asked", ""]


def test_a_blinking_cursor() -> None:
    shown = ["You|", "You", "You asked|", "You asked", "You asked why|"]
    reader = read(shown, "You asked why")
    reader.check("You asked why")
    assert deltas(reader.events) == ["You", " asked", " why"]


def test_dots_that_run() -> None:
    shown = ["Thinking", "Thinking.", "Thinking..", "Thinking...", "Thinking", "You", "You said"]
    reader = read(shown, "You said")
    assert deltas(reader.events) == ["You", " said"]


def test_dots_before_the_answer() -> None:
    reader = read([".", "..", "...", "You", "You said"], "You said")
    assert deltas(reader.events) == ["You", " said"]


def test_a_spinner() -> None:
    shown = [text + "⠋⠙⠹⠸"[n % 4] for n, text in enumerate(grown(["", "You", "", " said"]))]
    read(shown, "You said").check("You said")


def test_an_unknown_cursor_is_learned() -> None:
    """The first time, nobody can know; from then on, it waits."""
    shown = [f"{text} «writing»" for text in ("You", "You asked", "You asked me")]
    reader = read(shown, "You asked me")
    changes = [e for e in reader.events if isinstance(e, events.TextDelta | events.TextReset)]
    assert changes == [
        events.TextDelta("You «writing»"),
        events.TextReset("You asked"),
        events.TextDelta(" me"),
    ]
    assert reader.pieces == ["You «writing»", "asked", " me", ""]


def test_a_repaired_fence_is_learned() -> None:
    shown = [f"Here:\n```\n{code}\n```" for code in ("a", "a = 1", "a = 1\nb", "a = 1\nb = 2")]
    reader = read(shown, shown[-1])
    resets = [e for e in reader.events if isinstance(e, events.TextReset)]
    assert resets == [events.TextReset("Here:\n```\na = 1")]
    assert reader.machine.text == shown[-1]


def test_elements_that_close_behind_the_text() -> None:
    shown = [f'<div class="a"><p>{text}</p></div>' for text in grown(["You", " said", " hi"])]
    reader = read(shown, shown[-1])
    assert deltas(reader.events)[1:] == [" hi", "</p></div>"]
    reader.check(shown[-1])


def said(*contents: str, **metadata: str) -> list[Any]:
    found: list[Any] = [{"role": "user", "content": "Q"}]
    return [*found, *({"role": "assistant", "content": c, "metadata": metadata} for c in contents)]


@pytest.mark.parametrize("how", ["snapshots", "texts", "edits"])
def test_several_messages(how: str) -> None:
    values = [
        said("⏳ Thinking…"),
        said("Let me"),
        said("Let me look."),
        said("Let me look.", "🔍 Searching the web"),
        said("Let me look.", "It"),
        said("Let me look.", "It is▌"),
        said("Let me look.", "It is blue▌"),
        said("Let me look.", "It is blue", "▌"),
        said("Let me look.", "It is blue", "Really▌"),
    ]
    reader = Reader(output=0)
    for payload in messages(values, said("Let me look.", "It is blue", "Really"), how):
        reader.take(payload)
    reader.check("Let me look.\n\nIt is blue\n\nReally")
    found = deltas(reader.events)
    if how != "edits":  # By edits, the first cursor comes with text that only grows.
        assert found == ["Let me", " look.", "\n\nIt", " is", " blue", "\n\nReally"]
    texts = [event.text for event in reader.events if isinstance(event, events.Status)]
    assert texts == ["⏳ Thinking…", "🔍 Searching the web"]


def test_a_new_message_begins_empty() -> None:
    values = [said("Hi"), said("Hi", ""), said("Hi", "You|"), said("Hi", "You said|")]
    reader = Reader(output=0)
    for payload in messages(values, said("Hi", "You said"), "edits"):
        reader.take(payload)
    reader.check("Hi\n\nYou said")


@given(answers, st.sampled_from(CURSORS), ways)
def test_thoughts(pieces: list[str], cursor: str, how: str) -> None:
    """Nothing of a thought can be taken back, so a cursor in it must not be given out."""
    values = [said(text + cursor, title="Thinking") for text in grown(pieces)]
    whole = "".join(pieces)
    answers = [[*said(whole, title="Thinking"), *said(text + cursor)[1:]] for text in ("A", "A B")]
    final = [*said(whole, title="Thinking"), *said("A B")[1:]]
    reader = Reader(output=0)
    for payload in messages([*values, *answers], final, how):
        reader.take(payload)
    reader.check("A B")
    thoughts = [event.text for event in reader.events if isinstance(event, events.Reasoning)]
    assert "".join(thoughts) == reader.machine.reasoning == whole


def test_a_thought_ends_with_its_dots() -> None:
    values = [said("Let me see...", title="Thinking")]
    values.append([*values[0], *said("A")[1:]])
    reader = Reader(output=0)
    for payload in messages(values, values[-1], "texts"):
        reader.take(payload)
    told = [e for e in reader.events if isinstance(e, events.Reasoning | events.TextDelta)]
    assert told[-2:] == [events.Reasoning("Let me see...", "Thinking"), events.TextDelta("A")]


class TestChains:
    """Events that make one answer together."""

    def test_a_function_leaves_a_placeholder_to_the_next_one(self) -> None:
        first = Reader(output=0, whole=False)
        first.take(completed([["Q", "⏳ Thinking…"]]))
        assert (first.machine.text, first.events) == ("", [])
        second = Reader(output=0, whole=False, after=first.machine)
        for text in ("You", "You said"):
            second.take(generating([["Q", text]]))
        second.take(completed([["Q", "You said"]]))
        assert deltas(second.events) == ["You", " said"]
        assert second.machine.finish() == [events.Completed("You said")]

    def test_the_end_gives_out_what_waits(self) -> None:
        first = Reader(output=0, whole=False)
        first.take(completed([["Q", "Thinking..."]]))
        after = StreamMachine(after=first.machine, answers=False, whole=False)
        assert after.receive(completed(1)) == []
        assert after.finish() == [
            events.TextDelta("Thinking..."),
            events.Completed("Thinking..."),
        ]
        assert after.finish() == [events.Completed("Thinking...")]

    def test_a_function_ends_without_a_cursor(self) -> None:
        machine = StreamMachine(output=0, whole=False)
        assert deltas(machine.receive(completed([["Q", "| a |"]]))) == ["| a |"]

    def test_what_no_stream_brought(self) -> None:
        machine = StreamMachine(whole=False)
        assert deltas(machine.show([["Q", "a ▌"]])) == ["a ▌"]
        assert StreamMachine(whole=False).show([["Q", "Thinking..."]]) == []

    def test_a_value_that_stays_as_it_is(self) -> None:
        """The app's last word is that the chat keeps its value, with all that waits."""
        reader = read(["a", "b ▌"], "b ▌")
        assert reader.machine.text == "b ▌"
        reader = Reader(output=0)
        for payload in [generating("a▌"), completed({"__type__": "update"})]:
            reader.take(payload)
        reader.check("a▌")

    def test_a_thought_that_stays_as_it_is(self) -> None:
        reader = Reader(output=0)
        for payload in [generating(said("a▌", title="T")), completed({"__type__": "update"})]:
            reader.take(payload)
        thoughts = [e for e in reader.events if isinstance(e, events.Reasoning)]
        assert thoughts == [events.Reasoning("a", "T"), events.Reasoning("▌", "T")]
        assert reader.events[-1] == events.Completed("a▌", "a▌")


class TestInterruptions:
    """What waits is no part of a partial answer: nobody knows whether it is one."""

    @pytest.mark.parametrize(
        ("shown", "partial"), [(["▌", "You▌"], "You"), (["Thinking..."], ""), (["a", "a |"], "a |")]
    )
    def test_partial_text(self, shown: list[str], partial: str) -> None:
        machine = StreamMachine()
        found: list[events.Event] = []
        for payload in messages([*shown], "", "snapshots")[:-1]:
            found += machine.receive(payload)
        with pytest.raises(errors.StreamInterruptedError) as caught:
            machine.receive_eof()
        assert caught.value.partial_text == machine.text == applied(found) == partial


class TestRewrites:
    def test_a_placeholder_over_a_whole_text_changes_nothing(self) -> None:
        shown = ["One", "One two", "🔍 Searching the web", "One two three"]
        reader = read(shown, "One two three")
        reader.check("One two three")
        assert events.Status("🔍 Searching the web") in reader.events

    def test_a_placeholder_over_a_whole_text_may_stay(self) -> None:
        reader = read(["One", "One two", "Thinking..."], "Thinking...")
        assert reader.events[-2:] == [events.TextReset("Thinking..."), *reader.events[-1:]]
        reader = Reader(output=0)
        for payload in [generating("One two"), generating("Thinking...")]:
            reader.take(payload)
        assert reader.machine.text == "One two"
        reader.take(completed({"__type__": "update"}))
        assert reader.events[-2:] == [
            events.TextReset("Thinking..."),
            events.Completed("Thinking..."),
        ]

    def test_a_rewrite_with_a_cursor(self) -> None:
        reader = read(["abc▌", "abX▌", "abX Y▌"], "abX Y")
        changes = [e for e in reader.events if isinstance(e, events.TextDelta | events.TextReset)]
        assert changes == [
            events.TextDelta("abc"),
            events.TextReset("abX"),
            events.TextDelta(" Y"),
        ]


# Ordinary streams: as many pieces as without the rule, and as early.


def old_rule(values: Iterable[str]) -> list[str]:
    given, pieces = "", []
    for text in values:
        if text != given:
            pieces.append(text.removeprefix(given))
            given = text
    return pieces


ordinary = st.sampled_from(
    ["The", " sky", " is", ".", "...", "…", " |", "_", "**", "ha", "<b>", ">"]
)


@given(st.sampled_from(["The", " I", "你", "# T\n", "**", "1."]), st.lists(ordinary), ways)
def test_ordinary_streams_do_not_change(first: str, rest: list[str], how: str) -> None:
    values = grown([first, *rest])[1:]
    reader = read(values, values[-1], how=how)
    assert deltas(reader.events) == old_rule(values)


@given(st.lists(words | texts), st.sampled_from(SHAPES), ways)
def test_words_wait_for_one_update(pieces: list[str], shape: str, how: str) -> None:
    """Of a text that only grows, words are given out once other words follow them."""
    reader = Reader(output=0)
    values = grown([piece for piece in pieces if piece != "<b>"])
    before = ""
    for text, payload in zip(
        values, messages([shaped(shape, text) for text in values], "", how), strict=False
    ):
        reader.take(payload)
        given = reader.machine.text
        assert truth(shape, text).startswith(given)
        if any(map(str.isalnum, text.removeprefix(before))):
            assert not any(map(str.isalnum, before[len(given) :]))
        before = text


def test_what_waits_is_short() -> None:
    for text in (
        "█" * 10_000,
        "| " * 10_000,
        "<b>" * 10_000,
        " " * 10_000 + "▌",
        "Thinking. " * 999,
    ):
        machine = StreamMachine(output=0)
        machine.receive(generating(text))
        assert len(machine.text.strip()) >= len(text.strip()) - 256


def test_blocks_that_are_drawn_one_by_one() -> None:
    values = grown(["█"] * 50)
    assert deltas(read(values, values[-1]).events) == ["█"] * 50


@given(st.text("ab.<>/&; |\n", max_size=300))
def test_hostile_ends_take_little_time(text: str) -> None:
    assert (text * 50).startswith(Ending().settle("", text * 50))


def test_what_is_learned_is_bounded() -> None:
    ending = Ending()
    for number in range(1000):
        ending.settle("a", f"a{chr(0x2300 + number % 200)}{chr(0x2700 + number % 100)}|")
        ending.settle("a", "a")
    assert len(ending.marks) < 500


def settled(*values: str, final: bool = False) -> list[str]:
    """What of each value is given out, one after another."""
    ending, given = Ending(), [""]
    for number, text in enumerate(values):
        last = final and number == len(values) - 1
        given.append(ending.settle(given[-1], text, final=last))
    return given[1:]


class TestSettling:
    """What waits at the end of a value, and until when."""

    def test_nothing_waits_before_the_first_value(self) -> None:
        ending = Ending()
        assert (ending.text, ending.placeholder) == (None, None)

    @pytest.mark.parametrize(
        ("values", "given"),
        [
            (["You|"], ["You"]),
            (["You|", "You| and"], ["You", "You| and"]),
            (["You|", "You said|"], ["You", "You said"]),
            (["You |", "You ||"], ["You", "You ||"]),
            (["You", "You|"], ["You", "You|"]),
            (["You", "You ▌"], ["You", "You"]),
            (["You", "You▌", "You▌▌"], ["You", "You", "You▌"]),
            (["a\nYou...", "a\nYou......"], ["a\nYou", "a\nYou..."]),
            (["You.", "You.", "You. "], ["You.", "You.", "You. "]),
            (["You said", "Yes|", "Yes|"], ["You said", "Yes", "Yes"]),
            (["You said", "You|"], ["You said", "You"]),
            (["a b", "a c_", "a c d_"], ["a b", "a c", "a c d"]),
        ],
    )
    def test_a_cursor(self, values: list[str], given: list[str]) -> None:
        assert settled(*values) == given

    @pytest.mark.parametrize(
        ("values", "given"),
        [
            (["Thinking..."], [""]),
            (["Thinking...", "Thinking... hard"], ["", "Thinking... hard"]),
            (["Thinking...", "You"], ["", "You"]),
            (["*One*"], [""]),
            (["*One*", "*One* two"], ["", "*One* two"]),
            (["One", "One Thinking..."], ["One", "One Thinking..."]),
            (["One", "Thinking..."], ["One", "One"]),
            (["Thinking...\nOne"], ["Thinking...\nOne"]),
            ([". …"], [""]),
            (["Loading " + "x" * 92], [""]),
            (["Loading " + "x" * 93], ["Loading " + "x" * 93]),
        ],
    )
    def test_a_placeholder(self, values: list[str], given: list[str]) -> None:
        assert settled(*values) == given

    def test_the_end_leaves_nothing_but_a_placeholder(self) -> None:
        assert settled("You|", final=True) == ["You|"]
        assert settled("You", "You▌", final=True) == ["You", "You▌"]
        assert settled("Thinking...", final=True) == [""]
        assert settled("One", "Thinking...", final=True) == ["One", "Thinking..."]

    def test_another_message_may_begin_with_a_cursor_or_a_placeholder(self) -> None:
        for more, shown in [("\n\nSo|", "One\n\nSo"), ("\n\nThinking...", "One")]:
            ending = Ending()
            ending.settle("", "One")
            assert ending.settle("One", f"One{more}", begins=True) == shown
            ending = Ending()
            ending.settle("", "One")
            assert ending.settle("One", f"One{more}") == f"One{more}"

    def test_what_waits_is_told(self) -> None:
        ending = Ending()
        assert ending.settle("", "<b>Thinking</b>\t...") == ""
        assert (ending.text, ending.placeholder) == ("<b>Thinking</b>\t...", "Thinking ...")
        assert ending.settle("", "You|") == "You"
        assert (ending.text, ending.placeholder) == ("You|", None)
        assert ending.settle("You", "You said") == "You said"
        assert (ending.text, ending.placeholder) == (None, None)

    def test_a_cursor_that_was_learned_waits_though_the_text_only_grows(self) -> None:
        ending = Ending()
        marks = ending.marks
        ending.settle("", "One «w»")
        ending.settle("One «w»", "One two «w»")
        assert ending.marks - marks == {"»"}
        assert ending.settle("One two", "One two three «w»") == "One two three"
        assert ending.settle("One two three", "One two three w»") == "One two three w»"

    @pytest.mark.parametrize("taken", ["four", "x" * 64 + "»", "»x", "» «"])
    def test_what_looks_like_no_cursor_is_learned_only_where_it_comes_again(
        self, taken: str
    ) -> None:
        ending = Ending()
        ending.settle("", f"One {taken}")
        ending.settle(f"One {taken}", "One two")
        assert ending.settle("One two", f"One two three {taken}") == f"One two three {taken}"

    @pytest.mark.parametrize(
        ("taken", "learned"),
        [
            ("w»", True),
            ("x" * 63 + "»", True),
            ("x" * 64 + "»", False),
            ("«w", False),
            ("end", False),
        ],
    )
    def test_what_comes_again_is_a_cursor_if_it_is_short_and_no_word(
        self, taken: str, learned: bool
    ) -> None:
        ending = Ending()
        ending.settle("", f"One {taken}")
        ending.settle(f"One {taken}", f"One two {taken}")
        given = ending.settle("One two", f"One two three {taken}")
        assert given == ("One two three" if learned else f"One two three {taken}")

    def test_the_eight_newest_cursors_are_known(self) -> None:
        ending = Ending()
        cursors = [f"«{number}»" for number in range(9)]
        for cursor in [*cursors, cursors[-1]]:
            ending.settle(f"a{cursor}", f"ab{cursor}")
            ending.release()
        kept = [each for each in cursors if ending.settle("ab", f"abc{each}") == "abc"]
        assert kept == cursors[1:]
