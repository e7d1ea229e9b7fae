"""A complete answer, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .. import markup
from ..brief import brief
from ..events import File, names_and_urls
from ..messages import Conversation
from ..shell import Shell, current_shell
from ..steps import ProviderInfo
from ..terminal.whole_answer import whole_answer


@dataclass(frozen=True)
class Timings:
    """How long the parts of an answer took, in seconds since it was asked for.

    Attributes:
        queued: Until the Space began to work, or None where it doesn't tell.
        first_text: Until the first text or value came, or None where none did.
        total: Until the answer was complete.
    """

    queued: float | None
    first_text: float | None
    total: float

    def __repr__(self) -> str:
        shown = [f"{name}={_seconds(getattr(self, name))}" for name in self.__dataclass_fields__]
        return f"Timings({', '.join(shown)})"


def _seconds(seconds: float | None) -> str:
    return "None" if seconds is None else f"{seconds:.3g}"


def listed(files: Sequence[File]) -> str:
    """Return what a repr says of files, after a space; empty if there are none."""
    return f" files={brief([file.name for file in files])}" if files else ""


class Printer(Protocol):
    """What IPython's pretty printer offers.

    Attributes:
        stack: The objects that are being printed, from the outermost to this one.
    """

    stack: list[int]

    def text(self, obj: str) -> None:
        """Print a text."""


@dataclass(frozen=True)
class Reply:
    """A complete answer.

    Attributes:
        text: The answer.
        model: The resolved name of the model.
        provider: The provider class that asked for it.
        conversation: What a follow-up needs.
        reasoning: The model's thoughts, without their titles; empty where it gave none.
        timings: How long it took.
        files: The files that came with it; nothing of them has been downloaded.
    """

    text: str
    model: str
    provider: type[ProviderInfo]
    conversation: Conversation
    reasoning: str
    timings: Timings
    files: tuple[File, ...] = ()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return (
            f"<Reply {brief(self.text)} model={self.model!r}{listed(self.files)} "
            f"total={self.timings.total:.2f}>"
        )

    def _repr_markdown_(self) -> str:
        return markup.answer(self.text, self.reasoning, files=names_and_urls(self.files))

    def _repr_pretty_(self, printer: Printer, _: bool) -> None:
        # IPython's terminal shows a reply as an answer, but one within a list as its repr.
        is_alone = len(printer.stack) == 1
        if is_alone and current_shell() is Shell.TERMINAL:
            printer.text(whole_answer(self.text, self.reasoning, names_and_urls(self.files)))
        else:
            printer.text(repr(self))
