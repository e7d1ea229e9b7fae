"""The place of an app, and the user who asks there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ..addresses import basic_auth_user, origin_of

Key: TypeAlias = "tuple[str, tuple[str, str] | None, str]"


@dataclass(frozen=True)
class Place:
    """An app's address, and the user who asks there.

    Attributes:
        url: The app's address, or that of its page on the Hub.
        headers: Headers of every request to it.
        auth: User and password of the app's own login, or None.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def key(self) -> Key:
        """The key of the known app. Users are part of it: an app may look different to each."""
        return self.url, self.auth, self.headers.get("authorization", "")

    @property
    def has_credentials(self) -> bool:
        """Whether whoever has its requests could log in as the user."""
        return self.auth is not None or "authorization" in self.headers

    @property
    def user(self) -> str:
        """The user of the login, or else of the address; an empty text if there is neither."""
        return user_of(self.auth, self.headers.get("authorization", ""))

    def at_host(self, url: str) -> Place:
        """Return a Space's place at its host instead of its page on the Hub."""
        own = {"origin": origin_of(url), "referer": f"{url}/"}
        return replace(self, url=url, headers={**self.headers, **own})


def user_of(auth: tuple[str, str] | None, authorization: str) -> str:
    """Return the user of a login, or else of a header of HTTP's basic authentication."""
    if auth is not None:
        return auth[0]
    return basic_auth_user(authorization)
