"""The parts of the Responses API that do no I/O: what is asked, what is stored, what is written."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.errors import GenerationError, InputsError
from spacechat.events import Completed, File, Queued, Reasoning, TextDelta, TextReset
from spacechat.openai.api import Api
from spacechat.openai.http_response import HttpResponse
from spacechat.openai.question import Question
from spacechat.openai.refusals import Refusal, refusal
from spacechat.openai.response_request import HARMLESS, parse, recall
from spacechat.openai.stored_responses import Dialogue, Recalled, StoredResponses
from tests.openai.test_parts import JSON

MIB = 1 << 20
TYPES = ["message", "reasoning", "item_reference", "function_call", "input_text", "output_text"]
FIELDS = st.sampled_from(
    [
        *["model", "input", "instructions", "previous_response_id", "stream", "store", "metadata"],
        *["type", "role", "content", "text", "id", "image_url", "file_data", "stop", "inputs"],
        *HARMLESS,
    ]
)
VALUES = JSON | st.sampled_from([*TYPES, "user", "assistant", "input_image", "msg_1", "resp_1"])


def asked(**fields: Any) -> bytes:
    return json.dumps({"model": "qwen-2.5", "input": "Hi", **fields}).encode()


def question(stored: StoredResponses | None = None, /, **fields: Any) -> Question:
    kept = stored or StoredResponses(MIB, 60)
    body = asked(**fields)
    return parse(body, recall(body, kept), kept)


def outcome(**fields: Any) -> Question | Refusal:
    try:
        return question(**fields)
    except Refusal as exc:
        return exc


def answer(found: Question, *events: Any) -> bytes:
    """The response to a question, from events and the texts that they add."""
    writer = found.writer()
    data = b""
    for event in events:
        if isinstance(event, str):
            data += writer.feed(TextDelta(event), event)
        else:
            data += writer.feed(event, "")
    assert writer.done
    return data + b"".join(writer.rest())


def written(data: bytes) -> list[dict[str, Any]]:
    lines = data.decode().split("\n")
    return [json.loads(each[6:]) for each in lines if each.startswith("data: ")]


@given(st.dictionaries(FIELDS, VALUES, max_size=4))
def test_any_field_is_refused_or_taken(fields: dict[str, Any]) -> None:
    found = outcome(**fields)
    assert isinstance(found, Question) or (found.status, bool(found.error.message)) == (400, True)


@given(st.lists(st.dictionaries(FIELDS, VALUES, max_size=4) | VALUES, max_size=3))
def test_any_item_is_refused_or_taken(items: list[Any]) -> None:
    found = outcome(input=items)
    if isinstance(found, Question):
        assert len(found.messages) <= len(items)
    else:
        assert found.status == 400
        assert found.error.param is None or found.error.param.startswith("input")


@given(st.lists(st.dictionaries(FIELDS, VALUES, max_size=4), max_size=3))
def test_any_part_is_refused_or_taken(parts: list[dict[str, Any]]) -> None:
    found = outcome(input=[{"role": "user", "content": parts}])
    assert isinstance(found, Question) or found.status == 400


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_refused(body: bytes) -> None:
    kept = StoredResponses(MIB, 60)
    with pytest.raises(Refusal) as caught:
        parse(body, recall(body, kept), kept)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"model": "\xff"}',
        b'{"model":"x","input":' + b"[" * 100_000,
        b'{"model":"x","input":[{"role":"user","content":"\\ud800"}]}',
        b'{"model":"x","input":"x","metadata":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"model":"x","input":"x","text":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"model":"x","input":[' + b"{}," * 600_000 + b"{}]}",
        b'{"model":"x","input":[' + b"{} , " * 400_000 + b"{}]}",
        b'{"model":"x","input":[' + b'{"type":"reasoning"},' * 10_001 + b"{}]}",
        b'{"model":"x","input":[{"role":"user","content":[' + b'{"type":""},' * 10_001 + b"{}]}]}",
    ],
)
def test_bodies_that_hold_no_request(body: bytes) -> None:
    kept = StoredResponses(MIB, 60)
    with pytest.raises(Refusal) as caught:
        parse(body, recall(body, kept), kept)
    assert caught.value.status == 400
    assert len(caught.value.error.message) < 300


def test_texts_full_of_braces_are_no_items() -> None:
    text = '{"a": {"b": {}}, {[,' * 20_000
    assert question(input=text).messages[-1]["content"] == text
    found = question(input=[{"role": "user", "content": text}])
    assert found.messages == [{"role": "user", "content": text}]


@pytest.mark.parametrize("prefix", ["", "/v1", "/openai/deployments/x"])
def test_whatever_stands_before_the_address(prefix: str) -> None:
    api = Api(None)
    found = api.receive("POST", f"{prefix}/responses", asked())
    assert isinstance(found, Question)
    answer(found, "Hi", Completed("Hi"))
    listed = api.receive("GET", "/v1/models/owner/responses", b"")
    assert isinstance(listed, HttpResponse)


def test_a_whole_response() -> None:
    said = json.loads(answer(question(), "Hi", Completed("Hi", "Hm")))
    assert isinstance(said.pop("created_at"), int)
    assert isinstance(said.pop("completed_at"), int)
    names = {said.pop("id"), *(each.pop("id") for each in said["output"])}
    assert len(names) == 3
    part = {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []}
    thought = {"type": "summary_text", "text": "Hm"}
    assert said == {
        "object": "response",
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "qwen-2.5",
        "output": [
            {"type": "reasoning", "summary": [thought], "status": "completed"},
            {"type": "message", "role": "assistant", "status": "completed", "content": [part]},
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 0,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 0,
        },
    }


def test_a_list_of_the_input_says_what_it_holds() -> None:
    api = Api(None)
    body = asked(input=[{"role": "user", "content": each} for each in "ab"], instructions="Brief.")
    found = api.receive("POST", "/v1/responses", body)
    assert isinstance(found, Question)
    path = f"/v1/responses/{ids(answer(found, Completed('Hi')))[0]}/input_items"

    def listed(query: str) -> tuple[list[str], str, str, bool]:
        found = api.receive("GET", path, b"", query=query)
        assert isinstance(found, HttpResponse)
        said = json.loads(found.body)
        assert [said["first_id"], said["last_id"]] == [said["data"][end]["id"] for end in (0, -1)]
        texts = [each["content"][0]["text"] for each in said["data"]]
        return texts, said["first_id"], said["last_id"], said["has_more"]

    texts, first, last, more = listed("order=asc")
    assert (texts, more) == (["a", "b"], False)
    assert listed("") == (["b", "a"], last, first, False)
    assert listed("limit=1") == (["b"], last, last, True)
    assert listed(f"limit=1&after={last}") == (["a"], first, first, False)
    assert listed("order=asc&limit=2") == (["a", "b"], first, last, False)
    nothing = api.receive("GET", path, b"", query=f"after={first}")
    assert isinstance(nothing, HttpResponse)
    assert json.loads(nothing.body) == {
        "object": "list",
        "data": [],
        "first_id": "",
        "last_id": "",
        "has_more": False,
    }


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=x", "limit=-1", "limit=0001", "limit=%C2%B2", "limit="),
        *("limit=%D9%A3", "order=", "order=up", "after=", "after=msg_1"),
    ],
)
def test_no_list_of_the_input(query: str) -> None:
    api = Api(None)
    found = api.receive("POST", "/v1/responses", asked())
    assert isinstance(found, Question)
    path = f"/v1/responses/{ids(answer(found, Completed('Hi')))[0]}/input_items"
    assert status_at(api, "GET", path, "limit=100&order=asc") == 200
    with pytest.raises(Refusal) as caught:
        api.receive("GET", path, b"", query=query)
    assert (caught.value.status, caught.value.error.code) == (400, "invalid_value")
    assert caught.value.error.param == query.partition("=")[0]


@pytest.mark.parametrize("rest", ["", "/input_items"])
def test_a_stored_response_is_weighed_by_what_is_read_of_it(rest: str) -> None:
    api = Api(None)
    found = api.receive("POST", "/v1/responses", asked(input="x" * 100_000))
    assert isinstance(found, Question)
    kept, _ = ids(answer(found, Completed("Hi")))
    path = f"/v1/responses/{kept}{rest}"
    assert status_at(api, "GET", path, "") == 200
    texts = api.recall(path, b"").texts
    assert 100_000 <= texts < 101_000 if rest else 0 < texts < 1_000


@given(
    st.sampled_from(["GET", "DELETE"]),
    st.text(st.characters(max_codepoint=255), max_size=20),
    st.sampled_from(["", "/input_items", "/x"]),
    st.text(st.sampled_from("limitorderafterstream=&;%0fé"), max_size=30),
)
def test_any_address_of_a_response(method: str, name: str, rest: str, query: str) -> None:
    api = Api(None)
    found = api.receive("POST", "/v1/responses", asked())
    assert isinstance(found, Question)
    kept, _ = ids(answer(found, Completed("Hi")))
    for path in (f"/v1/responses/{name}{rest}", f"/v1/responses/{kept}{rest}"):
        assert status_at(api, method, path, query) in (200, 400, 404, 405)


def status_at(api: Api, method: str, path: str, query: str) -> int:
    try:
        found = api.receive(method, path, b"", query=query)
    except Refusal as exc:
        return exc.status
    assert isinstance(found, HttpResponse)
    return found.status


def test_instructions_are_the_first_message() -> None:
    found = question(instructions="Brief.", input=[{"role": "user", "content": "Hi"}])
    assert [each["role"] for each in found.messages] == ["system", "user"]


def text_of(item: dict[str, Any]) -> str:
    (part,) = item["summary"] if item["type"] == "reasoning" else item["content"]
    assert isinstance(part["text"], str)
    return part["text"]


def ids(data: bytes) -> tuple[str, str]:
    told = json.loads(data)
    return told["id"], told["output"][-1]["id"]


def test_files_stay_with_the_dialogue() -> None:
    """A follow-up has the newest message's files, as if all messages were sent again."""
    kept = StoredResponses(MIB, 60)
    image = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
    text = {"type": "input_file", "filename": "a/b.txt", "file_data": "SGk="}
    said = {"type": "input_text", "text": "See:"}
    before: Any = None
    for content, names in (
        ([said, image], ["file.png"]),
        ("And?", ["file.png"]),
        ([said, text], ["b.txt"]),
        ("And?", ["b.txt"]),
    ):
        given = [{"role": "user", "content": content}]
        found = question(kept, input=given, previous_response_id=before)
        files: Any = found.options.get("files")
        assert [each.name for each in files] == names
        before, _ = ids(answer(found, Completed("Yes")))


def test_a_response_that_comes_meanwhile_is_not_read() -> None:
    """Only what was weighed is read."""
    kept = StoredResponses(MIB, 60)
    early = Recalled(kept)
    response, message = ids(answer(question(kept), Completed("Yes")))
    for body in (
        asked(previous_response_id=response),
        asked(input=[{"id": message}, {"role": "user", "content": "?"}]),
    ):
        assert parse(body, recall(body, kept), kept).messages
        with pytest.raises(Refusal):
            parse(body, early, kept)


@given(st.lists(st.sampled_from(["one", "two", "none"]), max_size=20), st.booleans())
def test_the_weight_of_what_is_recalled(names: list[str], escaped: bool) -> None:
    """Each reference counts, however the id is written."""
    kept = StoredResponses(MIB, 60)
    one, two = (ids(answer(question(kept), Completed(text)))[1] for text in ("é" * 100, "x" * 10))
    sizes = {"one": 200, "two": 10, "none": 0}
    known = {"one": one, "two": two, "none": "msg_1"}
    body = asked(input=[{"type": "item_reference", "id": known[name]} for name in names])
    if escaped:
        body = body.replace(b"msg_", b"\\u006dsg\\u005f")
    found = recall(body, kept)
    assert found.texts == sum(sizes[name] for name in names)
    assert found.weight >= 8 * found.texts


def test_each_answer_is_read_once_to_weigh_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where equal answers take turns, which only a look at all of them would tell apart."""
    kept = StoredResponses(MIB, 60)
    both = [ids(answer(question(kept), Completed("x" * 1000)))[1] for _ in range(2)]
    weighed: list[bytes] = []

    def weight(text: bytes, files: int) -> int:
        weighed.append(text)
        return len(text)

    monkeypatch.setattr("spacechat.openai.stored_responses.weight", weight)
    body = asked(input=[{"type": "item_reference", "id": each} for each in both * 500])
    assert recall(body, kept).weight == 1000 * 1000
    assert weighed == [b"x" * 1000] * 2


def entry(stored: StoredResponses, token: str, size: int) -> None:
    stored.add(token, b"x" * size, Dialogue([], []), "")


def test_the_oldest_go_first() -> None:
    stored = StoredResponses(10_000, 60)
    for number in range(20):
        entry(stored, f"{number}", 1000)
        assert stored.taken <= 10_000
    left = [number for number in range(20) if stored.get(f"{number}") is not None]
    assert left == list(range(20 - len(left), 20))
    assert len(left) >= 3
    entry(stored, "large", 20_000)
    assert stored.get("large") is None
    assert stored.get("19") is not None
    stored.remove("19")
    stored.remove("19")
    assert stored.get("19") is None
    for number in left:
        stored.remove(f"{number}")
    assert stored.taken == 0


def test_what_is_stored_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stored = StoredResponses(MIB, 60)
    entry(stored, "a", 10)
    now[0] = 59.9
    entry(stored, "b", 10)
    assert stored.get("a") is not None
    now[0] = 60.0
    assert stored.get("a") is None
    assert stored.get("b") is not None
    now[0] = 1000.0
    assert stored.get("b") is None
    assert stored.taken == 0


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3000), st.booleans()), max_size=30)
)
def test_what_is_taken_is_what_is_kept(steps: list[tuple[str, int, bool]]) -> None:
    stored = StoredResponses(8000, 60)
    for number, (name, size, removed) in enumerate(steps):
        entry(stored, f"{name}{number}", size)
        if removed:
            stored.remove(f"{name}{number}")
        found = [stored.get(f"{each}{index}") for index, (each, *_) in enumerate(steps)]
        assert stored.taken == sum(each.size for each in found if each is not None) <= 8000


def test_a_dialogue_has_its_files_once() -> None:
    """Its follow-ups push out no other response by a file that is there already."""
    stored = StoredResponses(20_000, 60)
    entry(stored, "other", 10)
    before = stored.taken
    dialogue = Dialogue([], [("a.png", b"x" * 9000)])
    for number in range(4):
        stored.add(f"{number}", b"", dialogue, "")
        found = stored.get(f"{number}")
        assert found is not None
        dialogue = found.dialogue
    assert stored.get("other") is not None
    stored.remove("1")
    assert 9000 < stored.taken - before < 18_000
    stored.add("copy", b"", Dialogue([], [("a.png", b"x" * 9001)]), "")
    assert stored.taken <= 20_000
    for token in ("other", "0", "2", "3", "copy"):
        stored.remove(token)
    assert stored.taken == 0


def test_several_threads_use_it() -> None:
    stored = StoredResponses(50_000, 60)

    def use(name: str) -> None:
        for number in range(300):
            entry(stored, f"{name}{number}", 500)
            stored.get(f"{name}{number // 2}")
            stored.remove(f"{name}{number - 3}")

    threads = [threading.Thread(target=use, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [stored.get(f"{name}{number}") for name in "abcd" for number in range(300)]
    assert stored.taken == sum(each.size for each in kept if each is not None)


FILE = File("http://x/a.png", "a.png", "image/png", "http://x", "user")
SHOWN = {"url": "http://x/a.png", "name": "a.png", "mime_type": "image/png"}


@pytest.mark.parametrize("streamed", [False, True])
def test_files_of_the_answer(streamed: bool) -> None:
    data = answer(question(stream=streamed), Queued(1, 2), FILE, "Hi", Completed("Hi"))
    found = written(data)[-1]["response"] if streamed else json.loads(data)
    (message,) = found["output"]
    assert message["files"] == [SHOWN]
    assert message["content"][0]["text"] == "Hi"


def test_thoughts_between_pieces_of_the_answer() -> None:
    """Each run of them is an item; the answer is one, from its first piece to the end."""
    found = written(
        answer(
            question(stream=True),
            Reasoning("hm", "Thinking"),
            Reasoning("!"),
            "a",
            Reasoning("look", "Search"),
            "b",
            "c",
            Completed("abc", "hm!look"),
        )
    )
    output = found[-1]["response"]["output"]
    assert [(each["type"], text_of(each)) for each in output] == [
        ("reasoning", "Thinking\nhm!"),
        ("message", "abc"),
        ("reasoning", "Search\nlook"),
    ]
    assert len({each["id"] for each in output}) == 3
    assert {each["status"] for each in output} == {"completed"}
    done = [each["item"] for each in found if each["type"] == "response.output_item.done"]
    assert sorted(output, key=str) == sorted(done, key=str)
    shown = {each["output_index"]: "" for each in found if "output_index" in each}
    for each in found:
        shown[each.get("output_index", 0)] += each.get("delta", "")
    assert list(shown.values()) == ["Thinking\nhm!", "abc", "Search\nlook"]


def test_thoughts_that_were_rewritten_are_as_the_end_has_them() -> None:
    data = answer(question(), Reasoning("hm", "Thinking"), Completed("", "well"))
    reasoning, message = json.loads(data)["output"]
    assert (text_of(reasoning), text_of(message)) == ("well", "")


@pytest.mark.parametrize("texts", [[], ["a"]])
@pytest.mark.parametrize(
    "thoughts", [[], ["hm"], ["first try", "second"], ["first", "then", "more"]], ids=len
)
def test_final_thoughts_are_the_same_in_every_response(
    texts: list[str], thoughts: list[str]
) -> None:
    """A Space that is asked again, or that rewrites its thoughts, takes back what came before."""
    events: list[Any] = []
    for thought in thoughts:
        events += [Reasoning(thought), *texts]
    said = "".join(text for text in events if isinstance(text, str))
    events.append(Completed(said, "second"))
    whole = json.loads(answer(question(), *events))
    *_, last = written(answer(question(stream=True), *events))
    for found in (whole, last["response"]):
        summaries = [each["summary"] for each in found["output"] if each["type"] == "reasoning"]
        assert [part["text"] for parts in summaries for part in parts] == ["second"]
        (message,) = [each for each in found["output"] if each["type"] == "message"]
        assert text_of(message) == said


def test_a_response_that_is_not_kept_where_none_are() -> None:
    for kept, says in (
        (StoredResponses(0, 60), "none are kept"),
        (StoredResponses(MIB, 0), "none are kept"),
        (StoredResponses(MIB, 60), "the oldest go first"),
    ):
        with pytest.raises(Refusal, match=says):
            question(kept, previous_response_id="resp_1")


IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,QQ=="}


def test_files_that_a_model_does_not_take() -> None:
    """The parameter that has them is named, and what can be done about it."""
    api = Api(["qwen-2.5", "http://127.0.0.1:1"])

    def refused(**fields: Any) -> tuple[str | None, str]:
        with pytest.raises(Refusal) as caught:
            api.receive("POST", "/v1/responses", asked(**fields))
        return caught.value.error.param, caught.value.error.message

    given = [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}, IMAGE]}]
    param, says = refused(input=given)
    assert (param, "leave them out" in says) == ("input", True)
    param, says = refused(input=[{"role": "user", "content": [IMAGE] * 51}])
    assert (param, "too many files" in says) == ("input", True)

    first = api.receive("POST", "/v1/responses", asked(model="http://127.0.0.1:1", input=given))
    assert isinstance(first, Question)
    earlier = json.loads(answer(first, Completed("A cat.")))["id"]
    param, says = refused(previous_response_id=earlier)
    assert (param, "begin anew, without 'previous_response_id'" in says) == (
        "previous_response_id",
        True,
    )
    body = asked(model="http://127.0.0.1:1", previous_response_id=earlier)
    follow_up = api.receive("POST", "/v1/responses", body)
    assert isinstance(follow_up, Question)
    error = follow_up.refusal(InputsError("It takes no files: leave out files=.")).error
    assert (error.param, "begin anew" in error.message) == ("previous_response_id", True)


@pytest.mark.parametrize("begun", [False, True])
def test_a_failure(begun: bool) -> None:
    writer = question(stream=True).writer()
    data = writer.feed(Reasoning("hm"), "") + writer.feed(TextDelta("a"), "a") if begun else b""
    data += writer.feed(Reasoning("so"), "") if begun else b""
    data += writer.fail(refusal(GenerationError("Not today")))
    assert writer.done
    created, *_, last = written(data)
    assert (created["type"], last["type"]) == ("response.created", "response.failed")
    told = last["response"]
    assert told["error"]["message"] == "Not today"
    output = [(each["status"], text_of(each)) for each in told["output"]]
    parts = [("completed", "hm"), ("incomplete", "a"), ("incomplete", "so")]
    assert output == (parts if begun else [])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_prompt"),
        (403, "server_error"),
        (429, "rate_limit_exceeded"),
        (502, "server_error"),
    ],
)
def test_codes_of_failures(status: int, code: str) -> None:
    refused = refusal(GenerationError("Not today"))
    refused.status = status
    (*_, last) = written(question(stream=True).writer().fail(refused))
    assert last["response"]["error"]["code"] == code


def test_a_rewrite_is_final_where_the_answer_ends() -> None:
    kept = StoredResponses(MIB, 60)
    data = answer(question(kept, stream=True), "abc", TextReset("aX"), Completed("aX"))
    *_, last = written(data)
    assert last["response"]["output"][0]["content"][0]["text"] == "aX"
    found = question(kept, input="?", previous_response_id=last["response"]["id"])
    assert found.messages[-2] == {"role": "assistant", "content": "aX"}
