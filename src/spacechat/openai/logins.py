"""The logins of the apps that are served: which model's app gets which user and password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..addresses import without_user
from ..apps.options import hide_auth, parse_auth
from ..providers import GradioChat, Space

Auth: TypeAlias = tuple[str, str] | Mapping[str, tuple[str, str]]
"""A user and a password for the only app, or those of several apps by the names of their models."""


class Logins:
    """The logins of the apps that are served.

    An alias may stand for another app later, and that must not see the password. So a login belongs
    to the address that the name stood for at first.

    Args:
        auth: The logins; None for none.
        spaces: The Spaces that are served, by the names of their models.

    Raises:
        InputsError: A login is no pair of texts.
        ValueError: A login's model is none of those that are served, or no app; or the only login
            is not for just one app.
    """

    def __init__(self, auth: Auth | None, spaces: Mapping[str, type[Space]]) -> None:
        apps = {name: each.url for name, each in spaces.items() if issubclass(each, GradioChat)}
        logins = _by_name(auth, apps)
        for name in logins:
            if name not in apps:
                raise ValueError(
                    f"auth= has a login for {without_user(name)!r}, which is none of the models "
                    "that are served by the address or Space's id of an app."
                )
        self._logins = {name: (apps[name], login) for name, login in logins.items()}

    def of(self, name: str, space: type[Space]) -> tuple[str, str] | None:
        """Return the login for a model, or None.

        Args:
            name: The model's name.
            space: What it stands for now.
        """
        url, login = self._logins.get(name, ("", None))
        return login if url == space.url else None


def _by_name(auth: Auth | None, apps: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the logins by the names of their models."""
    if isinstance(auth, Mapping):
        named = {name: parse_auth(hide_auth(login)) for name, login in auth.items()}
        return {name: login for name, login in named.items() if login is not None}
    login = parse_auth(hide_auth(auth))
    if login is None:
        return {}
    if len(set(apps.values())) != 1:
        raise ValueError(
            "auth= goes to one app, so the models must name exactly one by its address or its "
            f"Space's id, and they name {len(set(apps.values())) or 'none'}. Several apps get "
            "theirs in a program, by Server(auth={NAME: (USER, PASSWORD)})."
        )
    return dict.fromkeys(apps, login)
