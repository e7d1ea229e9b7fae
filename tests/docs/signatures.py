"""Leaves parameters that exist only for error messages out of the reference.

An extension of griffe, which reads the code for the site; `zensical.toml` names it.
"""

from __future__ import annotations

from typing import Any

import griffe

FOR_ERRORS = ("NoReturn", "Unpack[NoOthers]")
"""The types of parameters that catch wrong arguments, to explain what is wrong with them."""


class Signatures(griffe.Extension):
    """Drops these parameters from every function, and from its docstring."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Drop them from one."""
        for parameter in list(func.parameters):
            if str(parameter.annotation) in FOR_ERRORS:
                del func.parameters[parameter.name]
                _forget(func.docstring, parameter.name)
                if func.name == "__init__" and func.parent is not None:
                    _forget(func.parent.docstring, parameter.name)


def _forget(docstring: griffe.Docstring | None, name: str) -> None:
    """Drop the line about a parameter from a docstring."""
    if docstring is not None:
        lines = docstring.value.splitlines()
        kept = (each for each in lines if not each.strip().startswith(f"{name}: "))
        docstring.value = "\n".join(kept)
