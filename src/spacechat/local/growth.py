"""The output of one event as it grows, in the way of a shape and of a protocol."""

from __future__ import annotations

from dataclasses import dataclass, field

from .shapes import Shape
from .values import Json


@dataclass
class Growth:
    """The output of one event as it grows.

    Attributes:
        shape: The shape to write.
        inputs: The event's inputs.
        edits: Whether messages after the first hold edits instead of whole outputs.
    """

    shape: Shape
    inputs: list[Json]
    edits: bool
    _parts: list[str] = field(default_factory=list[str], init=False)
    _begun: bool = field(default=False, init=False)
    _path: list[Json] | None = field(default=None, init=False)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    def show(self, text: str, *, more: bool = True) -> list[Json]:
        """Return the ``data`` of a message that shows a text in the place of the answer.

        Args:
            text: The text to show.
            more: Whether the answer goes on after it.
        """
        whole = self.shape.write(self.inputs, text, more)
        if self.edits and self._begun:
            return self._edited([["replace", [], whole[self.shape.output]]])
        self._begun = True
        return whole

    def extend(self, piece: str) -> list[Json]:
        """Return the ``data`` of the message that brings the next piece.

        Args:
            piece: The text to add to the answer.
        """
        self._parts.append(piece)
        if not (self.edits and self._begun and self.shape.text_path):
            return self.show(self.text)
        if self._path is None:
            self._path = self.shape.text_path(self.inputs)
        return self._edited([["append", self._path, piece]] if piece else [])

    def finish(self, ending: str = "") -> list[Json]:
        """Return the ``data`` of the final message: the whole value of every output.

        Args:
            ending: Text to show after the answer.
        """
        return self.shape.write(self.inputs, self.text + ending, False)

    def _edited(self, edits: list[Json]) -> list[Json]:
        data: list[Json] = [[] for _ in self.shape.chat.outputs]
        data[self.shape.output] = edits
        return data
