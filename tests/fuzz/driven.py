"""An app that answers the steps of scripts in memory, and checks where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from spacechat.errors import (
    GenerationError,
    SpaceChatError,
    SpaceUnavailableError,
    StreamInterruptedError,
)
from spacechat.protocol import Budget
from spacechat.steps import (
    Beside,
    Connect,
    Fetch,
    Generate,
    KeepPageOpen,
    Pause,
    Request,
    Response,
    Show,
    Step,
    Steps,
    Upload,
)
from tests.fuzz.described import Maker, encoded

_T = TypeVar("_T")

ORIGIN: Final = "http://app"
MOST_STEPS: Final = 10_000
TICKS: Final = 20
"""Waits after which the app is gone: what a timer calls may go on for three thousand."""


class Server:
    """Answers as an app would that says this of itself; what functions return is made of codes.

    Args:
        config: Its `/config`.
        info: Its `/info`.
        more: The codes.

    Attributes:
        budget: What it may cost.
        requests: Requests made.
        ran: Calls of functions.
        error: What the last script failed with, or None.
    """

    def __init__(self, config: bytes, info: bytes, more: Maker) -> None:
        self.budget = Budget()
        self.requests = 0
        self.ran = 0
        self.error: SpaceChatError | None = None
        self._described = {"/config": config, "/info": info, "/app_id": b'{"app_id":1}'}
        self._more = more
        self._waits = 0

    def run(self, script: Steps[_T]) -> _T | None:
        """Run a script to its end, and return what it does; None if it fails."""
        outcome: Any = None
        error: SpaceChatError | None = None
        for _ in range(MOST_STEPS):
            try:
                step = script.send(outcome) if error is None else script.throw(error)
            except StopIteration as end:
                self.error = None
                value: _T = end.value
                return value
            except SpaceChatError as exc:
                self.error = exc
                return None
            outcome = error = None
            try:
                outcome = self.outcome(step)
            except SpaceChatError as exc:
                error = exc
        raise AssertionError("the script does not end")

    def outcome(self, step: Step) -> object:
        """Return what comes of a step.

        Raises:
            AssertionError: It leads to another origin than the app's.
            SpaceChatError: It fails.
        """
        for url in addresses(step):
            assert url.startswith(f"{ORIGIN}/") or url == ORIGIN, f"{url} is elsewhere"
            parts = urlsplit(url)
            assert f"{parts.scheme}://{parts.netloc}" == ORIGIN
            assert ".." not in parts.path.split("/")
        if isinstance(step, Connect):
            return b""
        if isinstance(step, Beside):
            value = self.run(step.steps)
            if self.error is None:
                step.end(value)
            else:
                step.fail(self.error)
        elif isinstance(step, Fetch):
            self.requests += 1
            return Response(self._answer(step))
        elif isinstance(step, Upload):
            self.requests += 1
            return Response(encoded([f"/tmp/{each.name}" for each in step.files]))
        elif isinstance(step, Generate):
            self.requests += 2
            msgspec.json.encode(step.join.body)
            return self._generated(step)
        elif isinstance(step, Show):
            machine = step.reads.machine(event_id=None, budget=self.budget)
            machine.show(step.value)
        elif isinstance(step, Pause):
            self._waits += 1
            if self._waits > TICKS:
                raise StreamInterruptedError("The app is gone.")
        return None

    def _answer(self, fetch: Fetch) -> bytes:
        if fetch.runs:
            return self._result(encoded({"data": self.values()}))
        path = urlsplit(fetch.request.url).path
        for end, answer in self._described.items():
            if path.endswith(end):
                return answer
        raise SpaceUnavailableError("404")

    def _result(self, answer: bytes) -> bytes:
        if self._more.byte() % 8 == 7:
            raise GenerationError("A function failed.")
        return answer

    def _generated(self, step: Generate) -> object:
        output: dict[str, Any] = {"data": self.values()}
        effects = self._more.byte()
        if effects % 16 == 15:
            output["render_config"] = self._more.page(effects >> 4)
        elif effects % 16 == 14:
            output["changed_state_ids"] = [self._more.byte() % 8]
        said = {"msg": "process_completed", "event_id": "e", "output": output}
        machine = step.reads.machine(event_id="e", budget=self.budget)
        machine.receive(self._result(encoded(said)))
        if not machine.finished:
            machine.receive_eof()
        return machine.outputs

    def values(self) -> list[Any]:
        """Return what a function returns."""
        self.ran += 1
        return [self._more.anything(3) for _ in range(self._more.byte() % 4)]


def addresses(step: Step) -> Iterator[str]:
    """Yield every address to which a step may lead."""
    if isinstance(step, Connect | Upload | KeepPageOpen):
        yield step.url
    elif isinstance(step, Fetch):
        yield step.request.url
    elif isinstance(step, Generate):
        yield step.events_url
        yield from (each.url for each in (step.join, step.cancel) if isinstance(each, Request))
