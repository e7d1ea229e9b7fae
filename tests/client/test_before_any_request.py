"""What a client does with its arguments before it asks for anything."""

from __future__ import annotations

import os
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import spacechat
from spacechat.events import File

pytestmark = pytest.mark.anyio

FILE = File(url="http://a.b/file=a.png", name="a.png", mime_type="image/png")
SECRET = "hunter2-secret"
URL = f"http://ada:{SECRET}@a.b"
AUTH = ("ada", SECRET)

Act = Callable[[spacechat.AsyncClient], Awaitable[object]]


async def of_an_app(client: spacechat.AsyncClient) -> object:
    return client.app(URL, auth=AUTH)


ACTS: list[Act] = [
    of_an_app,
    lambda client: client.call(URL, "/chat"),
    lambda client: client.inspect(URL, auth=AUTH),
    lambda client: client.download(FILE, auth=AUTH),
    lambda client: client.read(FILE, auth=AUTH),
]


@pytest.mark.parametrize("act", ACTS)
async def test_no_traceback_of_a_closed_client_shows_a_login(act: Act) -> None:
    client = spacechat.AsyncClient()
    await client.aclose()
    with pytest.raises(spacechat.SpaceChatError, match="This client is closed") as caught:
        await act(client)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    ours = [each for each in frames if "/spacechat/" in each.f_code.co_filename]
    assert ours
    for frame in ours:
        assert SECRET not in repr({k: v for k, v in frame.f_locals.items() if k != "self"})


async def test_a_closed_client_makes_no_folder(tmp_path: Path) -> None:
    client = spacechat.AsyncClient()
    await client.aclose()
    with pytest.raises(spacechat.SpaceChatError, match="This client is closed"):
        await client.download(FILE, tmp_path / "made")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["download", "read"])
async def test_what_is_no_file_of_an_answer(name: str) -> None:
    async with spacechat.AsyncClient() as client:
        with pytest.raises(TypeError, match=r"such as reply\.files\[0\], not a str"):
            await getattr(client, name)("a.png")
