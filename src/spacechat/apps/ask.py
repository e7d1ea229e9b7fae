"""One question to an app, asked as its page would ask it.

A page sends what its components hold, calls the functions of an event, then those chained after
them, and shows what they return. So a question is asked on a `Page`: a copy of the page that the
conversation was held on so far, or a new one that is filled with the history. If the question
fails, the earlier page is out of date, and the next question opens a new one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..errors import GenerationError, InputsError, QuotaExceededError, SpaceChatError
from ..events import Log
from ..messages import Conversation, Messages, last_user_text, split_system
from ..protocol import Budget, reading
from ..steps import KeepPageOpen, OutgoingFile, Steps, Tell
from .app import Function
from .choice import find_way
from .components import Component
from .files import MOST, find_files, send_files
from .history import put_history, set_system
from .inputs import find_inputs
from .invoke import Caller
from .known import Apps, KnownApp, Place
from .options import CheckedOptions
from .page import Page
from .sign_in import explained

_FILE_INPUTS = frozenset({"file", "image", "audio", "video", "uploadbutton", "imageeditor"})


@dataclass(frozen=True)
class Asked:
    """A question to an app.

    Attributes:
        place: Where the app is.
        apps: The apps that the client knows.
        options: The caller's options.
        conversation: The whole conversation, with the question as the last message. Its session
            and its page are set here.
        new: The new messages.
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
    """Ask an app by its description of itself.

    A description that is known from earlier may be stale. If the question fails and the app has
    been restarted since, it is asked once more by the new description.
    """
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
        self._apps = asked.apps
        self._options = asked.options
        self._conversation = asked.conversation
        self._new = asked.new
        self._files = asked.files
        self._user = asked.place.user
        self._way = find_way(
            known.app, endpoint=asked.options.endpoint, output=asked.options.output
        )
        self._caller = Caller(known, self._way, budget)

    def ask(self, page: Page | None) -> Steps[None]:
        """Ask as the page would.

        Args:
            page: The page of the conversation so far, or None for a new one.
        """
        with explained(self._known.url, self._known.app, signed_in=self._options.sign_in):
            yield from self._sign_in()
            yield from self._ask(page)

    def _sign_in(self) -> Steps[None]:
        """Find the functions that get the user's token, if the caller gives it."""
        if self._options.sign_in:
            takers = yield from self._apps.token_takers(self._known)
            self._caller = replace(self._caller, token_takers=takers)

    def _ask(self, page: Page | None) -> Steps[None]:
        way, conversation = self._way, self._conversation
        if page is not None and page.app.identity == self._known.app.identity:
            page = page.copy()
            yield from self._keep_open(page)
            text = last_user_text(self._new)
            set_system(page, way, split_system(self._new)[0])
        else:
            page = Page(self._known.app)
            yield from self._keep_open(page)
            yield from self._load(page)
            text = yield from put_history(
                self._caller, page, conversation.messages, self._options.history
            )
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
        contents = reading.answer_contents(answer, reading.common_entries(since, answer))
        for count, file in enumerate(find_files(contents, self._known, self._user)):
            if count == MOST:
                yield Tell(Log("warning", f"The answer has more than {MOST} files."))
                return
            yield Tell(file)

    def _keep_open(self, page: Page) -> Steps[None]:
        """Keep the page open, if the app expects to know about it."""
        if self._known.app.heartbeat:
            yield KeepPageOpen(f"{self._known.api}/heartbeat/{page.session.hash}", page.session.end)

    def _load(self, page: Page) -> Steps[None]:
        """Call the functions that the page calls when opened, as far as the chat needs them."""
        way = self._way
        wanted = {way.answer.id, *(id_ for each in way.chain() for id_ in each.inputs)}
        for function in self._known.app.functions.values():
            loads = any(event == "load" for _, event in function.targets)
            if loads and function.on_server and wanted.intersection(function.outputs):
                yield from self._caller.call(page, function)

    def _set_inputs(self, page: Page) -> Steps[None]:
        values = self._options.inputs
        if not values:
            return
        way = self._way
        try:
            page.values.update(find_inputs(way.inputs, values, {}))
        except InputsError:  # Perhaps it names a parameter: those are in the app's `info`.
            parameters = yield from self._apps.parameters(self._known)
            page.values.update(find_inputs(way.inputs, values, parameters))

    def _set_message(self, page: Page, text: str) -> Steps[None]:
        message = self._way.message
        picker = self._file_picker() if self._files else None
        sent = yield from send_files(f"{self._known.api}/upload", self._files)
        if message.takes_files:
            page.values[message.id] = {"text": text, "files": sent}
            return
        page.values[message.id] = text
        if picker is not None:
            several = picker.props.file_count == "multiple"
            page.values[picker.id] = sent if several else sent[0]

    def _file_picker(self) -> Component | None:
        """Return the component for files, or None if the message's own box takes them."""
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
        """Call functions and those chained after them, in the order in which the page does.

        A failure counts unless the answer is complete, or a function that is called after the
        failure writes the answer. The walk ends, since each function follows one at the most.
        """
        way = self._way
        failure: SpaceChatError | None = None
        waiting = deque(first)
        while waiting:
            function = waiting.popleft()
            succeeded = True
            if function.id in way.needed:
                try:
                    yield from self._caller.call(page, function, since, way.trigger[0])
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
        """Tell whether the answer is complete, so that a function that failed has no part in it."""
        way = self._way
        rest = deque([failed, *waiting])
        seen: set[int] = set()
        while rest:
            function = rest.popleft()
            if function.id in seen:
                continue
            seen.add(function.id)
            if way.writes_answer(function):
                return False
            rest += way.app.followers.get(function.id, ())
        answer = page.value(way.answer.id)
        if not isinstance(answer, list):
            return bool(answer)
        return any(reading.answer_contents(answer, reading.common_entries(since, answer)))
