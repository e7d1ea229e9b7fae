"""The troubles of `docs/troubleshooting.md`, provoked at servers on this machine.

Each function returns the message that the user sees, with `APP` for the server's address, as in the
page.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from typing import Any
from unittest import mock

import spacechat
from spacechat.local import LocalSpace
from spacechat.providers import PROVIDERS
from tests.apps import test_sign_in
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    completed,
    failed,
    gradio,
    response,
)
from tests.servers.chat_form import ChatForm
from tests.servers.hub import APP as DESCRIBED
from tests.servers.hub import MISSING, PRIVATE, Hub
from tests.servers.local_hub import CALCULATOR, HubSpace, LocalHub, app

APP = "https://owner-name.hf.space"
"""The address in the page that stands for an app."""

TROUBLES: dict[str, Callable[[], str]] = {}
"""The function that provokes each trouble, by the heading of its section."""


def trouble(heading: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Return a decorator for the function that provokes the trouble of a section."""

    def keep(make: Callable[[], str]) -> Callable[[], str]:
        TROUBLES[heading] = make
        return make

    return keep


def message_of(model: str | None, **options: Any) -> str:
    """Return the message of the error that a question ends with."""
    try:
        with spacechat.Client(retries=0) as client:
            client.ask("Hi", model=model, **options)
    except spacechat.SpaceChatError as error:
        return str(error)
    raise AssertionError(f"{model} answers.")


def message_at(url: str, **options: Any) -> str:
    """Return the same for the app at an address, with the page's address in its place."""
    return message_of(url, **options).replace(url, APP)


def message_by(answer: Answer, **options: Any) -> str:
    """Return the same for an app that answers requests like this."""
    with ReplayServer(answer) as server:
        return message_at(server.url, **options)


def on_hub(hub: ReplayServer) -> contextlib.AbstractContextManager[Any]:
    """Put a Hub in the place of the public one."""
    return mock.patch.dict(os.environ, HF_ENDPOINT=hub.url)


def described(*parts: Part) -> Answer:
    """An app that describes itself, and answers a question with these parts."""

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(json.dumps(DESCRIBED).encode())]
        return gradio(*parts)(request)

    return answer


@trouble("Your Space sleeps")
def asleep() -> str:
    with Hub() as hub, hub.space, on_hub(hub), mock.patch("spacechat.apps.reach.WAKING", 0.0):
        hub.stages = ["SLEEPING"]
        return message_of("owner/name")


@trouble("Your Space is paused or broken")
def paused() -> str:
    with Hub() as hub, hub.space, on_hub(hub):
        hub.stages = ["PAUSED"]
        return message_of("owner/name")


@trouble("Your Space isn't there")
def missing() -> str:
    with LocalHub() as hub, on_hub(hub):
        return message_of("owner/name").replace(hub.url, "https://huggingface.co")


@trouble("Your Space is private or gated")
def private() -> str:
    with Hub() as hub, hub.space, on_hub(hub):
        hub.host = lambda _: PRIVATE
        return message_of("owner/name")


@trouble("Your Space can't be reached")
def unreachable() -> str:
    with ReplayServer(app()) as server:
        url = server.url
    return message_of(url).replace(url, "http://localhost:7860")


@trouble("Your Space wants a user and a password")
def login() -> str:
    with ChatForm(login=("ada", "secret")) as form:
        return message_at(form.url)


@trouble("Your Space wants you to sign in with Hugging Face")
def sign_in() -> str:
    refusal = (failed(test_sign_in.REFUSAL), CLOSE_STREAM)
    said = test_sign_in.info(chat="required")
    chat = (test_sign_in.CHAT, test_sign_in.BUTTON)
    with test_sign_in.server(*chat, said=said, parts=refusal) as server:
        return message_at(server.url)


@trouble("Your Space says that the quota is used up")
def quota() -> str:
    text = "You have exceeded your GPU quota (60s requested vs. 0s left). Try again in 3:25:10."
    return message_by(described(failed(text), CLOSE_STREAM))


@trouble("Your Space is no chat")
def no_chat() -> str:
    return message_by(app(CALCULATOR))


@trouble("Your Space answers nothing")
def nothing() -> str:
    return message_by(described(completed(None), CLOSE_STREAM))


@trouble("Your Space fails")
def fails() -> str:
    return message_by(described(failed(None), CLOSE_STREAM))


@trouble("Your Space has a full queue")
def queue_full() -> str:
    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(json.dumps(DESCRIBED).encode())]
        return [response(b'{"detail":"Queue is full."}', "503 Service Unavailable")]

    return message_by(answer)


@trouble("Your Space is silent")
def silent() -> str:
    answer = described(EVENTS_HEAD, Then.HANG)
    return message_by(answer, timeout=spacechat.Timeout(idle=0.1)).replace("0.1", "60")


@trouble("Your Space is slow")
def slow() -> str:
    with LocalSpace(reply=["word "] * 1000, delay=0.05) as space:
        message = message_at(space.url, timeout=spacechat.Timeout(total=0.2))
    return message.replace("0.2", "1800")


@trouble("Your Space breaks off its answer")
def interrupted() -> str:
    return message_by(described(EVENTS_HEAD, Then.CLOSE))


@trouble("Your Space takes no files")
def no_files() -> str:
    return message_by(described(), files=[b"a photo"])


@trouble("Your Space is too old")
def too_old() -> str:
    return message_by(app(response(json.dumps({**DESCRIBED, "version": "3.50.2"}).encode())))


@trouble("No model has that name")
def unknown() -> str:
    return message_of("qwen-2.6")


@trouble("None of the known models answers")
def none_answers() -> str:
    with contextlib.ExitStack() as stack:
        gone = stack.enter_context(ReplayServer(lambda _: [MISSING])).url
        for provider in PROVIDERS:
            stack.enter_context(mock.patch.object(provider, "url", gone))
        hub = stack.enter_context(LocalHub([HubSpace("owner/name", app(), 1234)]))
        stack.enter_context(on_hub(hub))
        return message_of(None).replace(gone, APP)
