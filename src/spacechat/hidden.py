"""Secrets that no repr shows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

_SALT = os.urandom(16)


class Hidden(str):
    """A secret text. No repr shows it, so the locals of a traceback don't either."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str | None) -> Hidden | None:
        """Return a text stripped of white space and hidden; any other value is returned as is."""
        return cls(text.strip()) if isinstance(text, str) else text

    def __repr__(self) -> str:
        return "<hidden>"


def hide(values: Mapping[str, str]) -> dict[str, str]:
    """Return headers, or the fields of a form, with their values hidden."""
    return {name: Hidden(value) for name, value in values.items()}


def digest(*secrets: object) -> bytes:
    """Return a digest of secrets, which tells equal ones in this process; empty if there are none.

    Args:
        secrets: The secrets; what is false is none.
    """
    if not any(secrets):
        return b""
    text = repr([_shown(each) for each in secrets])
    return hashlib.blake2b(text.encode(errors="surrogateescape"), key=_SALT).digest()


def _shown(secret: object) -> object:
    """Return a secret in a form whose repr shows it."""
    return [str(each) for each in secret] if isinstance(secret, tuple) else secret and str(secret)
