"""The chat of a `ChatInterface`, which one function of the app asks by itself.

Its page has a question asked by three functions, one after another: the first empties the box and
saves the message in a state, the second shows it in the chatbot, and the third calls the author's
function with the saved message and the history, which is another state, and shows what that says. A
fourth copies the chatbot to the history. For programs there is a fifth, `/chat`: Gradio has it call
the author's function just as the third does, with the same history and the same further inputs. So
it is asked alone instead of the first three. The fourth is called as ever, and so the history is
the page's.

`/chat` does not fill the chatbot. It gives what the author's function said, as it is, and that is
read as the page would show it (`protocol.responses`). What the page shows in the end only the
server knows: messages, files and components; a text as its version of Gradio and of Python tidies
it; an earlier message that the author's function has changed; and what was in the chatbot without
being in the history, such as a greeting, which an answer takes away. The server has a function that
shows this, which the page calls when a person wants another answer: it shows the history with one
more message, a saved one. The history has the new turn by then, so the last message is all that is
too much. This takes one request after the answer, and once in a session one more, which saves a
message for it. If the Space refuses one of these for a moment, that one is made once more, since it
does no more than show. Where the page shows another answer than was read, it is corrected.

Messages that a function changes while it yields them don't arrive by `/chat` until its end, since
Gradio compares them with what they were. Nothing in an app's description says that its function
does so. So an app that has once said more than texts is asked as by its page from then on, if it
streams.

Only what Gradio itself makes has all these functions, by these names, with these inputs and
outputs, and nothing else that the answer depends on before the answer. Any other app is asked as
its page would: there, a function for programs may do something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import words
from .app import App, Function
from .components import Component
from .ways import Way

_SAVES = frozenset({"_clear_and_save_textbox"})
_APPENDS = frozenset({"_append_message_to_history"})
_ASKS = frozenset({"_submit_fn", "_stream_fn"})
"""The names that Gradio's own functions have."""


class OneCall(NamedTuple):
    """The function that asks a chat by itself, and those around it.

    Attributes:
        asks: The function for programs.
        stands_for: The function of the page that shows what the same function of the author says.
        left_out: Ids of the functions that the page calls before that one.
        saves: The function that saves a message in a state.
        shows: The function that shows the history with the saved message at its end.
        message: The component that takes the message.
        chatbot: The component that shows the chat.
    """

    asks: Function
    stands_for: Function
    left_out: frozenset[int]
    saves: Function
    shows: Function
    message: Component
    chatbot: Component

    def tidies(self, app: App) -> bool:
        """Tell whether the chatbot tidies texts; one of pairs does not."""
        return app.major >= 6 or self.chatbot.props.type == "messages"


def find_one_call(way: Way) -> OneCall | None:
    """Return the function that asks what a way to chat asks, or None if there is none for sure."""
    chain = list(way.chain())
    if way.named is not None or len(chain) < 4 or len(chain) != len(way.needed):
        return None
    saves, appends, stands_for, *after = chain
    is_own = way.answer.type == "chatbot" and not way.answer.props.reasoning_tags
    if not is_own or not _is_gradios(way, saves, appends, stands_for):
        return None
    history = stands_for.inputs[1]
    if not _keeps_history(way, stands_for, after, {saves.outputs[1], stands_for.outputs[0]}):
        return None
    asks = [each for each in way.app.functions.values() if _asks(way, each, stands_for)]
    shows = [
        each
        for each in way.app.functions.values()
        if _is(each, _APPENDS, [saves.outputs[1], history], [way.answer.id])
    ]
    if len(asks) != 1 or not shows:
        return None
    left_out = frozenset({saves.id, appends.id})
    return OneCall(asks[0], stands_for, left_out, saves, shows[0], way.message, way.answer)


def _is_gradios(way: Way, saves: Function, appends: Function, asks: Function) -> bool:
    """Tell whether three functions are those that Gradio has its page call."""
    box, chatbot = way.message.id, way.answer.id
    if len(saves.outputs) != 2 or len(asks.inputs) < 2 or len(asks.outputs) != 2:
        return False
    saved, history, unseen = saves.outputs[1], asks.inputs[1], asks.outputs[0]
    return (
        _is(saves, _SAVES, [box], [box, saved])
        and _is(appends, _APPENDS, [saved, chatbot], [chatbot])
        and _is(asks, _ASKS, [saved, *asks.inputs[1:]], [unseen, chatbot])
        and (appends.after, asks.after) == (saves.id, appends.id)
        and not way.app.is_queued(saves)  # Otherwise it also says whether the message may be sent.
        and all(each.is_state for each in way.app.named([saved, history, unseen]))
    )


def _is(
    function: Function, names: frozenset[str], inputs: Sequence[int], outputs: Sequence[int]
) -> bool:
    """Tell whether a function has one of some names, and just these inputs and outputs."""
    return (
        words.unnumbered(function.api_name or "") in names
        and [*function.inputs] == [*inputs]
        and [*function.outputs] == [*outputs]
        and not (function.script or function.takes_event or function.takes_whole)
    )


def _keeps_history(
    way: Way, asks: Function, after: Iterable[Function], not_taken: set[int]
) -> bool:
    """Tell whether the functions after the answer copy it to the history.

    They must come after it, and take nothing that is only there if the page's own are called.
    """
    later = {each.id for each in way.app.following([asks])}
    taken = {id_ for each in after for id_ in each.inputs}
    return (
        all(each.id in later for each in after)
        and not taken & {way.message.id, *not_taken}
        and any(
            [*each.inputs] == [way.answer.id] and asks.inputs[1] in each.outputs for each in after
        )
    )


def _asks(way: Way, function: Function, page: Function) -> bool:
    """Tell whether a function is the one for programs that asks as one of the page does."""
    inputs, outputs = [way.message.id, *page.inputs[1:]], [*function.outputs]
    if [*function.inputs] != inputs or len(outputs) != 2 or outputs[1] != page.inputs[1]:
        return False
    response = way.app.component(outputs[0])
    used = [way.app.component(id_) for id_, _ in function.targets]
    return (
        response is not None
        and response.type == "json"
        and not response.shown
        and bool(used)
        and all(each is not None and not each.shown for each in used)
        and function.visibility == "public"
        and function.streams == page.streams
        and way.app.is_queued(function) == way.app.is_queued(page)
        and not (function.script or function.takes_event or function.takes_whole)
    )
