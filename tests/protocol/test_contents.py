"""Messages of other people's chatbots: parts that are thoughts, roles, and where they come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import events
from spacechat.protocol import reading
from tests.protocol.test_several_messages import completed, deltas, feed, generating

USER = {"role": "user", "content": "Q"}


def part(text: Any, kind: Any = "text", title: Any = None) -> dict[str, Any]:
    options = None if title is None else {"title": title, "status": "pending"}
    return {"type": kind, "content": text, "copyable": True, "options": options}


def says(*parts: Any, role: Any = "assistant", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": list(parts), **more}


def chat(*parts: Any) -> dict[str, Any]:
    return {"__type__": "update", "value": [USER, says(*parts)], "bot_config": {}}


def test_a_tool_is_a_thought_and_its_title_may_change() -> None:
    thinking, over = (
        part("hm", "tool", "Thinking..."),
        part("hm, so", "tool", "End of Thought (1s)"),
    )
    found = feed(
        [
            generating(chat()),
            generating([["add", ["value", 1, "content", 0], thinking]]),
            generating([["append", ["value", 1, "content", 0, "content"], ", so"]]),
            generating(
                [
                    [
                        "replace",
                        ["value", 1, "content", 0, "options", "title"],
                        over["options"]["title"],
                    ],
                    ["add", ["value", 1, "content", 1], part("An")],
                ]
            ),
            generating([["append", ["value", 1, "content", 1, "content"], "swer"]]),
            completed(chat(over, part("Answer"))),
        ]
    )
    assert found == [
        events.Reasoning("hm", "Thinking..."),
        events.Reasoning(", so", "Thinking..."),
        events.Reasoning("", "End of Thought (1s)"),
        events.TextDelta("An"),
        events.TextDelta("swer"),
        events.Completed("Answer", "hm, so"),
    ]


def test_thoughts_between_texts() -> None:
    value = chat(part("One"), part("a", "tool", "Search"), part("b", "tool"), part("Two"))
    assert feed([completed(value)]) == [
        events.Reasoning("a", "Search"),
        events.Reasoning("\n\nb", None),
        events.TextDelta("One\n\nTwo"),
        events.Completed("One\n\nTwo", "a\n\nb"),
    ]


@pytest.mark.parametrize("kind", ["tool", "thinking", "reasoning", "thought"])
def test_kinds_of_thoughts(kind: str) -> None:
    found = feed([completed(chat(part("hm", kind), part("A")))])
    assert found[-1] == events.Completed("A", "hm")


def test_the_parts_of_a_titled_message_are_one_thought() -> None:
    value = [says("a", "b", metadata={"title": "Search"}), says("A")]
    assert feed([completed(value)])[0] == events.Reasoning("a\n\nb", "Search")


def test_the_tool_of_an_agent() -> None:
    used = {"tool_name": "search", "error": False}
    value = [
        USER,
        {"role": "assistant", "thought_metadata": used, "content": "looking"},
        {"role": "assistant", "thought_metadata": {"tool_name": None}, "content": "A"},
    ]
    assert feed([completed(value)]) == [
        events.Reasoning("looking", "search"),
        events.TextDelta("A"),
        events.Completed("A", "looking"),
    ]


@pytest.mark.parametrize("role", ["tool", "function"])
def test_what_a_tool_says_is_no_answer(role: str) -> None:
    value = [USER, {"role": role, "content": "42"}, {"role": "assistant", "content": "A"}]
    assert feed([completed(value)])[-1] == events.Completed("A", "42")


@pytest.mark.parametrize("role", ["assistant", "ai", "bot", "Qwen", "model"])
def test_an_app_names_its_role(role: str) -> None:
    value = [USER, {"role": role, "content": "A"}]
    assert deltas(feed([completed(value)])) == ["A"]


@pytest.mark.parametrize("role", ["user", "human", "local", "system", "placeholder", None, 5, []])
def test_what_is_no_answer(role: Any) -> None:
    value = [{"role": "ai", "content": "old"}, {"role": role, "content": "no answer"}]
    assert feed([completed(value)]) == [events.Completed("")]


@pytest.mark.parametrize(
    "content",
    [
        None,
        5,
        [],
        [None],
        [[]],
        {"type": [], "content": []},
        part(None),
        part(["a"], "file"),
        part([{"description": "And?"}], "suggestion"),
        part({}, {}),
        {"options": 5, "type": "tool", "content": ""},
    ],
)
def test_contents_without_a_text(content: Any) -> None:
    assert feed([completed([USER, {"role": "ai", "content": content}])])[-1].text == ""  # type: ignore[union-attr]


@pytest.mark.parametrize("title", [None, 5, [], {}, ""])
def test_a_title_of_another_kind(title: Any) -> None:
    tool = {"type": "tool", "content": "hm", "options": {"title": title}}
    found = feed([completed(chat(tool))])
    assert found[-1] == events.Completed("", "hm")


class TestUpdates:
    @pytest.mark.parametrize("name", ["value", "items", "messages"])
    def test_a_chat_in_a_property(self, name: str) -> None:
        update = {"__type__": "update", "loading": True, name: [USER, says("One")]}
        assert reading.find_output(["text", update]) == 1
        path = [name, 1, "content", 0]
        found = feed([generating(update), generating([["append", path, " two"]])])
        assert deltas(found) == ["One", " two"]

    @pytest.mark.parametrize("name", ["value", "content"])
    def test_a_text_in_a_property(self, name: str) -> None:
        update = {"__type__": "update", name: "One"}
        found = feed([generating(update), generating([["append", [name], " two"]])])
        assert deltas(found) == ["One", " two"]

    def test_the_value_comes_first(self) -> None:
        update = {"__type__": "update", "items": ["x"], "value": "One"}
        assert deltas(feed([completed(update)])) == ["One"]

    @pytest.mark.parametrize("update", [{}, {"loading": True}])
    def test_another_property_changes_no_text(self, update: dict[str, Any]) -> None:
        told = {"__type__": "update", **update}
        found = feed([generating("One"), completed(told)])
        assert found == [events.TextDelta("One"), events.Completed("One")]
        assert reading.content_of(told) is None
        assert reading.is_unchanged(told)

    @pytest.mark.parametrize("name", ["value", "items", "messages", "content"])
    def test_updates_do_not_nest(self, name: str) -> None:
        update: Any = "text"
        for _ in range(2):
            update = {"__type__": "update", name: update}
        assert reading.read(update) == reading.NOTHING
        assert reading.find_output([update]) == 0


def test_the_file_of_a_message() -> None:
    file = {"path": "a.png", "orig_name": "a.png"}
    value = [USER, {"role": "assistant", "file": file}, says("A")]
    assert reading.answer_contents(value, 0) == [file, ["A"]]


pieces = st.lists(st.tuples(st.booleans(), st.text("ab\n", max_size=3)), min_size=1, max_size=4)


@given(pieces, st.booleans())
def test_thoughts_and_texts_by_edits_and_by_snapshots(
    told: list[tuple[bool, str]], by_edits: bool
) -> None:
    """A character at a time, each part after the one before."""
    parts: list[dict[str, Any]] = []
    payloads = [generating(chat())]
    for index, (is_thought, text) in enumerate(told):
        parts.append(part("", "tool" if is_thought else "text"))
        payloads.append(generating([["add", ["value", 1, "content", index], dict(parts[-1])]]))
        for letter in text:
            parts[-1]["content"] += letter
            path = ["value", 1, "content", index, "content"]
            payloads.append(generating([["append", path, letter]] if by_edits else chat(*parts)))
    found = feed([*payloads, completed(chat(*parts))])
    answer = "\n\n".join(text for is_thought, text in told if text and not is_thought)
    thoughts = "\n\n".join(text for is_thought, text in told if text and is_thought)
    assert found[-1] == events.Completed(answer, thoughts)
    assert "".join(deltas(found)) == answer


def test_the_cost_of_html_in_a_message_is_its_length() -> None:
    for length in (16_000, 160_000):
        page = {"component": "html", "value": "x" * length}
        cost = reading.read([USER, says(page)]).parts
        assert length // 16 <= cost <= length // 16 + 10


@pytest.mark.parametrize("kind", [["tool"], {"tool": 1}, 5, None, "text", "toolbox"])
def test_a_part_of_another_type_is_a_text(kind: Any) -> None:
    assert deltas(feed([completed(chat(part("A", kind)))])) == ["A"]


@pytest.mark.parametrize("metadata", [None, [], "title", {"title": ""}, {"title": None}])
def test_a_message_without_a_title(metadata: Any) -> None:
    value = [USER, {"role": "assistant", "content": "A", "metadata": metadata}]
    assert deltas(feed([completed(value)])) == ["A"]
