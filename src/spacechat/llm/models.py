"""Spaces as models: what `llm` asks, blocking or not."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING

import llm
from llm.parts import StreamEvent

from ..addresses import hide_user, without_user
from ..login import environment_login
from ..sanitize import one_line
from . import options
from .errors import SpaceError, in_words_of_llm

if TYPE_CHECKING:
    from ..streaming.reply import Reply
    from .answer import Answer
    from .question import Earlier, Question
    from .saved import SavedSpace

PREFIX = "space/"
"""What the name of every Space begins with in `llm`."""


class _AnyType(frozenset[str]):
    """The types of attachments where an app has not been asked what it takes: all of them.

    `llm` looks for an attachment's type in it, and lists what is in it.
    """

    def __contains__(self, type_: object) -> bool:
        return True


_ANY_TYPE = _AnyType(["*/*"])


class _Space:
    """What a Space is as a model, blocking or not.

    Args:
        name: A model's name, a Space's id, or the address of an app. A user and password in it are
            neither in the model's id, which `llm` logs, nor in a repr.
        saved: What is known of it, if it is a saved one.
    """

    # It needs no key: a token is found where spacechat finds it, and goes where spacechat sends it.
    # One of `llm keys` would go to any host that stands in a model's name.
    can_stream = True
    Options: type[options.Options] = options.Options

    def __init__(self, name: str, saved: SavedSpace | None = None) -> None:
        self.model_id: str = PREFIX + without_user(name)
        self.attachment_types: set[str] | frozenset[str] = _ANY_TYPE
        if saved is not None:
            self.Options = options.listed(saved.options)
            if not saved.takes_files:
                self.attachment_types = frozenset()
        self._name = hide_user(name)
        self._earlier: Earlier | None = None

    def __str__(self) -> str:
        return f"Space: {one_line(self.model_id)}"

    def _question(self, prompt: llm.Prompt) -> Question:
        """Return a prompt as a question.

        Raises:
            ModelNotFoundError: There is no such model.
            InputsError: The environment's login is malformed.
            SpaceError: It takes no files or settings.
        """
        from ..providers import find
        from .question import Question

        taken = find(self._name).takes
        auth = environment_login() if "auth" in taken else None
        question = Question(prompt, self._earlier, auth)
        self._earlier = None  # Another prompt at the same time would be asked on the same page.
        self._check("attachments", is_given=bool(question.files), is_taken="files" in taken)
        self._check("options", is_given=question.has_options, is_taken="inputs" in taken)
        return question

    def _check(self, what: str, *, is_given: bool, is_taken: bool) -> None:
        if is_given and not is_taken:
            raise SpaceError(
                f"{one_line(self.model_id)} takes no {what}: an app named by its address or its "
                "Space's id (owner/name) may."
            )

    def _finish(
        self, question: Question, answer: Answer, reply: Reply, response: llm.models._BaseResponse
    ) -> None:
        """Keep what the next question and the log need."""
        self._earlier = question.answered(answer.said(reply), reply.conversation)
        response.response_json = answer.facts(reply)
        response.set_resolved_model(without_user(reply.model))


class SpaceModel(_Space, llm.Model):
    """A Space as a model of `llm`.

    Args:
        name: A model's name, a Space's id (`owner/name`), an alias of the settings file, or the
            address of an app. A user and password in it are neither logged nor shown.
        saved: What is known of it, if it is a saved one.
    """

    def execute(
        self,
        prompt: llm.Prompt,
        stream: bool,
        response: llm.Response,
        conversation: llm.Conversation | None,
    ) -> Iterator[StreamEvent]:
        """Ask the Space; leaving early tells it to stop.

        Raises:
            SpaceError: There is no complete answer.
        """
        from ..sync import Client
        from .answer import Answer

        with in_words_of_llm(), Client() as client:
            question = self._question(prompt)
            answer = Answer(streams=stream)
            inspection = None
            if question.settings:
                inspection = client.inspect(self._name, **question.way)
            with client.stream(
                question.new_messages,
                model=self._name,
                conversation=question.conversation,
                **question.options(inspection),
            ) as answering:
                for event in answering.events():
                    yield from answer.feed(event, answering.new_text(event))
                reply = answering.reply()
            yield from answer.end(reply)
            self._finish(question, answer, reply, response)


class AsyncSpaceModel(_Space, llm.AsyncModel):
    """A Space as an asynchronous model of `llm`; see `SpaceModel`."""

    async def execute(
        self,
        prompt: llm.Prompt,
        stream: bool,
        response: llm.AsyncResponse,
        conversation: llm.AsyncConversation | None,
    ) -> AsyncGenerator[StreamEvent, None]:
        """Ask the Space; leaving early tells it to stop.

        Raises:
            SpaceError: There is no complete answer.
        """
        from ..client.client import AsyncClient
        from .answer import Answer

        with in_words_of_llm():
            async with AsyncClient() as client:
                question = self._question(prompt)
                answer = Answer(streams=stream)
                inspection = None
                if question.settings:
                    inspection = await client.inspect(self._name, **question.way)
                async with client.stream(
                    question.new_messages,
                    model=self._name,
                    conversation=question.conversation,
                    **question.options(inspection),
                ) as answering:
                    async for event in answering.events():
                        for each in answer.feed(event, answering.new_text(event)):
                            yield each
                    reply = await answering.reply()
                for each in answer.end(reply):
                    yield each
                self._finish(question, answer, reply, response)
