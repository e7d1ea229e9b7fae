"""The history of a conversation, on a new page of an app that knows nothing of it.

There are two ways to give an app the earlier messages. The better one fills the chatbot with them,
as if they had been said on this page. That works if the app reads its history from the chatbot, or
from states that can be filled from it: `_primers` finds the functions that do so. Otherwise an
answer would be given without the history, so it becomes part of the prompt.
"""

from __future__ import annotations

from typing import cast

from ..messages import Message, Messages, format_prompt, split_last, split_system
from ..steps import Steps
from .app import Function
from .invoke import Caller
from .options import History
from .page import Page, chat_value
from .ways import Way


def set_system(page: Page, way: Way, text: str) -> bool:
    """Put a system text into the component for it; return whether there are both."""
    component = way.system
    if component is None or not text:
        return False
    page.values[component.id] = text
    return True


def put_history(
    caller: Caller, page: Page, messages: Messages, history: History | None
) -> Steps[str]:
    """Put a conversation on a new page, and return the text to send as the message.

    Args:
        caller: Calls the functions that take the history.
        page: The page.
        messages: The conversation, with the question as the last message.
        history: The form of the history that the caller of the library chose, or None.
    """
    way = caller.way
    system, rest = split_system(messages)
    if set_system(page, way, system):
        system = ""
    before: Messages = [cast("Message", {"role": "system", "content": system})] if system else []
    if len(rest) > 1 and rest[-1]["role"] == "user" and history != "prompt":
        primers = _primers(way)
        if primers is not None:
            earlier, last = split_last(rest)
            chatbot = way.answer
            shown = page.value(chatbot.id)  # Such as a greeting.
            page.values[chatbot.id] = [
                *(shown if isinstance(shown, list) else ()),
                *chat_value(way.app, chatbot, earlier),
            ]
            for function in primers:
                yield from caller.call(page, function)
            return format_prompt([*before, {"role": "user", "content": last}])
    return format_prompt([*before, *rest])


def _primers(way: Way) -> list[Function] | None:
    """Return the functions that copy a chatbot's messages to the states of the server.

    None if the app does not take its history from the chatbot: it reads it from a state that no
    such function fills, or has no history at all. None, too, for a chatbot of others beside a box
    for texts and files: such a chatbot takes messages of many forms, and only the app knows in
    which it puts a text with files.
    """
    chain = list(way.chain())
    chatbot = way.answer
    is_others = chatbot.form is not None
    if not chatbot.is_chatbot or (is_others and way.message.takes_files):
        return None
    kept: set[int] = set()  # States that last from one question to the next.
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
