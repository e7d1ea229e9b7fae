"""Calls of an app's functions, as its page makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from ..errors import ProtocolError
from ..protocol import Budget
from ..steps import Generate, Request, Show, Steps, fetch, generate
from .app import Function
from .decoding import MALFORMED
from .known import KnownApp
from .page import Page
from .ways import Way


@dataclass(frozen=True)
class Caller:
    """Calls functions with a page's values, and shows on the page what they return.

    Attributes:
        known: The app.
        way: The way to chat, which says what is the answer.
        budget: Limits on what the app may cost.
    """

    known: KnownApp
    way: Way
    budget: Budget

    def call(
        self,
        page: Page,
        function: Function,
        since: Sequence[object] | None = None,
        trigger: int | None = None,
    ) -> Steps[None]:
        """Call a function.

        Args:
            page: The page.
            function: The function.
            since: The entries that the chat showed before the question. None: the call's outputs
                are no answer.
            trigger: The component that a person used, or None.
        """
        data = page.inputs(function)
        self.budget.check_request(data)
        outputs = yield from self._outputs(page.session.hash, data, function, since, trigger)
        page.take(function, outputs, self.budget)

    def _outputs(
        self,
        session: str,
        data: Sequence[object],
        function: Function,
        since: Sequence[object] | None,
        trigger: int | None,
    ) -> Steps[Sequence[object]]:
        """Call a function and return its outputs."""
        api = self.known.api
        body = {
            "data": data,
            "event_data": None,
            "fn_index": function.id,
            "trigger_id": trigger,
            "session_hash": session,
        }
        answers = since is not None and self.way.writes_answer(function)
        output = function.outputs.index(self.way.answer.id) if answers else None
        if not self.known.app.is_queued(function):
            outputs = yield from _run_at_once(Request(f"{api}/run/predict", body))
            if output is not None and output < len(outputs):
                yield Show(outputs[output], since or (), self.way.shows_html)
            return outputs
        # In the protocol `sse`, the stream of events itself joins the queue.
        old = self.known.app.protocol == "sse"
        query = f"session_hash={quote(session, safe='')}"
        return (
            yield from generate(
                Generate(
                    join=Request(f"{api}/queue/{'data' if old else 'join'}", body),
                    events_url=(
                        f"{api}/queue/join?fn_index={function.id}&{query}"
                        if old
                        else f"{api}/queue/data?{query}"
                    ),
                    cancel=Request(
                        f"{api}/{'reset' if old else 'cancel'}",
                        {"session_hash": session, "fn_index": function.id},
                    ),
                    output=output,
                    answers=answers,
                    since=since or (),
                    is_html=self.way.shows_html,
                    asks_for_data=old,
                )
            )
        )


class _Ran(msgspec.Struct):
    data: list[Any]


def _run_at_once(request: Request) -> Steps[Sequence[object]]:
    """Run a function that does not go through the queue, and return its outputs."""
    response = yield from fetch(request, runs=True)
    try:
        return msgspec.json.decode(response.body, type=_Ran).data
    except MALFORMED as exc:
        raise ProtocolError(
            f"The Space ran a function with an answer that is not Gradio's ({exc})."
        ) from exc
