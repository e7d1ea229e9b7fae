"""Stream chat answers from Hugging Face Spaces, token by token and exactly.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .version import __version__

if TYPE_CHECKING:
    from . import errors, events, protocol, providers, sync
    from .apps import Inspection
    from .apps.arguments import Arguments
    from .apps.found import FoundSpace
    from .client.app import AsyncApp, AsyncAppSession
    from .client.chat import AsyncChat
    from .client.client import AsyncClient
    from .client.lanes import Rate
    from .client.map import AsyncMap
    from .client.map_results import CallResult, MapResult
    from .client.prompt import Prompt
    from .errors import (
        AuthenticationError,
        ChatNotFoundError,
        GenerationError,
        InputsError,
        MessagesError,
        ModelNotFoundError,
        ProtocolError,
        QueueFullError,
        QuotaExceededError,
        RateLimitError,
        SettingsFileError,
        SpaceChatError,
        SpaceUnavailableError,
        StreamInterruptedError,
        StreamTimeoutError,
    )
    from .events import RemoteFile
    from .messages import Conversation
    from .notebook.display import display
    from .providers import models
    from .providers.health import Health
    from .settings import Limits, Timeout
    from .streaming import AsyncChatStream, AsyncRun, Reply, Result
    from .sync import App, AppSession, Chat, ChatStream, Client, Map, Run, ask, call, stream

_HOME = {
    "App": "sync.client.app",
    "Arguments": "apps.arguments",
    "AppSession": "sync.client.app",
    "AsyncApp": "client.app",
    "AsyncAppSession": "client.app",
    "AsyncRun": "streaming",
    "CallResult": "client.map_results",
    "RemoteFile": "events",
    "Result": "streaming",
    "Run": "sync.streaming.run",
    "SettingsFileError": "errors",
    "call": "sync.shortcuts",
    "AsyncChat": "client.chat",
    "AsyncChatStream": "streaming",
    "AsyncClient": "client.client",
    "AsyncMap": "client.map",
    "AuthenticationError": "errors",
    "Chat": "sync.client.chat",
    "ChatNotFoundError": "errors",
    "ChatStream": "sync.streaming.chat_stream",
    "Client": "sync.client.client",
    "Conversation": "messages",
    "FoundSpace": "apps.found",
    "GenerationError": "errors",
    "Health": "providers.health",
    "InputsError": "errors",
    "Inspection": "apps",
    "Limits": "settings",
    "Map": "sync.client.map",
    "MapResult": "client.map_results",
    "MessagesError": "errors",
    "ModelNotFoundError": "errors",
    "Prompt": "client.prompt",
    "ProtocolError": "errors",
    "QueueFullError": "errors",
    "QuotaExceededError": "errors",
    "Rate": "client.lanes",
    "RateLimitError": "errors",
    "Reply": "streaming",
    "SpaceChatError": "errors",
    "SpaceUnavailableError": "errors",
    "StreamInterruptedError": "errors",
    "StreamTimeoutError": "errors",
    "Timeout": "settings",
    "ask": "sync.shortcuts",
    "display": "notebook.display",
    "load_ipython_extension": "notebook.magics",
    "models": "providers",
    "stream": "sync.shortcuts",
}
_MODULES = ("errors", "events", "local", "openai", "protocol", "providers", "sync")

__all__ = [
    "App",
    "AppSession",
    "Arguments",
    "AsyncApp",
    "AsyncAppSession",
    "AsyncChat",
    "AsyncChatStream",
    "AsyncClient",
    "AsyncMap",
    "AsyncRun",
    "AuthenticationError",
    "CallResult",
    "Chat",
    "ChatNotFoundError",
    "ChatStream",
    "Client",
    "Conversation",
    "FoundSpace",
    "GenerationError",
    "Health",
    "InputsError",
    "Inspection",
    "Limits",
    "Map",
    "MapResult",
    "MessagesError",
    "ModelNotFoundError",
    "Prompt",
    "ProtocolError",
    "QueueFullError",
    "QuotaExceededError",
    "Rate",
    "RateLimitError",
    "RemoteFile",
    "Reply",
    "Result",
    "Run",
    "SettingsFileError",
    "SpaceChatError",
    "SpaceUnavailableError",
    "StreamInterruptedError",
    "StreamTimeoutError",
    "Timeout",
    "__version__",
    "ask",
    "call",
    "display",
    "errors",
    "events",
    "models",
    "protocol",
    "providers",
    "stream",
    "sync",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        value: object = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    elif name in _MODULES:
        value = importlib.import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
