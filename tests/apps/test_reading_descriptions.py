"""Reading what an app says of itself: which requests are made, and what their failures mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps.description import (
    AppChangedError,
    Description,
    check_no_old_page,
    fetch_description,
    fetch_identity,
    fetch_info,
    wants_login,
)
from spacechat.apps.info import Info
from spacechat.steps import Connect, Response
from tests.apps.test_known_apps import CONFIG, ID, INFO, NAMED, URL, World, config, failure

API = f"{URL}/gradio_api"


def own_pages(prefix: str = "/gradio_api") -> bytes:
    """Return the description of an app that has endpoints only."""
    said = json.loads(config())
    return json.dumps({**said, "mode": "server", "api_prefix": prefix}).encode()


def read(world: World, *, with_info: bool = False) -> Description:
    also = Connect(URL, {"a": "b"}) if with_info else None
    description, app = world.run(fetch_description(URL, None, also=also))
    assert app.identity == "1"
    return description


def test_a_description() -> None:
    world = World()
    found = read(world)
    assert (found.url, found.page, found.info, found.public) == (URL, None, None, True)
    assert found.config == world.said["config"]
    assert (found.size, found.read_info()) == (len(found.config), Info())
    assert (world.asked, world.connected) == ([CONFIG], [])
    world.is_public = False
    assert not read(world).public


@pytest.mark.parametrize(
    ("info", "kept"), [(NAMED, NAMED), (failure(404), b""), (failure(500), None), (failure(), None)]
)
def test_an_info_at_the_same_time(info: Any, kept: bytes | None) -> None:
    """None is an empty one; of a failure that may pass, nothing is known."""
    world = World(info=info)
    found = read(world, with_info=True)
    assert (found.info, found.public) == (kept, True)
    assert found.size == len(found.config) + len(kept or b"")
    assert world.connected == [Connect(URL, {"a": "b"})]
    assert world.asked == [CONFIG, f"beside {INFO}"]
    assert list(found.read_info().endpoints) == (["/Message"] if kept else [])


def test_what_only_some_may_read_is_not_public() -> None:
    whole = Description(URL, None, b"{}", public=True)
    for is_public in (True, False):
        found = whole.with_info(Response(NAMED, public=is_public))
        assert (found.info, found.public) == (NAMED, is_public)
    assert not Description(URL, None, b"{}").with_info(Response(NAMED, public=True)).public


def test_an_info_that_is_somewhere_else() -> None:
    """It is asked for where Gradio 5 has it; what is there in an older app is not that."""
    world = World(info=NAMED, config=config().replace(b"/gradio_api", b""))
    assert read(world, with_info=True).info is None


@pytest.mark.parametrize("with_info", [True, False])
def test_an_app_that_has_endpoints_only(with_info: bool) -> None:
    """Its `/info` says what its inputs are, so that it is read in any case, but once."""
    world = World(info=NAMED, config=own_pages())
    found = read(world, with_info=with_info)
    assert found.info == NAMED
    assert world.asked == ([CONFIG, f"beside {INFO}"] if with_info else [CONFIG, INFO])
    assert found.app().functions[0].targets == [(1, "submit")]
    world = World(info=NAMED, config=own_pages(""))
    assert read(world).info == NAMED
    assert world.asked == [CONFIG, "/info?all_endpoints=true"]


@pytest.mark.parametrize("first", [failure(404), failure(500)])
def test_an_app_that_has_endpoints_only_and_gives_no_info(first: Any) -> None:
    """Its error is that of the description; it may have given none at the same time by chance."""
    world = World(info=first, config=own_pages())
    with pytest.raises(errors.SpaceUnavailableError):
        read(world, with_info=True)
    assert world.asked == [CONFIG, f"beside {INFO}", INFO]


def test_an_error_beside_the_info_is_no_answer() -> None:
    world = World(info=AppChangedError("no"))
    with pytest.raises(AppChangedError):
        world.run(fetch_info(API))


def test_what_is_read_of_a_description_later() -> None:
    described = Description(URL, None, own_pages(), NAMED)
    app = described.app()
    assert app.components[1].label == "text"
    assert described.is_of(app)
    assert not Description(URL, None, config(2)).is_of(app)
    plain = Description(URL, None, config(), NAMED).app()
    assert plain.components[1].label == "Message"


def test_no_secret_is_shown() -> None:
    shown = repr(Description(URL, None, b"SECRET", b"SECRET", reader=b"SECRET"))
    assert "SECRET" not in shown
    assert URL in shown


def test_descriptions_that_differ_in_when_they_were_confirmed_are_equal() -> None:
    assert Description(URL, None, b"", confirmed=1.0) == Description(URL, None, b"")
    assert Description(URL, None, b"") != Description(URL, None, b"", varies=True)


def test_the_identity_of_an_app() -> None:
    world = World()
    assert world.run(fetch_identity(URL, API)) == "1"
    assert world.asked == [ID]
    world.said["app_id"] = failure(500)
    world.said["config"] = config(2)
    assert world.run(fetch_identity(URL, API)) == "2"
    assert world.asked == [ID, CONFIG]
    for said in (b"[]", b"no"):
        world.said["config"] = said
        with pytest.raises(errors.ProtocolError, match="does not tell its identity as Gradio does"):
            world.run(fetch_identity(URL, API))


@pytest.mark.parametrize(
    ("error", "wants"),
    [
        (errors.AuthenticationError("Not authenticated"), True),
        (errors.AuthenticationError("no"), False),
        (errors.ProtocolError("Not authenticated"), False),
    ],
)
def test_whether_an_app_wants_a_login(error: Exception, wants: bool) -> None:
    assert wants_login(error) is wants


@pytest.mark.parametrize(
    ("page", "is_old"),
    [
        (b'window.gradio_config = {"version": "3.50.2"', True),
        (b'window.gradio_config = {"version": "4.0.2"', False),
        (b"<html>", False),
        (failure(404), False),
    ],
)
def test_the_page_of_an_old_app(page: Any, is_old: bool) -> None:
    world = World()
    world.said[""] = page
    if is_old:
        with pytest.raises(errors.ProtocolError, match=r"runs on Gradio 3\.50\.2"):
            world.run(check_no_old_page(URL))
    else:
        world.run(check_no_old_page(URL))
    assert world.asked == ["/"]
