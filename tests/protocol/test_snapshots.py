"""Snapshots come as bytes and are decoded in part; nobody may see a difference.

Given as texts, the machine decodes them whole: what that gives is what has to come out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat import errors, events
from spacechat.protocol import StreamMachine, wire
from tests.recordings import Recording, recordings

EVENT = "e"


def snapshot(data: Any, event: str = EVENT, *, duration: float = 0.1, ascii: bool = False) -> bytes:
    output = {"data": data, "is_generating": True, "duration": duration}
    body = {"msg": "process_generating", "event_id": event, "output": output, "success": True}
    return json.dumps(body, ensure_ascii=ascii).encode()


def said(machine: StreamMachine, payloads: Sequence[bytes | str]) -> list[object]:
    """What a machine makes of each message, and its text after it."""
    found: list[object] = []
    try:
        for payload in payloads:
            result = machine.receive(payload), machine.text, machine.reasoning
            found.append(result)
    except errors.SpaceChatError as exc:
        found.append((type(exc), str(exc), exc.partial_text))
    return found


def check(payloads: Sequence[bytes], **settings: Any) -> list[object]:
    whole = said(StreamMachine(**settings), [payload.decode() for payload in payloads])
    assert said(StreamMachine(**settings), payloads) == whole
    return whole


def decoded(machine: StreamMachine, payloads: Sequence[bytes], patch: pytest.MonkeyPatch) -> int:
    """How many bytes are decoded."""
    count = 0
    decode = wire.decode

    def counted(data: str | bytes) -> wire.Message | None:
        nonlocal count
        count += len(data)
        return decode(data)

    with patch.context() as inside:
        inside.setattr(wire, "decode", counted)
        for payload in payloads:
            machine.receive(payload)
    return count


def shaped(shape: str, user: str, text: str) -> Any:
    return {
        "plain": text,
        "pairs": [["before", text[:3]], [user, text]],
        "pairs of dicts": [[user, {"text": text}]],
        "million": [[{"text": user, "files": []}, [{"text": text, "flushing": True}]]],
        "messages": [
            {"role": "user", "content": user},
            {"role": "assistant", "content": "I think", "metadata": {"title": "t"}},
            {"role": "assistant", "content": text},
        ],
        "thoughts": [{"role": "assistant", "content": text, "metadata": {"title": "t"}}],
        "update": {"__type__": "update", "value": [[user, text]]},
    }[shape]


SHAPES = ["plain", "pairs", "pairs of dicts", "million", "messages", "thoughts", "update"]
TEXTS = st.text('ab"\\\n\0é你🌍<', max_size=6)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Snapshots that mostly add to the one before, with all that may come between them."""
    ascii = draw(st.booleans())
    shape = draw(st.sampled_from(SHAPES))
    user = draw(TEXTS)
    text = ""
    found = []
    for _ in range(draw(st.integers(2, 12))):
        kind = draw(st.sampled_from(["add"] * 12 + ["rewrite", "other", "beat", "edit", "user"]))
        text = draw(TEXTS) if kind == "rewrite" else text + draw(TEXTS)
        user = draw(TEXTS) if kind == "user" else user
        if kind == "beat":
            found.append(b'{"msg":"heartbeat"}')
        elif kind == "edit":
            entry = [["append", [], text]] if shape == "plain" else []
            found.append(snapshot([[], entry], ascii=ascii))
        else:
            event = "another" if kind == "other" else EVENT
            beside = draw(st.sampled_from([0, 0, 0, 1]))
            duration = draw(st.sampled_from([0.1, 0.25]))
            data = [beside, shaped(shape, user, text)]
            found.append(snapshot(data, event, duration=duration, ascii=ascii))
    return found


def says(content: str, **more: Any) -> Any:
    return {"role": "assistant", "content": content, **more}


ALSO = {
    "a second message": ([[says("The sky is"), says("Blue.")], 0], "The sky is\n\nBlue.", ""),
    "a title": ([[says("The sky is", metadata={"title": "t"})], 0], "", "The sky is"),
    "another role": ([[{"content": "The sky is", "role": "user"}], 0], "", ""),
    "a rewritten beginning": ([[says("Our sun is")], 0], "Our sun is", ""),
    "a message before it": ([[says("Oh!"), says("The sky is")], 0], "Oh!\n\nThe sky is", ""),
    "another output": ([[says("The sky is")], 1], "The sky is", ""),
    "fewer outputs": ([[says("The sky is")]], "The sky is", ""),
    "no list of outputs": (None, "The sky", ""),
}
"""What a snapshot does besides adding to a text "The sky": its outputs, the text, the thoughts."""


@pytest.mark.parametrize("what", ALSO)
def test_what_a_snapshot_changes_besides_adding_to_the_text(what: str) -> None:
    outputs, text, thoughts = ALSO[what]
    machine = StreamMachine(event_id=EVENT)
    for known in ("The", "The s", "The sky"):
        machine.receive(snapshot([[says(known)], 0]))
    machine.receive(snapshot(outputs))
    assert (machine.text, machine.reasoning) == (text, thoughts)


def test_a_text_beside_that_turns_into_the_chat() -> None:
    machine = StreamMachine()
    for known in ("The", "The s", "The sky"):
        machine.receive(snapshot([known, ""]))
    assert machine.text == "The sky"
    machine.receive(snapshot(["The sky is", [["Why?", "Blue."]]]))
    assert machine.text == "Blue."


def test_a_text_that_comes_again_after_another_one() -> None:
    """By then it is no longer what the newest text begins with."""
    machine = StreamMachine(output=0)
    for known in ("The", "The s", "The sky", "No ▌"):
        machine.receive(snapshot([known]))
    assert machine.receive(snapshot(["The sky is"])) == [events.TextReset("The sky is")]


@pytest.mark.parametrize("id_first", [True, False])
def test_what_another_event_adds_is_not_ours(id_first: bool) -> None:
    def message(text: str, event: str = EVENT) -> bytes:
        said = json.loads(snapshot([text], event))
        return json.dumps(said if id_first else dict(reversed(said.items()))).encode()

    machine = StreamMachine(event_id=EVENT)
    for known in ("The", "The s", "The sky"):
        machine.receive(message(known))
    assert machine.receive(message("The sky is", "another")) == []
    assert machine.receive(message("The sky is blue")) == [events.TextDelta(" is blue")]


def test_a_failure_with_more_text() -> None:
    machine = StreamMachine()
    for known in ("The", "The s", "The sky"):
        machine.receive(snapshot([known]))
    failed = snapshot(["The sky is"]).replace(b'"success": true', b'"success": false')
    with pytest.raises(errors.GenerationError) as caught:
        machine.receive(failed)
    assert caught.value.partial_text == "The sky"


def test_characters_that_the_server_escapes() -> None:
    """Their bytes are more than those of the text as it would be encoded here."""
    machine = StreamMachine()
    caused = [
        machine.receive(snapshot([text], ascii=True)) for text in ("aaaaé", "aaaaéb", "aaaaébc")
    ]
    assert caused == [[events.TextDelta(piece)] for piece in ("aaaaé", "b", "c")]


@given(streams(), st.sampled_from([1, None]))
def test_no_difference(payloads: list[bytes], output: int | None) -> None:
    check(payloads, output=output, event_id=EVENT)


@pytest.mark.parametrize("recording", recordings(), ids=str)
def test_recordings(recording: Recording) -> None:
    check([payload.encode() for payload in recording.messages])


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_known_is_not_decoded(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ['"你好" \\ ' * count for count in range(1, 200)]
    payloads = [snapshot([0, shaped(shape, "Q", text)], duration=len(text)) for text in texts]
    machine = StreamMachine(output=1)
    found = decoded(machine, payloads, monkeypatch)
    assert (machine.reasoning if shape == "thoughts" else machine.text) == texts[-1]
    assert found < 400 * len(payloads)


def test_half_a_character() -> None:
    """It counts as a replacement character until the other half comes."""
    parts = [b"ab", b"abc", b"abc\xe4", b"abc\xe4\xbd\xa0", b"abc\xe4\xbd\xa0d"]
    whole = snapshot(["?"]).split(b"?")
    machine = StreamMachine()
    found = []
    for part in parts:
        machine.receive(part.join(whole))
        found.append(machine.text)
    assert found == ["ab", "abc", "abc\ufffd", "abc你", "abc你d"]


def test_bytes_that_are_no_text_in_a_message_of_any_kind() -> None:
    machine = StreamMachine()
    assert machine.receive(b'{"msg": "of tomorrow", "x": "\xff"}') == []
    assert machine.receive(b'{"msg": "log", "log": "\xff"}') == [events.Log("info", "\ufffd", None)]
    with pytest.raises(errors.ProtocolError, match="not Gradio's"):
        machine.receive(b'{"msg": "log", "log": "\xff"')


def test_what_is_no_message_is_told_whole() -> None:
    good = [snapshot(["a" * 50 + "b" * count]) for count in range(3)]
    machine = StreamMachine()
    for payload in good:
        machine.receive(payload)
    with pytest.raises(errors.ProtocolError, match="aaaaaaa"):
        machine.receive(good[-1][:-20])
    assert machine.text == "a" * 50 + "bb"


def test_the_same_text_elsewhere() -> None:
    """Where the question grows in step with the answer, the answer's place decides."""
    values = [[["x" * n, "x" * m]] for n, m in [(3, 3), (6, 3), (6, 6), (9, 6), (9, 12)]]
    found = check([snapshot([value]) for value in values])
    assert found[-1] == ([events.TextDelta("x" * 6)], "x" * 12, "")


def test_edits_after_snapshots() -> None:
    machine = StreamMachine()
    for count in range(1, 6):
        machine.receive(snapshot([[["Q", "a" * count]]]))
    edit = snapshot([[["append", [0, 1], "b"], ["append", [0, 0], "c"]]])
    assert machine.receive(edit) == [events.TextDelta("b")]
    assert machine.text == "aaaaab"
