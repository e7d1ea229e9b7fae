"""The state machine: its table, the invariant, and the ways in which others got it wrong."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import errors, events
from spacechat.protocol import PROTOCOLS, TRANSITIONS, Budget, State, StreamMachine, common_prefix
from spacechat.protocol import machine as machine_module
from spacechat.settings import Limits
from tests.recordings import ANSWER, PIECES, Recording, recordings


def message(msg: str, **fields: Any) -> str:
    return json.dumps({"msg": msg, "event_id": "e", **fields}, ensure_ascii=False)


def generating(*data: Any, **fields: Any) -> str:
    return message("process_generating", output={"data": list(data)}, success=True, **fields)


def completed(*data: Any, **fields: Any) -> str:
    return message("process_completed", output={"data": list(data)}, success=True, **fields)


def feed(machine: StreamMachine, payloads: Iterable[str]) -> list[events.Event]:
    return [event for payload in payloads for event in machine.receive(payload)]


def applied(found: Iterable[events.Event]) -> str:
    text = ""
    for event in found:
        if isinstance(event, events.TextDelta):
            assert event.text, "an empty delta says nothing"
            text += event.text
        elif isinstance(event, events.TextReset):
            assert event.text != text, "a reset to what was there says nothing"
            text = event.text
    return text


def deltas(found: Iterable[events.Event]) -> list[str]:
    return [event.text for event in found if isinstance(event, events.TextDelta)]


def pairs(*texts: str) -> list[str]:
    """The messages of a pairs chatbot whose answer grows by `texts`."""
    first, *rest = texts
    return [
        generating("", [["Q", first]]),
        *(generating([], [["append", [0, 1], text]]) for text in rest),
        completed("", [["Q", "".join(texts)]]),
    ]


class TestRecordings:
    @pytest.mark.parametrize("recording", recordings(), ids=str)
    def test_text_is_what_the_final_output_holds(self, recording: Recording) -> None:
        machine = StreamMachine()
        found: list[events.Event] = []
        expected = EXPECTED[recording.case]
        if isinstance(expected, str):
            found += feed(machine, recording.messages)
            assert found[-1] == events.Completed(expected, machine.reasoning)
            assert machine.state is State.COMPLETED
            assert machine.receive_eof() == []
        else:
            kind, expected = expected
            with pytest.raises(kind) as caught:
                for payload in recording.messages:
                    found += machine.receive(payload)
            assert caught.value.partial_text == expected
            assert machine.state in (State.FAILED, State.INTERRUPTED)
        assert machine.text == applied(found) == expected

    @pytest.mark.parametrize("recording", recordings(), ids=str)
    @pytest.mark.parametrize("end", ["eof", "close_stream"])
    def test_cut_after_any_message(self, recording: Recording, end: str) -> None:
        payloads = recording.messages
        for count in range(len(payloads)):
            machine = StreamMachine()
            found: list[events.Event] = []
            try:
                for payload in payloads[:count]:
                    found += machine.receive(payload)
            except errors.SpaceChatError:
                continue
            if machine.state is State.COMPLETED:
                assert machine.receive_eof() == []
                continue
            with pytest.raises(errors.StreamInterruptedError) as caught:
                if end == "eof":
                    machine.receive_eof()
                else:
                    machine.receive(json.dumps({"msg": "close_stream", "event_id": None}))
            assert caught.value.partial_text == applied(found) == machine.text
            assert machine.state is State.INTERRUPTED

    @pytest.mark.parametrize("case", ["plain", "pairs_dict", "messages", "million"])
    @pytest.mark.parametrize("version", ["5.50.0", "6.31.0"])
    def test_a_piece_for_every_message(self, case: str, version: str) -> None:
        recording = next(r for r in recordings() if (r.version, r.case) == (version, case))
        found = feed(StreamMachine(), recording.messages)
        sent = [json.loads(m) for m in recording.messages]
        with_edits = [
            m for m in sent if m["msg"] == "process_generating" and any(m["output"]["data"])
        ]
        if case == "million":
            assert deltas(found) == PIECES
        else:
            assert len(deltas(found)) == len(with_edits)

    def test_thoughts_are_not_answer(self) -> None:
        for recording in recordings():
            if recording.case == "thinking":
                found = feed(StreamMachine(), recording.messages)
                thoughts = [e.text for e in found if isinstance(e, events.Reasoning)]
                assert thoughts == ["I should ", "greet ", "back."]
                assert found[-1] == events.Completed(ANSWER, "I should greet back.")

    def test_status_and_note_are_not_answer(self) -> None:
        for recording in recordings():
            if recording.case == "million":
                found = feed(StreamMachine(), recording.messages)
                assert events.Status("Qwen is thinking...") in found
                assert "summary" in recording.body.decode()
                assert not any(isinstance(e, events.TextReset) for e in found)

    def test_logs_and_progress(self) -> None:
        recording = next(r for r in recordings() if str(r) == "5.50.0-logs")
        found = feed(StreamMachine(), recording.messages)
        assert events.Log("info", "warming up", "Info") in found
        assert events.Log("warning", "slow path", "Warning") in found
        assert events.Progress(2, 3, "steps", None, "loading") in found

    def test_failures(self) -> None:
        by_case = {r.case: r for r in recordings() if r.version == "5.50.0"}
        with pytest.raises(errors.QuotaExceededError, match="Create a free account") as quota:
            feed(StreamMachine(), by_case["fails_mid"].messages)
        assert "<" not in str(quota.value)
        with pytest.raises(errors.GenerationError, match="does not say why"):
            feed(StreamMachine(), by_case["fails_raw"].messages)


EXPECTED: dict[str, str | tuple[type[errors.SpaceChatError], str]] = {
    **dict.fromkeys(
        ["chat_interface", "messages", "million", "pairs", "pairs_dict", "plain", "thinking"],
        ANSWER,
    ),
    "logs": "after progress",
    "rewrite": "Paris is the capital of France!",
    "single": "one shot answer to What is the capital of France?",
    "cancelled": (errors.StreamInterruptedError, "0 1 2 3 "),
    "fails_mid": (errors.QuotaExceededError, "partial answer"),
    "fails_raw": (errors.GenerationError, "partial"),
    "join_bad_arity": (errors.GenerationError, ""),
}


class TestKnownWrongWays:
    """Each is a mistake that a client of these Spaces is known to have made."""

    def test_a_path_is_not_text(self) -> None:
        found = feed(StreamMachine(), pairs("a", "b"))
        assert deltas(found) == ["a", "b"]

    @pytest.mark.parametrize("piece", ["ha", "a", " ", "\n", "1", "0, 1"])
    def test_a_piece_like_the_end_of_the_text_is_kept(self, piece: str) -> None:
        found = feed(StreamMachine(), pairs("ha", piece, piece, piece))
        assert deltas(found) == ["ha", piece, piece, piece]

    @pytest.mark.parametrize(
        "piece", ["[1]", "[0, 1]", "[]", '["append"]', "['a', 1]", "null", "{}", '"x"', "0"]
    )
    def test_a_piece_like_json_is_kept(self, piece: str) -> None:
        found = feed(StreamMachine(), pairs("see ", piece, piece, "."))
        assert deltas(found) == ["see ", piece, piece, "."]

    def test_pieces_are_not_compared_with_each_other(self) -> None:
        found = feed(StreamMachine(), pairs("a", "ab", "abc", "ab", "a"))
        assert deltas(found) == ["a", "ab", "abc", "ab", "a"]

    def test_every_piece_is_given(self) -> None:
        texts = [f"{n} " for n in range(2000)]
        assert deltas(feed(StreamMachine(), pairs(*texts))) == texts


class TestValues:
    def test_a_repeated_snapshot_gives_nothing(self) -> None:
        machine = StreamMachine()
        assert applied(feed(machine, [generating("He"), generating("He")])) == "He"
        assert deltas(feed(machine, [generating([["append", [], "y"]])])) == ["y"]

    def test_the_rest_comes_with_the_end(self) -> None:
        found = feed(StreamMachine(), [generating("Hel"), completed("Hello")])
        assert found == [
            events.TextDelta("Hel"),
            events.TextDelta("lo"),
            events.Completed("Hello"),
        ]

    def test_the_end_alone(self) -> None:
        assert feed(StreamMachine(), [completed("Hi")]) == [
            events.TextDelta("Hi"),
            events.Completed("Hi"),
        ]

    def test_pairs_that_go_on(self) -> None:
        """What a chatbot shows one below the other, with a file in the end."""
        value = [["Q", "old"], ["Q", "One. "], [None, "Two."]]
        found = feed(
            StreamMachine(output=0),
            [
                generating(value),
                generating([["append", [2, 1], " Three."]]),
                completed([*value[:2], [None, "Two. Three."], [None, {"file": {}}]]),
            ],
        )
        assert deltas(found) == ["One. \n\nTwo.", " Three."]

    def test_pairs_before_the_question(self) -> None:
        found = feed(
            StreamMachine(since=[[None, "Hello!"]]), [completed([[None, "Hello!"], [None, "Hi"]])]
        )
        assert deltas(found) == ["Hi"]

    @pytest.mark.parametrize("nothing", ["", None, [], [["Q", None]], [["Q", ""]], [["Q", []]]])
    def test_an_empty_answer(self, nothing: Any) -> None:
        assert feed(StreamMachine(), [completed(nothing)]) == [events.Completed("")]

    def test_a_rewrite_is_told(self) -> None:
        machine = StreamMachine()
        found = feed(machine, [generating("abc"), generating([["replace", [], "abX"]])])
        assert found == [events.TextDelta("abc"), events.TextReset("abX")]
        assert machine.previous_text == "abc"

    def test_a_rewrite_at_the_end(self) -> None:
        found = feed(StreamMachine(), [generating("Hi "), completed("Hi")])
        assert found[1:] == [events.TextReset("Hi"), events.Completed("Hi")]

    def test_other_outputs_do_not_matter(self) -> None:
        machine = StreamMachine(output=1)
        found = feed(
            machine,
            [
                generating("x", [["Q", "a"]], "s"),
                generating([["replace", [], "y"]], [], []),
                generating([], [["append", [0, 1], "b"]], [["append", [], "!"]]),
                completed("z", [["Q", "ab"]], "s"),
            ],
        )
        assert deltas(found) == ["a", "b"]

    def test_an_update_without_a_value_changes_nothing(self) -> None:
        skip = {"__type__": "update"}
        found = feed(
            StreamMachine(output=0),
            [generating("Hi"), generating([["replace", [], skip]]), completed(skip)],
        )
        assert found == [events.TextDelta("Hi"), events.Completed("Hi")]

    @pytest.mark.parametrize(
        "value", [{"value": "x"}, {"value": "x", "__type__": "other"}, {"__type__": ["update"]}]
    )
    def test_a_value_that_only_looks_like_an_update(self, value: Any) -> None:
        """It is what the component shows, and no text."""
        machine = StreamMachine(output=0)
        machine.receive(generating("a"))
        assert machine.receive(generating(value)) == [events.TextReset("")]
        assert machine.receive(generating("b")) == [events.TextDelta("b")]
        assert feed(StreamMachine(output=0), [completed(value)]) == [events.Completed("")]

    def test_an_update_with_a_value(self) -> None:
        found = feed(
            StreamMachine(),
            [
                generating({"__type__": "update", "value": [["Q", "a"]]}),
                generating([["append", ["value", 0, 1], "b"]]),
                completed({"__type__": "update", "value": [["Q", "ab"]]}),
            ],
        )
        assert deltas(found) == ["a", "b"]

    def test_several_assistant_messages_are_one_answer(self) -> None:
        def said(role: str, content: Any, title: str | None = None) -> dict[str, Any]:
            return {"role": role, "content": content, "metadata": {"title": title}}

        value = [said("user", "Q"), said("assistant", "old"), said("user", "Q2")]
        value += [said("assistant", "tool", "Used a tool"), said("assistant", "A")]
        value += [said("assistant", [{"type": "text", "text": "B"}, {"type": "file"}])]
        found = feed(StreamMachine(), [completed(value)])
        assert found[0] == events.Reasoning("tool", "Used a tool")
        assert found[-1] == events.Completed("A\n\nB", "tool")

    def test_a_title_turns_text_into_thought(self) -> None:
        value = [{"role": "assistant", "content": "Hmm", "metadata": {}}]
        machine = StreamMachine()
        found = feed(
            machine,
            [
                generating(value),
                generating([["add", [0, "metadata", "title"], "Thinking"]]),
                generating([["append", [0, "content"], "!"]]),
            ],
        )
        assert found == [
            events.TextDelta("Hmm"),
            events.Reasoning("Hmm", "Thinking"),
            events.TextReset(""),
            events.Reasoning("!", "Thinking"),
        ]
        assert (machine.text, machine.reasoning) == ("", "Hmm!")

    def test_a_snapshot_protocol_takes_an_empty_chat_for_what_it_is(self) -> None:
        payloads = [generating([["Q", "a"]]), generating([])]
        assert feed(StreamMachine(protocol="sse_v1"), payloads)[-1] == events.TextReset("")
        assert feed(StreamMachine(), payloads) == [events.TextDelta("a")]


class TestNotes:
    """The 1M Space's texts that are not answer."""

    @staticmethod
    def value(text: str) -> list[Any]:
        return [[{"text": "Q", "files": []}, [{"text": text, "flushing": True}]]]

    @given(st.lists(st.text("\n<sumary>/ab"), max_size=8))
    def test_part_of_a_note_is_never_given(self, texts: list[str]) -> None:
        answer, note = "".join(texts), "\n<summary>used 1 file</summary>"
        machine = StreamMachine()
        found: list[events.Event] = []
        whole = answer + note
        for end in range(len(whole) + 1):
            found += machine.receive(generating(self.value(whole[:end])))
            assert applied(found) == machine.text
        found += machine.receive(completed(self.value(whole)))
        assert found[-1] == events.Completed(applied(found))
        assert answer.startswith(machine.text)

    @pytest.mark.parametrize("by_edits", [False, True])
    def test_note_in_pieces(self, by_edits: bool) -> None:
        pieces = ["Hi", "\n", "there", "\n<", "b>", "\n<su", "mmary>x", "</summ", "ary>"]
        payloads = [generating(self.value("Qwen is thinking..."))]
        if by_edits:
            payloads += [generating([["replace", [0, 1, 0, "text"], "Hi"]])]
            payloads += [generating([["append", [0, 1, 0, "text"], p]]) for p in pieces[1:]]
        else:
            payloads += [
                generating([["replace", [], self.value("".join(pieces[: n + 1]))]])
                for n in range(len(pieces))
            ]
        payloads.append(completed(self.value("".join(pieces))))
        found = feed(StreamMachine(), payloads)
        assert deltas(found) == ["Hi", "\n", "there", "\n<b>"]
        assert found[0] == events.Status("Qwen is thinking...")
        assert found[-1] == events.Completed("Hi\nthere\n<b>")

    def test_a_summary_inside_the_answer_is_answer(self) -> None:
        text = "<details>\n<summary>Title</summary>\nText\n</details>"
        found = feed(StreamMachine(), [completed(self.value(text))])
        assert found[-1] == events.Completed(text)

    def test_plain_chats_may_say_such_things(self) -> None:
        for text in ("Qwen is thinking...", "a\n<summary>b"):
            assert feed(StreamMachine(), [completed(text)])[-1] == events.Completed(text)


class TestOrder:
    def test_messages_of_other_events_are_passed_over(self) -> None:
        other = json.dumps(
            {"msg": "process_completed", "event_id": "x", "output": {"data": ["no"]}}
        )
        machine = StreamMachine(event_id="e")
        assert machine.receive(other) == []
        assert deltas(feed(machine, [generating("a"), other, completed("a")])) == ["a"]

    def test_the_first_event_named_is_taken(self) -> None:
        machine = StreamMachine()
        machine.receive(message("estimation", rank=0, queue_size=1))
        assert machine.receive(completed("no").replace('"e"', '"x"')) == []
        assert deltas(machine.receive(completed("yes"))) == ["yes"]

    def test_nothing_follows_the_end(self) -> None:
        machine = StreamMachine()
        feed(machine, [completed("a")])
        late = [completed("b"), generating("c"), message("close_stream"), "garbage"]
        assert feed(machine, late) == []
        assert machine.text == "a"

    def test_late_queue_news_are_passed_over(self) -> None:
        machine = StreamMachine()
        feed(machine, [generating("a")])
        late = [message("estimation", rank=3), message("process_starts")]
        assert feed(machine, late) == []
        assert machine.state is State.STREAMING

    def test_unknown_messages_and_fields_are_no_error(self) -> None:
        found = feed(
            StreamMachine(),
            [
                message("brand_new", output=7),
                message("heartbeat"),
                message("estimation", rank=None, rank_eta=None, extra=[1]),
                completed("a", extra={}),
            ],
        )
        assert found == [
            events.Queued(0, 0, None),
            events.TextDelta("a"),
            events.Completed("a"),
        ]

    def test_the_server_wants_the_inputs(self) -> None:
        machine = StreamMachine()
        assert feed(machine, [message("estimation", rank=0)]) == [events.Queued(0, 0, None)]
        assert machine.wants_inputs is None
        assert feed(machine, [message("send_data")]) == []
        assert machine.wants_inputs == "e"
        assert machine.state is State.QUEUED
        assert feed(machine, [message("send_data", event_id="another")]) == []
        assert machine.wants_inputs == "e"

    def test_the_table_covers_every_state_and_handler(self) -> None:
        assert set(TRANSITIONS) == set(State)
        heeded = {kind for row in TRANSITIONS.values() for kind in row}
        assert heeded - {machine_module.EndOfStream} == set(machine_module._HANDLERS)
        final = {state for state, row in TRANSITIONS.items() if not row}
        assert final == {State.COMPLETED, State.FAILED, State.INTERRUPTED}
        reached = {state for row in TRANSITIONS.values() for state in row.values()}
        assert reached >= set(State) - {State.WAITING}


class TestBadInput:
    @pytest.mark.parametrize(
        "payload",
        [
            "",
            "no json",
            "[]",
            "{}",
            '{"msg": 1}',
            '{"msg": "process_generating"}',
            '{"msg": "process_generating", "output": {"data": 7}}',
            '{"msg": "process_generating", "output": {"data": []}}',
            '{"msg": "estimation", "rank": "first"}',
            b"\xff\xfe",
            '{"msg": "heartbeat", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
            '{"msg": "\\ud800"}',
            "\ud800",
        ],
    )
    def test_garbage(self, payload: str | bytes) -> None:
        machine = StreamMachine()
        machine.receive(generating("so far"))
        with pytest.raises(errors.ProtocolError) as caught:
            machine.receive(payload)
        assert caught.value.partial_text == "so far"
        assert machine.state is State.INTERRUPTED

    def test_an_output_that_is_not_there(self) -> None:
        with pytest.raises(errors.ProtocolError, match="number 3"):
            StreamMachine(output=2).receive(completed("a", "b"))

    def test_unknown_protocol(self) -> None:
        with pytest.raises(ValueError, match="sse_v3"):
            StreamMachine(protocol="sse_v9")

    def test_session_not_found(self) -> None:
        payload = message("unexpected_error", message="404: Session not found.")
        with pytest.raises(errors.StreamInterruptedError, match="session"):
            StreamMachine().receive(payload)

    def test_unexpected_error(self) -> None:
        with pytest.raises(errors.GenerationError, match="boom"):
            StreamMachine().receive(message("unexpected_error", message="boom"))

    def test_queue_full(self) -> None:
        with pytest.raises(errors.QueueFullError):
            StreamMachine().receive(message("queue_full"))

    def test_quota_tells_when(self) -> None:
        error = "You have exceeded your GPU quota (60s left). Try again in 1 day, 2:03:04"
        payload = message("process_completed", output={"error": error}, success=False)
        with pytest.raises(errors.QuotaExceededError) as caught:
            StreamMachine().receive(payload)
        assert caught.value.retry_after == ((24 + 2) * 60 + 3) * 60 + 4

    def test_work_is_bounded(self) -> None:
        machine = StreamMachine(output=0, budget=Budget(work=10**6))
        value = [{"role": "assistant", "content": "x" * 10**5, "metadata": {"title": ""}}]
        machine.receive(generating(value))
        flips = [
            generating([["replace", [0, "metadata", "title"], title]]) for title in ("t", "") * 500
        ]
        with pytest.raises(errors.ProtocolError, match="rewrites"):
            feed(machine, flips)

    @pytest.mark.parametrize(
        "more", [["add", [0], ["x", "y"] * 10_000], ["append", [0, 0], "x" * 100_000]], ids=str
    )
    def test_what_says_nothing_is_bounded(self, more: list[Any]) -> None:
        """A value may grow where no text of the answer is."""
        machine = StreamMachine(output=0, budget=Budget(Limits(message=2 << 16)))
        machine.receive(generating([["Hi", "x"]]))
        with pytest.raises(errors.ProtocolError, match="limits="):
            feed(machine, [generating([more])] * 100)
        assert machine.text == "x"

    def test_what_is_replaced_does_not_count(self) -> None:
        machine = StreamMachine(output=0, budget=Budget(Limits(message=2 << 16)))
        machine.receive(generating([["Hi", "x"]]))
        feed(machine, [generating([["replace", [0, 0], "x" * 100_000]])] * 100)
        assert machine.text == "x"


# The invariant, for random answers told as snapshots and as edits.

texts = st.text(st.characters(codec="utf-8"), max_size=6)
"""Short texts, so that they often repeat; blank and empty ones among them."""

shapes = st.sampled_from(
    [
        "text",
        "pairs",
        "pairs_dict",
        "pairs_run",
        "million",
        "messages",
        "messages_run",
        "parts",
        "parts_run",
    ]
)


def truth(shape: str, answer: str) -> str:
    """What a value of `shaped` says."""
    if not shape.endswith("_run"):
        return answer
    half = len(answer) // 2
    return "\n\n".join(part for part in (answer[:half], answer[half:]) if part)


def shaped(shape: str, answer: str) -> Any:
    if shape == "text":
        return answer
    if shape == "pairs":
        return [["Q", "old"], ["Q", answer]]
    if shape == "pairs_dict":
        return [["Q", {"text": answer}]]
    if shape == "pairs_run":
        file, half = {"file": {"path": "a.txt"}}, len(answer) // 2
        return [["Q", "old"], ["Q", file], [None, answer[:half]], [None, answer[half:]]]
    if shape == "million":
        return [[{"text": "Q", "files": []}, [{"text": answer, "flushing": False}]]]
    half = len(answer) // 2
    contents: list[Any] = [answer]
    if shape == "messages_run":
        contents = [answer[:half], {"file": {"path": "a.txt"}}, answer[half:]]
    elif shape == "parts":
        contents = [[{"type": "text", "text": answer}]]
    elif shape == "parts_run":
        texts = (answer[:half], answer[half:])
        contents = [[{"type": "text", "text": text} for text in texts]]
    return [
        {"role": "user", "content": "Q", "metadata": None},
        *({"role": "assistant", "content": each, "metadata": None} for each in contents),
    ]


def simple_diff(old: Any, new: Any, path: Sequence[Any] = ()) -> list[Any]:
    """Edits from old to new of the same structure, as a server would say them."""
    if isinstance(old, str) and isinstance(new, str) and new.startswith(old):
        return [["append", list(path), new[len(old) :]]] if new != old else []
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs_ = enumerate(zip(old, new, strict=True))
        return [e for i, (a, b) in pairs_ for e in simple_diff(a, b, (*path, i))]
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [e for key in old for e in simple_diff(old[key], new[key], (*path, key))]
    return [] if old == new else [["replace", list(path), copy.deepcopy(new)]]


def answers() -> st.SearchStrategy[list[str]]:
    """Answers as they grow, now and then rewritten."""

    def grow(steps: list[tuple[bool, str]]) -> list[str]:
        found = [""]
        for rewrite, text in steps:
            found.append(text if rewrite else found[-1] + text)
        return found

    steps = st.tuples(st.sampled_from([False] * 9 + [True]), texts)
    return st.lists(steps, max_size=12).map(grow)


@given(answers(), shapes, st.sampled_from([*PROTOCOLS, None]), st.integers(0, 3), st.data())
def test_invariant(
    sequence: list[str], shape: str, protocol: str | None, place: int, data: st.DataObject
) -> None:
    before, after = [7] * place, ["x"] * data.draw(st.integers(0, 2))
    machine = StreamMachine(output=place, protocol=protocol)
    found: list[events.Event] = []
    values = [shaped(shape, answer) for answer in sequence]
    edits = protocol != "sse_v1" and data.draw(st.booleans())
    for index, value in enumerate(values):
        if edits and index:
            change = simple_diff(values[index - 1], value)
            payload = generating(*([] for _ in before), change, *([] for _ in after))
        else:
            payload = generating(*before, value, *after)
        found += machine.receive(payload)
        assert applied(found) == machine.text
        if shape != "million":
            waiting = machine.transcript.answer_end.text  # Of a text that waits in part, the whole.
            assert truth(shape, sequence[index]) in (machine.text, waiting)
    final = data.draw(st.one_of(st.just(sequence[-1]), texts))
    found += machine.receive(completed(*before, shaped(shape, final), *after))
    assert applied(found) == machine.text
    assert found[-1] == events.Completed(machine.text)
    if shape != "million":
        assert machine.text == truth(shape, final)


earlier_values: st.SearchStrategy[Any] = st.one_of(
    st.tuples(shapes, texts).map(lambda drawn: shaped(*drawn)),
    st.sampled_from([None, [], "", {"value": None, "__type__": "update"}]),
)


@given(answers(), shapes, earlier_values)
def test_edits_of_a_value_that_never_came(sequence: list[str], shape: str, earlier: Any) -> None:
    """A server that takes a function for an earlier one begins with edits of that one's value."""
    machine = StreamMachine(protocol="sse_v3")
    found: list[events.Event] = []
    values = [earlier, *(shaped(shape, answer) for answer in sequence)]
    said = {""} | {truth(shape, answer) for answer in sequence}
    for old, new in itertools.pairwise(values):
        found += machine.receive(generating(simple_diff(old, new)))
        assert applied(found) == machine.text
        if shape != "million":
            waiting = machine.transcript.answer_end.text
            assert machine.text in said or waiting in said
    found += machine.receive(completed(values[-1]))
    assert applied(found) == machine.text
    if shape != "million":
        assert machine.text == truth(shape, sequence[-1])


class TestAValueThatNeverCame:
    """What Gradio 4 to 6 send where an address in memory is used again."""

    HISTORY: ClassVar[list[Any]] = [
        {"role": "user", "content": "Q"},
        {"role": "assistant", "content": "Old."},
        {"role": "user", "content": "Q"},
    ]

    def test_a_message_more_than_the_value_has(self) -> None:
        machine = StreamMachine(since=self.HISTORY[:2])
        new = {"role": "assistant", "content": "New"}
        found = feed(
            machine,
            [
                generating([["add", [3], new]]),
                generating([["append", [3, "content"], "er"]]),
                completed([*self.HISTORY, new | {"content": "Newer."}]),
            ],
        )
        assert found == [events.TextDelta("Newer."), events.Completed("Newer.")]

    def test_it_was_the_same_at_first(self) -> None:
        machine = StreamMachine(since=self.HISTORY[:2])
        new = {"role": "assistant", "content": "New"}
        found = feed(
            machine,
            [
                generating([], []),
                generating([["add", [3], new]], []),
                completed([*self.HISTORY, new], None),
            ],
        )
        assert found == [events.TextDelta("New"), events.Completed("New")]

    def test_an_empty_chat_before_the_entries_that_are_not_new(self) -> None:
        machine = StreamMachine(since=[[None, "Hello!"]])
        value = [[None, "Hello!"], [None, "Hi"]]
        found = feed(machine, [generating([]), generating(value), completed(value)])
        assert found == [events.TextDelta("Hi"), events.Completed("Hi")]

    def test_it_was_another_output(self) -> None:
        """Then the whole of it is replaced, and the answer streams."""
        machine = StreamMachine(since=self.HISTORY[:2])
        new = {"role": "assistant", "content": "New"}
        found = feed(
            machine,
            [
                generating([["replace", [], [*self.HISTORY, new]]]),
                generating([["append", [3, "content"], "er"]]),
                completed([*self.HISTORY, new | {"content": "Newer"}]),
            ],
        )
        assert deltas(found) == ["New", "er"]

    def test_a_value_that_came_is_no_excuse(self) -> None:
        machine = StreamMachine()
        feed(machine, [generating([["replace", [], "New"]]), generating([["append", [], "er"]])])
        with pytest.raises(errors.ProtocolError, match="does not fit") as caught:
            machine.receive(generating([["append", [3], "!"]]))
        assert caught.value.partial_text == "Newer"

    def test_work_is_bounded(self) -> None:
        machine = StreamMachine(budget=Budget(Limits(edits=3)))
        with pytest.raises(errors.ProtocolError, match="edits"):
            machine.receive(generating([["append", [3], "!"]] * 4))


@given(texts, texts)
def test_common_prefix(old: str, new: str) -> None:
    length = common_prefix(old, new)
    assert old[:length] == new[:length]
    assert old[length : length + 1] != new[length : length + 1] or length == len(old) == len(new)
