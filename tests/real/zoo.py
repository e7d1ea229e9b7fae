"""The zoo: chat apps as people write them, in many versions of Gradio, and what each must answer.

The apps are in `apps/zoo`. What they answer is told here, and `test_zoo` checks it against the
real servers by the way that a page goes, so that other tests can rely on it.
"""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.real.apps.zoo.llm import FLAVORS, answer
from tests.real.environments import REQUIREMENTS, ZOO_VERSIONS
from tests.real.servers import GradioServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _pytest.mark.structures import ParameterSet

__all__ = ["SCRIPT", "ZOO", "App", "Extra", "ZooServer", "zoo_cases"]

SCRIPT: Final = Path(__file__).resolve().parent / "apps" / "zoo_server.py"


@dataclass(frozen=True)
class Extra:
    """An input beside the message.

    Attributes:
        label: What the page calls it.
        name: What the answer calls it.
        default: Its value when nobody touches it.
        other: Another value that it can have.
    """

    label: str
    name: str
    default: Any
    other: Any


def _nothing(_turn: int) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class App:
    """An app, how a person would use it, and what it must then answer.

    Attributes:
        name: Of its file, without the ending.
        since: The first of the versions of the zoo that it runs on.
        until: The last one.
        chat: Whether one can chat with it at all; if not, nothing below matters.
        flavor: Of the text that follows the first line of its answers.
        streams: Whether the answer comes piece by piece.
        remembers: Whether the second answer depends on the first question and answer.
        extras: Inputs beside the message, in the order in which the answer tells them.
        tells: What else the answer tells, by the number of the turn (from 1).
        box: Kind and label of what a person types in; a label of None is any.
        send: The button to click, by its text; None: the enter key.
        shown: Kind and label of what holds the answer.
        auth: Name and password.
        path: Where it is on its server.
        tidied_until: The last version whose Chatbot cleans the indentation of the answer.
        first_pieces: As `pieces`, for the first answer; None: the same.
    """

    name: str
    since: str = next(iter(REQUIREMENTS))
    until: str = next(reversed(REQUIREMENTS))
    chat: bool = True
    flavor: str = "words"
    streams: bool = True
    remembers: bool = True
    extras: tuple[Extra, ...] = ()
    tells: Callable[[int], dict[str, Any]] = field(default=_nothing, compare=False)
    box: tuple[str, str | None] = ("textbox", None)
    send: str | None = None
    shown: tuple[str, str | None] = ("chatbot", None)
    auth: tuple[str, str] | None = None
    path: str = ""
    tidied_until: str | None = None
    first_pieces: int | None = None

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of Gradio that it runs on."""
        first, last = _number(self.since), _number(self.until)
        return tuple(v for v in ZOO_VERSIONS if first <= _number(v) <= last)

    @property
    def pieces(self) -> int:
        """How many parts the answer comes in, at least; 0 if it comes at once."""
        return len(FLAVORS[self.flavor]) + 1 if self.streams else 0

    def answers(self, version: str, *questions: str, **given: Any) -> list[str]:
        """Return the answers to the questions of one conversation, exactly.

        Args:
            version: Of Gradio.
            questions: In their order.
            given: Values of extras, by `Extra.name`; the others have their defaults.
        """
        history: list[tuple[str, str]] = []
        for turn, question in enumerate(questions, 1):
            settings = {e.name: given.get(e.name, e.default) for e in self.extras}
            text = answer(
                question,
                history if self.remembers else (),
                self.flavor,
                **settings,
                **self.tells(turn),
            )
            if self.tidied_until and _number(version) <= _number(self.tidied_until):
                text = inspect.cleandoc(text)
            history.append((question, text))
        return [text for _, text in history]


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


_SYSTEM_PROMPT: Final = (
    Extra("System message", "system", "You are a friendly Chatbot.", "Speak in rhymes."),
    Extra("Max new tokens", "max", 512, 64),
    Extra("Temperature", "temp", 0.7, 1.5),
    Extra("Top-p (nucleus sampling)", "top_p", 0.95, 0.5),
)
_MODEL_CHOICE: Final = (
    Extra("Model", "model", "mistral-7b", "phi-3"),
    Extra("Web search", "web", False, True),
    Extra("Seed", "seed", 42, 7),
)
_ON: Final = (
    Extra("Temperature", "temp", 0.5, 1.2),
    Extra("Style", "style", "short", "long"),
)
_SYSTEM_FIRST: Final = (
    Extra("System prompt", "system", "You are a pirate.", "You are a poet."),
    Extra("Your name", "name", "Jim", "Ann"),
    Extra("max_new_tokens", "max", 256, 32),
)
_TEXTBOX: Final = (
    Extra("Max length", "max", 100, 50),
    Extra("Temperature", "temp", 0.9, 0.2),
)

#: Where messages (role and content) came, and where pairs went.
_MESSAGES: Final = "4.44.1"
_LAST_PAIRS: Final = "5.50.0"
_LATE: Final = "5.50.0"

ZOO: Final[tuple[App, ...]] = (
    # ChatInterface.
    App("ci_plain"),
    App("ci_system_prompt", flavor="markdown", extras=_SYSTEM_PROMPT),
    App("ci_model_choice", "4.16.0", flavor="brackets", extras=_MODEL_CHOICE),
    App("ci_messages", _MESSAGES, flavor="cjk"),
    App(
        "ci_multimodal",
        _MESSAGES,
        flavor="emoji",
        box=("multimodaltextbox", None),
        tells=lambda _: {"files": 0},
    ),
    App("ci_save_history", _LATE, flavor="code"),
    App("ci_api_name", _LATE, flavor="repeats"),
    App("ci_hidden_api", _LATE),
    App("ci_tabs", flavor="code"),
    App("ci_not_streaming", flavor="code", streams=False),
    App("ci_async", flavor="repeats"),
    App("ci_greeting", _MESSAGES, flavor="emoji", tells=lambda turn: {"known": 2 * turn - 1}),
    App("ci_thoughts", _LATE, first_pieces=0),  # It changes the message that it yields.
    App("ci_artifact", _LATE, flavor="code"),
    App("mounted", path="/chat/app"),
    App("password", auth=("user", "secret"), tells=lambda _: {"user": "user"}),
    # Blocks with pairs.
    App("blocks_respond", until=_LAST_PAIRS),
    App("blocks_then", until=_LAST_PAIRS, flavor="cjk"),
    App("blocks_success", until=_LAST_PAIRS, flavor="brackets"),
    App("blocks_buttons", until=_LAST_PAIRS, flavor="indented", tidied_until="5.0.2"),
    App("blocks_on", until=_LAST_PAIRS, flavor="emoji", extras=_ON),
    App("blocks_reenable", until=_LAST_PAIRS, flavor="repeats"),
    App(
        "arena",
        until=_LAST_PAIRS,
        shown=("chatbot", "Model A"),
        tells=lambda _: {"model": "A"},
    ),
    App("system_first", until=_LAST_PAIRS, extras=_SYSTEM_FIRST, box=("textbox", "Message")),
    App(
        "qwen_state",
        until=_LAST_PAIRS,
        flavor="markdown",
        box=("textbox", "Input"),
        send="🚀 Send",
        tells=lambda _: {"system": "You are a helpful assistant."},
    ),
    App(
        "state_history",
        until=_LAST_PAIRS,
        flavor="code",
        tells=lambda _: {"system": "Be brief."},
    ),
    App("one_at_a_time", until=_LAST_PAIRS),
    App("load_greeting", until=_LAST_PAIRS, tells=lambda turn: {"shown": turn}),
    # Blocks with messages.
    App("blocks_respond_messages", _MESSAGES, flavor="markdown", streams=False),
    App("blocks_then_messages", _MESSAGES, flavor="repeats"),
    App("blocks_failure", _LATE),
    App("blocks_thoughts", _MESSAGES, flavor="brackets"),
    App("blocks_multimodal", _MESSAGES, flavor="emoji", box=("multimodaltextbox", None)),
    App("session", _MESSAGES, tells=lambda _: {"ready": True}),
    App("beside", _MESSAGES, flavor="brackets"),
    # Question and answer, with no Chatbot and no memory.
    App(
        "interface_stream",
        flavor="repeats",
        remembers=False,
        box=("textbox", "prompt"),
        send="Submit",
        shown=("textbox", "output"),
    ),
    App(
        "interface_plain",
        flavor="code",
        streams=False,
        remembers=False,
        box=("textbox", "Ask a question"),
        send="Submit",
        shown=("textbox", "Answer"),
    ),
    App(
        "markdown_answer",
        flavor="markdown",
        remembers=False,
        extras=(Extra("Level", "level", "student", "child"),),
        box=("textbox", "Question"),
        send="Explain",
        shown=("markdown", "Explanation"),
    ),
    App(
        "textbox_answer",
        flavor="code",
        remembers=False,
        extras=_TEXTBOX,
        box=("textbox", "Prompt"),
        send="Generate",
        shown=("textbox", "Result"),
    ),
    # Not for chatting.
    App("not_image_classifier", chat=False),
    App("not_calculator", chat=False),
    App("not_file_converter", chat=False),
    App("not_anything", chat=False),
)


EVERYTHING: Final = os.environ.get("SPACECHAT_ZOO") == "all"
"""Whether to run each app in each version on each event loop, which takes half an hour."""


def zoo_cases(
    *names: str, chat: bool | None = True, versions: Sequence[str] = ZOO_VERSIONS
) -> list[ParameterSet]:
    """Return versions and apps, for `parametrize(…, indirect=["zoo_server"])`.

    Args:
        names: Only these apps; none: all of them.
        chat: Only apps for chatting; False: only others; None: both.
        versions: Only these, unless everything is to be run.
    """
    return [
        pytest.param(version, app, id=f"zoo-{version}-{app.name}", marks=pytest.mark.real)
        for version in (ZOO_VERSIONS if EVERYTHING else versions)
        for app in ZOO
        if version in app.versions and chat in {None, app.chat} and (not names or app.name in names)
    ]


class ZooServer(GradioServer):
    """One process with all the apps of the zoo that run on a version, each on its own port."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self._running = {app.name: app for app in ZOO if version in app.versions}
        self._ports: dict[str, int] = {}

    def url(self, name: str) -> str:
        """Return the base address of an app, without a slash at its end."""
        if name not in self._ports:
            raise LookupError(f"no app {name!r}; there are {', '.join(self._ports)}")
        return f"http://127.0.0.1:{self._ports[name]}{self._running[name].path}"

    def _script(self) -> list[str]:
        return [str(SCRIPT), *self._running]

    def _started(self, ready: str) -> None:
        told = json.loads(ready)
        self._check_version(told["version"])
        self._ports = told["ports"]
        self.apps = tuple(self._ports)
