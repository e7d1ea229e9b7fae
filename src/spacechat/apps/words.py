"""What the words on a page say that a part of it is for. No I/O.

Words are looked for where an app's author put them: on buttons and boxes, in the names of functions
and of tabs. Those that tell of doing something other than answering speak against a way to chat;
each kind of part has some of its own, since "update" on a button does something, but in a message
may be anything. In a text, the first word that says something decides: "Ask about this repository"
asks, "Search the chats" searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ACTS = """
    install uninstall installer clone pull download downloader uploader delete remove save backup
    restore rename register subscribe unsubscribe newsletter sign_up sign_in sign_out signup log_in
    log_out login logout report feedback bugs? contact flag vote upvote downvote rate rating export
    import train training fine_?tune merge deploy publish restart reboot shut_?down unload reset
    refresh settings? config configuration preferences admin execute
"""
"""What nobody does by asking a question, whatever says it."""

_CHATS = """
    messages? questions? prompt ask chats? chatting chatbot query talk conversation answers? reply
    response respond help_you enter_text
"""

_NEVER = "(?!)"
_JOINTS = re.compile(r"[_\-./\s]+|(?<=[a-z])(?=[A-Z])")
"""What stands between the words of a name that a program uses."""

SYSTEM = re.compile(r"\b(system|instructions?|persona|pre ?prompt)\b", re.IGNORECASE)
TYPE_HERE = re.compile(r"\b(input|text|type|say|write)\b|\?|❓|💬", re.IGNORECASE)
SEND = re.compile(
    r"\b(send|submit|ask|chat|generate|run|go|enter|answer|reply|start|translate)\b|➤|⬆|✈|🚀|▶",
    re.IGNORECASE,
)


class Kind:
    """A kind of part of a page, and what its words say.

    Args:
        others: Words that tell of something other than a chat; a `_` is a space.
        chats: Words that tell of a chat.
        signs: Characters that tell of something other than a chat.
    """

    def __init__(self, others: str, chats: str = "", signs: str = "") -> None:
        other, chat = (
            rf"\b(?:{'|'.join(words.split())})\b".replace("_", " ") if words else _NEVER
            for words in (others, chats)
        )
        sign = f"[{signs}]" if signs else _NEVER
        self._first = re.compile(rf"(?P<other>{other}|{sign})|(?P<chat>{chat})", re.IGNORECASE)

    def is_chat(self, texts: Iterable[str]) -> bool | None:
        """Tell whether what it says first is that of a chat, or None where it says nothing."""
        for text in texts:
            found = self._first.search(spelled_out(text))
            if found is not None:
                return found["chat"] is not None
        return None


def spelled_out(text: str) -> str:
    """Return a text whose words have spaces between them, a name's among them."""
    return _JOINTS.sub(" ", text)


BUTTON = Kind(
    f"""{_ACTS} clear undo retry regenerate stop cancel load upload share copy new edit apply update
    upgrade like dislike add confirm connect count get""",
    signs="🗑🔄↩👍👎💾",
)
"""What a button does; it counts wherever it stands, as in "Send report"."""

BOX = Kind(
    f"""{_ACTS} search filter find urls? links? repos? repository repositories branch extensions?
    plugins? packages? path file_?names? folders? directory e_?mails? user_?names? passwords?
    api_keys? api_tokens? access_tokens? secrets? seed negative commit lora commands?
    stop(?:ping)?_strings? (?:chat|prompt|conversation|session|model)_(?:name|id|title)s?""",
    _CHATS,
)
"""What is typed into a box."""

FUNCTION = Kind(
    f"{_ACTS} clear undo retry regenerate search load_model update_model",
    f"""{_CHATS} bot predict generate generation complete completion stream infer inference user
    submit send run""",
)
"""What a function does, by its name."""

HEADING = Kind(
    f"{_ACTS} extensions? plugins? packages? search upload account tools? issues? session models?",
    f"{_CHATS} playground demo assistant",
)
"""What a tab or an accordion holds."""

OUTPUT = Kind(
    "status logs? progress console notifications? errors? info seed file_?names? path",
    f"{_CHATS} output result assistant explanation",
)
"""What an output shows."""
