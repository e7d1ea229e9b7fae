"""How a person would chat with a Gradio app, found by what its `/config` says. No I/O.

`config` reads the app's description, `chat` finds the way to chat, `page` acts as the page in a
browser would, `inputs` sets components by hand.
"""

from __future__ import annotations

from .config import App, Component, Function, parse_config
from .inspection import Inspection, inspect
from .page import Page
from .ways import Way, find_way

__all__ = [
    "App",
    "Component",
    "Function",
    "Inspection",
    "Page",
    "Way",
    "find_way",
    "inspect",
    "parse_config",
]
