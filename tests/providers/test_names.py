"""What a model's name may be, wherever one is given: aliases, the default, addresses, Spaces."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.error import UsageError

import spacechat
from spacechat import Conversation, errors
from spacechat.apps import hub
from spacechat.notebook.magics import ChatMagics
from spacechat.openai.api import Api
from spacechat.openai.refusals import Refusal
from spacechat.providers import DEFAULT, GradioChat, Space, candidates, find, models
from spacechat.providers.registry import LONGEST_NAME, _pinned_models
from tests.conftest import BOTH_APIS
from tests.samples import SHAPES
from tests.servers.apps import AnApp

pytestmark = pytest.mark.anyio

Write = Callable[[str], Path]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Write:
    """Writes the settings file."""
    path = tmp_path / "config.toml"

    def write(content: str) -> Path:
        path.write_text(content, encoding="utf-8")
        monkeypatch.setenv("SPACECHAT_CONFIG", str(path))
        return path

    return write


def asked(
    model: str | list[str] | None = None,
    provider: type[Space] | None = None,
    conversation: Conversation | None = None,
) -> list[tuple[str, str | None]]:
    """The addresses of the Spaces that are asked, and the name of each one's model."""
    return [(space.url, name) for space, name in candidates(model, provider, conversation)]


PAGES = (
    "https://huggingface.co/spaces/owner/na.me",
    "http://huggingface.co/spaces/owner/na.me/tree/main",
    "https://www.huggingface.co/spaces/owner/na.me?logs=container",
    "https://hf.co/spaces/owner/na.me#readme",
    "huggingface.co/spaces/owner/na.me",
    "HuggingFace.co/spaces/owner/na.me",
    "hf.co/spaces/owner/na.me/",
    "hf://spaces/owner/na.me",
    "spaces/owner/na.me",
    "owner/na.me",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_a_space(page: str) -> None:
    assert find(page).url == "https://huggingface.co/spaces/owner/na.me"
    assert find(page).default_model == "owner/na.me"


def test_the_page_of_a_space_at_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example:1234/hf/")
    for page in (*PAGES, "hub.example:1234/hf/spaces/owner/na.me"):
        assert find(page).url == "http://hub.example:1234/hf/spaces/owner/na.me"
        assert find(page).default_model == "owner/na.me"


@pytest.mark.parametrize(
    "text",
    ["localhost/chat", "127.0.0.1/chat", "example.org/chat", "https://spaces/owner/name"],
)
def test_no_space(text: str) -> None:
    """What has the form of an id may be an address: the owner of a Space has no dot."""
    assert hub.space_id(text) is None
    assert issubclass(find(text), GradioChat)


@pytest.mark.parametrize("text", ["https://huggingface.co/Qwen/Qwen2.5-7B", "hf.co/chat", "hf.co/"])
def test_a_page_of_the_hub_that_is_no_space(text: str) -> None:
    with pytest.raises(errors.ModelNotFoundError, match="is a page of the Hub, but not of a Space"):
        find(text)


PARTS = st.sampled_from(
    [
        *"/:@[]?#.% \\\n\0é",
        "://",
        "http",
        "localhost",
        "::1",
        "7860",
        "hf.co",
        "spaces/",
        "a",
        "qwen-2.5",
    ]
)


@given(st.one_of(st.text(), st.lists(PARTS, max_size=12).map("".join)))
def test_any_text(text: str) -> None:
    """It is understood, or refused by an error of ours; what is understood stays what it is."""
    with contextlib.suppress(errors.SpaceChatError):
        found = find(text)
        assert find(found.default_model).url == found.url
        assert found.url.startswith(("http://", "https://"))


async def test_an_address_without_its_scheme() -> None:
    with AnApp() as app:
        address = app.url.removeprefix("http://")
        async with spacechat.AsyncClient() as client:
            reply = await client.ask("Hi", model=address)
            assert (reply.text, reply.model) == ("Hello from 0", app.url)
            assert (await client.check(f"{address}/")).state == "up"
            assert (await client.inspect(address)).url == app.url
            space = spacechat.providers.Qwen_Qwen_2_72B.at(address)
            assert space.url == GradioChat.at(address).url == app.url


async def test_a_login_in_an_address_without_its_scheme() -> None:
    with AnApp() as app:
        address = app.url.replace("http://", "me:canary@")
        async with spacechat.AsyncClient() as client:
            reply = await client.ask("Hi", model=address)
        assert reply.model == app.url
        assert all((one.header("authorization") or "").startswith("Basic ") for one in app.requests)
    for wrong in ("me:canary@nowhere", "me:canary@nonsense/x"):
        with pytest.raises(errors.ModelNotFoundError) as caught:
            find(wrong)
        assert "canary" not in str(caught.value)


def test_an_alias(write: Write) -> None:
    write(
        '[models]\nfast = "quick"\nquick = "qwen-2.5"\nmine = "owner/name"\n'
        'local = "localhost:7860"\n"gpt-4o" = "mine"\n'
    )
    known = find("qwen-2.5")
    assert asked("fast") == asked("quick") == [(known.url, "qwen-2.5")]
    assert asked("gpt-4o") == [(hub.space_url("owner/name"), None)]
    assert asked(["local", "qwen-2-72b", "fast"]) == [
        ("http://localhost:7860", None),
        *asked("qwen-2-72b"),
        *asked("qwen-2.5"),
    ]
    assert asked("fast", known) == [(known.url, "qwen-2.5")]
    assert find("local").url == "http://localhost:7860"
    assert models() == [*(name for each, _ in SHAPES for name in each.models), *ALIASES]
    assert find("mine").url in models()._repr_html_()  # type: ignore[attr-defined]


ALIASES = ["fast", "quick", "mine", "local", "gpt-4o"]


def test_an_alias_of_a_provider_comes_first(write: Write) -> None:
    """A class that has a model of that name itself is not asked for another."""

    class Mine(spacechat.providers.Qwen_Qwen_2_5):
        model_aliases: ClassVar[dict[str, str]] = {"mine": "other-model"}

    write('[models]\nmine = "owner/name"')
    assert asked("mine", Mine) == [(Mine.url, "mine")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nonsens", r"There is no model 'nonsens'\. Did you mean 'nonsense'\?"),
        (
            "quack",
            r"There is no model 'quack'\. There are qwen-2.*, fast, nonsense, secret;",
        ),
        ("nonsense", r"no model 'qqq', for which the alias 'nonsense' stands in .*config.toml\."),
        ("secret", r"There is no model 'canary', for which"),
        ("qwen-2.6", r"Did you mean 'qwen-2\.5'"),
    ],
)
def test_a_name_that_nothing_has(name: str, told: str, write: Write) -> None:
    write('[models]\nfast = "a/b"\nnonsense = "qqq"\nsecret = "me:pass@canary"')
    with pytest.raises(errors.ModelNotFoundError, match=told) as caught:
        find(name)
    assert "pass" not in str(caught.value)


def test_many_aliases(write: Write) -> None:
    write("[models]\n" + "".join(f'zz{number} = "a/b"\n' for number in range(500)))
    assert len(models()) == 504
    with pytest.raises(errors.ModelNotFoundError, match=r"zz15, and 484 more; besides,"):
        find("quack")


def test_an_alias_for_what_is_too_long(write: Write) -> None:
    write(f'[models]\nlong = "{"a" * (LONGEST_NAME + 1)}"')
    with pytest.raises(errors.ModelNotFoundError, match="1,001 characters"):
        find("long")


def test_a_known_name_is_no_alias(write: Write) -> None:
    """It means the same for ever; whoever renames it is told as soon as the file counts."""
    write('[models]\n"qwen-2.5" = "owner/name"\nfast = "owner/name"')
    assert find("qwen-2.5") is spacechat.providers.Qwen_Qwen_2_5
    for ask in (lambda: find("fast"), models, lambda: find("nonsense")):
        with pytest.raises(errors.SettingsFileError, match=r"'qwen-2\.5' is the name of a model"):
            ask()


def test_a_damaged_file(write: Write) -> None:
    """It stops what needs it, and nothing else."""
    path = write("damaged")
    for name in ("qwen-2.5", "owner/name", "localhost:7860", "https://example.org"):
        assert asked(name)
    assert asked(None, DEFAULT) == [(DEFAULT.url, None)]
    for ask in (lambda: asked("fast"), asked, models, lambda: asked("fast", DEFAULT)):
        with pytest.raises(errors.SettingsFileError, match=str(path)):
            ask()


def test_the_default(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's comes before the file's, and the conversation's before either."""
    assert asked() == [(DEFAULT.url, None)]
    write('model = "mine"\n[models]\nmine = "owner/name"\nother = "qwen-2-72b"')
    assert asked() == [(hub.space_url("owner/name"), None)]
    assert asked(None, None, Conversation(session_hash="")) == asked()
    messages: list[spacechat.providers.Message] = [{"role": "user", "content": "Hi"}]
    held = Conversation(session_hash="", messages=messages, model="qwen-2.5")
    assert asked(None, None, held) == [(find("qwen-2.5").url, None)]
    monkeypatch.setenv("SPACECHAT_MODEL", "other")
    assert asked() == [(find("qwen-2-72b").url, None)]
    monkeypatch.setenv("SPACECHAT_MODEL", "localhost:7860")
    assert asked() == [("http://localhost:7860", None)]
    assert asked(None, DEFAULT) == [(DEFAULT.url, None)]
    assert asked("other", None, held) == [(find("qwen-2-72b").url, "qwen-2-72b")]


def test_a_default_that_is_none(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('model = "nonsense"')
    with pytest.raises(errors.ModelNotFoundError, match=f"{path} names: There is no model 'nons"):
        asked()
    monkeypatch.setenv("SPACECHAT_MODEL", "rubbish")
    with pytest.raises(errors.ModelNotFoundError, match="SPACECHAT_MODEL names: There is no model"):
        asked()


@BOTH_APIS
async def test_the_client(client: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with AnApp() as app:
        write(f'model = "mine"\n[models]\nmine = "{app.url.removeprefix("http://")}"')
        for options in ({}, {"model": "mine"}, {"model": ["mine"]}):
            assert (await client.ask("Hi", **options)).model == app.url
        assert (await client.conversation().ask("Hi")).model == app.url
        assert (await client.inspect("mine")).url == app.url
        assert (await client.call("mine", 0, "Hi")) == "Hello from 0"
        monkeypatch.setenv("SPACECHAT_MODEL", "nonsense")
        with pytest.raises(errors.ModelNotFoundError, match="SPACECHAT_MODEL"):
            await client.ask("Hi")
        assert app.described == 1


@pytest.mark.parametrize("name", ["{}", "{}/", "http://{}/", "mine"])
async def test_a_conversation(name: str, write: Write, tmp_path: Path) -> None:
    """It goes on by the name that it began with, whichever that is, and so does its file."""
    with AnApp() as app:
        model = name.format(app.url.removeprefix("http://"))
        write(f'[models]\nmine = "{app.url}"')
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(model=model)
            for count in (2, 4):
                assert (await chat.ask("Hi")).model == app.url
                assert len(chat.messages) == count
            chat.switch(app.url + "/")
            assert (await chat.ask("Hi")).model == app.url
            chat.save(tmp_path / "chat.json")
            loaded = Conversation.load(tmp_path / "chat.json")
            for named in (None, model):
                reply = await client.ask("Hi", model=named, conversation=loaded)
                assert reply.model == app.url


def test_the_magics(write: Write) -> None:
    names: dict[str, Any] = {}
    magics = ChatMagics(SimpleNamespace(user_ns=names))
    with AnApp() as app, AnApp() as other:
        write(f'model = "mine"\n[models]\nmine = "{app.url}"\nother = "{other.url}"')
        for line, asked_app in (("", app), ("-m other", other), ("-m mine", app), ("", app)):
            magics.chat(line, "Hi")
            assert names["reply"].model == asked_app.url
    with pytest.raises(UsageError, match=r"There is no model 'othr'\. Did you mean 'other'"):
        magics.chat("-m othr", "Hi")
    write("damaged")
    with pytest.raises(UsageError, match="SettingsFileError: The settings file"):
        magics.chat("-m mine", "Hi")


def test_the_openai_api(write: Write) -> None:
    write('[models]\nmine = "http://me:canary@localhost:7860"')
    api = Api(None)
    listed: Any = api.receive("GET", "/v1/models", b"")
    assert b"canary" not in listed.body
    found = {one["id"]: one["owned_by"] for one in json.loads(listed.body)["data"]}
    assert found["mine"] == "spacechat"  # The name hides where the app is.
    body = b'{"model":"mine","messages":[{"role":"user","content":"Hi"}]}'
    for served in (api, Api(["mine"])):
        question: Any = served.receive("POST", "/v1/chat/completions", body)
        assert question.space.url == "http://localhost:7860"


BAD = """
[models]
good = "owner/name"
bad = "rubbish"
loop = "loop2"
loop2 = "loop"
worse = "http://[::1"
"""


def test_the_openai_api_with_a_bad_alias(write: Write) -> None:
    """It is left out, and its own error says nothing of what is on this machine."""
    path = write(BAD)
    api = Api(None)
    listed: Any = api.receive("GET", "/v1/models", b"")
    assert {each["id"] for each in json.loads(listed.body)["data"]} == {
        *_pinned_models(),
        "good",
    }
    for name in ("bad", "loop", "worse"):
        body = b'{"model":"%s","messages":[{"role":"user","content":"Hi"}]}' % name.encode()
        for request in (("POST", "/v1/chat/completions", body), ("GET", f"/v1/models/{name}", b"")):
            with pytest.raises(Refusal, match=f"The model '{name}' can't be asked") as caught:
                api.receive(*request)
            assert caught.value.status == 404
            for hidden in (str(path), "rubbish", "loop2", "::1"):
                assert hidden not in str(caught.value)


def test_the_openai_api_with_a_damaged_file(write: Write) -> None:
    """It is told when the server starts; later, the request gets an error of the server's."""
    path = write("damaged")
    with pytest.raises(errors.SettingsFileError):
        Api(None)
    write("")
    api = Api(None)
    write("damaged later")
    body = b'{"model":"mine","messages":[{"role":"user","content":"Hi"}]}'
    for request in (("POST", "/v1/chat/completions", body), ("GET", "/v1/models", b"")):
        with pytest.raises(Refusal, match="settings file") as caught:
            api.receive(*request)
        assert caught.value.status == 500
        assert str(path) not in str(caught.value)
        assert caught.value.error.code == "settings_file"
