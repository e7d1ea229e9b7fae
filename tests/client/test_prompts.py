"""Questions of a map that have options of their own."""

from __future__ import annotations

import pickle

import pytest

import spacechat
from spacechat import Prompt, errors
from spacechat.local import ChatRequest, LocalSpace
from spacechat.messages import MessagesLike
from spacechat.providers import Qwen_Qwen_2_72B

TALK = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "So?"},
]


def answer(request: ChatRequest) -> list[str]:
    return [f"{len(request.history)} {request.prompt!r}"]


@pytest.mark.anyio
async def test_each_has_its_own() -> None:
    """One that a Space doesn't take is the error of its own question."""
    prompts: list[MessagesLike] = [
        TALK,
        Prompt(TALK, history="native"),
        Prompt("Hi", inputs={"a": 1}),
        "Hi",
    ]
    with LocalSpace("qwen-2-72b", answer) as space:
        async with spacechat.AsyncClient() as client:
            found = client.map(prompts, provider=Qwen_Qwen_2_72B.at(space.url), ordered=True)
            results = [result async for result in found]
    told = [result.reply.text if result.reply else None for result in results]
    assert told[1:] == ["2 'So?'", None, "0 'Hi'"]
    assert told[0] is not None
    assert told[0].startswith("0 ")
    error = results[2].error
    assert isinstance(error, errors.InputsError)
    assert "takes no option 'inputs'" in str(error)
    assert results[1].prompt == TALK


def test_blocking() -> None:
    with LocalSpace("qwen-2-72b", answer) as space, spacechat.Client() as client:
        provider = spacechat.sync.Qwen_Qwen_2_72B.at(space.url)
        (result,) = client.map([Prompt(TALK, history="native")], provider=provider)
    assert str(result.reply) == "2 'So?'"


def test_a_prompt() -> None:
    prompt = Prompt("Hi", history="native", auth=("ada", "secret"))
    assert prompt == [{"role": "user", "content": "Hi"}]
    assert "secret" not in repr(prompt)
    again = pickle.loads(pickle.dumps(prompt))
    assert (again, again.options) == (prompt, prompt.options)
    with pytest.raises(errors.MessagesError):
        Prompt(" ")
