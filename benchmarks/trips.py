"""Measuring how long the first text takes over a link with a long round trip.

`python -m benchmarks.trips measure WAY URL ROUND_TRIP QUESTIONS` prints, as JSON, the round trips
that it took to make the client, and to the first text of each question in turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .far import Far
from .peers import DATA, JOIN
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


@contextmanager
def gradio_client(url: str) -> Iterator[Iterator[float]]:
    """gradio_client."""
    import gradio_client as library

    client = library.Client(url, verbose=False)

    def texts() -> Iterator[float]:
        while True:
            start = time.perf_counter()
            job = client.submit(PROMPT, [], "sys", api_name="/chat")
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
    "httpx alone": bare,
}


def measure(way: str, url: str, seconds: str, questions: str) -> dict[str, Any]:
    """Round trips to make the client, and to the first text of each question."""
    trip = float(seconds)
    with WAYS[way](url) as texts:  # Loads what is loaded once.
        next(texts)
    server, _, path = url.removeprefix("http://").partition("/")
    with Far(f"http://{server}", trip) as far:
        began = time.perf_counter()
        with WAYS[way](f"{far.url}/{path}".rstrip("/")) as texts:
            made = time.perf_counter()
            found = [next(texts) / trip for _ in range(int(questions))]
        return {"made": (made - began) / trip, "texts": found}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[2:])))
