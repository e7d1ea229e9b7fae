"""The library's errors in the words of the command line: `--auth` where they say `auth=`."""

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

_LOGIN = "auth=(user, password)"
_ARGUMENT = re.compile(
    rf"(?<![\w.-])(?:(?P<named>{'|'.join(_BY_ARGUMENT)})=(?:True\b|(?P<value>(?=['\"\d])))?"
    r"|files\[\d+\])"
)


def in_options(text: str) -> str:
    """Return an error's text with options in the place of arguments."""
    return _ARGUMENT.sub(_option, text.replace(_LOGIN, "--auth USER:PASSWORD"))


def _option(argument: re.Match[str]) -> str:
    option = _BY_ARGUMENT[argument["named"] or "files"]
    return option if argument["value"] is None else f"{option} "
