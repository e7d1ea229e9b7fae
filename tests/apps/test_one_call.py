"""A `ChatInterface` is asked by its function for programs, if that asks just what its page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat.apps.known import Apps
from spacechat.apps.one_call import without_last_question
from spacechat.providers import GradioChat
from tests.apps.test_pages import Does, Server, called
from tests.servers.chat_interface import ChatInterface

SAID = "  Fine.\n"


def message(role: str, text: str, metadata: object = None) -> dict[str, Any]:
    """A message as the page of Gradio 6 has it."""
    content = [{"text": text, "type": "text"}]
    return {"role": role, "metadata": metadata, "content": content, "options": None}


def server(it: ChatInterface, said: object = SAID, version: str = "6.31.0") -> Server:
    """A server that answers all functions; its page's own shows another answer."""
    kept: list[Any] = []

    def shows(*_: object) -> list[Any]:
        thought = message("assistant", "Hm.", {"title": "Thought"})
        return [[*kept, message("user", "Hi"), thought, message("user", "Hi")]]

    does: dict[int, Does] = {
        it.saves: lambda text: ["", text],
        it.appends: lambda _, chat: [[*chat, message("user", "Hi")]],
        it.answers: lambda *_: [None, [message("user", "Hi"), message("assistant", "By page")]],
        it.copies: lambda _: [None, None],
        it.asks: lambda *_: [said, None],
        it.shows: shows,
    }
    return Server(it.page, does, {"version": version})


def test_one_call_instead_of_three() -> None:
    it = ChatInterface()
    app = server(it)
    chat = app.ask("Hi")
    app.ask("And?", conversation=chat)
    turn = [message("user", "Hi"), message("assistant", "Fine.")]
    later = [*turn, message("user", "And?"), message("assistant", "Fine.")]
    assert app.calls == [
        (it.asks, ["Hi", None]),
        (it.copies, [turn]),
        (it.asks, ["And?", None]),
        (it.copies, [later]),
    ]
    assert app.answering == [it.asks, it.asks]


@pytest.mark.parametrize(
    ("kind", "turn"),
    [
        (
            "messages",
            [
                {"role": "user", "metadata": None, "content": "Hi", "options": None},
                {"role": "assistant", "metadata": None, "content": "Fine.", "options": None},
            ],
        ),
        ("tuples", [["Hi", "Fine."]]),
    ],
)
def test_the_turn_as_earlier_pages_show_it(kind: str, turn: list[Any]) -> None:
    it = ChatInterface(chatbot={"type": kind})
    app = server(it, version="5.50.0")
    app.ask("Hi")
    assert app.calls == [(it.asks, ["Hi", None]), (it.copies, [turn])]


def test_further_inputs() -> None:
    it = ChatInterface(inputs=("slider", "state"))
    app = server(it)
    app.ask("Hi", inputs={"Input slider": 3})
    assert app.calls[0] == (it.asks, ["Hi", None, 3, None])


@pytest.mark.parametrize(
    "said", [{"content": "Fine."}, ["Fine."], {"__type__": "update"}, None, ""]
)
def test_what_is_no_text_is_shown_by_the_server(said: object) -> None:
    it = ChatInterface()
    app = server(it, said)
    app.ask("Hi")
    shown = [message("user", "Hi"), message("assistant", "Hm.", {"title": "Thought"})]
    assert called(app) == [it.asks, it.saves, it.shows, it.copies]
    assert app.calls[-1] == (it.copies, [shown])


def test_an_app_that_says_more_than_texts_is_asked_by_its_page_from_then_on() -> None:
    """What a function changes while it yields it would come by `/chat` at the end only."""
    it = ChatInterface()
    app = server(it, ["Fine."])
    provider, apps = GradioChat.at("http://app"), Apps()
    for _ in range(2):
        app.run(provider.exchange("Hi", apps=apps))
    assert called(app)[:4] == [it.asks, it.saves, it.shows, it.copies]
    assert called(app)[4:] == [it.saves, it.appends, it.answers, it.copies]


def test_a_function_that_returns_may_have_changed_the_history() -> None:
    it = ChatInterface(streams=False)
    app = server(it)
    app.ask("Hi")
    assert called(app) == [it.asks, it.saves, it.shows, it.copies]


def _hidden(it: ChatInterface) -> None:
    it.page.functions[it.asks]["api_visibility"] = "undocumented"


def _other_history(it: ChatInterface) -> None:
    it.page.functions[it.asks]["inputs"][1] = it.value


def _other_inputs(it: ChatInterface) -> None:
    it.page.functions[it.asks]["inputs"].append(it.value)


def _other_outputs(it: ChatInterface) -> None:
    for id_ in (it.asks, it.answers):
        it.page.functions[id_]["outputs"].append(it.value)


def _seen(it: ChatInterface) -> None:
    it.page.components[it.button - 1]["props"]["visible"] = True


def _another(it: ChatInterface) -> None:
    it.page.functions.append({**it.page.functions[it.asks], "id": len(it.page.functions)})


def _own_name(it: ChatInterface) -> None:
    it.page.functions[it.answers]["api_name"] = "respond"


def _own_save(it: ChatInterface) -> None:
    it.page.functions[it.saves]["api_name"] = "add_message"


def _script(it: ChatInterface) -> None:
    it.page.functions[it.saves]["js"] = "(text) => text"


def _checked(it: ChatInterface) -> None:
    it.page.functions[it.saves]["queue"] = True


def _streams(it: ChatInterface) -> None:
    it.page.functions[it.asks]["types"] = {"generator": False}


def _unqueued(it: ChatInterface) -> None:
    it.page.functions[it.asks]["queue"] = False


def _text(it: ChatInterface) -> None:
    it.page.components[it.response - 1]["type"] = "textbox"


def _no_show(it: ChatInterface) -> None:
    it.page.functions[it.shows]["outputs"] = []


def _no_copy(it: ChatInterface) -> None:
    it.page.functions[it.copies]["outputs"] = [it.value]


def _tags(it: ChatInterface) -> None:
    it.page.components[it.chat - 1]["props"]["reasoning_tags"] = [["<t>", "</t>"]]


def _more_before(it: ChatInterface) -> None:
    it.page.on(it.box, "submit", [it.box], [], "log", queue=False)


def _takes_saved(it: ChatInterface) -> None:
    it.page.then(it.answers, [it.saved], [], "log", queue=False)


@pytest.mark.parametrize(
    "change",
    [
        _hidden,
        _other_history,
        _other_inputs,
        _other_outputs,
        _seen,
        _another,
        _own_name,
        _own_save,
        _script,
        _checked,
        _streams,
        _unqueued,
        _text,
        _no_show,
        _no_copy,
        _tags,
        _more_before,
        _takes_saved,
    ],
)
def test_in_doubt_it_is_asked_as_by_its_page(change: Callable[[ChatInterface], None]) -> None:
    it = ChatInterface()
    change(it)
    app = server(it)
    app.does.update(dict.fromkeys(range(it.shows + 1, it.shows + 3), lambda *_: []))
    app.ask("Hi")
    assert it.asks not in called(app)
    assert it.answers in called(app)


def test_the_callers_choice() -> None:
    it = ChatInterface()
    app = server(it)
    app.ask("Hi", endpoint="/_submit_fn")
    assert it.asks not in called(app)


Q, A = message("user", "Q"), message("assistant", "A")
FILE = message("user", "a file")


@pytest.mark.parametrize(
    ("chat", "rest"),
    [
        ([Q, A, Q], [Q, A]),
        ([Q, A, Q, A, FILE, Q], [Q, A, Q, A]),
        ([Q, Q], [Q]),
        ([Q, A, FILE, Q, FILE, Q], [Q, A, FILE, Q]),
        ([["q", "a"], ["q", None]], [["q", "a"]]),
        ([["q", None], ["q", None]], [["q", None]]),
        ([], []),
    ],
)
def test_without_the_last_question(chat: list[Any], rest: list[Any]) -> None:
    assert without_last_question(chat) == rest
