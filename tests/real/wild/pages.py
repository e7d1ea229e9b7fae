"""Apps whose page does something before the question, or besides it."""

from __future__ import annotations

from tests.real.apps.zoo.llm import answer
from tests.real.wild.app import ALL, G6, NEW, WildApp


def _filled(*questions: str) -> list[str]:
    return _with(questions, lambda _: {"model": "small", "notes": "''"})


def _scripted(*questions: str) -> list[str]:
    return _with(questions, lambda _: {"persona": "Plain"})


def _counted(*questions: str) -> list[str]:
    return _with(questions, lambda turn: {"asked": turn + 1})


def _emptied(*questions: str) -> list[str]:
    return _with(questions, lambda turn: {"got": repr(("" if turn else "at first", 0, None))})


def _rendered(*questions: str) -> list[str]:
    return _with(questions, lambda _: {"persona": "poet"})


def _warmed(*questions: str) -> list[str]:
    return _with(questions, lambda _: {"temperature": 0.5})


def _with(questions: tuple[str, ...], settings: object) -> list[str]:
    history: list[tuple[str, str]] = []
    for turn, question in enumerate(questions):
        history.append((question, answer(question, history, **settings(turn))))  # type: ignore[operator]
    return [text for _, text in history]


APPS = (
    WildApp("page_revealed", ALL, "a load event hides the door and reveals the chat"),
    WildApp(
        "page_filled",
        ALL,
        "load events fill the choices, whose change empties a box; one of them fails",
        _filled,
    ),
    WildApp(
        "page_scripts", ALL, "a script reads the address, another passes the inputs on", _scripted
    ),
    WildApp("page_moved_by_script", ALL, "a script moves the message to a hidden box"),
    WildApp("page_change", ALL, "a counter's change starts the answer"),
    WildApp("page_state_change", NEW, "a state's change starts the answer; a timer ticks"),
    WildApp("page_browser_state", NEW, "the browser keeps a list, which begins empty", _counted),
    WildApp("page_empty", ALL, "inputs without a value, and one that is emptied", _emptied),
    WildApp("page_rendered", ALL, "the chat is rendered when the page is opened"),
    WildApp("page_rendered_box", ALL, "the box is rendered for a choice", _rendered),
    WildApp("page_route", NEW, "the chat is on a page of its own"),
    WildApp(
        "page_server",
        (G6,),
        "endpoints only, whose page keeps the history",
        _warmed,
        faceless=True,
    ),
)
