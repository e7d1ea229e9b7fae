"""Words of the command line as values for a function's parameters."""

from __future__ import annotations

import json
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
    kind = "" if parameter is None else parameter.type
    if kind == "str" or kind.startswith(("str ", "Literal['")):
        return word
    if kind == "filepath":
        return Path(word)
    try:
        found = json.loads(word)
    except ValueError:
        found = word
    return _files(found, anywhere="filepath" in kind)


def _files(found: Any, *, anywhere: bool) -> Any:
    """Return a value with `Path`s where it names files to be sent.

    Args:
        found: The value.
        anywhere: Whether every text in it is a path; otherwise only what is marked as a file.
    """
    if isinstance(found, str):
        return Path(found) if anywhere else found
    if isinstance(found, list):
        return [_files(each, anywhere=anywhere) for each in found]
    if isinstance(found, dict):
        if found.get("meta") == {"_type": "gradio.FileData"} and "url" not in found:
            return Path(str(found.get("path")))
        return {name: _files(each, anywhere=anywhere) for name, each in found.items()}
    return found
