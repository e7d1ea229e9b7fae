"""What a page does before a question and besides it: the requests, without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.options import Options
from spacechat.apps.page import Page as PageView
from spacechat.events import Log
from spacechat.messages import Conversation
from spacechat.protocol import Budget, Outputs, ReadAnswer, reading
from spacechat.providers import GradioChat
from spacechat.steps import Exchange, Fetch, Generate, Pause, Response, Show, Tell
from tests.scripts import run_script
from tests.servers.page import Page

Does = Callable[..., Any]


def update(**properties: object) -> dict[str, object]:
    return {"__type__": "update", **properties}


class Server:
    """Answers the steps of a script as the server of an app would.

    `calls` are the functions called, each with its inputs; `answering` are those whose outputs are
    shown as the answer, and `read` what is read there; `shown` is what is shown besides; `pauses`
    are the seconds waited; `logs` is what the reader is told.
    """

    def __init__(
        self, page: Page, does: dict[int, Does], config: dict[str, object] | None = None
    ) -> None:
        self.does = does
        self.calls: list[tuple[int, list[Any]]] = []
        self.answering: list[int] = []
        self.read: list[str] = []
        self.shown: list[str] = []
        self.fetched: list[str] = []
        self.logs: list[str] = []
        self.pauses: list[float] = []
        self.info: object = None
        self.config = {**json.loads(page.config()), **(config or {})}

    def ask(
        self,
        text: Any = "Hi",
        page: str = "",
        conversation: Conversation | None = None,
        **options: Any,
    ) -> Conversation:
        provider = GradioChat.at(f"http://app{page}")
        return self.run(
            provider.exchange(text, conversation=conversation, options=Options(**options))
        )

    def run(self, exchange: Exchange) -> Conversation:
        run_script(exchange.steps(Budget()), self.outcome)
        return exchange.conversation

    def outcome(self, step: object) -> object:
        assert len(self.calls) < 10_000, "there would be no end to it"
        if isinstance(step, Fetch) and step.runs:
            ran: Any = step.request.body
            self.calls.append((ran["fn_index"], ran["data"]))
            outputs = self.does[ran["fn_index"]](*ran["data"])
            return Response(json.dumps({"data": outputs}).encode())
        if isinstance(step, Fetch):
            self.fetched.append(step.request.url)
            if step.request.url.startswith("http://app/gradio_api/info?"):
                return Response(json.dumps(self.info).encode())
            if step.request.url != "http://app/config":
                error = errors.SpaceUnavailableError("404")
                error.status = 404
                raise error
            return Response(json.dumps(self.config).encode())
        if isinstance(step, Generate):
            body: Any = step.join.body
            self.calls.append((body["fn_index"], body["data"]))
            if isinstance(step.reads, ReadAnswer) and step.reads.answers:
                self.answering.append(body["fn_index"])
            outputs = self.does[body["fn_index"]](*body["data"])
            if isinstance(step.reads, ReadAnswer) and step.reads.output is not None:
                value = outputs[step.reads.output]
                start = reading.common_entries(step.reads.since, value)
                said = step.reads.response
                read = reading.read if said is None else said.read
                self.read.append(read(value, start, final=True).answer)
            return outputs
        if isinstance(step, Show) and isinstance(step.reads, ReadAnswer):
            start = reading.common_entries(step.reads.since, step.value)
            self.shown.append(reading.read(step.value, start, final=True).answer)
        if isinstance(step, Pause):
            self.pauses.append(step.seconds)
        if isinstance(step, Tell) and isinstance(step.event, Log):
            self.logs.append(step.event.message)
        return None


def answers(text: str, *_: object) -> list[Any]:
    return [[[text, f"You said: {text}"]]]


def fails(*_: object) -> list[Any]:
    raise errors.GenerationError("no")


def chat(page: Page, **props: object) -> tuple[int, int, int]:
    """Add a chat; return the ids of its function, its box and its chatbot."""
    shown = page.add("chatbot")
    box = page.add("textbox", "Message", **props)
    return page.on(box, "submit", [box], [shown]), box, shown


def called(server: Server) -> list[int]:
    return [id_ for id_, _ in server.calls]


def test_a_load_event_reveals_the_chat() -> None:
    page = Page()
    column = page.open("column", visible=False)
    asks, box, _ = chat(page, interactive=False)
    page.close()
    load = page.on(0, "load", [], [column, box])
    opened = lambda: [update(visible=True), update(interactive=True)]  # noqa: E731
    server = Server(page, {asks: answers, load: opened})
    server.ask()
    assert called(server) == [load, asks]
    closed = Server(page, {asks: answers, load: lambda: [update(), update()]})
    with pytest.raises(errors.ChatNotFoundError):
        closed.ask()
    assert called(closed) == [load]


def test_a_load_event_chooses_between_two_chats() -> None:
    page = Page()
    columns = []
    functions = []
    for visible in (True, False):
        columns.append(page.open("column", visible=visible))
        functions.append(chat(page)[0])
        page.close()
    load = page.on(0, "load", [], columns)
    does: dict[int, Does] = {
        **dict.fromkeys(functions, answers),
        load: lambda: [update(visible=False), update(visible=True)],
    }
    server = Server(page, does)
    server.ask()
    assert called(server) == [load, functions[1]]


def test_load_events_of_no_use_are_not_called() -> None:
    page = Page()
    asks, _, _ = chat(page)
    status = page.add("markdown")
    page.on(0, "load", [], [status])
    page.on(status, "change", [status], [])
    server = Server(page, {asks: answers})
    server.ask()
    assert called(server) == [asks]


def test_a_load_event_without_outputs_has_its_effect_on_the_server() -> None:
    page = Page()
    asks, _, _ = chat(page)
    load = page.on(0, "load", [], [])
    server = Server(page, {asks: answers, load: list})
    server.ask()
    assert called(server) == [load, asks]


def test_a_load_event_that_fails() -> None:
    page = Page()
    asks, _, shown = chat(page)
    load = page.on(0, "load", [], [shown])
    after = page.then(load, [], [shown], trigger_only_on_failure=True)
    server = Server(page, {asks: answers, load: fails, after: lambda: [[]]})
    server.ask()
    assert called(server) == [load, after, asks]
    assert len(server.logs) == 1
    assert "failed when the page was opened: no" in server.logs[0]


@pytest.mark.parametrize("version", ["5.50.0", "6.31.0"])
def test_what_follows_a_failure(version: str) -> None:
    page = Page()
    takes, box, shown = chat(page)
    asks = page.then(takes, [box], [shown])
    server = Server(page, {takes: fails, asks: answers}, {"version": version})
    if version[0] == "6":
        with pytest.raises(errors.GenerationError, match="no"):
            server.ask()
        assert called(server) == [takes]
    else:
        server.ask()
        assert called(server) == [takes, asks]


def test_choices_that_a_load_event_fills() -> None:
    page = Page()
    model = page.add("dropdown", "Model", choices=[])
    shown = page.add("chatbot")
    box = page.add("textbox", "Message")
    asks = page.on(box, "submit", [box, model], [shown])
    load = page.on(0, "load", [], [model])
    filled = lambda: [update(choices=[["A", "a"], ["B", "b"]], value="a")]  # noqa: E731
    server = Server(page, {asks: answers, load: filled})
    server.ask(inputs={"model": "b"})
    assert server.calls == [(load, []), (asks, ["Hi", "b"])]
    with pytest.raises(errors.InputsError, match="one of 'a', 'b'"):
        server.ask(inputs={"model": "c"})


def test_the_scripts_of_events() -> None:
    page = Page()
    shown = page.add("chatbot")
    box, saved = page.add("textbox", "Message"), page.add("textbox", visible=False)
    moves = page.on(
        box, "submit", [box], [saved, box], backend_fn=False, js="(x) => [x.trim(), '']"
    )
    asks = page.then(moves, [saved], [shown], js="async (x) => `${x}!`")
    language = page.add("state")
    load = page.on(0, "load", [language], [shown], js="() => navigator.language")
    server = Server(page, {asks: answers, load: lambda _: [[]]})
    server.ask(" Hi ")
    assert server.calls == [(load, ["en-US"]), (asks, ["Hi!"])]
    assert not server.logs


@pytest.mark.parametrize(("version", "sent"), [("5.50.0", "Hi!"), ("6.0.0", "Hi?")])
def test_a_script_gets_the_outputs_before_gradio_6(version: str, sent: str) -> None:
    page = Page()
    shown, count = page.add("chatbot"), page.add("number")
    box, saved = page.add("textbox", "Message"), page.add("textbox", value="!", visible=False)
    moves = page.on(
        box, "submit", [box], [saved], backend_fn=False, js="(x, y = '?') => `${x}${y}`"
    )
    asks = page.then(moves, [saved], [shown, count], js="(x) => x")
    server = Server(page, {asks: lambda text: [*answers(text), 1]}, {"version": version})
    server.ask()
    assert server.calls == [(asks, [sent])]
    assert not server.logs


def test_a_script_that_is_not_understood() -> None:
    page = Page()
    shown = page.add("chatbot")
    box = page.add("textbox", "Message")
    asks = page.on(box, "submit", [box], [shown], js="(x) => window.ours.prepare(x)")
    server = Server(page, {asks: answers})
    server.ask()
    assert server.calls == [(asks, ["Hi"])]
    assert "doesn't understand. Its inputs are sent as they are." in server.logs[0]


def test_a_change_that_the_answer_needs() -> None:
    page = Page()
    asks, box, shown = chat(page)
    asked, count, looks = page.add("textbox", visible=False), page.add("number"), page.add("html")
    page.functions.clear()
    takes = page.on(box, "submit", [box], [asked, box])
    asks = page.on(asked, "change", [asked], [shown])
    page.on(shown, "change", [shown], [count])
    page.on(count, "change", [count], [looks])
    server = Server(page, {takes: lambda text: [text, ""], asks: answers})
    server.ask()
    assert server.calls == [(takes, ["Hi"]), (asks, ["Hi"])]


def test_an_answer_that_follows_a_listener_of_no_use() -> None:
    """The page calls the listener for its looks; the answer needs what is chained after it only."""
    page = Page()
    box, asked = page.add("textbox", "Message"), page.add("textbox", visible=False)
    status, chat = page.add("textbox", "Status"), page.add("chatbot")
    submits = page.on(box, "submit", [box], [box, asked])
    looks = page.on(asked, "change", [asked], [status])
    answers = page.then(looks, [asked], [chat])
    server = Server(
        page, {submits: lambda text: ["", text], answers: lambda text: [[[text, "Fine."]]]}
    )
    server.ask()
    assert called(server) == [submits, answers]
    assert server.read == ["Fine."]


def test_what_is_shown_before_the_answer_is_none() -> None:
    page = Page()
    box, button, shown = (
        page.add("textbox", "Question"),
        page.add("button", "Ask"),
        page.add("html"),
    )
    waits = page.on(button, "click", [], [shown])
    asks = page.then(waits, [box], [shown])
    server = Server(page, {waits: lambda: ["Searching…"], asks: lambda text: [text]})
    server.ask()
    assert called(server) == [waits, asks]
    assert server.answering == [asks]


def test_in_a_chat_each_function_answers() -> None:
    page = Page()
    box, button, shown = page.add("textbox"), page.add("button", "Send"), page.add("chatbot")
    greets = page.on(button, "click", [], [shown])
    asks = page.then(greets, [box], [shown])
    server = Server(page, {greets: lambda: [[[None, "Hello"]]], asks: answers})
    server.ask()
    assert server.answering == [greets, asks]


def test_a_history_that_the_server_copies_from_the_chatbot() -> None:
    """It is copied before a question that comes with a history, and else after each answer only."""
    page = Page()
    box, chat, state = page.add("textbox"), page.add("chatbot"), page.add("state")
    answers = page.on(box, "submit", [box, chat, state], [chat])
    copies = page.then(answers, [chat], [state])
    does: dict[int, Does] = {
        answers: lambda text, shown, _: [[*shown, [text, "Fine."]]],
        copies: lambda _: [None],
    }
    turn = ["Hi", "Fine."]
    server = Server(page, does)
    chatting = server.ask("Hi")
    assert server.calls == [(answers, ["Hi", [], None]), (copies, [[turn]])]
    server.calls.clear()
    server.ask("And?", conversation=chatting)
    assert server.calls == [
        (answers, ["And?", [turn], None]),
        (copies, [[turn, ["And?", "Fine."]]]),
    ]
    server = Server(page, does)
    server.ask(
        [
            *({"role": r, "content": t} for r, t in zip(("user", "assistant"), turn, strict=True)),
            {"role": "user", "content": "And?"},
        ]
    )
    assert server.calls == [
        (copies, [[turn]]),
        (answers, ["And?", [turn], None]),
        (copies, [[turn, ["And?", "Fine."]]]),
    ]


def test_a_value_that_does_not_change_calls_nothing() -> None:
    page = Page()
    shown, asked = page.add("chatbot"), page.add("textbox", visible=False, value="Hi")
    box = page.add("textbox", "Message")
    takes = page.on(box, "submit", [box], [asked, shown])
    page.on(asked, "change", [asked], [shown])
    server = Server(page, {takes: lambda text: [text, *answers(text)]})
    server.ask()
    assert called(server) == [takes]


@pytest.mark.parametrize(("changed", "count"), [(None, 2), ([], 1), ([3], 2)])
def test_a_state_changes_if_the_server_says_so(changed: list[int] | None, count: int) -> None:
    page = Page()
    shown, box, state = page.add("chatbot"), page.add("textbox", "Message"), page.add("state")
    takes = page.on(box, "submit", [box], [state])
    asks = page.on(state, "change", [box, state], [shown])
    server = Server(
        page,
        {takes: lambda _: Outputs([None], changed_states=changed), asks: answers},
    )
    if count == 2:
        server.ask()
    else:
        with pytest.raises(errors.GenerationError, match="no function filled"):
            server.ask()
    assert called(server) == [takes, asks][:count]


def test_a_state_that_a_function_outside_the_queue_has_changed() -> None:
    """The page takes no notice of what the server says of it."""
    page = Page()
    shown, box, state = page.add("chatbot"), page.add("textbox", "Message"), page.add("state")
    taken = page.add("state")
    asks = page.on(box, "submit", [box, taken], [shown, state], queue=False)
    page.on(state, "change", [box], [taken])

    class Changes(Server):
        def outcome(self, step: object) -> object:
            made = super().outcome(step)
            if not isinstance(step, Fetch) or not step.runs:
                return made
            assert isinstance(made, Response)
            return Response(made.body[:-1] + b',"changed_state_ids":[%d]}' % state)

    server = Changes(page, {asks: lambda text, _: [*answers(text), None]})
    server.ask()
    assert called(server) == [asks]


def test_a_circle_of_changes_ends() -> None:
    page = Page()
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    one, two = [page.add("number", visible=False, value=0) for _ in range(2)]
    first = page.on(box, "submit", [box, one], [one])
    second = page.on(one, "change", [one], [two])
    third = page.on(two, "change", [two], [one, shown])
    server = Server(
        page,
        {
            first: lambda _, n: [n + 1],
            second: lambda n: [n + 1],
            third: lambda n: [n + 1, [["Hi", f"{n}"]]],
        },
    )
    server.ask()
    assert called(server) == [first, *[second, third] * 3]


def test_what_a_person_sets_calls_its_listeners() -> None:
    page = Page()
    maker = page.add("dropdown", "Maker", choices=["x", "y"], value="x")
    model = page.add("textbox", "Model", visible=False, value="x1")
    shown, box, typed = page.add("chatbot"), page.add("textbox", "Message"), page.add("state")
    asks = page.on(box, "submit", [box, maker, model, typed], [shown])
    picks = page.on(maker, "change", [maker], [model])
    keeps = page.on(box, "input", [box], [typed])
    page.on(maker, "select", [maker], [model], collects_event_data=True)
    does: dict[int, Does] = {asks: answers, picks: lambda m: [f"{m}1"], keeps: lambda _: [None]}
    server = Server(page, does)
    server.ask()
    server.ask(inputs={"Maker": "y"})
    assert server.calls == [
        (keeps, ["Hi"]),
        (asks, ["Hi", "x", "x1", None]),
        (picks, ["y"]),
        (keeps, ["Hi"]),
        (asks, ["Hi", "y", "y1", None]),
    ]


EMPTY: list[tuple[str, object]] = [
    ("textbox", ""),
    ("number", 0),
    ("checkbox", False),
    ("checkboxgroup", []),
    ("code", ""),
    ("multimodaltextbox", {"text": "", "files": []}),
    ("radio", None),
    ("dropdown", None),
    ("image", None),
    ("state", None),
]


@pytest.mark.parametrize(("kind", "sent"), EMPTY)
def test_what_an_empty_component_sends(kind: str, sent: object) -> None:
    page = Page()
    extra = page.add(kind, "Extra")
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    asks = page.on(box, "submit", [box, extra], [shown])
    server = Server(page, {asks: answers})
    server.ask()
    assert server.calls == [(asks, ["Hi", sent])]


@pytest.mark.parametrize(
    ("version", "sent"),
    [
        ("5.45.0", ["", "", "", "", ""]),
        ("5.50.0", ["", "", "", "", None]),
        ("6.1.0", ["", None, None, "", None]),
    ],
)
def test_what_a_component_that_is_not_on_the_page_sends(version: str, sent: list[object]) -> None:
    page = Page()
    page.open("tabs")
    page.open("tabitem", "First", id=1)
    extras = [page.add("textbox", "In the open tab")]
    page.open("accordion", "Closed", open=False)
    extras.append(page.add("textbox", "In a closed accordion"))
    page.close(2)
    page.open("tabitem", "Second", id=2)
    extras.append(page.add("textbox", "In a closed tab"))
    page.close()
    page.open("tabitem", "Chat", id=3)
    extras.append(page.add("textbox", "Beside the message, in a tab that a person opens"))
    extras.append(page.add("textbox", "Hidden", visible=False))
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    asks = page.on(box, "submit", [box, *extras], [shown])
    server = Server(page, {asks: answers}, {"version": version})
    server.ask()
    assert server.calls == [(asks, ["Hi", *sent])]


def test_what_is_sent_by_another_tab_than_before() -> None:
    """A person opens it for a later question, too, and then its components are on the page."""
    page = Page()
    page.open("tabs")
    functions = []
    for number in (1, 2):
        page.open("tabitem", f"Tab {number}", id=number)
        extra = page.add("textbox", f"Extra {number}", value="")
        shown, box = page.add("chatbot"), page.add("textbox", f"Message {number}")
        functions.append(page.on(box, "submit", [box, extra], [shown], f"ask{number}"))
        page.close()
    server = Server(page, dict.fromkeys(functions, answers), {"version": "6.1.0"})
    chat = server.ask("Hi", endpoint="ask1")
    server.ask("Why?", conversation=chat, endpoint="ask2")
    assert server.calls == [(functions[0], ["Hi", ""]), (functions[1], ["Why?", ""])]


def test_what_the_browser_keeps() -> None:
    page = Page()
    kept = page.add("browserstate", default_value={"seen": []})
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    load = page.on(0, "load", [kept], [kept, shown])
    asks = page.on(box, "submit", [box, kept], [shown, kept])
    returned = lambda _: [{"seen": [1]}, []]  # noqa: E731
    server = Server(page, {asks: answers, load: returned})
    server.ask()
    assert server.calls == [(load, [{"seen": []}]), (asks, ["Hi", {"seen": [1]}])]


def test_a_chat_that_is_rendered() -> None:
    page = Page()
    kept = page.add("state")
    part = page.open("column")
    page.close()
    load = page.on(0, "load", [], [part])
    render = {
        "layout": {
            "id": part,
            "children": [{"id": 21}, {"id": 22}, {"id": 23, "children": [{"id": 24}]}],
        },
        "components": [
            {"id": part, "type": "column", "props": {}},
            {"id": 21, "type": "chatbot", "props": {}},
            {"id": 22, "type": "textbox", "props": {"label": "Message"}},
            {"id": 23, "type": "accordion", "props": {"open": False}},
            {"id": 24, "type": "textbox", "props": {"label": "On the page, though closed"}},
        ],
        "dependencies": [
            {"id": 9, "targets": [[22, "submit"]], "inputs": [22, kept, 24], "outputs": [21]}
        ],
    }
    made = Outputs([None], json.dumps(render).encode())
    server = Server(page, {load: lambda: made, 9: answers}, {"version": "6.31.0"})
    server.ask()
    assert server.calls == [(load, []), (9, ["Hi", None, ""])]


def test_a_later_question_in_an_accordion() -> None:
    """It is opened for that, and so the page makes what else is in it."""
    page = Page()
    first, _, shown = chat(page)
    page.open("accordion", "More", open=False)
    box, name = page.add("textbox", "Message"), page.add("textbox", "Name")
    page.close()
    second = page.on(box, "submit", [box, name], [shown], api_name="second")
    server = Server(page, {first: answers, second: answers}, {"version": "6.31.0"})
    begun = server.ask("Hi", endpoint=first)
    server.ask("And?", conversation=begun, endpoint="/second")
    assert server.calls == [(first, ["Hi"]), (second, ["And?", ""])]


def test_a_rendered_part_that_is_malformed() -> None:
    page = Page()
    part = page.open("column")
    page.close()
    load = page.on(0, "load", [], [part])
    server = Server(page, {load: lambda: Outputs([None], b'{"layout": 5}')})
    with pytest.raises(errors.ProtocolError):
        server.ask()


def test_a_part_of_a_function_that_makes_none() -> None:
    page = Page()
    asks, _, shown = chat(page)
    load = page.on(0, "load", [], [shown])
    server = Server(page, {load: lambda: Outputs([[]], b'{"layout": 5}'), asks: answers})
    server.ask()
    assert called(server) == [load, asks]


def two_pages() -> tuple[Page, dict[str, Any], list[int]]:
    page = Page()
    home, _, _ = chat(page)
    before = len(page.components)
    other, _, shown = chat(page)
    load = page.on(0, "load", [], [shown])
    ids = [each["id"] for each in page.components]
    pages = {
        "": {"layout": {}, "components": ids[:before], "dependencies": [home]},
        "other": {"layout": {}, "components": ids[before:], "dependencies": [other, load]},
    }
    config: dict[str, Any] = {
        "pages": [["", "Home", True], ["other", "Other", True]],
        "page": pages,
    }
    return page, config, [home, load, other]


def test_the_pages_of_an_app() -> None:
    page, config, (home, load, other) = two_pages()
    server = Server(page, {home: answers, load: lambda: [[]], other: answers}, config)
    server.ask()
    assert called(server) == [home]
    server.ask(page="/other")
    assert called(server) == [home, load, other]
    assert server.fetched[1:] == ["http://app/other/config", "http://app/config"]
    with pytest.raises(errors.SpaceUnavailableError, match="404"):
        server.ask(page="/missing")


def test_a_chat_on_another_page_than_the_first() -> None:
    page, config, (home, load, other) = two_pages()
    page.functions[home]["outputs"] = []
    server = Server(page, {load: lambda: [[]], other: answers}, config)
    server.ask()
    assert called(server) == [load, other]


def test_a_page_that_there_is_not() -> None:
    page, config, _ = two_pages()
    data = json.dumps({**json.loads(page.config()), **config}).encode()
    assert parse_config(data, "other").page == "other"
    with pytest.raises(errors.ProtocolError, match="no page 'third'"):
        parse_config(data, "third")


def endpoint(page: Page, name: str, parameters: dict[str, Any], returns: str = "string") -> Any:
    """Add an endpoint of an app that has nothing else; return what `info` says of it."""
    inputs = [page.add("api", "1st") for _ in parameters]
    id_ = page.on(0, "", inputs, [page.add("api", "1st")], name)
    page.functions[id_]["targets"] = []
    return {
        "parameters": [
            {"parameter_name": parameter, "type": kind} for parameter, kind in parameters.items()
        ],
        "returns": [{"type": {"type": returns}}],
    }


TEXT = {"type": "string"}
MESSAGES = {"type": "array", "items": {"type": "object"}}
TALK = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello!"},
    {"role": "user", "content": "Why?"},
]
HISTORIES: list[tuple[dict[str, Any], list[Any]]] = [
    (MESSAGES, TALK[:2]),
    ({"type": "array", "items": {"type": "array"}}, [["Hi", "Hello!"]]),
]


@pytest.mark.parametrize(("kind", "history"), HISTORIES)
def test_an_app_that_has_endpoints_only(kind: dict[str, Any], history: list[Any]) -> None:
    page = Page()
    parameters = {"user_id": TEXT, "message": TEXT, "history": kind}
    infos = {"/chat": endpoint(page, "chat", parameters)}
    infos["/remove"] = endpoint(page, "remove", {"message": TEXT})
    server = Server(page, {0: lambda *_: ["Hello!"]}, {"mode": "server"})
    server.info = {"named_endpoints": infos}
    server.ask("Hi", inputs={"user_id": "ada"})
    server.ask(TALK)
    assert server.calls == [(0, ["ada", "Hi", []]), (0, ["", "Why?", history])]


NO_CHATS: list[tuple[str, dict[str, Any], str]] = [
    ("generate", {"prompt": TEXT}, "string"),
    ("chat", {"name": TEXT}, "string"),
    ("chat", {"message": TEXT}, "number"),
    ("delete_chat", {"message": TEXT}, "string"),
]


@pytest.mark.parametrize(("name", "parameters", "returns"), NO_CHATS)
def test_endpoints_that_are_no_chats(name: str, parameters: dict[str, Any], returns: str) -> None:
    page = Page()
    infos = {f"/{name}": endpoint(page, name, parameters, returns)}
    server = Server(page, {}, {"mode": "server"})
    server.info = {"named_endpoints": infos}
    with pytest.raises(errors.ChatNotFoundError, match=name):
        server.ask()
    server.info = ["nothing"]
    with pytest.raises(errors.ChatNotFoundError, match=name):
        server.ask()


def test_a_load_event_that_never_ends_is_not_called() -> None:
    page = Page()
    asks, _, shown = chat(page)
    page.on(0, "load", [], [shown], types={"continuous": True})
    server = Server(page, {asks: answers})
    server.ask()
    assert called(server) == [asks]


def test_a_value_that_is_too_deep_to_be_compared() -> None:
    page = Page()
    asks, box, shown = chat(page)
    extra = page.add("json")
    page.functions[asks]["outputs"] = [shown, extra]
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    page.on(extra, "change", [extra], [])
    view = PageView(parse_config(page.config()))
    function = view.app.functions[asks]
    view.values[extra] = deep
    other: list[Any] = []
    for _ in range(100_000):
        other = [other]
    assert extra in view.take(function, Outputs([[], other]), Budget())
    assert box not in view.values


@pytest.mark.parametrize("event", ["change", "input"])
@pytest.mark.parametrize("sends", ["click", "submit"])
def test_a_message_that_gets_there_by_way_of_a_state(event: str, sends: str) -> None:
    page = Page()
    shown, box, state = page.add("chatbot"), page.add("textbox", "Message"), page.add("state")
    send = page.add("button", "Send") if sends == "click" else box
    keeps = page.on(box, event, [box], [state])
    asks = page.on(send, sends, [state], [shown])
    server = Server(page, {keeps: lambda text: [text], asks: lambda _: [[["Hi", "A"]]]})
    server.ask()
    assert server.calls == [(keeps, ["Hi"]), (asks, [None])]


def test_a_box_that_is_taken_itself_comes_before_one_that_is_kept() -> None:
    page = Page()
    asks, _, shown = chat(page)
    state = page.add("state")
    page.on(page.add("textbox", "Message"), "change", [page.components[-1]["id"]], [state])
    page.functions[asks]["inputs"].append(state)
    page.on(page.add("button", "Again"), "click", [state], [shown])
    server = Server(page, {asks: answers})
    server.ask()
    assert server.calls == [(asks, ["Hi", None])]


def test_a_component_with_all_its_properties() -> None:
    page = Page()
    shown, box = page.add("chatbot"), page.add("textbox", "Message", lines=2)
    limit = page.add("slider", "Limit", maximum=9, value=4)
    asks = page.on(box, "submit", [box, limit], [shown], component_prop_inputs=[0, 1, 7, -1])
    server = Server(page, {asks: lambda *_: [[["Hi", "A"]]]}, {"version": "6.31.0"})
    server.ask(inputs={"Limit": 5})
    (_, (typed, chosen)) = server.calls[0]
    assert typed == {"label": "Message", "visible": True, "lines": 2, "value": "Hi"}
    assert chosen == {"label": "Limit", "visible": True, "maximum": 9, "value": 5}


def test_a_private_function_has_no_name() -> None:
    page = Page()
    chat(page)
    for name, visibility in [("false", "private"), ("false_12", "private"), ("false", "public")]:
        chat(page)
        page.functions[-1].update(api_name=name, api_visibility=visibility)
    names = [each.api_name for each in parse_config(page.config()).functions.values()]
    assert names == [None, None, None, "false"]


def test_a_part_that_others_mount_reveals_the_chat() -> None:
    page = Page()
    application = page.open("modelscopeapplication")
    shown, box = page.add("prochatbot"), page.add("antdxsender", disabled=True)
    asks = page.on(box, "submit", [box], [shown])
    mount = page.on(application, "mount", [], [box])
    server = Server(page, {asks: answers, mount: lambda: [update(disabled=False)]})
    server.ask()
    assert called(server) == [mount, asks]


def polled(page: Page, **timer: Any) -> tuple[int, int, int]:
    """Add a chat that a timer fills; return its two functions and the timer."""
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    ticks = page.add("timer", value=0.5, **timer)
    starts = page.on(box, "submit", [box], [shown, ticks])
    return starts, page.on(ticks, "tick", [], [shown, ticks]), ticks


def test_a_timer_that_fetches_the_answer() -> None:
    page = Page()
    starts, tick, _ = polled(page, active=False)
    answers = iter(["A", "An", "Answer"])

    def more() -> list[Any]:
        text = next(answers)
        return [[["Hi", text]], update(active=text != "Answer")]

    server = Server(page, {starts: lambda _: [[["Hi", ""]], update(active=True)], tick: more})
    server.ask()
    assert called(server) == [starts, tick, tick, tick]
    assert server.pauses == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("seconds", [0, -1, 1e300, "x", None, True])
def test_a_timer_that_is_never_stopped(seconds: Any) -> None:
    page = Page()
    starts, tick, ticks = polled(page, active=False)
    page.components[ticks - 1]["props"]["value"] = seconds
    server = Server(
        page,
        {
            starts: lambda _: [[["Hi", ""]], update(active=True)],
            tick: lambda: [[["Hi", "A"]], update()],
        },
    )
    with pytest.raises(errors.GenerationError, match="timer"):
        server.ask()
    assert len(server.pauses) <= 3000


@pytest.mark.parametrize("text", [None, "", "⏳ Thinking…"])
def test_a_timer_that_always_runs(text: str | None) -> None:
    page = Page()
    asks, _, shown = chat(page)
    page.on(page.add("timer", value=1, active=True), "tick", [], [shown])
    with pytest.raises(errors.ChatNotFoundError, match="timer"):
        Server(page, {asks: lambda _: [[["Hi", text]]]}).ask()
    server = Server(page, {asks: answers})
    server.ask()
    assert called(server) == [asks]


ASKED = {"role": "user", "content": "Hi"}
UNANSWERED: dict[str, Any] = {
    "a pair": [["Hi", None]],
    "a message": [ASKED],
    "nothing": [],
    "none": None,
    "no value": update(),
}
WITHOUT_TEXT: dict[str, Any] = {
    "a pair": [["Hi", ""]],
    "a message": [ASKED, {"role": "assistant", "content": ""}],
    "a file": [ASKED, {"role": "assistant", "content": {"file": {"path": "x"}}}],
    "a thought": [ASKED, {"role": "assistant", "content": "x", "metadata": {"title": "y"}}],
}


@pytest.mark.parametrize("case", UNANSWERED)
@pytest.mark.parametrize("others", [False, True])
def test_what_is_no_answer_is_an_error(case: str, others: bool) -> None:
    """It names the other ways to chat, if there are any."""
    page = Page()
    asks, box, _ = chat(page)
    if others:
        page.on(page.add("button", "Ask"), "click", [box], [page.add("markdown")], "explain")
    kind = errors.ChatNotFoundError if others else errors.GenerationError
    with pytest.raises(kind, match="/explain" if others else "no answer"):
        Server(page, {asks: lambda _: [UNANSWERED[case]]}).ask()


@pytest.mark.parametrize("case", WITHOUT_TEXT)
def test_an_answer_without_a_text_is_one(case: str) -> None:
    page = Page()
    asks, _, _ = chat(page)
    Server(page, {asks: lambda _: [WITHOUT_TEXT[case]]}).ask()


def test_a_text_may_be_empty() -> None:
    page = Page()
    box, shown = page.add("textbox", "Message"), page.add("textbox", "Answer", interactive=False)
    asks = page.on(box, "submit", [box], [shown])
    Server(page, {asks: lambda _: [""]}).ask()
    for nothing in (None, update()):
        with pytest.raises(errors.GenerationError, match="no function filled"):
            Server(page, {asks: lambda _, nothing=nothing: [nothing]}).ask()


def repeated(server: Server, times: int) -> list[str]:
    """Ask the same question several times, and return the answers."""
    conversation: Conversation | None = None
    for _ in range(times):
        conversation = server.ask(conversation=conversation)
    return server.read


@pytest.mark.parametrize("form", ["pairs", "messages", "parts"])
def test_the_same_answer_in_a_chat_that_shows_the_newest_turn(form: str) -> None:
    """Such a chat looks as before, and the answer is none the less one to this question."""
    page = Page()
    asks, _, _ = chat(page)
    text = [{"type": "text", "text": "Hi"}] if form == "parts" else "Hi"
    turn: list[Any] = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": "Hello"},
    ]
    server = Server(page, {asks: lambda _: [[["Hi", "Hello"]] if form == "pairs" else turn]})
    assert repeated(server, 3) == ["Hello"] * 3


def test_the_same_answer_in_a_chat_that_forgets() -> None:
    """Its function takes the chat, but shows the newest turn only, as the third question shows."""
    page = Page()
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    asks = page.on(box, "submit", [box, shown], [shown])
    replies = iter(["Hello", "Hello!", "Hello!"])
    server = Server(page, {asks: lambda *_: [[["Hi", next(replies)]]]})
    assert repeated(server, 3) == ["Hello", "Hello!", "Hello!"]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_an_earlier_answer_is_not_repeated(turns: int) -> None:
    """The function fails silently: it returns the chat as it was."""
    page = Page()
    shown, box = page.add("chatbot"), page.add("textbox", "Message")
    asks = page.on(box, "submit", [box, shown], [shown])

    def add(text: str, history: list[Any]) -> list[Any]:
        return [[*history, [text, "Hello"]] if len(history) < turns else history]

    server = Server(page, {asks: add})
    with pytest.raises(errors.GenerationError, match="nothing that is new"):
        repeated(server, turns + 1)
    assert server.read == ["Hello"] * turns + [""]


def test_a_timer_whose_function_fails() -> None:
    page = Page()
    starts, tick, _ = polled(page, active=False)
    server = Server(page, {starts: lambda _: [[["Hi", ""]], update(active=True)], tick: fails})
    with pytest.raises(errors.GenerationError):
        server.ask()
    assert called(server) == [starts, tick]
