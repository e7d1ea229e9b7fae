"""How a new page is told of earlier messages: in its chat, through states, or in the question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat.messages import format_prompt
from tests.apps.test_asking import App
from tests.apps.test_components import OwnPage

EARLIER: Any = [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}]
LAST: Any = {"role": "user", "content": "Three"}
PAIRS = [["One", "Two"]]
WHOLE = format_prompt([*EARLIER, LAST])


def asked(page: OwnPage, messages: Any, **options: Any) -> list[tuple[int, list[Any]]]:
    """Ask a new page; return the functions called, each with its inputs."""
    app = App(page, dict.fromkeys(range(9), lambda *_: [[["Three", "Fine."]], None]))
    app.ask(messages, **options)
    return app.calls


def chat(page: OwnPage, kind: str = "textbox", **props: Any) -> tuple[int, int]:
    """Add a box and a chatbot of pairs; return their ids."""
    return page.add(kind), page.add("chatbot", **props)


def test_a_chat_that_is_taken() -> None:
    page = OwnPage()
    box, shown = chat(page)
    asks = page.on(box, "submit", [box, shown], [shown])
    assert asked(page, [*EARLIER, LAST]) == [(asks, ["Three", PAIRS])]
    assert asked(page, [EARLIER[1], LAST]) == [(asks, ["Three", [[None, "Two"]]])]
    assert asked(page, "Three") == [(asks, ["Three", []])]
    assert asked(page, [*EARLIER, LAST], history="prompt") == [(asks, [WHOLE, []])]


def test_a_conversation_that_ends_with_an_answer() -> None:
    """It is a text to go on with, which no chat shows."""
    page = OwnPage()
    box, shown = chat(page)
    asks = page.on(box, "submit", [box, shown], [shown])
    assert asked(page, EARLIER) == [(asks, [format_prompt(EARLIER), []])]


def test_a_greeting_stays() -> None:
    page = OwnPage()
    box, shown = chat(page, value=[[None, "Hello"]])
    asks = page.on(box, "submit", [box, shown], [shown])
    assert asked(page, [*EARLIER, LAST]) == [(asks, ["Three", [[None, "Hello"], *PAIRS]])]


def unread(page: OwnPage) -> None:
    box, shown = chat(page)
    page.on(box, "submit", [box], [shown])


def text(page: OwnPage) -> None:
    box, shown = page.add("textbox"), page.add("markdown")
    page.on(box, "submit", [box, shown], [shown])


def unfilled(page: OwnPage) -> None:
    box, shown = chat(page)
    page.on(box, "submit", [box, shown, page.add("state")], [shown])


def filled_with_more(page: OwnPage) -> None:
    box, shown = chat(page)
    state = page.add("state")
    asks = page.on(box, "submit", [box, shown, state], [shown])
    page.then(asks, [shown, box], [state])


def filled_in_part(page: OwnPage) -> None:
    box, shown = chat(page)
    states = [page.add("state"), page.add("state")]
    asks = page.on(box, "submit", [box, shown, *states], [shown])
    page.then(asks, [shown], states[:1])


def primed_and_unread(page: OwnPage) -> None:
    """It copies what it shows to a state, and takes that; but it never takes the chat itself."""
    box, shown = chat(page)
    state = page.add("state")
    page.on(box, "submit", [box, state], [shown, state])


IN_THE_QUESTION: dict[str, Callable[[OwnPage], None]] = {
    "the chat is not taken": unread,
    "no chat": text,
    "a state that nothing fills": unfilled,
    "a state that is not filled from the chat alone": filled_with_more,
    "one of two states": filled_in_part,
    "a state of its own": primed_and_unread,
}


@pytest.mark.parametrize("case", IN_THE_QUESTION)
def test_a_history_in_the_question(case: str) -> None:
    page = OwnPage()
    IN_THE_QUESTION[case](page)
    first, *_ = asked(page, [*EARLIER, LAST])
    assert first[1][0] == WHOLE
    assert first[1][1:] in ([], [[]], [None], [""], [[], None], [[], None, None])


def test_states_that_are_filled_from_the_chat() -> None:
    """Functions that fill none of them are not called before."""
    page = OwnPage()
    box, shown = chat(page)
    states, number = [page.add("state"), page.add("state")], page.add("number")
    asks = page.on(box, "submit", [box, shown, *states, number], [shown])
    first = page.then(asks, [shown], states[:1])
    second = page.then(first, [shown], states[1:])
    page.then(second, [shown], [number])
    calls = asked(page, [*EARLIER, LAST])
    assert [each[0] for each in calls[:3]] == [first, second, asks]
    assert [each[1] for each in calls[:2]] == [[PAIRS], [PAIRS]]
    assert calls[2][1][:2] == ["Three", PAIRS]


def test_a_state_that_lasts_no_longer_than_a_question() -> None:
    """It holds nothing of the history, since it is filled before it is taken."""
    page = OwnPage()
    box, shown = chat(page)
    state = page.add("state")
    takes = page.on(box, "submit", [box], [state, box])
    asks = page.then(takes, [state, shown], [shown])
    app = App(page, {takes: lambda _: [None, ""], asks: lambda *_: [[["Three", "Fine."]]]})
    app.ask([*EARLIER, LAST])
    assert app.calls == [(takes, ["Three"]), (asks, [None, PAIRS])]


@pytest.mark.parametrize(
    ("chatbot", "box", "in_chat"),
    [
        ("chatbot", "textbox", True),
        ("chatbot", "multimodaltextbox", True),
        ("gptchatbot", "textbox", True),
        ("gptchatbot", "multimodaltextbox", False),
    ],
)
def test_a_chatbot_of_others(chatbot: str, box: str, in_chat: bool) -> None:
    """Beside a box for files, only the app knows in which form it takes a text with files."""
    page = OwnPage()
    typed = page.add(box)
    shown = page.add("chatbot") if chatbot == "chatbot" else page.own(chatbot)
    page.on(typed, "submit", [typed, shown], [shown])
    ((_, (sent, history)),) = asked(page, [*EARLIER, LAST])
    said = sent if isinstance(sent, str) else sent["text"]
    assert said == ("Three" if in_chat else WHOLE)
    assert (history or []) == (PAIRS if in_chat else [])


SYSTEM: Any = {"role": "system", "content": "Be kind."}


@pytest.mark.parametrize("has_box", [True, False])
@pytest.mark.parametrize("takes_chat", [True, False])
@pytest.mark.parametrize("earlier", [[], EARLIER])
def test_a_system_text(has_box: bool, takes_chat: bool, earlier: Any) -> None:
    """It goes into its box, or else into the question, whatever becomes of the history."""
    page = OwnPage()
    box, shown = chat(page)
    given = [box, *([shown] if takes_chat else [])]
    system = [page.add("textbox", "Persona")] if has_box else []
    page.on(box, "submit", [*given, *system], [shown])
    ((_, sent),) = asked(page, [SYSTEM, *earlier, LAST])
    said = [LAST] if takes_chat else [*earlier, LAST]
    assert sent[0] == format_prompt(said if has_box else [SYSTEM, *said])
    if takes_chat:
        assert sent[1] == (PAIRS if earlier else [])
    if has_box:
        assert sent[-1] == "Be kind."


def test_no_system_text() -> None:
    """The box keeps what the page has there."""
    page = OwnPage()
    box, shown = chat(page)
    system = page.add("textbox", "Persona", value="Be brief.")
    asks = page.on(box, "submit", [box, shown, system], [shown])
    assert asked(page, [*EARLIER, LAST]) == [(asks, ["Three", PAIRS, "Be brief."])]
