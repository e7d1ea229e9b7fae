"""The newest answer in a text in which an app draws its whole conversation.

Such a text has the earlier turns first, then the question, then the answer. Nothing marks where
one ends and the next begins, so a turn is told from the others only where that is certain:

- what the output showed before the question counts as earlier turns if the text goes on from there,
  and the question comes after it;
- the question is left out if it ends a line, with no more before it on that line, or on the one
  above, than a name: an app may draw the question above the first answer, too.

Anything else is the answer as a whole, as for an app that shows one answer at a time.
"""

from __future__ import annotations

_LONGEST_NAME = 30
"""Characters of the name and the like before a question."""


def newest_answer(text: str, before: str, question: str, *, final: bool) -> str:
    """Return the newest answer in a text; the whole text if it can't be told.

    Args:
        text: The text, without blank lines.
        before: The text that the output had before the question.
        question: The question.
        final: Whether the text is final. Before that, a text that ends in the question is the
            beginning of a turn.
    """
    goes_on = text == before or text.startswith(f"{before}\n")
    rest = text[len(before) + 1 :] if goes_on else text
    start, end = _place(rest, question)
    if end < 0 or (not goes_on and question in before):
        return text
    if start <= _LONGEST_NAME and rest[end : end + 1] in ("", "\n"):
        answer = rest[end + 1 :]
        return answer if answer or goes_on or not final else text
    return rest if goes_on else text


def _place(text: str, question: str) -> tuple[int, int]:
    """Return where the question begins and ends in a text, or -1 twice."""
    lines = [" ".join(line.split()) for line in question.splitlines()]
    for drawn in ("\n".join(filter(None, lines)), " ".join(filter(None, lines))):
        start = text.find(drawn) if drawn else -1
        if start >= 0:
            return start, start + len(drawn)
    return -1, -1
