"""A Space that a search has found: what is said of it, and which come first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spacechat.apps.found import FoundSpace, FoundSpaces, best_first

SPACE = FoundSpace("ada/chat", "Chat", 1234, "https://hf.co/spaces/ada/chat", "running")


def test_what_is_not_known_is_not_said() -> None:
    assert SPACE.to_dict() == {
        "id": "ada/chat",
        "title": "Chat",
        "likes": 1234,
        "url": "https://hf.co/spaces/ada/chat",
        "state": "running",
        "chat": False,
        "how": "",
        "problem": "",
        "login": False,
        "sign_in": False,
        "gpu_quota": False,
        "hardware": "",
        "queue": None,
        "wait": None,
        "private": False,
        "gradio": "",
        "command": 'spacechat -m ada/chat "Hi"',
    }
    assert str(SPACE) == "ada/chat: 1,234 likes, no chat\n  https://hf.co/spaces/ada/chat"
    assert not SPACE.has_title


@pytest.mark.parametrize(
    ("known", "notes"),
    [
        ({"chat": True}, ()),
        ({"state": "asleep"}, ("asleep",)),
        ({"login": True}, ("a login",)),
        ({"chat": True, "sign_in": True}, ("a button to sign in",)),
        ({"chat": True, "private": True}, ("private",)),
        ({"chat": True, "gpu_quota": True}, ("GPU quota",)),
        ({"chat": True, "queue": 0}, ("nobody waits",)),
        ({"chat": True, "queue": 3, "wait": 59.6}, ("3 waiting, about 60 s",)),
    ],
)
def test_what_a_person_should_know(known: dict[str, Any], notes: tuple[str, ...]) -> None:
    assert replace(SPACE, **known).notes == notes


def test_what_to_type() -> None:
    space = replace(SPACE, id="ada/a chat", title="Ada's", chat=True, how="By its box.", login=True)
    assert str(space) == (
        "ada/a chat: Ada's, 1,234 likes, a login\n"
        "  By its box.\n"
        "  spacechat -m 'ada/a chat' --auth USER:PASSWORD \"Hi\""
    )


def test_the_best_come_first() -> None:
    chat = replace(SPACE, chat=True)
    best = [
        replace(chat, id="nobody waits", queue=0),
        replace(chat, id="liked less", queue=2, likes=3),
        replace(chat, id="it is not known"),
        replace(chat, id="some wait", queue=3, likes=3),
        replace(chat, id="more wait", queue=10, likes=2),
        replace(chat, id="many wait", queue=11, likes=9999),
        replace(chat, id="signs in", sign_in=True, queue=0, likes=9999),
        replace(SPACE, id="a login", login=True, likes=9999),
        replace(SPACE, id="no chat", likes=9999),
        replace(SPACE, id="broken", state="broken", likes=9999),
    ]
    found = best_first(reversed(best))
    assert isinstance(found, FoundSpaces)
    assert [each.id for each in found] == [each.id for each in best]
