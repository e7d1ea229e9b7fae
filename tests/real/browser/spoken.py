"""The requests that spacechat sends for a conversation."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

import spacechat
from tests.real.browser.calls import Sent, Visited, calls, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.real.browser.subjects import Subject

__all__ = ["recording", "talk"]


@contextlib.contextmanager
def recording() -> Iterator[list[Sent]]:
    """Collect the requests that this process sends."""
    sent: list[Sent] = []
    send = httpx.AsyncClient.send

    async def record(
        client: httpx.AsyncClient, request: httpx.Request, **options: Any
    ) -> httpx.Response:
        body = request.content.decode("utf-8", "replace")
        sent.append(Sent(request.method, str(request.url), body))
        return await send(client, request, **options)

    with mock.patch.object(httpx.AsyncClient, "send", record):
        yield sent


def talk(subject: Subject, questions: Sequence[str]) -> Visited:
    """Hold a conversation with an app as its page's visitor would."""
    turns: list[list[Sent]] = []
    answers: list[str] = []
    with spacechat.Client() as client:
        chat = client.conversation(model=subject.url)
        for question in questions:
            with recording() as sent:
                answers.append(chat.ask(question, **subject.options).text)
            turns.append(sent)
    return Visited([], calls(subject.url, turns), answers, paths(subject.url, turns))
