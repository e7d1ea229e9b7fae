"""`spacechat ask`: one question."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .asking import Asker, asks, exactly
from .safe import json_line

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Message
    from ..streaming import Reply
    from .asking import Options


@click.command()
@click.argument("text", nargs=-1, required=True)
@asks
@click.option("--json", "as_json", is_flag=True, help="Print the reply as one JSON object.")
def ask(text: tuple[str, ...], as_json: bool, **options: Unpack[Options]) -> None:
    """Ask one question.

    TEXT is the question; - reads it from standard input. The answer goes to standard output as it
    comes, everything else to standard error. A terminal shows it as Markdown; a file or another
    program gets exactly the text, and a newline.

    \b
    Examples:
      spacechat ask "Why is the sky blue?"
      spacechat ask -m qwen-2.5-1m -s "Be brief." "What is SSE?"
      git diff | spacechat ask -s "Review this change." -
      spacechat ask --json "Hi" | jq .timings
      spacechat ask --local -v "No network needed?"
    """
    question = _from_stdin() if text == ("-",) else " ".join(text)
    messages: list[Message] = [{"role": "user", "content": question}]
    if options["system"]:
        messages.insert(0, {"role": "system", "content": options["system"]})
    with Asker(options) as asker:
        if as_json:
            exactly(_as_json(asker.answer(messages, write=lambda _: None)) + "\n")
        else:
            asker.answer(messages)


def _from_stdin() -> str:
    if sys.stdin.isatty():
        click.echo("Type the question, then Ctrl-D on a line of its own.", err=True)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"Standard input is not text in UTF-8: {exc}.") from exc


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
