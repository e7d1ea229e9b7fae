"""Which interactive shell runs this code.

A running shell has been imported already, so nothing is imported to find out.
"""

from __future__ import annotations

import enum
import sys
from typing import Any


class Shell(enum.Enum):
    """What shows the values of the cells that a user runs."""

    JUPYTER = "a notebook, by a kernel of IPython"
    TERMINAL = "IPython in a terminal"
    MARIMO = "a marimo notebook that is edited or served as an app"
    NONE = "none of these, such as a script"


def current_shell() -> Shell:
    """Return the shell that runs this code."""
    marimo = sys.modules.get("marimo")
    # `import marimo` in progress, by another thread, has no such function yet.
    if getattr(marimo, "running_in_notebook", bool)():
        return Shell.MARIMO
    shell = ipython()
    if shell is None:
        return Shell.NONE
    return Shell.TERMINAL if getattr(shell, "kernel", None) is None else Shell.JUPYTER


def ipython() -> Any:
    """Return IPython's `InteractiveShell`, or None where there is none."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
