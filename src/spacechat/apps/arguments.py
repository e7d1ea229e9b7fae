"""The arguments of a call: what a caller gives for a function's parameters, and what is sent.

Everything is checked before any request: names, number, choices and limits. A path, bytes and an
open file are sent as files, wherever they stand in an argument. A text is always a text, even if
it is the name of a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..errors import InputsError
from ..events import File
from ..protocol.budget import json_length
from ..spelling import did_you_mean
from ..steps import OutgoingFile
from .app import App, Function
from .components import Component
from .endpoint_reader import given_inputs
from .endpoints import Endpoint, Parameter
from .files import file_value, open_file
from .inputs import check_value
from .page import Page
from .value_types import FILE, alternatives

_DEEPEST = 100
"""Lists and dicts around a value of an argument."""
_NAME_FIRST = " The function's name or number comes first, as in call('/predict', 1)."
_ELSEWHERE = {
    "api_name": _NAME_FIRST,
    "fn_index": _NAME_FIRST,
    "timeout": " Beside the Arguments, timeout= limits the wait.",
}
"""Where that is said which some give as an argument."""
_LONGEST = 300
"""Characters of a value that an error repeats."""


_BASIC = frozenset({str, int, float, bool, type(None)})
"""Types of which every value has a JSON form."""


@dataclass(frozen=True, repr=False)
class _Upload:
    """Stands for a file that has to be sent first, by its index."""

    index: int

    def __repr__(self) -> str:
        return "a file"  # As errors name it.


@dataclass(frozen=True, init=False, repr=False)
class Arguments:
    """The arguments of one call, as they would be written in it: `Arguments(1, "add", num2=2)`.

    Args:
        args: Arguments by position.
        kwargs: Arguments by the names of parameters.

    Attributes:
        by_position: See `args`.
        by_name: See `kwargs`.
    """

    by_position: Sequence[object]
    by_name: Mapping[str, object]

    def __init__(self, /, *args: object, **kwargs: object) -> None:
        object.__setattr__(self, "by_position", args)
        object.__setattr__(self, "by_name", kwargs)

    @classmethod
    def of(cls, given: object) -> Arguments:
        """Return what a caller of `map` gives for a call: a tuple has all arguments by position.

        Anything else is the only argument.
        """
        if isinstance(given, Arguments):
            return given
        return cls(*cast("tuple[object, ...]", given)) if isinstance(given, tuple) else cls(given)

    @classmethod
    def of_call(cls, args: Sequence[object], kwargs: Mapping[str, object]) -> Arguments:
        """Return the arguments of a call, for which an `Arguments` may stand alone."""
        match args:
            case [Arguments() as given] if not kwargs:
                return given
        return cls(*args, **kwargs)

    def open(self) -> OpenArguments:
        """Open the files in them.

        Raises:
            InputsError: A file is not there, or an argument is too deep.
        """
        return OpenArguments(self.by_position, self.by_name)

    def __repr__(self) -> str:
        named = [f"{name}={value!r}" for name, value in self.by_name.items()]
        return f"Arguments({', '.join([*map(repr, self.by_position), *named])})"


class OpenArguments:
    """The arguments of a call, with their files taken out.

    Args:
        by_position: Arguments by position.
        by_name: Arguments by the names of parameters.

    Attributes:
        files: The files in them, which have to be sent first.

    Raises:
        InputsError: A file is not there, or an argument is too deep.
    """

    def __init__(self, by_position: Sequence[object], by_name: Mapping[str, object]) -> None:
        self.files: list[OutgoingFile | str] = []
        self._by_position = [
            self._take(f"argument {index + 1}", each) for index, each in enumerate(by_position)
        ]
        self._by_name = {name: self._take(repr(name), each) for name, each in by_name.items()}

    @property
    def values(self) -> list[object]:
        """All arguments, with something small in the place of each file."""
        return [_with_files(each, lambda _: None) for each in self._all()]

    def _all(self) -> list[object]:
        return [*self._by_position, *self._by_name.values()]

    def _take(self, where: str, given: object) -> object:
        def replace(value: object) -> object:
            if isinstance(value, File):
                return value
            if not _is_file(value):
                _check_json(where, value)
                return value
            self.files.append(open_file(where, len(self.files), value))
            return _Upload(len(self.files) - 1)

        return _replaced(where, given, _is_strange, replace)

    def bind(self, endpoint: Endpoint) -> dict[str, object]:
        """Return the arguments by the names of their parameters.

        Raises:
            InputsError: They don't fit; the message says what the endpoint takes.
        """
        parameters = endpoint.parameters
        if len(self._by_position) > len(parameters):
            count = "1 argument" if len(parameters) == 1 else f"{len(parameters)} arguments"
            raise InputsError(
                f"{endpoint.key} takes {count}, not {len(self._by_position)}: {endpoint}."
            )
        names = [each.name for each in parameters]
        bound = dict(zip(names, self._by_position, strict=False))
        for name, value in self._by_name.items():
            if name not in names:
                raise InputsError(
                    f"{endpoint.key} has no parameter {name[:100]!r}."
                    f"{_ELSEWHERE.get(name) or did_you_mean(name, [*names, 'timeout'])} It takes: "
                    f"{endpoint}."
                )
            if name in bound:
                raise InputsError(f"{endpoint.key} got {name!r} both by position and by name.")
            bound[name] = value
        missing = [each for each in parameters if each.required and each.name not in bound]
        if missing:
            raise InputsError(f"{endpoint.key} needs {', '.join(map(_told, missing))}: {endpoint}.")
        return bound

    def inputs(
        self, page: Page, function: Function, endpoint: Endpoint, url: str
    ) -> Callable[[Sequence[object]], list[object]]:
        """Check the arguments; return a function that makes the values to send.

        That function takes the values that the app takes for the files.

        Args:
            page: The page whose values fill what no parameter stands for.
            function: The function.
            endpoint: The function as programs see it.
            url: The app's address.

        Raises:
            InputsError: They don't fit; the message says what the endpoint takes.
        """
        bound = self.bind(endpoint)
        values: list[object] = []  # One for each parameter: two may be of the same component.
        components = given_inputs(page.app, function)
        for component, parameter in zip(components, endpoint.parameters, strict=True):
            if parameter.name not in bound:
                values.append(parameter.default)
                continue
            value = bound[parameter.name]
            if value is not None:
                _check_file(parameter, value)
                check_value(component, value)
            values.append(_as_taken(component, value, page.app))
        taken = {each.id for each in components}

        def filled(sent: Sequence[object]) -> list[object]:
            def replace(file: _Upload | File) -> object:
                return sent[file.index] if isinstance(file, _Upload) else file_value(file, url)

            given = iter(values)
            return [
                _with_files(next(given), replace)
                if id_ in taken
                else page.value(id_)  # A state, or a part of the layout.
                for id_ in function.inputs
            ]

        return filled


def _as_taken(component: Component, value: object, app: App) -> object:
    """Return an argument as its component takes it: a film stands beside its subtitles.

    From Gradio 6 on it stands alone.
    """
    is_file = isinstance(value, _Upload | File) or (isinstance(value, dict) and "path" in value)
    if component.type == "video" and is_file and app.major < 6:
        return {"video": value, "subtitles": None}
    return value


def _told(parameter: Parameter) -> str:
    return f"{parameter.name!r} ({parameter.label}: {parameter.type})"


def _is_file(value: object) -> bool:
    return isinstance(value, bytes | bytearray | memoryview | os.PathLike | File) or callable(
        getattr(value, "read", None)
    )


def _is_strange(value: object) -> bool:
    """Return whether a value may have no JSON form, though there is nothing in it to look at."""
    return type(value) not in _BASIC and not isinstance(
        value, Mapping | list | tuple | set | frozenset
    )


def _check_json(where: str, value: object) -> None:
    """Raise if a value has no JSON form.

    Raises:
        InputsError: It has none.
    """
    try:
        json_length(value)
    except InputsError:
        hint = ""
        if hasattr(value, "to_dict"):
            hint = ' A table is given as {"headers": [...], "data": [...]}.'
        elif hasattr(value, "tolist"):
            hint = " Give its tolist()."
        kind = type(value).__name__
        raise InputsError(f"{where}: a {kind} can't be sent as JSON.{hint}") from None


def _check_file(parameter: Parameter, value: object) -> None:
    """Raise if a file is wanted, and a text is given, or one file instead of a list.

    A URL is left to the app, and so is a file's content as a `data:` URL.

    Raises:
        InputsError: No app would take the value.
    """
    wanted = {each for each in alternatives(parameter.type) if each != "None"}
    if wanted == {FILE} and isinstance(value, str):
        if not value.startswith(("http://", "https://", "data:")):
            raise InputsError(
                f"{parameter.name!r} takes a file, and a text is no file: give "
                f"Path({value[:_LONGEST]!r})."
            )
    elif wanted == {f"list[{FILE}]"} and isinstance(value, _Upload | File):
        raise InputsError(f"{parameter.name!r} takes a list of files: put the file in [].")


def _with_files(value: object, replace: Callable[[_Upload | File], object]) -> object:
    return _replaced("", value, lambda each: isinstance(each, _Upload | File), cast("Any", replace))


def _replaced(
    where: str,
    value: object,
    is_wanted: Callable[[object], bool],
    replace: Callable[[object], object],
    depth: int = 0,
) -> object:
    """Return a value in which some, at any depth, are replaced; lists and dicts are new ones."""
    if depth > _DEEPEST:
        raise InputsError(f"{where} holds itself, or is deeper than {_DEEPEST} lists and dicts.")
    if is_wanted(value):
        return replace(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {key: _replaced(where, each, is_wanted, replace, depth + 1) for key, each in items}
    if isinstance(value, list | tuple | set | frozenset):
        parts = cast("Iterable[object]", value)
        return [_replaced(where, each, is_wanted, replace, depth + 1) for each in parts]
    return value
