"""The apps of both zoos, in the words of a browser: where to type, what to click, what to read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.real.browser.pointing import LABELLED
from tests.real.browser.text import QUESTIONS
from tests.real.wild import WILD, WildServer
from tests.real.zoo import ZOO, ZooServer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from spacechat.providers import ChatOptions
    from tests.real.wild.app import WildApp
    from tests.real.zoo import App

__all__ = ["Subject", "subjects"]

_BUBBLE: Final = "[data-testid=bot]"
_CHATBOT: Final = ".block:has(> .wrapper > [data-testid=block-label]:has-text({label!r})) "
_SHOWN: Final = {"chatbot": _BUBBLE, "markdown": "[data-testid=markdown] .prose"}


@dataclass(frozen=True)
class Subject:
    """An app to chat with.

    Attributes:
        name: Its name.
        url: Its address, without a slash at its end.
        answers: The answers to the questions.
        options: What spacechat must be told by hand.
        box: The selector of the box that a person types in; empty: the one that spacechat takes
            for it, or else the first.
        send: The selector of the button that sends; empty: a key.
        bubble: The selector of the answers.
        auth: Name and password, where it asks for them.
    """

    name: str
    url: str
    answers: list[str]
    options: ChatOptions
    box: str
    send: str
    bubble: str
    auth: tuple[str, str] | None = None


@contextlib.contextmanager
def subjects(environment: str, names: Collection[str] = ()) -> Iterator[list[Subject]]:
    """Start the servers of an environment, and return its apps for chatting.

    Args:
        environment: A Gradio version, or a name of one with components.
        names: The apps to return; none: all of them.
    """
    tame = [
        a for a in ZOO if a.chat and environment in a.versions and (not names or a.name in names)
    ]
    wild = [
        a for a in WILD if environment in a.on and _is_seen(a) and (not names or a.name in names)
    ]
    with contextlib.ExitStack() as stack:
        found: list[Subject] = []
        if tame:
            zoo = stack.enter_context(ZooServer(environment))
            found += [_tame(app, zoo) for app in tame]
        if wild:
            server = stack.enter_context(WildServer(environment))
            found += [_wild(app, server) for app in wild]
        yield found


def _is_seen(app: WildApp) -> bool:
    """Tell whether a browser can chat with an app: it can't sign in with Hugging Face."""
    return not (app.problem or app.faceless or app.options.get("sign_in"))


def _tame(app: App, server: ZooServer) -> Subject:
    return Subject(
        name=app.name,
        url=server.url(app.name),
        answers=app.answers(server.version, *QUESTIONS),
        options={} if app.auth is None else {"auth": app.auth},
        box=_labelled(app.box[1]) if app.box[1] else "",
        send=f"button:text-is({app.send!r})" if app.send else "",
        bubble=_shown(*app.shown),
        auth=app.auth,
    )


def _labelled(label: str | None) -> str:
    return LABELLED.format(label=label)


def _shown(kind: str, label: str | None) -> str:
    if kind == "textbox":
        return _labelled(label)
    within = _CHATBOT.format(label=label) if kind == "chatbot" and label else ""
    return within + _SHOWN[kind]


def _wild(app: WildApp, server: WildServer) -> Subject:
    return Subject(
        name=app.name,
        url=server.url(app.name),
        answers=app.answers(*QUESTIONS),
        options=app.options,
        box=app.box,
        send=app.send,
        bubble=app.bubble or _BUBBLE,
    )
