"""Apps whose visitors sign in with Hugging Face."""

from __future__ import annotations

from typing import Final

from spacechat.errors import AuthenticationError
from tests.real.apps.zoo.llm import answer
from tests.real.wild.app import TOKEN, WildApp

G4: Final = "4.44.1"
G5: Final = "5.50.0"
G6: Final = "6.31.0"
OLD: Final = (G4, G5)


def with_token(*questions: str) -> list[str]:
    """Return the answers of an app that got the user's token."""
    history: list[tuple[str, str]] = []
    for question in questions:
        history.append((question, answer(question, history, token=TOKEN)))
    return [text for _, text in history]


APPS = (
    WildApp(
        "signin_template",
        (G6,),
        "Hugging Face's template: a ChatInterface that takes the user's token",
        answers=with_token,
        options={"sign_in": True},
    ),
    WildApp(
        "signin_template",
        OLD,
        "the same, where only a browser can sign in",
        options={"sign_in": True},
        problem="only a browser can",
        error=AuthenticationError,
    ),
    WildApp(
        "signin_steps",
        (G6,),
        "a private function takes the user's token, after one that takes none",
        answers=with_token,
        options={"sign_in": True},
    ),
    WildApp(
        "signin_steps",
        OLD,
        "the same, where only a browser can sign in",
        problem="only a browser can",
        error=AuthenticationError,
    ),
    WildApp(
        "signin_optional",
        (G6,),
        "a function that answers without a token, too, but something else",
        answers=with_token,
        options={"sign_in": True},
    ),
    WildApp(
        "signin_optional",
        OLD,
        "the same, where only a browser can sign in",
        answers=lambda *questions: ["Please sign in first." for _ in questions],
        pieces=0,
    ),
    WildApp(
        "signin_profile",
        (*OLD, G6),
        "a function that takes the user's profile, which no token gives",
        problem="only a browser|gr.OAuthProfile",
        options={"sign_in": True},
        error=AuthenticationError,
    ),
    WildApp(
        "signin_greeting",
        (*OLD, G6),
        "a page that greets those who sign in, and answers everyone",
    ),
)
