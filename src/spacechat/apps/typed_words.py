"""Words that a person types, as values for a function's parameters or for a chat's inputs.

The parameter's type says what a word is: a text as it is, the path or the URL of a file, or JSON. A
file may stand anywhere in JSON: where the type has one, or as Gradio marks one. A word that is no
JSON is the value of what the type begins with, so that `a.png` stands for `[{"image": "a.png"}]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..errors import InputsError
from .endpoints import Parameter
from .value_types import FILE, alternatives, fields, is_list, items, takes_files

if TYPE_CHECKING:
    from .inspection import InputInfo

_FILES = re.compile(rf"(list\[)*{FILE}\b", re.IGNORECASE)
"""The beginning of the type of a file, or of a list of files."""
_SHOWN = 40
"""Characters of broken JSON that an error shows."""
_YES_NO = {"yes": True, "no": False, "on": True, "off": False}
"""More words for a switch."""
_PYTHON = {"True": True, "False": False, "None": None}
"""Words that are no JSON, but stand in a function's signature."""


def chat_inputs(
    inputs: Sequence[InputInfo],
    named: Sequence[tuple[str, str]],
    read: Callable[[str, Parameter | None], object] | None = None,
) -> dict[str, object]:
    """Return the values of a chat's inputs, as `inputs=` takes them.

    Args:
        inputs: The inputs that can be set.
        named: Names, each with its word.
        read: Returns the value that a word stands for. None: `value`.

    Raises:
        InputsError: A name is given twice, a word is broken JSON, or it stands for a file.
    """
    check_names([name.lower() for name, _ in named])
    by_name: dict[str, Parameter] = {}
    for each in inputs:
        parameter = Parameter(
            each.name, each.name, each.value_type, each.type, False, each.default, each.choices
        )
        for name in (each.name, *each.other_names):
            by_name.setdefault(name.lower(), parameter)
    read = read or value
    found = {name: read(word, by_name.get(name.strip().lower())) for name, word in named}
    for name, given in found.items():
        if _has_file(given):
            raise InputsError(f"{name!r} takes a file: files go with a question by -a.")
    return found


def _has_file(found: object) -> bool:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        return any(map(_has_file, found))
    return isinstance(found, Path | bytes)


def check_names(names: Sequence[str]) -> None:
    """Raise if a name is given twice.

    Raises:
        InputsError: It is.
    """
    for name in names:
        if names.count(name) > 1:
            raise InputsError(f"{name!r} is given twice.")


def value(
    word: str, parameter: Parameter | None, as_file: Callable[[str], Any] | None = None
) -> object:
    """Return the value that a word stands for.

    A word that fits nothing is a text, so that the error for it names the word.

    Args:
        word: The word.
        parameter: What it is for, or None where nothing is known of that.
        as_file: Returns the file that a word stands for where one is wanted. None: `file_at`.

    Raises:
        InputsError: It begins as a list or a dict in JSON does, but is broken or too deep.
    """
    kind = "" if parameter is None else parameter.type
    as_file = as_file or file_at
    if takes_text(kind) or (parameter and word in parameter.choices and not is_list(kind)):
        return word
    if kind == "bool" and word.lower() in _YES_NO:
        return _YES_NO[word.lower()]
    found = None if word == "null" else _from_json(word, is_file=takes_files(kind))
    if isinstance(found, str):
        return _placed(_wrapped(found, kind), kind, as_file)
    if found is not None and is_list(kind) and not isinstance(found, list):
        found = [found]
    if parameter and parameter.choices and not is_list(kind) and found not in parameter.choices:
        found = word
    try:
        return _placed(found, kind, as_file)
    except RecursionError as exc:
        raise InputsError(_broken(word, exc)) from exc


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
            raise InputsError(_broken(word, exc)) from exc
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


def leaf(kind: str) -> str:
    """Return the type of what a value of a type begins with."""
    _, inner = _begin(kind)
    return next(iter(alternatives(kind)), "") if inner is None else leaf(inner)


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


def _placed(found: Any, kind: str, as_file: Callable[[str], Any]) -> Any:
    """Return a value with a file in the place of each path or URL of one."""
    kinds = alternatives(kind)
    if isinstance(found, str):
        is_file = FILE in kinds and "str" not in kinds
        return as_file(found) if is_file else found
    if isinstance(found, list):
        types = next((types for types in map(items, kinds) if types), ("",))
        last = len(types) - 1
        return [_placed(each, types[min(index, last)], as_file) for index, each in enumerate(found)]
    if isinstance(found, dict):
        if found.get("meta") == {"_type": "gradio.FileData"} and not found.get("url"):
            return as_file(str(found.get("path")))
        known = next((each for each in map(fields, kinds) if found.keys() <= each.keys()), {})
        return {name: _placed(each, known.get(name, ""), as_file) for name, each in found.items()}
    return found


def file_at(word: str) -> Any:
    """Return the file at a path, or what an app takes for a file that it fetches from a URL."""
    if not word.startswith(("http://", "https://")):
        return Path(word)
    name = PurePosixPath(unquote(urlsplit(word).path)).name
    meta = {"_type": "gradio.FileData"}
    return {"path": word, "url": word, "orig_name": name or "file", "meta": meta}
