"""The Gradio chat protocol without I/O: messages, edits, shapes, and the state machine."""

from .machine import PROTOCOLS, TRANSITIONS, State, StreamMachine
from .text import GrowingText, common_prefix

__all__ = ["PROTOCOLS", "TRANSITIONS", "GrowingText", "State", "StreamMachine", "common_prefix"]
