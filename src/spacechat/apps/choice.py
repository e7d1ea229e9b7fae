"""The choice among the ways to chat with an app, and the errors if there is none to make.

The best way is taken if it stands out. If another way does something else and has nearly as many
points (within `_MARGIN`), it may be the one that was meant, and a question to the wrong function
may do harm. Then none is taken, and the caller has to choose.

Two ways are no rivals

- if one act of a person does both, so that only the answer is read elsewhere;
- if the same message ends in the same answer, by sending its box off or by functions of one name;
- if they are boxes of one form, of which one is sent off by itself, or is a little better
  (`_MARGIN_IN_FORM`).

The main button of a form is a rival of its other buttons even if it also does something else, as
"Generate & run the code" does: what they fill in its place is perhaps no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from ..errors import ChatNotFoundError
from ..spelling import did_you_mean
from . import words
from .app import App, Function
from .plain_words import quoted_endpoint
from .points import does_other
from .search import Search
from .ways import Way

_MARGIN = 20
"""Points by which the best way must be better than one that does something else."""
_MARGIN_IN_FORM = 5
"""The same for another box of the same form: what is called does not depend on the box."""
_SHOWN = 6
"""Ways that an error lists."""
_LONGEST = 100
"""Characters of a label that an error repeats."""
_SCANNED = 1000
"""Outputs among which labels are looked for."""
_TYPES = 30
"""Inputs and outputs of a function that an error lists."""


@dataclass(frozen=True)
class Ways:
    """The ways to chat with an app.

    Attributes:
        all: The ways, the best first, with those that seem to do something else.
        problem: Why none of them is taken, or None.
    """

    all: Sequence[Way]
    problem: str | None

    @property
    def best(self) -> Way | None:
        """The way that is taken, or None."""
        return self.all[0] if self.problem is None else None


def find_way(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> Way:
    """Return the best way to chat with an app.

    Args:
        app: The app.
        endpoint: A function that must be part of it: its `api_name`, with or without a slash, or
            its id. None: any.
        output: The label or id of the component that shows the answer. None: what fits best.

    Raises:
        ChatNotFoundError: There is no way, and the message lists the app's functions; or there are
            several that do different things, and the message lists them.
        ProtocolError: The app is too large.
    """
    ways = find_ways(app, endpoint=endpoint, output=output)
    if ways.best is None:
        raise ChatNotFoundError(ways.problem or "")
    return ways.best


def find_ways(
    app: App, *, endpoint: str | int | None = None, output: str | int | None = None
) -> Ways:
    """Return every way to chat with an app that is worth a look.

    Args:
        app: The app.
        endpoint: As for `find_way`.
        output: As for `find_way`.

    Raises:
        ChatNotFoundError: There is no such endpoint.
        ProtocolError: The app is too large.
    """
    wanted = None if endpoint is None else _named(app, endpoint)
    possible = sorted(Search(app, wanted, output).ways(), key=lambda way: -way.points)
    taken = [way for way in possible if wanted is not None or way.points > 0]
    if not taken:
        return Ways(possible, _no_chat(app, endpoint, output, possible))
    best = taken[0]
    near = [way for way in taken[1:] if best.points - way.points < _MARGIN]
    rivals = [] if wanted is not None else [*_rivals(best, near), *_main(best, possible)]
    return Ways(taken, _several([best, *rivals]) if rivals else None)


def _rivals(best: Way, others: Iterable[Way]) -> Iterator[Way]:
    """Yield the ways that may be meant instead of the best one, and have another effect."""
    known: dict[int, frozenset[str]] = {}

    def names(way: Way) -> frozenset[str]:
        """Return the names of the functions that fill the best way's answer."""
        key = id(way.writers)  # Many ways have the same.
        if key not in known:
            writers = way.writers.get(best.answer.id, ())
            known[key] = frozenset(words.unnumbered(each.api_name or "") for each in writers)
        return known[key]

    for way in others:
        same_functions = names(way) == names(best)
        if way.message is best.message:
            is_sent = bool(names(way)) and (way.sends_box or best.sends_box)
            if not (same_functions or is_sent):
                yield way
        elif way.trigger == best.trigger:
            if best.points - way.points < _MARGIN_IN_FORM:
                yield way
        # Of the boxes of one form, the one that is sent by itself is for the message.
        elif not (
            same_functions
            and best.sends_box
            and (not way.sends_box or _is_better_in_form(best, way))
        ):
            yield way


def _main(best: Way, ways: Iterable[Way]) -> Iterator[Way]:
    """Yield the way by a form's main button, if that asks and does more, and the best is another's.

    Only for a text: a chat has an entry for each question, whichever button asks it.
    """
    if best.answer.is_chatbot or best.sends_box:
        return
    for way in ways:
        same = way.message is best.message and way.answer is best.answer
        if same and _asks_and_does_more(way):
            yield way
            return


def _asks_and_does_more(way: Way) -> bool:
    used = way.app.component(way.trigger[0])
    if used is None or not used.shown or used.props.variant != "primary":
        return False
    return does_other(used) and words.is_any(words.SEND, used.texts)


def _is_better_in_form(best: Way, other: Way) -> bool:
    """Tell whether two ways that send their boxes off have boxes of one form, and one is better."""
    is_ahead = best.points - other.points >= _MARGIN_IN_FORM
    return is_ahead and _takes(best, other.message.id) and _takes(other, best.message.id)


def _takes(way: Way, id_: int) -> bool:
    """Tell whether a way's functions take a component's value."""
    return any(id_ in function.inputs for function in way.closure)


def _named(app: App, endpoint: str | int) -> Function:
    for function in app.functions.values():
        if isinstance(endpoint, int):
            if function.id == endpoint:
                return function
        elif function.api_name == endpoint.removeprefix("/"):
            return function
    known = [function.api_name for function in app.functions.values()]
    hint = did_you_mean(str(endpoint).removeprefix("/"), known)
    raise ChatNotFoundError(
        f"The app has no endpoint {endpoint!r}.{hint} It has: {_list(app)}. endpoint= takes a name "
        "or an id."
    )


def _several(ways: Sequence[Way]) -> str:
    return (
        "This app has several ways to chat that do different things, and none stands out: "
        f"{listed(ways)}. Nothing was sent. endpoint= says which function to call, and output= "
        "where the answer is to be read."
    )


def listed(ways: Sequence[Way]) -> str:
    """Return the first few of several ways in words, each with what chooses it."""
    shown = [f"{way} (endpoint={quoted_endpoint(way)})" for way in ways[:_SHOWN]]
    rest = f" and {len(ways) - _SHOWN} more" if len(ways) > _SHOWN else ""
    return "; ".join(shown) + rest


def _no_chat(
    app: App, endpoint: str | int | None, output: str | int | None, doubtful: Sequence[Way]
) -> str:
    what = "No way to chat was found in this app"
    if endpoint is not None:
        what += f" by its endpoint {endpoint!r}"
    if output is not None:
        if unknown := _unknown_output(app, output):
            return unknown
        what += f" that fills the output {output!r}"
    if doubtful:
        return (
            f"{what}: what takes a text and gives one seems to be for something else: "
            f"{listed(doubtful)}. It has: {_list(app)}. If one of these answers all the same, name "
            "it by endpoint=; `spacechat inspect URL` says why none was taken."
        )
    if any(_is_from_text_to_text(app, function) for function in app.endpoints()):
        return (
            f"{what}: no box for a message that a person sees leads to a chat or a text. It has: "
            f"{_list(app)}. endpoint= and output= say how to use one of these; "
            "`spacechat inspect URL` shows more."
        )
    return (
        f"{what}: none of its functions takes a text and gives one. It has: {_list(app)}. It is no "
        "chat: ask another app."
    )


def _unknown_output(app: App, output: str | int) -> str:
    """Return the error for an output that the app doesn't have; empty if it has it."""
    named = (app.named(function.outputs) for function in app.endpoints())
    filled = list(islice(chain.from_iterable(named), _SCANNED))
    if any(output in (each.id, each.label, each.props.elem_id) for each in filled):
        return ""
    labels = list(dict.fromkeys(each.label for each in filled if each.label))
    shown = ", ".join(repr(each[:_LONGEST]) for each in labels[:_SHOWN])
    rest = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return (
        f"The app has no output {output!r}.{did_you_mean(output, labels)} It has: "
        f"{shown or 'none with a label'}{rest}. output= takes a label or an id."
    )


def _is_from_text_to_text(app: App, function: Function) -> bool:
    return any(each.takes_text for each in app.named(function.inputs)) and any(
        each.gives_text or each.is_chatbot for each in app.named(function.outputs)
    )


def _list(app: App) -> str:
    endpoints = list(app.endpoints())
    shown = "; ".join(_signature(app, function) for function in endpoints[:12])
    rest = f" and {len(endpoints) - 12} more" if len(endpoints) > 12 else ""
    return (shown + rest) or "no endpoints"


def _signature(app: App, function: Function) -> str:
    def types(ids: Sequence[int]) -> str:
        shown = [each.type for each in app.named(ids[:_TYPES])]
        if len(ids) > _TYPES:
            shown.append("…")
        return ", ".join(shown) or "nothing"

    return f"{function} ({types(function.inputs)} → {types(function.outputs)})"
