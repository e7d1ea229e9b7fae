"""A conversation that was saved goes on with the Space that it was held with, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat import Conversation
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import DEFAULT, PROVIDERS
from tests.cli.conftest import Run

SAID = [{"role": "user", "content": "secret"}, {"role": "assistant", "content": "Well."}]


def answer(request: ChatRequest) -> list[str]:
    return ["knows" if "secret" in str(request) else "does not know"]


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
    """What all public Spaces are here; nothing is said to it unless its name is."""
    with LocalSpace("qwen-2.5", answer) as space:
        for provider in PROVIDERS:
            monkeypatch.setattr(provider, "url", space.url)
        yield space


@pytest.fixture
def private() -> Iterator[LocalSpace]:
    with LocalSpace("messages", answer) as space:
        yield space


def put(folder: Path, **fields: Any) -> str:
    path = folder / "talk.json"
    path.write_text(json.dumps({"session_hash": "", "messages": SAID, **fields}))
    return str(path)


@pytest.mark.parametrize("how", ["an argument", "/load"])
def test_it_goes_on_with_its_own_space(
    spacechat: Run, tmp_path: Path, public: LocalSpace, private: LocalSpace, how: str
) -> None:
    talk = put(tmp_path, model=private.url)
    arguments, first = ([talk], "") if how == "an argument" else ([], f"/load {talk}\n")
    found = spacechat("chat", *arguments, stdin=f"{first}go on\n/save {talk}\n".encode())
    assert found[:2] == (0, "knows\n")
    assert f"2 messages of {talk} are loaded.\n{private.url} goes on.\n" in found[2]
    assert public.requests == []
    saved = Conversation.load(talk)
    assert (saved.model, saved.url) == (private.url, private.url)


@pytest.mark.parametrize("how", ["an argument", "/load"])
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "doesn't say which model it was held with"),
        ({"model": None}, "doesn't say which model it was held with"),
        ({"model": "gone-7b"}, "There is no model 'gone-7b'"),
        ({"model": "qwen-2.5", "url": "nowhere"}, "'nowhere' is not the address"),
    ],
)
def test_it_goes_on_with_nobody(
    spacechat: Run, tmp_path: Path, public: LocalSpace, fields: Any, why: str, how: str
) -> None:
    talk = put(tmp_path, **fields)
    if how == "an argument":
        status, out, err = spacechat("chat", talk, stdin=b"go on\n")
        lines = 1
    else:
        # What follows was meant for another Space.
        status, out, err = spacechat("chat", stdin=f"/load {talk}\ngo on\n".encode())
        assert err.endswith("\nspacechat: The lines after that are not asked.\n")
        lines = 2
    assert public.requests == []
    assert (status, out) == (1, "")
    assert f"spacechat: {talk} is not loaded. " in err
    assert why in err
    assert err.count("\n") == lines


def test_who_is_named_goes_on_and_that_is_told(
    spacechat: Run, tmp_path: Path, public: LocalSpace, private: LocalSpace
) -> None:
    talk = put(tmp_path, model="owner/name")
    with LocalSpace("qwen-2-72b", answer) as copy:
        for options, called in (
            (("-m", private.url), private.url),
            (("--url", private.url), private.url),
            (("-m", "qwen-2-72b", "--url", copy.url), f"qwen-2-72b at {copy.url}"),
            (("-m", "qwen-2.5"), "qwen-2.5"),
        ):
            for arguments, stdin in (([talk], ""), ([], f"/load {talk}\n")):
                found = spacechat("chat", *options, *arguments, stdin=f"{stdin}go on".encode())
                assert found[:2] == (0, "knows\n")
                told = f"The conversation was held with owner/name; {called} goes on.\n"
                assert told in found[2]
    status, _, err = spacechat("chat", "--local", talk, stdin=b"go on")
    assert (status, "a local Space at http://127.0.0.1:" in err) == (0, True)


def test_a_copy_of_a_known_models_space(spacechat: Run, tmp_path: Path, public: LocalSpace) -> None:
    """Its name alone does not lead from the copy to the public Space."""
    talk = str(tmp_path / "talk.json")
    with LocalSpace("qwen-2.5", answer) as copy:
        keep = f"secret\n/save {talk}\n".encode()
        assert spacechat("chat", "-m", "qwen-2.5", "--url", copy.url, stdin=keep)[0] == 0
        for options in ((), ("-m", "qwen-2.5")):
            status, out, err = spacechat("chat", *options, talk, stdin=b"go on")
            assert (status, out) == (0, "knows\n")
            assert err.endswith(f"\nqwen-2.5 at {copy.url} goes on.\n")
        assert public.requests == []
    status, out, err = spacechat("chat", talk, stdin=b"go on")
    assert (status, out) == (1, "")
    assert copy.url in err.splitlines()[-1]
    assert public.requests == []


def test_the_default_model_is_kept_too(spacechat: Run, tmp_path: Path, public: LocalSpace) -> None:
    talk = str(tmp_path / "talk.json")
    assert spacechat("chat", stdin=f"one\n/save {talk}\n".encode())[0] == 0
    saved = Conversation.load(talk)
    assert (saved.model, saved.url) == (DEFAULT.default_model, public.url)
    assert spacechat("chat", talk, stdin=b"two")[0] == 0


def test_another_model_in_the_chat(
    spacechat: Run, tmp_path: Path, public: LocalSpace, private: LocalSpace
) -> None:
    with LocalSpace("qwen-2.5", answer) as copy:
        stdin = f"secret\n/model qwen-2.5\ntwo\n/model {private.url}\nthree\n".encode()
        status, out, err = spacechat("chat", "-m", "qwen-2.5", "--url", copy.url, stdin=stdin)
        assert (status, out) == (0, "knows\n" * 3)
    assert f"Questions go to qwen-2.5 at {copy.url}, with the 2 messages so far." in err
    assert f"Questions go to {private.url}, with the 4 messages so far." in err
    assert public.requests == []


def test_the_system_message_of_the_command_line_comes_first(
    spacechat: Run, tmp_path: Path, private: LocalSpace
) -> None:
    messages = [{"role": "system", "content": "Be brief."}, *SAID]
    talk = put(tmp_path, model=private.url, messages=messages)
    stdin = f"go on\n/save {talk}\n".encode()
    assert spacechat("chat", "-s", "Be long.", talk, stdin=stdin)[0] == 0
    assert Conversation.load(talk).messages[0]["content"] == "Be long."
