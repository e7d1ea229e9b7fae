"""The Gradio chat protocol without I/O: messages, edits, readings, and the state machine."""

from .budget import Budget
from .machine import TRANSITIONS, State
from .outputs import Outputs
from .stream import PROTOCOLS, StreamMachine
from .text import GrowingText, common_prefix

__all__ = [
    "PROTOCOLS",
    "TRANSITIONS",
    "Budget",
    "GrowingText",
    "Outputs",
    "State",
    "StreamMachine",
    "common_prefix",
]
