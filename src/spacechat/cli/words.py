"""Words of the command line as values for a function's parameters."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..apps.endpoints import Endpoint, Parameter


def arguments(
    endpoint: Endpoint, words: Sequence[str], named: Sequence[tuple[str, str]]
) -> tuple[list[object], dict[str, object]]:
    """Return the values by position and by name.

    Args:
        endpoint: The function.
        words: The words by position.
        named: Names, each with its word.

    Raises:
        UsageError: A name is given twice.
    """
    parameters = {each.name: each for each in endpoint.parameters}
    values = [
        value(word, endpoint.parameters[index] if index < len(endpoint.parameters) else None)
        for index, word in enumerate(words)
    ]
    by_name: dict[str, object] = {}
    for name, word in named:
        if name in by_name:
            raise click.UsageError(f"{name!r} is given twice.")
        by_name[name] = value(word, parameters.get(name))
    return values, by_name


def value(word: str, parameter: Parameter | None) -> object:
    """Return the value that a word stands for.

    A text is taken as it is, the path of a file as the file. Anything else is read as JSON, or as
    a text where it is none, so that the error for it names the word.
    """
    kind = "" if parameter is None else parameter.type.lower()
    if kind == "filepath":
        return Path(word)
    if kind in ("str", "str | none") or (parameter and word in parameter.choices):
        return word
    try:
        found = json.loads(word)
    except ValueError:
        found = [word] if kind == "list[filepath]" else word
    if kind == "list[filepath]" and isinstance(found, list):
        return [Path(each) if isinstance(each, str) else _with_files(each) for each in found]
    return _with_files(found)


def _with_files(found: Any) -> Any:
    """Return a value with a `Path` wherever it names a file as Gradio marks one."""
    if isinstance(found, list):
        return [_with_files(each) for each in found]
    if isinstance(found, dict):
        if found.get("meta") == {"_type": "gradio.FileData"} and "url" not in found:
            return Path(str(found.get("path")))
        return {name: _with_files(each) for name, each in found.items()}
    return found


def call_line(url: str, endpoint: Endpoint) -> str:
    """Return a command that calls a function, with an example for each argument that it needs."""
    by_position: list[str] = []
    by_name: list[str] = []
    for index, each in enumerate(endpoint.parameters):
        if each.required and index == len(by_position):
            by_position.append(_example(each))
        elif each.required:
            by_name += ["-o", each.name, _example(each)]
    words = ["spacechat", "call", url, endpoint.key, *by_position, *by_name]
    return " ".join(map(shlex.quote, words))


def _example(parameter: Parameter) -> str:
    """Return a word that a parameter might be given; it says what it stands for where it must."""
    if parameter.choices:
        first = parameter.choices[0]
        return first if isinstance(first, str) else json.dumps(first, ensure_ascii=False)
    kind = parameter.type.lower()
    examples = {"float": "1", "int": "1", "bool": "true", "str": parameter.name.upper()}
    if "filepath" in kind:
        return "FILE"
    return examples.get(kind, "null")
