"""Words of the command line as arguments, and the line that calls a function with some."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click

from ..apps import typed_words
from ..apps.typed_words import check_names, file_at, leaf, value
from ..apps.value_types import FILE, is_list
from .terminal.piped_input import PIPE, read_piped, read_piped_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..apps.endpoints import Endpoint, Parameter
    from ..apps.inspection import InputInfo


def arguments(
    endpoint: Endpoint, words: Sequence[str], named: Sequence[tuple[str, str]]
) -> tuple[list[object], dict[str, object]]:
    """Return the values by position and by name.

    Args:
        endpoint: The function.
        words: The words by position.
        named: Names or labels, each with its word.

    Raises:
        UsageError: Standard input is given twice, or is no text where one is needed.
        InputsError: A name is given twice, or a word is broken JSON.
    """
    named = [(_parameter_name(endpoint, name), word) for name, word in named]
    check_names([name for name, _ in named])
    if [*words, *(word for _, word in named)].count(PIPE) > 1:
        raise click.UsageError("- is standard input, which can be given to one argument only.")
    by_position = dict(enumerate(endpoint.parameters))
    by_name = {each.name: each for each in endpoint.parameters}
    return (
        [_read(word, by_position.get(index)) for index, word in enumerate(words)],
        {name: _read(word, by_name.get(name)) for name, word in named},
    )


def _parameter_name(endpoint: Endpoint, name: str) -> str:
    """Return the name of the parameter that a name or a label means; what means none stays."""
    if any(each.name == name for each in endpoint.parameters):
        return name
    label = name.strip().lower()
    found = [each.name for each in endpoint.parameters if each.label.strip().lower() == label]
    return found[0] if len(found) == 1 else name


def chat_inputs(inputs: Sequence[InputInfo], named: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return the values of a chat's inputs, as `inputs=` takes them.

    Args:
        inputs: The inputs that can be set.
        named: Names, each with its word.

    Raises:
        UsageError: Standard input is no text.
        InputsError: A name is given twice, a word is broken JSON, or it stands for a file.
    """
    return typed_words.chat_inputs(inputs, named, _read)


def _read(word: str, parameter: Parameter | None) -> object:
    """Return the value of a word, which may stand for standard input."""
    is_file = parameter is not None and leaf(parameter.type) == FILE
    if word == PIPE and not is_file:
        word = read_piped(wait=True)
    return value(word, parameter, _file)


def _file(word: str) -> Any:
    """Return the file that a word stands for, which may be standard input."""
    return read_piped_file() if word == PIPE else file_at(word)


def call_line(url: str, endpoint: Endpoint, *, needs_login: bool = False) -> str:
    """Return a command that calls a function, with an example for each argument that it needs.

    Args:
        url: The app; a user in its address is left to be filled in.
        endpoint: The function.
        needs_login: Whether a user and a password have to be given.
    """
    by_position: list[str] = []
    by_name: list[str] = []
    for index, each in enumerate(endpoint.parameters):
        if each.required and index == len(by_position):
            by_position.append(_example(each))
        elif each.required:
            by_name += ["-o", each.name, _example(each)]
    login = ["--auth", "USER:PASSWORD"] if needs_login else []
    options = [*by_name, *login]
    words = ["spacechat", "call", url, endpoint.key]
    if any(each.startswith("-") for each in by_position):
        words += [*options, "--", *by_position]
    else:
        words += [*by_position, *options]
    return " ".join(map(shlex.quote, words))


def _example(parameter: Parameter) -> str:
    """Return a word that a parameter might be given; it says what it stands for where it must."""
    if parameter.choices:
        first = parameter.choices[0]
        return first if isinstance(first, str) else json.dumps(first, ensure_ascii=False)
    kind = parameter.type
    kind_of_word = leaf(kind).partition("(")[0].partition("[")[0].lower()
    examples = {
        "str": parameter.name.upper(),
        FILE: "FILE",
        "float": "1",
        "int": "1",
        "bool": "true",
        "dict": "[]" if is_list(kind) else "{}",
    }
    return examples.get(kind_of_word, "null")
