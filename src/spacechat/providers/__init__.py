"""The chat Spaces that are known by name, and the means to add others."""

from __future__ import annotations

from ..apps.options import ChatOptions
from ..messages import Conversation as JsonConversation
from ..messages import Message, Messages
from .base import AsyncAskable, AsyncProvider
from .generator import AsyncTextGenerator
from .gradio_chat import GradioChat
from .piece import TextPiece
from .pinned import Pinned
from .question import Question
from .qwen_2_5 import Qwen_Qwen_2_5
from .qwen_2_5_1m import Qwen_Qwen_2_5M
from .qwen_2_5_max import Qwen_Qwen_2_5_Max
from .qwen_2_72b import Qwen_Qwen_2_72B
from .registry import DEFAULT, PROVIDERS, candidates, find, models
from .space import Space

__all__ = [
    "DEFAULT",
    "PROVIDERS",
    "AsyncAskable",
    "AsyncProvider",
    "AsyncTextGenerator",
    "ChatOptions",
    "GradioChat",
    "JsonConversation",
    "Message",
    "Messages",
    "Pinned",
    "Question",
    "Qwen_Qwen_2_5",
    "Qwen_Qwen_2_5M",
    "Qwen_Qwen_2_5_Max",
    "Qwen_Qwen_2_72B",
    "Space",
    "TextPiece",
    "candidates",
    "find",
    "models",
]
