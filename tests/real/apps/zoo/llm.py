"""What stands in for a language model in these apps: it tells what it was given, piece by piece.

The table of the tests imports it too, to know what each app must answer. No dependencies.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Text that is hard to stream; each is as a Chatbot that tidies text leaves it, but the last.
FLAVORS: dict[str, list[str]] = {
    "words": ["The", " sky", " is", " blue", ",", " so", " far", "."],
    "repeats": ["ha", "ha", "ha", " ", "ha", "ha", "hahaha", "ha", "!"],
    "brackets": ["See", " [1] ", "[2, 3]", "[1]", "[1]", " {}", "[", "]", " end"],
    "cjk": ["你", "好", "，", "世界", "。", "こんにちは", "안녕", "𠮷", "𠮷野家"],
    "emoji": ["👩‍👩‍👧‍👦", "🇫🇷", "👍🏽", " ", "🌍", "🌍", "❤️", " ok"],
    "markdown": ["# T\n", "\n", "- a\n", "  - b\n", "\n\n", "| a |\n", "|---|\n", "\n1. *x*"],
    "code": ["```python\n", "def f(x):\n", "    return [x]\n", "```\n", "\n\n", "done", "."],
    "indented": ["    four\n", "    four\n", "\n", "      six\n", "    four"],
}


def told(message: str, history: Any = (), **settings: Any) -> str:
    """Return the line that every answer begins with."""
    before = turns(history)
    line = f"You said: {message} | turn {len(before) + 1}"
    if before:
        user, bot = before[-1]
        line += f" | before: {user} -> {bot.split(' | ')[0]}"
    return line + "".join(f" | {name}: {value}" for name, value in settings.items())


def answer(message: str, history: Any = (), flavor: str = "words", **settings: Any) -> str:
    """Return the whole answer."""
    return "".join(_pieces(message, history, flavor, settings))


def stream(
    message: str, history: Any = (), flavor: str = "words", **settings: Any
) -> Iterator[str]:
    """Yield the pieces of the answer, each a little after the one before."""
    for piece in _pieces(message, history, flavor, settings):
        time.sleep(0.002)
        yield piece


def turns(history: Any) -> list[tuple[str, str]]:
    """Return the texts of the user and the bot, from any shape of history; thoughts are none."""
    found: list[tuple[str, str]] = []
    for entry in history or ():
        if isinstance(entry, (list, tuple)):
            user, bot = entry
            if user is not None and bot:
                found.append((_text(user), _text(bot)))
            continue
        told_by = entry if isinstance(entry, dict) else vars(entry)
        text = _text(told_by["content"])
        if told_by["role"] == "user":
            found.append((text, ""))
        elif told_by["role"] == "assistant" and found and not _title(told_by.get("metadata")):
            found[-1] = (found[-1][0], found[-1][1] + text)
    return [(user, bot) for user, bot in found if bot]


def _pieces(message: str, history: Any, flavor: str, settings: dict[str, Any]) -> list[str]:
    first, *rest = FLAVORS[flavor]
    return [told(message, history, **settings), "\n\n" + first, *rest]


def _title(metadata: Any) -> Any:
    if isinstance(metadata, dict):
        return metadata.get("title")
    return getattr(metadata, "title", None)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return str(content.get("text") or "")
    if isinstance(content, (list, tuple)):
        return "".join(map(_text, content))
    return ""
