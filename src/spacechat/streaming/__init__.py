"""The one loop that asks a Space and reads its answer."""

from __future__ import annotations

from .chat_stream import AsyncChatStream, Reply, Timings

__all__ = ["AsyncChatStream", "Reply", "Timings"]
