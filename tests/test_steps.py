"""The language of scripts: steps are values, keep secrets out of their reprs, and say little."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from spacechat.errors import ProtocolError, SpaceChatError, StreamInterruptedError
from spacechat.events import Log
from spacechat.messages import Conversation
from spacechat.protocol import Outputs, ReadAnswer, ReadValues
from spacechat.providers import Qwen_Qwen_2_5
from spacechat.steps import (
    Beside,
    CloseKept,
    ClosePage,
    Connect,
    Download,
    Exchange,
    Fetch,
    Generate,
    KeepPageOpen,
    OutgoingFile,
    Pause,
    Request,
    Response,
    Save,
    Script,
    Show,
    TakeTurn,
    Tell,
    Upload,
    connect,
    fetch,
    generate,
)
from tests.sinks import Kept

URL = "https://example.org"
SECRET = "hunter2"
BEFORE = b"of an attempt before"


def nothing(_: object) -> Any:
    raise AssertionError


def conversation() -> Conversation:
    return Conversation(session_hash="", messages=[{"role": "user", "content": "Hi"}])


REQUEST = Request(URL, form={"password": SECRET})
GENERATE = Generate(Request(URL), URL, Request(URL), ReadAnswer())
STEPS = [
    REQUEST,
    OutgoingFile("a.txt", "text/plain", SECRET.encode()),
    Connect(URL, {"authorization": SECRET}),
    Fetch(Request(URL)),
    Upload(URL, ()),
    Save(Request(URL), Download("a.txt", Kept(BEFORE), 10)),
    GENERATE,
    Show(1, ReadValues()),
    Tell(Log("info", "Hi", None)),
    Pause(1.0),
    TakeTurn(),
    KeepPageOpen(URL, Kept(BEFORE).begin),
    ClosePage(),
    CloseKept(),
    Response(b"", cookies=SECRET),
    ReadAnswer(question=SECRET),
    ReadValues(),
    Script(steps=nothing),
    Exchange(steps=nothing, provider=Qwen_Qwen_2_5, conversation=conversation()),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_step_is_a_value_that_tells_no_secret(step: Any) -> None:
    """A script may yield it again, and errors and logs may show it."""
    assert copy.copy(step) == step
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.changed = True
    assert SECRET not in repr(step)


def test_what_need_not_be_said() -> None:
    assert Request(URL) == Request(URL, body=None, form=None, sign_in=False)
    assert not Connect(URL, {}).anonymous
    assert Fetch(Request(URL)) == Fetch(Request(URL), largest=0, runs=False, by_hub_package=False)
    assert not GENERATE.asks_for_data
    assert Response(b"") == Response(b"", cookies="", public=False)
    script = Script(steps=nothing)
    assert (script.model, script.brought, script.once) == ("", 0, False)
    download = Download("a.txt", Kept(BEFORE), 10)
    assert (download.received, download.version, download.length) == (0, "", None)


def test_a_script_names_what_it_says() -> None:
    for made in (Script, Exchange):
        with pytest.raises(TypeError, match="positional"):
            made(nothing, "model")  # type: ignore[call-arg]


def sent(script: Any, outcome: object) -> tuple[object, object]:
    """The only step of a script, and what the script returns for its outcome."""
    step = next(script)
    with pytest.raises(StopIteration) as ended:
        script.send(outcome)
    return step, ended.value.value


def test_steps_with_a_typed_outcome() -> None:
    assert sent(connect(URL, {"a": "b"}), b"digest") == (Connect(URL, {"a": "b"}), b"digest")
    response = Response(b"{}")
    assert sent(fetch(Request(URL)), response) == (Fetch(Request(URL)), response)
    asked = Fetch(Request(URL), 7, runs=True, by_hub_package=True)
    script = fetch(Request(URL), largest=7, runs=True, by_hub_package=True)
    assert sent(script, response) == (asked, response)


def test_the_outcome_of_an_event_has_its_effects() -> None:
    outputs = Outputs(["a"], b"{}", [1])
    step, outcome = sent(generate(GENERATE), outputs)
    assert step is GENERATE
    assert outcome is outputs
    _, outcome = sent(generate(GENERATE), ("a", "b"))
    assert isinstance(outcome, Outputs)
    assert outcome == ["a", "b"]


class TestDownloads:
    def test_it_begins_anew(self) -> None:
        sink = Kept(BEFORE)
        download = Download("a.txt", sink, 10, received=3, version="old")
        download.begin("new", 4)
        assert (sink.data, download.received) == (b"", 0)
        assert (download.version, download.length) == ("new", 4)
        download.write(b"ab")
        download.write(b"cd")
        assert (sink.data, download.received) == (b"abcd", 4)

    def test_a_server_may_say_no_length(self) -> None:
        sink = Kept(BEFORE)
        download = Download("a.txt", sink, 4)
        download.begin("", None)
        assert download.length is None
        download.write(b"abcd")
        assert sink.data == b"abcd"

    def test_more_than_the_server_said(self) -> None:
        sink = Kept(BEFORE)
        download = Download("a.txt", sink, 10)
        download.begin("", 3)
        download.write(b"ab")
        with pytest.raises(ProtocolError, match=r"'a\.txt' has more bytes than the Space said"):
            download.write(b"cd")
        assert (sink.data, download.received) == (b"ab", 2)

    def test_more_than_it_may_have(self) -> None:
        sink = Kept(BEFORE)
        download = Download("a.txt", sink, 4)
        with pytest.raises(ProtocolError, match=r"'a\.txt' has more than 4 bytes: largest="):
            download.begin("", 5)
        assert sink.data == BEFORE
        download.begin("", 4)
        download.begin("", None)
        download.write(b"abcd")
        with pytest.raises(ProtocolError, match="more than 4 bytes"):
            download.write(b"e")
        assert (sink.data, download.received) == (b"abcd", 4)

    def test_an_empty_file_where_none_may_be_large(self) -> None:
        Download("a.txt", Kept(BEFORE), 0).begin("", None)


class TestBeside:
    def test_what_the_script_returned(self) -> None:
        beside: Beside[Any] = Beside(iter(()))  # type: ignore[arg-type]
        assert not beside.has_ended
        beside.end(None)
        assert beside.has_ended
        assert beside.value is None
        beside.end("a")
        assert beside.value == "a"

    def test_the_script_failed(self) -> None:
        beside: Beside[Any] = Beside(iter(()))  # type: ignore[arg-type]
        error = SpaceChatError("no")
        beside.fail(error)
        assert beside.has_ended
        with pytest.raises(SpaceChatError) as caught:
            _ = beside.value
        assert caught.value is error

    def test_the_script_was_left_out(self) -> None:
        beside: Beside[Any] = Beside(iter(()))  # type: ignore[arg-type]
        with pytest.raises(StreamInterruptedError, match="did not come to its end"):
            _ = beside.value

    def test_what_it_is_of(self) -> None:
        steps: Any = iter(())
        assert repr(Beside(steps)) == f"Beside(steps={steps!r})"
        with pytest.raises(TypeError):
            Beside(steps, ["outcome"])  # type: ignore[call-arg]


def test_an_answer_becomes_part_of_its_conversation() -> None:
    held = conversation()
    exchange = Exchange(steps=nothing, provider=Qwen_Qwen_2_5, conversation=held)
    asked = [*held.messages]
    exchange.complete("Hello")
    assert held.messages == [*asked, {"role": "assistant", "content": "Hello"}]
    exchange.take_back()
    assert held.messages == asked


def test_a_script_that_is_no_question_has_nothing_to_complete() -> None:
    script = Script(steps=nothing)
    script.complete("Hello")
    script.take_back()
    assert script == Script(steps=nothing)
