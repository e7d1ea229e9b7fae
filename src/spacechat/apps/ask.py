"""One question to an app, asked as its page would ask it.

A page sends what its components hold, calls the functions of an event, then those chained after
them, and shows what they return. So a question is asked on a `Page`: a copy of the page that the
conversation was held on so far, or a new one that is filled with the history. If the question
fails, the earlier page is out of date, and the next question opens a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InputsError, SpaceChatError
from ..events import Log
from ..messages import Conversation, Messages, last_user_text, split_system
from ..protocol import Budget, reading
from ..steps import KeepPageOpen, OutgoingFile, Steps, Tell
from .app import SET_BY_PERSON, Function
from .choice import find_way
from .components import Component
from .description import AppChangedError
from .files import MOST, find_files, send_files
from .history import put_history, set_system
from .inputs import find_inputs
from .invoke import Caller
from .known import Apps, KnownApp
from .one_call import find_one_call
from .one_caller import OneCaller
from .opening import open_page
from .options import Options
from .page import Page
from .place import Place
from .schemas import Form
from .sign_in import explained
from .unanswered import check_answered
from .walk import Triggered, Walk
from .ways import Way
from .wishes import grant

_TURNS = 2
"""Questions on a page. If one more is asked, a chat that shows a single turn shows only that."""


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
    options: Options
    conversation: Conversation
    new: Messages
    files: Sequence[OutgoingFile | str] = ()
    page: Page | None = None


def ask_app(asked: Asked, budget: Budget) -> Steps[None]:
    """Ask an app by its description of itself.

    A description that is known from earlier may be stale. If the question fails and the app is
    another one by now, it is asked once more by the new description. One that was read by another
    client is checked beside the first request, and before anything of an answer is read.
    """
    known, was_known = yield from asked.apps.open(
        asked.place, beside=True, signs_in=bool(asked.options.sign_in)
    )
    try:
        yield from _Asking(known, asked, budget).ask(asked.page)
    except SpaceChatError as exc:
        is_stale = isinstance(exc, AppChangedError)
        if not is_stale and (not was_known or exc.temporary or exc.partial_text):
            raise
        read, is_another = yield from asked.apps.reopen(asked.place, known)
        if not is_stale and not is_another:
            raise
        yield from _Asking(read, asked, budget).ask(asked.page)


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
        self._caller = Caller(known, budget)

    def ask(self, page: Page | None) -> Steps[None]:
        """Ask as the page would.

        Args:
            page: The page of the conversation so far, or None for a new one.
        """
        with explained(self._known.url, self._known.app, signed_in=bool(self._options.sign_in)):
            yield from self._sign_in()
            yield from self._ask(page)

    def _sign_in(self) -> Steps[None]:
        """Find the functions that get the user's token, if the caller gives it."""
        if self._options.sign_in:
            takers = yield from self._apps.token_takers(self._known)
            self._caller = replace(self._caller, token_takers=takers)

    def _ask(self, page: Page | None) -> Steps[None]:
        conversation, options = self._conversation, self._options
        if page is not None and page.app.identity == self._known.app.identity:
            page = page.copy()
            way = find_way(page.app, endpoint=options.endpoint, output=options.output)
            page.reach(way.message)
            yield from self._keep_open(page)
            if way.history is None:
                text = last_user_text(self._new)
                set_system(page, way, split_system(self._new)[0])
            else:  # The page keeps the messages, and sends them again.
                text = yield from put_history(
                    self._caller, way, page, conversation.messages, options.history
                )
        else:
            page = Page(self._known.app)
            yield from self._keep_open(page)
            way = yield from open_page(self._caller, page, options)
            page.reach(way.message)
            text = yield from put_history(
                self._caller, way, page, conversation.messages, options.history
            )
        conversation.session_hash = page.session.hash
        page.session.turns += 1
        page.turns = page.session.turns
        page.filled = set()
        answering = self._answering(page, way, text)
        set_by_person = yield from self._set_inputs(page, way)
        set_by_person += yield from self._grant_wishes(page, way, set_by_person)
        set_by_person += yield from self._set_message(page, way, text)
        yield from answering.run(answering.listeners(set_by_person, SET_BY_PERSON))
        yield from answering.answer()
        yield from self._tell_files(answering.since, page.value(way.answer.id))
        conversation.page = page

    def _answering(self, page: Page, way: Way, question: str) -> _Answering:
        """Return what calls the functions that answer."""
        caller = replace(self._caller, way=way, question=question)
        one_call = None if self._apps.says_more(self._known) else find_one_call(way)
        if one_call is None:
            return _Answering(caller, page, way, way.needed)
        instead = {one_call.stands_for.id: OneCaller(one_call, self._apps)}
        needed = way.needed - one_call.left_out
        return _Answering(replace(caller, instead=instead), page, way, needed)

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

    def _set_inputs(self, page: Page, way: Way) -> Steps[list[int]]:
        """Set the inputs that the caller of the library chose; return their ids."""
        values = self._options.inputs
        if not values:
            return []
        try:
            found = find_inputs(way.inputs, values, {})
        except InputsError:  # Perhaps it names a parameter: those are in the app's `info`.
            parameters = yield from self._apps.parameters(self._known)
            found = find_inputs(way.inputs, values, parameters)
        page.values.update(found)
        return list(found)

    def _grant_wishes(self, page: Page, way: Way, set_already: Sequence[int]) -> Steps[list[int]]:
        """Set the inputs for which the caller has wishes; return their ids."""
        wishes = self._options.wishes
        if not wishes:
            return []
        values = {each.id: page.value(each.id) for each in way.inputs if each.type == "checkbox"}
        found, became = grant(wishes, way.inputs, set_already, values)
        page.values.update(found)
        yield Tell(became)
        return list(found)

    def _set_message(self, page: Page, way: Way, text: str) -> Steps[list[int]]:
        """Type the message and add the files; return the ids of the components for them."""
        message = way.message
        picker = self._file_picker(way) if self._files else None
        sent = yield from send_files(f"{self._known.api}/upload", self._files)
        if message.takes_files:
            no_files: list[Any] | None = None if message.form is Form.LOOSE_MESSAGE else []
            page.values[message.id] = {"text": text, "files": sent or no_files}
            return [message.id]
        page.values[message.id] = text
        if picker is None:
            return [message.id]
        page.values[picker.id] = sent if picker.holds_several_files else sent[0]
        return [message.id, picker.id]

    def _file_picker(self, way: Way) -> Component | None:
        """Return the component for files, or None if the message's own box takes them."""
        if way.message.takes_files:
            return None
        for component in way.inputs:
            if component.picks_files:
                if len(self._files) > 1 and not component.holds_several_files:
                    raise InputsError(f"{component} takes one file, not {len(self._files)}.")
                return component
        raise InputsError(
            f"The app at {self._known.url} takes no files with a message: leave out files=."
        )


class _Answering(Walk):
    """Calls the functions that answer.

    A failure counts unless the answer is complete, or a function that is called after the failure
    writes the answer.
    """

    def __init__(self, caller: Caller, page: Page, way: Way, needed: Collection[int]) -> None:
        super().__init__(caller, page, needed, since=_shown_before(page, way, caller.question))
        self._way = way
        self._failure: SpaceChatError | None = None

    def answer(self) -> Steps[None]:
        """Call the functions that follow from the event of the way to chat."""
        trigger = self._way.trigger[0]
        yield from self.run(Triggered(each, trigger) for each in self._way.first)
        if self._failure is not None:
            raise self._failure
        check_answered(self.page, self._way, self.since)

    def succeeded(self, function: Function) -> None:
        """Forget a failure if the answer was written after it."""
        if self._way.writes_answer(function):
            self._failure = None

    def failed(
        self, function: Function, waiting: Iterable[Function], error: SpaceChatError
    ) -> Steps[None]:
        """Tell the reader if the answer is complete; otherwise remember the failure."""
        if self._failure is None and self._is_complete(function, waiting):
            yield Tell(Log("warning", f"A function after the answer failed: {error}"))
        else:
            self._failure = self._failure or error

    def _is_complete(self, failed: Function, waiting: Iterable[Function]) -> bool:
        """Tell whether the answer is complete, so that a function that failed has no part in it."""
        if self._way.answer.id not in self.page.filled:
            return False
        rest = self.page.app.following([failed, *waiting])
        if any(self._way.writes_answer(function) for function in rest):
            return False
        answer = self.page.value(self._way.answer.id)
        if not isinstance(answer, list):
            return bool(answer)
        return any(reading.answer_contents(answer, reading.common_entries(self.since, answer)))


def _shown_before(page: Page, way: Way, question: str) -> Sequence[object]:
    """Return what the answer's component shows before a question; see `Walk`.

    A chat that only ever shows the newest turn counts as empty if the same question was asked
    before. Then the answer may be the same, too, and be none the less new. A chat that shows all
    turns has as many as there were questions, or its functions take them to add to them; if such a
    chat is left as it is, nothing in it is new.
    """
    shown = page.value(way.answer.id)
    if way.shows_html:
        return [shown]
    if not isinstance(shown, list):
        return []
    asked = reading.questions(shown)
    is_repeated = page.turns > 1 and [each.strip() for each in asked] == [question.strip()]
    return [] if is_repeated and (page.turns > _TURNS or not way.remembers) else shown
