"""The login of an app, as a person writes it: on a command line, or in the environment."""

from __future__ import annotations

import os

from .errors import InputsError
from .hidden import Hidden

LOGIN = "SPACECHAT_AUTH"
"""The environment's variable for the login of the app that a command asks, as `user:password`."""


def environment_login() -> tuple[str, str] | None:
    """Return the user and the password that the environment has for an app, or None.

    Raises:
        InputsError: It is no user and password.
    """
    words = os.environ.get(LOGIN)
    return parse_login(LOGIN, Hidden(words)) if words else None


def parse_login(source: str, words: str) -> tuple[str, str]:
    """Return the user and the password in a text such as `ada:secret`.

    Args:
        source: Where it is from, for the error.
        words: The text.

    Raises:
        InputsError: There is no colon in it.
    """
    user, colon, password = words.partition(":")
    if not colon:
        raise InputsError(f"{source} takes a user and a password, as in ada:secret.")
    return Hidden(user), Hidden(password)
