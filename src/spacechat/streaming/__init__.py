"""The one loop that asks a Space, and reads its answer or its values."""

from __future__ import annotations

from .chat_stream import AsyncChatStream
from .reply import Reply, Timings
from .result import Result
from .run import AsyncRun

__all__ = ["AsyncChatStream", "AsyncRun", "Reply", "Result", "Timings"]
