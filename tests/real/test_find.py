"""Real apps on a Hub of this machine: a search tells the chats from the others."""

from __future__ import annotations

import pytest

import spacechat
from tests.real.zoo import ZOO, ZooServer
from tests.servers.local_hub import HubSpace, LocalHub

pytestmark = [pytest.mark.anyio, pytest.mark.real]

VERSIONS = ("4.44.1", "5.50.0", "6.31.0")


@pytest.mark.parametrize(
    "zoo_server",
    [pytest.param(version, id=f"zoo-{version}") for version in VERSIONS],
    indirect=True,
)
async def test_the_chats_among_real_apps(
    zoo_server: ZooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spacechat.client.finder._EACH", 60.0)
    apps = {app.name: app for app in ZOO if app.name in zoo_server.apps and not app.path}
    spaces = [HubSpace(f"zoo/{name}", zoo_server.url(name)) for name in apps]
    with LocalHub(spaces) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with spacechat.AsyncClient() as client:
            found = await client.find("chat", limit=60, all=True, timeout=120)
            best = await client.ask("Hi", model=found[0].id)
    by_name = {each.id.removeprefix("zoo/"): each for each in found}
    assert by_name.keys() == apps.keys()
    for name, space in by_name.items():
        assert (space.chat or space.login) == apps[name].chat, name
        assert space.login == (apps[name].auth is not None), name
        assert space.gradio == ("" if space.login else zoo_server.version), name
        assert space.queue == (0 if space.chat else None), name
        assert bool(space.how) == space.chat, name
    assert best.text
