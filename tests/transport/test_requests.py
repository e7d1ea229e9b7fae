"""The request that each step makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from spacechat import errors
from spacechat.settings import Settings
from spacechat.steps import Download, Fetch, OutgoingFile, Request, Save, Upload
from spacechat.transport.requests import build_request

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

SPACE = httpx.URL("https://space.test")
URL = "https://space.test/x?y=z"


class Nowhere:
    """A download of which nothing is kept."""

    def begin(self) -> None: ...

    def write(self, data: bytes) -> None: ...


async def built(
    step: Fetch | Upload | Save, space: httpx.URL = SPACE, **settings: Any
) -> httpx.Request:
    async with httpx.AsyncClient(headers={"user-agent": "x", "accept": "text/html"}) as client:
        request = await build_request(client, step, space, Settings(**settings))
    assert request.url == URL
    assert request.headers["accept"] == "*/*"
    assert request.headers["user-agent"] == "x"
    return request


async def test_a_plain_one() -> None:
    request = await built(Fetch(Request(URL)))
    assert (request.method, request.content) == ("GET", b"")
    assert "range" not in request.headers
    assert "content-type" not in request.headers


@pytest.mark.parametrize("body", [{}, {"a": [1, "\u00e9", None]}])
async def test_one_with_a_body(body: dict[str, Any]) -> None:
    request = await built(Fetch(Request(URL, body)))
    assert (request.method, json.loads(request.content)) == ("POST", body)
    assert request.headers["content-type"] == "application/json"


async def test_one_that_signs_in() -> None:
    request = await built(Fetch(Request(URL, {"a": 1}, sign_in=True)), token="hf_mine")
    assert json.loads(request.content) == {"a": 1, "oauth_token": "hf_mine"}
    request = await built(Fetch(Request(URL, {"a": 1})), token="hf_mine")
    assert json.loads(request.content) == {"a": 1}


@pytest.mark.parametrize("form", [{}, {"username": "me", "password": "a b&c"}])
async def test_one_with_a_form(form: dict[str, str]) -> None:
    request = await built(Fetch(Request(URL, form=form)))
    assert request.method == "POST"
    assert dict(httpx.QueryParams(request.content.decode())) == form


@pytest.mark.parametrize(
    ("received", "version", "headers"),
    [
        (0, "", {}),
        (0, '"v1"', {}),
        (5, "", {}),
        (5, '"v1"', {"range": "bytes=5-", "if-range": '"v1"'}),
    ],
)
async def test_one_for_a_file(received: int, version: str, headers: dict[str, str]) -> None:
    download = Download("a", Nowhere(), 100, received, version)
    request = await built(Save(Request(URL), download))
    found = {
        name: request.headers[name] for name in ("range", "if-range") if name in request.headers
    }
    assert (request.method, found) == ("GET", headers)


async def test_one_that_sends_files(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(b"two")
    files = [OutgoingFile("a.txt", "text/plain", b"one"), OutgoingFile("b.png", "image/png", path)]
    request = await built(Upload(URL, files))
    assert request.method == "POST"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    parts = request.content.replace(b"\r\n", b"\n").split(b"--")
    for name, kind, content in (("a.txt", "text/plain", "one"), ("b.png", "image/png", "two")):
        said = f'name="files"; filename="{name}"\nContent-Type: {kind}\n\n{content}\n'
        assert any(part.endswith(said.encode()) for part in parts)


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    file = OutgoingFile("a.txt", "text/plain", tmp_path / "gone")
    with pytest.raises(errors.InputsError) as caught:
        await built(Upload(URL, [file]))
    assert str(caught.value) == "The file 'a.txt' can't be read: No such file or directory."


@pytest.mark.parametrize(
    "step",
    [
        Fetch(Request(URL)),
        Fetch(Request(URL, {})),
        Fetch(Request(URL, form={})),
        Upload(URL, []),
        Save(Request(URL), Download("a", Nowhere(), 1)),
    ],
)
async def test_none_goes_to_another_origin(step: Fetch | Upload | Save) -> None:
    for other in ("http://space.test", "https://other.test", "https://me@space.test"):
        with pytest.raises(errors.ProtocolError, match="nothing was sent"):
            await built(step, httpx.URL(other))
