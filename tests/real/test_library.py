"""The library against real Gradio servers: every answer exactly, in as many pieces as sent."""

from __future__ import annotations

import json
from contextvars import ContextVar

import anyio
import pytest

import spacechat
from spacechat import errors, events
from spacechat.providers import (
    AsyncProvider,
    Question,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_5_Max,
    Qwen_Qwen_2_5M,
    Qwen_Qwen_2_72B,
)
from spacechat.transport.connection import Connection
from tests.conftest import BACKENDS
from tests.real.apps.answers import ANSWERS, SNAPSHOTS, snapshots
from tests.real.conftest import each_version_once
from tests.real.servers import GradioServer, chat_text
from tests.samples import came_as_sent

pytestmark = [pytest.mark.anyio, pytest.mark.real]

PROVIDERS: dict[str, type[AsyncProvider]] = {
    "qwen-2-72b": Qwen_Qwen_2_72B,
    "qwen-2-72b-json": Qwen_Qwen_2_72B,
    "qwen-2.5": Qwen_Qwen_2_5,
    "qwen-2.5-strings": Qwen_Qwen_2_5,
    "qwen-2-5-max": Qwen_Qwen_2_5_Max,
    "qwen-2-5-max-json": Qwen_Qwen_2_5_Max,
    "qwen-2.5-1m": Qwen_Qwen_2_5M,
}

EXACT = {"qwen-2-72b-json", "qwen-2.5", "qwen-2-5-max-json", "qwen-2.5-1m"}
"""The apps whose component leaves a text as it is, in every version."""

MERGED = {("qwen-2.5-1m", "status"), ("qwen-2.5-1m", "html")}
"""Answers that look like that Space's placeholder or note for a while, and come when they don't."""

FEW = ["repeats", "brackets", "emoji_split", "lines", "blanks", "code", "empty", "one", "rewrite"]
"""What every app is asked on every backend; everything on asyncio, and of one app on each."""

AT_ONCE = 4
"""How many questions are under way; a server lets each wait for its turn in the queue."""


SENT: ContextVar[list[bytes]] = ContextVar("SENT")
"""Where the data goes that the server sends to a task."""


@pytest.fixture
def _recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the server sends, as the transport hands it over."""
    next_data = Connection.next_data

    async def record(self: Connection) -> bytes | None:
        data = await next_data(self)
        if data is not None:
            SENT.get().append(data)
        return data

    monkeypatch.setattr(Connection, "next_data", record)


def final_text(app: str, sent: list[bytes]) -> str:
    """The assistant's text in the server's final output, read by the harness's own means."""
    (final,) = (m for m in map(json.loads, sent) if m["msg"] == "process_completed")
    text = chat_text(app, final["output"]["data"])
    # The 1M Space's placeholder is no answer, even where it is all that there is.
    return "" if text is None or (app.endswith("1m") and text == "Qwen is thinking...") else text


def pieces_sent(name: str) -> list[str]:
    """What text iteration gives for an answer that grows by pieces."""
    return [piece for piece in ANSWERS[name] if piece]


@pytest.mark.parametrize("app", PROVIDERS)
@pytest.mark.usefixtures("_recording")
async def test_every_answer(gradio_server: GradioServer, app: str, anyio_backend: object) -> None:
    url = gradio_server.url(app)
    everything = anyio_backend == BACKENDS[0].values[0] or app == "qwen-2-72b-json"
    names = [*ANSWERS, *SNAPSHOTS] if everything else FEW

    async def ask(names: list[str]) -> None:
        for name in names:
            if name != "long":
                await check_answer(client, app, url, name)

    async with spacechat.AsyncClient() as client, anyio.create_task_group() as tasks:
        for number in range(AT_ONCE):
            tasks.start_soon(ask, names[number::AT_ONCE])


async def check_answer(client: spacechat.AsyncClient, app: str, url: str, name: str) -> None:
    sent: list[bytes] = []
    SENT.set(sent)
    stream = client.stream(f"case:{name}", provider=PROVIDERS[app].at(url))
    found = [event async for event in stream.events()]
    expected = final_text(app, sent)
    text = ""
    for event in found:
        if isinstance(event, events.TextDelta):
            text += event.text
        elif isinstance(event, events.TextReset):
            text = event.text
    assert text == expected, name
    assert found[-1] == events.Completed(expected), name
    if app in EXACT and name in ANSWERS and (app, name) not in MERGED:
        deltas = [e.text for e in found if isinstance(e, events.TextDelta)]
        assert came_as_sent(deltas, pieces_sent(name)), name
    else:
        changes = [e for e in found if isinstance(e, events.TextDelta | events.TextReset)]
        assert len(changes) <= len(snapshots(name)) + 1, name


@each_version_once
async def test_five_thousand_pieces(gradio_server: GradioServer) -> None:
    provider = Qwen_Qwen_2_72B.at(gradio_server.url("qwen-2-72b"))
    async with (
        spacechat.AsyncClient() as client,
        client.stream("case:long", provider=provider) as stream,
    ):
        pieces = [text async for text in stream]
        assert pieces == ANSWERS["long"]
        assert stream.text == "".join(ANSWERS["long"])


async def test_note_of_the_1m_space(gradio_server: GradioServer) -> None:
    provider = Qwen_Qwen_2_5M.at(gradio_server.url("qwen-2.5-1m"))
    async with spacechat.AsyncClient() as client:
        stream = client.stream("case:words summary:on", provider=provider)
        assert [text async for text in stream] == ANSWERS["words"]


async def test_conversation_of_the_1m_space(gradio_server: GradioServer) -> None:
    provider = Qwen_Qwen_2_5M.at(gradio_server.url("qwen-2.5-1m"))
    async with spacechat.AsyncClient() as client:
        first = await client.ask("case:hello", provider=provider)
        second = await client.ask("case:one", provider=provider, conversation=first.conversation)
    assert (first.text, second.text) == ("Hello, world!", "One piece.")
    assert first.conversation.session_hash == second.conversation.session_hash
    assert [m["role"] for m in second.conversation.messages] == ["user", "assistant"] * 2


async def test_failures(gradio_server: GradioServer) -> None:
    provider = Qwen_Qwen_2_72B.at(gradio_server.url("qwen-2-72b"))
    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.QuotaExceededError, match="GPU quota") as told:
            await client.ask("case:fails", provider=provider)
        assert told.value.partial_text
        assert "<" not in str(told.value)
        with pytest.raises(errors.GenerationError, match="does not say why"):
            await client.ask("case:fails_raw", provider=provider)


async def test_wrong_function(gradio_server: GradioServer) -> None:
    class Moved(Qwen_Qwen_2_72B):
        fn_index = 99

    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.SpaceUnavailableError, match="may have changed"):
            await client.ask("Hi", provider=Moved.at(gradio_server.url("qwen-2-72b")), repair=False)


async def test_wrong_arity(gradio_server: GradioServer) -> None:
    class Changed(Qwen_Qwen_2_72B):
        @classmethod
        def data(cls, question: Question) -> list[object]:
            return [question.prompt]

    async with spacechat.AsyncClient() as client:
        with pytest.raises(errors.GenerationError):
            await client.ask(
                "Hi", provider=Changed.at(gradio_server.url("qwen-2-72b")), repair=False
            )


@pytest.mark.parametrize("how", ["break", "error", "cancel"])
async def test_leaving_early_stops_the_work(
    gradio_server: GradioServer, how: str, anyio_backend_name: str
) -> None:
    key = f"{how}-{anyio_backend_name}-{id(how)}"
    provider = Qwen_Qwen_2_72B.at(gradio_server.url("qwen-2-72b"))
    async with spacechat.AsyncClient() as client:
        with anyio.CancelScope() as scope:
            try:
                async with client.stream(f"case:slow key:{key}", provider=provider) as stream:
                    async for _ in stream:
                        if how == "break":
                            break
                        if how == "error":
                            raise ZeroDivisionError
                        scope.cancel()
            except ZeroDivisionError:
                pass
    seconds = await anyio.to_thread.run_sync(gradio_server.wait_stopped, key)
    assert seconds < 20
