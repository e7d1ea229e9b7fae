"""Helpers for conversations that are kept: what was said, and what is in their folder."""

from __future__ import annotations

import re
from pathlib import Path

from spacechat import Conversation
from spacechat.local import ChatRequest


def said(request: ChatRequest) -> list[str]:
    """Answer with the initials of some words that were said, in their order."""
    text = "\n".join([*(each["content"] for each in request.history), request.prompt])
    return ["".join(word[0].upper() for word in re.findall("first|second|third|other", text))]


def files(folder: Path) -> list[Path]:
    """The kept conversations, the last one first."""
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def texts(path: Path) -> list[str]:
    return [message["content"] for message in Conversation.load(path).messages]
