"""Which functions a page calls after an event, in which order, and how often."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import parse_config
from spacechat.apps.app import Function
from spacechat.apps.page import Page as PageView
from spacechat.apps.walk import Triggered, Walk
from spacechat.errors import SpaceChatError
from spacechat.steps import Pause, Steps
from tests.scripts import run_script
from tests.servers.page import Page


class Calls:
    """Notes the calls of functions, each with the component that was used.

    `changes` are the components that the first calls change, as many as `changing`; `fails` are the
    functions that fail, and `ticks` is how often a timer's function is called until it stops it.
    """

    def __init__(
        self, changes: Collection[int] = (), fails: Collection[int] = (), changing: int = 1
    ) -> None:
        self.made: list[tuple[int, int | None]] = []
        self.changes = changes
        self.fails = fails
        self.changing = changing
        self.ticks = 2

    def call(
        self,
        page: PageView,
        function: Function,
        since: Sequence[object],
        trigger: int | None,
        *,
        is_opening: bool,
    ) -> Steps[Collection[int]]:
        yield from ()
        assert not is_opening
        self.made.append((function.id, trigger))
        if (trigger, "tick") in function.targets:
            self.ticks -= 1
            if not self.ticks:
                page.running.clear()
        if function.id in self.fails:
            raise errors.GenerationError("no")
        return self.changes if len(self.made) <= self.changing else ()


class Timers(set[int]):
    """The timers that are running, which no walk looks at for ever."""

    looks = 0

    def __contains__(self, timer: object) -> bool:
        self.looks += 1
        assert self.looks < 100_000, "there would be no end to it"
        return super().__contains__(timer)


class AWalk(Walk):
    """A walk on which failures are no news."""

    def failed(
        self, function: Function, waiting: Iterable[Function], error: SpaceChatError
    ) -> Steps[None]:
        yield from ()

    def succeeded(self, function: Function) -> None:
        pass


def walked(
    page: Page,
    first: Sequence[int],
    trigger: int | None,
    calls: Calls,
    *,
    version: str = "5.50.0",
    running: Collection[int] = (),
    left_out: Collection[int] = (),
) -> list[float]:
    """Walk from functions that an event calls, but for some; return the seconds waited."""
    view = PageView(parse_config(page.config(version)))
    view.running = Timers(running)
    functions, waits = view.app.functions, list[float]()

    def outcome(step: object) -> None:
        assert isinstance(step, Pause)
        waits.append(step.seconds)

    caller: Any = calls
    walk = AWalk(caller, view, functions.keys() - left_out)
    run_script(walk.run(Triggered(functions[each], trigger) for each in first), outcome)
    return waits


def test_how_many_functions_an_event_may_call() -> None:
    page = Page()
    box = page.add("textbox")
    function, calls = page.on(box, "submit", [box], []), Calls()
    walked(page, [function] * 5000, box, calls)
    assert len(calls.made) == 5000
    with pytest.raises(errors.ProtocolError, match="more than 5000 functions for one event"):
        walked(page, [function] * 5001, box, calls)


@pytest.mark.parametrize(
    ("only_on", "fails", "version", "follows"),
    [
        ("success", False, "5.50.0", True),
        ("success", True, "5.50.0", False),
        ("failure", False, "5.50.0", False),
        ("failure", True, "5.50.0", True),
        ("failure", True, "6.0.0", True),
        (None, False, "6.0.0", True),
        (None, True, "6.0.0", False),
        (None, True, "5.50.0", True),
    ],
)
def test_what_follows(only_on: str | None, fails: bool, version: str, follows: bool) -> None:
    page = Page()
    box = page.add("textbox")
    first = page.on(box, "submit", [box], [])
    more: dict[str, Any] = {} if only_on is None else {f"trigger_only_on_{only_on}": True}
    second = page.then(first, [], [], **more)
    calls = Calls(fails=[first] if fails else [])
    walked(page, [first], box, calls, version=version)
    assert calls.made == [(first, box), (second, box)][: 1 + follows]


@pytest.mark.parametrize(
    ("kind", "version", "names_box"),
    [
        ("state", "4.44.1", True),
        ("state", "5.50.0", True),
        ("state", "6.0.0", False),
        ("state", "7.0.0", False),
        ("textbox", "5.50.0", False),
    ],
)
def test_what_a_listener_is_told_was_used(kind: str, version: str, names_box: bool) -> None:
    """What changed; before Gradio 6, what listens to a state is a part of the event's chain."""
    page = Page()
    box, changed = page.add("textbox"), page.add(kind)
    first = page.on(box, "submit", [box], [changed])
    listens = page.on(changed, "change", [changed], [])
    calls = Calls([changed])
    walked(page, [first], box, calls, version=version)
    assert calls.made == [(first, box), (listens, box if names_box else changed)]


def test_how_often_a_listener_is_called() -> None:
    """A change that it makes itself calls it again, but not for ever."""
    page = Page()
    box = page.add("textbox")
    first = page.on(box, "submit", [box], [box])
    listens = page.on(box, "change", [box], [box])
    calls = Calls([box], changing=100)
    walked(page, [first], box, calls)
    assert [function for function, _ in calls.made] == [first, *[listens] * 3]


def test_what_follows_a_listener_that_the_answer_does_not_need() -> None:
    """The page calls the listener for its looks; what is chained after it may fill the answer."""
    page = Page()
    box = page.add("textbox")
    first = page.on(box, "submit", [box], [box])
    listens = page.on(box, "change", [box], [])
    follows = page.then(listens, [box], [])
    calls = Calls([box])
    walked(page, [first], box, calls, left_out=[listens])
    assert calls.made == [(first, box), (follows, box)]


def test_what_follows_the_function_of_a_timer() -> None:
    """It is called after each tick, and waits for none itself."""
    page = Page()
    timer = page.add("timer", value=0.5)
    ticks = page.on(timer, "tick", [], [timer])
    follows = page.then(ticks, [], [])
    calls = Calls()
    assert walked(page, [ticks], timer, calls, running=[timer]) == [0.5, 0.5]
    made = [function for function, _ in calls.made]
    assert sorted(made) == [ticks, ticks, follows, follows]


def test_the_function_of_a_timer_that_the_answer_does_not_need() -> None:
    page = Page()
    timer = page.add("timer", value=0.5)
    ticks = page.on(timer, "tick", [], [timer])
    follows = page.then(ticks, [], [])
    calls = Calls()
    assert walked(page, [ticks], timer, calls, running=[timer], left_out=[ticks]) == []
    assert calls.made == [(follows, timer)]
