"""Which functions get a user's token, and which failures mean that one is wanted."""

from __future__ import annotations

import json

import pytest

from spacechat import errors
from spacechat.apps import App, parse_config
from spacechat.apps.info import Info, parse_info
from spacechat.apps.sign_in import check_version, explained, takes_tokens, token_takers
from tests.servers.page import Page

URL = "http://app"
BUTTON = "/login/huggingface"


def app(version: str = "6.21.0", *, has_button: bool = True) -> App:
    page = Page()
    page.add("textbox", BUTTON if has_button else "Text")
    for name in ("a", "b"):
        page.on(1, "submit", [1], [1], name)
    return parse_config(page.config(version))


def info(**takes: str | None) -> Info:
    said = {f"/{name}": {"oauth_token": token} for name, token in takes.items()}
    return parse_info(json.dumps({"named_endpoints": said}).encode())


@pytest.mark.parametrize(
    ("version", "takes"),
    [("6.21.0", True), ("6.20.9", False), ("7.0", True), ("5.99.0", False), ("", False)],
)
def test_which_versions_take_a_token(version: str, takes: bool) -> None:
    """Only the button of an older one is in the way."""
    assert takes_tokens(app(version)) is takes
    check_version(URL, app(version, has_button=False))
    if takes:
        check_version(URL, app(version))
    else:
        with pytest.raises(errors.AuthenticationError) as caught:
            check_version(URL, app(version))
        assert str(caught.value) == (
            f"The app at {URL} has visitors sign in with Hugging Face, and only a browser can: it "
            f"runs on Gradio {version or 'of an unknown version'}, where a token can be sent only "
            "since 6.21. Ask it in a browser, or ask its owner to update Gradio."
        )


@pytest.mark.parametrize(
    ("has_button", "said", "takers"),
    [
        (True, {}, {0, 1}),
        (False, {}, set()),
        (True, {"a": None}, {1}),
        (True, {"a": "required"}, {0, 1}),
        (False, {"a": "optional"}, {0}),
        (False, {"a": None, "b": "required"}, {1}),
    ],
)
def test_who_gets_a_token(has_button: bool, said: dict[str, str | None], takers: set[int]) -> None:
    """What an `/info` lists says so; what it doesn't list gets one if there is the button."""
    assert token_takers(app(has_button=has_button), info(**said)) == takers


def failed(said: str, app: App, *, signed_in: bool) -> str:
    with pytest.raises(errors.SpaceChatError) as caught, explained(URL, app, signed_in=signed_in):
        raise errors.GenerationError(said)
    return str(caught.value)


GRADIO = "This event requires a logged in user. Sorry."
ASKS = f"The app at {URL} answers only those who have signed in with Hugging Face. Ask with"
BROWSER = f"The app at {URL} wants to know who has signed in on its page (gr.OAuthProfile), and"
OLD = f"The app at {URL} has visitors sign in with Hugging Face, and only a browser can: it"


@pytest.mark.parametrize(
    ("said", "version", "has_button", "signed_in", "told"),
    [
        (GRADIO, "6.21.0", True, False, ASKS),
        (GRADIO, "6.21.0", False, False, ASKS),
        (GRADIO, "6.21.0", True, True, BROWSER),
        (GRADIO.upper(), "6.21.0", False, True, BROWSER),
        (GRADIO, "5.50.0", True, False, OLD),
        ("Please log in.", "6.21.0", True, False, ASKS),
        ("You are not signed-in!", "6.21.0", True, False, ASKS),
        ("Please sign in.", "5.50.0", True, False, OLD),
        ("Please log in.", "6.21.0", True, True, None),
        ("Please log in.", "6.21.0", False, False, None),
        ("The blog index is empty.", "6.21.0", True, False, None),
        ("no", "6.21.0", True, False, None),
    ],
)
def test_what_a_failure_means(
    said: str, version: str, has_button: bool, signed_in: bool, told: str | None
) -> None:
    found = failed(said, app(version, has_button=has_button), signed_in=signed_in)
    assert found.startswith(told or said)
    assert (found == said) is (told is None)


def test_other_errors_stay_as_they_are() -> None:
    error = errors.ProtocolError(GRADIO)
    with pytest.raises(errors.ProtocolError) as caught, explained(URL, app(), signed_in=False):
        raise error
    assert caught.value is error
    with explained(URL, app(), signed_in=False):
        pass
