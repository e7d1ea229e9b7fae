"""What the commands that ask a Space have in common: their options, and reading an answer."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO, TypedDict, TypeVar

import click

from .loop import run_loop
from .options import option
from .terminal.sanitize import harmless, one_line
from .terminal.standard_streams import fitted, say

if TYPE_CHECKING:
    from types import TracebackType

    from click.shell_completion import CompletionItem
    from typing_extensions import Self

    from ..client.client import AsyncClient
    from ..messages import Conversation, Message
    from ..providers import Space
    from ..streaming.chat_stream import AsyncChatStream
    from ..streaming.reply import Reply
    from .terminal.display import Display

_F = TypeVar("_F", bound=Callable[..., Any])
_FRAME = 0.07
"""Seconds between two drawings of an answer."""


class Options(TypedDict):
    """The options that `asks` adds to a command."""

    model: str | None
    system: str | None
    url: str | None
    local: bool
    token: str | None
    timeout: float | None
    plain: bool
    verbose: bool


def asks(command: _F) -> _F:
    """Add the options of a command that asks a Space."""
    for add in (
        option("-v", "--verbose", is_flag=True, help="Tell afterwards how long it took."),
        option("--plain", is_flag=True, help="Show the text as it is, not as Markdown."),
        option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="How long to wait for a connection, and for any sign of life.",
        ),
        option(
            "--token",
            metavar="TOKEN",
            help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
        ),
        option("--local", is_flag=True, help="Ask a local Space: no network needed."),
        option(
            "--url",
            metavar="URL",
            help="Ask the Gradio app there; with -m, a copy of that model's Space.",
        ),
        option("-s", "--system", metavar="TEXT", help="What the model is told beforehand."),
        option(
            "-m",
            "--model",
            metavar="MODEL",
            shell_complete=complete_model,
            help="A model's name (see `spacechat models`), a Space (owner/name) or a URL.",
        ),
    ):
        command = add(command)
    return command


def complete_model(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the models whose names begin so, for a shell."""
    from click.shell_completion import CompletionItem

    from ..providers import PROVIDERS

    return [
        CompletionItem(name, help=provider.label)
        for provider in PROVIDERS
        for name in provider.models
        if name.startswith(incomplete)
    ]


class Asker:
    """Asks a Space as the options say; a context manager, in which local Spaces run.

    Attributes:
        text: The last answer, or what had come of it.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._model = options["model"]
        self._url = options["url"]
        check_whom([self._model] if self._model else [], self._url, local=options["local"])
        self._space: type[Space] | None = None
        self.text: str = ""
        self._asked: AsyncClient | None = None
        self._conversation: Conversation | None = None
        self._spaces = contextlib.ExitStack()
        self._local: dict[type[Space], type[Space]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._spaces.close()

    @property
    def space(self) -> type[Space]:
        """Who is asked.

        Raises:
            ModelNotFoundError: There is no such model.
            SpaceUnavailableError: The address is none.
        """
        if self._space is None:
            self._space = self._find(self._model, self._url, None)
        return self._space

    @property
    def name(self) -> str:
        """What to call who is asked."""
        return called(self.space)

    def turn_to(self, model: str) -> None:
        """Ask another model from now on; a Space or a URL is asked in the place of `--url`.

        Raises:
            UsageError: It is none for a local Space.
            ModelNotFoundError: There is no such model.
        """
        url = None if _is_place(model) else self._url
        check_whom([model], url, local=self._options["local"])
        self._space = self._find(model, url, None)
        self._model, self._url = model, url

    def go_on(self, earlier: Conversation) -> None:
        """Ask the Space that an earlier conversation was held with, unless one was named.

        Raises:
            ModelNotFoundError: The conversation doesn't say which it was, or there is no such
                model.
            SpaceUnavailableError: The conversation's address is none.
        """
        self._space = self._find(self._model, self._url, earlier)

    def answer(self, messages: list[Message], write: Callable[[str], None] | None = None) -> Reply:
        """Ask, show the answer, and return it.

        Args:
            messages: A conversation that ends with a question.
            write: Takes the pieces of the answer, and a newline at its end. None: they go to
                standard output.

        Raises:
            SpaceChatError: The answer can't be had.
            KeyboardInterrupt: Ctrl-C; the Space has been told to stop.
        """
        self.text = ""
        reply = run_loop(lambda: self._answer(messages, write))
        if write is None:
            tell_files(reply)
        if self._options["verbose"]:
            if sys.stdout.isatty():
                click.echo(err=True)
            timings = fitted(_timings(reply), sys.stderr)
            dims = draws(sys.stderr) and not os.environ.get("NO_COLOR")
            click.echo(click.style(timings, dim=True) if dims else timings, err=True)
        return reply

    async def _answer(self, messages: list[Message], write: Callable[[str], None] | None) -> Reply:
        stream = self._client().stream(
            messages, provider=self.space, conversation=self._earlier(messages)
        )
        # After the stream, which doesn't exist where the options or messages are wrong.
        reply = await self._show(stream, self._display(write))
        self._conversation = reply.conversation
        return reply

    def _earlier(self, messages: str | list[Message]) -> Conversation | None:
        """Return the conversation that messages go on with, for Spaces that remember it."""
        earlier = self._conversation
        goes_on = earlier is not None and earlier.messages == messages[:-1]
        return earlier if goes_on else None

    async def _show(self, stream: AsyncChatStream, display: Display) -> Reply:
        import asyncio

        ticker = asyncio.create_task(_keep_drawing(display))
        try:
            async with stream:
                async for event in stream.events():
                    display.feed(event, stream.new_text(event))
                return await stream.reply()
        finally:
            self.text = stream.text
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
            display.close()

    def _client(self) -> AsyncClient:
        """Return the one client, so that what it knows of a Space is found out once."""
        from ..client.client import AsyncClient

        if self._asked is not None:
            return self._asked
        token, timeout = self._options["token"], self._options["timeout"]
        try:
            if timeout is None:
                self._asked = AsyncClient(token=token)
            else:
                self._asked = AsyncClient(token=token, timeout=timeout)
        except ValueError as exc:
            raise click.UsageError(str(exc)) from exc
        return self._asked

    def _find(
        self, model: str | None, url: str | None, earlier: Conversation | None
    ) -> type[Space]:
        from ..providers import GradioChat, candidates, find

        if self._options["local"]:
            return self._local_space(model)
        if url is not None:
            return (find(model) if model else GradioChat).at(url)
        ((space, _),) = candidates(model, None, earlier)
        return space

    def _local_space(self, model: str | None) -> type[Space]:
        """Return the provider of a model at a local Space, which runs from now on."""
        from ..local import LocalSpace
        from ..providers import PROVIDERS, find

        provider = find(model) if model else PROVIDERS[0]
        if provider not in self._local:
            space = self._spaces.enter_context(LocalSpace(provider.models[0], delay=0.03))
            self._local[provider] = provider.at(space.url)
        return self._local[provider]

    def _display(self, write: Callable[[str], None] | None) -> Display:
        from .terminal.display import Plain

        model = self.name
        if write is None:
            if draws(sys.stdout) and not self._options["plain"]:
                from .terminal.markdown_display import Live

                return Live(model)
            write = to_terminal if sys.stdout.isatty() else exactly
        return Plain(model, write, animated=draws(sys.stderr))


def check_whom(models: Sequence[str], url: str | None, *, local: bool) -> None:
    """Check that the options which say whom to ask go together.

    Args:
        models: What `-m` names.
        url: The value of `--url`.
        local: Whether there is `--local`.

    Raises:
        UsageError: They don't.
    """
    if local and url is not None:
        raise click.UsageError("--local and --url: choose one.")
    place = "--local" if local else "--url" if url is not None else None
    for model in models:
        if place is not None and _is_place(model):
            raise click.UsageError(
                f"{place} goes with the name of a known model (see `spacechat models`), not with "
                f"{model!r}, which says itself where it is."
            )


def _is_place(model: str) -> bool:
    """Tell whether a model's name is a Space or a URL."""
    return "/" in model or ":" in model


def called(space: type[Space]) -> str:
    """Return what to call a Space in a line."""
    name = space.models[0] if space.models else space.default_model
    is_copy = bool(space.models) and space.original is not space
    return one_line(f"{name} at {space.url}" if is_copy else name)


async def _keep_drawing(display: Display) -> None:
    import asyncio

    while True:
        began = time.monotonic()
        display.draw()
        # What takes long to draw must not take all the time.
        await asyncio.sleep(max(_FRAME, 4 * (time.monotonic() - began)))


def tell(error: object) -> None:
    """Tell an error in one line on standard error."""
    say(f"spacechat: {one_line(str(error))}")


def tell_files(reply: Reply) -> None:
    """Tell the files of an answer on standard error, each in one line."""
    for file in reply.files:
        say(one_line(f"file: {file.name}: {file.url}"))


def draws(file: TextIO) -> bool:
    """Tell whether a file is a terminal on which lines can be drawn again."""
    if not file.isatty() or os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        from rich.console import Console

        return not Console(file=file).legacy_windows
    return True


def exactly(text: str) -> None:
    """Write a text to standard output as it is."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


def to_terminal(text: str) -> None:
    """Write a text to standard output as a terminal only shows it."""
    sys.stdout.write(harmless(text))
    sys.stdout.flush()


def _timings(reply: Reply) -> str:
    timings = reply.timings
    parts = [f"{timings.total:.1f} s in all"]
    if timings.first_text is not None:
        parts.insert(0, f"first text after {timings.first_text:.1f} s")
    if timings.queued is not None:
        parts.insert(0, f"begun after {timings.queued:.1f} s")
    return f"{one_line(reply.model)}: {', '.join(parts)}"
