"""One question to an app, step by step: what is sent, and what counts as a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps.description import AppChangedError
from spacechat.apps.known import Apps
from spacechat.apps.options import Options
from spacechat.events import File, Log
from spacechat.messages import Conversation
from spacechat.providers import GradioChat
from spacechat.steps import Beside, Connect, Generate, KeepPageOpen, Response, Tell, Upload
from tests.apps.test_pages import Does, Server, answers, called, chat, fails, update
from tests.servers.files import data
from tests.servers.page import Page


class App(Server):
    """A server with a client that knows it; it notes more of what is sent.

    `bodies` are the calls as they are sent, `kept` the addresses that keep a page open, `uploads`
    the names of the files sent, and `told` the other events.
    """

    def __init__(
        self, page: Page, does: dict[int, Does], config: dict[str, object] | None = None
    ) -> None:
        super().__init__(page, does, config)
        self.apps = Apps()
        self.bodies: list[dict[str, Any]] = []
        self.kept: list[str] = []
        self.uploads: list[str] = []
        self.told: list[object] = []

    def ask(
        self,
        text: Any = "Hi",
        page: str = "",
        conversation: Conversation | None = None,
        files: Any = (),
        **options: Any,
    ) -> Conversation:
        given = Options(files=files, **options) if files else Options(**options)
        exchange = GradioChat.at(f"http://app{page}").exchange(
            text, conversation=conversation, apps=self.apps, options=given
        )
        found = self.run(exchange)
        exchange.complete("Fine.")
        return found

    def outcome(self, step: object) -> object:
        if isinstance(step, Generate):
            body: Any = step.join.body
            self.bodies.append(body)
        if isinstance(step, KeepPageOpen):
            self.kept.append(step.url)
        if isinstance(step, Upload):
            self.uploads += [each.name for each in step.files]
            return Response(json.dumps([f"/tmp/{step.files[0].name}"]).encode())
        if isinstance(step, Tell):
            self.told.append(step.event)
        if isinstance(step, (Connect, Beside)):
            return b""
        return super().outcome(step)


def one(**config: Any) -> tuple[App, int]:
    """Return an app with a chat."""
    page = Page()
    asks, _, _ = chat(page)
    return App(page, {asks: lambda text: [[[text, "Fine."]]]}, config), asks


def error(
    kind: type[errors.SpaceChatError] = errors.GenerationError, says: str = "no", **more: Any
) -> Does:
    """Return a function that fails."""

    def does(*_: object) -> Any:
        failure = kind(says)
        for name, value in more.items():
            setattr(failure, name, value)
        raise failure

    return does


@pytest.mark.parametrize(
    ("fails_by", "is_known", "is_another", "looks_again", "asks_again"),
    [
        (error(), False, True, False, False),
        (error(), True, False, True, False),
        (error(), True, True, True, True),
        (error(temporary=True), True, True, False, False),
        (error(partial_text="Hel"), True, True, False, False),
        (error(AppChangedError), True, False, True, True),
        (error(AppChangedError), False, False, True, True),
    ],
)
def test_a_question_that_fails_since_the_app_is_another_one(
    fails_by: Does, is_known: bool, is_another: bool, looks_again: bool, asks_again: bool
) -> None:
    app, asks = one()
    if is_known:
        app.ask()
    fine = app.does[asks]

    def once(text: str) -> Any:
        app.does[asks] = fine
        if is_another:
            app.config["app_id"] = 2
        return fails_by(text)

    app.does[asks] = once
    app.calls.clear()
    app.fetched.clear()
    if asks_again:
        app.ask()
    else:
        with pytest.raises(errors.GenerationError, match="no"):
            app.ask()
    assert called(app) == [asks] * (1 + asks_again)
    assert app.fetched == ["http://app/config"] * (looks_again + (not is_known))


def test_the_session_of_a_conversation() -> None:
    """It goes on as long as the app is the same one; and so does its page, which stays open."""
    app, _ = one(connect_heartbeat=True)
    first = app.ask()
    session = first.session_hash
    second = app.ask("And?", conversation=first)
    assert second.session_hash == session
    assert [each["session_hash"] for each in app.bodies] == [session, session]
    assert app.kept == [f"http://app/gradio_api/heartbeat/{session}"] * 2
    app.config["app_id"] = 2
    app.apps = Apps()
    third = app.ask("Why?", conversation=second)
    assert third.session_hash == app.bodies[-1]["session_hash"] != session
    assert third.session_hash in app.kept[-1]


def test_a_page_that_nobody_has_to_keep_open() -> None:
    app, _ = one(connect_heartbeat=False)
    app.ask()
    assert app.kept == []


def test_the_component_that_a_person_used() -> None:
    page = Page()
    box, button, shown = page.add("textbox"), page.add("button", "Send"), page.add("chatbot")
    asks = page.on(button, "click", [box], [shown])
    app = App(page, {asks: answers})
    app.ask()
    assert [each["trigger_id"] for each in app.bodies] == [button]


def test_a_question_after_one_that_failed() -> None:
    """It begins a page anew, with the history: what the other one left is out of date."""
    page = Page()
    box, shown = page.add("textbox"), page.add("chatbot")
    asks = page.on(box, "submit", [box, shown], [shown])
    after = page.then(asks, [shown], [shown])
    app = App(
        page,
        {asks: lambda text, before: [[*before, [text, "Fine."]]], after: lambda entries: [entries]},
    )
    first = app.ask("One")
    fine, app.does[after] = app.does[after], fails
    with pytest.raises(errors.GenerationError):
        app.ask("Two", conversation=first)
    app.does[after] = fine
    app.calls.clear()
    third = app.ask("Three", conversation=first)
    assert app.calls[0] == (asks, ["Three", [["One", "Fine."]]])
    assert third.session_hash != first.session_hash


@pytest.mark.parametrize("is_first", [True, False])
def test_a_system_text(is_first: bool) -> None:
    """It goes into the box for it, also if it comes with a later question."""
    page = Page()
    box, system = page.add("textbox", "Message"), page.add("textbox", "Persona", value="Be.")
    asks = page.on(box, "submit", [box, system], [page.add("chatbot")])
    app = App(page, {asks: answers})
    told: Any = [{"role": "system", "content": "Kind."}, {"role": "user", "content": "Hi"}]
    conversation = None if is_first else app.ask("Before")
    app.calls.clear()
    app.ask(told, conversation=conversation)
    assert app.calls == [(asks, ["Hi", "Kind."])]


@pytest.mark.parametrize("returned", [update(), update(visible=True)])
def test_what_an_earlier_question_filled_is_no_answer(returned: object) -> None:
    app, asks = one()
    first = app.ask()
    app.does[asks] = lambda _: [returned]
    with pytest.raises(errors.GenerationError, match="but no function filled chatbot"):
        app.ask("And?", conversation=first)


def test_what_was_filled_when_the_page_was_opened_is_no_answer() -> None:
    page = Page()
    asks, _, shown = chat(page)
    load = page.on(99, "load", [], [shown])
    app = App(page, {asks: lambda _: [update()], load: lambda: [[[None, "Hello"]]]})
    with pytest.raises(errors.GenerationError, match="but no function filled chatbot"):
        app.ask()
    assert called(app) == [load, asks]


def three(*, fills: bool = True, kind: str = "chatbot") -> tuple[App, list[int]]:
    """Return an app with three functions in a row, the first and last of which may answer."""
    page = Page()
    box, shown = page.add("textbox"), page.add(kind)
    first = page.on(box, "submit", [box], [shown])
    second = page.then(first, [box, shown], [])
    third = page.then(second, [box, shown], [shown] if fills else [])
    return App(page, {first: answers, second: lambda *_: [], third: lambda *_: []}), [0, 1, 2]


WARNING = "A function after the answer failed: no"


def test_a_failure_after_the_answer_is_none() -> None:
    """Whatever else fails after it."""
    app, (_, second, third) = three(fills=False)
    app.does[second] = app.does[third] = fails
    app.ask()
    assert app.logs == [WARNING, WARNING]


@pytest.mark.parametrize(
    "entry", [["Hi", None], ["Hi", ""]], ids=["no answer", "an answer without a text"]
)
def test_a_failure_before_the_answer(entry: list[Any]) -> None:
    app, (first, second, _) = three(fills=False)
    app.does[first] = lambda _: [[entry]]
    app.does[second] = fails
    with pytest.raises(errors.GenerationError, match=r"^no$"):
        app.ask()
    assert app.logs == []


@pytest.mark.parametrize("text", ["Fine.", ""])
def test_a_failure_after_a_text(text: str) -> None:
    app, (first, second, _) = three(fills=False, kind="markdown")
    app.does[first] = lambda _: [text]
    app.does[second] = fails
    if text:
        app.ask()
    else:
        with pytest.raises(errors.GenerationError, match=r"^no$"):
            app.ask()
    assert app.logs == ([WARNING] if text else [])


def test_a_failure_while_an_answer_is_yet_to_come() -> None:
    """It is forgotten once that has come; if it fails as well, the first failure is told."""
    app, (_, second, third) = three()
    app.does[second] = fails
    app.does[third] = lambda text, _: answers(text)
    app.ask()
    assert app.logs == []
    app.does[third] = error(says="later")
    with pytest.raises(errors.GenerationError, match=r"^no$"):
        app.ask()
    assert app.logs == []


def test_a_failure_after_another_one_is_not_told_as_one_after_the_answer() -> None:
    page = Page()
    box, shown = page.add("textbox"), page.add("chatbot")
    first = page.on(box, "submit", [box], [shown])
    second = page.then(first, [box], [])
    third = page.then(second, [box], [shown])
    fourth = page.then(third, [box], [])
    app = App(page, {first: answers, second: fails, third: fails, fourth: error(says="later")})
    with pytest.raises(errors.GenerationError, match=r"^no$"):
        app.ask()
    assert (called(app), app.logs) == ([first, second, third, fourth], [])


def test_a_page_that_begins_with_the_same_question() -> None:
    """What is there before the first question is no answer, though it looks like one."""
    page = Page()
    box, shown = page.add("textbox"), page.add("chatbot", value=[["Hi", "Hello"]])
    asks = page.on(box, "submit", [box], [shown])
    app = App(page, {asks: lambda _: [[["Hi", "Hello"]]]})
    with pytest.raises(errors.GenerationError, match="shows nothing that is new"):
        app.ask("Hi")


def test_a_failure_of_what_fills_nothing_else() -> None:
    """The answer was not filled, so that the failure is why."""
    app, (first, second, third) = three()
    app.does[first] = lambda _: [update()]
    app.does[second] = fails
    app.does[third] = lambda *_: [update()]
    with pytest.raises(errors.SpaceChatError) as caught:
        app.ask()
    assert isinstance(caught.value, errors.GenerationError)


def test_what_was_there_before_is_no_answer() -> None:
    """A function that fails after an earlier answer was shown again has no answer before it."""
    page = Page()
    box, shown = page.add("textbox"), page.add("chatbot")
    first = page.on(box, "submit", [box, shown], [shown])
    second = page.then(first, [box], [])
    app = App(page, {first: lambda text, before: [[*before, [text, "A"]]], second: list})
    app.does[second] = lambda _: []
    conversation = app.ask()
    app.does[first] = lambda _, before: [before]
    app.does[second] = fails
    with pytest.raises(errors.GenerationError, match=r"^no$"):
        app.ask("And?", conversation=conversation)


def files(*components: tuple[str, dict[str, Any]], kind: str = "textbox") -> App:
    page = Page()
    box = page.add(kind)
    ids = [page.add(each, "It", **props) for each, props in components]
    asks = page.on(box, "submit", [box, *ids], [page.add("chatbot")])
    return App(page, {asks: lambda *_: [[["Hi", "Fine."]]]})


A, B = "http://x/a.png", "http://x/b.png"


def test_files_in_the_messages_own_box() -> None:
    app = files(("file", {}), kind="multimodaltextbox")
    app.ask(files=[A, B])
    ((_, (sent, other)),) = app.calls
    assert (sent["text"], [each["url"] for each in sent["files"]], other) == ("Hi", [A, B], None)
    app.ask()
    assert app.calls[-1][1][0] == {"text": "Hi", "files": []}


@pytest.mark.parametrize(("given", "several"), [([A], False), ([A], True), ([A, B], True)], ids=str)
def test_files_in_a_component_of_their_own(given: list[str], several: bool) -> None:
    app = files(("number", {}), ("file", {"file_count": "multiple" if several else "single"}))
    app.ask(files=given)
    ((_, (text, _, sent)),) = app.calls
    assert text == "Hi"
    found = [each["url"] for each in sent] if several else [sent["url"]]
    assert found == given


@pytest.mark.parametrize(
    ("components", "given", "says"),
    [
        ([("file", {})], [A, B], "^file 'It' \\(2\\) takes one file, not 2\\.$"),
        ([("number", {})], [A], "^The app at http://app takes no files with a message: leave out"),
    ],
)
def test_files_that_an_app_does_not_take(
    components: list[tuple[str, dict[str, Any]]], given: list[str], says: str
) -> None:
    app = files(*components)
    with pytest.raises(errors.InputsError, match=says):
        app.ask(files=given)
    assert app.calls == []


def test_a_picked_file_calls_what_listens() -> None:
    page = Page()
    box, picker, shown = page.add("textbox"), page.add("file"), page.add("chatbot")
    read = page.add("state")
    reads = page.on(picker, "change", [picker], [read])
    typed = page.on(box, "change", [box], [read])
    asks = page.on(box, "submit", [box, picker, read], [shown])
    app = App(page, {reads: lambda _: [None], typed: lambda _: [None], asks: answers})
    app.ask(files=[A])
    assert called(app) == [typed, reads, asks]
    app.calls.clear()
    app.ask()
    assert called(app) == [typed, asks]


@pytest.mark.parametrize(("count", "warns"), [(1000, False), (1001, True)])
def test_the_files_of_an_answer(count: int, warns: bool) -> None:
    app, asks = one()
    files = [{"role": "assistant", "content": data(f"/tmp/{number}")} for number in range(count)]
    app.does[asks] = lambda _: [[{"role": "user", "content": "Hi"}, *files]]
    app.ask()
    found = [each for each in app.told if isinstance(each, File)]
    assert len(found) == 1000
    logs = [each.message for each in app.told if isinstance(each, Log)]
    assert logs == (["The answer has more than 1000 files."] if warns else [])


def test_an_input_by_the_name_of_its_parameter() -> None:
    """An `/info` is asked for only if a label doesn't say which one is meant."""
    page = Page()
    box, heat = page.add("textbox"), page.add("number", "Heat")
    asks = page.on(box, "submit", [box, heat], [page.add("chatbot")], "chat")
    app = App(page, {asks: answers})
    app.info = {
        "named_endpoints": {"/chat": {"parameters": [{}, {"parameter_name": "temperature"}]}}
    }
    app.ask(inputs={"Heat": 1})
    assert not any("/info" in each for each in app.fetched)
    app.ask(inputs={"temperature": 2})
    assert [inputs for _, inputs in app.calls] == [["Hi", 1], ["Hi", 2]]
    with pytest.raises(errors.InputsError, match=r"no input 'temprature'\. Did you mean 'temp"):
        app.ask(inputs={"temprature": 2})


@pytest.mark.parametrize(("draws", "sent"), [(True, 1), (False, 5)])
def test_a_wish_that_the_page_has_another_value_for(draws: bool, sent: int) -> None:
    """A box of the page says that the app draws its seed by itself."""
    page = Page()
    box, seed = page.add("textbox"), page.add("number", "Seed", value=1)
    drawn = page.add("checkbox", "Randomize seed", value=draws)
    asks = page.on(box, "submit", [box, seed, drawn], [page.add("chatbot")])
    app = App(page, {asks: answers})
    app.ask(wishes={"seed": 5})
    assert app.calls == [(asks, ["Hi", sent, draws])]
