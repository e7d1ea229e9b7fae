"""The Spaces that a search has found, as a person chooses among them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from .. import markup
from .hub import space_url
from .hub_search import ListedSpace

FoundState: TypeAlias = Literal["running", "asleep", "starting", "paused", "broken", "unreachable"]
"""What a Space is doing: see `FoundSpace.state`."""

_STATES: dict[str, FoundState] = {
    "RUNNING": "running",
    "RUNNING_BUILDING": "running",
    "RUNNING_APP_STARTING": "running",
    "SLEEPING": "asleep",
    "STOPPED": "asleep",
    "BUILDING": "starting",
    "APP_STARTING": "starting",
    "PAUSED": "paused",
}
"""The states in the Hub's words; a Space in any other is broken."""

_STATES_IN_ORDER = ("asleep", "starting", "running", "paused", "unreachable", "broken")
"""The states of Spaces that can't be chatted with, those first that may be in a while."""

_PROBLEMS: dict[FoundState, str] = {
    "asleep": "It is asleep: a question to it wakes it, which takes minutes.",
    "starting": "It is starting, or being built: ask it in a few minutes.",
    "paused": "Its owner has paused it.",
    "broken": "It has failed to start, or is disabled: only its owner can mend it.",
    "unreachable": "The Hub doesn't say whether it runs.",
}

_SHORT, _LONG = 2, 10
"""People in a queue that is short, and in one that is long."""


@dataclass(frozen=True)
class FoundSpace:
    """A Space that a search has found; as a text, what a person chooses by, and what to type next.

    Attributes:
        id: Its id (`owner/name`), which `model=` takes.
        title: Its title.
        likes: How many people like it on the Hub.
        url: Its page on the Hub.
        state: `running`; `asleep` (a question wakes it); `starting`; `paused` by its owner;
            `broken`; `unreachable` (the Hub says that it runs, but it does not answer as an app
            does, or not in time).
        chat: Whether it can be chatted with.
        how: How, in words: where you type, what is called, where the answer appears.
        problem: Why it can't be chatted with, or not at once; empty if nothing is in the way.
        login: Whether it has a login of its own (`auth=`).
        sign_in: Whether its page has a button to sign in with Hugging Face (`sign_in=`). Some such
            apps answer only those who have.
        gpu_quota: Whether its answers use up a GPU quota (ZeroGPU): yours if you have a token,
            else the small one of your network's address.
        hardware: What it runs on, in the Hub's words; empty if that isn't known.
        queue: How many questions wait there; None if that isn't known.
        wait: The seconds that a question would wait, if the app says so.
        private: Whether only those who may see it find it.
        gradio: Its version of Gradio; empty if that isn't known.
    """

    id: str
    title: str
    likes: int
    url: str
    state: FoundState
    chat: bool = False
    how: str = ""
    problem: str = ""
    login: bool = False
    sign_in: bool = False
    gpu_quota: bool = False
    hardware: str = ""
    queue: int | None = None
    wait: float | None = None
    private: bool = False
    gradio: str = ""

    @classmethod
    def of(cls, listed: ListedSpace) -> FoundSpace:
        """Return what is known of a Space before anybody has looked at it."""
        state = _STATES.get(listed.stage, "broken" if listed.stage else "unreachable")
        return cls(
            id=listed.id,
            title=listed.title,
            likes=listed.likes,
            url=space_url(listed.id),
            state=state,
            problem=_PROBLEMS.get(state, ""),
            gpu_quota=listed.hardware.startswith("zero"),
            hardware=listed.hardware,
            private=listed.private,
        )

    @property
    def command(self) -> str:
        """The command that asks it."""
        login = " --auth USER:PASSWORD" if self.login else ""
        return f'spacechat -m {shlex.quote(self.id)}{login} "Hi"'

    @property
    def has_title(self) -> bool:
        """Whether its title says more than its name."""
        return self.title.lower() != self.id.partition("/")[2].lower()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before they ask it, in a few words each."""
        notes = (
            self.state * (self.state != "running"),
            "no chat" * (self.state == "running" and not self.chat and not self.login),
            "a login" * self.login,
            "a button to sign in" * self.sign_in,
            "private" * self.private,
            "GPU quota" * self.gpu_quota,
            self.waiting,
        )
        return tuple(filter(None, notes))

    @property
    def waiting(self) -> str:
        """How many wait, in words; empty if that isn't known."""
        if self.queue is None:
            return ""
        waiting = f"{self.queue} waiting" if self.queue else "nobody waits"
        return waiting if self.wait is None else f"{waiting}, about {self.wait:.0f} s"

    @property
    def rank(self) -> tuple[int, int, int]:
        """What the best have least of: see `best_first`."""
        if self.chat:
            tier = 1 if self.sign_in else 0
        else:
            tier = 2 if self.login else 3 + _STATES_IN_ORDER.index(self.state)
        crowd = 1 if self.queue is None else (self.queue > _SHORT) + (self.queue > _LONG)
        return tier, crowd, -self.likes

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object, with the command that asks it."""
        return {**asdict(self), "command": self.command}

    def __str__(self) -> str:
        title = [self.title] if self.has_title else []
        lines = [f"{self.id}: {', '.join([*title, f'{self.likes:,} likes', *self.notes])}"]
        lines += [f"  {text}" for text in (self.how, self.problem) if text]
        return "\n".join(
            [*lines, f"  {self.command}" if self.chat or self.login else f"  {self.url}"]
        )

    def _repr_html_(self) -> str:
        return markup.table(_rows([self]), head=_HEAD)


_HEAD = ("Space", "title", "likes", "notes", "what to type")


class FoundSpaces(list[FoundSpace]):
    """Spaces, the best first; a notebook shows a table of them."""

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def _repr_html_(self) -> str:
        return markup.table(_rows(self), head=_HEAD)


def best_first(spaces: Iterable[FoundSpace]) -> FoundSpaces:
    """Return Spaces in order, the one to try first at the beginning.

    Those that can be chatted with come first: those that anybody may ask, then those with a button
    to sign in. Then come those with a login of their own, and those that can't be chatted with now.
    Among equals, a short queue (up to 2 waiting) goes before a longer one or one of unknown length,
    and that before a long one (more than 10); then likes decide. Where all that is equal, the Hub's
    order stays.
    """
    return FoundSpaces(sorted(spaces, key=lambda space: space.rank))


def _rows(spaces: Iterable[FoundSpace]) -> Iterable[tuple[str, ...]]:
    for each in spaces:
        notes = ", ".join([*each.notes, *([each.problem] if each.problem else [])])
        yield each.id, each.title, f"{each.likes:,}", notes, f'model="{each.id}"'
