"""Addresses as people write them."""

from __future__ import annotations

import pytest

from spacechat.addresses import full_address, with_user

WITH_USERS = {
    "https://ada:secret@example.org/app": "https://WHO@example.org/app",
    "ada:secret@localhost:7860": "WHO@localhost:7860",
    "http://ada:secret@host/?x=http://y/z": "http://WHO@host/?x=http://y/z",
    "ada:secret@host/?x=http://y/z": "WHO@host/?x=http://y/z",
    "http://host/?x=http://y/z": "http://host/?x=http://y/z",
    "owner/name": "owner/name",
}


@pytest.mark.parametrize("text", WITH_USERS)
def test_another_user(text: str) -> None:
    assert with_user(text, "WHO") == WITH_USERS[text]


ADDRESSES = {
    "localhost": "http://localhost",
    "localhost:7860": "http://localhost:7860",
    "LOCALHOST:7860/": "http://LOCALHOST:7860/",
    "localhost/chat": "http://localhost/chat",
    "app.localhost:7860": "http://app.localhost:7860",
    "127.0.0.1": "http://127.0.0.1",
    "127.0.0.1:7860": "http://127.0.0.1:7860",
    "127.9.9.9/chat": "http://127.9.9.9/chat",
    "0.0.0.0:7860": "http://0.0.0.0:7860",
    "[::1]": "http://[::1]",
    "[::1]:7860/chat?x=1": "http://[::1]:7860/chat?x=1",
    "me:pass@localhost:7860": "http://me:pass@localhost:7860",
    "my-host:7860": "https://my-host:7860",
    "my_host:7860/a/b": "https://my_host:7860/a/b",
    "192.168.1.5:7860": "https://192.168.1.5:7860",
    "192.168.1.5": "https://192.168.1.5",
    "[fe80::1]/chat": "https://[fe80::1]/chat",
    "gradio.example.org": "https://gradio.example.org",
    "gradio.example.org/path": "https://gradio.example.org/path",
    "gradio.example.org/a/b?x#y": "https://gradio.example.org/a/b?x#y",
    "example.org/": "https://example.org/",
    "me:pass@example.org/chat": "https://me:pass@example.org/chat",
    "bücher.example/chat": "https://bücher.example/chat",
    "owner-name.hf.space": "https://owner-name.hf.space",
    # What names its scheme is left as it is, even if it is no address that can be used.
    "http://example.org": "http://example.org",
    "https://localhost": "https://localhost",
    "ftp://host": "ftp://host",
}

NO_ADDRESSES = (
    "",
    "qwen-2.5",
    "qwen2.5-max",
    "llama3:8b",
    "deepseek-r1:latest",
    "owner/name",
    "owner/name:latest",
    "my-host",
    "my-host/chat",
    "example.org",
    "llama.cpp",
    "v1.2.3",
    "1.2.3",
    "localhost:port",
    "localhost:99999",
    ":7860",
    "/path",
    "//host:7860",
    "::1",
    "[::1",
    "a host:7860",
    "back\\slash:7860",
    "line\n:7860",
    "?x=localhost:7860",
)


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address(text: str) -> None:
    assert full_address(text) == ADDRESSES[text]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_no_address(text: str) -> None:
    assert full_address(text) is None
