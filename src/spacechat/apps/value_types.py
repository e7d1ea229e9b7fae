"""The types of parameters and returned values, in Python's words, as an app's `/info` says them.

Such a text is `str`, `list[filepath]`, `dict(text: str, files: list[filepath])` or
`Literal['a', 'b'] | None`; older versions of Gradio write `List[...]` and `Dict(...)`. The words of
an app may be anything, so a text that is no type is a name like any other. Nothing here takes more
than linear time for each level of brackets, of which only some are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

FILE = "filepath"
"""The type of a file."""
_JSON = "str | float | bool | list | dict"
"""The type of any JSON, which is anything that a program can send."""
_LONGEST = 2_000
"""Characters of a type that are read."""
_BRIEF = 60
"""Characters of a type that is short."""
_DEEPEST = 5
"""Brackets in brackets that are looked into."""

_SCALARS = (str, int, float)
"""The types of choices that a type can name."""

_TOKENS = re.compile(r"'[^']*'|\"[^\"]*\"|[\[(]|[\])]|[|,]")
_REMARK = re.compile(r"('[^']*'|\"[^\"]*\")|(?<=\w|[\])]) \([^()]*\)")
"""What a value is, in words, as in `str (Path to a local file)`; or a text in quotes."""
_FORM = re.compile(r"(\w+)([\[(])(.*)[\])]", re.DOTALL)
_FIELD = re.compile(r"\s*(\w+)\s*:\s*(.*)", re.DOTALL)


def simplified(text: str) -> str:
    """Return a type without remarks; a dict of what an app knows of a file is a `filepath`."""
    text = text[:_LONGEST] if "(" in text else text
    text = _REMARK.sub(lambda match: match[1] or "", text)
    return _simplified(text, 0) if "path:" in text and "meta:" in text else text


def _simplified(text: str, depth: int) -> str:
    parts = list(_split(text, "|"))
    if len(parts) > 1:
        return " | ".join(_simplified(part, depth) for part in parts)
    form = _FORM.fullmatch(text)
    if form is None or form[1] == "Literal" or depth == _DEEPEST:
        return text
    found = fields(text)
    if {"path", "meta"} <= found.keys():
        return FILE
    inner = (
        ", ".join(f"{name}: {_simplified(each, depth + 1)}" for name, each in found.items())
        if found
        else ", ".join(_simplified(each, depth + 1) for each in _split(form[3], ","))
    )
    return f"{form[1]}{form[2]}{inner}{']' if form[2] == '[' else ')'}"


def brief(text: str, depth: int = 0) -> str:
    """Return a type in a few words: of a long one, neither what is in a dict nor all choices.

    Args:
        text: The type.
        depth: The brackets around it.
    """
    if text == _JSON:
        return "Any"
    if len(text) <= _BRIEF:
        return text
    return " | ".join(dict.fromkeys(_brief(part, depth) for part in _split(text, "|")))


def _brief(text: str, depth: int) -> str:
    form = _FORM.fullmatch(text)
    if len(text) <= _BRIEF or form is None or depth == _DEEPEST:
        return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"
    name, opening, inner = form.groups()
    if opening == "(":
        return name
    parts = list(_split(inner, ","))
    if name == "Literal":
        shown = [each for each in accumulate(parts, "{}, {}".format) if len(each) <= _BRIEF]
        return f"Literal[{', '.join([*shown[-1:], '…'])}]"
    return f"{name}[{', '.join(brief(each, depth + 1) for each in parts)}]"


def alternatives(text: str) -> Sequence[str]:
    """Return the types of which a value may be any: those between `|`."""
    return list(_split(text, "|"))


def items(text: str) -> Sequence[str]:
    """Return the types of the items of a list (one type) or of a tuple; none if it is neither."""
    form = _FORM.fullmatch(text)
    if form is None or form[1].lower() not in ("list", "tuple") or form[2] != "[":
        return ()
    return list(_split(form[3], ","))


def is_list(text: str) -> bool:
    """Return whether it is the type of a list, whatever is in it."""
    return text.lower().startswith("list[")


def fields(text: str) -> Mapping[str, str]:
    """Return the types of a dict's values, by their names; empty if it is none with such names."""
    form = _FORM.fullmatch(text)
    if form is None or form[1].lower() != "dict" or form[2] != "(":
        return {}
    found = (_FIELD.fullmatch(each) for each in _split(form[3], ","))
    return {each[1]: each[2] for each in found if each is not None}


def literal(choices: Sequence[object]) -> str | None:
    """Return the type of a value that is one of some; None if no type can say that in few words."""
    if not choices or not all(each is None or isinstance(each, _SCALARS) for each in choices):
        return None
    text = f"Literal[{', '.join(map(repr, choices))}]"
    return text if len(text) <= _LONGEST else None


def with_literal(text: str, choices: str) -> str:
    """Return a type with another `Literal` in the place of its own, which may be that of a list."""
    parts = list(_split(text, "|"))
    own = ("Literal[", "list[Literal[", "List[Literal[")
    return " | ".join(
        (f"list[{choices}]" if is_list(each) else choices) if each.startswith(own) else each
        for each in parts
    )


def takes_files(text: str) -> bool:
    """Return whether a file may stand anywhere in a value of a type."""
    return re.search(rf"\b{FILE}\b", text) is not None


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the parts between separators that stand in no brackets or quotes."""
    depth = begin = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[(":
            depth += 1
        elif token[0] in "])":
            depth -= 1
        elif token[0] == separator and depth == 0:
            yield text[begin : token.start()].strip()
            begin = token.end()
    if last := text[begin:].strip():
        yield last
