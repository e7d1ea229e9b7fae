"""What a caller gives that is not what an option takes: typed errors that say what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spacechat
from spacechat import errors, providers, sync

URL = "http://127.0.0.1:9"
"""Nobody listens there: an error about an option comes before any request."""

OPTIONS: list[tuple[str, Any, str]] = [
    ("inputs", ["a"], "inputs= takes a mapping"),
    ("inputs", "temperature=1", "inputs= takes a mapping"),
    ("inputs", 5, "inputs= takes a mapping"),
    ("files", "x", "files= takes a list"),
    ("files", b"x", "files= takes a list"),
    ("files", Path("x"), "files= takes a list"),
    ("files", 5, "files= takes a list"),
    ("endpoint", ["/a"], "endpoint= takes the name of a function or its id"),
    ("endpoint", 1.5, "endpoint= takes"),
    ("endpoint", True, "endpoint= takes"),
    ("output", {}, "output= takes the label of an output or its id"),
    ("auth", "ada:secret", "auth= takes a user and a password"),
    ("auth", ("ada",), "auth= takes a user and a password"),
    ("auth", ("ada", 5), "auth= takes a user and a password"),
    ("history", "none", "history= takes 'native' or 'prompt'"),
    ("history", [], "history= takes 'native' or 'prompt'"),
    ("repair", "yes", "repair= takes True or False"),
    ("sign_in", "hf_mine", "sign_in= takes True or False"),
]


@pytest.mark.parametrize(("name", "value", "told"), OPTIONS)
def test_an_option_of_another_kind(name: str, value: Any, told: str) -> None:
    given: Any = {name: value}
    with spacechat.Client() as client, pytest.raises(errors.InputsError) as caught:
        client.ask("Hi", model=URL, **given)
    assert told in str(caught.value)
    assert type(value).__name__ in str(caught.value)
    assert "secret" not in str(caught.value).replace("as in ('ada', 'secret')", "")


MODELS: list[Any] = [
    5,
    b"qwen-2.5",
    {"qwen-2.5": 1},
    {"qwen-2.5"},
    [5],
    [["qwen-2.5"]],
    [b"x"],
    1.5,
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_a_model_of_another_kind(model: Any) -> None:
    with spacechat.Client() as client:
        for more in ({}, {"provider": sync.Qwen_Qwen_2_5}):
            given: Any = more
            with pytest.raises(errors.ModelNotFoundError, match="model= takes a model's name"):
                client.ask("Hi", model=model, **given)
        with pytest.raises(errors.ModelNotFoundError, match="model= takes a model's name"):
            client.inspect(model)
        with pytest.raises(errors.ModelNotFoundError, match="model= takes a model's name") as one:
            client.check(model)
        assert "a list" not in str(one.value)


@pytest.mark.parametrize("provider", ["qwen", b"x", 5, ["qwen"], [5], {}, int, [int]], ids=repr)
def test_a_provider_of_another_kind(provider: Any) -> None:
    with spacechat.Client() as client:
        with pytest.raises(errors.ModelNotFoundError, match="provider= takes a class") as caught:
            client.ask("Hi", provider=provider)
        assert "model=" in str(caught.value)
        with pytest.raises(errors.ModelNotFoundError, match="provider= takes a class"):
            client.map(["Hi"], provider=provider)


@pytest.mark.parametrize(
    "name", ["qwen", "qwen-2.5-1m-demo-", "qwen-qwen2-6", "qwen_2_72b", "Qwen 2.5 max"]
)
def test_near_matches_are_names_that_are_listed(name: str) -> None:
    with pytest.raises(errors.ModelNotFoundError, match="Did you mean") as caught:
        providers.find(name)
    near = re.findall("'([^']+)'", str(caught.value).partition("Did you mean ")[2].split("?")[0])
    assert near
    assert set(near) <= set(providers.models())
    assert all(name in str(caught.value).partition("There are ")[2] for name in providers.models())


def test_a_long_name_is_not_repeated() -> None:
    with pytest.raises(errors.ModelNotFoundError) as caught:
        providers.find("x" * 1_000_000)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("kind", [spacechat.Client, spacechat.AsyncClient])
@pytest.mark.parametrize("given", ["ada.json", {}, [], 5], ids=repr)
def test_a_conversation_that_is_none(kind: Callable[[], Any], given: Any) -> None:
    client = kind()
    ways: list[Callable[[], Any]] = [
        lambda: client.stream("Hi", model=URL, conversation=given),
        lambda: client.conversation(given),
    ]
    for begin in ways:
        with pytest.raises(errors.MessagesError, match="takes a Conversation"):
            begin()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", 3),
        ("token", b"hf_secret"),
        ("proxy", 3),
        ("timeout", "x"),
        ("timeout", True),
        ("retries", "x"),
        ("retries", None),
        ("headers", ["a"]),
        ("headers", "a: b"),
    ],
)
def test_a_setting_of_another_kind(name: str, value: Any) -> None:
    given: Any = {name: value}
    for kind in (spacechat.Client, spacechat.AsyncClient):
        with pytest.raises(TypeError, match=rf"^{name}= takes .* of type") as caught:
            kind(**given)
        assert "secret" not in str(caught.value)
