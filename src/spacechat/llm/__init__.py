"""Spaces as models of `llm`, Simon Willison's command line and library: `llm -m space/owner/name`.

`llm` finds the plugin by its entry point. The plugin gives it models (`models`), among them those
that the user has saved (`saved`) and those that are about to be looked up (`names`), and the
commands `llm space …` (`commands`). A prompt becomes a question in `question`, and a Space's events
become `llm`'s in `answer`.

`llm.get_model` knows the Spaces that were saved. A program that wants another makes its model:

Example:
    >>> from spacechat.llm import SpaceModel  # doctest: +SKIP
    >>> SpaceModel("owner/name").prompt("Hi").text()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import SpaceError
    from .models import AsyncSpaceModel, SpaceModel

__all__ = ["AsyncSpaceModel", "SpaceError", "SpaceModel"]

_HOME = {"AsyncSpaceModel": "models", "SpaceError": "errors", "SpaceModel": "models"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
