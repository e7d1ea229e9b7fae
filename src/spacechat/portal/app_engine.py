"""The engine behind the blocking face of an app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..apps.app_view import AppView
from ..apps.endpoints import Endpoint
from ..apps.known import Apps
from ..client.app_engine import AppDoor, AsyncAppEngine, Login
from ..providers.space import Space
from ..settings import Settings
from .loop import call


class AppEngine(AppDoor):
    """Fetches the description of an app when it is first needed; waits for it.

    Args:
        spaces: The app, or several that stand in for each other.
        apps: The apps that the client knows.
        settings: The client's settings.
        login: The user.
    """

    def __init__(
        self, spaces: Sequence[type[Space]], apps: Apps, settings: Settings, login: Login
    ) -> None:
        super().__init__(spaces, apps, settings, login)
        self._engine = AsyncAppEngine(spaces, apps, settings, login)

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The app's endpoints, by their names or numbers."""
        self.open()
        return self._engine.endpoints

    @property
    def view(self) -> AppView:
        """The view of the app."""
        self.open()
        return self._engine.view

    def open(self) -> None:
        """Fetch the app's description, if that has not been done.

        Raises:
            SpaceChatError: The app can't be reached, or is none; the kind says why.
        """
        call(self._engine.open)
