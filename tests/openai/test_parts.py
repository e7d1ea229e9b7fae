"""The parts that do no I/O: what is asked, and how a response is written."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.apps.wishes import MEANINGS
from spacechat.errors import QuotaExceededError, RateLimitError
from spacechat.events import Completed, File, Queued, Reasoning, Status, TextDelta
from spacechat.openai.api import Api
from spacechat.openai.completion_request import HARMLESS, parse
from spacechat.openai.http_response import HttpResponse
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal, refusal
from spacechat.openai.stops import Stops
from spacechat.openai.weight import HEAVIEST, TEXT_WEIGHT, file_bytes, weight
from spacechat.providers import registry
from tests.samples import HI

ASKED: dict[str, Any] = {"model": "qwen-2.5", "messages": HI}


def question(**fields: Any) -> Question:
    return parse(json.dumps({**ASKED, **fields}).encode())


def parsed(data: bytes) -> list[Any]:
    """The server-sent events' data."""
    *events, end = data.decode().split("\n\n")
    assert end == ""
    found = [event.removeprefix("data: ") for event in events]
    return [each if each == "[DONE]" else json.loads(each) for each in found]


def refused(body: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(body)
    return caught.value


PARTS = ["text", "image_url", "input_audio", "file", "refusal"]
NAMES = [
    *("model", "messages", "role", "content", "type", "stop", "stream", "inputs", "url", "data"),
    *("format", "file_data", "filename", "file_id", *PARTS, *HARMLESS, *MEANINGS),
]
SAID = st.sampled_from(
    [*PARTS, "user", "wav", "data:;base64,QQ==", "data:image/png;base64,", "QQ=="]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | SAID,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(NAMES)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_refused_or_taken(body: bytes) -> None:
    assert refused(body).status == 400


def outcome(**fields: Any) -> Question | Refusal:
    try:
        return question(**fields)
    except Refusal as exc:
        return exc


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_field_is_refused_or_taken(fields: dict[str, Any]) -> None:
    found = outcome(**fields)
    assert isinstance(found, Question) or (found.status, bool(found.error.message)) == (
        400,
        True,
    )


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_message_is_refused_or_taken(message: dict[str, Any]) -> None:
    found = outcome(messages=[message])
    if isinstance(found, Question):
        assert len(found.messages) == 1
    else:
        assert found.status == 400
        assert found.error.param is None or found.error.param.startswith("messages[0]")


@given(st.lists(st.dictionaries(FIELDS, JSON | SAID, max_size=4), max_size=4))
def test_any_part_is_refused_or_taken(parts: list[dict[str, Any]]) -> None:
    found = outcome(messages=[{"role": "user", "content": parts}])
    if isinstance(found, Question):
        files = found.options.get("files") or ()
        assert len(files) == sum(part["type"] not in ("text", "refusal") for part in parts)
    else:
        assert found.status == 400
        assert (found.error.param or "").startswith("messages[0].content[")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"model": "\xff"}', b'{"model": "\\ud800"}', b"null"]
)
def test_bodies_that_hold_no_request(body: bytes) -> None:
    assert refused(body).status == 400


def test_what_is_missing_or_wrong_is_named() -> None:
    assert refused(b"{}").error.param == "model"
    assert refused(b'{"model": 1}').error.param == "model"
    assert refused(b'{"model": ""}').error.param == "messages"
    body = json.dumps({**ASKED, "messages": [{"role": "user", "content": 1}]}).encode()
    assert refused(body).error.param == "messages[0].content"
    body = json.dumps({**ASKED, "messages": [{"content": "Hi"}]}).encode()
    found = refused(body).error
    assert (found.param, found.code) == ("messages[0].role", "missing_required_parameter")


@pytest.mark.parametrize("prefix", ["", "/v1", "/openai/deployments/x", "/models/v1"])
def test_whatever_stands_before_the_address(prefix: str) -> None:
    api = Api(None)
    body = json.dumps(ASKED).encode()
    assert isinstance(api.receive("POST", f"{prefix}/chat/completions", body), Question)
    assert isinstance(api.receive("GET", f"{prefix}/models/", b""), HttpResponse)


@pytest.mark.parametrize("name", ["owner/models", "models/models", "owner/responses"])
def test_models_that_are_called_like_an_address(name: str) -> None:
    found = Api(None).receive("GET", f"/v1/models/{name}", b"")
    assert isinstance(found, HttpResponse)
    assert json.loads(found.body)["id"] == name


@pytest.mark.parametrize("content", [None, "", []])
def test_what_the_assistant_refused_to_say(content: Any) -> None:
    refused = {"role": "assistant", "content": content, "refusal": "I can't."}
    messages = [{"role": "user", "content": "Hi"}, refused, {"role": "user", "content": "Why?"}]
    assert question(messages=messages).messages[1]["content"] == "I can't."


def test_texts_of_a_message_are_lines() -> None:
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "World"}]
    assert question(messages=[{"role": "user", "content": parts}]).messages[0]["content"] == (
        "Hello\nWorld"
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/qwen-2.5", 405),
        ("GET", "/", 404),
        ("POST", "/v1/embeddings", 404),
        ("POST", "/v1/chat/completions/x", 404),
        ("GET", "/v1/models/%ff", 404),
    ],
)
def test_addresses_with_nothing(method: str, path: str, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        Api(None).receive(method, path, b"")
    assert caught.value.status == status


def test_a_model() -> None:
    found = Api(None).receive("GET", "/v1/models/qwen-2.5", b"")
    assert isinstance(found, HttpResponse)
    assert found.status == 200
    assert json.loads(found.body) == {
        "id": "qwen-2.5",
        "object": "model",
        "created": 0,
        "owned_by": "qwen-qwen2-5.hf.space",
    }


def test_whose_files_they_are() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}
    asked = question(messages=[{"role": "user", "content": [image]}])
    assert (len(asked.options["files"] or ()), asked.files_name) == (1, "messages")


def test_a_whole_response() -> None:
    file = File("http://x/a.png", "a.png", "image/png", "http://x", "user")
    found = question().writer()
    assert found.feed(TextDelta("Hel"), "Hel") == b""
    assert found.feed(file, "") == b""
    told = json.loads(found.feed(Completed("Hello", "Hm"), ""))
    assert found.done
    assert told["object"] == "chat.completion"
    assert told["choices"][0]["message"] == {
        "role": "assistant",
        "content": "Hello",
        "refusal": None,
        "reasoning_content": "Hm",
        "files": [{"url": "http://x/a.png", "name": "a.png", "mime_type": "image/png"}],
    }


def test_what_is_not_there_is_left_out() -> None:
    data = question().writer().feed(Completed("Hello"), "")
    (choice,) = json.loads(data)["choices"]
    assert choice["index"] == 0
    assert choice["message"] == {"role": "assistant", "content": "Hello", "refusal": None}


def test_a_streamed_response() -> None:
    found = question(stream=True).writer()
    assert found.feed(Queued(1, 2), "") == found.feed(Status("Thinking"), "") == b""
    data = found.feed(Reasoning("Hm"), "") + found.feed(TextDelta("Hi"), "Hi")
    data += found.feed(File("http://x/a", "a", "text/plain"), "")
    assert not found.done
    data += found.feed(Completed("Hi", "Hm"), "")
    assert found.done
    *chunks, done = parsed(data)
    assert done == "[DONE]"
    assert all("usage" not in chunk for chunk in chunks)
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm"},
        {"content": "Hi"},
        {"files": [{"url": "http://x/a", "name": "a", "mime_type": "text/plain"}]},
        {},
    ]
    ends = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert ends == [None] * 4 + ["stop"]


@pytest.mark.parametrize("streamed", [False, True])
def test_thoughts_have_their_titles(streamed: bool) -> None:
    found = question(stream=streamed).writer()
    data = b""
    for event in (Reasoning("hm", "Thinking"), Reasoning("", "Search"), Reasoning("\n\n2", "Read")):
        data += found.feed(event, "")
    data += found.feed(Completed("", "hm\n\n2"), "")
    if streamed:
        deltas = [each["choices"][0]["delta"] for each in parsed(data)[:-1]]
        text = "".join(delta.get("reasoning_content", "") for delta in deltas)
    else:
        text = json.loads(data)["choices"][0]["message"]["reasoning_content"]
    assert text == "Thinking\nhm\n\nSearch\n\nRead\n2"


def test_thoughts_that_were_rewritten_are_as_the_end_has_them() -> None:
    found = question().writer()
    found.feed(Reasoning("hm", "Thinking"), "")
    told = json.loads(found.feed(Completed("", "well"), ""))
    assert told["choices"][0]["message"]["reasoning_content"] == "well"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": [{"role": "user"}] * 10_001}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}] * 10_000}]}, "messages"),
        ({"inputs": {"x": [1] * 10_001}}, "inputs"),
        ({"inputs": {"x": [[]] * 6000}}, "inputs"),
        ({"inputs": {f"{number}": 1 for number in range(10_001)}}, "inputs"),
        ({"stop": ["x"] * 100_000}, "stop"),
        ({"tools": [{}] * 100_000}, "tools"),
        ({"response_format": {"type": "text", "x": "x" * 100_000}}, "response_format"),
    ],
)
def test_more_values_than_there_may_be(fields: dict[str, Any], param: str) -> None:
    found = outcome(**fields)
    assert isinstance(found, Refusal)
    assert (found.status, found.error.param) == (400, param)


def test_what_is_not_asked_for_may_be_anything() -> None:
    assert isinstance(question(unknown=[[]] * 100_000, user={"x": [1] * 100_000}), Question)
    text = "{[,]}" * 100_000
    assert question(messages=[{"role": "user", "content": text}]).messages[0]["content"] == text


@pytest.mark.parametrize("length", [1001, 2_000_000])
@pytest.mark.parametrize("models", [None, ["qwen-2.5"]])
def test_long_names(length: int, models: list[str] | None) -> None:
    """They are refused before they are kept, and no answer repeats them."""
    api = Api(models)
    for start in ("http://x.invalid/", "owner/", ""):
        name = start + "x" * (length - len(start))
        for method, path, body in (
            ("GET", f"/v1/models/{name}", b""),
            ("POST", "/v1/chat/completions", json.dumps({**ASKED, "model": name}).encode()),
        ):
            kept = registry._app.cache_info().currsize
            with pytest.raises(Refusal) as caught:
                api.receive(method, path, body)
            assert (caught.value.status, caught.value.error.code) == (404, "model_not_found")
            assert len(caught.value.error.message) < 300
            assert registry._app.cache_info().currsize == kept
    assert isinstance(api.receive("GET", "/v1/models/qwen-2.5", b""), HttpResponse)


@pytest.mark.parametrize(
    ("told", "passed_on"),
    [
        (0.0, "0"),
        (0.2, "1"),
        (30.0, "30"),
        (86_400.5, "86400"),
        (1e300, "86400"),
        (float("inf"), "86400"),
        (float("nan"), "0"),
        (-5.0, "0"),
        (None, None),
    ],
)
@pytest.mark.parametrize("kind", [RateLimitError, QuotaExceededError])
def test_when_to_ask_again(
    kind: type[RateLimitError], told: float | None, passed_on: str | None
) -> None:
    assert refusal(kind("x", retry_after=told)).headers.get("retry-after") == passed_on


@given(st.lists(st.text('[]{},:"\\ a🌍', max_size=20), max_size=5))
def test_the_weight_of_texts(texts: list[str]) -> None:
    """Whatever stands in texts, there is room for a body of the largest size."""
    body = json.dumps(texts).encode()
    assert file_bytes(body) == 0
    assert TEXT_WEIGHT * len(body) <= weight(body, 0) <= TEXT_WEIGHT * len(body) + HEAVIEST


def test_the_weight_of_values() -> None:
    """They are counted by what stands between them."""
    value = weight(b",", 0) - TEXT_WEIGHT
    assert value > 0
    for signs, count in ((b"[", 1), (b"{", 1), (b"[{,,", 4), (b"[[[,{{", 6), (b"xxx", 0)):
        assert weight(signs, 0) == TEXT_WEIGHT * len(signs) + count * value


def test_many_values_take_no_more_than_they_weigh() -> None:
    body = json.dumps({**ASKED, "inputs": {"x": [[]] * 4_900}}).encode()
    tracemalloc.start()
    try:
        asked = parse(body)
        _, taken = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert asked.options["inputs"] == {"x": [[]] * 4_900}
    assert TEXT_WEIGHT * len(body) < taken < weight(body, 0)


BASE64 = base64.b64encode(b"x" * 3000).decode()


@pytest.mark.parametrize(
    ("text", "is_file"),
    [
        (BASE64, True),
        (f"data:image/png;base64,{BASE64}", True),
        (f"data:text/plain;charset=utf-8;base64,{BASE64}==", True),
        (f"data:;base64,{BASE64}", True),
        (f"data:image/x_y;base64,{BASE64}", True),
        (BASE64[:1000], False),
        (f"🌍{BASE64}", False),
        (f'🌍"{BASE64}"', False),
        (f'🌍\\"{BASE64}"', False),
        (f"{BASE64}🌍", False),
        (f"{BASE64} ", False),
        (f"data:,{BASE64}", False),
        (f"?{BASE64}", False),
    ],
)
@pytest.mark.parametrize("is_ascii", [True, False])
def test_the_weight_of_files(text: str, is_file: bool, is_ascii: bool) -> None:
    """Only what is nothing but base64 weighs less: its characters take a byte each."""
    body = json.dumps({"x": text, "y": ["z"]}, ensure_ascii=is_ascii).encode()
    assert file_bytes(body) == (len(text) + 2 if is_file else 0)
    assert weight(body, file_bytes(body)) < weight(body, 0) or not is_file


@pytest.mark.parametrize(
    ("written", "is_file"),
    [
        (f"data:image\\/png;base64,{BASE64}".replace("H", "\\/"), True),
        (BASE64.replace("H", "\\u002B").replace("4", "\\u002f") + "\\u003d\\u003D", True),
        (f"{BASE64}\\\\/", False),
        (f"{BASE64}\\u4f60", False),
        (f"{BASE64}\\u0021", False),
        (f"{BASE64}\\u003E", False),
        (f'{BASE64}\\"🌍', False),
        (f'🌍\\"{BASE64}', False),
        (f"{BASE64}\\n", False),
    ],
)
def test_the_weight_of_files_with_escapes(written: str, is_file: bool) -> None:
    """Some programs escape the signs of base64."""
    body = f'{{"x": "{written}"}}'.encode()
    assert json.loads(body)
    assert file_bytes(body) == (len(written) + 2 if is_file else 0)


def test_files_are_looked_for_once() -> None:
    class Body(bytes):
        looked = 0

        def find(self, *given: Any) -> int:
            self.looked += 1
            assert self.looked <= 1 + self.count(b'"')
            return super().find(*given)

    assert file_bytes(Body(f'{{"x": "{BASE64}", "y": "z"}}'.encode())) == len(BASE64) + 2


def test_an_empty_answer() -> None:
    found = question(stream=True, stream_options={"include_usage": True}).writer()
    begin, end, usage, done = parsed(found.feed(Completed(""), ""))
    assert [each["index"] for each in begin["choices"] + end["choices"]] == [0, 0]
    assert begin["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert end["choices"][0]["finish_reason"] == "stop"
    assert (begin["usage"], end["usage"], done) == (None, None, "[DONE]")
    assert set(usage["usage"].values()) == {0}


def test_what_has_no_effect_is_said_in_the_first_chunk() -> None:
    """A stream goes on until its answer is complete."""
    asked = question(stream=True, stream_options={"include_usage": True}, verbosity="low")
    found = asked.writer()
    begin, piece = parsed(found.feed(TextDelta("Hi"), "Hi"))
    assert not found.done
    rest = parsed(found.feed(Completed("Hi"), ""))
    assert found.done
    assert begin["ignored"] == ["verbosity"]
    assert not any("ignored" in each for each in (piece, *rest))
    assert rest[-1] == "[DONE]"


@given(
    st.lists(st.text("ab<", max_size=4), max_size=8),
    st.lists(st.text("ab<", min_size=1, max_size=4), max_size=3),
)
def test_stops(pieces: list[str], stops: list[str]) -> None:
    """Cut in whatever pieces, the answer ends where a stop begins, and has none in it."""
    found = Stops(stops)
    told = ""
    for piece in pieces:
        told += found.feed(piece)
        if found.reached:
            break
    told += found.rest()
    text = "".join(pieces)
    ends = [text.find(stop) for stop in stops if stop in text]
    assert found.reached == bool(ends)
    if ends:
        assert text.startswith(told)
        assert not any(stop in told for stop in stops)
        assert any(text[len(told) :].startswith(stop) for stop in stops)
    else:
        assert told == text
