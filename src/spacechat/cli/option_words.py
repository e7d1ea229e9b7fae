"""The library's texts in the words of the command line: `--auth` where they say `auth=`."""

from __future__ import annotations

import json
import os
import re

from ..login import LOGIN

_BY_ARGUMENT = {
    "auth": "--auth",
    "endpoint": "--endpoint",
    "files": "-a",
    "inputs": "-o",
    "output": "--output",
    "sign_in": "--sign-in",
    "timeout": "--timeout",
    "token": "--token",
}
"""The option that stands for each argument."""

_WHOLE = {
    "auth=(user, password)": "--auth USER:PASSWORD",
    "inputs={name: value}": "-o NAME VALUE",
    "api_key=KEY": "in SPACECHAT_API_KEY",
    "port=0": "--port 0",
    "Check proxy= and the proxy variables": "Check the proxy variables",
    "; the partial answer is in partial_text": "",
    "True or False": "true or false",
    "give the client a token": "give a token, by `hf auth login` or in HF_TOKEN",
}
"""Arguments with values, and what is typed for them; nothing for what no option sets."""

_FORMS = (
    (re.compile(r" limits=(?:Limits\([^()]*\))? sets [^.]*\."), ""),
    (re.compile(r"\binputs=\{'([^'{}]*)': ([^{},]*)\}"), r"-o '\1' \2"),
    (re.compile(r"\bauth=\('([^']*)', ?'([^']*)'\)"), r"--auth '\1:\2'"),
    (re.compile(r'client\.ask\("Hi", model="([\w./-]+)"\)'), r'spacechat -m \1 "Hi"'),
    (re.compile(r'client\.find\("(\w+)"\)'), r"spacechat find \1"),
)
"""What is written in Python, and what is typed in its place."""

_ARGUMENT = re.compile(
    rf"(?<![^\s(])(?:(?P<named>{'|'.join(_BY_ARGUMENT)})=(?:True\b|(?P<value>(?=['\"\d])))?"
    r"|files\[\d+\])"
)


def in_options(text: str) -> str:
    """Return a text with options in the place of arguments."""
    for argument, typed in _WHOLE.items():
        text = text.replace(argument, typed)
    for form, typed in _FORMS:
        text = form.sub(typed, text)
    return _ARGUMENT.sub(_option, text)


def error_in_options(error: str) -> str:
    """Return an error in the words of the command line.

    If it is about a login that a variable gives, it names that.
    """
    typed = in_options(error)
    if "--auth" not in typed or LOGIN in typed or not os.environ.get(LOGIN):
        return typed
    return f"{typed} {LOGIN} is set, and stands for --auth where that is not given."


def as_word(value: object) -> str:
    """Return a value of a setting as it is typed: a text in quotes, anything else as JSON."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _option(argument: re.Match[str]) -> str:
    option = _BY_ARGUMENT[argument["named"] or "files"]
    return option if argument["value"] is None else f"{option} "
