"""`--sign-in`, and an inspection of an app that one can sign in to."""

from __future__ import annotations

from tests.apps.test_sign_in import BUTTON, CHAT, TOKEN, info, server, tokens
from tests.cli.conftest import Run


def test_asking(spacechat: Run) -> None:
    with server(CHAT, BUTTON, said=info(chat="required")) as replay:
        given = ("ask", "--url", replay.url, "--token", TOKEN)
        assert spacechat(*given, "Hi") == (0, "Hello\n", "")
        assert spacechat(*given, "--sign-in", "Hi") == (0, "Hello\n", "")
        assert tokens(replay) == [None, TOKEN]
        status, out, err = spacechat("ask", "--url", replay.url, "--sign-in", "Hi")
    assert (status, out) == (1, "")
    assert "hf auth login" in err


def test_a_conversation(spacechat: Run) -> None:
    with server(CHAT, BUTTON, said=info(chat="required")) as replay:
        given = ("chat", "--url", replay.url, "--token", TOKEN, "--sign-in")
        status, out, _ = spacechat(*given, stdin=b"Hi\nAnd?\n")
        assert (status, out.count("Hello")) == (0, 2)
        assert tokens(replay) == [TOKEN, TOKEN]


def test_a_known_space_takes_no_sign_in(spacechat: Run) -> None:
    for command in ("ask", "chat"):
        status, out, err = spacechat(command, "-m", "qwen-2.5", "--sign-in", stdin=b"Hi\n")
        assert (status, out) == (2, "")
        assert "qwen-2.5 takes no --sign-in" in err


def test_an_inspection(spacechat: Run) -> None:
    with server(CHAT, BUTTON, said=info(chat="required")) as replay:
        status, out, err = spacechat("inspect", replay.url)
    assert (status, err) == (0, "")
    begin = f'{replay.url} (Gradio 6.31.0, sse_v3)\n\nAsk it\n  spacechat -m {replay.url} "Hi"\n\n'
    assert out.startswith(f"{begin}You type into the box 'Quest")
    assert "--sign-in gives the app your token" in out
