"""The Hub's search for Spaces: what is asked, and what it says of each.

There are two searches, and both are asked in the words of `huggingface_hub`. The one by meaning
(`HfApi.search_spaces`) finds what "qwen chat" means; the list of Spaces (`HfApi.list_spaces`) finds
names that hold the words, the most liked first. The list is asked only where the other one has
nothing, or isn't there: a Hub of one's own may lack it.

An entry is read field by field, since one that is odd must not hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import msgspec

from ..addresses import is_origin
from ..errors import AuthenticationError, ProtocolError, SpaceChatError, SpaceUnavailableError
from ..protocol.failures import plain_text
from ..steps import Request, Steps, fetch
from .decoding import MALFORMED
from .hub import HUB, USUAL, connect_to_hub, hub_url, space_id

_LARGEST = 8 << 20
"""Bytes of the Hub's answer; a hundred Spaces take some 300 kB."""

_MOST = 1000
"""Spaces of an answer that are looked at."""

_VALUES = 200_000
"""Values in an answer; each may take eighty bytes before anything of it is read."""

_LISTED = 100
"""Spaces that the list of Spaces is asked for."""

_MOST_LIKES = 10**9
"""Likes from which on a number means nothing; it may have hundreds of digits."""

_LONGEST = 120
"""Characters of a title."""

_LONGEST_ID = 200
"""Characters of a Space's id; the Hub takes 96."""

_EXPAND = ("cardData", "disabled", "likes", "private", "runtime", "sdk", "subdomain")
"""What the list of Spaces says of each, in the words of `HfApi.list_spaces`."""

_NO_PERMISSION = (401, 403, 429)
"""Statuses that the other search would be refused with, too."""

_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class ListedSpace:
    """What the Hub says of a Space that it has found.

    Attributes:
        id: Its id (`owner/name`).
        title: Its title, on one line.
        likes: How many people like it.
        stage: Its state in the Hub's words, such as `RUNNING`; empty if it isn't said.
        hardware: What it runs on, such as `cpu-basic`; empty if it isn't said.
        private: Whether only those who may see it find it.
        host: The address of its app, or None if the Hub has to be asked.
    """

    id: str
    title: str
    likes: int
    stage: str
    hardware: str
    private: bool
    host: str | None


def search_hub(query: str, *, any_state: bool) -> Steps[list[ListedSpace]]:
    """Return the Gradio Spaces that the Hub finds, in its order.

    Args:
        query: What is looked for.
        any_state: Whether those that aren't running are wanted, too.

    Raises:
        SpaceChatError: The Hub can't be asked; the kind says why.
    """
    yield connect_to_hub()
    try:
        # Unless others are wanted, it finds only those that are running.
        stage = "" if any_state else "RUNNING"
        spaces = yield from _search(_by_meaning(query, any_state=any_state), stage)
    except SpaceChatError as exc:
        if exc.status in _NO_PERMISSION or not (exc.status or isinstance(exc, ProtocolError)):
            raise
        spaces = []
    if not spaces:
        spaces = yield from _search(_by_name(query))
    return spaces


def _by_meaning(query: str, *, any_state: bool) -> str:
    """Return the address of the search that `HfApi.search_spaces` makes."""
    asked = {"q": query, "sdk": "gradio", **({"includeNonRunning": "true"} if any_state else {})}
    return f"{hub_url()}/api/spaces/semantic-search?{urlencode(asked)}"


def _by_name(query: str) -> str:
    """Return the address of the search that `HfApi.list_spaces` makes."""
    asked = {
        "filter": "gradio",
        "search": query,
        "sort": "likes",
        "limit": _LISTED,
        "expand": _EXPAND,
    }
    return f"{hub_url()}/api/spaces?{urlencode(asked, doseq=True)}"


def _search(url: str, stage: str = "") -> Steps[list[ListedSpace]]:
    """Return the Spaces in the Hub's answer to a search.

    Args:
        url: Its address.
        stage: The state of Spaces of which none is said.
    """
    try:
        response = yield from fetch(Request(url), largest=_LARGEST, by_hub_package=True)
    except (SpaceUnavailableError, AuthenticationError, ProtocolError) as exc:
        if exc.status is None:
            raise
        raise _refused(exc) from exc
    return [each if each.stage else replace(each, stage=stage) for each in _listed(response.body)]


def _refused(error: SpaceChatError) -> SpaceChatError:
    """Return the error for a refusal, which is no Space's, but the Hub's."""
    if isinstance(error, AuthenticationError):
        explained: SpaceChatError = AuthenticationError(
            f"{hub_url()} refuses to search for Spaces (status {error.status}): check the token, "
            "which is token=, HF_TOKEN, or what `hf auth login` saved."
        )
    else:
        explained = SpaceUnavailableError(
            f"{hub_url()} can't search for Spaces now (status {error.status}). Try again later; "
            "if HF_ENDPOINT is set, check that it is a Hugging Face Hub.",
            temporary=error.temporary,
        )
    explained.status = error.status
    return explained


def _listed(body: bytes) -> Iterator[ListedSpace]:
    """Yield the Spaces in the Hub's answer, each once; entries that are none are left out.

    Raises:
        ProtocolError: It is no list, or has too many values.
    """
    if body.count(b",") > _VALUES:
        raise ProtocolError(
            f"{hub_url()} answers a search with too many values. Check HF_ENDPOINT."
        )
    try:
        entries = msgspec.json.decode(body, type=list[msgspec.Raw])
    except MALFORMED as exc:
        raise ProtocolError(
            f"{hub_url()} does not answer a search as the Hugging Face Hub does ({exc}). Check "
            "HF_ENDPOINT."
        ) from exc
    seen: set[str] = set()
    for entry in entries[:_MOST]:
        space = _space(entry)
        if space is not None and space.id not in seen:
            seen.add(space.id)
            yield space


def _space(entry: msgspec.Raw) -> ListedSpace | None:
    """Return the Space that an entry is of, or None if it is of no Gradio Space."""
    try:
        said = msgspec.json.decode(entry)
    except MALFORMED:
        return None
    if not isinstance(said, dict):
        return None
    name = _text(said, "id")[: _LONGEST_ID + 1]
    if (
        space_id(name) != name
        or len(name) > _LONGEST_ID
        or _text(said, "sdk") not in ("", "gradio")
    ):
        return None
    runtime = _part(said, "runtime")
    title = _text(said, "title") or _text(_part(said, "cardData"), "title")
    likes = said.get("likes")
    return ListedSpace(
        id=name,
        title=plain_text(title)[:_LONGEST] or name.partition("/")[2],
        likes=min(likes, _MOST_LIKES) if type(likes) is int and likes > 0 else 0,
        stage="DISABLED" if said.get("disabled") is True else _text(runtime, "stage")[:_LONGEST],
        hardware=plain_text(_hardware(runtime))[:_LONGEST],
        private=said.get("private") is True,
        host=_host(said, runtime),
    )


def _hardware(runtime: Mapping[str, Any]) -> str:
    hardware = _part(runtime, "hardware")
    return _text(hardware, "current") or _text(hardware, "requested") or _text(runtime, "hardware")


def _host(said: Mapping[str, Any], runtime: Mapping[str, Any]) -> str | None:
    """Return the address of a Space's app, if the Hub says it."""
    host = _text(said, "host")
    if host:
        return host.rstrip("/") if is_origin(host) else None
    if hub_url() != HUB:
        return None  # Only the public Hub's Spaces are at addresses of this form.
    subdomain = _text(said, "subdomain")
    if _SUBDOMAIN.fullmatch(subdomain):
        return USUAL.format(subdomain)
    domains = runtime.get("domains")
    for each in domains[:_MOST] if isinstance(domains, list) else []:
        named = _text(each, "domain") if isinstance(each, dict) else ""
        name = named.removesuffix(".hf.space")
        if name != named and each.get("stage") == "READY" and _SUBDOMAIN.fullmatch(name):
            return USUAL.format(name)
    return None


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name)
    return text if isinstance(text, str) else ""
