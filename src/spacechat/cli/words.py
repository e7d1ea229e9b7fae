"""Words of the command line as values for a function's parameters, or for a chat's inputs.

The parameter's type says what a word is: a text as it is, the path or the URL of a file, or JSON. A
file may stand anywhere in JSON: where the type has one, or as Gradio marks one. A word that is no
JSON is the value of what the type begins with, so that `a.png` stands for `[{"image": "a.png"}]`.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from ..apps.endpoints import Parameter
from ..apps.value_types import FILE, alternatives, fields, is_list, items, takes_files
from .terminal.piped_input import PIPE, read_piped, read_piped_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..apps.endpoints import Endpoint
    from ..apps.inspection import InputInfo

_FILES = re.compile(rf"(list\[)*{FILE}\b", re.IGNORECASE)
"""The beginning of the type of a file, or of a list of files."""
_SHOWN = 40
"""Characters of broken JSON that an error shows."""
_YES_NO = {"yes": True, "no": False, "on": True, "off": False}
"""More words for a switch."""
_PYTHON = {"True": True, "False": False, "None": None}
"""Words that are no JSON, but stand in a function's signature."""


def arguments(
    endpoint: Endpoint, words: Sequence[str], named: Sequence[tuple[str, str]]
) -> tuple[list[object], dict[str, object]]:
    """Return the values by position and by name.

    Args:
        endpoint: The function.
        words: The words by position.
        named: Names or labels, each with its word.

    Raises:
        UsageError: A name or standard input is given twice, standard input is no text where one is
            needed, or a word is broken JSON.
    """
    named = [(_parameter_name(endpoint, name), word) for name, word in named]
    _check_names([name for name, _ in named])
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
        UsageError: A name is given twice, a word is broken JSON, or it stands for a file.
    """
    _check_names([name.lower() for name, _ in named])
    by_name: dict[str, Parameter] = {}
    for each in inputs:
        parameter = Parameter(
            each.name, each.name, each.value_type, each.type, False, each.default, each.choices
        )
        for name in (each.name, *each.other_names):
            by_name.setdefault(name.lower(), parameter)
    found = {name: _read(word, by_name.get(name.strip().lower())) for name, word in named}
    for name, given in found.items():
        if _has_file(given):
            raise click.UsageError(f"{name!r} takes a file: files go with a question by -a.")
    return found


def _has_file(found: object) -> bool:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        return any(map(_has_file, found))
    return isinstance(found, Path | bytes)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise click.UsageError(f"{name!r} is given twice.")


def _read(word: str, parameter: Parameter | None) -> object:
    """Return the value of a word, which may stand for standard input."""
    is_file = parameter is not None and _leaf(parameter.type) == FILE
    if word == PIPE and not is_file:
        word = read_piped(wait=True)
    return value(word, parameter)


def value(word: str, parameter: Parameter | None) -> object:
    """Return the value that a word stands for.

    A word that fits nothing is a text, so that the error for it names the word.

    Raises:
        UsageError: It begins as a list or a dict in JSON does, but is broken.
    """
    kind = "" if parameter is None else parameter.type
    if takes_text(kind) or (parameter and word in parameter.choices and not is_list(kind)):
        return word
    if kind == "bool" and word.lower() in _YES_NO:
        return _YES_NO[word.lower()]
    found = None if word == "null" else _from_json(word, is_file=takes_files(kind))
    if isinstance(found, str):
        return _placed(_wrapped(found, kind), kind)
    if found is not None and is_list(kind) and not isinstance(found, list):
        found = [found]
    if parameter and parameter.choices and not is_list(kind) and found not in parameter.choices:
        found = word
    return _placed(found, kind)


def takes_text(kind: str) -> bool:
    """Return whether a word for a type is a text as it is, and not JSON."""
    return {each.lower() for each in alternatives(kind)} in ({"str"}, {"str", "none"})


def _from_json(word: str, *, is_file: bool) -> Any:
    """Return what a word is as JSON, or the word; a number may be the name of a file, too."""
    if is_file and not word.startswith(("[", "{", '"')):
        return _PYTHON.get(word, word)
    try:
        return json.loads(word)
    except (ValueError, RecursionError) as exc:
        if word.startswith(("[", "{")):
            raise click.UsageError(_broken(word, exc)) from exc
        return _PYTHON.get(word, word)


def _broken(word: str, exc: Exception) -> str:
    """Return what is wrong with a word that is meant as JSON, and where."""
    if not isinstance(exc, json.JSONDecodeError):
        return f"{word[:_SHOWN]!r} is JSON that can't be read: {exc}."
    begin = max(0, exc.pos - _SHOWN // 2)
    near = word[begin : begin + _SHOWN]
    return (
        f"An argument is broken JSON: {exc.msg} at character {exc.pos + 1}, near {near!r}. "
        "Texts in JSON need double quotes, which a shell keeps within single ones."
    )


def _wrapped(word: str, kind: str) -> object:
    """Return a word in the lists and dicts that a type has around what it begins with."""
    name, inner = _begin(kind)
    if inner is None:
        return word
    return [_wrapped(word, inner)] if name is None else {name: _wrapped(word, inner)}


def _leaf(kind: str) -> str:
    """Return the type of what a value of a type begins with."""
    _, inner = _begin(kind)
    return next(iter(alternatives(kind)), "") if inner is None else _leaf(inner)


def _begin(kind: str) -> tuple[str | None, str | None]:
    """Return the name and the type of a dict's first value, or None and the type of a list's items.

    A dict counts only if that value is a file, or if all others are. Any other is given as JSON.
    """
    first = next(iter(alternatives(kind)), "")
    if is_list(first):
        return None, next(iter(items(first)), "")
    for name, each in list(fields(first).items())[:1]:
        others = list(fields(first).values())[1:]
        if _FILES.match(each) or (others and all(map(_FILES.match, others))):
            return name, each
    return None, None


def _placed(found: Any, kind: str) -> Any:
    """Return a value with a file in the place of each path or URL of one."""
    kinds = alternatives(kind)
    if isinstance(found, str):
        is_file = FILE in kinds and "str" not in kinds
        return _file(found) if is_file else found
    if isinstance(found, list):
        types = next((types for types in map(items, kinds) if types), ("",))
        last = len(types) - 1
        return [_placed(each, types[min(index, last)]) for index, each in enumerate(found)]
    if isinstance(found, dict):
        if found.get("meta") == {"_type": "gradio.FileData"} and not found.get("url"):
            return _file(str(found.get("path")))
        known = next((each for each in map(fields, kinds) if found.keys() <= each.keys()), {})
        return {name: _placed(each, known.get(name, "")) for name, each in found.items()}
    return found


def _file(word: str) -> Any:
    """Return the file at a path, or what an app takes for a file that it fetches from a URL."""
    if word == PIPE:
        return read_piped_file()
    if not word.startswith(("http://", "https://")):
        return Path(word)
    name = PurePosixPath(unquote(urlsplit(word).path)).name
    meta = {"_type": "gradio.FileData"}
    return {"path": word, "url": word, "orig_name": name or "file", "meta": meta}


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
    leaf = _leaf(kind).partition("(")[0].partition("[")[0].lower()
    examples = {
        "str": parameter.name.upper(),
        FILE: "FILE",
        "float": "1",
        "int": "1",
        "bool": "true",
        "dict": "[]" if is_list(kind) else "{}",
    }
    return examples.get(leaf, "null")
