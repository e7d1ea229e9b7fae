"""The settings of a client: limits on time and size, and what every request carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .addresses import without_user
from .hidden import Hidden, digest, hide

_HEADER_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


def is_header_value(value: str) -> bool:
    """Return whether a text is a valid value of an HTTP header."""
    return value.isascii() and value.isprintable() and value == value.strip()


_NO_SECRETS = frozenset(
    {"accept", "accept-language", "cache-control", "dnt", "pragma", "priority", "user-agent"}
)
"""Headers that hold no secret; any other header may."""


@dataclass(frozen=True)
class Timeout:
    """Limits on waiting, in seconds; each may be None for no limit.

    Attributes:
        connect: For making a connection to the Space or its proxy.
        idle: For the Space to send anything at all. A Gradio server that works or queues sends
            a sign of life every 15 seconds.
        total: For the whole of an answer, queue included.
    """

    connect: float | None = 15.0
    idle: float | None = 60.0
    total: float | None = 1800.0

    def __post_init__(self) -> None:
        for name in ("connect", "idle", "total"):
            seconds = getattr(self, name)
            if not isinstance(seconds, int | float | None) or isinstance(seconds, bool):
                kind = type(seconds).__name__
                raise TypeError(f"timeout: {name} takes a number of seconds or None, not {kind}.")
            if seconds is not None and not seconds > 0:
                raise ValueError(f"timeout: {name} must be more than 0 seconds, not {seconds!r}.")

    @classmethod
    def of(cls, timeout: Timeout | float | None) -> Timeout:
        """Return what a caller gave as `timeout`: a number of seconds sets `connect` and `idle`.

        None sets no limit at all.

        Raises:
            ValueError: The number is not more than 0.
        """
        if isinstance(timeout, Timeout):
            return timeout
        if timeout is None:
            return cls(connect=None, idle=None, total=None)
        return cls(connect=timeout, idle=timeout)


DEFAULT_TIMEOUT = Timeout()


@dataclass(frozen=True)
class Limits:
    """Bounds on what a Space may send, so that none can take all memory or time.

    Attributes:
        message: Bytes of one message, and of the answer to a plain request, besides what a
            repetition of the question takes. JSON may take thirty times as much in memory; what
            is kept of it from one message to the next may take sixteen times as much.
        answer: Characters of an answer, thoughts included.
        edits: Edits in one message.
        messages: Messages of one stream, signs of life included.
        values: Bytes of one message with the values of a function that is no chat, if that is more
            than `message`: a table or a picture may stand in it.
    """

    message: int = 1 << 20
    answer: int = 2 << 20
    edits: int = 10_000
    messages: int = 1_000_000
    values: int = 8 << 20

    def __post_init__(self) -> None:
        for name in ("message", "messages", "answer", "edits", "values"):
            most = getattr(self, name)
            if not isinstance(most, int) or isinstance(most, bool):
                raise TypeError(f"limits: {name} takes a whole number, not {type(most).__name__}.")
            if most < 1:
                raise ValueError(f"limits: {name} must be 1 or more, not {most!r}.")

    def of_functions(self) -> Limits:
        """Return the limits of functions that are no chats."""
        return replace(self, message=max(self.message, self.values))


DEFAULT_LIMITS = Limits()


_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "token": ((str, type(None)), "a text"),
    "proxy": ((str, type(None)), "a URL"),
    "timeout": ((Timeout, int, float, type(None)), "a Timeout or a number of seconds"),
    "retries": ((int,), "a whole number"),
    "headers": ((Mapping, type(None)), "a mapping of names and values"),
    "limits": ((Limits,), "spacechat.Limits(...)"),
}


def check_kinds(**given: object) -> None:
    """Raise an error if a setting is of a wrong type.

    Raises:
        TypeError: The message says which setting, and what it takes.
    """
    for name, value in given.items():
        kinds, takes = _KINDS[name]
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise TypeError(f"{name}= takes {takes}, not a value of type {type(value).__name__}.")


@dataclass(frozen=True)
class Settings:
    """The settings that a client gives to every stream.

    Attributes:
        token: A Hugging Face token that the caller gave for the Space, or None. It never shows
            in a repr.
        proxy: URL of a proxy, or None for the environment's.
        timeout: Limits on waiting.
        retries: How often a request that surely had no effect is repeated.
        headers: Further headers for every request.
        limits: Bounds on what a Space may send.
    """

    token: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    timeout: Timeout = DEFAULT_TIMEOUT
    retries: int = 2
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Hidden.of(self.token))
        object.__setattr__(self, "proxy", Hidden.of(self.proxy))
        object.__setattr__(self, "headers", hide(self.headers))
        if self.retries < 0:
            raise ValueError(f"retries must be 0 or more, not {self.retries!r}.")
        if self.token and not is_header_value(self.token):
            raise ValueError("token: it has characters that no token has.")
        for name, value in self.headers.items():
            if not (_HEADER_NAME.fullmatch(name) and is_header_value(value)):
                raise ValueError(f"headers: {name!r} has characters that HTTP does not allow.")

    @property
    def user(self) -> bytes:
        """A digest of the credentials that go to every Space; empty if there are none."""
        return digest(self.token, tuple(f"{each}: {self.headers[each]}" for each in self.headers))

    def with_timeout(self, timeout: Timeout | float | None) -> Settings:
        """Return these settings with other limits on waiting; None: with the same.

        Raises:
            ValueError: A number is not more than 0.
            TypeError: It is neither a number nor a `Timeout`.
        """
        if timeout is None:
            return self
        check_kinds(timeout=timeout)
        if not isinstance(timeout, Timeout):
            timeout = replace(self.timeout, connect=timeout, idle=timeout)
        return replace(self, timeout=timeout)

    def __getstate__(self) -> dict[str, object]:
        """Leave out credentials: a pickle goes to places that they must not reach.

        The proxy stays, without its user and password: it will refuse, but without it, requests
        from elsewhere would bypass it.
        """
        kept = {name: said for name, said in self.headers.items() if name.lower() in _NO_SECRETS}
        proxy = None if self.proxy is None else Hidden(without_user(self.proxy))
        return {**self.__dict__, "token": None, "proxy": proxy, "headers": kept}
