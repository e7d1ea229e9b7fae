"""Requests that go on from a stored response: what they say, and what they weigh."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat.events import Completed, Reasoning, TextDelta, Wishes
from spacechat.openai.admission import Head
from spacechat.openai.api import Api
from spacechat.openai.bounds import Bounds
from spacechat.openai.intake import Intake, Weighed
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal
from spacechat.openai.weight import weight

FILE = {"type": "input_file", "filename": "a.txt", "file_data": "QUJD"}
OTHER = {"type": "input_file", "filename": "b.txt", "file_data": "QUJD"}


def body(said: Any, **fields: Any) -> bytes:
    return json.dumps({"model": "http://x", "input": said, **fields}).encode()


def asked(api: Api, data: bytes) -> Question:
    found = api.receive("POST", "/v1/responses", data)
    assert isinstance(found, Question)
    return found


def refused(api: Api, data: bytes) -> tuple[str, str | None, str | None]:
    with pytest.raises(Refusal) as caught:
        asked(api, data)
    error = caught.value.error
    return error.message, error.param, error.code


def kept(api: Api, said: Any = "Hi", answer: str = "Hello", **fields: Any) -> str:
    """Return the id of a response that is kept."""
    writer = asked(api, body(said, **fields)).writer()
    found: str = json.loads(writer.feed(Completed(answer), ""))["id"]
    return found


def texts(question: Question) -> list[tuple[str, str]]:
    return [(each["role"], each["content"]) for each in question.messages]


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def test_it_goes_on_from_there() -> None:
    """Instructions are those of one request only."""
    api = Api(None)
    first = kept(api, instructions="Be brief.")
    found = asked(api, body("Why?", previous_response_id=first, instructions="Be long."))
    assert texts(found) == [
        ("system", "Be long."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "Why?"),
    ]


@pytest.mark.parametrize(("store", "is_kept"), [(None, True), (True, True), (False, False)])
def test_what_is_kept(store: bool | None, is_kept: bool) -> None:
    api = Api(None)
    first = kept(api, store=store)
    if is_kept:
        assert asked(api, body("Why?", previous_response_id=first))
    else:
        assert refused(api, body("Why?", previous_response_id=first))[1:] == (
            "previous_response_id",
            "previous_response_not_found",
        )


def test_files_stay_until_there_are_others() -> None:
    api = Api(None)
    first = kept(api, [user(FILE)])
    plain = asked(api, body("Why?"))
    again = asked(api, body("Why?", previous_response_id=first))
    other = asked(api, body([user(OTHER)], previous_response_id=first))
    assert [
        ([each.name for each in found.options["files"] or ()], found.has_earlier_files)  # type: ignore[union-attr]
        for found in (plain, again, other)
    ] == [([], False), (["a.txt"], True), (["b.txt"], False)]


class TestReferences:
    def test_an_answer(self) -> None:
        api = Api(None)
        item = kept(api).replace("resp_", "msg_")
        for reference in ({"type": "item_reference", "id": item}, {"id": item}):
            assert texts(asked(api, body([reference, user()])))[0] == ("assistant", "Hello")

    @pytest.mark.parametrize("reference", [{"id": "msg_x"}, {}, {"type": "item_reference"}])
    def test_one_that_is_not_there(self, reference: dict[str, str]) -> None:
        assert refused(Api(None), body([reference])) == (
            "input[0] refers to an answer that is not here (any more): send its text.",
            "input[0].id",
            "invalid_value",
        )

    @pytest.mark.parametrize(
        "thoughts",
        [
            {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text"}]},
            {"type": "reasoning", "id": "other"},
            {"type": "item_reference", "id": "rs_x"},
            {"id": "rs_x"},
        ],
    )
    def test_thoughts_are_left_out(self, thoughts: dict[str, Any]) -> None:
        said = {"role": "user", "content": "Hi", "id": "rs_x"}
        assert texts(asked(Api(None), body([thoughts, said]))) == [("user", "Hi")]


class TestHowMuch:
    def test_what_was_said_before_counts(self) -> None:
        api = Api(None)
        first = kept(api, [{"role": "user", "content": ""}] * 9998 + [user()])
        assert asked(api, body([], previous_response_id=first))
        assert refused(api, body([user()], previous_response_id=first)) == (
            "There are too many messages and parts: 10,000 are the most.",
            "input",
            "array_above_max_length",
        )

    @pytest.mark.parametrize(("count", "param"), [(10_000, "input[0].id"), (10_001, "input")])
    def test_items_that_say_nothing(self, count: int, param: str) -> None:
        assert refused(Api(None), body([{}] * count))[1] == param

    @pytest.mark.parametrize("value", [{"a": 1}, {}])
    def test_values_that_nobody_wants(self, value: Any) -> None:
        """They are counted before any of them is made."""
        item = {"role": "user", "content": "Hi", "more": [value] * 10_000}
        assert refused(Api(None), body([item]))[2] == "array_above_max_length"


@pytest.mark.anyio
@pytest.mark.runs_on("asyncio")
class TestWeight:
    async def weighed(
        self, api: Api, data: bytes, path: str = "/v1/responses", bounds: Bounds | None = None
    ) -> Weighed:
        intake = Intake(api, bounds or Bounds())
        pending = intake.body()
        await pending.add(data)
        pending.complete()
        return await intake.weigh(Head("POST", path.encode(), []), pending)

    async def test_what_is_recalled(self) -> None:
        api = Api(None)
        first = kept(api, [user(FILE, {"type": "input_text", "text": "x" * 999})], "y" * 99)
        item = first.replace("resp_", "msg_")
        plain, followed = body("Hi"), body("Hi", previous_response_id=first)
        before = json.dumps([{"role": "user", "content": "x" * 999}], separators=(",", ":"))
        known = await self.weighed(api, followed)
        assert known.texts == (
            weight(followed, 0) + weight(before.encode(), 0) + weight(b"y" * 99, 0)
        )
        assert known.files == 3
        twice = body([{"id": item}, {"id": item}])
        assert (await self.weighed(api, twice)).texts == weight(twice, 0) + 2 * weight(b"y" * 99, 0)
        known = await self.weighed(api, plain)
        assert (known.texts, known.files) == (weight(plain, 0), 0)

    async def test_too_many_references_recall_nothing(self) -> None:
        api = Api(None)
        item = kept(api).replace("resp_", "msg_")
        data = body([{"id": item}] * 10_001)
        assert (await self.weighed(api, data)).texts == weight(data, 0)

    async def test_no_more_may_be_recalled_than_said(self) -> None:
        api, bounds = Api(None), Bounds(body=1000, files=0)
        first = kept(api, answer="y" * 1000)
        with pytest.raises(Refusal) as caught:
            await self.weighed(api, body("Hi", previous_response_id=first), bounds=bounds)
        assert caught.value.status == 413
        # But it can be fetched.
        known = await self.weighed(api, b"", f"/v1/responses/{first}", bounds)
        assert known.texts > 1000


class TestEvents:
    def events(self, question: Question, *given: Any) -> list[dict[str, Any]]:
        writer = question.writer()
        data = b"".join(writer.feed(each, getattr(each, "text", "")) for each in given)
        data += b"".join(writer.rest())
        lines = data.decode().split("\n")
        return [json.loads(each[6:]) for each in lines if each.startswith("data: ")]

    def test_they_are_numbered(self) -> None:
        found = self.events(
            asked(Api(None), body("Hi", stream=True)), TextDelta("Hel"), TextDelta("lo"),
            Completed("Hello"),
        )  # fmt: skip
        assert [each["sequence_number"] for each in found] == [*range(len(found))]
        assert len(found) > 5

    def test_their_places(self) -> None:
        """There is one answer and one thought, each with one part."""
        given = (Reasoning("Hm"), TextDelta("Hi"), Completed("Hi", "Hm"))
        found = self.events(asked(Api(None), body("Hi", stream=True)), *given)
        for name, places in (("summary_index", 4), ("content_index", 4)):
            assert [each[name] for each in found if name in each] == [0] * places
        outputs = [each["output_index"] for each in found if "output_index" in each]
        assert outputs == sorted(outputs)
        assert {*outputs} == {0, 1}

    def types(self, *given: Any, **fields: Any) -> list[str]:
        return [
            each["type"].removeprefix("response.")
            for each in self.events(asked(Api(None), body("Hi", stream=True, **fields)), *given)
        ]

    TEXT = ("output_item.added", "content_part.added")
    TEXT_ENDS = ("output_text.done", "content_part.done", "output_item.done")

    def test_their_order(self) -> None:
        given = (TextDelta("Hel"), TextDelta("lo"), Completed("Hello"))
        assert self.types(*given) == [
            *("created", "in_progress", *self.TEXT, "output_text.delta", "output_text.delta"),
            *(*self.TEXT_ENDS, "completed"),
        ]

    def test_an_answer_that_says_nothing(self) -> None:
        assert self.types(Completed("")) == [
            *("created", "in_progress", *self.TEXT, *self.TEXT_ENDS, "completed")
        ]

    def test_thoughts_alone(self) -> None:
        found = self.types(Reasoning("Hm."), Completed("", "Hm."))
        assert found[:3] == ["created", "in_progress", "output_item.added"]
        assert found.count("created") == found.count("completed") == 1
        assert found[-6:] == [*self.TEXT, *self.TEXT_ENDS, "completed"]

    def test_a_stop_ends_them(self) -> None:
        writer = asked(Api(None), body("Hi", stream=True, stop="END")).writer()
        writer.feed(TextDelta("Hel"), "Hel")
        assert not writer.done
        writer.feed(TextDelta("lo END more"), "lo END more")
        assert writer.done

    def test_a_whole_response(self) -> None:
        writer = asked(Api(None), body("Hi", metadata={"a": "b"})).writer()
        found = json.loads(writer.feed(Completed("Hello"), ""))
        assert (found["status"], found["metadata"]) == ("completed", {"a": "b"})
        assert 0 <= found["completed_at"] - found["created_at"] < 60
        assert found["usage"]["total_tokens"] == 0
        (item,) = found["output"]
        assert (item["content"][0]["text"], "files" in item) == ("Hello", False)

    @pytest.mark.parametrize("streamed", [True, False])
    def test_what_has_no_effect_is_named(self, streamed: bool) -> None:
        question = asked(Api(None), body("Hi", stream=streamed, truncation="auto"))
        wishes = Wishes(applied={"temperature": 1.0}, ignored=("seed",), clamped=("temperature",))
        if streamed:
            first, *_, last = self.events(question, wishes, TextDelta("Hi"), Completed("Hi"))
            found = [first["response"], last["response"]]
        else:
            writer = question.writer()
            writer.feed(wishes, "")
            found = [json.loads(writer.feed(Completed("Hi"), ""))]
        for each in found:
            assert (each["ignored"], each["clamped"]) == (
                ["seed", "truncation"],
                {"temperature": 1.0},
            )

    def test_nothing_is_named_where_all_has_an_effect(self) -> None:
        writer = asked(Api(None), body("Hi")).writer()
        found = json.loads(writer.feed(Completed("Hi"), ""))
        assert not {"ignored", "clamped"} & {*found}
