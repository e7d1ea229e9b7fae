"""The soak's work from threads, by the blocking interface; see `world`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spacechat import App, Client, errors
from spacechat.providers import Qwen_Qwen_2_72B

from .answers import answer
from .server import Addresses
from .world import FAULTS, PATIENT, Draw, expect, expect_beginning, expect_partial, patience


@dataclass(frozen=True)
class BlockingWorld:
    """A client and an app that live long, shared by threads, and the server's addresses."""

    client: Client
    app: App
    at: Addresses

    def whom(self, draw: Draw) -> dict[str, Any]:
        """Return whom to ask: the Space known by name, or the app by its URL."""
        known = Qwen_Qwen_2_72B.at(self.at.known)
        return draw.source.choice([{"provider": known}, {"model": self.at.chat}])

    @contextlib.contextmanager
    def some_client(self, draw: Draw) -> Iterator[Client]:
        """Give the client that lives long, or every fourth time one that is closed soon."""
        if draw.source.random() < 0.75:
            yield self.client
        else:
            with Client(timeout=PATIENT) as client:
                yield client


@contextlib.contextmanager
def opened_for_threads(at: Addresses) -> Iterator[BlockingWorld]:
    """Open what lives long."""
    with Client(timeout=PATIENT) as client, client.app(at.chat) as app:
        yield BlockingWorld(client, app, at)


def _ask(world: BlockingWorld, draw: Draw) -> str:
    prompt = draw.prompt()
    with world.some_client(draw) as client:
        expect(client.ask(prompt, **world.whom(draw)).text, answer(prompt))
    return "answer"


def _pieces(world: BlockingWorld, draw: Draw) -> str:
    prompt = draw.prompt(draw.source.choice(["ok", "slow"]))
    with world.some_client(draw) as client:
        expect("".join(client.stream(prompt, **world.whom(draw))), answer(prompt))
    return "answer"


def _conversation(world: BlockingWorld, draw: Draw) -> str:
    with (
        world.some_client(draw) as client,
        client.conversation(**world.whom(draw), history="native") as chat,
    ):
        for turn in range(draw.source.randint(2, 4)):
            prompt = draw.prompt(which=turn)
            expect(chat.ask(prompt).text, answer(prompt))
    return "answer"


def _leave(world: BlockingWorld, draw: Draw) -> str:
    prompt = draw.prompt("endless")
    with (
        world.some_client(draw) as client,
        client.stream(prompt, **world.whom(draw)) as stream,
    ):
        for piece in stream:
            expect_beginning(piece, answer(prompt))
            break
    return "left"


def _fault(world: BlockingWorld, draw: Draw) -> str:
    how = draw.source.choice([*FAULTS])
    prompt = draw.prompt(how)
    try:
        with world.some_client(draw) as client:
            client.ask(prompt, **world.whom(draw), timeout=patience(how))
    except FAULTS[how] as error:
        expect_partial(how, prompt, error)
        return type(error).__name__
    raise AssertionError(f"{how}: no error")


def _call(world: BlockingWorld, draw: Draw) -> str:
    count = draw.source.randint(1, 20)
    try:
        expect(world.app.call("/add", count, draw.number), count + draw.number)
        expect([*world.app.run("/count", count)][-1], count - 1)
    except errors.SpaceUnavailableError as error:
        if not error.may_have_run:
            raise
        return "may have run"
    return "answer"


def _map(world: BlockingWorld, draw: Draw) -> str:
    prompts = [draw.prompt(which=index) for index in range(draw.source.randint(2, 5))]
    with world.client.map(prompts, model=world.at.chat) as results:
        found = [result.reply and result.reply.text for result in results]
    expect(found, [answer(prompt) for prompt in prompts])
    return "answers"


BlockingWork = Callable[[BlockingWorld, Draw], str]

BLOCKING_WORK: dict[str, tuple[int, BlockingWork]] = {
    "ask, in a thread": (4, _ask),
    "pieces, in a thread": (3, _pieces),
    "conversation, in a thread": (2, _conversation),
    "leave early, in a thread": (3, _leave),
    "fault, in a thread": (3, _fault),
    "call, in a thread": (3, _call),
    "map, in a thread": (1, _map),
}
"""Each kind of work by its name, with how often it comes among all others."""
