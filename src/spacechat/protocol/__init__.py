"""The Gradio chat protocol without I/O: messages, edits, shapes, and the state machine."""

from .answer import PROTOCOLS, StreamMachine
from .budget import Budget
from .machine import TRANSITIONS, State
from .text import GrowingText, common_prefix

__all__ = [
    "PROTOCOLS",
    "TRANSITIONS",
    "Budget",
    "GrowingText",
    "State",
    "StreamMachine",
    "common_prefix",
]
