"""Measuring how long the first text takes over a link with a long round trip.

`python -m benchmarks.trips measure WAY URL SCHEME ROUND_TRIP QUESTIONS` prints, as JSON, the round
trips that it took to make the client, and to the first text of each question in turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from .far import Far
from .peers import DATA, JOIN
from .secure import trusted
from .server import PROMPT


@contextmanager
def pinned(url: str) -> Iterator[Iterator[float]]:
    """spacechat: a Space whose numbers are known."""
    from spacechat import Client, providers

    with Client() as client:
        provider = providers.Qwen_Qwen_2_72B.at(url)
        yield _texts(lambda: client.stream(PROMPT, provider=provider))


@contextmanager
def by_url(url: str) -> Iterator[Iterator[float]]:
    """spacechat: any app, from its URL."""
    from spacechat import Client

    with Client() as client:
        yield _texts(lambda: client.stream(PROMPT, model=url))


@contextmanager
def conversation(url: str) -> Iterator[Iterator[float]]:
    """spacechat: a conversation with it."""
    from spacechat import Client

    with Client() as client, client.conversation(model=url) as chat:
        yield _texts(lambda: chat.stream(PROMPT))


def _texts(ask: Callable[[], Any]) -> Iterator[float]:
    """The seconds to each answer's first text; the rest is read before they are given."""
    while True:
        start = time.perf_counter()
        with ask() as stream:
            next(stream)
            found = time.perf_counter() - start
            for _ in stream:
                pass
        yield found


def gradio_client(url: str) -> AbstractContextManager[Iterator[float]]:
    """gradio_client: a Space whose numbers are known."""
    return _gradio_client(url, PROMPT, [], "sys")


def chat_interface(url: str) -> AbstractContextManager[Iterator[float]]:
    """gradio_client: a ChatInterface."""
    return _gradio_client(url, PROMPT)


@contextmanager
def _gradio_client(url: str, *inputs: object) -> Iterator[Iterator[float]]:
    import gradio_client as library

    client = library.Client(url, verbose=False)

    def texts() -> Iterator[float]:
        while True:
            start = time.perf_counter()
            job = client.submit(*inputs, api_name="/chat")
            next(iter(job))
            found = time.perf_counter() - start
            job.result()
            yield found

    yield texts()


@contextmanager
def bare(url: str) -> Iterator[Iterator[float]]:
    """httpx alone, one client."""
    import httpx

    with httpx.Client(timeout=60) as client:

        def texts() -> Iterator[float]:
            while True:
                start = time.perf_counter()
                client.post(url + "/queue/join", json=JOIN)
                with client.stream("GET", url + DATA) as response:
                    lines = response.iter_lines()
                    while "process_generating" not in next(lines):
                        pass
                    found = time.perf_counter() - start
                    for _ in lines:
                        pass
                yield found

        yield texts()


WAYS = {
    "spacechat, a known Space": pinned,
    "spacechat, any app by its URL": by_url,
    "spacechat, a conversation": conversation,
    "gradio_client": gradio_client,
    "gradio_client, a ChatInterface": chat_interface,
    "httpx alone": bare,
}


def measure(way: str, url: str, scheme: str, seconds: str, questions: str) -> dict[str, Any]:
    """Round trips to make the client, and to the first text of each question.

    What the link counts is until the answer was read to its end, which follows the first text.
    """
    trip = float(seconds)
    server, _, path = url.removeprefix("http://").partition("/")
    with ExitStack() as stack:
        tls = stack.enter_context(trusted()) if scheme == "https" else None
        for each in (0.0, trip):  # The first loads what is loaded once.
            far = stack.enter_context(Far(f"http://{server}", each, tls))
            began = time.perf_counter()
            with WAYS[way](f"{far.url}/{path}".rstrip("/")) as texts:
                made = time.perf_counter()
                found = [_both(far, texts, trip) for _ in range(int(questions) if each else 1)]
        return {"made": (made - began) / trip, "texts": found}


def _both(far: Far, texts: Iterator[float], trip: float) -> dict[str, float]:
    """The time that one question takes, and the round trips that the link counts until its end."""
    before = far.clock
    return {"timed": next(texts) / trip, "counted": far.clock - before}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[2:])))
