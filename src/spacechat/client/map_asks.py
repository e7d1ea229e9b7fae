"""What the questions of a map are asked with: a chat, or a function of an app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from ..apps.arguments import Arguments
from ..apps.known import Apps
from ..apps.options import Options
from ..messages import MessagesLike
from ..providers import Space
from ..settings import Settings
from ..streaming.reply import Reply
from ..streaming.result import Result
from ..streaming.run import AsyncRun
from ..transport.kept import Kept
from .app_engine import AppDoor
from .prompt import prompt_stream

Ask: TypeAlias = Callable[[Any, type[Space], str | None], Awaitable[Any]]
"""Asks a Space: one of its models for an answer, or a function of its app for a result."""


class AskHere:
    """Asks in this process.

    Args:
        apps: The apps that the client knows.
        options: For every question.
        settings: The client's settings.
        kept: The connections that wait for the client's next request.
    """

    def __init__(
        self,
        apps: Apps,
        options: Options,
        settings: Settings,
        kept: Kept,
    ) -> None:
        self._apps = apps
        self._options = options
        self._settings = settings
        self._kept = kept

    async def __call__(self, prompt: MessagesLike, space: type[Space], model: str | None) -> Reply:
        """Ask.

        Raises:
            SpaceChatError: There is no complete answer.
        """
        stream = prompt_stream(
            prompt,
            (space, model),
            self._apps,
            options=self._options,
            settings=self._settings,
            kept=self._kept,
        )
        return await stream.reply()


class CallHere:
    """Calls a function of an app in this process.

    Args:
        door: Makes the scripts of calls.
        endpoint: The function.
        settings: The settings of the calls.
    """

    def __init__(self, door: AppDoor, endpoint: str | int, settings: Settings) -> None:
        self._door = door
        self._endpoint = endpoint
        self._settings = settings

    async def __call__(self, arguments: object, space: type[Space], _model: str | None) -> Result:
        """Call.

        Raises:
            SpaceChatError: It failed.
        """
        (script,) = self._door.at(space).scripts(self._endpoint, Arguments.of(arguments))
        return await AsyncRun(script, self._settings, kept=self._door.kept).result()
