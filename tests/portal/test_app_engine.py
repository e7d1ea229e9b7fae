"""What a blocking program learns of an app: it is fetched when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import spacechat
from spacechat.sync.client.app import App
from tests.servers import ReplayServer, gradio
from tests.servers.functions import told


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """The app of `calculator`."""
    with ReplayServer(gradio(**told())) as server:
        yield server


def entered(app: App) -> object:
    with app as same:
        return same is app and "/calc" in app.endpoints


@pytest.mark.parametrize(
    "look", [lambda app: "/calc" in app.endpoints, lambda app: "/calc" in str(app.view()), entered]
)
def test_it_is_fetched_when_it_is_first_asked_for(
    look: Callable[[App], object], server: ReplayServer
) -> None:
    with spacechat.Client() as client:
        app = client.app(server.url)
        assert server.requests == []
        assert look(app)
        asked = len(server.requests)
        assert asked > 0
        assert look(app)
        assert len(server.requests) == asked
