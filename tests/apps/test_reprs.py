"""What is shown of an app and of who asks it: errors and debuggers show it, and logs keep it."""

from __future__ import annotations

import json

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
DESCRIPTION = Description("http://x", None, CONFIG, CONFIG, False, SECRET.encode())


@pytest.mark.parametrize(
    "shown",
    [
        DESCRIPTION,
        KnownApp("http://x", HEADERS, parse_config(CONFIG), Name(SECRET), 0, SECRET.encode()),
        Place("http://x", HEADERS, ("ada", SECRET)),
        Reached(HEADERS, DESCRIPTION, parse_config(CONFIG)),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_an_app(shown: object) -> None:
    """Neither the credentials, nor the megabytes of a description."""
    assert "http://x" in repr(shown)
    assert SECRET not in repr(shown)
    assert len(repr(shown)) < 300


def test_a_login() -> None:
    assert repr(Login(("ada", SECRET), signs_in=True)) == "Login(signs_in=True)"
