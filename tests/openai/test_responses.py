"""The Responses API by the `openai` package, over both ways."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from openai.types.responses import Response, ResponseOutputMessage, ResponseStreamEvent

import openai
import spacechat
from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import Bounds, Server
from tests.openai.conftest import PIECES, Gate, Scripted, Way
from tests.openai.test_package import FAILURES, is_read
from tests.processes import wait_until
from tests.servers import (
    Then,
    appended,
    completed,
    failed,
    generating,
    gradio,
    pairs,
    until,
)

# The package and its HTTP library leave generators behind; trio complains where asyncio doesn't.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator object:pytest.PytestUnraisableExceptionWarning"
)

TEXT = "".join(PIECES)
BEGINNING = ["response.created", "response.in_progress"]
OPENED = ["response.output_item.added", "response.content_part.added"]
DELTA, DONE = "response.output_text.delta", "response.output_text.done"
CLOSED = ["response.content_part.done", "response.output_item.done"]
END = ["response.completed"]


def echo(request: ChatRequest) -> list[str]:
    """What a Space is asked: the system message, the earlier messages, the question."""
    said = "/".join(f"{each['role']}:{each['content']}" for each in request.history)
    return [f"[{request.system or ''}|{said}|{request.prompt}]"]


def create(client: openai.OpenAI, space: LocalSpace, **asked: Any) -> Response:
    found = client.responses.create(**{"model": space.url, "input": "Hi", **asked})
    assert isinstance(found, Response)
    return found


def events_of(client: openai.OpenAI, space: LocalSpace, **asked: Any) -> list[ResponseStreamEvent]:
    with client.responses.create(
        **{"model": space.url, "input": "Hi", "stream": True, **asked}
    ) as stream:
        return list(stream)


def deltas(events: list[ResponseStreamEvent]) -> list[str]:
    return [each.delta for each in events if each.type == "response.output_text.delta"]


def last(events: list[ResponseStreamEvent]) -> Response:
    event = events[-1]
    assert event.type == "response.completed"
    return event.response


def message_of(found: Response) -> ResponseOutputMessage:
    (message,) = [each for each in found.output if each.type == "message"]
    return message


def test_whole(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        found = create(client, space, instructions="Be brief.", metadata={"mine": "yes"})
        again = client.responses.retrieve(found.id)
    assert found.output_text == TEXT
    assert (found.status, found.model, found.object) == ("completed", space.url, "response")
    assert (found.instructions, found.metadata) == ("Be brief.", {"mine": "yes"})
    assert message_of(found).status == "completed"
    assert found.usage is not None
    assert found.usage.total_tokens == 0
    assert again == found


def test_streamed(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        found = events_of(client, space)
        again = client.responses.retrieve(last(found).id)
    growing = [DELTA] * len(PIECES)
    assert [each.type for each in found] == [*BEGINNING, *OPENED, *growing, DONE, *CLOSED, *END]
    assert [each.sequence_number for each in found] == list(range(len(found)))
    assert deltas(found) == PIECES
    assert last(found).output_text == TEXT
    assert again == last(found)
    created = found[0]
    assert created.type == "response.created"
    assert (created.response.id, created.response.status) == (again.id, "in_progress")
    assert created.response.output == []


def test_the_package_s_helper_for_streams(way: Way) -> None:
    with (
        LocalSpace("plain", PIECES) as space,
        way.client() as client,
        client.responses.stream(model=space.url, input="Hi") as stream,
    ):
        shown = [each.snapshot for each in stream if each.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert shown[-1] == final.output_text == TEXT


@pytest.mark.anyio
async def test_async(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space:
        async with way.async_client() as client:
            found = await client.responses.create(model=space.url, input="Hi")
            assert found.output_text == TEXT
            stream = await client.responses.create(
                model=space.url, input="And?", previous_response_id=found.id, stream=True
            )
            seen = [event async for event in stream]
            assert deltas(seen) == PIECES
            async with client.responses.stream(model=space.url, input="Hi") as helped:
                final = await helped.get_final_response()
            assert final.output_text == TEXT
            assert await client.responses.retrieve(final.id)
            items = [each async for each in client.responses.input_items.list(last(seen).id)]
            assert [each.type for each in items] == ["message"] * 3
            await client.responses.delete(final.id)
            with pytest.raises(openai.NotFoundError):
                await client.responses.retrieve(final.id)
    assert space.cancelled == 0


def test_pieces_come_as_they_are_made(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    gate, space = gated
    with way.client() as client:
        stream = client.responses.create(model=space.url, input="Hi", stream=True)
        texts = (each.delta for each in stream if each.type == "response.output_text.delta")
        assert next(texts) == "one "
        gate.opened.set()
        assert list(texts) == ["two"]


def test_leaving_early(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    with way.client() as client:
        stream = client.responses.create(model=space.url, input="Hi", stream=True)
        created = next(stream)
        assert created.type == "response.created"
        assert space.active == 1
        stream.close()
        wait_until(lambda: space.cancelled == 1)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(created.response.id)


@pytest.mark.anyio
async def test_leaving_early_async(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    async with way.async_client() as client:
        stream = await client.responses.create(model=space.url, input="Hi", stream=True)
        await stream.__anext__()
        await stream.close()
        await until(lambda: space.cancelled == 1)


async def given_up(way: Way, space: LocalSpace) -> None:
    async with way.async_client() as client:
        asking = asyncio.ensure_future(client.responses.create(model=space.url, input="Hi"))
        await until(lambda: is_read(space))
        asking.cancel()
        await asyncio.wait([asking])
        await until(lambda: space.cancelled == 1)


def test_giving_up_a_response_that_is_not_streamed(
    way: Way, gated: tuple[Gate, LocalSpace]
) -> None:
    asyncio.run(given_up(way, gated[1]))


def test_what_the_space_is_asked(way: Way) -> None:
    given: Any = [
        {"role": "developer", "content": "Be "},
        {"role": "system", "content": [{"type": "input_text", "text": "brief."}]},
        {"type": "message", "role": "user", "content": "One"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Tw"}, {"type": "input_text", "text": "o"}],
        },
    ]
    with LocalSpace("qwen-2.5", echo) as space, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spacechat.providers.Qwen_Qwen_2_5, "url", space.url)
        with way.client() as client:
            found = client.responses.create(
                model="qwen-2.5",
                input=given,
                instructions="Please:",
                tools=[],
                tool_choice="auto",
                text={"format": {"type": "text"}},
                truncation="disabled",
                background=False,
                parallel_tool_calls=True,
                user="me",
                extra_body={"something": "else"},
            )
    told = "User: One\nAssistant: Yes.\nAssistant: No.\nUser: Tw\no\nAssistant:"
    assert found.output_text == f"[Please:\nBe \nbrief.||{told}]"


def test_follow_ups(way: Way) -> None:
    """They have what was said before, but for the instructions."""
    with LocalSpace("messages", echo) as space, way.client() as client:
        one = create(client, space, input="1", instructions="Brief.")
        two = create(client, space, input="2", previous_response_id=one.id)
        other = events_of(client, space, input="2b", previous_response_id=one.id)
        three = create(client, space, input="3", previous_response_id=two.id, instructions="Long.")
    assert two.previous_response_id == one.id
    said = f"user:1/assistant:{one.output_text}"
    assert "Brief." in one.output_text
    assert two.output_text == f"[|{said}|2]"
    assert last(other).output_text == f"[|{said}|2b]"
    assert three.output_text.count("Long.") == 1
    assert two.output_text in three.output_text


def test_answers_that_are_sent_back(way: Way) -> None:
    """As items of the output, or by their ids."""
    with LocalSpace("messages", echo) as space, way.client() as client:
        one = create(client, space, input="1")
        question = {"role": "user", "content": "1"}
        told = f"[|user:1/assistant:{one.output_text}|2]"
        for answer in (
            [each.to_dict() for each in one.output],
            [{"type": "item_reference", "id": one.output[0].id}],
            [{"type": "reasoning", "id": "rs_1", "summary": []}, {"id": one.output[0].id}],
            [{"id": "rs_1"}, {"type": "item_reference", "id": one.output[0].id}],
        ):
            given: Any = [question, *answer, {"role": "user", "content": "2"}]
            assert create(client, space, input=given).output_text == told


def test_what_is_not_stored(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        for found in (
            create(client, space, store=False),
            last(events_of(client, space, store=False)),
        ):
            with pytest.raises(openai.NotFoundError) as caught:
                client.responses.retrieve(found.id)
            assert caught.value.code == "response_not_found"
            assert found.id in str(caught.value)
            with pytest.raises(openai.BadRequestError, match="Send the messages so far") as asked:
                create(client, space, previous_response_id=found.id)
            assert asked.value.param == "previous_response_id"
            assert asked.value.code == "previous_response_not_found"
            with pytest.raises(openai.BadRequestError) as referred:
                create(client, space, input=[{"type": "item_reference", "id": found.output[0].id}])
            assert referred.value.param == "input[0].id"


def test_deleted(way: Way) -> None:
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        found = create(client, space)
        client.responses.delete(found.id)
        for _ in range(2):
            with pytest.raises(openai.NotFoundError):
                client.responses.delete(found.id)
        with pytest.raises(openai.BadRequestError):
            create(client, space, previous_response_id=found.id)


def test_items_of_input(way: Way) -> None:
    with LocalSpace("messages", PIECES) as space, way.client() as client:
        one = create(client, space, input="1", instructions="Brief.")
        two = create(
            client, space, input=[{"role": "user", "content": "2"}], previous_response_id=one.id
        )
        items = client.responses.input_items
        for limit in (1, 2, 100):
            found = list(items.list(two.id, order="asc", limit=limit))
            assert [each.to_dict()["content"][0]["text"] for each in found] == ["1", TEXT, "2"]  # type: ignore[index]
            newest = list(items.list(two.id, limit=limit))
            assert [each.id for each in newest] == [each.id for each in reversed(found)]
        wrong: list[tuple[str, Any]] = [
            ("limit", 0),
            ("limit", 101),
            ("order", "x"),
            ("after", "x"),
        ]
        for name, value in wrong:
            with pytest.raises(openai.BadRequestError) as caught:
                items.list(two.id, **{name: value})
            assert caught.value.param == name
        with pytest.raises(openai.NotFoundError):
            items.list("resp_1")
        with pytest.raises(openai.BadRequestError, match="more than 20 parameters: leave some"):
            items.list(two.id, extra_query={f"x{number}": "1" for number in range(21)})
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.retrieve(two.id, stream=True)
        assert caught.value.param == "stream"


def test_rewritten(way: Way, scripted: Scripted) -> None:
    """Deltas take nothing back; what closes the answer is the final text."""
    rewritten = gradio(
        generating(*pairs("abc")),
        generating([], [["replace", [0, 1], "abX"]], []),
        completed(*pairs("abX")),
    )
    with scripted(rewritten), way.client() as client:
        found = client.responses.create(model="qwen-2.5", input="Hi")
        assert found.output_text == "abX"
        seen = list(client.responses.create(model="qwen-2.5", input="Hi", stream=True))
    assert deltas(seen) == ["abc", "X"]
    assert [each.text for each in seen if each.type == "response.output_text.done"] == ["abX"]
    assert last(seen).output_text == "abX"


def test_thoughts(way: Way, scripted: Scripted) -> None:
    thought = [{"role": "assistant", "content": "Hm", "metadata": {"title": "Thinking"}}]
    told = [*thought, {"role": "assistant", "content": "Hi"}]
    thoughtful = gradio(generating("", thought, ""), completed("", told, ""))
    with scripted(thoughtful), way.client() as client:
        whole = client.responses.create(model="qwen-2.5", input="Hi")
        seen = list(client.responses.create(model="qwen-2.5", input="Hi", stream=True))
    for found in (whole, last(seen)):
        reasoning, message = found.output
        assert reasoning.type == "reasoning"
        assert [each.text for each in reasoning.summary] == ["Thinking\nHm"]
        assert (message.type, found.output_text) == ("message", "Hi")
    thinking = [
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
    ]
    assert [each.type for each in seen] == [
        *BEGINNING,
        *thinking,
        *[*OPENED, DELTA, DONE, *CLOSED],
        *END,
    ]


def test_a_stop_ends_the_answer(way: Way) -> None:
    with LocalSpace("plain", ["a", "b<", "/e", "nd>c"]) as space, way.client() as client:
        ending = {"extra_body": {"stop": "</end>"}}
        assert create(client, space, **ending).output_text == "ab"
        seen = events_of(client, space, **ending)
        assert (deltas(seen), last(seen).output_text) == (["a", "b"], "ab")
        again = create(client, space, input="?", previous_response_id=last(seen).id)
        assert again.output_text == "ab</end>c"


def test_a_stop_stops_the_space(way: Way, gated: tuple[Gate, LocalSpace]) -> None:
    _, space = gated
    with way.client() as client:
        assert last(events_of(client, space, extra_body={"stop": " "})).output_text == "one"
        wait_until(lambda: space.cancelled == 1)


def test_settings(way: Way) -> None:
    """What has no effect is said."""
    with LocalSpace("plain", PIECES) as space, way.client() as client:
        asked: dict[str, Any] = {
            "temperature": 0.5,
            "max_output_tokens": 5,
            "reasoning": {"effort": "low"},
            "text": {"verbosity": "low"},
        }
        for found in (create(client, space, **asked), last(events_of(client, space, **asked))):
            assert found.model_extra is not None
            assert set(found.model_extra["ignored"]) == {
                "temperature",
                "max_output_tokens",
                "reasoning",
                "text.verbosity",
            }


def part(**fields: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [fields]}]


REFUSED: list[tuple[dict[str, Any], str | None, str]] = [
    ({"model": "nonsense"}, "model_not_found", "model"),
    ({"input": []}, "invalid_value", "input"),
    ({"input": " "}, "invalid_value", "input"),
    ({"input": 1}, "invalid_type", "input"),
    ({"input": [1]}, "invalid_type", "input[0]"),
    ({"input": [{"role": "user", "content": 1}]}, "invalid_type", "input[0].content"),
    ({"input": [{"role": "tool", "content": "x"}]}, "invalid_value", "input[0].role"),
    (
        {"input": [{"type": "message", "content": "x"}]},
        "missing_required_parameter",
        "input[0].role",
    ),
    (
        {"input": [{"type": "function_call", "name": "f", "arguments": "", "call_id": "c"}]},
        "invalid_value",
        "input[0].type",
    ),
    (
        {"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]},
        "invalid_value",
        "input[0].type",
    ),
    ({"input": [{"id": "msg_1"}]}, "invalid_value", "input[0].id"),
    ({"input": [{}]}, "invalid_value", "input[0].id"),
    ({"input": part(type="input_audio")}, "invalid_value", "input[0].content[0]"),
    ({"input": part(type="input_image")}, "invalid_value", "input[0].content[0]"),
    (
        {"input": part(type="input_image", image_url="http://x/a.png")},
        "invalid_value",
        "input[0].content[0].image_url",
    ),
    (
        {"input": part(type="input_image", file_id="file_1")},
        "unsupported_parameter",
        "input[0].content[0].file_id",
    ),
    (
        {"input": part(type="input_file", file_url="http://x/a.png")},
        "invalid_value",
        "input[0].content[0].file_url",
    ),
    (
        {"input": part(type="input_file", filename="a", file_data="%")},
        "invalid_value",
        "input[0].content[0].file_data",
    ),
    (
        {"tools": [{"type": "function"}], "tool_choice": "required"},
        "unsupported_parameter",
        "tools",
    ),
    ({"tool_choice": "required"}, "unsupported_parameter", "tool_choice"),
    ({"background": True}, "unsupported_parameter", "background"),
    ({"conversation": "conv_1"}, "unsupported_parameter", "conversation"),
    ({"prompt": {"id": "pmpt_1"}}, "unsupported_parameter", "prompt"),
    ({"top_logprobs": 2}, "unsupported_parameter", "top_logprobs"),
    ({"text": {"format": {"type": "json_object"}}}, "unsupported_parameter", "text.format"),
    ({"previous_response_id": "resp_1"}, "previous_response_not_found", "previous_response_id"),
    ({"metadata": {"x": 1}}, "invalid_type", "metadata[...]"),
    ({"metadata": {"x": "x" * 513}}, "invalid_value", "metadata"),
    ({"metadata": {"x" * 65: "x"}}, "invalid_value", "metadata"),
    ({"metadata": {f"{number}": "" for number in range(17)}}, "invalid_value", "metadata"),
    ({"metadata": {"x": "x" * 100_000}}, "invalid_value", "metadata"),
    ({"instructions": ["x"]}, "invalid_type", "instructions"),
    ({"stream": "yes"}, "invalid_type", "stream"),
    ({"store": "yes"}, "invalid_type", "store"),
    ({"temperature": "hot"}, "invalid_type", "temperature"),
    ({"extra_body": {"stop": [""]}}, "invalid_value", "stop"),
    ({"extra_body": {"inputs": {"No such": 1}}}, "invalid_value", "inputs"),
]


def test_refused(way: Way) -> None:
    with LocalSpace("plain") as space, way.client() as client:
        for asked, code, param in REFUSED:
            with pytest.raises(openai.APIStatusError) as caught:
                create(client, space, **asked)
            assert (caught.value.code, caught.value.param) == (code, param), asked
            assert caught.value.status_code == (404 if code == "model_not_found" else 400)
            assert caught.value.type == "invalid_request_error"
    assert space.active == 0


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", [each for each in FAILURES if each != "cut short"])
def test_failures(way: Way, scripted: Scripted, name: str, streamed: bool) -> None:
    """What fails before anything of the answer is there is an error of the package's."""
    answer, kind, status, code = FAILURES[name]
    with scripted(answer), way.client() as client:
        with pytest.raises(kind) as caught:
            client.responses.create(model="qwen-2.5", input="Hi", stream=streamed)
        assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_failure_in_the_middle(way: Way, scripted: Scripted) -> None:
    answer = gradio(generating(*pairs("So")), generating(*appended(" far")), failed("Not today"))
    with scripted(answer), way.client() as client:
        with pytest.raises(openai.InternalServerError) as caught:
            client.responses.create(model="qwen-2.5", input="Hi")
        assert isinstance(caught.value.body, dict)
        assert caught.value.body["partial_text"] == "So far"
        *_, end = client.responses.create(model="qwen-2.5", input="Hi", stream=True)
        assert end.type == "response.failed"
        found = end.response
        assert (found.status, found.output_text) == ("failed", "So far")
        assert message_of(found).status == "incomplete"
        assert found.error is not None
        assert found.error.code == "server_error"
        assert "Not today" in found.error.message
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(found.id)


@pytest.mark.parametrize("streamed", [False, True])
def test_time_outs(way: Way, scripted: Scripted, streamed: bool) -> None:
    with scripted(gradio(Then.HANG)) as space, way.client(timeout=0.2) as client:
        while not is_read(space):  # or it was too late before the Space was asked
            with pytest.raises(openai.APITimeoutError):
                client.responses.create(model="qwen-2.5", input="Hi", stream=streamed)
        wait_until(lambda: space.open == 0)


def test_the_oldest_go_first() -> None:
    with (
        LocalSpace("plain", PIECES) as space,
        Server(bounds=Bounds(stored=5000)) as server,
        Way(server.url).client() as client,
    ):
        ids = [create(client, space).id for _ in range(9)]
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(ids[0])
        assert client.responses.retrieve(ids[-1]).output_text == TEXT


def test_nothing_is_stored() -> None:
    for bounds in (Bounds(stored=0), Bounds(stored_seconds=0)):
        with (
            LocalSpace("plain", PIECES) as space,
            Server(bounds=bounds) as server,
            Way(server.url).client() as client,
        ):
            found = create(client, space)
            with pytest.raises(openai.NotFoundError, match="since none are kept"):
                client.responses.retrieve(found.id)
            with pytest.raises(openai.BadRequestError, match="since none are kept"):
                create(client, space, previous_response_id=found.id)


def test_each_has_a_store_of_its_own() -> None:
    with (
        LocalSpace("plain", PIECES) as space,
        Way(None).client() as one,
        Way(None).client() as other,
    ):
        found = create(one, space)
        with pytest.raises(openai.NotFoundError):
            other.responses.retrieve(found.id)


def test_more_than_may_be_said() -> None:
    """What was said before counts like the body."""
    with (
        LocalSpace("plain", ["x" * 400]) as space,
        Server(bounds=Bounds(body=1000)) as server,
        Way(server.url).client() as client,
    ):
        one = create(client, space)
        two = create(client, space, previous_response_id=one.id)
        with pytest.raises(openai.APIStatusError) as caught:
            create(client, space, previous_response_id=two.id)
        assert caught.value.status_code == 413
        reference = {"type": "item_reference", "id": one.output[0].id}
        question = {"role": "user", "content": "?"}
        assert create(client, space, input=[reference, question])
        with pytest.raises(openai.APIStatusError) as caught:
            create(client, space, input=[reference, reference, question])
        assert caught.value.status_code == 413
