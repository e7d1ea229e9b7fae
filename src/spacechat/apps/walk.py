"""The calls that follow from an event on a page.

An event calls functions. After each of them come those chained after it, and those that listen to
a change of what it filled. Of all these, only the ones that the answer needs are called.

The walk ends. Functions that are chained form trees. Listeners may form circles, but each is called
at most `_MOST_CHANGES` times. A timer that a function starts has its own functions called until one
of them stops it, for `_LONGEST_TICKING` seconds at most. As each of these may begin a long chain,
the calls are counted, too.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from ..errors import GenerationError, ProtocolError, QuotaExceededError, SpaceChatError
from ..steps import Pause, Steps
from .app import SET_BY_FUNCTION, Function
from .invoke import Caller
from .page import Page

_MOST_CHANGES = 3
_LONGEST_TICKING = 600.0
"""Seconds for which timers may have functions called."""
_MOST_CALLS = 5000
"""Calls of functions; a timer may well have three thousand made."""

FAILURES = (GenerationError, QuotaExceededError)
"""The errors of a function, which do not mean that others fail, too."""


class Triggered(NamedTuple):
    """A function, and what has it called.

    Attributes:
        function: The function.
        trigger: Id of the component whose event began the chain that the function is in, or None.
    """

    function: Function
    trigger: int | None


class Walk:
    """Calls the functions that follow from an event.

    Args:
        caller: Calls functions.
        page: The page.
        needed: Ids of the functions to call; others count as done.
        since: What the answer's component showed before the question.
        is_opening: Whether the page is being opened, so that functions decide what it shows.
    """

    def __init__(
        self,
        caller: Caller,
        page: Page,
        needed: Collection[int],
        *,
        since: Sequence[object] = (),
        is_opening: bool = False,
    ) -> None:
        self.page = page
        self.since = since
        self._caller = caller
        self._needed = needed
        self._is_opening = is_opening
        self._changes = Counter[int]()
        self._ticking = _LONGEST_TICKING
        self._calls = 0

    def run(self, first: Iterable[Triggered]) -> Steps[None]:
        """Call functions and those that follow, in the order in which the page does.

        Raises:
            ProtocolError: There are too many calls.
        """
        waiting = deque(first)
        while waiting:
            function, trigger = waiting.popleft()
            succeeded = True
            others: Collection[int] = ()
            if function.id in self._needed:
                self._count()
                if self._is_of_timer(function, trigger):
                    yield from self._wait_for_tick(function, trigger)
                try:
                    others = yield from self._caller.call(
                        self.page,
                        function,
                        self.since,
                        trigger,
                        is_opening=self._is_opening,
                    )
                except FAILURES as exc:
                    succeeded = False
                    yield from self.failed(function, [each.function for each in waiting], exc)
                else:
                    self.succeeded(function)
            followers = self._followers(function, succeeded=succeeded)
            waiting += [Triggered(each, trigger) for each in followers]
            waiting += self._listeners_to_function(others, trigger)
            if succeeded and self._is_of_timer(function, trigger):
                waiting.append(Triggered(function, trigger))

    def _count(self) -> None:
        """Count a call.

        Raises:
            ProtocolError: It is one too many.
        """
        self._calls += 1
        if self._calls > _MOST_CALLS:
            raise ProtocolError(
                f"The app's page would call more than {_MOST_CALLS} functions for one event."
            )

    def _is_of_timer(self, function: Function, trigger: int | None) -> bool:
        """Tell whether a timer that is running calls a function that the answer needs."""
        is_running = trigger in self.page.running and function.id in self._needed
        return is_running and (trigger, "tick") in function.targets

    def _wait_for_tick(self, function: Function, timer: int | None) -> Steps[None]:
        """Wait until a timer calls a function.

        Raises:
            GenerationError: The timer has been running for too long.
        """
        seconds = self.page.interval(timer)
        self._ticking -= seconds
        if self._ticking < 0:
            raise GenerationError(
                f"The app fetches its answer by a timer, which calls {function} and has not been "
                f"stopped for {_LONGEST_TICKING:.0f} seconds. Is the app still at work?"
            )
        yield Pause(seconds)

    def _followers(self, function: Function, *, succeeded: bool) -> Iterator[Function]:
        """Yield the functions chained after one that has ended."""
        whatever = succeeded or self.page.app.major < 6  # Later pages skip these after a failure.
        for follower in self.page.app.followers.get(function.id, ()):
            if follower.only_on_failure or follower.only_on_success:
                if follower.only_on_success == succeeded:
                    yield follower
            elif whatever:
                yield follower

    def _listeners_to_function(
        self, changed: Iterable[int], trigger: int | None
    ) -> Iterator[Triggered]:
        """Yield the functions to call since a function has changed components.

        For a page before Gradio 6, those that listen to a state are part of the function's chain.
        """
        states = {each.id for each in self.page.app.named(list(changed)) if each.is_state}
        in_chain = states if self.page.app.major < 6 else set[int]()
        for each in self.listeners(changed, SET_BY_FUNCTION):
            yield each._replace(trigger=trigger) if each.trigger in in_chain else each

    def listeners(self, changed: Iterable[int], events: Sequence[str]) -> list[Triggered]:
        """Return the functions to call since components have other values.

        Args:
            changed: The components' ids.
            events: The events that this causes.
        """
        to_call: list[Triggered] = []
        for id_ in changed:
            for function in self.page.app.listening(id_, *events):
                self._changes[function.id] += 1
                if self._changes[function.id] <= _MOST_CHANGES:
                    to_call.append(Triggered(function, id_))
        return to_call

    def failed(
        self, function: Function, waiting: Iterable[Function], error: SpaceChatError
    ) -> Steps[None]:
        """Called after a function failed.

        Args:
            function: The function.
            waiting: The functions that come next, besides those that follow this one.
            error: The failure.
        """
        raise NotImplementedError

    def succeeded(self, function: Function) -> None:
        """Called after a function succeeded."""
