"""How a streamed response ends: after rewrites, at stops, and in pieces no larger than need be."""

from __future__ import annotations

import json
from typing import Any

import pytest

import openai
from spacechat.events import Completed, Reasoning, TextDelta
from spacechat.openai.stored_responses import StoredResponses
from tests.openai.conftest import Scripted, Way
from tests.openai.test_response_parts import MIB, answer, question, written
from tests.openai.test_responses import deltas, last
from tests.servers import appended, completed, failed, generating, gradio, pairs


def rewritten(text: str) -> bytes:
    return generating([], [["replace", [0, 1], text]], [])


TO_A_STOP = gradio(
    generating(*pairs("abc")),
    rewritten("aX"),
    generating(*appended(" more<end>tail")),
    completed(*pairs("aX more<end>tail")),
)


def test_a_rewrite_before_a_stop(way: Way, scripted: Scripted) -> None:
    """The text that is kept is what the Space said before the stop."""
    asked: Any = {"model": "qwen-2.5", "input": "Hi", "extra_body": {"stop": "<end>"}}
    with scripted(TO_A_STOP), way.client() as client:
        seen = list(client.responses.create(**asked, stream=True))
        whole = client.responses.create(**asked)
        again = client.responses.retrieve(last(seen).id)
    assert "".join(deltas(seen)) == "abcX more"
    assert last(seen).output_text == again.output_text == whole.output_text == "aX more"


def test_a_stop_that_only_deltas_have(way: Way, scripted: Scripted) -> None:
    """What is shown and what replaces it are no text of the Space together."""
    answered = gradio(
        generating(*pairs("abc")),
        rewritten("aX"),
        generating(*appended("Y")),
        completed(*pairs("aXY")),
    )
    with scripted(answered), way.client() as client:
        asked: Any = {"model": "qwen-2.5", "stream": True, "extra_body": {"stop": "cX"}}
        seen = list(client.responses.create(**asked, input="Hi"))
        chunks = client.chat.completions.create(
            **asked, messages=[{"role": "user", "content": "Hi"}]
        )
        shown = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(deltas(seen)) == "".join(shown) == "abXY"
    assert last(seen).output_text == "aXY"


def test_a_rewrite_of_what_was_held_back(way: Way, scripted: Scripted) -> None:
    """The beginning of a stop that turns out to be none is shown, once."""
    answered = gradio(
        generating(*pairs("abc<en")), rewritten("abc<enx"), completed(*pairs("abc<enx"))
    )
    with scripted(answered), way.client() as client:
        asked: Any = {"model": "qwen-2.5", "input": "Hi", "extra_body": {"stop": "<end>"}}
        seen = list(client.responses.create(**asked, stream=True))
    assert deltas(seen) == ["abc", "<enx"]
    assert last(seen).output_text == "abc<enx"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([generating(*pairs("abc")), rewritten("aX")], "aX"),
        ([generating(*pairs("abc<en"))], "abc<en"),
    ],
)
def test_a_failure_keeps_what_the_space_said(
    way: Way, scripted: Scripted, parts: list[bytes], text: str
) -> None:
    asked: Any = {"model": "qwen-2.5", "input": "Hi", "extra_body": {"stop": "<end>"}}
    with scripted(gradio(*parts, failed("No"))), way.client() as client:
        *_, end = client.responses.create(**asked, stream=True)
        with pytest.raises(openai.InternalServerError) as caught:
            client.responses.create(**asked)
    assert end.type == "response.failed"
    assert end.response.output_text == text
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["partial_text"] == text


@pytest.mark.parametrize("store", [True, False])
def test_the_last_events_are_made_one_by_one(store: bool) -> None:
    """Each has the whole answer, so that a slow reader would keep it several times."""
    kept = StoredResponses(MIB, 60)
    text = "x" * 100_000
    writer = question(kept, stream=True, store=store).writer()
    events = writer.feed(TextDelta(text), text) + writer.feed(Completed(text), "")
    assert writer.done
    assert written(events)[-1]["type"] == "response.output_text.delta"
    pieces = list(writer.rest())
    assert len(pieces) == 4
    assert all(len(piece) < len(text) + 2000 for piece in pieces)
    response = written(pieces[-1])[0]["response"]
    found = kept.get(response["id"].removeprefix("resp_"))
    if store:
        assert found is not None
        assert json.loads(found.body) == response
    else:
        assert found is None


def test_final_thoughts_take_the_place_of_those_that_came() -> None:
    """What was shown can't be taken back: the first item has all of them, the others none."""
    said = (Reasoning("one"), "x", Reasoning("two"), "y", Completed("xy", "other"))
    found = written(answer(question(stream=True), *said))
    assert [each["type"] for each in found].count("response.created") == 1
    output = found[-1]["response"]["output"]
    thoughts = [each["summary"] for each in output if each["type"] == "reasoning"]
    assert thoughts == [[{"type": "summary_text", "text": "other"}], []]
    (message,) = [each for each in output if each["type"] == "message"]
    assert message["content"][0]["text"] == "xy"
    assert "files" not in message


def test_thoughts_and_text_in_turns() -> None:
    """The items of a response are bounded; the thoughts after that are in the last of them."""
    said = [Reasoning("t") if number % 2 == 0 else "x" for number in range(6000)]
    found = written(answer(question(stream=True), *said, Completed("x" * 3000, "t" * 3000)))
    output = found[-1]["response"]["output"]
    assert len(output) == 1000
    thoughts = [each["summary"][0]["text"] for each in output if each["type"] == "reasoning"]
    assert thoughts == ["t"] * 998 + ["t" * 2002]
    done = [each["item"] for each in found if each["type"] == "response.output_item.done"]
    assert sorted(output, key=str) == sorted(done, key=str)
    (message,) = [each for each in output if each["type"] == "message"]
    assert message["content"][0]["text"] == "x" * 3000
