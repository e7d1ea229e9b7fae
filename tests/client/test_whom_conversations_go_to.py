"""What was said to one Space goes to no other that nobody named, in both interfaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import spacechat
from spacechat import Conversation, errors, providers
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import Qwen_Qwen_2_5, Qwen_Qwen_2_5M, Qwen_Qwen_2_72B, registry

pytestmark = pytest.mark.anyio


def answer(request: ChatRequest) -> list[str]:
    return ["to ", request.prompt]


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
    """The default model's public Space, as far as anybody here can tell."""
    with LocalSpace("qwen-2.5", answer) as space:
        monkeypatch.setattr(Qwen_Qwen_2_5, "url", space.url)
        monkeypatch.setattr(spacechat.sync.Qwen_Qwen_2_5, "url", space.url)
        yield space


@pytest.fixture
def private() -> Iterator[LocalSpace]:
    with LocalSpace("qwen-2.5", answer) as space:
        yield space


@pytest.mark.parametrize("keeps", ["a file", "the reply"])
async def test_a_copy_goes_on(
    public: LocalSpace, private: LocalSpace, tmp_path: Path, keeps: str
) -> None:
    """A known model that was asked at a copy is asked there again, though only it is named."""
    async with spacechat.AsyncClient() as client:
        chat = client.conversation(provider=Qwen_Qwen_2_5.at(private.url))
        earlier = (await chat.ask("One")).conversation
        assert earlier.url == private.url
        if keeps == "a file":
            chat.save(tmp_path / "kept.json")
            earlier = Conversation.load(tmp_path / "kept.json")
        assert (await client.ask("Two", conversation=earlier)).text.count("One") == 2
        await client.ask("Two", conversation=earlier, model="qwen-2.5")
        again = client.conversation(earlier)
        await again.ask("Two")
        other = again.branch()
        await other.ask("Three")
        assert [again.undo(), again.undo()] == ["Two", "One"]
        assert (await again.ask("Four")).text == "to Four"
        assert public.requests == []
        # Another copy is asked where that is said, and told everything.
        reply = await client.ask("Two", conversation=earlier, provider=Qwen_Qwen_2_5.at(public.url))
    assert reply.text.count("One") == 2
    assert reply.conversation.url == public.url


def test_blocking(public: LocalSpace, private: LocalSpace, tmp_path: Path) -> None:
    space = spacechat.sync.Qwen_Qwen_2_5.at(private.url)
    with spacechat.Client() as client:
        chat = client.conversation(provider=space)
        chat.ask("One")
        chat.save(tmp_path / "kept.json")
        earlier = Conversation.load(tmp_path / "kept.json")
        client.conversation(earlier).ask("Two")
        client.ask("Two", conversation=earlier)
    spacechat.ask("Two", conversation=earlier)
    assert public.requests == []


async def test_an_app_goes_on(public: LocalSpace, tmp_path: Path) -> None:
    with LocalSpace("messages", answer) as app:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(model=app.url)
            await chat.ask("One")
            chat.save(tmp_path / "kept.json")
            earlier = Conversation.load(tmp_path / "kept.json")
            assert (earlier.model, earlier.url) == (app.url, app.url)
            earlier.model = None  # The address is enough.
            again = client.conversation(earlier)
            await again.ask("Two")
            assert [again.undo(), again.undo()] == ["Two", "One"]
            await again.ask("Three")
    assert public.requests == []


@pytest.mark.parametrize("ending", ["", "/", "/?__theme=dark"])
async def test_an_app_goes_on_however_its_address_ends(ending: str) -> None:
    with LocalSpace("messages", lambda request: [f"{len(request.history)} before"]) as app:
        async with spacechat.AsyncClient() as client:
            chat = client.conversation(model=app.url + ending)
            texts = [(await chat.ask(question)).text for question in ("One", "Two")]
            again = await client.ask(
                "Three", model=app.url + ending, conversation=chat.conversation
            )
    assert [*texts, again.text] == ["0 before", "2 before", "4 before"]


async def test_a_conversation_that_does_not_say_whom_it_was_with(public: LocalSpace) -> None:
    said = [{"role": "user", "content": "A secret."}, {"role": "assistant", "content": "Well."}]
    earlier = Conversation.from_json(json.dumps({"session_hash": "", "messages": said}))
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.ModelNotFoundError, match="which model it was held with"):
            client.stream("Two", conversation=earlier)
        with pytest.raises(errors.ModelNotFoundError, match="which model it was held with"):
            client.conversation(earlier).stream("Two")
        assert public.requests == []
        await client.ask("Two", conversation=earlier, model="qwen-2.5")
        # There is nothing to be misdirected in a new one.
        system = Conversation(session_hash="", messages=[{"role": "system", "content": "Be kind."}])
        await client.ask("Two", conversation=system)
    assert len({json.dumps(each.json) for each in public.requests if each.method == "POST"}) > 1


@pytest.mark.parametrize("url", ["", "nowhere", "file:///etc/passwd", "http://[", "//host"])
async def test_an_address_that_is_none(url: str, public: LocalSpace) -> None:
    earlier = Conversation(session_hash="", model="qwen-2.5", url=url)
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match="is not the address"):
            client.stream("Hi", conversation=earlier)


async def test_another_space_has_no_session_of_a_conversation() -> None:
    """Only the Space that remembers a session is asked in it."""
    with (
        LocalSpace("qwen-2.5-1m", answer) as first,
        LocalSpace("qwen-2.5-1m", answer) as second,
    ):
        async with spacechat.AsyncClient() as client:
            earlier = await client.ask("One", provider=Qwen_Qwen_2_5M.at(first.url))
            told = [
                (
                    await client.ask(
                        "Two", provider=Qwen_Qwen_2_5M.at(url), conversation=earlier.conversation
                    )
                ).text
                for url in (first.url, second.url)
            ]
    assert "One" not in told[0]
    assert "One" in told[1]


def test_a_space_of_another_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id says nothing of the Hub that it is of: the address does."""
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    held = providers.find("owner/name")
    assert held.url == "https://hub.example/spaces/owner/name"
    earlier = Conversation(session_hash="", model="owner/name", url=held.url)
    monkeypatch.delenv("HF_ENDPOINT")
    ((space, _),) = providers.candidates(None, None, earlier)
    assert space.url == held.url


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSpace]:
    """The one pinned Space that answers; the default one, which is asked before it, is down."""
    with LocalSpace("qwen-2-72b", answer) as space:
        down = Qwen_Qwen_2_5.at("http://127.0.0.1:9")
        monkeypatch.setattr(registry, "DEFAULT", down)
        monkeypatch.setattr(registry, "PROVIDERS", (down, Qwen_Qwen_2_72B.at(space.url)))
        yield space


async def test_the_space_that_answered_goes_on(pinned: LocalSpace) -> None:
    """Where nobody names a Space, one that is down has no part in the conversation."""
    async with spacechat.AsyncClient() as client:
        chat = client.conversation()
        await chat.ask("One")
        assert chat.conversation.url == pinned.url
        assert (await chat.ask("Two")).text.count("One") == 2
        chat.undo()
        assert [each["content"] for each in chat.messages] == ["One", "to One"]


async def test_one_of_several_models_goes_on(private: LocalSpace) -> None:
    async with spacechat.AsyncClient(model=["http://127.0.0.1:9", private.url]) as client:
        chat = client.conversation()
        await chat.ask("One")
        assert (chat.conversation.url, len(chat.messages)) == (private.url, 2)
        await chat.ask("Two")
        assert (chat.conversation.url, len(chat.messages)) == (private.url, 4)


async def test_a_part_of_an_answer_is_of_the_space_that_gave_it(private: LocalSpace) -> None:
    async with spacechat.AsyncClient(model=["http://127.0.0.1:9", private.url]) as client:
        chat = client.conversation()
        async with chat.stream("One") as stream:
            async for _ in stream:
                break
        chat.keep_partial("Well")
        assert (chat.conversation.url, len(chat.messages)) == (private.url, 2)


def test_the_space_that_answered_goes_on_blocking(pinned: LocalSpace) -> None:
    with spacechat.Client() as client:
        chat = client.conversation()
        chat.ask("One")
        assert (chat.conversation.url, len(chat.messages)) == (pinned.url, 2)
        assert chat.ask("Two").text.count("One") == 2
