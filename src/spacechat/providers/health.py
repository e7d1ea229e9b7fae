"""Whether a model's Space is up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from .. import markup
from ..apps import find_way
from ..apps.known import Apps
from ..errors import ChatNotFoundError, ModelNotFoundError, ProtocolError, SpaceChatError
from ..settings import is_loopback
from ..steps import Steps
from .gradio_chat import GradioChat
from .question import Question
from .space import Space

State: TypeAlias = Literal["up", "asleep", "changed", "gone", "unreachable"]


@dataclass(frozen=True)
class Health:
    """What became of a model's Space.

    Attributes:
        model: The model.
        url: The Space's address.
        state: `up`; `asleep` (or starting, or overloaded: ask again in a while); `changed` (it
            answers, but not as it is known); `gone` (not there, private, paused or broken);
            `unreachable` (no connection, which says nothing of the Space).
        latency: Seconds until it answered, or None where it didn't.
        detail: What is the matter, empty where nothing is.
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
    """Return what became of a provider's Space."""
    began = time.monotonic()

    def health(state: State, detail: str = "", *, answered: bool = True) -> Health:
        latency = time.monotonic() - began if answered else None
        return Health(space.default_model, space.url, state, latency, detail)

    try:
        known, _ = yield from apps.open(space.place(), again=True, wait=False)
    except (ModelNotFoundError, ProtocolError) as exc:
        return health("gone" if isinstance(exc, ModelNotFoundError) else "changed", str(exc))
    except SpaceChatError as exc:
        if _is_unreachable(space, exc):
            return health("unreachable", str(exc), answered=False)
        asleep = exc.temporary and exc.status is not None
        return health("asleep" if asleep else "gone", str(exc), answered=exc.status is not None)
    if issubclass(space, GradioChat):
        try:
            find_way(known.app)
        except (ChatNotFoundError, ProtocolError) as exc:
            return health("changed", str(exc))
        return health("up")
    change = space.change(known.app, len(space.data(Question("Hi"))))
    return health("up") if change is None else health("changed", f"{change}.")


def _is_unreachable(space: type[Space], error: SpaceChatError) -> bool:
    """Tell whether a Space was not reached; one on this machine is gone then."""
    # What the Hub says of a Space comes of another error of ours.
    reached = error.status is not None or isinstance(error.__cause__, SpaceChatError)
    return not reached and not is_loopback(urlsplit(space.url).hostname or "")
