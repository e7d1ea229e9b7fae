"""What is shown of an app and of who asks it: errors and debuggers show it, and logs keep it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from spacechat.apps import parse_config
from spacechat.apps.description import Description
from spacechat.apps.known import KnownApp
from spacechat.apps.memory import Name
from spacechat.apps.place import Place
from spacechat.apps.reach import Reached
from spacechat.client.app_engine import Login
from tests.servers.page import Page

SECRET = "canary"
HEADERS = {"cookie": f"session={SECRET}"}
CONFIG = json.dumps({**json.loads(Page().config()), "title": SECRET}).encode()


def description() -> Description:
    return Description("http://x", None, CONFIG, CONFIG, False, SECRET.encode())


def known() -> KnownApp:
    name, app = Name(SECRET), parse_config(CONFIG)
    return KnownApp("http://x", HEADERS, app, name, 0, SECRET.encode())


def place() -> Place:
    return Place("http://x", HEADERS, ("ada", SECRET))


def reached() -> Reached:
    return Reached(HEADERS, description(), parse_config(CONFIG))


@pytest.mark.parametrize("make", [description, known, place, reached])
def test_an_app(make: Callable[[], object]) -> None:
    """Neither the credentials, nor the megabytes of a description."""
    shown = repr(make())
    assert "http://x" in shown
    assert SECRET not in shown
    assert len(shown) < 300


def test_a_place_that_is_asked() -> None:
    asked = place()
    assert (asked.user, asked.has_credentials) == ("ada", True)
    assert repr(asked) == "Place(url='http://x')"


def test_a_login() -> None:
    assert repr(Login(("ada", SECRET), signs_in=True)) == "Login(signs_in=True)"
