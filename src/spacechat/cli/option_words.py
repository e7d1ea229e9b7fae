"""The library's texts in the words of the command line: `--auth` where they say `auth=`."""

from __future__ import annotations

import re

_BY_ARGUMENT = {
    "auth": "--auth",
    "endpoint": "--endpoint",
    "files": "-a",
    "inputs": "-o",
    "output": "--output",
    "sign_in": "--sign-in",
    "timeout": "--timeout",
}
"""The option that stands for each argument."""

_WHOLE = {
    "auth=(user, password)": "--auth USER:PASSWORD",
    "inputs={name: value}": "-o NAME VALUE",
}
"""Arguments with values, and what is typed for them."""

_CALLS = (
    (re.compile(r'client\.ask\("Hi", model="([\w./-]+)"\)'), r'spacechat -m \1 "Hi"'),
    (re.compile(r'client\.find\("(\w+)"\)'), r"spacechat find \1"),
)
"""Calls of the library, and the commands that do the same."""

_ARGUMENT = re.compile(
    rf"(?<![^\s(])(?:(?P<named>{'|'.join(_BY_ARGUMENT)})=(?:True\b|(?P<value>(?=['\"\d])))?"
    r"|files\[\d+\])"
)


def in_options(text: str) -> str:
    """Return a text with options in the place of arguments."""
    for argument, typed in _WHOLE.items():
        text = text.replace(argument, typed)
    for call, command in _CALLS:
        text = call.sub(command, text)
    return _ARGUMENT.sub(_option, text)


def _option(argument: re.Match[str]) -> str:
    option = _BY_ARGUMENT[argument["named"] or "files"]
    return option if argument["value"] is None else f"{option} "
