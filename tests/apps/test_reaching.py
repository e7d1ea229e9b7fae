"""How an app is reached: what is asked first, how long it is waited for, and what is learned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import hub
from spacechat.apps.place import Place
from spacechat.apps.reach import reach, reach_space
from spacechat.steps import Pause, Tell
from tests.apps.test_known_apps import CONFIG, URL, World, config, failure

HOST = json.dumps({"host": "https://owner-name.hf.space"}).encode()
SPACE = Place("https://huggingface.co/spaces/owner/name", {})


class Hub(World):
    """The Hub and a Space that is asleep until somebody has waited once; notes the waits."""

    def __init__(self, **said: Any) -> None:
        super().__init__(host=HOST, **said)
        self.waits: list[float] = []

    def other(self, step: object) -> object:
        if isinstance(step, Pause):
            self.waits.append(step.seconds)
            self.said["runtime"] = b'{"stage":"RUNNING"}'
            self.said["config"] = self.said["awake"]
            return None
        assert isinstance(step, Tell)
        return None


@pytest.fixture(autouse=True)
def public_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)


@pytest.mark.parametrize(
    ("is_public", "reader", "expected"),
    [(True, b"", True), (True, b"me", False), (False, b"", False), (False, b"me", False)],
)
def test_who_may_read_what_a_space_says(is_public: bool, reader: bytes, expected: bool) -> None:
    """Anybody, if it was given out without credentials, and the client has none for it."""
    world = Hub()
    world.is_public, world.reader = is_public, reader
    reached = world.run(reach_space("owner/name", SPACE, wait=False, with_info=False))
    assert (reached.description.public, reached.description.reader) == (expected, reader)


def test_what_was_reached_shows_no_credentials() -> None:
    headers = {"authorization": "Bearer hf_canary"}
    reached = World().run(reach(Place(URL, headers), with_info=False))
    assert reached.headers == headers
    assert "canary" not in repr(reached)
    assert len(repr(reached)) < 300


@pytest.mark.parametrize("wait", [True, False])
def test_a_space_that_is_asleep(wait: bool) -> None:
    world = Hub(runtime=b'{"stage":"SLEEPING"}')
    world.said.update(awake=world.said["config"], config=failure(503))
    steps = reach_space("owner/name", SPACE, wait=wait, with_info=False)
    if wait:
        assert world.run(steps).app.version == "5.50.0"
        assert world.waits == [hub.POLLING]
    else:
        with pytest.raises(errors.SpaceUnavailableError, match="ask again in a few minutes"):
            world.run(steps)
        assert world.waits == []


class Pages(World):
    """An app of several pages; what else it says, by the path."""

    def answer(self, url: str) -> Any:
        path = url.removeprefix(URL)
        return self.said["config"] if path == CONFIG else self.said.get(path, failure(404))


@pytest.mark.parametrize(
    ("said", "falls_back"),
    [(failure(404), True), (b"<h1>A page</h1>", True), (failure(500), False)],
)
def test_the_address_of_a_page(said: Any, falls_back: bool) -> None:
    """What answers there is no app: the one that the page is of is looked for."""
    pages = {"pages": [["", "One"], ["two", "Two"]], "page": {"": {}, "two": {}}}
    whole = json.dumps({**json.loads(config()), **pages}).encode()
    world = Pages(config=whole, **{"/two/config": said})
    steps = reach(Place(f"{URL}/two", {}), with_info=False)
    if falls_back:
        reached = world.run(steps)
        assert (reached.description.url, reached.description.page) == (URL, "two")
        assert world.asked == ["/two/config", CONFIG]
    else:
        with pytest.raises(errors.SpaceUnavailableError):
            world.run(steps)
        assert world.asked == ["/two/config"]


@pytest.mark.parametrize(
    ("said", "auth", "advised"),
    [
        ("401: Not authenticated", None, True),
        ("401: Not authenticated", ("ada", "x"), False),
        ("401: Private", None, False),
    ],
)
def test_an_app_with_a_login(said: str, auth: tuple[str, str] | None, advised: bool) -> None:
    """Who gave no user and password is told to; whose were not taken is told what the app says."""
    world = World(config=errors.AuthenticationError(said), login=b'{"success":true}')
    with pytest.raises(errors.AuthenticationError) as caught:
        world.run(reach(Place(URL, {}, auth), with_info=False))
    assert str(caught.value) == (
        f"The app at {URL} has a login of its own: pass auth=(user, password)." if advised else said
    )
