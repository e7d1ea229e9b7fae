"""Every error that spacechat raises on purpose.

All derive from `SpaceChatError`. A message says what happened, where, and what to do about it;
HTML that a Space put in its error text is stripped before it gets here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from .alike import said_once

_Error = TypeVar("_Error", bound=BaseException)

_LONGEST_REST = 366 * 24 * 3600.0
"""Seconds that a Space can ask for; more is as good as for ever, and no number for a clock."""


class SpaceChatError(Exception):
    """Base of every error of this library.

    Attributes:
        partial_text: The part of the answer that was received before it was cut short, exactly
            the stream's `text`; empty where no answer had begun.
        temporary: Whether the same request may well succeed a little later.
        status: The HTTP status with which a request was refused, or None where none was.
        reached: Whether a request that failed may have reached the Space.
        may_have_run: Whether a function that was called may have run. Then nothing is called again,
            here or at another app.
        partial: The newest value that a function gave before it was cut short, like the `value` of
            its result; None where it gave none, and for an answer.
        errors: The error of each model or app, where several were tried in turn.
    """

    partial_text: str
    temporary: bool
    status: int | None = None
    reached: bool = True
    may_have_run: bool = False
    partial: Any = None
    errors: Sequence[SpaceChatError] = ()

    def __init__(self, message: str, *, partial_text: str = "", temporary: bool = False) -> None:
        super().__init__(message)
        self.partial_text = partial_text
        self.temporary = temporary


def without_frames(error: _Error) -> _Error:
    """Return an error without the stack frames of itself and of what it came from.

    A cause of ours stays visible, in a line. The error of another library that ours stands for is
    its `__context__`, which a debugger finds and a traceback doesn't show: our message says what
    lies at the bottom of it. Frames may hold secrets, too.
    """
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = None
        if not isinstance(each, SpaceChatError):
            each.__cause__ = each.__context__ = None
        elif each.__cause__ is not None or not each.__suppress_context__:
            each.__context__ = None
        each = each.__cause__ or each.__context__
    return error


def none_answered(errors: Sequence[SpaceChatError]) -> SpaceChatError:
    """Return the error to raise where these failed: the only one, or one that names them all."""
    *_, last = errors
    said = said_once(map(str, errors))
    if len(errors) == 1 or (is_own_mistake(last) and said == [str(last)]):
        return last
    kind = InputsError if all(isinstance(each, InputsError) for each in errors) else None
    named = (kind or SpaceUnavailableError)(
        f"None of {len(errors)} Spaces gave an answer: " + " | ".join(said),
        temporary=any(each.temporary for each in errors),
    )
    named.errors = tuple(errors)
    return named


def is_own_mistake(error: SpaceChatError) -> bool:
    """Tell whether it is this machine's token that is wrong: no server has said so."""
    is_of_server = error.status is not None or error.__cause__ is not None
    return isinstance(error, AuthenticationError) and not is_of_server


class ModelNotFoundError(SpaceChatError):
    """No provider knows a model by that name; the message lists near matches."""


class MessagesError(SpaceChatError, ValueError):
    """The messages given are not a conversation that can be sent."""


class SpaceUnavailableError(SpaceChatError):
    """The Space can't be reached, or is asleep, paused, building or not there."""


class AuthenticationError(SpaceChatError):
    """The Space is private or gated, the token was not accepted, or the user has to sign in."""


class RateLimitError(SpaceChatError):
    """The Space asks for fewer requests.

    Attributes:
        retry_after: Seconds after which the Space says it may be asked again, or None where it
            doesn't say. At most a year, whatever it says.
    """

    retry_after: float | None

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        partial_text: str = "",
        temporary: bool = False,
    ) -> None:
        super().__init__(message, partial_text=partial_text, temporary=temporary)
        self.retry_after = None
        if retry_after is not None:
            # In this order, what is no number is none to wait for either.
            self.retry_after = min(max(0.0, retry_after), _LONGEST_REST)


class QuotaExceededError(RateLimitError):
    """The GPU quota of the user (or of the anonymous address) is used up."""


class QueueFullError(SpaceChatError):
    """The Space's queue takes no more events at the moment."""


class GenerationError(SpaceChatError):
    """The Space failed while it was making the answer."""


class StreamInterruptedError(SpaceChatError):
    """The stream ended before the answer was complete."""


class StreamTimeoutError(SpaceChatError, TimeoutError):
    """A limit of `Timeout` was reached; the message says which."""


class ProtocolError(SpaceChatError):
    """The server sent something that no Gradio server sends."""


class ChatNotFoundError(ModelNotFoundError):
    """The app at this address is no chat; the message lists its functions."""


class InputsError(SpaceChatError, ValueError):
    """A value given for an input of an app is not one that it takes; the message lists those."""


class SettingsFileError(SpaceChatError, ValueError):
    """The user's settings file can't be read or says what it can't say; the message says where."""
