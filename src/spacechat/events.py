"""The events of an answer, as small immutable values.

Applying the `TextDelta` and `TextReset` events in order gives exactly `Completed.text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import msgspec

from .brief import brief


class Retrying(msgspec.Struct, frozen=True, gc=False):
    """The question is asked again, since no part of an answer has arrived.

    Attributes:
        model: The model that is asked next; another one where the caller named several. For a
            function, its name, and the app that is called next where there are several.
        attempt: How often this model has been asked before.
        delay: Seconds until it is asked.
        reason: The failure of the last attempt.
    """

    model: str
    attempt: int
    delay: float
    reason: str


class Queued(msgspec.Struct, frozen=True, gc=False):
    """The request waits in the Space's queue.

    Attributes:
        position: How many events are before this one; 0 is next.
        queue_size: How many events wait in all.
        eta: Seconds until the answer is expected to be complete, or None where the Space
            doesn't know yet.
    """

    position: int
    queue_size: int
    eta: float | None = None


class Started(msgspec.Struct, frozen=True, gc=False):
    """The Space has begun to work on the answer.

    Attributes:
        eta: Seconds that it usually takes, or None where the Space doesn't know yet.
    """

    eta: float | None = None


class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """The answer grew by `text`."""

    text: str


class TextReset(msgspec.Struct, frozen=True, gc=False):
    """The Space rewrote the answer: so far, it is now `text`."""

    text: str

    def __repr__(self) -> str:
        return f"TextReset(text={brief(self.text)})"


class Reasoning(msgspec.Struct, frozen=True, gc=False):
    """A piece of the model's thoughts or of its tool use; not part of the answer.

    Attributes:
        text: The piece. Empty where a thought has a title and no text yet, or gets another title.
        title: What the app calls this thought or this use of a tool, or None.
    """

    text: str
    title: str | None = None


class Status(msgspec.Struct, frozen=True, gc=False):
    """A text that the Space shows in place of the answer, such as `Qwen is thinking...`.

    Where it merely looks so and was the beginning of the answer, it is given out as answer, too.
    """

    text: str


class Progress(msgspec.Struct, frozen=True, gc=False):
    """One progress bar of the Space.

    Attributes:
        index: Steps done, or None.
        length: Steps in all, or None.
        unit: What a step is, such as `steps`.
        progress: The fraction done (0 to 1), or None where `index` and `length` say it.
        description: The task, or None.
        depth: How many bars stand around it: 0 for the outermost, or the only one.
    """

    index: float | None = None
    length: float | None = None
    unit: str | None = None
    progress: float | None = None
    description: str | None = None
    depth: int = 0


class Log(msgspec.Struct, frozen=True, gc=False):
    """A notice that the Space shows on its page.

    Attributes:
        level: `info`, `warning`, `success` or `error`.
        message: The text, without HTML.
        title: Its heading, or None.
    """

    level: str
    message: str
    title: str | None = None


class Wishes(msgspec.Struct, frozen=True):
    """What became of the settings that were wished for (`wishes=`), before the question is sent.

    Attributes:
        applied: The values that inputs of the app have for them, by the names of the wishes.
        clamped: The names of those whose value is the nearest that the app takes.
        ignored: The names of those for which the app has no input.
    """

    applied: Mapping[str, float]
    clamped: Sequence[str]
    ignored: Sequence[str]


class File(msgspec.Struct, frozen=True, gc=False):
    """A file that came with the answer; nothing of it has been downloaded.

    Attributes:
        url: Its address.
        name: The name that the Space gives it.
        mime_type: Its type, such as `image/png`.
        app: The address of the app that it came from; empty where that is not known.
        user: The user that asked the app, by its login or by the address; or empty.
    """

    url: str
    name: str
    mime_type: str
    app: str = ""
    user: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the file's address, name and type as a JSON object."""
        return {"url": self.url, "name": self.name, "mime_type": self.mime_type}

    def __repr__(self) -> str:
        # No query of the address: it may be what opens the file.
        url = self.url.partition("?")[0]
        return f"<File {brief(self.name)} {brief(self.mime_type)} at {brief(url)}>"


RemoteFile = File
"""A file among the values of a function is called this."""


def names_and_urls(files: Iterable[File]) -> list[tuple[str, str]]:
    """Return the name and the address of each file."""
    return [(file.name, file.url) for file in files]


class Completed(msgspec.Struct, frozen=True, gc=False):
    """The answer is complete, or the function has ended.

    Attributes:
        text: The whole answer, exactly what the server's final output holds; empty for a function
            that is no chat.
        reasoning: The whole of the thoughts, without their titles; empty where there are none.
    """

    text: str
    reasoning: str = ""

    def __repr__(self) -> str:
        return f"Completed(text={brief(self.text)}, reasoning={brief(self.reasoning)})"


class Values:
    """A function's outputs have new values.

    They are put together when they are read, so a reader who takes the edits only does not pay for
    the values. Each reader has values of its own, which it may change.

    Args:
        values: The values, or a function that returns them.
        edits: Returns the edits, or is None where the values came whole.
        weight: Bytes of the message that brought them.

    Attributes:
        weight: See above.
    """

    __slots__ = ("_edits", "_values", "weight")

    def __init__(
        self,
        values: tuple[Any, ...] | Callable[[], tuple[Any, ...]],
        edits: Callable[[], tuple[Any, ...]] | None = None,
        weight: int = 0,
    ) -> None:
        self._values = values
        self._edits = edits
        self.weight: int = weight

    @property
    def values(self) -> tuple[Any, ...]:
        """The value of each output; states and layout are left out."""
        if not isinstance(self._values, tuple):
            self._values = self._values()
        return self._values

    @property
    def edits(self) -> tuple[list[Any], ...] | None:
        """For each output, the edits that led to its value from the one before, as they came.

        An edit is `[action, path, value]`. None: the values came whole.
        """
        return None if self._edits is None else self._edits()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and self.values == other.values

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Values(values={brief(self.values)})"

    def __reduce__(self) -> tuple[type[Values], tuple[Any, ...]]:
        return Values, (self.values,)


Event: TypeAlias = (
    Retrying
    | Queued
    | Started
    | TextDelta
    | TextReset
    | Reasoning
    | Status
    | Progress
    | Log
    | Wishes
    | File
    | Values
    | Completed
)
"""Any of the events."""
