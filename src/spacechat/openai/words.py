"""The library's errors in the words of the API, whose clients know no Python; does no I/O.

Whoever asks over the API can't set what only a program or whoever runs the server can. So what
there is to do is told to the one who can do it, or left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_WHOLE: Final = {
    ": leave out files=": ": leave them out",
    ": pass auth=(user, password)": ", which whoever runs the server has to give it",
    "of auth=.": "that the server has for it.",
    ": leave auth= out. For a private Space, give the client a token.": (
        ", and the server has one for it."
    ),
    "set token= or HF_TOKEN": "whoever runs the server has to set HF_TOKEN",
    "Check proxy= and the proxy variables": "Check the proxy variables",
    "set it to something else with inputs=": "set it to something else with 'inputs'",
    " Ask with sign_in=True to give it your token, with which it can act as you do.": (
        " The API has no way to sign in."
    ),
}
"""What is said to a program, and what the API says in its place."""

_FORMS: Final = (
    (re.compile(r'client\.ask\("Hi", model="([\w./-]+)"\)'), r"it is the model \1"),
    (re.compile(r'client\.find\("(\w+)"\)'), r"`spacechat find \1`"),
    (re.compile(r" (?:limits|timeout)=(?:Limits\([^()]*\))? sets [^.]*\."), ""),
    (re.compile(r" \((?:endpoint|output)=(?:'[^']*'|\d+)\)"), ""),
    (re.compile(r" endpoint= and output= say how to use one of these; "), " "),
    (re.compile(r" If one of these answers all the same, name it by endpoint=; "), " "),
    (re.compile(r" (?:endpoint=|output=)(?: and output=)? (?:says?|takes) [^.]*\."), ""),
)
"""What is written in Python, and what the API says in its place."""

_ADDRESS: Final = re.compile(r"(?<![a-z])[a-z]{2,20}://\S*[^\s)\].,;:!?'\"`]", re.IGNORECASE)
"""A web address, without what ends a sentence."""

_REDIRECT: Final = re.compile(r"(points elsewhere) \(.*\)(, which is not followed)", re.DOTALL)
"""What is said of a redirect, whose target may be any text."""


def in_api_words(text: str) -> str:
    """Return an error of the library as a client of the API is told it."""
    for said, worded in _WHOLE.items():
        text = text.replace(said, worded)
    for form, worded in _FORMS:
        text = form.sub(worded, text)
    return text


def without_places(text: str, places: Iterable[str], name: str) -> str:
    """Return a text with a name in place of every web address, and of what else tells its own.

    Args:
        text: The text.
        places: What tells the address that the name stands for; none if that is no secret.
        name: The name.
    """
    longest_first = sorted(places, key=len, reverse=True)
    if not longest_first:
        return text
    text = _ADDRESS.sub(lambda _: name, _REDIRECT.sub(r"\1\2", text))
    any_of = "|".join(map(_form, longest_first))
    pattern = re.compile(rf"(?<![\w.-])(?:{any_of})(?![\w-])", re.IGNORECASE)
    return pattern.sub(lambda _: name, text)


def _form(place: str) -> str:
    """Return the pattern of a place: a host whose name is a word is one only where hosts stand."""
    form = re.escape(place)
    return rf"(?<=//){form}|(?<=@){form}|{form}(?=:\d)" if place.isalpha() else form
