"""A chat Space on this machine: a real HTTP server that speaks Gradio's chat wire.

For trying the library without a network, for tests and for measurements. Importing this package
is cheap; starlette and uvicorn (``pip install "spacechat[local]"``) load when a space starts.

Examples:
    >>> with LocalSpace("qwen-2.5", ["Hel", "lo"]) as space:  # doctest: +SKIP
    ...     print(space.url)
    http://127.0.0.1:43121
"""

from .shapes import SHAPES
from .space import LocalSpace
from .values import PROTOCOLS, ChatRequest, Json, ReceivedRequest, Reply

__all__ = [
    "PROTOCOLS",
    "SHAPES",
    "ChatRequest",
    "Json",
    "LocalSpace",
    "ReceivedRequest",
    "Reply",
]
