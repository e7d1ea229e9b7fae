"""Makes the text of a Space harmless before a terminal shows it.

A terminal obeys control characters: an answer could move the cursor over earlier lines, set the
window's title, write to the clipboard or make the terminal type. `harmless` leaves no control
character but newline and tab, and no override of the writing direction, which can make a text
look like another. Each removed character leaves a visible mark, except for carriage returns.
"""

from __future__ import annotations

import json
import re

_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (with ESC, BEL and backspace), DEL, and C1 (with CSI)
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # bidirectional overrides, embeddings and isolates
    "\ud800-\udfff]"  # halves of surrogate pairs, which can't be encoded
)


def harmless(text: str) -> str:
    """Return a text that a terminal only shows, and never obeys.

    Each character is treated on its own, so a text may be passed in pieces. Control characters
    become their pictures (ESC is `␛`), others U+FFFD. Carriage returns are dropped, since a newline
    usually follows.
    """
    return _HARMFUL.sub(_shown, text)


def one_line(text: str) -> str:
    """Return a harmless text on a single line."""
    return " ".join(harmless(text).split())


def json_line(value: object) -> str:
    """Return a value as JSON on a harmless line; the escapes keep the value the same."""
    return _HARMFUL.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False)
    )


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\r":
        return ""
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\n" if code in (0x2028, 0x2029) else "\ufffd"
