"""The words on a page that say what a part of it is for.

An app's author puts them on buttons and boxes, and into the names of functions and tabs. Words for
anything other than answering speak against a way to chat. Each kind of part has words of its own:
"update" on a button does something, but in a message it may be anything. In a text, the first of
these words decides: "Ask about this repository" asks, "Search the chats" searches.
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
"""Words for what nobody does by asking a question, on any kind of part."""

_CHATS = """
    messages? questions? prompt ask chats? chatting chatbot query talk conversation answers? reply
    response respond help_you enter_text
"""

_NUMBER = re.compile(r"_\d+$")
_ANSWERS = "answers?|repl(?:y|ies)|responses?|help|support|advice|explanations?|results?"
"""What a person gets who asks a question."""

_NEVER = "(?!)"
_JOINTS = re.compile(r"[_\-./\s]+|(?<=[a-z])(?=[A-Z])")
"""The joints between the words of a name in a program."""

SEARCHES = re.compile(r"\b(search|find|lookup|look up)\b", re.IGNORECASE)
SYSTEM = re.compile(r"\b(system|instructions?|persona|pre ?prompt)\b", re.IGNORECASE)
TYPE_HERE = re.compile(r"\b(input|text|type|say|write)\b|\?|❓|💬", re.IGNORECASE)
SEND = re.compile(
    r"\b(send|submit|ask|chat|generate|run|go|enter|answer|reply|start|translate)\b|➤|⬆|✈|🚀|▶",
    re.IGNORECASE,
)


class Kind:
    """A kind of part of a page, and the words that tell its purpose.

    Args:
        others: Words for something other than a chat; a `_` stands for a space.
        chats: Words for a chat.
        signs: Characters for something other than a chat.
    """

    def __init__(self, others: str, chats: str = "", signs: str = "") -> None:
        other, chat = (
            rf"\b(?:{'|'.join(words.split())})\b".replace("_", " ") if words else _NEVER
            for words in (others, chats)
        )
        sign = f"[{signs}]" if signs else _NEVER
        self._first = re.compile(rf"(?P<other>{other}|{sign})|(?P<chat>{chat})", re.IGNORECASE)

    def is_chat(self, texts: Iterable[str]) -> bool | None:
        """Tell whether texts are those of a chat, or return None if they don't say."""
        for text in texts:
            match = self._first.search(spelled_out(text))
            if match is not None:
                return match["chat"] is not None
        return None


def unnumbered(name: str) -> str:
    """Return a function's name without the number that Gradio adds if several have the name."""
    return _NUMBER.sub("", name)


def spelled_out(text: str) -> str:
    """Return a text with spaces between its words, even if it is a name in a program."""
    return _JOINTS.sub(" ", text)


BUTTON = Kind(
    f"""{_ACTS} clear undo retry regenerate stop cancel load upload share copy new edit apply update
    upgrade like dislike add confirm connect count
    post sign remember memorize forget schedule get(?!_(?:\\w+_)?(?:{_ANSWERS})\\W*$)""",
    signs="🗑🔄↩👍👎💾",
)
"""Buttons. Words for something else count in any place, as in "Send report"."""

BOX = Kind(
    f"""{_ACTS} search filter find urls? links? repos? repository repositories branch extensions?
    plugins? packages? path file_?names? folders? directory e_?mails? user_?names? passwords?
    api_keys? api_tokens? access_tokens? secrets? seed negative commit lora commands?
    stop(?:ping)?_strings? arguments json payload your_answers? names?
    sql(?:_(?:query|queries|code|statements?))?(?=\\W*$)
    (?:python|bash|shell|javascript)_(?:code|script)
    (?:chat|prompt|conversation|session|model)_(?:name|id|title)s?""",
    f"""{_CHATS} requests?(?!_(?:urls?|ids?|body|headers?)) inquir(?:y|ies) enquir(?:y|ies)
    tasks?(?!_(?:ids?|names?))""",
)
"""Text boxes."""

FUNCTION = Kind(
    f"{_ACTS} clear undo retry regenerate load_model update_model",
    f"""{_CHATS} bot predict generate generation complete completion stream infer inference user
    submit send run""",
)
"""Names of functions."""

HEADING = Kind(
    f"{_ACTS} extensions? plugins? packages? search upload account tools? issues? session models?",
    f"{_CHATS} playground demo assistant",
)
"""Headings of tabs and accordions."""

OUTPUT = Kind(
    "status logs? progress console notifications? errors? info seed file_?names? path",
    f"{_CHATS} output result assistant explanation",
)
"""Outputs."""
