"""A `ChatInterface` is asked by its function for programs, if that asks just what its page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat.apps import find_way, parse_config
from spacechat.apps.known import Apps, KnownApp
from spacechat.apps.one_call import find_one_call
from spacechat.errors import SpaceUnavailableError
from spacechat.protocol import Budget
from spacechat.providers import GradioChat
from spacechat.steps import Generate
from tests.apps.test_pages import Does, Server, called
from tests.scripts import run_script
from tests.servers.chat_interface import ChatInterface

SAID = "  Fine.\n"


def message(role: str, text: str, metadata: object = None) -> dict[str, Any]:
    """A message as the page of Gradio 6 has it."""
    content = [{"text": text, "type": "text"}]
    return {"role": role, "metadata": metadata, "content": content, "options": None}


def server(
    it: ChatInterface, said: object = SAID, version: str = "6.31.0", shown: str = "Fine."
) -> Server:
    """A server that answers all functions, and keeps the history; its page's own says another."""
    history: list[Any] = []

    def asks(question: str, *_: object) -> list[Any]:
        history.extend([message("user", question), message("assistant", shown)])
        return [said, None]

    def copies(chat: list[Any]) -> list[Any]:
        history[:] = chat
        return [None, None]

    does: dict[int, Does] = {
        it.saves: lambda text: ["", text],
        it.appends: lambda _, chat: [[*chat, message("user", "Hi")]],
        it.answers: lambda *_: [None, [message("user", "Hi"), message("assistant", "By page")]],
        it.copies: copies,
        it.asks: asks,
        it.shows: lambda *_: [[*history, message("user", "?")]],
    }
    return Server(it.page, does, {"version": version})


def test_one_call_instead_of_three() -> None:
    """What it says is shown by the server, which needs a message for it: once in a session."""
    it = ChatInterface()
    app = server(it)
    chat = app.ask("Hi")
    app.ask("And?", conversation=chat)
    turn = [message("user", "Hi"), message("assistant", "Fine.")]
    later = [*turn, message("user", "And?"), message("assistant", "Fine.")]
    assert app.calls == [
        (it.asks, ["Hi", None]),
        (it.saves, ["?"]),
        (it.shows, [None, None]),
        (it.copies, [turn]),
        (it.asks, ["And?", None]),
        (it.shows, [None, None]),
        (it.copies, [later]),
    ]
    assert app.answering == [it.asks, it.asks]
    assert app.read == app.shown == ["Fine.", "Fine."]


def test_a_greeting_that_was_shown_when_the_page_opened_is_not_in_the_history() -> None:
    """The page shows the history and the new turn, and so the greeting goes away."""
    it = ChatInterface()
    load = it.page.on(0, "load", [], [it.chat], "greet", queue=False)
    app = server(it)
    app.does[load] = lambda: [[message("assistant", "Welcome!")]]
    app.ask("Hi")
    assert called(app)[:2] == [load, it.asks]
    assert app.calls[-1] == (it.copies, [[message("user", "Hi"), message("assistant", "Fine.")]])


@pytest.mark.parametrize(
    ("version", "kind", "said"),
    [
        ("6.31.0", None, "Fine."),
        ("5.50.0", "messages", "Fine."),
        ("5.50.0", "tuples", SAID),
        ("5.50.0", None, SAID),
    ],
)
def test_whether_a_chatbot_tidies_texts(version: str, kind: str | None, said: str) -> None:
    it = ChatInterface(chatbot={} if kind is None else {"type": kind})
    app = server(it, version=version)
    app.ask("Hi")
    assert app.read == [said]


def test_an_earlier_message_that_was_changed_is_shown_as_it_is_now() -> None:
    """Some versions of Gradio give the function the very messages that the page shows."""
    it = ChatInterface()
    app = server(it)
    chat = app.ask("Hi")
    changed = [message("user", "Edited"), message("assistant", "Fine.")]
    asks = app.does[it.asks]

    def edits(question: str, *rest: object) -> object:
        app.does[it.copies](changed)
        return asks(question, *rest)

    app.does[it.asks] = edits
    app.ask("And?", conversation=chat)
    later = [*changed, message("user", "And?"), message("assistant", "Fine.")]
    assert app.calls[-1] == (it.copies, [later])


def test_where_the_page_shows_another_text_than_was_read_it_counts() -> None:
    it = ChatInterface()
    app = server(it, "\x0bFine.", shown="\x0bFine.")
    app.ask("Hi")
    assert app.read == ["Fine."]
    assert app.shown == ["\x0bFine."]


@pytest.mark.parametrize("name", ["saves", "shows"])
def test_showing_the_answer_is_tried_once_more(name: str) -> None:
    """The question is not asked again for it."""
    it = ChatInterface()
    app = server(it)
    function: int = getattr(it, name)
    does, failures = app.does[function], [SpaceUnavailableError("busy", temporary=True)]

    def at_first_fails(*inputs: Any) -> Any:
        if failures:
            raise failures.pop()
        return does(*inputs)

    app.does[function] = at_first_fails
    app.ask("Hi")
    assert app.shown == ["Fine."]
    assert [each for each, _ in app.calls].count(it.asks) == 1
    assert app.pauses == [1.0]


@pytest.mark.parametrize("temporary", [True, False])
def test_an_answer_that_can_not_be_shown(temporary: bool) -> None:
    it = ChatInterface()
    app = server(it)

    def fails(*_: Any) -> list[Any]:
        raise SpaceUnavailableError("busy", temporary=temporary)

    app.does[it.shows] = fails
    with pytest.raises(SpaceUnavailableError, match="busy"):
        app.ask("Hi")
    assert [each for each, _ in app.calls].count(it.shows) == 1 + temporary


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
    assert called(app) == [it.asks, it.saves, it.shows, it.copies]


def test_an_app_that_says_more_than_texts_is_asked_by_its_page_from_then_on() -> None:
    """What a function changes while it yields it would come by `/chat` at the end only."""
    it = ChatInterface()
    app = server(it, ["Fine."])
    provider, apps = GradioChat.at("http://app"), Apps()
    for _ in range(2):
        app.run(provider.exchange("Hi", apps=apps))
    assert called(app)[:4] == [it.asks, it.saves, it.shows, it.copies]
    assert called(app)[4:] == [it.saves, it.appends, it.answers, it.copies]


def test_an_app_that_says_all_at_once_changes_nothing_while_it_speaks() -> None:
    it = ChatInterface(streams=False)
    app = server(it, ["Fine."])
    provider, apps = GradioChat.at("http://app"), Apps()
    for _ in range(2):
        app.run(provider.exchange("Hi", apps=apps))
    assert called(app).count(it.asks) == 2
    assert it.answers not in called(app)


def test_what_a_person_would_have_clicked() -> None:
    it = ChatInterface()
    app = server(it)
    joins: list[Any] = []

    def outcome(step: object) -> object:
        if isinstance(step, Generate):
            joins.append(step.join.body)
        return app.outcome(step)

    run_script(GradioChat.at("http://app").exchange("Hi").steps(Budget()), outcome)
    assert [each["trigger_id"] for each in joins if each["fn_index"] == it.asks] == [it.button]


def test_apps_that_say_more_than_texts_are_remembered_up_to_a_bound() -> None:
    app = parse_config(ChatInterface().page.config())
    apps, known = Apps(), [KnownApp(f"http://{n}", {}, app) for n in range(300)]
    for each in known:
        apps.remember_more(each)
    assert sum(map(apps.says_more, known)) == 256
    assert apps.says_more(known[-1])


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


def _untriggered(it: ChatInterface) -> None:
    it.page.functions[it.asks]["targets"] = []


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
        _untriggered,
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


OTHER: list[tuple[str, str, Callable[[ChatInterface], Any]]] = [
    ("saves", "outputs", lambda it: []),
    ("saves", "outputs", lambda it: [it.saved]),
    ("saves", "outputs", lambda it: [it.box, it.saved, it.value]),
    ("saves", "api_name", lambda it: False),
    ("saves", "collects_event_data", lambda it: True),
    ("saves", "component_prop_inputs", lambda it: [0]),
    ("appends", "inputs", lambda it: [it.saved]),
    ("appends", "api_name", lambda it: "append"),
    ("answers", "inputs", lambda it: [it.saved]),
    ("answers", "outputs", lambda it: []),
    ("answers", "outputs", lambda it: [it.chat]),
    ("answers", "outputs", lambda it: [it.unseen, it.chat, it.value]),
    ("answers", "trigger_after", lambda it: it.saves),
    ("copies", "inputs", lambda it: [it.chat, it.value]),
    ("copies", "outputs", lambda it: [it.saved]),
    ("copies", "trigger_after", lambda it: it.appends),
    ("asks", "outputs", lambda it: []),
    ("asks", "outputs", lambda it: [it.response]),
    ("asks", "outputs", lambda it: [it.response, it.value]),
    ("asks", "outputs", lambda it: [it.response, it.history, it.value]),
    ("asks", "outputs", lambda it: [99, it.history]),
    ("asks", "targets", lambda it: [[99, "click"]]),
    ("asks", "trigger_after", lambda it: it.copies),
    ("asks", "js", lambda it: "(text) => text"),
    ("asks", "collects_event_data", lambda it: True),
    ("asks", "component_prop_inputs", lambda it: [0]),
]


def is_asked_by_one_call(it: ChatInterface) -> bool:
    return find_one_call(find_way(parse_config(it.page.config("6.31.0")))) is not None


@pytest.mark.parametrize(("function", "field", "value"), OTHER)
def test_functions_that_gradio_does_not_make(
    function: str, field: str, value: Callable[[ChatInterface], Any]
) -> None:
    it = ChatInterface()
    assert is_asked_by_one_call(it)
    it.page.functions[getattr(it, function)][field] = value(it)
    assert not is_asked_by_one_call(it)


def test_an_answer_that_its_own_function_does_not_take() -> None:
    it = ChatInterface()
    it.page.functions[it.answers]["inputs"] = [it.saved]
    it.page.functions[it.copies]["outputs"] = [it.saved]
    assert not is_asked_by_one_call(it)


@pytest.mark.parametrize("name", ["saved", "history", "unseen"])
def test_what_is_kept_in_no_state(name: str) -> None:
    it = ChatInterface()
    it.page.components[getattr(it, name) - 1].update(type="json", props={"visible": False})
    assert not is_asked_by_one_call(it)


def test_a_response_that_a_person_sees() -> None:
    it = ChatInterface()
    it.page.components[it.response - 1]["props"]["visible"] = True
    assert not is_asked_by_one_call(it)


def test_the_callers_choice() -> None:
    it = ChatInterface()
    app = server(it)
    app.ask("Hi", endpoint="/_submit_fn")
    assert it.asks not in called(app)


def test_a_chat_of_another_kind() -> None:
    """Only of Gradio's own is known what its function for programs says."""
    it = ChatInterface()
    it.page.components[it.chat - 1]["type"] = "multimodalchatbot"
    assert not is_asked_by_one_call(it)


def test_what_a_persons_choice_changes_is_left_to_the_page() -> None:
    it = ChatInterface(inputs=("slider",))
    slider = it.more[0]
    it.page.on(slider, "release", [slider], [it.history], "forget", queue=False)
    assert not is_asked_by_one_call(it)


def test_what_only_shows_the_answer_is_no_answer() -> None:
    it = ChatInterface()
    it.page.functions[it.shows]["queue"] = True
    app = server(it)
    app.ask("Hi")
    assert it.shows in called(app)
    assert app.answering == [it.asks]
