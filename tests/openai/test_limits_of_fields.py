"""What the fields of a request may hold, up to the last character."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from spacechat.events import TextDelta
from spacechat.openai.completion_request import parse as parse_completion
from spacechat.openai.fields import is_streamed
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal
from spacechat.openai.response_request import parse as parse_response
from spacechat.openai.response_request import recall
from spacechat.openai.stored_responses import StoredResponses
from tests.samples import HI

Parse = Callable[[dict[str, Any]], Question]


class Raw(str):
    """A value that stands in the body as it is."""

    __slots__ = ()


def body(fields: dict[str, Any]) -> bytes:
    said = (
        f"{json.dumps(name)}:{value if isinstance(value, Raw) else json.dumps(value)}"
        for name, value in fields.items()
    )
    return f"{{{','.join(said)}}}".encode()


def completion(fields: dict[str, Any]) -> Question:
    return parse_completion(body({"model": "m", "messages": HI, **fields}))


def response(fields: dict[str, Any]) -> Question:
    data, stored = body({"model": "m", "input": "Hi", **fields}), StoredResponses(1 << 20, 60)
    return parse_response(data, recall(data, stored), stored)


@pytest.fixture(params=[completion, response], ids=["completion", "response"])
def parse(request: pytest.FixtureRequest) -> Parse:
    found: Parse = request.param
    return found


def error(parse: Parse, **fields: Any) -> tuple[str, str | None, str | None]:
    with pytest.raises(Refusal) as caught:
        parse(fields)
    found = caught.value
    assert (found.status, found.error.type) == (400, "invalid_request_error")
    return found.error.message, found.error.param, found.error.code


@pytest.mark.parametrize(
    ("said", "streamed"),
    [
        (b'{"stream": true}', True),
        (b'{"stream": false}', False),
        (b'{"stream": null}', False),
        (b"{}", False),
        *((data, False) for data in (b"", b'{"stream": 1}', b"\xff", b"[" * 100_000)),
    ],
)
def test_whether_a_body_asks_for_a_stream(said: bytes, streamed: bool) -> None:
    assert is_streamed(said) is streamed


@pytest.mark.parametrize("streamed", [True, False, None])
def test_a_question_is_streamed(parse: Parse, streamed: bool | None) -> None:
    assert parse({"stream": streamed}).streamed is bool(streamed)


def test_a_body_of_another_type_names_no_parameter() -> None:
    with pytest.raises(Refusal) as caught:
        parse_completion(b"[]")
    assert (caught.value.error.param, caught.value.error.code) == (None, "invalid_type")


class TestInputs:
    def test_the_most(self, parse: Parse) -> None:
        """Two brackets, and a comma between each two: 10,000."""
        inputs = {"a": [0] * 9999}
        assert parse({"inputs": inputs}).options["inputs"] == inputs

    def test_too_many(self, parse: Parse) -> None:
        assert error(parse, inputs={"a": [0] * 10_000}) == (
            "'inputs' hold too many values: 10,000 are the most, and commas and brackets in texts "
            "count, too.",
            "inputs",
            "array_above_max_length",
        )

    def test_each_kind_of_value_counts(self, parse: Parse) -> None:
        assert error(parse, inputs={"a": [[]] * 5001})[1] == "inputs"
        assert error(parse, inputs={"a": [{}] * 5001})[1] == "inputs"

    @pytest.mark.parametrize("inputs", [None, {}])
    def test_none(self, parse: Parse, inputs: object) -> None:
        assert not parse({"inputs": inputs}).options["inputs"]

    def test_what_is_no_mapping(self, parse: Parse) -> None:
        message, param, code = error(parse, inputs=[1])
        assert message.startswith("The request is malformed: Expected `object | null`, got `array`")
        assert (param, code) == ("inputs", "invalid_type")


class TestStops:
    @pytest.mark.parametrize(
        "stop",
        [
            *(None, [], "a", ["a", "b", "c", "d"], "x" * 256, ["x" * 256] * 4),
            Raw('["a"' + " " * 9995 + "]"),
        ],
        ids=lambda stop: str(stop)[:20],
    )
    def test_stops(self, parse: Parse, stop: object) -> None:
        assert parse({"stop": stop})

    @pytest.mark.parametrize(
        "stop",
        [["a"] * 5, "", [""], ["a", ""], "x" * 257, Raw('["a"' + " " * 9996 + "]")],
        ids=lambda stop: str(stop)[:20],
    )
    def test_what_is_refused(self, parse: Parse, stop: object) -> None:
        assert error(parse, stop=stop) == (
            "'stop' takes up to 4 texts of 1 to 256 characters.",
            "stop",
            "invalid_value",
        )

    def test_one_ends_a_stream(self) -> None:
        writer = completion({"stream": True, "stop": ["END"]}).writer()
        data = writer.feed(TextDelta("Hello END more"), "Hello END more")
        assert writer.done
        assert b'"content":"Hello "' in data
        assert data.endswith(b"data: [DONE]\n\n")


class TestWishes:
    def test_numbers(self, parse: Parse) -> None:
        """Null is no wish; zero is one."""
        given = {"temperature": 0, "top_p": None, "seed": Raw("1" + "0" * 99)}
        assert parse(given).options["wishes"] == {"temperature": 0, "seed": 10**99}

    def test_a_number_that_is_too_long(self, parse: Parse) -> None:
        assert error(parse, seed=Raw("1" + "0" * 100)) == (
            "'seed' takes a number.",
            "seed",
            "invalid_type",
        )

    def test_what_is_no_number(self, parse: Parse) -> None:
        assert error(parse, temperature="hot")[1:] == ("temperature", "invalid_type")

    @pytest.mark.parametrize("nothing", [None, [], {}])
    def test_what_has_no_effect_is_named(self, nothing: object) -> None:
        asked = completion({"verbosity": "low", "logit_bias": nothing, "prediction": {"a": 1}})
        assert asked.writer().ignored == ["prediction", "verbosity"]
        followed = response({"reasoning": {"effort": "low"}, "include": nothing})
        assert followed.writer().ignored == ["reasoning"]


class TestWhatNoSpaceCanDo:
    def test_it_is_refused(self) -> None:
        assert error(completion, n=2) == (
            "'n' can't be honoured: a Space only chats. Leave it out, or say null or 1.",
            "n",
            "unsupported_parameter",
        )
        assert error(response, text={"format": {"type": "json_object"}}) == (
            "'text.format' can't be honoured: a Space only chats. Leave it out, or say null or "
            '{"type":"text"}.',
            "text.format",
            "unsupported_parameter",
        )

    @pytest.mark.parametrize("value", [True, 1, -1])
    @pytest.mark.parametrize("name", ["logprobs", "top_logprobs", "background"])
    def test_all_but_what_asks_for_nothing_is_refused(self, name: str, value: int) -> None:
        ask = response if name == "background" else completion
        assert error(ask, **{name: value})[1:] == (name, "unsupported_parameter")

    def test_what_asks_for_nothing_is_taken(self, parse: Parse) -> None:
        assert parse({"top_logprobs": 0})
        assert completion({"n": 1, "logprobs": False, "modalities": ["text"]})
        assert response({"background": False})
        assert parse({"tools": Raw("[" + " " * 9998 + "]"), "tool_choice": "auto"})
        assert error(parse, tools=Raw("[" + " " * 9999 + "]"))[1] == "tools"
        assert response({"text": {"format": {"type": "text"}}})
        assert response({"text": None})


class TestStreamOptions:
    @pytest.mark.parametrize("options", [{}, {"include_usage": False}, {"include_usage": None}])
    def test_counts_that_are_not_asked_for(self, options: dict[str, Any]) -> None:
        writer = completion({"stream": True, "stream_options": options}).writer()
        assert b"usage" not in writer.feed(TextDelta("Hi"), "Hi")

    def test_without_a_stream(self) -> None:
        assert error(completion, stream_options={}) == (
            "'stream_options' goes with 'stream': true only.",
            "stream_options",
            None,
        )


class TestMetadata:
    @pytest.mark.parametrize(
        "notes",
        [
            *(None, {}, {"n" * 64: "x" * 512}, {str(number): "" for number in range(16)}),
            Raw("{" + " " * ((64 << 10) - 2) + "}"),
        ],
        ids=lambda notes: str(notes)[:20],
    )
    def test_notes(self, notes: object) -> None:
        assert response({"metadata": notes})

    @pytest.mark.parametrize(
        "notes",
        [
            {"n" * 65: "x"},
            {"n": "x" * 513},
            {"a": "b", "n": "x" * 513},
            {str(number): "" for number in range(17)},
            Raw("{" + " " * ((64 << 10) - 1) + "}"),
        ],
        ids=lambda notes: str(notes)[:20],
    )
    def test_what_is_refused(self, notes: object) -> None:
        assert error(response, metadata=notes) == (
            "'metadata' takes up to 16 texts of 512 characters, with names of 64.",
            "metadata",
            "invalid_value",
        )


class TestMessages:
    def ask(self, parse: Parse, messages: Any) -> Question:
        return parse({"messages" if parse is completion else "input": messages})

    def refused(self, parse: Parse, messages: Any) -> tuple[str, str | None, str | None]:
        with pytest.raises(Refusal) as caught:
            self.ask(parse, messages)
        found = caught.value.error
        return found.message, found.param, found.code

    def test_how_many(self, parse: Parse) -> None:
        name = "messages" if parse is completion else "input"
        assert len(self.ask(parse, HI * 10_000).messages) == 10_000
        assert self.refused(parse, HI * 10_001) == (
            "There are too many messages and parts: 10,000 are the most.",
            name,
            "array_above_max_length",
        )

    @pytest.mark.parametrize("said", [{}, {"content": None}, {"content": ""}, {"content": []}])
    def test_one_that_says_nothing(self, parse: Parse, said: dict[str, Any]) -> None:
        found = self.ask(parse, [{"role": "user", **said}, *HI])
        assert [each["content"] for each in found.messages] == ["", "Hi"]

    def test_parts_count_too(self, parse: Parse) -> None:
        kind = "text" if parse is completion else "input_text"
        part = {"type": kind, "text": ""}
        assert self.ask(parse, [{"role": "user", "content": [part] * 9999}])
        assert self.refused(parse, [{"role": "user", "content": [part] * 10_000}])[2] == (
            "array_above_max_length"
        )

    @pytest.mark.parametrize(
        ("role", "shown"), [("x" * 100, "x" * 100), ("x" * 101, "x" * 100 + "...")]
    )
    def test_a_role_that_there_is_not(self, parse: Parse, role: str, shown: str) -> None:
        place = ("messages" if parse is completion else "input") + "[0]"
        assert self.refused(parse, [{"role": role, "content": "Hi"}]) == (
            f"{place} has the role {shown!r}; a Space knows assistant, developer, system, user.",
            f"{place}.role",
            "invalid_value",
        )

    @pytest.mark.parametrize(("count", "fits"), [(50, True), (51, False)])
    def test_how_many_files(self, parse: Parse, count: int, fits: bool) -> None:
        url = "data:text/plain;base64,QUJD"
        part: dict[str, Any] = {"type": "image_url", "image_url": {"url": url}}
        if parse is response:
            part = {"type": "input_image", "image_url": url}
        messages = [{"role": "user", "content": [part] * count}]
        if fits:
            assert len(self.ask(parse, messages).options["files"] or ()) == count
        else:
            assert self.refused(parse, messages)[0] == (
                "There are too many files in the messages: 50 are the most."
            )
