"""The request of a step, as the HTTP library sends it; `http_client` adds the common headers."""

from __future__ import annotations

import anyio
import httpx
import msgspec

from ..errors import InputsError
from ..settings import Settings
from ..steps import Fetch, OutgoingFile, Request, Save, Upload
from .credentials import own_address, sign_in_token
from .downloads import headers_to_go_on
from .failures import os_reason

_ACCEPT = {"accept": "*/*"}


async def build_request(
    client: httpx.AsyncClient, step: Fetch | Upload | Save, space: httpx.URL, settings: Settings
) -> httpx.Request:
    """Return the request that a step makes.

    Args:
        client: Builds it, with the headers of every request.
        step: The step.
        space: Address of the Space; the request has to go to its origin.
        settings: The client's settings.

    Raises:
        ProtocolError: The step's address is not on the Space.
        InputsError: A file can't be read.
        AuthenticationError: The step signs in, and there is no token that may be sent.
    """
    if isinstance(step, Upload):
        files = [
            ("files", (file.name, await _content(file), file.mime_type)) for file in step.files
        ]
        address = own_address(space, step.url)
        request = client.build_request("POST", address, files=files, headers=_ACCEPT)
        request.read()
        return request
    asked = step.request
    address = own_address(space, asked.url)
    if asked.form is not None:
        return client.build_request("POST", address, data=asked.form, headers=_ACCEPT)
    if asked.body is None:
        going_on = headers_to_go_on(step.download) if isinstance(step, Save) else {}
        return client.build_request("GET", address, headers={**_ACCEPT, **going_on})
    return client.build_request(
        "POST",
        address,
        content=msgspec.json.encode({**asked.body, **_sign_in(asked, space, settings)}),
        headers={"content-type": "application/json", **_ACCEPT},
    )


def _sign_in(asked: Request, space: httpx.URL, settings: Settings) -> dict[str, str]:
    """Return what a request's body has besides if it signs in."""
    # As a plain text, since no other is encoded; it is nowhere a variable.
    return {"oauth_token": str(sign_in_token(space, settings))} if asked.sign_in else {}


async def _content(file: OutgoingFile) -> bytes:
    content = file.content
    try:
        return content if isinstance(content, bytes) else await anyio.Path(content).read_bytes()
    except OSError as exc:
        raise InputsError(f"The file {file.name!r} can't be read: {os_reason(exc)}.") from None
