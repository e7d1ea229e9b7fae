"""Apps that are hostile, from the client to the network: what they cost, and where requests go.

The network is in memory. Whatever an app says of itself, no request leaves its origin, there are
only so many of them, and nothing but a `SpaceChatError` comes of it.
"""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import spacechat
from spacechat import errors
from tests.apps.hostile import HOSTILE, ONE, TWO, many, raw
from tests.fuzz import described, descriptions
from tests.fuzz.described import RAW, parse
from tests.servers import memory

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio")]

URL: Final = "http://app.example"
TOKEN: Final = "hf_thesecrettoken"
SAID: Final = {
    "msg": "process_completed",
    "event_id": "e",
    "success": True,
    "output": {"data": [[["Hi", "Hello"]]], "changed_state_ids": [1]},
}
TOO_MANY: Final = 20 << 20
"""Bytes."""


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    """Yield bytes as a network brings them."""
    for begin in range(0, len(data), 1 << 16):
        yield data[begin : begin + (1 << 16)]


class App:
    """An app in memory.

    Args:
        config: Its `/config`.
        info: Its `/info`.

    Attributes:
        requests: The addresses that were asked.
    """

    def __init__(self, config: bytes, info: bytes = b"{}") -> None:
        self.config = config
        self.info = info
        self.requests: list[httpx.URL] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url)
        path = request.url.path
        if path.endswith("/config"):
            return httpx.Response(200, content=pieces(self.config))
        if path.endswith("/info"):
            return httpx.Response(200, content=pieces(self.info))
        if path.endswith("/queue/join") and request.method == "POST":
            return httpx.Response(200, json={"event_id": "e"})
        if path.endswith("/queue/data"):
            stream = {"content-type": "text/event-stream"}
            return httpx.Response(200, headers=stream, text=f"data: {json.dumps(SAID)}\n\n")
        if path.endswith("/run/predict"):
            return httpx.Response(200, json=SAID["output"])
        return httpx.Response(404)

    def check(self, most: int) -> None:
        """Check where the requests went, and how many there were."""
        origins = {(each.scheme, each.netloc) for each in self.requests}
        assert origins <= {("http", b"app.example")}
        assert len(self.requests) <= most


async def ask(client: spacechat.AsyncClient) -> None:
    reply = await client.ask("Hi", model=URL)
    assert reply.text == "Hello"


async def talk(client: spacechat.AsyncClient) -> None:
    chat = client.conversation(model=URL)
    for _ in range(2):
        await chat.ask("Hi")
    await chat.aclose()


async def inspect(client: spacechat.AsyncClient) -> None:
    str(await client.inspect(URL))


async def call(client: spacechat.AsyncClient) -> None:
    await client.call(URL, "/predict", "Hi")


async def call_a_misspelt_one(client: spacechat.AsyncClient) -> None:
    await client.call(URL, "/predictt")


async def endpoints(client: spacechat.AsyncClient) -> None:
    async with client.app(URL) as app:
        for each in app.endpoints.values():
            str(each)


WAYS: Final = (ask, talk, inspect, call, call_a_misspelt_one, endpoints)


async def use(app: App, ways: Sequence[Callable[[spacechat.AsyncClient], Any]] = WAYS) -> None:
    """Use an app in every way; only errors of the library's own may come of it."""
    async with spacechat.AsyncClient(token=TOKEN, retries=0) as client:
        for way in ways:
            with contextlib.suppress(errors.SpaceChatError):
                await way(client)


COSTLY: Final = (
    *("events, messages and answers", "a chain backwards", "components", "functions", "inputs"),
    *("a label", "choices", "labels that are the same", "functions that follow each other"),
    *("components in each other", "numbers", "half characters", "a number that is none"),
)
"""The cases that the client meets as a whole; what reads them meets all of them elsewhere."""


@pytest.mark.parametrize("case", COSTLY)
async def test_what_an_app_costs(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear in the description's bytes, with generous factors: the least of several times."""
    data = HOSTILE[case]()
    app = App(data)
    memory.mock(monkeypatch, app)
    limit = 3.0 + 0.3e-6 * len(data)
    spent: list[float] = []
    for _ in range(3):
        app.requests.clear()
        began = time.process_time()
        await use(app, [talk, inspect, call_a_misspelt_one, endpoints])
        spent.append(time.process_time() - began)
        if spent[-1] < limit:
            break
    assert min(spent) < limit
    app.check(most=2000)


INFO: Final[dict[str, Callable[[], bytes]]] = {
    "endpoints": lambda: b'{"named_endpoints":{%s}}' % many(b'"/predict":{}', 15),
    "parameters": lambda: (
        b'{"named_endpoints":{"/predict":{"parameters":[%s]}}}' % many(b'{"label":"a"}', 15)
    ),
    "a type": lambda: endpoint(b'{"python_type":{"type":"%s"}}' % (b"list[" * 3_000_000)),
    "a type of many": lambda: endpoint(b'{"python_type":{"type":"%s"}}' % (b"a|" * 7_000_000)),
    "remarks": lambda: endpoint(b'{"python_type":{"type":"%s"}}' % (b"a (b) " * 2_500_000)),
    "a default": lambda: endpoint(b'{"parameter_default":"%s"}' % (b"x" * 15_000_000)),
    "a schema": lambda: endpoint(b'{"type":{"anyOf":[%s]}}' % many(b"{}", 15)),
    "depth": lambda: endpoint(b'{"type":%s}' % (b"[" * 7_000_000 + b"]" * 7_000_000)),
    "a description": lambda: (
        b'{"named_endpoints":{"/predict":{"description":"%s"}}}' % (b"x\\n" * 5_000_000)
    ),
}


def endpoint(parameter: bytes) -> bytes:
    return b'{"named_endpoints":{"/predict":{"parameters":[%s]}}}' % parameter


@pytest.mark.parametrize("case", INFO)
async def test_what_an_info_costs(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = INFO[case]()
    named = ONE.replace(b"{", b'{"api_name":"predict",', 1)
    app = App(raw(TWO, named), data)
    memory.mock(monkeypatch, app)
    limit = 3.0 + 0.3e-6 * len(data)
    spent: list[float] = []
    for _ in range(3):
        began = time.process_time()
        await use(app, [endpoints, call])
        spent.append(time.process_time() - began)
        if spent[-1] < limit:
            break
    assert min(spent) < limit
    app.check(most=3 * 8)


@pytest.mark.parametrize("case", ["functions", "choices", "half characters", "an info"])
async def test_the_memory_that_it_takes(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few times the bytes while they are read, and next to nothing afterwards."""
    is_info = case == "an info"
    app = App(raw(TWO, ONE), INFO["parameters"]()) if is_info else App(HOSTILE[case]())
    memory.mock(monkeypatch, app)
    await use(app, [ask, inspect])  # What the first use loads is not the app's.
    size = len(app.config) + len(app.info)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    await use(app, [ask, inspect])
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 6 * size + 40e6
    assert kept - before < 2 * size + 8e6


@pytest.mark.parametrize("what", ["config", "info"])
async def test_a_description_has_so_many_bytes(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    large = b" " * TOO_MANY
    app = App(large + raw(TWO, ONE)) if what == "config" else App(raw(TWO, ONE), large + b"{}")
    memory.mock(monkeypatch, app)
    async with spacechat.AsyncClient() as client:
        if what == "info":  # An app is used without one, too.
            assert (await client.ask("Hi", model=URL)).text == "Hello"
            assert (await client.inspect(URL)).is_chat
        else:
            with pytest.raises(errors.ProtocolError, match="an answer of more than"):
                await client.ask("Hi", model=URL)
    app.check(most=12)


CODES = st.builds(
    lambda head, rest: bytes([head]) + rest, st.integers(0, 0x7F), st.binary(max_size=200)
)
HEAVY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=300, suppress_health_check=HEAVY)
@given(CODES)
@example(bytes([RAW]) + b"{}")
@example(bytes([RAW]) + b'{"version":"5.50.0","components":[],"dependencies":[]}\0[]')
def test_any_description_is_read_and_asked(data: bytes) -> None:
    case = parse(data)
    descriptions.check(case)
    descriptions.run(case)


@pytest.mark.parametrize("part", range(4))
async def test_any_description_from_end_to_end(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in described.inputs()[part::80]:
        case = parse(data)
        app = App(case.config, case.info)
        with monkeypatch.context() as patch:
            memory.mock(patch, app)
            await use(app)
        app.check(most=80)
