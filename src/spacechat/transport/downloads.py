"""Downloads that go on where a connection broke.

A server names the version of a file by an `ETag`, or by the time of its last change. A request that
goes on asks for the rest of that very version (`If-Range`); the response has the rest (206) or the
whole file anew (200). What a 206 holds is believed only if it says which part of which version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from ..errors import ProtocolError, SpaceChatError, StreamInterruptedError
from ..settings import is_header_value
from ..steps import Download

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_LONGEST_VERSION = 1000
"""Characters of what names a version; it is sent back."""


def headers_to_go_on(download: Download) -> dict[str, str]:
    """Return the headers of a request for what is still missing; none where all of it is."""
    if not (download.received and download.version):
        return {}
    return {"range": f"bytes={download.received}-", "if-range": download.version}


def begin_download(download: Download, response: httpx.Response, place: str) -> None:
    """Prepare a download for the content of a response.

    Args:
        download: The download.
        response: The response.
        place: The Space's address.

    Raises:
        StreamInterruptedError: It has a part of another version; the next attempt begins anew.
        ProtocolError: It has something that was not asked for.
    """
    headers = response.headers
    if response.status_code == 200:
        length = headers.get("content-length", "")
        known = int(length) if length.isdecimal() and len(length) <= 15 else None
        download.begin(_version(headers), known)
        return
    found = _RANGE.fullmatch(headers.get("content-range", ""))
    start, end, length = map(int, found.groups()) if found else (-1, -1, -1)
    is_asked_for = response.status_code == 206 and headers_to_go_on(download)
    if not is_asked_for or start != download.received or not start <= end < length:
        raise ProtocolError(
            f"{place} answered with {response.status_code} and "
            f"{headers.get('content-range', 'no range')[:100]!r} where the bytes of a file were "
            f"asked for, from {download.received} on."
        )
    if download.version not in (headers.get("etag"), headers.get("last-modified")) or (
        download.length not in (None, length)
    ):
        raise begin_anew(download, place)
    download.length = length


def begin_anew(download: Download, place: str) -> SpaceChatError:
    """Make a download begin anew, as its file may be another; return the error for that."""
    download.begin("", None)
    return StreamInterruptedError(
        f"{place} can't go on with the file where the connection broke: it may have changed.",
        temporary=True,
    )


def _version(headers: Mapping[str, str]) -> str:
    """Return what names the version of a file for certain, or an empty text.

    A time does if the response was made in a later second: the file may change twice in one.
    """
    tag, time = headers.get("etag", ""), headers.get("last-modified", "")
    if tag:
        version = "" if tag.startswith("W/") else tag
    else:
        version = "" if headers.get("date", time) == time else time
    return version if is_header_value(version) and len(version) <= _LONGEST_VERSION else ""
