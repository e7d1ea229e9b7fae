"""The user's own token is the one that `huggingface_hub` finds, and is read only when needed."""

from __future__ import annotations

import configparser
import json
import logging
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from spacechat import AsyncClient, Client, errors
from spacechat.settings import Settings
from spacechat.transport import hub_token
from spacechat.transport.credentials import sign_in_token, token_for
from tests.servers import ReplayServer, response
from tests.systems import POSIX

THEIRS = """
import importlib, json, os, sys
from huggingface_hub import constants
from huggingface_hub.utils import _auth, _headers

def token(environment):
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "XDG_"))]:
        del os.environ[name]
    os.environ.update(environment)
    importlib.reload(constants)
    _auth._OAUTH_REFRESH_CACHE = None
    try:
        return [_headers.get_token_to_send(None), _headers.get_token_to_send(True)]
    except Exception as exc:
        return type(exc).__name__

print(json.dumps([token(each) for each in json.load(sys.stdin)]))
"""
"""Prints the token that the package sends unasked, and the one that it sends if it has to."""

HUB = httpx.URL("https://owner-name.hf.space")

CONTENTS = (
    *("hf_one", "hf_one\n", "  hf_two \r\n\r\n", "\ufeffhf_bom", "hf_a\nhf_b", "hf_a\r\n\r\nhf_b"),
    *("", "\n", " \t\n", "two words", "\thf_tab\t", "hf_\x00", "hf_你", "hf_\udcff", "x" * 4000),
)

PATHS = (
    None,
    "",
    "token",
    "~/token",
    "$FOLDER/token",
    "{}/token",
    "{}",
    "{}/token/x",
    "gone",
    "$NO/x",
)
HOMES = (None, "", ".", "~", "~/sub", "$FOLDER/sub", "{}", "{}/sub", "{}/token", "$FOLDER/$FOLDER")
TOKENS = (None, "", " ", "hf_env", " hf_env\n", "hf_\nenv", "\r")


def cases(folder: Path, count: int) -> list[dict[str, str]]:
    """Environments of users, all different, whose paths lead to files that are there or not."""
    chance = random.Random(11)
    found: dict[str, dict[str, str]] = {}
    while len(found) < count:
        chosen = {
            "HF_TOKEN": chance.choice(TOKENS),
            "HUGGING_FACE_HUB_TOKEN": chance.choice(TOKENS),
            "HF_TOKEN_PATH": chance.choice((None, None, *PATHS)),
            "HF_HOME": chance.choice(HOMES),
            "XDG_CACHE_HOME": chance.choice(HOMES),
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": chance.choice((None, None, "0", "1", "true", "Yes")),
        }
        if chance.random() < 0.7:  # Otherwise the environment's would come first in most of them.
            chosen |= {"HF_TOKEN": None, "HUGGING_FACE_HUB_TOKEN": None}
        environment = {
            name: value.replace("{}", str(folder))
            for name, value in chosen.items()
            if value is not None
        }
        found[json.dumps(environment)] = environment
    return list(found.values())


def theirs(folder: Path, environments: list[dict[str, str]]) -> list[Any]:
    """What the package finds in each environment, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", THEIRS],
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "FOLDER": str(folder)},
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def ours() -> tuple[str | None, str | None] | str:
    """What is found here: the token that is sent unasked, and the one for a sign-in."""
    try:
        return token_for(HUB, Settings(), proxied=False), hub_token.environment_token() or (
            hub_token.saved_token()
        )
    except errors.AuthenticationError as exc:
        return type(exc).__name__


def is_token(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isprintable())


def compare(folder: Path, environments: list[dict[str, str]], patch: pytest.MonkeyPatch) -> int:
    """Compare what is found in each environment; return how often there was a token."""
    patch.chdir(folder)
    patch.setenv("HOME", str(folder))
    patch.setenv("FOLDER", str(folder))
    count = 0
    for environment, found in zip(environments, theirs(folder, environments), strict=True):
        with pytest.MonkeyPatch.context() as inner:
            for name in ("HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"):
                inner.delenv(name, raising=False)
            for name, value in environment.items():
                inner.setenv(name, value)
            mine = ours()
        if isinstance(found, str):  # It fails, for a file that can't be read.
            assert mine in ((None, None), "AuthenticationError"), (environment, found, mine)
        elif not all(map(is_token, found)):
            assert mine == "AuthenticationError" or found[0] is mine[0] is None, environment
        else:
            assert mine == tuple(found), environment
            count += mine[1] is not None
    return count


def test_the_same_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file has a token that names it."""
    for name in (
        *("token", "sub/token", "huggingface/token", "sub/huggingface/token"),
        *(".cache/huggingface/token", "sub/x"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"hf_{name.replace('/', '_')}\n", encoding="utf-8")
    environments = cases(tmp_path, 600)
    assert compare(tmp_path, environments, monkeypatch) > 300


def test_the_same_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file has in it."""
    environments = []
    for number, content in enumerate(CONTENTS):
        path = tmp_path / f"token{number}"
        path.write_bytes(content.encode(errors="surrogateescape"))
        environments.append({"HF_TOKEN_PATH": str(path)})
    environments += [{"HF_TOKEN": each} for each in CONTENTS if "\0" not in each]
    assert compare(tmp_path, environments, monkeypatch) == 16


def saved(folder: Path, content: bytes, patch: pytest.MonkeyPatch) -> Path:
    """The path of the file in which `hf auth login` saved something."""
    path = folder / "token"
    path.write_bytes(content)
    patch.setenv("HF_HOME", str(folder))
    return path


@POSIX
def test_an_unreadable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told in the log, and public Spaces can be asked; none is waited for."""
    path = saved(tmp_path, b"hf_canary" * 1000, monkeypatch)
    os.mkfifo(tmp_path / "pipe")
    for name, why in {
        path: "it has more than 4,096 bytes",
        Path("/dev/zero"): "it has more than",
        tmp_path / "pipe": "it is no regular file",
        tmp_path: "it is no regular file",
        path / "x": "Not a directory",
    }.items():
        caplog.clear()
        monkeypatch.setenv("HF_TOKEN_PATH", str(name))
        assert token_for(HUB, Settings(), proxied=False) is None
        assert f"The saved token in {name} can't be read: {why}" in caplog.text
        with pytest.raises(errors.AuthenticationError, match="hf auth login"):
            sign_in_token(HUB, Settings())
    assert "canary" not in caplog.text

    for error, why in (
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (OSError("No more"), "No more"),
    ):
        monkeypatch.setattr(hub_token, "read_small_file", Mock(side_effect=error))
        assert token_for(HUB, Settings(), proxied=False) is None
        assert f"can't be read: {why}. None is sent." in caplog.text


def logins(folder: Path, **fields: object) -> None:
    """Write the file with all logins, as the package does."""
    config = configparser.ConfigParser(interpolation=None)
    config["another"] = {"hf_token": "hf_another"}
    config["100 % mine"] = {"hf_token": "hf_saved", **{n: str(v) for n, v in fields.items()}}
    with (folder / "stored_tokens").open("w", encoding="utf-8") as file:
        config.write(file)


def test_a_login_that_has_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The Hub would refuse its token even where none is needed."""
    saved(tmp_path, b"hf_saved", monkeypatch)
    for fields, is_sent in (
        ({}, True),
        ({"expires_at": int(time.time()) + 1000, "refresh_token": "x"}, True),
        ({"expires_at": int(time.time()) - 1000, "refresh_token": "x"}, False),
        ({"expires_at": "never"}, True),
    ):
        logins(tmp_path, **fields)
        sent = token_for(HUB, Settings(), proxied=False)
        assert sent == ("hf_saved" if is_sent else None)
        assert ("has expired: `hf auth whoami` renews it" in caplog.text) == (not is_sent)
        caplog.clear()
    for several, is_sent in (
        ("[other]\nhf_token = hf_other\nexpires_at = 1\n", True),
        ("[a]\nhf_token = hf_saved\n[b]\nhf_token = hf_saved\nexpires_at = 1\n", True),
        (
            "[a]\nhf_token = hf_saved\nexpires_at = 99999999999\n"
            "[b]\nhf_token = hf_saved\nexpires_at = 1\n",
            True,
        ),
        ("[a]\nhf_token = hf_saved\nexpires_at = 1\n[b]\nhf_token = hf_saved\n", False),
    ):
        (tmp_path / "stored_tokens").write_text(several)
        sent = token_for(HUB, Settings(), proxied=False)
        assert sent == ("hf_saved" if is_sent else None), "the first of several counts"
    for damaged in (b"[a\n", b"\xff", b"no section", b"[a]\n[a]\n", b"x" * 300_000):
        (tmp_path / "stored_tokens").write_bytes(damaged)
        assert token_for(HUB, Settings(), proxied=False) == "hf_saved"


def test_no_login_has_expired_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    saved(tmp_path, b"", monkeypatch)
    (tmp_path / "stored_tokens").write_text("[damaged]\nexpires_at = 1\n")
    assert token_for(HUB, Settings(), proxied=False) is None
    assert not caplog.text


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_an_environment_with_no_token(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "canary你")
    with pytest.raises(errors.AuthenticationError, match=f"environment's {name} has") as caught:
        token_for(HUB, Settings(), proxied=False)
    assert_hidden(caught.value)


def assert_hidden(error: BaseException) -> None:
    assert error.__cause__ is error.__context__ is None
    assert "canary" not in str(error)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename != __file__:
            assert "canary" not in repr(frame.f_locals)


def test_a_saved_token_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, b"hf_canary\0", monkeypatch)
    with pytest.raises(errors.AuthenticationError, match=f"The token in {path} has") as caught:
        token_for(HUB, Settings(), proxied=False)
    assert_hidden(caught.value)


HOSTS: Mapping[str, bool] = {
    "https://huggingface.co": True,
    "https://owner-name.hf.space": True,
    "https://cdn.huggingface.co": True,
    "https://hub.example": True,
    "http://owner-name.hf.space": False,
    "https://hf.space": False,
    "https://owner-name.hf.space.example": False,
    "https://nothuggingface.co": False,
    "https://huggingface.co.example": False,
    "http://127.0.0.1:7860": False,
    "https://localhost:7860": False,
    "https://gradio.example": False,
}


@pytest.mark.parametrize("url", HOSTS)
def test_whom_it_goes_to(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path, b"hf_saved\n", monkeypatch)
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example/hf")
    found = token_for(httpx.URL(url), Settings(), proxied=False)
    assert found == ("hf_saved" if HOSTS[url] else None)
    assert not token_for(httpx.URL(url), Settings(token=""), proxied=False)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert token_for(httpx.URL(url), Settings(), proxied=False) is None


def test_it_is_not_read_before_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A Space of this machine gets none, so the file is not even looked at."""
    caplog.set_level(logging.DEBUG)

    def opened(*_: object) -> bytes:
        pytest.fail("The file was opened.")

    monkeypatch.setattr(hub_token, "read_small_file", opened)
    with ReplayServer(lambda _: [response(b"{}")]) as server, Client() as client:
        assert "hf_" not in repr(client) + repr(AsyncClient())
        with pytest.raises(errors.SpaceChatError):
            client.ask("Hi", model=server.url)
        assert server.requests
        assert not any(one.header("authorization") for one in server.requests)
