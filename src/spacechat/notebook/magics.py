"""The IPython extension: after `%load_ext spacechat`, a cell can be a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from IPython.core import magic_arguments
from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from ..errors import SpaceChatError
from ..sanitize import one_line
from ..sync import Client
from .display import display

if TYPE_CHECKING:
    from ..sync import Chat

_arguments: Any = magic_arguments  # It has no types.
_Method = Callable[..., None]


def _untyped(decorate: Any) -> Callable[[_Method], _Method]:
    """Give one of IPython's decorators a type."""
    return cast("Callable[[_Method], _Method]", decorate)


def _option(*names: str, **settings: object) -> Callable[[_Method], _Method]:
    kind = {} if "action" in settings else {"type": _unquoted}
    return _untyped(_arguments.argument(*names, **settings, **kind))


def _unquoted(word: str) -> str:
    """Return an argument of a magic without the quotes that IPython leaves around it."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word


def _shown_in_a_line(error: SpaceChatError) -> SpaceChatError:
    """Make IPython show an error in one line; a traceback would only show this module."""
    error.__context__ = None  # IPython would show exception groups in it differently.
    vars(error)["_render_traceback_"] = lambda: [f"spacechat: {one_line(str(error))}"]
    return error


@magics_class
class ChatMagics(Magics):
    """The magics, and the conversation that continues from cell to cell."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._variables: dict[str, object] = shell.user_ns
        self._client = Client()
        self._chat: Chat | None = None
        self._asked: tuple[str | None, str | None] = (None, None)  # The model and the system text.

    @_untyped(_arguments.magic_arguments())
    @_option("-m", "--model", help="a model's name, a Space (owner/name) or the URL of an app")
    @_option("-s", "--system", help="the system message")
    @_option("-n", "--new", action="store_true", help="begin a new conversation")
    @_option("-r", "--reply", default="reply", help="the variable that takes the reply")
    @_untyped(cell_magic)
    def chat(self, line: str, cell: str) -> None:
        """Ask the cell's text, and show the answer as it streams.

        The conversation goes on from cell to cell, with the model and the system text that were
        named last; another system text begins a new one, and `%chat_reset` ends it. The reply is
        kept in the variable `reply`, unless another is named.

            %%chat
            Why is the sky blue?

            %%chat --model qwen-2-72b --system "Answer in one sentence." --reply short
            And at night?
        """
        options = _arguments.parse_argstring(self.chat, line)
        if not options.reply.isidentifier():
            raise UsageError(f"--reply: {options.reply!r} is no name of a variable.")
        try:
            stream = self._conversation(options.model, options.system, options.new).stream(
                cell.strip()
            )
        except SpaceChatError as exc:
            raise UsageError(f"{type(exc).__name__}: {exc}") from exc
        try:
            self._variables[options.reply] = display(stream)
        except SpaceChatError as exc:
            raise _shown_in_a_line(exc) from None

    @_untyped(line_magic)
    def chat_reset(self, line: str) -> None:
        """End the conversation; the next `%%chat` cell begins another."""
        self._chat = None
        self._asked = (None, None)

    def _conversation(self, model: str | None, system: str | None, new: bool) -> Chat:
        """Return the conversation of a cell."""
        earlier = self._asked
        asked = (model or earlier[0], earlier[1] if system is None else system)
        if new or self._chat is None or asked[1] != earlier[1]:
            self._chat = self._client.conversation(model=asked[0], system=asked[1])
        elif asked[0] != earlier[0]:
            self._chat.switch(asked[0])
        self._asked = asked
        return self._chat


def load_ipython_extension(shell: Any) -> None:
    """Add the magics to a shell; called by `%load_ext spacechat`."""
    shell.register_magics(ChatMagics)
