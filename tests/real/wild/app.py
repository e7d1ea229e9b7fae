"""What a person finds in a wild app: the answers that its page shows, and how it gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from spacechat.errors import ChatNotFoundError, SpaceChatError
from spacechat.providers import ChatOptions
from tests.real.apps.zoo.llm import answer

QUESTIONS = ("Why is the sky blue?", 'And "ha" [1] 你好?')
"""The questions of a conversation."""

TOKEN = "hf_of_the_user"
"""The user's token, which no function gets unless its caller signs in."""

G4 = "4.44.1"
G5 = "5.50.0"
G6 = "6.31.0"
NEW = (G5, G6)
ALL = (G4, G5, G6)
STUDIO_4 = "4.44.1+components"
STUDIO_5 = "5.50.0+components"
STUDIO_6 = "6.8.0+components"
STUDIO = (STUDIO_4, STUDIO_5, STUDIO_6)


def remembered(*questions: str) -> list[str]:
    """Return the answers of an app whose model is told the whole conversation."""
    history: list[tuple[str, str]] = []
    for question in questions:
        history.append((question, answer(question, history)))
    return [text for _, text in history]


def forgotten(*questions: str) -> list[str]:
    """Return the answers of an app whose model is told the question only."""
    return [answer(question) for question in questions]


@dataclass(frozen=True)
class WildApp:
    """An app built as people build theirs.

    Attributes:
        name: Of its file in `apps/wild`, without the ending.
        on: The environments that it runs in.
        about: The structure that it stands for, in a few words.
        answers: The answers that its page shows to the questions of one conversation.
        pieces: The pieces in which an answer comes, at least; 0 if it comes at once.
        first_pieces: As `pieces`, for the first answer; None: the same.
        thoughts: The titles of the thoughts and tools of its first answer.
        options: What the caller must say by hand; nothing for nearly all apps.
        problem: What the error says, if nothing must be answered; otherwise empty.
        error: The type of that error.
        box: The CSS selector of the box that a person types in; empty: the page's first.
        send: The CSS selector of the button that sends; empty: the enter key.
        bubble: The CSS selector of the answers, of which the last is the newest.
        faceless: Whether a browser shows no chat: no scripts come with the app's own components, or
            its page is another program.
    """

    name: str
    on: Sequence[str]
    about: str
    answers: Callable[..., list[str]] = remembered
    pieces: int = 9
    first_pieces: int | None = None
    thoughts: Sequence[str] = ()
    options: ChatOptions = field(default_factory=ChatOptions)
    problem: str = ""
    error: type[SpaceChatError] = ChatNotFoundError
    box: str = ""
    send: str = ""
    bubble: str = ""
    faceless: bool = False
