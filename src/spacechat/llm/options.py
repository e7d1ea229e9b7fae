"""The options of a model: the inputs of its app, as `llm` lists, checks and keeps them.

An app's inputs may have any names, and only the app knows what they take. So every option is let
through here. When the question is asked, the library says which there are, and what is wrong with a
value. What is known of a saved app's is listed: `llm models --options`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import llm
from pydantic import ConfigDict, model_validator

from ..sanitize import one_line
from .errors import SpaceError

if TYPE_CHECKING:
    from ..apps.inspection import InputInfo

WAYS = ("endpoint", "output")
"""The options that choose the function that answers, and the output with the answer: those of
`ask`, for apps where the guess is wrong."""

MOST = 100
"""Options of an app that are kept and listed."""

_LONGEST = 200
"""Characters of an option's name, or of what it takes."""

_TYPES = {"float": "number", "int": "integer", "bool": "boolean"}
"""JSON schema's types, by Python's; all others are typed as texts."""


@dataclass(frozen=True)
class Option:
    """An option of an app.

    Attributes:
        name: Its name, which is matched whatever its case.
        type: Its type, as JSON schema names it.
        takes: What it takes, in words.
    """

    name: str
    type: str
    takes: str


class Options(llm.Model.Options):
    """The options of a prompt to a Space, by the names of the app's inputs."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse the names that `llm` would take for its own arguments, in silence.

        Raises:
            SpaceError: There is one. It is no `ValueError`, of which pydantic would make several
                lines.
        """
        for name in given:
            if name in _arguments():
                raise SpaceError(
                    f"llm has an argument {name!r} of its own: write {spelled(name)!r} for the "
                    "app's input, whose case doesn't matter."
                )
        return given


def listed(options: Sequence[Option]) -> type[Options]:
    """Return the class of options that lists these."""
    properties = {each.name: {"type": each.type, "description": each.takes} for each in options}

    class ListedOptions(Options):
        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return {**super().model_json_schema(*args, **kwargs), "properties": properties}

    return ListedOptions


def spelled(name: str) -> str:
    """Return an input's name as an option: in capitals where its own means something else."""
    return name.upper() if name in _arguments() or name in WAYS else name


def options_of(inputs: Sequence[InputInfo]) -> list[Option]:
    """Return the options that an app's inputs are, but for those that take files."""
    from ..apps.value_types import takes_files

    values = [each for each in inputs if not takes_files(each.value_type)]
    return [
        Option(
            spelled(_shortened(each.name)),
            _TYPES.get(each.value_type, "string"),
            _shortened(each.takes),
        )
        for each in values[:MOST]
    ]


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _arguments() -> Mapping[str, object]:
    """Return the arguments beside which `llm` passes on the options of a prompt."""
    return inspect.signature(llm.Conversation.prompt).parameters
