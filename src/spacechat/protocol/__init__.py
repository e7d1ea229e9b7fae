"""The Gradio chat protocol without I/O: messages, edits, readings, and the state machine."""

from .budget import Budget
from .machine import TRANSITIONS, EventMachine, State
from .outputs import Outputs
from .reads import Reads
from .responses import Response
from .stream import PROTOCOLS, ReadAnswer, StreamMachine
from .text import GrowingText, common_prefix
from .values import ReadValues, ValuesMachine

__all__ = [
    "PROTOCOLS",
    "TRANSITIONS",
    "Budget",
    "EventMachine",
    "GrowingText",
    "Outputs",
    "ReadAnswer",
    "ReadValues",
    "Reads",
    "Response",
    "State",
    "StreamMachine",
    "ValuesMachine",
    "common_prefix",
]
