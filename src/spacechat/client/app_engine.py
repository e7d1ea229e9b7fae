"""What an app's faces need of the client: the app's description, and runs of its functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ..apps.app_view import AppView
from ..apps.arguments import Arguments
from ..apps.call import Call, SessionPage, call_function, describe_app
from ..apps.endpoints import Endpoint
from ..apps.known import Apps, KnownApp
from ..apps.place import Place
from ..errors import SpaceChatError
from ..protocol.budget import json_length
from ..providers.space import Space
from ..settings import Settings
from ..steps import Script
from ..streaming.engine import AsyncEngine
from ..transport.kept import Kept


@dataclass(frozen=True)
class Login:
    """The user of an app.

    Attributes:
        auth: User and password of the app's own login, or None.
        signs_in: Whether functions get the user's token, if they take one.
    """

    auth: tuple[str, str] | None = field(default=None, repr=False)
    signs_in: bool = False


class AppDoor:
    """Makes the scripts of calls of an app.

    Args:
        spaces: The app, or several that stand in for each other.
        apps: The apps that the client knows.
        settings: The client's settings.
        login: The user.
        kept: The connections that wait for the client's next request.

    Attributes:
        spaces: See above.
        settings: See above, with the limits of functions.
        login: See above.
        kept: See above.
    """

    def __init__(
        self,
        spaces: Sequence[type[Space]],
        apps: Apps,
        settings: Settings,
        login: Login,
        kept: Kept | None = None,
    ) -> None:
        self.spaces: Sequence[type[Space]] = spaces
        self.settings: Settings = replace(settings, limits=settings.limits.of_functions())
        self.login: Login = login
        self.kept: Kept | None = kept
        self._places = [replace(each.place(), auth=login.auth) for each in spaces]
        self._apps = apps

    def __str__(self) -> str:
        return " or ".join(each.url for each in self._places)

    def at(self, space: type[Space]) -> AppDoor:
        """Return the door of one of the apps."""
        return AppDoor([space], self._apps, self.settings, self.login, self.kept)

    def scripts(
        self,
        endpoint: str | int,
        arguments: Arguments,
        session: SessionPage | None = None,
        *,
        is_limited: bool = False,
    ) -> list[Script[tuple[Any, ...]]]:
        """Return the script that calls a function, or those to run in turn at several apps.

        Args:
            endpoint: The function.
            arguments: Its arguments.
            session: The session in which it is called, which chooses the app by itself, or None.
            is_limited: Whether the call has a timeout of its own.

        Raises:
            InputsError: An argument can't be sent.
        """
        opened = arguments.open()
        brought = json_length(opened.values)

        def script(model: str, places: Sequence[Place]) -> Script[tuple[Any, ...]]:
            signs_in = self.login.signs_in
            call = Call(places, self._apps, endpoint, opened, signs_in, session, is_limited)
            return Script(
                steps=lambda budget: call_function(call, budget),
                model=model,
                brought=brought,
                once=True,
            )

        name = f"/{str(endpoint).removeprefix('/')}"
        if session is not None or len(self._places) == 1:
            return [script(name, self._places)]
        return [script(f"{name} of {each.url}", [each]) for each in self._places]

    def describing(self) -> AsyncEngine[Script[tuple[KnownApp, tuple[Endpoint, ...]]]]:
        """Return the engine that fetches the description of the first app that answers."""

        def script(place: Place) -> Script[tuple[KnownApp, tuple[Endpoint, ...]]]:
            return Script(steps=lambda _: describe_app(place, self._apps), model=place.url)

        first, *others = map(script, self._places)
        return AsyncEngine(first, self.settings, fallbacks=others, kept=self.kept)


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
