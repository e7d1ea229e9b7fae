"""A Gradio app, from its description of itself to a conversation as on its page. No I/O.

`config` reads the description into an `App`. `choice` picks the way in which a person would chat
with it, out of those that `search` turns up. `ask` puts a question to it as its page would, by
steps that others carry out; `known` and `hub` get there, with a login and by a Space's id.
"""

from __future__ import annotations

from .app import App, Function
from .choice import find_way
from .components import Component
from .config import parse_config
from .inspection import Inspection, inspect
from .page import Page
from .ways import Way

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
