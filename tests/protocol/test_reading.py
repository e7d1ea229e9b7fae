"""Where the text sits in a value: which output is the chat, which entries are new, which notes."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat.protocol.reading import (
    Reading,
    Thought,
    answer_contents,
    common_entries,
    content_of,
    find_output,
    is_unchanged,
    questions,
    read,
)

PAIRS = [["Q", "A"]]
MESSAGES = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


def update(**properties: Any) -> dict[str, Any]:
    return {"__type__": "update", **properties}


@pytest.mark.parametrize(
    ("data", "index"),
    [
        ([], 0),
        ([7, None], 0),
        ([7, "text"], 1),
        (["text", "other"], 0),
        (["text", []], 1),
        ([[], "text"], 0),
        ([[], PAIRS], 1),
        ([[], MESSAGES], 1),
        ([PAIRS, MESSAGES], 0),
        ([MESSAGES, PAIRS], 0),
        ([update(value=""), update(value=PAIRS)], 1),
        ([update(visible=True), "text"], 1),
        (["text", update(value=[])], 1),
    ],
)
def test_the_output_that_most_likely_holds_the_chat(data: list[Any], index: int) -> None:
    assert find_output(data) == index


@pytest.mark.parametrize(
    "value",
    [
        7,
        None,
        {"value": PAIRS},
        update(),
        update(value=update(value=PAIRS)),
        [7],
        [PAIRS[0], 7],
        [PAIRS[0], ["a"]],
        [["a", "b", "c"]],
        [{"role": "assistant"}],
        [{"content": "A"}],
        [*MESSAGES, {"type": "text"}],
    ],
)
def test_what_is_no_chat_and_no_text_is_all_the_same(value: Any) -> None:
    assert find_output([value, 7]) == 0
    assert find_output([7, value]) == 0
    assert find_output([value, "text"]) == 1
    assert read(value).answer == ""


@pytest.mark.parametrize("earlier", [7, ["Q", "A"], {"role": "user", "content": "Q"}])
def test_the_last_entry_decides_whether_a_list_is_a_chat(earlier: Any) -> None:
    for last in (PAIRS[0], MESSAGES[1]):
        assert find_output([[earlier, last], []]) == 0


@pytest.mark.parametrize(
    ("value", "unchanged", "content"),
    [
        (update(), True, None),
        (update(visible=True), True, None),
        (update(value=None), False, None),
        (update(value="a", items=["b"]), False, "a"),
        (update(items=["b"], messages=["c"]), False, ["b"]),
        (update(messages=["c"], content="d"), False, ["c"]),
        (update(content="d"), False, "d"),
        ({"value": "a"}, False, {"value": "a"}),
        ("a", False, "a"),
    ],
)
def test_what_an_update_shows(value: Any, unchanged: bool, content: Any) -> None:
    assert is_unchanged(value) is unchanged
    assert content_of(value) == content


@pytest.mark.parametrize(
    ("earlier", "value", "count"),
    [
        ([], PAIRS, 0),
        ([1, 2, 3], [1, 2, 4], 2),
        ([1, 2], [1, 2, 3], 2),
        ([1, 2, 3], [1, 2], 2),
        ([1, 2], [3, 2], 0),
        ([1, 2], update(value=[1, 2, 3]), 2),
        ([1, 2], "12", 0),
        (["1"], "1", 0),
        ([1], None, 0),
    ],
)
def test_the_entries_that_were_there_before(earlier: list[Any], value: Any, count: int) -> None:
    assert common_entries(earlier, value) == count


class TestReading:
    @pytest.mark.parametrize(
        ("value", "start", "answer", "path"),
        [
            ("A", 0, "A", []),
            ("A", 5, "A", []),
            ([["Q", "A"]], 0, "A", [0, 1]),
            ([["Q", "A"]], 1, "", None),
            ([["Q", "Old"], ["Q", "A"]], 0, "A", [1, 1]),
            ([[None, "One"], [None, "Two"]], 0, "One\n\nTwo", [1, 1]),
            ([[None, "Hi!"], [None, "Two"]], 1, "Two", [1, 1]),
            ([["Q", "One"], [None, "Two"], [None, "Three"]], 0, "One\n\nTwo\n\nThree", [2, 1]),
            ([["Q", "One"], [None, "Two"], [None, "Three"]], 1, "Two\n\nThree", [2, 1]),
            ([7, [None, "Two"]], 0, "Two", [1, 1]),
            (update(items=[["Q", "A"]]), 0, "A", ["items", 0, 1]),
            (update(value="A"), 0, "A", ["value"]),
            (update(value=[["Q", 5]]), 0, "", None),
        ],
    )
    def test_pairs_and_texts(
        self, value: Any, start: int, answer: str, path: list[Any] | None
    ) -> None:
        found = read(value, start)
        assert (found.answer, found.path) == (answer, path)
        assert (found.reasoning, found.in_reasoning, found.gap) == ("", False, "")

    @pytest.mark.parametrize(
        ("contents", "start", "answer"),
        [
            (["A"], 0, "A"),
            (["One", "Two"], 0, "One\n\nTwo"),
            (["One", "Two"], 1, "One\n\nTwo"),
            (["One", "Two"], 2, "Two"),
            (["One", "Two"], 3, ""),
        ],
    )
    def test_messages(self, contents: list[str], start: int, answer: str) -> None:
        said = [{"role": "assistant", "content": each} for each in contents]
        assert read([MESSAGES[0], *said], start).answer == answer
        assert read([MESSAGES[1], MESSAGES[0], *said], start + 1).answer == answer

    def test_the_blank_line_waits_for_a_text(self) -> None:
        pairs = read([["Q", "One"], [None, ""]])
        assert (pairs.answer, pairs.path, pairs.gap) == ("One", [1, 1], "\n\n")
        said = {"role": "assistant", "content": ""}
        messages = read([*MESSAGES, said])
        assert (messages.answer, messages.path, messages.gap) == ("A", [2, "content"], "\n\n")
        assert read([said]).gap == read([["Q", ""]]).gap == ""

    def test_thoughts(self) -> None:
        thought = {"role": "assistant", "content": ["a", "b"], "metadata": {"title": "T" * 1001}}
        used = {"role": "tool", "content": "4"}
        found = read([thought, used, MESSAGES[1]])
        assert found == Reading(
            answer="A",
            reasoning="a\n\nb\n\n4",
            path=[2, "content"],
            thoughts=[Thought("T" * 1000, 4), Thought(None, 7)],
            parts=found.parts,
        )
        last = read([MESSAGES[1], thought])
        assert (last.in_reasoning, last.path, last.is_all_titled) == (
            True,
            [1, "content", 1],
            False,
        )
        assert read([thought]).is_all_titled
        assert not read([used]).is_all_titled
        assert not read(MESSAGES[:1]).is_all_titled
        assert not read([thought, used]).is_all_titled

    def test_parts_with_titles_of_their_own(self) -> None:
        def part(text: str, title: object) -> dict[str, object]:
            return {"type": "tool", "content": text, "options": {"title": title}}

        parts = [part("a", "One"), part("b", "One"), part("c", "Two"), "A", part("d", "Two")]
        found = read([{"role": "assistant", "content": parts}])
        assert found.thoughts == [Thought("One", 4), Thought("Two", 7), Thought("Two", 10)]
        assert (found.answer, found.reasoning) == ("A", "a\n\nb\n\nc\n\nd")
        parts = [part("a", "One"), part("b", "Two"), part("c", "Two"), part("d", "One")]
        found = read([{"role": "assistant", "content": parts}])
        assert found.thoughts == [Thought("One", 1), Thought("Two", 7), Thought("One", 10)]

    @pytest.mark.parametrize("value", [[["Q", "A"], [None, "A"]], [*MESSAGES, MESSAGES[1]]])
    def test_reading_costs_by_what_is_read(self, value: list[Any]) -> None:
        short, long = read(value).parts, read(value + value[-1:] * 1000).parts
        assert 2000 <= long - short <= 10_000

    def test_html_costs_by_its_length_in_each_pair(self) -> None:
        page = {"component": "html", "value": "x" * 16_000}
        assert 1000 <= read([["Q", page], [None, "A"]]).parts <= 1020
        assert 2000 <= read([["Q", page], [None, page]]).parts <= 2020

    def test_older_questions_cost_nothing(self) -> None:
        old = [["Q", "A"]] * 1000
        assert read([*old, ["Q", "A"]]).parts == read([["Q", "A"]]).parts == read("A").parts


def million(*texts: str) -> list[Any]:
    return [[{"text": "Q", "files": []}, [{"text": text} for text in texts]]]


NOTE = "\n<summary>x</summary>"


class TestNotes:
    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            (f"a{NOTE}", "a"),
            (f"a{NOTE} \n", "a"),
            (f"a{NOTE}b", f"a{NOTE}b"),
            (f"a{NOTE} b", f"a{NOTE} b"),
            (f"a{NOTE}{NOTE}", "a"),
            (f"a{NOTE}b{NOTE}", f"a{NOTE}b"),
            ("a\n<summary>x", "a"),
            ("a\n<summary>", "a"),
            ("a\n<summary>x\n<sum", "a"),
            ("\n<summary>", ""),
            ("a\n", "a\n"),
            ("a<summary>x</summary>", "a<summary>x</summary>"),
        ],
    )
    def test_a_note_at_the_end_is_no_answer(self, text: str, answer: str) -> None:
        for final in (True, False):
            assert read(million(text), final=final).answer == answer
        assert read(million(text[:3], text[3:])).answer == answer

    @pytest.mark.parametrize("length", range(2, 10))
    def test_the_beginning_of_a_note_waits(self, length: int) -> None:
        text = f"a{NOTE[:length]}"
        assert read(million(text)).answer == "a"
        assert read(million(text)).path is None
        assert read(million(text), final=True).answer == text

    def test_a_text_may_go_on(self) -> None:
        found = read(million("a", "b"))
        assert (found.answer, found.path, found.notes) == ("ab", [0, 1, 1, "text"], True)
        assert read(million("a\n")).path == [0, 1, 0, "text"]
        assert read(million(f"a{NOTE}")).path is None
        assert read([["Q", [{"text": "a"}, {"file": "b"}]]]).path is None
        assert read([["Q", []]]) == Reading(notes=True, parts=0)
        assert not read("a").notes

    def test_a_status(self) -> None:
        found = read(million("Qwen is ", "thinking..."))
        assert (found.answer, found.status, found.path) == ("", "Qwen is thinking...", None)
        begun = read(million("Qwen is"))
        assert (begun.answer, begun.status, begun.path) == ("Qwen is", None, None)
        over = read(million("Qwen is thinking... hard"))
        assert (over.answer, over.status) == ("Qwen is thinking... hard", None)

    def test_a_note_before_the_last_pair_is_complete(self) -> None:
        first = [{"text": "Q"}, [{"text": "a\n<"}]]
        assert read([first, [None, [{"text": "b"}]]]).answer == "a\n<\n\nb"


class TestContents:
    @pytest.mark.parametrize(
        ("value", "start", "contents"),
        [
            ("A", 0, ["A"]),
            (None, 0, [None]),
            ([], 0, []),
            (PAIRS, 0, ["A"]),
            (MESSAGES[1:], 0, ["A"]),
            (PAIRS, 1, []),
            (PAIRS, 2, []),
            ([["Q", "Old"], ["Q", "One"], [None, ("file",)]], 0, ["One", ("file",)]),
            ([["Q", "Old"], ["Q", "One"], [None, "Two"]], 2, ["Two"]),
            (
                [*MESSAGES, MESSAGES[0], MESSAGES[1], {"role": "ai", "file": "f"}],
                0,
                ["A", "f"],
            ),
            ([MESSAGES[1], {"role": "ai", "content": ["B"]}], 1, [["B"]]),
            ([1, 2, 3], 1, [2, 3]),
            ([PAIRS[0], 5], 0, [PAIRS[0], 5]),
            ([MESSAGES[1], 5], 0, [MESSAGES[1], 5]),
        ],
    )
    def test_the_content_of_each_message(self, value: Any, start: int, contents: list[Any]) -> None:
        assert list(answer_contents(value, start)) == contents

    @pytest.mark.parametrize(
        ("value", "asked"),
        [
            ("Q", []),
            (7, []),
            ({"value": PAIRS}, []),
            (PAIRS, ["Q"]),
            ([], []),
            (None, []),
            ([["One", "A"], [None, "B"], [["Two", {"text": "!"}], None]], ["One", "Two!"]),
            ([7, ["One", "A"]], ["One"]),
            (
                [
                    {"role": "user", "content": "One"},
                    {"role": "assistant", "content": "A"},
                    {"content": "no message"},
                    {"role": "user", "content": [{"text": "Two"}]},
                    {"role": "user"},
                ],
                ["One", "Two", ""],
            ),
        ],
    )
    def test_what_was_asked(self, value: Any, asked: list[str]) -> None:
        assert list(questions(value)) == asked
