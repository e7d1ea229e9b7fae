"""Signing in to an app with a Hugging Face token, and what an app's refusals mean.

On its page, a visitor signs in at Hugging Face, and a cookie tells the app's functions who asks. No
program gets such a cookie. Since Gradio 6.21, a call may carry a token instead, as `oauth_token` in
its body. The app's `info` says which functions take one. Those of a page's own events are listed
only with `all_endpoints`, and private ones not at all: these get the token, too, if the page has a
button to sign in with.

The token itself is added where requests are made (`transport`): no script knows it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from ..errors import AuthenticationError, GenerationError
from .app import App
from .info import EndpointInfo, Info

SINCE = (6, 21)
"""The first version of Gradio that takes a token with a call."""

_REFUSED = re.compile(r"\brequires a logged in user\b", re.IGNORECASE)
"""Gradio's words for a function whose visitor has not signed in."""
_OWN_WORDS = re.compile(r"\b(?:log(?:ged)?|sign(?:ed)?)[ -]?in\b", re.IGNORECASE)
"""The words of apps that look for themselves."""


def takes_tokens(app: App) -> bool:
    """Tell whether the app's version of Gradio takes a token with a call."""
    return app.is_since(*SINCE)


def check_version(url: str, app: App) -> None:
    """Raise if nobody but a browser can sign in.

    Raises:
        AuthenticationError: The page has a button to sign in with, and Gradio is too old.
    """
    if app.has_sign_in and not takes_tokens(app):
        raise _too_old(url, app)


def token_takers(app: App, info: Info) -> frozenset[int]:
    """Return the ids of the functions that get a user's token.

    Args:
        app: The app.
        info: Its `/info` of all endpoints; it says nothing of private ones.
    """
    unlisted = EndpointInfo(oauth_token="unknown" if app.has_sign_in else None)
    return frozenset(
        each.id for each in app.functions.values() if (info.of(each) or unlisted).oauth_token
    )


@contextlib.contextmanager
def explained(url: str, app: App, *, signed_in: bool) -> Iterator[None]:
    """Turn the failure of a function that wants a signed-in user into an error that says so.

    Args:
        url: The app's address.
        app: The app.
        signed_in: Whether the functions that take the user's token got it.

    Raises:
        AuthenticationError: The error in place of the app's own.
    """
    try:
        yield
    except GenerationError as exc:
        if not _wants_sign_in(app, str(exc), signed_in=signed_in):
            raise
        if not takes_tokens(app):
            raise _too_old(url, app) from exc
        raise AuthenticationError(_refusal(url, signed_in=signed_in)) from exc


def _wants_sign_in(app: App, said: str, *, signed_in: bool) -> bool:
    """Tell whether a function failed because nobody has signed in."""
    if _REFUSED.search(said):
        return True
    return app.has_sign_in and not signed_in and _OWN_WORDS.search(said) is not None


def _refusal(url: str, *, signed_in: bool) -> str:
    if signed_in:
        return (
            f"The app at {url} wants to know who has signed in on its page (gr.OAuthProfile), and "
            "no token tells it that: ask it in a browser, or ask its owner to take gr.OAuthToken."
        )
    return (
        f"The app at {url} answers only those who have signed in with Hugging Face. Ask with "
        "sign_in=True to give it your token, with which it can act as you do."
    )


def _too_old(url: str, app: App) -> AuthenticationError:
    return AuthenticationError(
        f"The app at {url} has visitors sign in with Hugging Face, and only a browser can: it runs "
        f"on Gradio {app.version[:40] or 'of an unknown version'}, where a token can be sent only "
        f"since {'.'.join(map(str, SINCE))}. Ask it in a browser, or ask its owner to update "
        "Gradio."
    )
