"""The Hugging Face Hub: the address of a Space's app, and the Space's state."""

from __future__ import annotations

import os
import re
from typing import NoReturn, TypeVar
from urllib.parse import quote

import msgspec

from ..addresses import basic_auth_headers, host_of, is_origin, split_address, without_user
from ..errors import (
    AuthenticationError,
    ModelNotFoundError,
    ProtocolError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamTimeoutError,
)
from ..events import Status
from ..hidden import Hidden
from ..steps import Connect, Pause, Request, Steps, Tell, fetch
from .decoding import MALFORMED

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

HUB = "https://huggingface.co"

USUAL = "https://{}.hf.space"
"""The address of a Space of the public Hub, with its name left open."""

_LONGEST_LABEL = 63
"""Characters of a part of a host's name."""

WAKING = 600.0
"""The longest wait for a Space that is starting, in seconds."""

POLLING = 3.0
"""Seconds between two requests for the state of a Space that is starting."""

_SPACE_ID = re.compile(r"\w[\w-]*/\w[\w.-]*", re.ASCII)
"""An owner's name has no dot, so that a host with a path is none."""

_SCHEME = re.compile(r"https?://", re.ASCII)
_PUBLIC = ("huggingface.co", "www.huggingface.co", "hf.co")
"""The hosts of the public Hub's pages."""

_STARTING = {
    "SLEEPING": "is asleep and is being woken",
    "STOPPED": "is asleep and is being woken",
    "BUILDING": "is being built",
    "RUNNING_BUILDING": "is being built",
    "APP_STARTING": "is starting",
    "RUNNING_APP_STARTING": "is starting",
}
_BROKEN = {
    "PAUSED": "is paused by its owner: it comes back only when they start it. Ask another model",
    "DELETING": "is being deleted. Ask another model",
    "RUNTIME_ERROR": "has crashed: its owner has to mend it. Ask another model",
    "BUILD_ERROR": "could not be built: its owner has to mend it. Ask another model",
    "CONFIG_ERROR": "has a wrong configuration: its owner has to mend it. Ask another model",
    "NO_APP_FILE": "has no app in it. Ask another model",
}


class _Host(msgspec.Struct):
    host: str


class _Runtime(msgspec.Struct):
    stage: str


def hub_url() -> str:
    """Return the Hub's address: `HF_ENDPOINT`, else the public one."""
    return without_user(_endpoint())


def _endpoint() -> Hidden:
    """Return the Hub's address, with the user and password in `HF_ENDPOINT`."""
    return Hidden(os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB)


def connect_to_hub() -> Connect:
    """Return the step that connects to the Hub. Its user and password go nowhere else.

    Raises:
        SpaceUnavailableError: `HF_ENDPOINT` is no address.
    """
    try:
        url, user = split_address(_endpoint())
    except ValueError as exc:
        raise SpaceUnavailableError(
            f"HF_ENDPOINT is {hub_url()[:200]!r}, which is not the Hub's address: {exc}."
        ) from None
    return Connect(url, basic_auth_headers(user))


def space_url(space_id: str) -> str:
    """Return the address of a Space's page on the Hub."""
    return f"{hub_url()}/spaces/{space_id}"


def space_id(name: str) -> str | None:
    """Return the id (`owner/name`) in a text that is an id or the address of a Space's page.

    The address may lack its scheme, or its host as well (`spaces/owner/name`). None if the text is
    neither.
    """
    if _SPACE_ID.fullmatch(name):
        # Nobody means a Space by a path on this machine.
        return None if name.startswith("localhost/") else name
    head, _, rest = name.partition("spaces/")
    hosts = (_SCHEME.sub("", hub_url()), *_PUBLIC)
    if head in ("", "hf://") or _SCHEME.sub("", head.lower()) in [f"{host}/" for host in hosts]:
        match = _SPACE_ID.match(rest)
        return match[0] if match else None
    return None


def is_hub_page(url: str) -> bool:
    """Tell whether an address is a page of the public Hub, on which no app runs."""
    return host_of(url) in _PUBLIC


def usual_address(space: str) -> str | None:
    """Return the address that a Space of the public Hub most likely has, or None for no guess.

    What is no letter or digit becomes a hyphen, so that two Spaces may have the same; the Hub then
    gives one of them another.
    """
    name = re.sub(r"[^a-z0-9]", "-", space.lower())
    is_label = len(name) <= _LONGEST_LABEL and not (name.startswith("-") or name.endswith("-"))
    return USUAL.format(name) if is_label and hub_url() == HUB else None


def find_host(space: str) -> Steps[str]:
    """Return the address of a Space's app.

    Raises:
        ModelNotFoundError: There is no such Space.
        AuthenticationError: The Space is private or gated.
    """
    hub = hub_url()
    yield connect_to_hub()
    url = f"{hub}/api/spaces/{quote(space)}/host"
    try:
        response = yield from fetch(Request(url))
    except SpaceUnavailableError as exc:
        if exc.status == 404:
            raise ModelNotFoundError(
                f"There is no Space {space} on {hub}: check its name, and that the token may see "
                "it if it is private."
            ) from exc
        raise
    except AuthenticationError as exc:
        raise AuthenticationError(
            f"The Space {space} is private, gated or not there, or the token is wrong: set token= "
            "or HF_TOKEN to one that may see it, or run `hf auth login`."
        ) from exc
    host = _decoded(response.body, _Host).host
    if not is_origin(host):
        raise ProtocolError(f"{hub} gave {host[:200]!r} as the address of the Space {space}.")
    return host.rstrip("/")


def wait_until_running(
    space: str, error: SpaceChatError, *, patience: float = WAKING
) -> Steps[None]:
    """Wait for a Space that is starting, with an event for each change of its state.

    The Hub may fail to give the state in between; then the last one counts. The wait ends, since
    each round adds to the seconds waited, which `patience` bounds.

    Args:
        space: Its id.
        error: The error of the request that failed, raised again if the Hub knows no reason.
        patience: The longest wait in seconds.

    Raises:
        SpaceUnavailableError: The Space is paused, broken, or takes too long.
    """
    waited = 0.0
    stage = ""
    while True:
        before, stage = stage, (yield from _stage(space)) or stage
        if stage not in _STARTING:
            if before and stage not in _BROKEN:
                return
            _refuse(space, stage, error)
        if stage != before:
            yield Tell(Status(f"The Space {space} {_STARTING[stage]}."))
        if waited >= patience:
            asleep = SpaceUnavailableError(
                f"The Space {space} {_STARTING[stage]}: ask again in a few minutes.",
                temporary=not patience,  # A wait in vain is not repeated.
            )
            asleep.status = error.status or 503
            raise asleep from error
        yield Pause(POLLING)
        waited += POLLING


def _stage(space: str) -> Steps[str]:
    """Return the state of a Space, or an empty text if the Hub doesn't give it."""
    yield connect_to_hub()
    try:
        response = yield from fetch(Request(f"{hub_url()}/api/spaces/{quote(space)}/runtime"))
        return _decoded(response.body, _Runtime).stage
    except StreamTimeoutError:
        raise
    except SpaceChatError:
        return ""


def _refuse(space: str, stage: str, error: SpaceChatError) -> NoReturn:
    if stage in _BROKEN:
        raise SpaceUnavailableError(f"The Space {space} {_BROKEN[stage]}.") from error
    raise error


def _decoded(body: bytes, kind: type[_Struct]) -> _Struct:
    try:
        return msgspec.json.decode(body, type=kind)
    except MALFORMED as exc:
        raise ProtocolError(
            f"{hub_url()} does not answer as the Hugging Face Hub does ({exc}). Check HF_ENDPOINT."
        ) from exc
