"""What comes out of reading an answer: what must, and what did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from spacechat import MapResult, Reply, errors
from spacechat.events import Event, File, Log, Retrying
from tests.readers.server import QUESTION

Kind = type[errors.SpaceChatError]


@dataclass(frozen=True)
class Outcome:
    """What every reader of an app must get.

    `{url}` stands for the app's address.

    Attributes:
        text: The answer, or the part of it that came before an error.
        pieces: The pieces that text iteration gives.
        events: The events, in order.
        requests: What the app is asked for, each by the last word of its path.
        again: The same for one question more, when the app is known.
        error: The kind of the error that ends it, or None.
        says: What the error's message has in it.
        typed: The same where the command line says it, if in other words.
        served: The same where the OpenAI API says it, if in other words.
        reasoning: The thoughts.
        titled: The same, each under its title, as displays show them.
        files: The names of the files.
    """

    text: str
    pieces: tuple[str, ...]
    events: tuple[Event, ...]
    requests: tuple[str, ...]
    again: tuple[str, ...]
    error: Kind | None = None
    says: str = ""
    typed: str = ""
    served: str = ""
    reasoning: str = ""
    titled: str = ""
    files: tuple[str, ...] = ()


@dataclass
class Read:
    """What a reader got of one question; None for what it does not show.

    Attributes:
        text: The whole answer, or the part of it that came before an error.
        printed: The same as a person sees it on paper, where nothing can be taken back.
        pieces: The pieces of text.
        events: The events.
        error: The error's kind in the reader's words; empty if there was none.
        says: The error's message; empty if there was none.
        typed: The same in the words of the command line.
        served: The same in the words of the OpenAI API.
        partial: The error's partial text.
        reasoning: The thoughts.
        titled: The thoughts under their titles.
        files: The names of the files.
        messages: The texts of the conversation afterwards.
    """

    text: str | None = None
    printed: str | None = None
    pieces: list[str] | None = None
    events: list[Event] | None = None
    error: str | None = None
    says: str | None = None
    typed: str | None = None
    served: str | None = None
    partial: str | None = None
    reasoning: str | None = None
    titled: str | None = None
    files: list[str] | None = None
    messages: list[str] | None = None

    @classmethod
    def of(cls, result: MapResult) -> Read:
        """What a map gave."""
        read = cls()
        read.fail(result.error)
        if result.reply is not None:
            read.take(result.reply)
        return read

    def take(self, reply: Reply) -> None:
        """Note a reply."""
        self.text = reply.text
        self.reasoning = reply.reasoning
        self.files = [file.name for file in reply.files]

    def fail(self, error: errors.SpaceChatError | None) -> None:
        """Note an error of the library, or that there was none."""
        self.error = "" if error is None else type(error).__name__
        self.says = "" if error is None else str(error)
        self.partial = None if error is None else error.partial_text


def differences(
    wanted: Outcome,
    read: Read,
    url: str,
    kinds: Mapping[Kind, str],
    *,
    turns: int = 1,
    left: bool = False,
) -> list[str]:
    """Compare what a reader shows with what it must show; return a line for each difference.

    Args:
        wanted: What it must get.
        read: What it got.
        url: The app's address.
        kinds: What the reader calls the kinds of errors, where not as Python does.
        turns: Which question of a conversation it was, from 1.
        left: Whether the reader left before the end.
    """
    kind = wanted.error
    complete = kind is None and not left
    must: dict[str, Any] = {
        "text": wanted.text,
        "printed": "".join(wanted.pieces),
        "pieces": [*wanted.pieces],
        "events": [*wanted.events],
        "error": "" if kind is None else kinds.get(kind, kind.__name__),
        "partial": wanted.text,
        "reasoning": wanted.reasoning,
        "titled": wanted.titled,
        "files": [*wanted.files],
        "messages": [QUESTION, wanted.text] * turns if complete else [],
    }
    got = {name: getattr(read, name) for name in must}
    if read.events is not None:
        got["events"] = [placeless(event, url) for event in read.events]
    found = [
        f"{name}: {got[name]!r}, not {must[name]!r}"
        for name in must
        if got[name] is not None and got[name] != must[name]
    ]
    for told, said in (
        (read.says, wanted.says),
        (read.typed, wanted.typed or wanted.says),
        (read.served, wanted.served or wanted.says),
    ):
        words = None if told is None else told.replace(url, "{url}")
        if words is not None and (said not in words or bool(said) != bool(words)):
            found.append(f"message: {words!r}, not {said!r}")
    return found


def placeless(event: Event, url: str) -> Event:
    """Return an event without what differs from run to run: addresses, and how long it waited."""
    if isinstance(event, Retrying):
        return Retrying(event.model.replace(url, "{url}"), event.attempt, 0, "")
    if isinstance(event, Log):
        return msgspec.structs.replace(event, message=event.message.replace(url, "{url}"))
    if isinstance(event, File):
        app, address = (each.replace(url, "{url}") for each in (event.app, event.url))
        return msgspec.structs.replace(event, app=app, url=address)
    return event
