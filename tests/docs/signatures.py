"""Leaves out of the reference's signatures what is there for error messages only.

An extension of griffe, which reads the code for the site; `zensical.toml` names it.
"""

from __future__ import annotations

from typing import Any

import griffe

FOR_ERRORS = ("NoReturn", "Unpack[NoOthers]")
"""The types of parameters that take what fits no other, to say what is wrong with it."""


class Signatures(griffe.Extension):
    """Drops these parameters from every function."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Drop them from one, and from its docstring."""
        for parameter in list(func.parameters):
            if str(parameter.annotation) in FOR_ERRORS:
                del func.parameters[parameter.name]
                if func.docstring is not None:
                    name = f"{parameter.name}: "
                    lines = func.docstring.value.splitlines()
                    kept = (each for each in lines if not each.strip().startswith(name))
                    func.docstring.value = "\n".join(kept)
