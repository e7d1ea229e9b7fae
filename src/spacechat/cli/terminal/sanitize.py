"""Text that a Space sent, made harmless before a terminal shows it.

A terminal obeys what it is sent: an answer could move the cursor over earlier lines, set the
window's title, write to the clipboard or make the terminal type. `harmless` leaves no character
that a terminal obeys but newline and tab, and no override of the writing direction, by which a
text can look like another. What is taken out shows, except for carriage returns.
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
    """Return a text that a terminal only shows.

    A character's fate depends on no other, so a text may be treated in pieces. Control characters
    become their pictures (ESC is `␛`), others U+FFFD. A carriage return goes, since the newline
    that mostly follows it does its work.
    """
    return _HARMFUL.sub(_shown, text)


def one_line(text: str) -> str:
    """Return a text that a terminal only shows, on a single line."""
    return " ".join(harmless(text).split())


def json_line(value: object) -> str:
    """Return a value as JSON, on one line that a terminal only shows; no value is changed by it."""
    return _HARMFUL.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False)
    )


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] == "\r":
        return ""
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\n" if code in (0x2028, 0x2029) else "\ufffd"
