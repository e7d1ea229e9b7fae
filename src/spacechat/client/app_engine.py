"""What an app's faces need of the client: the app's description, and runs of its functions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..apps.app_view import AppView
from ..apps.arguments import Arguments
from ..apps.call import Call, SessionPage, call_function, describe_app
from ..apps.endpoints import Endpoint
from ..apps.known import Apps, KnownApp, Place
from ..errors import SpaceChatError
from ..protocol.budget import json_length
from ..settings import Settings
from ..steps import Script
from ..streaming.engine import AsyncEngine
from ..transport.kept import Kept


class AppDoor:
    """Makes the scripts of calls of an app.

    Args:
        place: Where the app is.
        apps: The apps that the client knows.
        settings: The client's settings.
        kept: The connections that wait for the client's next request.
        signs_in: Whether functions get the user's token, if they take one.

    Attributes:
        place: See above.
        settings: See above.
        kept: See above.
    """

    def __init__(
        self, place: Place, apps: Apps, settings: Settings, kept: Kept, *, signs_in: bool
    ) -> None:
        self.place: Place = place
        self.settings: Settings = settings
        self.kept: Kept = kept
        self._apps = apps
        self._signs_in = signs_in

    def script(
        self,
        endpoint: str | int,
        by_position: tuple[object, ...],
        by_name: Mapping[str, object],
        session: SessionPage | None,
    ) -> Script[tuple[Any, ...]]:
        """Return the script that calls a function.

        Raises:
            InputsError: An argument can't be sent.
        """
        arguments = Arguments(by_position, by_name)
        call = Call(self.place, self._apps, endpoint, arguments, self._signs_in, session)
        return Script(
            steps=lambda budget: call_function(call, budget),
            model=f"/{str(endpoint).removeprefix('/')}",
            brought=json_length(arguments.values),
            once=True,
        )

    def describing(self) -> AsyncEngine[Script[tuple[KnownApp, tuple[Endpoint, ...]]]]:
        """Return the engine that fetches the app's description."""
        steps = Script(steps=lambda _: describe_app(self.place, self._apps))
        return AsyncEngine(steps, self.settings, kept=self.kept)


class AsyncAppEngine(AppDoor):
    """Fetches the description of an app; `portal.app_engine` has its blocking twin."""

    _described: tuple[KnownApp, Mapping[str, Endpoint]] | None = None

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The app's endpoints, by their names or numbers.

        Raises:
            SpaceChatError: The app's description has not been fetched.
        """
        return self._described_app()[1]

    @property
    def view(self) -> AppView:
        """The view of the app."""
        return AppView.of(*self._described_app())

    async def open(self) -> None:
        """Fetch the app's description, if that has not been done.

        Raises:
            SpaceChatError: The app can't be reached, or is none; the kind says why.
        """
        if self._described is None:
            known, endpoints = (await self.describing().complete()).value
            self._described = known, MappingProxyType({each.key: each for each in endpoints})

    def _described_app(self) -> tuple[KnownApp, Mapping[str, Endpoint]]:
        if self._described is None:
            raise SpaceChatError(
                "What the app has is not known yet: use it as in `async with client.app(...) as "
                "app:`, or `app = await client.app(...)`."
            )
        return self._described
