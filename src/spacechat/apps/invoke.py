"""Calls of an app's functions, as its page makes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from ..errors import ProtocolError
from ..events import Log
from ..protocol import Budget, Outputs, ReadAnswer, Reads
from ..protocol.outputs import Effects, with_effects
from ..steps import Generate, Request, Show, Steps, Tell, fetch, generate
from .app import Function
from .decoding import MALFORMED
from .known import KnownApp
from .page import Page
from .scripts import run_script
from .ways import Way


@dataclass(frozen=True)
class Caller:
    """Calls functions with a page's values, and shows on the page what they return.

    Attributes:
        known: The app.
        budget: Limits on what the app may cost.
        way: The way to chat, which says what is the answer. None: the page is being opened.
        question: The question.
        token_takers: Ids of the functions that get the user's token.
        instead: What is done in the place of some functions, by their ids.
    """

    known: KnownApp
    budget: Budget
    way: Way | None = None
    question: str = ""
    token_takers: frozenset[int] = frozenset()
    instead: Mapping[int, Instead] = field(default_factory=dict[int, "Instead"])

    def call(
        self,
        page: Page,
        function: Function,
        since: Sequence[object] = (),
        trigger: int | None = None,
        *,
        is_opening: bool = False,
    ) -> Steps[Collection[int]]:
        """Call a function.

        Args:
            page: The page.
            function: The function.
            since: What the answer's component showed before the question: the entries of a chat,
                or HTML.
            trigger: The component that a person used, or None.
            is_opening: Whether the page is being opened, so that the function decides what it
                shows.

        Returns:
            The ids of the components that have other values than before.
        """
        data = page.inputs(function)
        if function.script:
            data = yield from self._run_script(page, function, data)
        if function.on_server:
            self.budget.check_request(data)
            outputs = yield from self._outputs(page, data, function, since, trigger)
        else:
            outputs = Outputs(data)
        if is_opening or function.renders:
            page.change(function, outputs, self.budget)
        return page.take(function, outputs, self.budget)

    def _run_script(self, page: Page, function: Function, data: list[Any]) -> Steps[list[Any]]:
        """Return what the page's script makes of a function's inputs.

        A script that is not understood most often passes them on, so they are sent as they are.
        """
        old = page.app.major < 6  # Then scripts get the outputs' values, too.
        more = [page.value(id_) for id_ in function.outputs] if old else []
        count = len(function.inputs if function.on_server else function.outputs)
        made = run_script(
            function.script, [*data, *more], url=f"{self.known.url}/", only_one=count == 1
        )
        if made is not None:
            return made
        what = "Its inputs are sent as they are" if function.on_server else "It is left out"
        text = f"The page runs a script for {function} that spacechat doesn't understand. {what}."
        yield Tell(Log("warning", text))
        return data if function.on_server else []

    def _outputs(
        self,
        page: Page,
        data: Sequence[object],
        function: Function,
        since: Sequence[object],
        trigger: int | None,
    ) -> Steps[Outputs]:
        """Call a function and return its outputs, which are shown if they are the answer."""
        instead = self.instead.get(function.id)
        if instead is not None:
            return (yield from instead(self, page, since, trigger))
        way = self.way
        answers = way is not None and way.shows_answer(function)
        output = function.outputs.index(way.answer.id) if way is not None and answers else None
        is_html = way is not None and way.shows_html
        invocation = self.invocation(page, function, data, trigger)
        reads = ReadAnswer(output, answers, since, self.question, is_html=is_html)
        outputs = yield from invocation.outputs(reads)
        if not invocation.is_queued and output is not None and output < len(outputs):
            yield Show(outputs[output], reads)
        return outputs

    def invocation(
        self, page: Page, function: Function, data: Sequence[object], trigger: int | None
    ) -> Invocation:
        """Return a function of the page with its inputs."""
        return Invocation(
            self.known,
            function,
            data,
            session=page.session.hash,
            trigger=trigger,
            signs_in=function.id in self.token_takers,
            is_queued=page.app.is_queued(function),
        )


Instead = Callable[[Caller, Page, Sequence[object], "int | None"], Steps[Outputs]]
"""Gives a function's outputs without calling it.

It takes the caller, the page, what the answer's component showed before the question, and the
component that a person used.
"""


@dataclass(frozen=True)
class Invocation:
    """A function of an app, called with inputs.

    Attributes:
        known: The app.
        function: The function.
        data: The value of each of its inputs.
        session: The name of the session that it is called in.
        trigger: The component that a person used, or None.
        signs_in: Whether it gets the user's token.
        is_queued: Whether it goes through the queue.
    """

    known: KnownApp
    function: Function
    data: Sequence[object]
    session: str
    trigger: int | None = None
    signs_in: bool = False
    is_queued: bool = True

    def outputs(self, reads: Reads) -> Steps[Outputs]:
        """Call the function, and return its outputs.

        Args:
            reads: How the messages of a queued function are read.
        """
        api = self.known.api
        body = {
            "data": self.data,
            "event_data": None,
            "fn_index": self.function.id,
            "trigger_id": self.trigger,
            "session_hash": self.session,
        }
        if not self.is_queued:
            request = Request(f"{api}/run/predict", body, sign_in=self.signs_in)
            return (yield from _run_at_once(request))
        # In the protocol `sse`, the stream of events itself joins the queue.
        old = self.known.app.protocol == "sse"
        query = f"session_hash={quote(self.session, safe='')}"
        return (
            yield from generate(
                Generate(
                    join=Request(
                        f"{api}/queue/{'data' if old else 'join'}", body, sign_in=self.signs_in
                    ),
                    events_url=(
                        f"{api}/queue/join?fn_index={self.function.id}&{query}"
                        if old
                        else f"{api}/queue/data?{query}"
                    ),
                    cancel=Request(
                        f"{api}/{'reset' if old else 'cancel'}",
                        {"session_hash": self.session, "fn_index": self.function.id},
                    ),
                    reads=reads,
                    asks_for_data=old,
                )
            )
        )


class _Ran(Effects, kw_only=True):
    data: list[Any]


def _run_at_once(request: Request) -> Steps[Outputs]:
    """Run a function that does not go through the queue, and return its outputs.

    A page takes no notice of the states that such a function has changed.
    """
    response = yield from fetch(request, runs=True)
    try:
        ran = msgspec.json.decode(response.body, type=_Ran)
    except MALFORMED as exc:
        raise ProtocolError(
            f"The Space ran a function with an answer that is not Gradio's ({exc})."
        ) from exc
    ran.changed_state_ids = []
    return with_effects(ran.data, ran)
