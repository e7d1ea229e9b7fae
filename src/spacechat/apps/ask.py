"""One question to an app, asked as its page would ask it."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import msgspec

from ..errors import GenerationError, InputsError, ProtocolError, QuotaExceededError, SpaceChatError
from ..events import Log
from ..messages import (
    Conversation,
    Message,
    Messages,
    format_prompt,
    last_user_text,
    split_last,
    split_system,
)
from ..protocol import Budget
from ..protocol import reading as shapes
from ..steps import (
    Generate,
    KeepPageOpen,
    OutgoingFile,
    Request,
    Show,
    Steps,
    Tell,
    fetch,
    generate,
)
from .app import Function
from .choice import find_way
from .components import Component
from .files import MOST, find_files, send_files
from .inputs import find_inputs
from .known import Apps, KnownApp, Place
from .options import CheckedOptions
from .page import Page, chat_value
from .ways import Way

_FILE_INPUTS = frozenset({"file", "image", "audio", "video", "uploadbutton", "imageeditor"})


@dataclass(frozen=True)
class Asked:
    """A question to an app.

    Attributes:
        place: Where the app is.
        apps: What is known of apps.
        options: What the caller said besides.
        conversation: All that was said, with the question as the last; gets the session.
        new: What the caller said this time.
        files: Files that go with the question.
        page: The page of the conversation so far, or None for a new one.
    """

    place: Place
    apps: Apps
    options: CheckedOptions
    conversation: Conversation
    new: Messages
    files: Sequence[OutgoingFile | str] = ()
    page: Page | None = None


def ask_app(asked: Asked, budget: Budget) -> Steps[None]:
    """Ask an app by what it says of itself."""
    known, was_known = yield from asked.apps.open(asked.place)
    try:
        yield from _Asking(known, asked, budget).ask(asked.page)
    except SpaceChatError as exc:
        if not was_known or exc.temporary or exc.partial_text:
            raise
        changed, _ = yield from asked.apps.open(asked.place, again=True)
        if changed.app.identity == known.app.identity:
            raise
        yield from _Asking(changed, asked, budget).ask(None)


class _Asking:
    """One question to an app."""

    def __init__(self, known: KnownApp, asked: Asked, budget: Budget) -> None:
        self._known = known
        self._budget = budget
        self._apps = asked.apps
        self._options = asked.options
        self._conversation = asked.conversation
        self._new = asked.new
        self._files = asked.files
        self._user = asked.place.user
        self._way = find_way(
            known.app, endpoint=asked.options.endpoint, output=asked.options.output
        )

    def ask(self, page: Page | None) -> Steps[None]:
        """Ask as the page would.

        Args:
            page: The page of the conversation so far, or None for a new one.
        """
        way, conversation = self._way, self._conversation
        if page is not None and page.app.identity == self._known.app.identity:
            page = page.copy()
            yield from self._stay(page)
            text = last_user_text(self._new)
            self._set_system(page, split_system(self._new)[0])
        else:
            page = Page(self._known.app)
            yield from self._stay(page)
            yield from self._load(page)
            text = yield from self._begin(page)
        conversation.session_hash = page.session.hash
        page.session.turns += 1
        page.turns = page.session.turns
        yield from self._set_inputs(page)
        yield from self._set_message(page, text)
        shown = page.value(way.answer.id)
        since = shown if isinstance(shown, list) else []
        yield from self._run(page, way.first, since)
        yield from self._tell_files(since, page.value(way.answer.id))
        conversation.page = page

    def _tell_files(self, since: Sequence[object], answer: object) -> Steps[None]:
        contents = shapes.answer_contents(answer, shapes.common_entries(since, answer))
        for count, file in enumerate(find_files(contents, self._known, self._user)):
            if count == MOST:
                yield Tell(Log("warning", f"The answer has more than {MOST} files."))
                return
            yield Tell(file)

    def _stay(self, page: Page) -> Steps[None]:
        """Keep the page open, where the app wants to know."""
        if self._known.app.heartbeat:
            yield KeepPageOpen(f"{self._known.api}/heartbeat/{page.session.hash}", page.session.end)

    def _load(self, page: Page) -> Steps[None]:
        """Run what the page runs when it is opened, as far as the chat depends on it."""
        way = self._way
        wanted = {way.answer.id, *(id_ for dep in way.chain() for id_ in dep.inputs)}
        for function in self._known.app.functions.values():
            loads = any(event == "load" for _, event in function.targets)
            if loads and function.on_server and wanted.intersection(function.outputs):
                yield from self._call(page, function, None, None)

    def _begin(self, page: Page) -> Steps[str]:
        """Put what was said before on a new page, and return the text that goes out as message."""
        system, rest = split_system(self._conversation.messages)
        if self._set_system(page, system):
            system = ""
        told: Messages = [cast("Message", {"role": "system", "content": system})] if system else []
        if len(rest) > 1 and rest[-1]["role"] == "user" and self._options.history != "prompt":
            primers = _primers(self._way)
            if primers is not None:
                earlier, last = split_last(rest)
                chatbot = self._way.answer
                shown = page.value(chatbot.id)  # Such as a greeting.
                page.values[chatbot.id] = [
                    *(shown if isinstance(shown, list) else ()),
                    *chat_value(self._known.app, chatbot, earlier),
                ]
                for function in primers:
                    yield from self._call(page, function, None, None)
                return format_prompt([*told, {"role": "user", "content": last}])
        return format_prompt([*told, *rest])

    def _set_system(self, page: Page, system: str) -> bool:
        """Put the system text where it belongs; tell whether there is such a place."""
        component = self._way.system
        if component is None or not system:
            return False
        page.values[component.id] = system
        return True

    def _set_inputs(self, page: Page) -> Steps[None]:
        values = self._options.inputs
        if not values:
            return
        way = self._way
        try:
            page.values.update(find_inputs(way.inputs, values, {}))
        except InputsError:  # It may be a parameter's name, which only the app's info tells.
            parameters = yield from self._apps.parameters(self._known)
            page.values.update(find_inputs(way.inputs, values, parameters))

    def _set_message(self, page: Page, text: str) -> Steps[None]:
        message = self._way.message
        place = self._place_for_files() if self._files else None
        sent = yield from send_files(f"{self._known.api}/upload", self._files)
        if message.takes_files:
            page.values[message.id] = {"text": text, "files": sent}
            return
        page.values[message.id] = text
        if place is not None:
            several = place.props.file_count == "multiple"
            page.values[place.id] = sent if several else sent[0]

    def _place_for_files(self) -> Component | None:
        if self._way.message.takes_files:
            return None
        for component in self._way.inputs:
            if component.type in _FILE_INPUTS:
                if len(self._files) > 1 and component.props.file_count != "multiple":
                    raise InputsError(f"{component} takes one file, not {len(self._files)}.")
                return component
        raise InputsError(
            f"The app at {self._known.url} takes no files with a message: leave out files=."
        )

    def _run(self, page: Page, first: Sequence[Function], since: Sequence[object]) -> Steps[None]:
        """Call functions and those chained after them, in the order in which the page does."""
        way = self._way
        failure: SpaceChatError | None = None
        waiting = deque(first)
        while waiting:
            function = waiting.popleft()
            succeeded = True
            if function.id in way.needed:
                try:
                    yield from self._call(page, function, since, way.trigger[0])
                except (GenerationError, QuotaExceededError) as exc:
                    succeeded = False
                    if failure is None and self._is_complete(page, function, waiting, since):
                        yield Tell(Log("warning", f"A function after the answer failed: {exc}"))
                    else:
                        failure = failure or exc
                else:
                    if way.writes_answer(function):
                        failure = None
            waiting += [
                follower
                for follower in way.app.followers.get(function.id, ())
                if not (follower.only_on_failure if succeeded else follower.only_on_success)
            ]
        if failure is not None:
            raise failure

    def _is_complete(
        self, page: Page, failed: Function, waiting: Iterable[Function], since: Sequence[object]
    ) -> bool:
        """Tell whether the answer is there, and a function that failed had no part in it."""
        way = self._way
        coming = deque([failed, *waiting])
        seen: set[int] = set()
        while coming:
            function = coming.popleft()
            if function.id in seen:
                continue
            seen.add(function.id)
            if way.writes_answer(function):
                return False
            coming += way.app.followers.get(function.id, ())
        answer = page.value(way.answer.id)
        if not isinstance(answer, list):
            return bool(answer)
        return any(shapes.answer_contents(answer, shapes.common_entries(since, answer)))

    def _call(
        self,
        page: Page,
        function: Function,
        since: Sequence[object] | None,
        trigger: int | None,
    ) -> Steps[None]:
        """Call a function and show on the page what it returns.

        Args:
            page: Where its inputs come from.
            function: The function.
            since: What the chat showed before the question; None where this shows no answer.
            trigger: The component that a person used.
        """
        data = page.inputs(function)
        self._budget.check_request(data)
        outputs = yield from self._outputs(page.session.hash, data, function, since, trigger)
        page.take(function, outputs, self._budget)

    def _outputs(
        self,
        session: str,
        data: Sequence[object],
        function: Function,
        since: Sequence[object] | None,
        trigger: int | None,
    ) -> Generator[Any, Any, Sequence[object]]:
        """Call a function and return its outputs."""
        api = self._known.api
        body = {
            "data": data,
            "event_data": None,
            "fn_index": function.id,
            "trigger_id": trigger,
            "session_hash": session,
        }
        answers = since is not None and self._way.writes_answer(function)
        output = function.outputs.index(self._way.answer.id) if answers else None
        if not self._known.app.is_queued(function):
            outputs = yield from _run_at_once(Request(f"{api}/run/predict", body))
            if output is not None and output < len(outputs):
                yield Show(outputs[output], since or ())
            return outputs
        old = self._known.app.protocol == "sse"
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
                    asks_for_data=old,
                )
            )
        )


class _Ran(msgspec.Struct):
    data: list[Any]


def _run_at_once(request: Request) -> Generator[Any, Any, Sequence[object]]:
    response = yield from fetch(request, runs=True)
    try:
        return msgspec.json.decode(response.body, type=_Ran).data
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        raise ProtocolError(
            f"The Space ran a function with an answer that is not Gradio's ({exc})."
        ) from exc


def _primers(way: Way) -> list[Function] | None:
    """Return the functions that let the server know what a chatbot was filled with beforehand.

    None where the app does not take its history from the chatbot: then it has to be told in words.
    """
    chain = list(way.chain())
    chatbot = way.answer
    if not chatbot.is_chatbot:
        return None
    kept: set[int] = set()  # States that hold something from one question to the next.
    written: set[int] = set()
    for function in chain:
        for component in way.app.named(function.inputs):
            if component.is_state and component.id not in written:
                kept.add(component.id)
        written |= set(function.outputs)
    primers = [
        function
        for function in chain
        if list(function.inputs) == [chatbot.id] and kept.intersection(function.outputs)
    ]
    primed = {id_ for function in primers for id_ in function.outputs}
    reads_chatbot = any(chatbot.id in function.inputs for function in chain)
    return primers if reads_chatbot and kept <= primed else None
