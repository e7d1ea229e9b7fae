"""Whether a model's Space is up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from .. import markup
from ..addresses import is_loopback
from ..apps.description import wants_login
from ..apps.known import Apps
from ..apps.opening import shown_app
from ..errors import ModelNotFoundError, ProtocolError, SpaceChatError
from ..protocol import Budget
from ..steps import Steps
from .gradio_chat import GradioChat
from .space import Space

State: TypeAlias = Literal["up", "asleep", "changed", "no chat", "login", "gone", "unreachable"]


@dataclass(frozen=True)
class Health:
    """The state of a model's Space.

    Attributes:
        model: The model.
        url: The Space's address.
        state: `up`; `asleep` (or starting, or overloaded: ask again in a while); `changed` (it
            answers, but not as it is known); `no chat` (an app that can't be chatted with); `login`
            (an app with a login of its own); `gone` (not there, private, paused or broken);
            `unreachable` (no connection, which says nothing of the Space).
        latency: Seconds until it answered, or None if it didn't.
        detail: What is the matter; empty if it is up.
    """

    model: str
    url: str
    state: State
    latency: float | None
    detail: str = ""

    def _repr_html_(self) -> str:
        return markup.table(
            [
                ("Space", self.url),
                ("state", self.state),
                ("answered in", "-" if self.latency is None else f"{self.latency:.2f} s"),
                *([("detail", self.detail)] if self.detail else []),
            ],
            head=("model", self.model),
        )


def check_space(space: type[Space], apps: Apps) -> Steps[Health]:
    """Find out the state of a provider's Space."""
    began = time.monotonic()

    def health(state: State, detail: str = "", *, answered: bool = True) -> Health:
        latency = time.monotonic() - began if answered else None
        return Health(space.default_model, space.url, state, latency, detail)

    try:
        known, _ = yield from apps.open(space.place(), again=True, wait=False)
        shown = yield from shown_app(known, Budget())
    except (ModelNotFoundError, ProtocolError) as exc:
        return health("gone" if isinstance(exc, ModelNotFoundError) else "changed", str(exc))
    except SpaceChatError as exc:
        if _is_unreachable(space, exc):
            return health("unreachable", str(exc), answered=False)
        if wants_login(exc.__cause__):
            return health("login", str(exc))
        asleep = exc.temporary and exc.status is not None
        return health("asleep" if asleep else "gone", str(exc), answered=exc.status is not None)
    misfit = space.misfit(shown)
    if misfit is None:
        return health("up")
    return health("no chat" if issubclass(space, GradioChat) else "changed", misfit)


def _is_unreachable(space: type[Space], error: SpaceChatError) -> bool:
    """Tell whether a Space was not reached; on this machine, that means that it is gone."""
    # An error made of the Hub's answer has the Space's own error as its cause.
    reached = error.status is not None or isinstance(error.__cause__, SpaceChatError)
    return not reached and not is_loopback(urlsplit(space.url).hostname or "")
