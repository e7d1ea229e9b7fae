"""The user's own token: the environment's, or the one that `hf auth login` saved.

It is found where `huggingface_hub` finds it, by the same variables and in the same order. That
package is not needed for it, and differs in what is no use to a program that streams:

- It looks at the variables of files when it is imported; here they count when a connection is made.
- It fails if the file can't be read. Here that is no token, since a public Space needs none.
- It renews a login that expires, by a request. Here one that has expired is not sent, since the Hub
  refuses it even where none is needed. Any command of `hf` renews it.
- It exchanges tokens in continuous integration, and asks Google Colab's secrets. Here nothing does.

Nothing is read before a connection is made that may get a token.
"""

from __future__ import annotations

import os
import time

from ..errors import AuthenticationError
from ..folders import read_small_file
from ..hidden import Hidden
from ..log import log
from ..settings import is_header_value

_LONGEST = 4096
"""Bytes of the file with a token; Hugging Face's have some forty."""

_LARGEST = 16 << 10
"""Bytes of the file with all logins, of which one is in use. Reading as much takes 6 ms."""

_VARIABLES = "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"
"""Of the environment; the second is the old name of the first."""

_TRUE = frozenset(("1", "ON", "YES", "TRUE"))


def is_withheld() -> bool:
    """Return whether the user wants no token sent but where a program asks for it."""
    return os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in _TRUE


def environment_token() -> Hidden | None:
    """Return the environment's token, or None.

    Raises:
        AuthenticationError: It is none.
    """
    for name in _VARIABLES:
        value = Hidden(os.environ.get(name, ""))
        if value:
            return _checked(_cleaned(value), f"The environment's {name}")
    return None


def saved_token() -> Hidden | None:
    """Return the token that `hf auth login` saved, or None.

    Raises:
        AuthenticationError: It is none.
    """
    path = _token_path()
    token = _checked(_cleaned(_content(path)), f"The token in {path}")
    if token is not None and _is_expired(token, path):
        log.warning("The login in %s has expired: `hf auth whoami` renews it.", path)
        return None
    return token


def _content(path: str) -> Hidden:
    """Return the text of the file with the saved token; empty if it can't be read."""
    try:
        return Hidden(read_small_file(path, _LONGEST).decode(errors="replace"))
    except FileNotFoundError:
        return Hidden()
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or exc
        log.warning("The saved token in %s can't be read: %s. None is sent.", path, why)
        return Hidden()


def _token_path() -> str:
    """Return the path of the file with the saved token."""
    cache = os.environ.get("XDG_CACHE_HOME", os.path.join(os.path.expanduser("~"), ".cache"))
    home = _expanded(os.environ.get("HF_HOME", os.path.join(cache, "huggingface")))
    return _expanded(os.environ.get("HF_TOKEN_PATH", os.path.join(home, "token")))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))


def _cleaned(text: str) -> Hidden | None:
    """Return a token without the line breaks and the space around it that files have."""
    return Hidden(text.replace("\r", "").replace("\n", "").strip()) or None


def _checked(token: Hidden | None, name: str) -> Hidden | None:
    if token is not None and not is_header_value(token):
        raise AuthenticationError(f"{name} has characters that no token has.")
    return token


def _is_expired(token: Hidden, path: str) -> bool:
    """Return whether a saved token is of a login in the browser that has expired.

    Args:
        token: The token.
        path: The file with it; the one beside it says when the login ends.
    """
    import configparser

    logins = configparser.ConfigParser(interpolation=None)
    try:
        content = read_small_file(os.path.join(os.path.dirname(path), "stored_tokens"), _LARGEST)
        logins.read_string(content.decode())
        ends = [
            login.getint("expires_at", fallback=None)
            for login in map(logins.__getitem__, logins.sections())
            if login.get("hf_token") == token
        ]
    except (OSError, ValueError, configparser.Error):
        return False
    return bool(ends) and ends[0] is not None and ends[0] < time.time()
