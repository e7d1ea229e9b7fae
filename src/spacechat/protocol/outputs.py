"""What a function returned: the values of its outputs, and what else the page learns by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


class Outputs(list[Any]):
    """The final value of each output of a function.

    Args:
        values: The values.
        rendered: The part of the page that the function has made, as JSON; empty if it makes none.
        changed_states: Ids of the states whose values are others than before. None: unknown.

    Attributes:
        rendered: See above.
        changed_states: See above.
    """

    def __init__(
        self,
        values: Iterable[Any] = (),
        rendered: bytes = b"",
        changed_states: Sequence[int] | None = None,
    ) -> None:
        super().__init__(values)
        self.rendered = rendered
        self.changed_states = changed_states


class Effects(msgspec.Struct):
    """The parts of a function's result that say what it did besides filling its outputs.

    Attributes:
        render_config: The part of the page that it has made.
        changed_state_ids: The states whose values are others than before.
    """

    render_config: msgspec.Raw = msgspec.Raw(b"null")
    changed_state_ids: list[int] | None = None


class _Completed(msgspec.Struct):
    output: Effects = msgspec.field(default_factory=Effects)


_COMPLETED = msgspec.json.Decoder(_Completed)


def with_effects(values: Iterable[Any], effects: Effects) -> Outputs:
    """Return outputs with the effects of the function that gave them."""
    rendered = bytes(effects.render_config)
    return Outputs(values, b"" if rendered == b"null" else rendered, effects.changed_state_ids)


def completed(values: Iterable[Any], data: str | bytes) -> Outputs:
    """Return the outputs of a message that says that a function has ended.

    Args:
        values: The values in the message.
        data: The message.
    """
    try:
        return with_effects(values, _COMPLETED.decode(data).output)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Outputs(values)
