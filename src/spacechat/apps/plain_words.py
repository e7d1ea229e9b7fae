"""A way to chat in plain words: what a person does on the page, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import words
from .app import App, Function
from .components import Component
from .sign_in import SINCE, takes_tokens
from .ways import Way

_NOUNS = {
    "chatbot": "chatbot",
    "code": "code",
    "html": "HTML",
    "json": "JSON",
    "markdown": "text",
    "textbox": "box",
    "multimodaltextbox": "box",
}
"""Components whose types are not words that a person would use."""
_LONGEST = 60
"""Characters of a text on the page that a sentence repeats."""
_NEAR = 60
"""Points by which another output may be behind, and still be the answer; a chat is as many ahead of
a text, at the least."""


def name(component: Component) -> str:
    """Return a component's name on the page: its label, the text in it, or just what it is."""
    noun = _NOUNS.get(component.type, component.type)
    if component.label and component.label.lower() != noun:
        return f"the {noun} {_quoted(component.label)}"
    if component.placeholder:
        return f"the {noun} that says {_quoted(component.placeholder)}"
    return f"the {noun}"


def act(way: Way) -> str:
    """Return what a person does to send a message, as in "pressing Enter"."""
    used = way.app.component(way.trigger[0])
    event = way.trigger[1]
    if event == "submit":
        return "pressing Enter"
    if used is None:
        return f"the event {event!r}"
    if event == "click":
        return f"clicking {_quoted(used.label) if used.label else name(used)}"
    return f"the event {event!r} of {name(used)}"


def summary(way: Way, ways: Iterable[Way]) -> Iterator[str]:
    """Yield the sentences that say how one chats with an app.

    Args:
        way: The way that is taken.
        ways: All ways of the app.
    """
    streams = ", piece by piece" if _main_function(way).streams else ""
    yield (
        f"You type into {name(way.message)}; {act(way)} calls {_main_function(way)}; the answer "
        f"appears in {name(way.answer)}{streams}."
    )
    near = (each for each in ways if way.points - each.points <= _NEAR)
    elsewhere = [quoted_output(each) for each in distinct(near, way) if is_same_act(each, way)]
    if elsewhere:
        yield f"The answer may also be in {' or '.join(elsewhere)}: output= says where to read it."
    if way.system is not None:
        yield f"A system text goes into {name(way.system)}."
    if way.message.takes_files:
        yield "Files can go with a message."
    yield from sign_in(way.app)


def sign_in(app: App) -> Iterator[str]:
    """Yield the sentence on signing in, if visitors can."""
    if not app.has_sign_in:
        return
    if takes_tokens(app):
        yield "You can sign in with Hugging Face: sign_in=True gives the app your token."
    else:
        yield (
            "You can sign in with Hugging Face in a browser only: the app's Gradio takes no token, "
            f"as {'.'.join(map(str, SINCE))} and later do."
        )


def distinct(ways: Iterable[Way], taken: Way | None) -> Iterator[Way]:
    """Yield the ways that do different things, and not what the one that was taken does."""
    seen = set() if taken is None else {(taken.message.id, taken.answer.id, _called(taken))}
    for way in ways:
        does = (way.message.id, way.answer.id, _called(way))
        if does not in seen:
            seen.add(does)
            yield way


def candidate(way: Way, taken: Way | None) -> str:
    """Return what a way that was not taken would do, how it is chosen, and what is against it.

    Args:
        way: The way.
        taken: The way that was taken, or None.
    """
    answer = f"the answer appears in {name(way.answer)}"
    if taken is not None and is_same_act(way, taken):
        what = f"output={quoted_output(way)}: {answer}"
    else:
        what = (
            f"endpoint={quoted_endpoint(way)}: you type into {name(way.message)}; {act(way)} calls "
            f"{_main_function(way)}; {answer}"
        )
    against = "; ".join(dict.fromkeys(way.objections))
    return f"{what} (against it: {against})" if against else what


def is_same_act(way: Way, taken: Way) -> bool:
    """Tell whether a way does what another does, so that the answer alone is read elsewhere."""
    return way.message is taken.message and _called(way) == _called(taken)


def _called(way: Way) -> tuple[str, ...]:
    """Return the names of the functions that a way calls, without numbers."""
    return tuple(words.unnumbered(str(each)) for each in way.first)


def _main_function(way: Way) -> Function:
    """Return the function that makes the answer: the last one that streams it or fills it."""
    writers = way.writers[way.answer.id]
    return next((each for each in reversed(writers) if each.streams), writers[-1])


def quoted_endpoint(way: Way) -> str:
    """Return the name or id by which `endpoint=` chooses a way, as Python has it."""
    return repr(f"/{way.endpoint}" if isinstance(way.endpoint, str) else way.endpoint)


def quoted_output(way: Way) -> str:
    """Return the label or id by which `output=` chooses a way's answer, as Python has it."""
    return repr(way.answer.label or way.answer.id)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")
