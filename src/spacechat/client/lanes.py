"""Several Spaces that share the work, each in a lane with limits of its own."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import anyio

from ..errors import SpaceChatError
from ..providers import Space
from ..streaming.attempts import backoff

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/([smh]))?")


@dataclass(frozen=True)
class Rate:
    """How often a Space is asked, at the most; the questions are spread evenly.

    Attributes:
        count: How many questions.
        per: In how many seconds.

    Raises:
        ValueError: One of them is not more than 0.
    """

    count: float
    per: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.count < math.inf and 0 < self.per < math.inf):
            raise ValueError(
                f"A rate is so many questions in so many seconds, both more than 0; not "
                f"{self.count!r} in {self.per!r}."
            )

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Return the rate that a text such as `2`, `2/s`, `30/m` or `100/h` says.

        Raises:
            ValueError: It says none.
        """
        found = _RATE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no rate; 2/s, 30/m and 100/h are.")
        return cls(float(found[1]), _UNITS[found[2] or "s"])

    @property
    def interval(self) -> float:
        """The seconds from one question to the next."""
        return self.per / self.count


class Lane:
    """One Space: its models, and how many questions it may be asked at a time.

    Attributes:
        rests_until: When the Space is worth asking again after it has failed.
    """

    def __init__(self, concurrency: int, rate: Rate | None) -> None:
        self.rests_until: float = -math.inf
        self._models: list[tuple[type[Space], str | None]] = []
        self._concurrency = concurrency
        self._interval = 0.0 if rate is None else rate.interval
        self._busy = 0
        self._asked = 0
        self._next = -math.inf
        self._failures = 0

    def add(self, space: type[Space], model: str | None) -> None:
        """Add a model of the Space; its models are asked in turn."""
        self._models.append((space, model))

    @property
    def is_free(self) -> bool:
        """Whether another question may be asked, now or a little later."""
        return self._busy < self._concurrency

    @property
    def turn(self) -> tuple[float, float]:
        """Sort key: earliest free slot, then least loaded."""
        return self._next, self._busy / self._concurrency

    def take(self) -> float:
        """Take a place; return the time at which the question may be asked."""
        self._busy += 1
        start = max(self._next, anyio.current_time())
        self._next = start + self._interval
        return start

    def leave(self) -> None:
        """Give a place back."""
        self._busy -= 1

    def next_model(self) -> tuple[type[Space], str | None]:
        """Return the provider to ask next, and the model to ask it for."""
        self._asked += 1
        return self._models[self._asked % len(self._models)]

    def record(self, error: SpaceChatError | None) -> None:
        """Record how a question went; a Space that fails rests longer each time."""
        if error is None:
            self._failures = 0
            return
        self.rests_until = anyio.current_time() + backoff(self._failures, error)
        self._failures += 1


class Lanes:
    """The Spaces that share the work.

    Args:
        models: The providers to ask, and the model to ask each for. Models of one Space share its
            limits.
        concurrency: How many questions one Space is asked at a time.
        rate: How often one Space is asked, or None for as often as it answers.
        in_turn: Whether each Space is asked only while those before it fail, so that they share no
            work.

    Attributes:
        places: How many questions may be asked at a time, of all Spaces together.

    Raises:
        ValueError: The concurrency is less than 1.
    """

    def __init__(
        self,
        models: Sequence[tuple[type[Space], str | None]],
        *,
        concurrency: int,
        rate: Rate | float | None,
        in_turn: bool = False,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency!r}.")
        limit = rate if isinstance(rate, Rate | None) else Rate(rate)
        lanes: dict[str, Lane] = {}
        for space, model in models:
            lanes.setdefault(space.place().url, Lane(concurrency, limit)).add(space, model)
        self._lanes = list(lanes.values())
        self._left: anyio.Event | None = None  # Set when a place becomes free.
        self._in_turn = in_turn
        self.places: int = concurrency * (1 if in_turn else len(self._lanes))

    async def enter(self, tried: Collection[Lane] = ()) -> Lane:
        """Wait for a Space that may be asked, and return the lane to it.

        Args:
            tried: The lanes that have failed.
        """
        while True:
            untried = [lane for lane in self._lanes if lane not in tried]
            now = anyio.current_time()
            # A Space that fails at once would get most of the questions.
            awake = [lane for lane in untried if lane.rests_until <= now]
            open_ = (awake or untried)[: 1 if self._in_turn else None]
            free = [lane for lane in open_ if lane.is_free]
            if free:
                lane = min(free, key=lambda each: each.turn)
                start = lane.take()
                try:
                    if start > now:
                        await anyio.sleep_until(start)
                except BaseException:
                    self.leave(lane)
                    raise
                return lane
            rests = [lane.rests_until for lane in untried if lane.rests_until > now]
            self._left = self._left or anyio.Event()
            with anyio.CancelScope(deadline=min(rests, default=math.inf)):
                await self._left.wait()

    def leave(self, lane: Lane) -> None:
        """Give a lane's place to the next."""
        lane.leave()
        if self._left is not None:
            self._left.set()
            self._left = None

    def has_more(self, tried: Collection[Lane]) -> bool:
        """Return whether there are Spaces besides those that have been tried."""
        return len(tried) < len(self._lanes)
