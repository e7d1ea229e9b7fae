"""A conversation as it is held: question after question, each with its files and settings."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from ..errors import MessagesError
from .resuming import with_system
from .terminal.output import part_from_answer, say

if TYPE_CHECKING:
    from ..apps.files import FileLike
    from ..messages import Conversation, Message, Messages
    from ..sync import Chat
    from .asker import Asker
    from .conversation_log.keeper import Keeper


class Talk:
    """A conversation, which is kept as it goes on.

    Args:
        asker: Asks the questions.
        messages: The conversation so far.
        keeper: Keeps it.

    Attributes:
        asker: Asks the questions.
    """

    def __init__(self, asker: Asker, messages: Messages, keeper: Keeper) -> None:
        self.asker: Asker = asker
        self._begun_with = messages
        self._keeper = keeper
        self._failed: str | None = None  # The last question, if it has no answer.
        self._sent: list[FileLike] = []  # The files of the last question.
        self._files_wait = False  # Whether they go with the next question, too.

    @functools.cached_property
    def _chat(self) -> Chat:
        # Made when it is first used: it takes a client, whose modules would delay the prompt.
        return self.asker.conversation(_held_nowhere(self._begun_with))

    @property
    def system(self) -> str:
        """The system text; empty for none."""
        from ..messages import split_system

        return split_system(list(self._chat.messages))[0]

    @property
    def turns(self) -> list[Message]:
        """The messages so far, without the system message."""
        return [message for message in self._chat.messages if message["role"] != "system"]

    @property
    def conversation(self) -> Conversation:
        """The messages so far, and the Space that is asked next."""
        from ..messages import Conversation

        space = self.asker.target.space
        # A session lasts no longer than this command, so none is kept.
        return Conversation(
            session_hash="",
            messages=list(self._chat.messages),
            model=space.default_model,
            url=space.url,
        )

    def ask(self, question: str) -> None:
        """Ask a question and show the answer, which may be cut short by Ctrl-C.

        Raises:
            SpaceChatError: The answer can't be had.
            KeyboardInterrupt: Ctrl-C.
        """
        self._failed = question
        self._sent, self._files_wait = [*self.asker.files], True
        stream = self._chat.stream(question, **self.asker.question_options())
        try:
            reply = self.asker.show(stream)
        except KeyboardInterrupt:
            if stream.text:
                self._chat.keep_partial(stream.text)
                self._take_answer()
            raise
        self._take_answer()  # It is there, whatever becomes of its files.
        self.asker.give_files(reply)

    def ask_again(self) -> None:
        """Ask the last question again, with its files. An earlier answer stays until there is one.

        Raises:
            UsageError: There is none.
            SpaceChatError: The answer can't be had.
            KeyboardInterrupt: Ctrl-C.
        """
        before = None if self._failed is not None else self._chat.conversation
        waiting, sent = [*self.asker.files], self._sent
        question = self._take_back("There is no question to ask again.")
        if not self._files_wait:
            self.asker.files[:0] = sent
        try:
            self.ask(question)
        finally:
            if before is not None and self._failed is not None:
                self._go_on_with(before)
                self._failed, self._sent, self._files_wait = None, sent, False
                self.asker.files[:] = waiting

    def put_files_away(self) -> None:
        """Send the files of a question that failed with no other; `ask_again` sends them again."""
        self.asker.files.clear()
        self._files_wait = False

    def undo(self) -> str:
        """Take back the last question, answered or not, and return it.

        Raises:
            UsageError: There is none.
        """
        question = self._take_back("There is nothing to take back.")
        self._sent = []
        self._keep()
        return question

    def set_system(self, system: str) -> None:
        """Tell the model something else beforehand; an empty text for nothing."""
        self._go_on_with(self._chat.conversation.untold(with_system(system, self.turns)))
        self._keep()

    def switch(self, model: str) -> None:
        """Have another model answer from now on, which is told all of the conversation.

        Raises:
            UsageError: A local Space can't stand for it.
            ModelNotFoundError: There is no such model.
        """
        self.asker.target.switch(model)
        self._chat.switch(provider=self.asker.target.space)

    def open_new_page(self) -> None:
        """Go on with a new page of the app, on which everything has its own first value again."""
        self._go_on_with(self._chat.conversation)

    def begin_with(self, messages: Messages) -> None:
        """Begin another conversation, with these messages."""
        self._failed = None
        self._sent, self._files_wait = [], False
        self._go_on_with(_held_nowhere(messages))
        self._keeper.begin_anew()

    def _take_answer(self) -> None:
        self._failed, self._files_wait = None, False
        self.asker.files.clear()
        if not self.asker.target.is_named:
            self._stay()
        self._keep()

    def _stay(self) -> None:
        """Ask the Space that answered from now on; say so if it isn't the first that was asked."""
        target = self.asker.target
        first = target.name
        target.follow(self._chat.conversation)
        if target.name != first:
            part_from_answer()
            say(f"{first} gave no answer; {target.name} goes on.")

    def _take_back(self, nothing: str) -> str:
        question, self._failed = self._failed, None
        if question is None:
            try:
                question = self._chat.undo()
            except MessagesError:
                raise click.UsageError(nothing) from None
        return question

    def _go_on_with(self, earlier: Conversation) -> None:
        """Go on after an earlier conversation, in a new session."""
        self._chat.close()
        self._chat = self.asker.conversation(earlier.untold(earlier.messages))

    def _keep(self) -> None:
        self._keeper.keep(self.conversation, local=self.asker.target.is_local)


def _held_nowhere(messages: Messages) -> Conversation:
    from ..messages import Conversation

    return Conversation(session_hash="", messages=messages)
