"""The blocking API in the words of the asynchronous one, for tests written once for both."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar, cast

import anyio.to_thread
from typing_extensions import Self

import spacechat
from spacechat import events, providers, sync

T = TypeVar("T")
END = object()


class Blocking:
    """Something blocking, each call of which runs in a thread."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def in_thread(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await anyio.to_thread.run_sync(lambda: function(*args, **kwargs))

    async def __aenter__(self) -> Self:
        assert await self.in_thread(self.inner.__enter__) is self.inner
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.in_thread(self.inner.__exit__, *exc)

    async def aclose(self) -> None:
        await self.in_thread(self.inner.close)

    def __aiter__(self) -> Self:
        assert iter(self.inner) is self.inner
        return self

    async def __anext__(self) -> Any:
        value = await self.in_thread(next, self.inner, END)
        if value is END:
            raise StopAsyncIteration
        return value


class BlockingStream(Blocking):
    @property
    def text(self) -> str:
        text: str = self.inner.text
        return text

    def events(self) -> Blocking:
        return Blocking(self.inner.events())

    async def next_event(self) -> spacechat.events.Event:
        event = await self.in_thread(lambda: next(self.inner.events(), END))
        if event is END:
            raise StopAsyncIteration
        return cast("spacechat.events.Event", event)

    async def reply(self) -> spacechat.Reply:
        return await self.in_thread(self.inner.reply)


class BlockingConversation(Blocking):
    def stream(self, *args: Any, **kwargs: Any) -> BlockingStream:
        return BlockingStream(self.inner.stream(*args, **kwargs))

    async def ask(self, *args: Any, **kwargs: Any) -> spacechat.Reply:
        return await self.in_thread(self.inner.ask, *args, **kwargs)


class BlockingRun(Blocking):
    @property
    def value(self) -> Any:
        return self.inner.value

    def events(self) -> Blocking:
        return Blocking(self.inner.events())

    async def result(self) -> spacechat.Result:
        return await self.in_thread(self.inner.result)


class BlockingApp(Blocking):
    """An app, or a session of one."""

    async def call(self, *args: Any, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.call, *args, **kwargs)

    def run(self, *args: Any, **kwargs: Any) -> BlockingRun:
        return BlockingRun(self.inner.run(*args, **kwargs))

    def session(self) -> BlockingApp:
        return BlockingApp(self.inner.session())

    def map(self, *args: Any, **kwargs: Any) -> Blocking:
        return Blocking(self.inner.map(*args, **kwargs))

    def __getitem__(self, name: str) -> Callable[..., Any]:
        function = self.inner[name]

        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self.in_thread(function, *args, **kwargs)

        return call

    @property
    def endpoints(self) -> Any:
        return self.inner.endpoints

    def view(self) -> Any:
        return self.inner.view()


class BlockingClient(BlockingConversation):
    def app(self, *args: Any, **kwargs: Any) -> BlockingApp:
        return BlockingApp(self.inner.app(*args, **kwargs))

    async def call(self, *args: Any, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.call, *args, **kwargs)

    async def download(self, *args: Any, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.download, *args, **kwargs)

    async def read(self, *args: Any, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.read, *args, **kwargs)

    def conversation(self, **kwargs: Any) -> BlockingConversation:
        return BlockingConversation(self.inner.conversation(**kwargs))

    async def check(self, model: str, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.check, model, **kwargs)

    async def find(self, *args: Any, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.find, *args, **kwargs)

    async def inspect(self, model: str, **kwargs: Any) -> Any:
        return await self.in_thread(self.inner.inspect, model, **kwargs)

    def map(self, *args: Any, **kwargs: Any) -> Blocking:
        return Blocking(self.inner.map(*args, **kwargs))


class Api:
    """One of the two APIs, in the words of the asynchronous one."""

    def __init__(self, blocking: bool) -> None:
        self.blocking = blocking

    def client(self, **settings: Any) -> Any:
        if self.blocking:
            return BlockingClient(spacechat.Client(**settings))
        return spacechat.AsyncClient(**settings)

    def provider(self, name: str = "Qwen_Qwen_2_72B", url: str | None = None) -> Any:
        provider = getattr(sync if self.blocking else providers, name)
        return provider if url is None else provider.at(url)

    def generator(self, provider: Any, *args: Any, **kwargs: Any) -> Any:
        if self.blocking:
            return Blocking(provider.create_generator(*args, **kwargs))
        return provider.create_async_generator(*args, **kwargs)


async def collect(found: AsyncIterator[T]) -> list[T]:
    return [one async for one in found]


def applied(found: Iterable[events.Event]) -> str:
    """The text that events lead to."""
    text = ""
    for event in found:
        if isinstance(event, events.TextDelta):
            text += event.text
        elif isinstance(event, events.TextReset):
            text = event.text
    return text
