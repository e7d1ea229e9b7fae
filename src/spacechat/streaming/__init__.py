"""The one loop that asks a Space and reads its answer."""

from __future__ import annotations

from .chat_stream import AsyncChatStream
from .reply import Reply, Timings

__all__ = ["AsyncChatStream", "Reply", "Timings"]
