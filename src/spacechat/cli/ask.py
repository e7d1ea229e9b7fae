"""`spacechat ask`: asks one question."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..sanitize import json_line
from .asker import Asker
from .conversation_log.keeper import open_keeper
from .group import TextCommand
from .option_declaration import option
from .options import asks
from .question_options import takes_pipe
from .resuming import take_up
from .terminal.output import write_exactly
from .terminal.piped_input import PIPE, NotTextError, read_piped

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..messages import Message
    from ..streaming.reply import Reply
    from ..sync import ChatStream
    from .conversation_log.keeper import Keeper
    from .options import Options
    from .terminal.values_display import Saved


@click.command(cls=TextCommand)
@click.argument("text", nargs=-1)
@asks
@option("--json", "as_json", is_flag=True, help="Print the reply as one JSON object.")
def ask(text: tuple[str, ...], as_json: bool, **options: Unpack[Options]) -> None:
    """Ask one question.

    TEXT is the question. What is piped in follows it after a blank line; without TEXT, or for -,
    it is the question alone. A pipe is waited for as long as it takes; < /dev/null asks without
    one.

    The answer goes to standard output as it comes, everything else to standard error. A terminal
    shows it as Markdown; a file or another program gets exactly the text, and a newline.

    \b
    Examples:
      spacechat ask "Why is the sky blue?"
      spacechat ask -m qwen-2.5 -s "Be brief." "What is SSE?"
      git diff | spacechat ask "Review this change."
      spacechat ask < question.txt
      spacechat ask -m owner/name -a photo.jpg "What is this?"
      spacechat ask -m owner/name -o Temperature 0 "Hi"
      spacechat ask -m owner/name --to pictures "Draw a cat."
      spacechat ask -c "Say it in one sentence."
      spacechat ask --json "Hi" | jq .timings
      spacechat ask --local -v "No network needed?"
    """
    with Asker(options) as asker:
        question = _question(text, pipe_is_taken=takes_pipe(options))
        keeper = open_keeper(options)
        earlier = take_up(asker, keeper, options["system"])
        asker.check()
        stream = asker.stream([*earlier, {"role": "user", "content": question}])
        with _keeping(keeper, stream, local=asker.target.is_local):
            if as_json:
                reply = asker.show(stream, write=lambda _: None)
                write_exactly(_as_json(reply, asker.save(reply)) + "\n")
            else:
                asker.give_files(asker.show(stream))


@contextlib.contextmanager
def _keeping(keeper: Keeper, stream: ChatStream, *, local: bool) -> Iterator[None]:
    """Keep the conversation of a stream after the block, with what came of the answer."""
    try:
        yield
    finally:
        conversation = stream.conversation
        messages = conversation.messages
        if messages[-1]["role"] == "assistant":
            keeper.keep(conversation, local=local)
        elif stream.text:
            partial: Message = {"role": "assistant", "content": stream.text}
            keeper.keep(conversation.untold([*messages, partial]), local=local)


def _question(words: tuple[str, ...], *, pipe_is_taken: bool) -> str:
    """Return the question: the words, followed by the piped text.

    Args:
        words: The words.
        pipe_is_taken: Whether the piped data is something else.

    Raises:
        UsageError: There is neither, or the piped data is not text.
    """
    pipe_is_named = not words or words[-1] == PIPE
    if pipe_is_taken and pipe_is_named:
        raise click.UsageError("- is standard input, which is a file or a setting already.")
    text = " ".join(words[:-1] if pipe_is_named else words)
    is_typed = sys.stdin.isatty() and words[-1:] != (PIPE,)  # Then nothing is piped in.
    piped = "" if pipe_is_taken or is_typed else _piped(is_needed=pipe_is_named)
    question = "\n\n".join(part for part in (text, piped) if part.strip())
    if not question:
        raise click.UsageError(
            "Missing argument 'TEXT...': there is no question, and none piped in."
        )
    return question


def _piped(*, is_needed: bool) -> str:
    try:
        return read_piped(wait=is_needed)
    except NotTextError as exc:
        raise click.UsageError(f"{exc.message} -a - sends it as a file.") from exc


def _as_json(reply: Reply, saved: Saved) -> str:
    from ..events import File
    from .terminal.values_display import as_plain

    return json_line(
        {
            "text": reply.text,
            "model": reply.model,
            "provider": reply.provider.__name__,
            "reasoning": reply.reasoning,
            "files": as_plain(reply.files, saved, File.to_dict),
            "timings": asdict(reply.timings),
            "session_hash": reply.conversation.session_hash,
        }
    )
