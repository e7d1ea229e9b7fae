"""What the commands that ask a Space have in common: their options, and reading an answer."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO, TypedDict, TypeVar

import click

from .safe import harmless, one_line

if TYPE_CHECKING:
    from types import TracebackType

    from click.shell_completion import CompletionItem
    from typing_extensions import Self

    from ..client import AsyncClient
    from ..messages import Conversation, Message
    from ..providers import Space
    from ..streaming import AsyncChatStream, Reply
    from .display import Display

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
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Tell afterwards how long it took."),
        click.option("--plain", is_flag=True, help="Show the text as it is, not as Markdown."),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="How long to wait for a connection, and for any sign of life.",
        ),
        click.option(
            "--token",
            metavar="TOKEN",
            help="A Hugging Face token for the Space; others see less of it in HF_TOKEN.",
        ),
        click.option("--local", is_flag=True, help="Ask a local Space: no network needed."),
        click.option(
            "--url",
            metavar="URL",
            help="Ask the Gradio app there; with -m, a copy of that model's Space.",
        ),
        click.option("-s", "--system", metavar="TEXT", help="What the model is told beforehand."),
        click.option(
            "-m",
            "--model",
            metavar="MODEL",
            shell_complete=complete_model,
            help="A model's name (see `spacechat models`), a Space (owner/name) or a URL.",
        ),
    ):
        command = option(command)
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
        model: The name of the model, or None for the default.
        text: The last answer, or what had come of it.
    """

    def __init__(self, options: Options) -> None:
        if options["local"] and options["url"]:
            raise click.UsageError("--local and --url: choose one.")
        self._options = options
        self.model: str | None = options["model"]
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
    def name(self) -> str:
        """What to call who is asked."""
        from ..providers import DEFAULT, PROVIDERS

        default = PROVIDERS[0] if self._options["local"] else DEFAULT
        return self.model or self._options["url"] or default.models[0]

    def check(self, model: str) -> None:
        """Find out whether a model can be asked, without asking it.

        Raises:
            ModelNotFoundError: There is none of that name.
        """
        self._stream(self._client(), "?", model)

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
        import asyncio

        self.text = ""
        reply = asyncio.run(self._answer(messages, write))
        if write is None:
            tell_files(reply)
        if self._options["verbose"]:
            if sys.stdout.isatty():
                click.echo(err=True)
            click.secho(_timings(reply), err=True, dim="NO_COLOR" not in os.environ)
        return reply

    async def _answer(self, messages: list[Message], write: Callable[[str], None] | None) -> Reply:
        stream = self._stream(self._client(), messages, self.model)
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
        from ..client import AsyncClient

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

    def _stream(
        self, client: AsyncClient, messages: str | list[Message], model: str | None
    ) -> AsyncChatStream:
        from ..providers import find

        url = self._options["url"]
        provider: type[Space] | None = None
        if self._options["local"]:
            provider = self._local_space(model)
        elif url and model:
            provider = find(model).at(url)
        return client.stream(
            messages, model=model or url, provider=provider, conversation=self._earlier(messages)
        )

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
        from .display import Plain

        model = self.name
        if write is None:
            if draws(sys.stdout) and not self._options["plain"]:
                from .live import Live

                return Live(model)
            write = to_terminal if sys.stdout.isatty() else exactly
        return Plain(model, write, animated=draws(sys.stderr))


async def _keep_drawing(display: Display) -> None:
    import asyncio

    while True:
        began = time.monotonic()
        display.draw()
        # What takes long to draw must not take all the time.
        await asyncio.sleep(max(_FRAME, 4 * (time.monotonic() - began)))


def tell(error: object) -> None:
    """Tell an error in one line on standard error."""
    click.echo(f"spacechat: {one_line(str(error))}", err=True)


def tell_files(reply: Reply) -> None:
    """Tell the files of an answer on standard error, each in one line."""
    for file in reply.files:
        click.echo(one_line(f"file: {file.name}: {file.url}"), err=True)


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
