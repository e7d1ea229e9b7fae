"""What a provider asks of the stream: requests to a Space, as steps that know no I/O.

A provider says how its Space is asked by a generator of steps. The stream takes each step, sends
its outcome back into the generator, and throws what went wrong into it; a generator that has
another way catches that and goes on with it. So a provider reads like a script of requests, and
the connections, time limits, retries and cancellation are written once, in `streaming`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from .events import Event
from .messages import Conversation
from .protocol import Budget

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class ProviderInfo(Protocol):
    """What a reply tells of the provider that made it."""

    label: ClassVar[str]
    url: ClassVar[str]


@dataclass(frozen=True)
class Request:
    """An HTTP request.

    Attributes:
        url: Where it goes.
        body: What it says, to be sent as JSON by POST; None makes it a GET.
        form: Fields of a form, to be sent by POST in the place of a body, or None.
    """

    url: str
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OutgoingFile:
    """A file to be sent.

    Attributes:
        name: What the Space is told that it is called.
        mime_type: What it is, such as `image/png`.
        content: What it holds, or where that is to be read.
    """

    name: str
    mime_type: str
    content: bytes | Path = field(repr=False)


@dataclass(frozen=True)
class Connect:
    """Go on with another host, or anew with the same one. Its outcome is None.

    Attributes:
        url: Base URL of the Space.
        headers: Headers of every request from now on. All requests go to the origin (scheme, host
            and port) of this URL; none that a step names on another is sent.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Fetch:
    """A plain request. Its outcome is a `Response`.

    Attributes:
        request: What is asked for.
        largest: Bytes that the answer may have; 0 is what the client's limits say.
        runs: Whether it has a function of the app run, so that a failure may be the function's.
    """

    request: Request
    largest: int = 0
    runs: bool = False


@dataclass(frozen=True)
class Upload:
    """Send files. Its outcome is a `Response`; how far it got is told as events.

    Attributes:
        url: Where they go.
        files: What is sent.
    """

    url: str
    files: Sequence[OutgoingFile]


class Sink(Protocol):
    """What takes the bytes of an answer as they come. It may block: it has a thread for that."""

    def begin(self) -> None:
        """Forget what was written: the bytes come from the beginning."""

    def write(self, data: bytes) -> None:
        """Take more bytes."""


@dataclass(frozen=True)
class Save:
    """A plain request, whose answer goes to a sink as it comes. Its outcome is None.

    Attributes:
        request: What is asked for.
        sink: What takes the answer.
    """

    request: Request
    sink: Sink


@dataclass(frozen=True)
class Generate:
    """Have the Space work on an event, and read the stream of it. Its outcome is the final data.

    Attributes:
        join: The request that joins the queue.
        events_url: Where the stream of events is.
        cancel: The request that stops the event; its body wants the event's id added.
        output: Index of the output in which the answer comes, or None to look for it.
        answers: Whether what the outputs say is shown as the answer.
        since: Entries at the beginning of a chat's value that were said before.
        only_chat: Whether an output that is no chat means that the Space has changed.
        asks_for_data: Whether the stream itself joins the queue and asks for `join` later, as
            servers of the protocol `sse` want it.
    """

    join: Request
    events_url: str
    cancel: Request
    output: int | None
    answers: bool = True
    since: Sequence[object] = ()
    only_chat: bool = False
    asks_for_data: bool = False


@dataclass(frozen=True)
class Show:
    """Show the value that a plain request gave for the answer's output. Its outcome is None.

    Attributes:
        value: The output's value.
        since: As for `Generate`.
    """

    value: object
    since: Sequence[object] = ()


@dataclass(frozen=True)
class Tell:
    """Hand an event to whoever reads the stream. Its outcome is None."""

    event: Event


@dataclass(frozen=True)
class Pause:
    """Wait. Its outcome is None.

    Attributes:
        seconds: How long.
    """

    seconds: float


@dataclass(frozen=True)
class KeepPageOpen:
    """Let the server know that the session's page is open, as long as a conversation is.

    Its outcome is None. A question that is part of no conversation has no page.

    Attributes:
        url: Where the request goes that is held open for it.
        closed: Called when the page is no longer open.
    """

    url: str
    closed: Callable[[], None]


@dataclass(frozen=True)
class ClosePage:
    """Close the conversation's page. Its outcome is None."""


Step: TypeAlias = (
    Connect | Fetch | Upload | Save | Generate | Show | Tell | Pause | KeepPageOpen | ClosePage
)

Steps: TypeAlias = Generator[Step, Any, _T]
"""A script of requests, and what it returns in the end."""


@dataclass(frozen=True)
class Response:
    """The answer to a plain request.

    Attributes:
        body: What it holds.
        cookies: The cookies that it sets, as a request's header wants them.
    """

    body: bytes
    cookies: str = field(default="", repr=False)


def fetch(request: Request, *, largest: int = 0, runs: bool = False) -> Steps[Response]:
    """The step `Fetch`, with the type of its outcome."""
    response: Response = yield Fetch(request, largest, runs)
    return response


def generate(step: Generate) -> Steps[Sequence[object]]:
    """The step `Generate`, with the type of its outcome."""
    data: Sequence[object] = yield step
    return data


@dataclass(frozen=True, kw_only=True)
class Script(Generic[_T_co]):
    """A script of steps that an engine can run, once for each attempt.

    Attributes:
        steps: Begins the script. Each attempt begins it anew, with a budget of its own.
        model: The resolved name of the model that answers; empty where none does.
        brought: Bytes of JSON that the messages and inputs take.
    """

    steps: Callable[[Budget], Steps[_T_co]]
    model: str = ""
    brought: int = 0

    def complete(self, text: str) -> None:
        """Called once, after the last step.

        Args:
            text: The whole answer that the outputs gave; empty where they gave none.
        """

    def take_back(self) -> None:
        """Called after `complete`, if nobody read that answer to its end."""


@dataclass(frozen=True, kw_only=True)
class Exchange(Script[None]):
    """One question to a chat, whose answer becomes part of the conversation.

    Attributes:
        provider: The provider class that made it.
        conversation: The session, and the messages with the question as the last.
    """

    provider: type[ProviderInfo]
    conversation: Conversation

    def complete(self, text: str) -> None:
        """Add the answer to the conversation."""
        self.conversation.messages.append({"role": "assistant", "content": text})

    def take_back(self) -> None:
        """Take the answer out of the conversation."""
        self.conversation.messages.pop()
