"""Helpers for conversations that are kept: what was said, and what is in their folder."""

from __future__ import annotations

import re
from pathlib import Path

from spacechat import Conversation
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import LogFolder
from spacechat.local import ChatRequest
from spacechat.messages import Messages


def said(request: ChatRequest) -> list[str]:
    """Answer with the initials of some words that were said, in their order."""
    text = "\n".join([*(each["content"] for each in request.history), request.prompt])
    return ["".join(word[0].upper() for word in re.findall("first|second|third|other", text))]


def files(folder: Path) -> list[Path]:
    """The kept conversations, the last one first."""
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def texts(path: Path) -> list[str]:
    return [message["content"] for message in Conversation.load(path).messages]


def talk(*questions: str, model: str = "owner/name") -> Conversation:
    """A conversation with these questions, each with its answer."""
    messages: Messages = []
    for question in questions:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": f"{question}!"})
    return Conversation(session_hash="", messages=messages, model=model)


def keep(keeper: Keeper, *questions: str, model: str = "owner/name") -> None:
    """Keep a conversation with these questions."""
    keeper.keep(talk(*questions, model=model), local=False)


def take_up(folder: LogFolder) -> Keeper:
    """Go on with the last conversation, as another process does."""
    id_ = folder.last()
    return Keeper(folder, id_, folder.load(id_))


def held(folder: LogFolder) -> list[str]:
    """The questions of each conversation, such as `abc`; the oldest first."""
    return ["".join(folder.read(each.id).turns[::2]) for each in reversed(folder.entries())]
