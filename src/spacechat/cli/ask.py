"""`spacechat ask`: one question."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .asking import Asker, asks, exactly
from .options import option
from .terminal.sanitize import json_line
from .terminal.standard_streams import read_piped, say

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Message
    from ..streaming.reply import Reply
    from .asking import Options


@click.command()
@click.argument("text", nargs=-1)
@asks
@option("--json", "as_json", is_flag=True, help="Print the reply as one JSON object.")
def ask(text: tuple[str, ...], as_json: bool, **options: Unpack[Options]) -> None:
    """Ask one question.

    TEXT is the question. What is piped in follows it after a blank line; without TEXT, or for -,
    it is the question alone. Where TEXT is there and nothing is piped in within 5 seconds, TEXT
    goes alone; a last - waits for the pipe as long as it takes.

    The answer goes to standard output as it comes, everything else to standard error. A terminal
    shows it as Markdown; a file or another program gets exactly the text, and a newline.

    \b
    Examples:
      spacechat ask "Why is the sky blue?"
      spacechat ask -m qwen-2.5-1m -s "Be brief." "What is SSE?"
      git diff | spacechat ask "Review this change."
      spacechat ask < question.txt
      spacechat ask --json "Hi" | jq .timings
      spacechat ask --local -v "No network needed?"
    """
    with Asker(options) as asker:
        messages: list[Message] = [{"role": "user", "content": _question(text)}]
        if options["system"]:
            messages.insert(0, {"role": "system", "content": options["system"]})
        if as_json:
            exactly(_as_json(asker.answer(messages, write=lambda _: None)) + "\n")
        else:
            asker.answer(messages)


def _question(words: tuple[str, ...]) -> str:
    """Return the words and what is piped in after them.

    Raises:
        UsageError: There is neither, or what is piped in is no text.
    """
    pipe_is_meant = not words or words[-1] == "-"
    text = " ".join(words[:-1] if pipe_is_meant else words)
    if sys.stdin.isatty():
        if not words:
            raise _nothing()
        if not pipe_is_meant:
            return text
        say("Type what is asked, then Ctrl-D on a line of its own.")
    piped = read_piped(wait=pipe_is_meant)
    if not words and not piped:
        raise _nothing()
    return "\n\n".join(part for part in (text, piped) if part.strip())


def _nothing() -> click.UsageError:
    return click.UsageError("Missing argument 'TEXT...': there is no question, and none piped in.")


def _as_json(reply: Reply) -> str:
    return json_line(
        {
            "text": reply.text,
            "model": reply.model,
            "provider": reply.provider.__name__,
            "reasoning": reply.reasoning,
            "files": [file.to_dict() for file in reply.files],
            "timings": asdict(reply.timings),
            "session_hash": reply.conversation.session_hash,
        }
    )
