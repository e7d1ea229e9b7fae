"""How a person would chat with a Gradio app, found by what its `/config` says. No I/O.

`config` reads the app's description, `chat` finds the way to chat, `page` acts as the page in a
browser would, `inputs` sets components by hand.
"""

from __future__ import annotations

from .config import App, Component, Dependency, parse_config
from .inspection import Inspection, inspect
from .page import Page
from .ways import Chat, find_chat

__all__ = [
    "App",
    "Chat",
    "Component",
    "Dependency",
    "Inspection",
    "Page",
    "find_chat",
    "inspect",
    "parse_config",
]
