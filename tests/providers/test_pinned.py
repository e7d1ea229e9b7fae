"""What a pinned Space is asked, step by step, and which description no longer fits its numbers."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from spacechat.apps import App, parse_config
from spacechat.apps.options import Options
from spacechat.errors import GenerationError, ProtocolError, SpaceUnavailableError
from spacechat.events import Log, Wishes
from spacechat.messages import Conversation
from spacechat.protocol import Budget
from spacechat.providers import (
    GradioChat,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_5_Max,
    Qwen_Qwen_2_5M,
    Qwen_Qwen_2_72B,
)
from spacechat.providers.space import Space
from spacechat.steps import Connect, Exchange, Fetch, Generate, Response, Step, Tell

HASH = "0123456789ab"


def steps_of(exchange: Exchange, outputs: Any = ("", [["Hi", "Hello"]])) -> list[Step]:
    """The steps of a question, whose outputs are these."""
    script = exchange.steps(Budget())
    taken: list[Step] = []
    outcome: Any = None
    while True:
        try:
            step = script.send(outcome)
        except StopIteration:
            return taken
        taken.append(step)
        outcome = {Generate: outputs, Fetch: Response(b"{}")}.get(type(step))


def joined(exchange: Exchange) -> dict[str, Any]:
    """The body with which a question joins the queue."""
    (step,) = (each for each in steps_of(exchange) if isinstance(each, Generate))
    return dict(step.join.body or {})


def not_found() -> SpaceUnavailableError:
    error = SpaceUnavailableError("no")
    error.status = 404
    return error


def begun(exchange: Exchange) -> Any:
    """The script of a question that waits for the outputs."""
    script = exchange.steps(Budget())
    assert isinstance(next(script), Connect)
    assert isinstance(script.send(None), Generate)
    return script


def earlier(**fields: Any) -> Conversation:
    said: Any = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    return Conversation(**{"session_hash": HASH, "messages": said, **fields})


class TestSessions:
    """One Space remembers its sessions: then a follow-up sends the new question alone."""

    @pytest.mark.parametrize("url", [None, Qwen_Qwen_2_5M.url])
    def test_it_goes_on(self, url: str | None) -> None:
        exchange = Qwen_Qwen_2_5M.exchange("Why?", conversation=earlier(url=url))
        assert exchange.conversation.session_hash == HASH
        body = joined(exchange)
        assert body["session_hash"] == HASH
        assert body["data"][0][-1][0]["text"] == "Why?"
        assert len(body["data"][0]) == 1

    @pytest.mark.parametrize(
        ("held", "history"),
        [
            (earlier(url="https://example.org"), None),
            (earlier(session_hash=""), None),
            (earlier(), "prompt"),
            (earlier(), "native"),
        ],
    )
    def test_it_begins_anew(self, held: Conversation, history: Any) -> None:
        """All of the conversation is sent then, to a session of its own."""
        exchange = Qwen_Qwen_2_5M.exchange(
            "Why?", conversation=held, options=Options(history=history)
        )
        assert exchange.conversation.session_hash not in ("", HASH)
        (*pairs, (asked, _)) = joined(exchange)["data"][0]
        texts = [[each and each["text"] for each in pair] for pair in pairs]
        if history == "native":
            assert (texts, asked["text"]) == ([["Hi", "Hello"]], "Why?")
        else:
            assert texts == []
            assert asked["text"] == "User: Hi\nAssistant: Hello\nUser: Why?\nAssistant:"

    def test_another_space_remembers_nothing(self) -> None:
        exchange = Qwen_Qwen_2_5.exchange("Why?", conversation=earlier())
        assert exchange.conversation.session_hash != HASH


@pytest.mark.parametrize("space", [Qwen_Qwen_2_72B, GradioChat.at("https://app.example")])
def test_no_files(space: type[Space]) -> None:
    nothing: list[Any] = [None, (), []]
    exchanges = [space.exchange("Hi", options=Options(files=files)) for files in nothing]
    assert {type(next(each.steps(Budget()))) for each in exchanges} == {Connect}


class TestHistory:
    SAID: Any = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Why?"},
    )

    def test_earlier_messages_as_such(self) -> None:
        options = Options(history="native")
        body = joined(Qwen_Qwen_2_72B.exchange([*self.SAID], options=options))
        assert body["data"] == ["Why?", [["Hi", "Hello"]], "Be brief."]

    def test_earlier_messages_in_the_prompt(self) -> None:
        prompt = "User: Hi\nAssistant: Hello\nUser: Why?\nAssistant:"
        for history in (None, "prompt"):
            options = Options(history=history)
            body = joined(Qwen_Qwen_2_72B.exchange([*self.SAID], options=options))
            assert body["data"] == [prompt, [], "Be brief."]

    def test_no_question_at_the_end(self) -> None:
        """Nothing but a prompt can ask for more of an answer."""
        messages = [*self.SAID[:3]]
        by_default = joined(Qwen_Qwen_2_72B.exchange(messages))["data"]
        options = Options(history="native")
        assert joined(Qwen_Qwen_2_72B.exchange(messages, options=options))["data"] == by_default
        assert "Hello" in by_default[0]

    def test_the_system_text_of_the_space(self) -> None:
        for history in (None, "native"):
            options = Options(history=history)
            body = joined(Qwen_Qwen_2_5_Max.exchange("Hi", options=options))
            assert body["data"] == ["Hi", [], "You are a helpful assistant."]


class TestSteps:
    def test_what_is_asked(self) -> None:
        exchange = Qwen_Qwen_2_5M.exchange("Hi")
        session = exchange.conversation.session_hash
        connect, before, generate = steps_of(exchange, ([["Hi", "Hello"]],))
        assert isinstance(connect, Connect)
        assert connect.url == Qwen_Qwen_2_5M.url
        assert isinstance(before, Fetch)
        assert (before.request.body or {})["session_hash"] == session
        assert isinstance(generate, Generate)
        assert generate.events_url.endswith(f"/queue/data?session_hash={session}")
        assert generate.cancel.url.endswith("/cancel")
        assert generate.cancel.body == {"session_hash": session, "fn_index": 2}
        assert not generate.asks_for_data
        assert exchange.brought == len(b'[{"role":"user","content":"Hi"}]')

    def test_wishes_are_ignored_and_that_is_told(self) -> None:
        options = Options(wishes={"temperature": 0.5})
        told = steps_of(Qwen_Qwen_2_5.exchange("Hi", options=options))[0]
        assert told == Tell(Wishes({}, (), ("temperature",)))
        assert not any(isinstance(each, Tell) for each in steps_of(Qwen_Qwen_2_5.exchange("Hi")))

    def test_an_empty_chat_makes_it_look_at_the_app(self) -> None:
        assert len(steps_of(Qwen_Qwen_2_5.exchange("Hi"))) == 2
        script = begun(Qwen_Qwen_2_5.exchange("Hi"))
        assert isinstance(script.send(("", [])), Connect)
        options = Options(repair=False)
        assert len(steps_of(Qwen_Qwen_2_5.exchange("Hi", options=options), ("", []))) == 2

    @pytest.mark.parametrize(
        ("error", "looks"),
        [
            (GenerationError("no"), True),
            (ProtocolError("no"), True),
            (GenerationError("no", partial_text="some"), False),
            (GenerationError("no", temporary=True), False),
            (SpaceUnavailableError("no"), False),
        ],
    )
    def test_which_errors_make_it_look_at_the_app(self, error: Exception, looks: bool) -> None:
        for repair in (True, False):
            script = begun(Qwen_Qwen_2_5.exchange("Hi", options=Options(repair=repair)))
            if looks and repair:
                assert isinstance(script.throw(error), Connect)
            else:
                with pytest.raises(type(error)) as caught:
                    script.throw(error)
                assert caught.value is error

    @pytest.mark.parametrize(
        ("error", "is_changed"),
        [(GenerationError("no"), False), (not_found(), True)],
    )
    def test_the_address_matters_where_the_space_was_not_found_at_it(
        self, error: Exception, is_changed: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        script = begun(Qwen_Qwen_2_72B.exchange("Hi"))
        step = script.throw(error)
        fetched = 0
        with contextlib.suppress(type(error)):
            while not isinstance(step, Tell):
                fetched += isinstance(step, Fetch)
                is_fetch = isinstance(step, Fetch)
                step = script.send(Response(config(api_prefix="/gradio_api")) if is_fetch else b"")
        assert fetched == 1
        if is_changed:
            assert isinstance(step, Tell)
            assert isinstance(step.event, Log)
            assert "called at another address. It is asked by what it says" in step.event.message
            assert step.event.message in caplog.text
        else:
            assert isinstance(step, Fetch)


def config(**changes: Any) -> bytes:
    """The description of an app that the numbers of `Qwen_Qwen_2_72B` fit, with changes."""
    function = {"id": 0, "targets": [[11, "click"]], "inputs": [1, 2, 3], "outputs": [1, 2]}
    app = {
        "version": "4.44.1",
        "protocol": "sse_v3",
        "components": [
            {"id": 1, "type": "textbox", "props": {}},
            {"id": 2, "type": "chatbot", "props": {}},
            {"id": 3, "type": "textbox", "props": {}},
        ],
        "dependencies": [{**function, "queue": True, **changes}],
        "api_prefix": changes.get("api_prefix", ""),
    }
    return json.dumps(app).encode()


def described(**changes: Any) -> App:
    return parse_config(config(**changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, None),
        ({"id": 4}, "it has no function 0 any more"),
        ({"inputs": [1, 2]}, "its function 0 takes 2 inputs, where 3 are known"),
        ({"outputs": [2]}, "its function 0 gives 1 outputs"),
        ({"outputs": [2, 1]}, "its function 0 fills no chat there"),
        ({"outputs": [1, 99]}, "its function 0 fills no chat there"),
        ({"queue": False}, "its functions are called at another address"),
        ({"api_prefix": "/gradio_api"}, "its functions are called at another address"),
    ],
)
def test_which_description_no_longer_fits(changes: dict[str, Any], told: str | None) -> None:
    app = described(**changes)
    assert Qwen_Qwen_2_72B.change(app, 3) == told
    assert Qwen_Qwen_2_72B.misfit(app) == (told and f"{told}.")
    is_address = told is not None and "address" in told
    assert Qwen_Qwen_2_72B.change(app, 3, joined=True) == (None if is_address else told)


def test_an_output_that_need_not_be_a_chat() -> None:
    class Text(Qwen_Qwen_2_72B):
        shows_chat = False

    class Found(Qwen_Qwen_2_72B):
        output = None

    assert Text.change(described(outputs=[2, 1]), 3) is None
    assert Text.change(described(outputs=[2]), 3) == "its function 0 gives 1 outputs"
    assert Found.change(described(outputs=[]), 3) is None
    assert len(steps_of(Text.exchange("Hi"), ("", ""))) == 2
    assert len(steps_of(Found.exchange("Hi"), ("", ""))) == 2
