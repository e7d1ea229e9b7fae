"""What `spacechat inspect` shows of an app: its chat, and one list of its functions."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..apps.inspection import wrapped
from .option_words import as_word, in_options
from .words import call_line

if TYPE_CHECKING:
    from ..apps import Inspection
    from ..apps.app_view import AppView
    from ..apps.endpoints import Endpoint
    from ..apps.inspection import EndpointInfo, InputInfo

_INDENT, _DEEPER = "  ", "      "
_LONGEST = 30
"""Characters of a setting's value in an example."""
_LINES = 3
"""Lines of a function's description that are shown."""


@dataclass(frozen=True)
class FunctionList:
    """What an app says of its functions, and which of its components they take and fill.

    Attributes:
        url: The app, as the person names it.
        inspection: The app as one chats with it.
        view: The app as programs see it.
        endpoints: All functions that programs may call, the ones that it does not list, too.
        options: What was given to choose the way to chat, as it is typed.
        needs_login: Whether a command needs a user and a password.
    """

    url: str
    inspection: Inspection
    view: AppView
    endpoints: Mapping[str, Endpoint]
    options: Sequence[str] = ()
    needs_login: bool = False

    def json(self) -> dict[str, Any]:
        """Return all that is known of the app, as a JSON object."""
        components = self._components()
        listed: list[dict[str, Any]] = []
        for each in self.view.endpoints.values():
            info = components.pop(each.id, None)
            listed.append(
                {
                    **each.to_dict(),
                    "inputs": list(info.inputs if info else ()),
                    "outputs": list(info.outputs if info else ()),
                    "command": self._command(each),
                }
            )
        others = [{**asdict(each), "name": each.key} for each in components.values()]
        return {**asdict(self.inspection), "endpoints": listed, "other_endpoints": others}

    def lines(self, width: int, *, is_brief: bool) -> Iterator[str]:
        """Yield all lines; none is wider than `width`, but commands, which are to be copied.

        How one asks comes first, and the functions where there is no chat to choose.

        Args:
            width: The most characters of a line.
            is_brief: Whether steps, reasons, and functions that the app doesn't list are left out.
        """
        inspection = self.inspection
        head, *chat = inspection.lines(width, in_options, shown=as_word, is_brief=is_brief)
        functions = self._functions(width, is_brief=is_brief)
        yield head
        if inspection.is_chat:
            yield from ("", "Ask it", f"{_INDENT}{self._question()}")
        if inspection.is_chat or inspection.others:
            yield from [*chat, *functions]
        else:
            yield from [*functions, *chat]

    def _question(self) -> str:
        """Return a command that asks the app, with one of its settings."""
        setting = next(filter(None, map(_example, self.inspection.inputs)), [])
        login = ["--auth", "USER:PASSWORD"] if self.needs_login else []
        words = ["spacechat", "-m", self.url, *self.options, *setting, *login]
        return " ".join([*map(shlex.quote, words), '"Hi"'])

    def _components(self) -> dict[int, EndpointInfo]:
        """Return what is known of the components of functions that programs may call."""
        ids = {each.id for each in self.endpoints.values()}
        return {each.id: each for each in self.inspection.endpoints if each.id in ids}

    def _functions(self, width: int, *, is_brief: bool) -> Iterator[str]:
        components = self._components()
        if self.view.endpoints:
            yield from ("", "Functions, and a command that calls each")
        for each in self.view.endpoints.values():
            yield ""
            for line in each.lines(width - len(_INDENT)):
                yield from wrapped(line, width, _INDENT + " " * (len(line) - len(line.lstrip())))
            for line in each.description.splitlines()[:_LINES]:
                yield from textwrap.wrap(
                    line, width, initial_indent=_DEEPER, subsequent_indent=_DEEPER
                )
            if info := components.pop(each.id, None):
                yield from wrapped(str(info), width, _DEEPER)
            yield f"{_DEEPER}{self._command(each)}"
        if is_brief:
            return
        if components:
            yield from ("", "Functions that the app does not list, but that can be called")
        for info in components.values():
            yield from wrapped(f"{info.key}: {info}", width, _INDENT)

    def _command(self, endpoint: Endpoint) -> str:
        return call_line(self.url, endpoint, needs_login=self.needs_login)


def _example(each: InputInfo) -> list[str]:
    """Return the option for a setting with the app's own value; none if that is long or a text."""
    value = each.default
    if isinstance(value, str):
        word = value if value in each.choices else ""
    else:
        word = as_word(value) if isinstance(value, int | float) else ""
    if not word or len(word) > _LONGEST or not f"{each.name}{word}".isprintable():
        return []
    return ["-o", each.name, word]
