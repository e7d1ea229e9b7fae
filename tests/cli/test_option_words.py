"""The library's texts in the words of the command line."""

from __future__ import annotations

import math
from collections.abc import Callable

import httpx
import pytest

from spacechat.cli.option_words import in_options
from spacechat.openai.words import in_api_words
from spacechat.settings import Settings
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("Choose one by endpoint= and output=.", "Choose one by --endpoint and --output."),
        ("a way (endpoint='/chat')", "a way (--endpoint '/chat')"),
        ("endpoint=5: you type", "--endpoint 5: you type"),
        ("output='Model B': the answer", "--output 'Model B': the answer"),
        ("pass auth=(user, password).", "pass --auth USER:PASSWORD."),
        ("did not take those of auth=.", "did not take those of --auth."),
        ("Ask with sign_in=True to give it", "Ask with --sign-in to give it"),
        ("leave out files=.", "leave out -a."),
        ("files[12]: there is no file 'x'.", "-a: there is no file 'x'."),
        ("set it with inputs=.", "set it with -o."),
        ("Settings, as in inputs={name: value}", "Settings, as in -o NAME VALUE"),
        ("timeout= sets the limit.", "--timeout sets the limit."),
        ("http://x/?output=5 my_files=3 -auth=x", "http://x/?output=5 my_files=3 -auth=x"),
        ("set token= or HF_TOKEN", "set --token or HF_TOKEN"),
        ("in use; port=0 takes any free one", "in use; --port 0 takes any free one"),
        ('It is up: client.ask("Hi", model="a/b-c").', 'It is up: spacechat -m a/b-c "Hi".'),
        ('To find one: client.find("chat").', "To find one: spacechat find chat."),
        ("set it (inputs={'Temp': 1}).", "set it (-o 'Temp' 1)."),
        ("set by inputs={'a b': ...}.", "set by -o 'a b' ...."),
        ("with auth=('a','b').", "with --auth 'a:b'."),
        ("the token, which is token=, HF_TOKEN", "the token, which is --token, HF_TOKEN"),
        ("more than 5 events. limits= sets how many may come.", "more than 5 events."),
        ("is too long. limits=Limits(message=...) sets how long one may be.", "is too long."),
        ("Check proxy= and the proxy variables of it.", "Check the proxy variables of it."),
        (
            "broke before the answer was complete; the partial answer is in partial_text.",
            "broke before the answer was complete.",
        ),
        ("Nothing to say.", "Nothing to say."),
    ],
)
def test_a_text(text: str, worded: str) -> None:
    assert in_options(text) == worded


@pytest.mark.parametrize("words", [in_options, in_api_words])
def test_a_real_error_about_a_limit(words: Callable[[str], str]) -> None:
    """What can't be set there is left out, as a whole sentence."""
    settings = Settings()
    failures = Failures(httpx.URL("http://x.invalid"), settings, Deadline(math.inf, None))
    error = str(failures.too_large())
    assert "limits=Limits(message=...)" in error
    assert words(error).endswith(f"sent a message of more than {settings.limits.message} bytes.")
