"""The Spaces that the packages ask by way of a server: one that answers, and ones that don't."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import Server
from spacechat.providers import Qwen_Qwen_2_5
from tests.integrations.page import MODEL
from tests.servers import ReplayServer, gradio, message
from tests.servers.local_hub import LocalHub

FIRST, REST = "Because air ", "scatters blue light."
ANSWER = FIRST + REST

AGENT_S_ANSWER = "6765"
AGENTS = {
    "Observation: 6765": "Thought: I know it.\nAnswer: 6765",
    "Action Input:": 'Thought: I ask.\nAction: fibonacci\nAction Input: {"index": 20}',
    "final_answer": "Thought: I know it.\n<code>\nfinal_answer(6765)\n</code>",
}
"""What agents want to hear, by what they tell a model to say, or tell it themselves."""

UNKNOWN, FAILING, FULL = "owner/unknown", "owner/failing", "owner/full"

SAID = {
    UNKNOWN: "There is no model 'owner/unknown' here.",
    FAILING: "The Space failed: CUDA out of memory",
    FULL: "The Space's queue is full.",
}
"""What the server says of each model that gives no answer."""


@dataclass
class Spaces:
    """The server, and the Space that answers.

    Attributes:
        api: The server's address.
        hub: The address of a Hub on which every Space is the one that answers.
        may_end: Set where that may go on after the first piece of its answer.
        questions: What it was asked.
    """

    may_end: threading.Event = field(default_factory=threading.Event)
    questions: list[ChatRequest] = field(default_factory=list)
    api: str = ""
    hub: str = ""

    def reply(self, request: ChatRequest) -> Iterator[str]:
        """Answer as the question wants it."""
        self.questions.append(request)
        told = f"{request.system}\n{request.prompt}"
        step = next((say for told_so, say in AGENTS.items() if told_so in told), None)
        if step is not None:
            yield step
        elif "json" in told.lower():
            yield f'```json\n{{"reason": "{ANSWER}"}}\n```'
        else:
            yield FIRST
            assert self.may_end.wait(150)
            yield REST


def _fail(request: ChatRequest) -> Iterator[str]:
    yield FIRST
    raise RuntimeError("CUDA out of memory")


@contextlib.contextmanager
def running() -> Iterator[Spaces]:
    """Run the Spaces and the server."""
    spaces = Spaces()
    with (
        LocalSpace("qwen-2-5-max", spaces.reply) as good,
        LocalSpace("qwen-2-5-max", _fail) as bad,
        ReplayServer(gradio(message("queue_full"))) as full,
        LocalHub(default=good.url) as hub,
        Server(models={MODEL: good.url, FAILING: bad.url, FULL: "qwen-2.5"}) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(Qwen_Qwen_2_5, "url", full.url)
        spaces.api, spaces.hub = server.url, hub.url
        yield spaces
