"""What the fuzzer found, and what reading the code with its findings in mind did."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from spacechat import errors, events
from spacechat.protocol import Budget, StreamMachine, edits
from spacechat.protocol.failures import plain_text


def generating(*data: Any) -> str:
    return json.dumps({"msg": "process_generating", "output": {"data": list(data)}})


def told(text: str) -> str:
    return json.dumps({"msg": "log", "log": text})


def feed(machine: StreamMachine, payloads: list[str]) -> list[events.Event]:
    return [event for payload in payloads for event in machine.receive(payload)]


class TestOnlyOurErrors:
    """Each of these made something else than a `SpaceChatError` come out of the machine."""

    @pytest.mark.parametrize("depth", [100, 900, 2000, 5000])
    @pytest.mark.parametrize("first", [[], [generating("a")]])
    def test_updates_in_updates(self, depth: int, first: list[str]) -> None:
        value = '{"__type__":"update","value":' * depth + '"x"' + "}" * depth
        entry = f'[["replace",[],{value}]]' if first else value
        payload = f'{{"msg":"process_generating","output":{{"data":[{entry}]}}}}'
        machine = StreamMachine()
        feed(machine, first)
        # Python's versions differ in what is too deep; updates in updates say nothing anyway.
        with contextlib.suppress(errors.ProtocolError):
            machine.receive(payload)
            assert machine.text == ""
        assert machine.text in ("", "a")

    @pytest.mark.parametrize("depth", range(600, 1100, 7))
    def test_deep_values_in_a_wrong_message(self, depth: int) -> None:
        deep = "[" * depth + "]" * depth
        with pytest.raises(errors.ProtocolError):
            StreamMachine().receive(f'{{"event_id":7,"msg":"log","x":{deep}}}')

    @pytest.mark.parametrize("depth", [100, 900])
    def test_deep_edits_that_do_not_fit(self, depth: int) -> None:
        deep = "[" * depth + "]" * depth
        payload = f'{{"msg":"process_generating","output":{{"data":[[["append",[1],{deep}]]]}}}}'
        machine = StreamMachine()
        machine.receive(generating("a"))
        with pytest.raises(errors.ProtocolError) as caught:
            machine.receive(payload)
        assert len(str(caught.value)) < 500

    @pytest.mark.parametrize("text", ["<![<![", "&#" + "9" * 5000 + ";", "<!", "<![CDATA[", "&#x;"])
    def test_hostile_html(self, text: str) -> None:
        (event,) = StreamMachine().receive(told(text))
        assert isinstance(event, events.Log)

    @pytest.mark.parametrize("said", [[], {}, 7, None, ["markdown"]])
    def test_a_component_of_no_name(self, said: Any) -> None:
        part = {"component": said, "value": "a", "props": {"name": said}}
        for output in ([["Q", part]], [{"role": "assistant", "content": part}]):
            machine = StreamMachine()
            machine.receive(generating(output))
            assert machine.text == ""

    def test_a_quota_for_all_time(self) -> None:
        error = f"GPU quota. Try again in {'9' * 400} days, 1:00:00"
        payload = {"msg": "process_completed", "success": False, "output": {"error": error}}
        with pytest.raises(errors.QuotaExceededError) as caught:
            StreamMachine().receive(json.dumps(payload))
        assert caught.value.retry_after is None


class TestEdits:
    def test_edits_of_another_output_are_not_ours(self) -> None:
        machine = StreamMachine(output=0)
        feed(machine, [generating([["Q", "a"]], "s")])
        unknown = [["move", [0], 1]]
        change = [["replace", [0, 1], "b"]]
        assert feed(machine, [generating([["append", [0, 1], "b"]], unknown)]) == [
            events.TextDelta("b")
        ]
        assert feed(machine, [generating(change, unknown)]) == [events.TextReset("b")]

    def test_edits_to_a_chat_that_came_whole_must_fit(self) -> None:
        # Edits came first, for a value that nobody got; then an empty chat, and a whole one.
        said = {"role": "assistant", "content": ""}
        machine = StreamMachine()
        feed(machine, [generating([["append", [], "x"]]), generating([]), generating([said])])
        with pytest.raises(errors.ProtocolError, match="does not fit"):
            machine.receive(generating([["replace", [0, "content"], "ha"], ["append", [], "x"]]))

    def test_edits_that_fit_in_part_leave_nothing(self) -> None:
        said = {"role": "assistant", "content": "ha"}
        machine = StreamMachine()
        feed(machine, [generating([]), generating([["add", [0], said], ["append", [], "x"]])])
        assert machine.text == ""
        assert feed(machine, [generating([["add", [0], said]])]) == [events.TextDelta("ha")]

    def test_several_deletions_as_gradio_4_counts_them(self) -> None:
        change = [["delete", [1], None], ["delete", [2], None], ["delete", [3], None]]
        assert edits.apply(change, [0, 1, 2, 3]) == [0]

    def test_several_deletions_as_gradio_5_counts_them(self) -> None:
        # What it makes of [{"c": [1, 2]}, {"c": [3, 4, 5]}] and [{"c": [1]}, {"c": [3]}].
        change = [
            ["delete", [0, "c", 1], None],
            ["delete", [1, "c", 0], None],
            ["delete", [1, "c", -1], None],
        ]
        assert edits.apply(change, [{"c": [1, 2]}, {"c": [3, 4, 5]}]) == [{"c": [1]}, {"c": [3]}]

    def test_a_deletion_is_where_it_says(self) -> None:
        assert edits.apply([["delete", [0], None]], [0, 1]) == [1]
        both = [["delete", ["a"], None], ["delete", ["b"], None]]
        assert edits.apply(both, {"a": 1, "b": 2, "c": 3}) == {"c": 3}

    def test_there_must_be_something_to_delete(self) -> None:
        with pytest.raises(errors.ProtocolError):
            edits.apply([["delete", [0], None]] * 3, [1, 2])


class TestPlainText:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("a <b>bold</b> &amp; &lt;c&gt; &eacute;&#33;&#x21;", "a bold & <c> é!!"),
            ("1 < 2 > 1 <3", "1 < 2 > 1 <3"),
            ("a<script>x<b>y</b></SCRIPT >b<style>z</style>c", "abc"),
            ("a<!-- <script> -->b --> c", "ab --> c"),
            ("<a href='x'>link</a>\n\n next", "link next"),
            ("a<scripted>b</scripted>c", "abc"),
            ("<p>open", "open"),
            ("a & b &nosuch; &#99999999;", "a & b &nosuch; &#99999999;"),
        ],
    )
    def test_what_is_shown(self, text: str, plain: str) -> None:
        assert plain_text(text) == plain


# Time: what a server sends in small must not be dear.


def append_elsewhere(size: int) -> list[str]:
    return [generating([["x" * size * 500, "a"]]), generating([["append", [0, 0], "x"]] * size)]


def rewrite(size: int) -> list[str]:
    change = [["replace", [0, 1], "y" * 9]]
    return [generating([["x", "a" * size * 100]])] + [generating(change)] * size


def many_messages(size: int) -> list[str]:
    said = {"role": "assistant", "content": ""}
    return [generating([said] * size * 10)] + [generating([["replace", [0, "x"], 1]])] * size


def many_parts(size: int) -> list[str]:
    said = {"role": "assistant", "content": [""] * size * 100}
    return [generating([said])] + [generating([["replace", [0, "x"], 1]])] * size


def insert(size: int) -> list[str]:
    return [generating([[1] * size * 100, "a"]), generating([["add", [0, 0], 1]] * size)]


def html(part: str) -> Callable[[int], list[str]]:
    return lambda size: [told(part * 10_000)] * (size // 50)


HTML = ["<a ", "<!", "<!--", "<!--a-->", "&", "</", "<?", "<a x='", "<script>", "<![", "<<", "&#9"]
STREAMS: list[Callable[[int], list[str]]] = [
    append_elsewhere,
    rewrite,
    many_messages,
    many_parts,
    insert,
    *(html(part) for part in HTML),
]


@pytest.mark.parametrize("stream", STREAMS, ids=[*(f.__name__ for f in STREAMS[:5]), *HTML])
def test_time_is_bounded_by_what_came(stream: Callable[[int], list[str]]) -> None:
    """A few microseconds a byte; the worst took a hundred and more, growing with the size."""
    payloads = stream(2000)
    machine = StreamMachine(output=0, budget=Budget(work=1 << 24))
    start = time.process_time()
    with contextlib.suppress(errors.ProtocolError):  # That it would take too long.
        feed(machine, payloads)
    spent = time.process_time() - start
    assert spent < 0.5 + 5e-6 * sum(map(len, payloads))
