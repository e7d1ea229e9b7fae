"""Apps of several pages, and apps whose chat is there once their page is open."""

from __future__ import annotations

import pytest

import spacechat
from tests.real.apps.zoo.llm import answer
from tests.real.wild import WildServer, on_wild
from tests.real.wild.app import WildApp

pytestmark = [pytest.mark.anyio, pytest.mark.real]

_REVEALED = ("page_revealed", "page_rendered")


@on_wild(lambda app: app.name == "page_route")
async def test_the_address_of_a_page(wild_server: WildServer, app: WildApp) -> None:
    url = f"{wild_server.url(app.name)}/chat"
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(model=url)
        assert (await chat.ask("Hi")).text == answer("Hi")
        assert (await chat.ask("Why?")).text == answer("Why?", [("Hi", answer("Hi"))])
        with pytest.raises(spacechat.SpaceUnavailableError, match="404"):
            await client.ask("Hi", model=f"{wild_server.url(app.name)}/missing")


@on_wild(lambda app: app.name in _REVEALED)
async def test_what_is_shown_of_an_app(wild_server: WildServer, app: WildApp) -> None:
    url = wild_server.url(app.name)
    async with spacechat.AsyncClient() as client:
        table = await client.inspect(url)
        assert table.is_chat
        assert "textbox" in (table.message or "")
        assert (await client.check(url)).state == "up"
