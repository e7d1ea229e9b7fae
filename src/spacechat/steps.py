"""The language between the code that knows what to ask and the code that asks: scripts of steps.

A script is a generator that yields steps: requests to an app, without any I/O. An engine takes each
step and sends its outcome back into the generator. It throws a failure into it, too: a script that
has another way catches the error and yields the steps of that way. So a provider reads like a list
of requests, and connections, time limits, retries and cancellation are written once, in
`streaming`. A test can drive a script by hand, without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from .errors import ProtocolError, SpaceChatError, StreamInterruptedError
from .events import Event
from .messages import Conversation
from .protocol import Budget, Outputs, Reads

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class ProviderInfo(Protocol):
    """The attributes of a provider class that a reply shows."""

    label: ClassVar[str]
    url: ClassVar[str]


@dataclass(frozen=True)
class Request:
    """An HTTP request.

    Attributes:
        url: Its address.
        body: Its body, sent as JSON by POST; None makes it a GET.
        form: Fields of a form, to be sent by POST in the place of a body, or None.
        sign_in: Whether the user's token is added to the body, as `oauth_token`.
    """

    url: str
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    sign_in: bool = False


@dataclass(frozen=True)
class OutgoingFile:
    """A file to be sent.

    Attributes:
        name: The name that the Space is given.
        mime_type: Its type, such as `image/png`.
        content: Its content, or the path to read it from.
    """

    name: str
    mime_type: str
    content: bytes | Path = field(repr=False)


@dataclass(frozen=True)
class Connect:
    """Go on with another host, or anew with the same one.

    Its outcome is a digest of the credentials that its requests carry, which tells equal ones in
    this process; it is empty if there are none. Nothing is sent yet. What was to run beside the
    next request (`Beside`) was for the host before, and is left out.

    Attributes:
        url: Base URL of the Space.
        headers: Headers of every request from now on. All requests go to the origin (scheme, host
            and port) of this URL; none that a step names on another is sent.
        anonymous: Whether requests go without the client's token and headers.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    anonymous: bool = False


@dataclass(frozen=True)
class Fetch:
    """A plain request. Its outcome is a `Response`.

    Attributes:
        request: The request.
        largest: Bytes that the answer may have; 0 for the client's limit.
        runs: Whether it has a function of the app run, so that a failure may be the function's.
        by_hub_package: Whether `huggingface_hub` makes the request, where it is installed.
    """

    request: Request
    largest: int = 0
    runs: bool = False
    by_hub_package: bool = False


@dataclass(frozen=True)
class Upload:
    """Send files. Its outcome is a `Response`; its progress shows as events.

    Attributes:
        url: The address they are sent to.
        files: The files.
    """

    url: str
    files: Sequence[OutgoingFile]


class Sink(Protocol):
    """Takes the bytes of an answer as they arrive. It may block: it runs in a thread of its own."""

    def begin(self) -> None:
        """Forget everything written so far: the bytes start from the beginning."""

    def write(self, data: bytes) -> None:
        """Take more bytes."""


@dataclass
class Download:
    """The download of a file; an attempt goes on where the one before it ended.

    Attributes:
        name: The file's name, for errors.
        sink: Takes its bytes.
        largest: Bytes that it may have.
        received: Bytes of it that the sink has.
        version: The server's name for its content, or an empty text.
        length: Its bytes, if the server says how many there are.
    """

    name: str
    sink: Sink
    largest: int
    received: int = 0
    version: str = ""
    length: int | None = None

    def begin(self, version: str, length: int | None) -> None:
        """Begin anew with a version of the file.

        Raises:
            ProtocolError: It is too large.
        """
        self._check(length or 0)
        self.sink.begin()
        self.received, self.version, self.length = 0, version, length

    def write(self, data: bytes) -> None:
        """Take more bytes.

        Raises:
            ProtocolError: The file is too large, or longer than the server said.
        """
        received = self.received + len(data)
        self._check(received)
        if self.length is not None and received > self.length:
            raise ProtocolError(f"The file {self.name!r} has more bytes than the Space said.")
        self.sink.write(data)
        self.received = received

    def _check(self, length: int) -> None:
        if length > self.largest:
            raise ProtocolError(
                f"The file {self.name!r} has more than {self.largest} bytes: largest= sets how "
                "many it may have."
            )


@dataclass(frozen=True)
class Save:
    """A plain request, whose answer is downloaded as it comes. Its outcome is None.

    Attributes:
        request: The request.
        download: Takes the answer.
    """

    request: Request
    download: Download


@dataclass(frozen=True)
class Generate:
    """Have the Space work on an event, and read the stream of it. Its outcome is the final data.

    Attributes:
        join: The request that joins the queue.
        events_url: The address of the stream of events.
        cancel: The request that stops the event; the event's id is added to its body.
        reads: How the outputs are read: for an answer, or for their values.
        asks_for_data: Whether the stream itself joins the queue and asks for `join` later, as
            servers of the protocol `sse` want it.
    """

    join: Request
    events_url: str
    cancel: Request
    reads: Reads
    asks_for_data: bool = False


@dataclass(frozen=True)
class Show:
    """Show what a plain request returned. Its outcome is None.

    Attributes:
        value: The value of the output that holds the answer, or the values of all outputs.
        reads: As for `Generate`.
    """

    value: object
    reads: Reads


@dataclass(frozen=True)
class Tell:
    """Give an event to the reader of the stream. Its outcome is None."""

    event: Event


@dataclass(frozen=True)
class Pause:
    """Wait. Its outcome is None.

    Attributes:
        seconds: The length of the wait.
    """

    seconds: float


@dataclass(frozen=True)
class TakeTurn:
    """Wait until the calls of the page's session that began before have ended. Its outcome is None.

    The turn is over when the script ends.
    """


@dataclass(frozen=True)
class KeepPageOpen:
    """Keep the app's session alive as long as the conversation is open, by a heartbeat request.

    Its outcome is None. A question outside any conversation has no page to keep open.

    Attributes:
        url: The address of the heartbeat, a request that stays open.
        on_closed: Called when the page is no longer open.
    """

    url: str
    on_closed: Callable[[], None]


@dataclass(frozen=True)
class ClosePage:
    """Close the conversation's page. Its outcome is None."""


@dataclass(frozen=True)
class CloseKept:
    """Close the connections that wait for the client's next request. Its outcome is None."""


@dataclass
class Beside(Generic[_T]):
    """Run a script at the same time as the next request, over a connection of its own.

    Its outcome is None. That of the next request comes when both have ended. If the script fails,
    that request is stopped as cancelling stops it, and the script's error comes in its place. A
    request that has a function run at once can't be stopped: it is made after the script. A step
    `Connect` before any request leaves the script out.

    Attributes:
        steps: The script, which connects first.
    """

    steps: Steps[_T]
    _outcome: list[_T] = field(default_factory=list[_T], init=False, repr=False)
    _error: SpaceChatError | None = field(default=None, init=False, repr=False)

    def end(self, value: _T) -> None:
        """Record what the script returned."""
        self._outcome = [value]

    def fail(self, error: SpaceChatError) -> None:
        """Record the error that ended the script."""
        self._error = error

    @property
    def value(self) -> _T:
        """What the script returned, once the next request has been made.

        Raises:
            SpaceChatError: It failed, or was left out or cut short.
        """
        if self._error is not None:
            raise self._error
        if not self._outcome:
            raise StreamInterruptedError("What was asked beside a request did not come to its end.")
        return self._outcome[0]

    @property
    def has_ended(self) -> bool:
        """Whether the script has returned or failed, and was neither left out nor cut short."""
        return self._error is not None or bool(self._outcome)


Step: TypeAlias = (
    Connect
    | Beside[Any]
    | Fetch
    | Upload
    | Save
    | Generate
    | Show
    | Tell
    | Pause
    | TakeTurn
    | KeepPageOpen
    | ClosePage
    | CloseKept
)

Steps: TypeAlias = Generator[Step, Any, _T]
"""A running script: a generator of steps that returns a value."""


@dataclass(frozen=True)
class Response:
    """The answer to a plain request.

    Attributes:
        body: Its body.
        cookies: The cookies that it sets, in the form of a request's header.
        public: Whether anybody gets it: the request carried no credentials.
    """

    body: bytes
    cookies: str = field(default="", repr=False)
    public: bool = False


def connect(url: str, headers: Mapping[str, str]) -> Steps[bytes]:
    """The step `Connect`, with the type of its outcome."""
    reader: bytes = yield Connect(url, headers)
    return reader


def fetch(
    request: Request, *, largest: int = 0, runs: bool = False, by_hub_package: bool = False
) -> Steps[Response]:
    """The step `Fetch`, with the type of its outcome."""
    response: Response = yield Fetch(request, largest, runs, by_hub_package)
    return response


def generate(step: Generate) -> Steps[Outputs]:
    """The step `Generate`, with the type of its outcome."""
    data: Sequence[object] = yield step
    return data if isinstance(data, Outputs) else Outputs(data)


@dataclass(frozen=True, kw_only=True)
class Script(Generic[_T_co]):
    """A script of steps that an engine can run, once for each attempt.

    Attributes:
        steps: Begins the script. Each attempt begins it anew, with a budget of its own.
        model: The resolved name of the model that answers; empty where none does.
        brought: Bytes of JSON that the messages and inputs take.
        once: Whether what it has run must not be run again, since that may do anything.
    """

    steps: Callable[[Budget], Steps[_T_co]]
    model: str = ""
    brought: int = 0
    once: bool = False

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
