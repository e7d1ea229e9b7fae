"""Events in words, for people who wait for an answer."""

from __future__ import annotations

from .events import Event, Log, Progress, Queued, Reasoning, Retrying, Started, Status


def describe(event: Event, *, short: bool = False) -> str:
    """Return what the Space is doing, in a few words; empty if the answer itself shows it.

    Args:
        event: The event.
        short: For a single line beside a clock: no times, no length of the queue, no thoughts.
    """
    match event:
        case Queued(position=position):
            us = "us" if short else "this one"
            place = f"{position} before {us} in the queue" if position else "Next in the queue"
            return place if short else f"{place} of {event.queue_size}{_about(event.eta)}"
        case Started():
            return "Working" if short else f"Answering{_about(event.eta)} …"
        case Status():
            return event.text
        case Progress(description=description):
            if short:
                return ": ".join(filter(None, [description or "Working", amount(event)]))
            note = f"({description})" if description else ""
            return " ".join(filter(None, ["Working", note, amount(event)]))
        case Log(level=level, title=title):
            if short:
                heading = title if title and title.lower() != level else None
                return ": ".join(filter(None, [level, heading, event.message]))
            return f"{title or level.capitalize()}: {event.message}"
        case Retrying():
            again = f"{event.reason} Asking {event.model} again"
            return again if short else f"{again} in {event.delay:.0f} s."
        case Reasoning() if not short:
            return f"{event.title or 'Thinking'} …"
        case _:
            return ""


def _about(seconds: float | None) -> str:
    return "" if seconds is None else f", about {seconds:.0f} s"


def amount(event: Progress) -> str:
    """Return how much is done: a percentage, or steps."""
    if event.progress is not None:
        return f"{event.progress:.0%}"
    if event.index is None:
        return ""
    total = "" if event.length is None else f" of {event.length:g}"
    return f"{event.index:g}{total} {event.unit or ''}".rstrip()
