"""The names of Spaces that `llm` may be about to look up, though nobody has saved them.

`llm` doesn't tell a plugin which model it wants. Whenever it looks for one, it has the plugins
register all that they have, and takes the one of that name from these (`llm.get_model`). So a
plugin that has any number of models has to guess the name. The guess is made of what can be had
without reaching into `llm`:

- The words of the command that runs, as click has parsed them: `llm -m space/owner/name`.
- What `llm` keeps in its folder, in the forms that its documentation gives: the default model, the
  models that aliases stand for, that of a template, and that of a logged conversation.

A program outside of a command makes its own model (`SpaceModel`), or saves the Space.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click
import llm

from ..folders import read_small_file
from .models import PREFIX

_LONGEST = 1100
"""Characters of a name, with what it begins with; the library takes 1000."""

_MOST = 1000
"""Words of a command that are looked at, and conversations."""

_LARGEST = 1 << 20
"""Bytes of a file of `llm`'s."""

_MODEL = re.compile(rf"^model:\s*['\"]?({PREFIX}[^\s'\"]+)", re.MULTILINE)
"""The line of a template that names its model."""

_CONVERSATIONS = """
    select distinct model from turns
    where thread_id = (select max(id) from threads) or thread_id in (select value from json_each(?))
"""
"""The models of the last conversation, and of those whose ids are given."""


def wanted() -> Iterator[str]:
    """Yield the names, as they follow `space/`; some more than once."""
    words = list(islice(_words(), _MOST))
    for name in (*words, *_kept(), *_of_templates(), *_of_conversations(words)):
        if name.startswith(PREFIX) and len(name) <= _LONGEST and name.isprintable():
            yield name.removeprefix(PREFIX)


def _words() -> Iterator[str]:
    """Yield the texts among the values that the running command was given."""
    context = click.get_current_context(silent=True)
    waiting: list[object] = [] if context is None else [*context.params.values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and len(value) <= _LONGEST:
            yield value
        elif isinstance(value, list | tuple):
            waiting += value[:_MOST]


def _kept() -> Iterator[str]:
    """Yield the default model, and what aliases stand for."""
    with contextlib.suppress(OSError, ValueError):
        yield llm.get_default_model()
    with contextlib.suppress(OSError, ValueError, RecursionError):
        aliases: object = json.loads(read_small_file(_folder() / "aliases.json", _LARGEST))
        if isinstance(aliases, dict):
            yield from (model for model in aliases.values() if isinstance(model, str))


def _of_templates() -> Iterator[str]:
    """Yield the models of the templates that the command uses: files, or names of `llm`'s own."""
    context = click.get_current_context(silent=True)
    used = None if context is None else context.params.get("template")
    for name in used if isinstance(used, list | tuple) else [used]:
        if isinstance(name, str):
            with contextlib.suppress(OSError, ValueError):
                file = Path(name)
                if not file.exists():
                    file = _folder() / "templates" / f"{name}.yaml"
                yield from _MODEL.findall(read_small_file(file, _LARGEST).decode())


def _of_conversations(words: Iterable[str]) -> Iterator[str]:
    """Yield the models of those conversations that a command may go on with."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    file = Path(context.params.get("database") or _folder() / "logs.db")
    if not file.is_file():
        return
    with contextlib.suppress(sqlite3.Error):
        database = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(database) as log:
            rows = log.execute(_CONVERSATIONS, [json.dumps(list(words))]).fetchmany(_MOST)
        yield from (model for (model,) in rows if isinstance(model, str))


def _folder() -> Path:
    return Path(llm.user_dir())
