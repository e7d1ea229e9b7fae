"""The library's errors as `llm` shows them: in one line, in its words, without a traceback."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

import click
import llm

from ..errors import SpaceChatError
from ..login import LOGIN
from ..sanitize import one_line

_WHOLE: Final = {
    "pass auth=(user, password)": f"set {LOGIN} to USER:PASSWORD",
    "with auth=(user, password)": f"with {LOGIN}=USER:PASSWORD",
    "auth=": LOGIN,
    "give the client a token": "give a token, by `hf auth login` or in HF_TOKEN",
    "set token= or HF_TOKEN": "set HF_TOKEN",
    "Check proxy= and the proxy variables": "Check the proxy variables",
    " Ask with sign_in=True to give it your token, with which it can act as you do.": (
        " llm has no way to sign in."
    ),
}
"""What is said to a program, and what is said of `llm` in its place."""

_FORMS: Final = (
    (re.compile(r" (?:limits|timeout)=(?:Limits\([^()]*\))? sets [^.]*\."), ""),
    (re.compile(r"\b(endpoint|output)=(?=['\"\d])"), r"-o \1 "),
    (re.compile(r"\b(endpoint|output)="), r"-o \1"),
    (re.compile(r"\binputs="), "-o"),
)
"""What is written in Python, and what is typed in its place."""


class SpaceError(llm.ModelError, click.ClickException):
    """A Space gave no complete answer; the cause is spacechat's own error, whose type says why.

    `llm prompt` shows any error in one line. `llm chat` shows a traceback, unless it is an error of
    click's, so this one is both.
    """


@contextlib.contextmanager
def in_words_of_llm() -> Iterator[None]:
    """Turn the library's errors into `SpaceError`.

    Raises:
        SpaceError: The block raised an error of the library's, or can't write a file.
    """
    try:
        yield
    except (SpaceChatError, OSError) as exc:
        raise space_error(str(exc)) from exc


def space_error(text: str) -> SpaceError:
    """Return the error that says what the library says."""
    for said, worded in _WHOLE.items():
        text = text.replace(said, worded)
    for form, typed in _FORMS:
        text = form.sub(typed, text)
    # A terminal must not obey control characters of a Space.
    return SpaceError(one_line(text))
