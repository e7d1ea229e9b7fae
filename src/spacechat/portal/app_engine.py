"""The engine behind the blocking face of an app."""

from __future__ import annotations

from collections.abc import Mapping

from ..apps.app_view import AppView
from ..apps.endpoints import Endpoint
from ..apps.known import Apps, Place
from ..client.app_engine import AppDoor, AsyncAppEngine
from ..settings import Settings
from ..transport.kept import Kept
from .loop import call


class AppEngine(AppDoor):
    """Fetches the description of an app when it is first needed; waits for it.

    Args:
        place: Where the app is.
        apps: The apps that the client knows.
        settings: The client's settings.
        kept: The connections that wait for the client's next request.
        signs_in: Whether functions get the user's token, if they take one.
    """

    def __init__(
        self, place: Place, apps: Apps, settings: Settings, kept: Kept, *, signs_in: bool
    ) -> None:
        super().__init__(place, apps, settings, kept, signs_in=signs_in)
        self._engine = AsyncAppEngine(place, apps, settings, kept, signs_in=signs_in)

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
