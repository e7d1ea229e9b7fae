"""`timeout=` of a call and of an app; and functions with a parameter of that name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spacechat import Arguments, RemoteFile, Timeout, errors
from tests.apis import collect
from tests.conftest import BOTH_APIS
from tests.servers import CLOSE_STREAM, ReplayServer, Then, always, completed, gradio, message
from tests.servers.function_app import NUMBER, Function, FunctionApp, Value
from tests.servers.functions import told

pytestmark = [pytest.mark.anyio, BOTH_APIS]

SHORT = Timeout(total=0.5)


def returned(arguments: list[Any], _: dict[str, Any]) -> Iterator[bytes]:
    yield completed(sum(arguments))
    yield CLOSE_STREAM


APP = [
    Function("wait", returned, [Value("seconds", NUMBER), Value("timeout", NUMBER, default=1)]),
    Function("quick", returned, [Value("seconds", NUMBER)]),
]


async def test_a_call_that_takes_too_long(client: Any) -> None:
    hangs = ReplayServer(gradio(message("process_starts", eta=1.0), Then.HANG, **told()))
    with hangs as server:
        async with client, client.app(server.url) as app:
            for call in (
                lambda: app.call("/calc", 1, timeout=SHORT),
                lambda: collect(app.run("/calc", 1, timeout=SHORT)),
                lambda: client.call(server.url, "/calc", 1, timeout=SHORT),
                lambda: client.app(server.url, timeout=SHORT).call("/calc", 1),
            ):
                with pytest.raises(errors.StreamTimeoutError):
                    await call()
        assert len(server.to("/gradio_api/cancel")) == 4


async def test_what_asks_nothing(client: Any, tmp_path: Path) -> None:
    """Each method that makes a request takes a timeout."""
    with ReplayServer(always(Then.HANG)) as server:
        file = RemoteFile(f"{server.url}/file=a.txt", "a.txt", "text/plain", server.url)
        async with client:
            asks: list[Callable[[], Any]] = [
                lambda: client.inspect(server.url, timeout=SHORT),
                lambda: client.download(file, tmp_path, timeout=SHORT),
                lambda: client.read(file, timeout=SHORT),
            ]
            for ask in asks:
                with pytest.raises(errors.StreamTimeoutError, match=r"0\.5 seconds"):
                    await ask()
            health = await client.check(server.url, timeout=SHORT)
    assert "0.5 seconds" in health.detail
    assert not os.listdir(tmp_path)


async def test_a_parameter_of_that_name(client: Any) -> None:
    with FunctionApp(functions=APP) as server:
        async with client, client.app(server.url) as app:
            with pytest.raises(errors.InputsError, match=r"/wait has a parameter 'timeout', and"):
                await app.call("/wait", 1, timeout=20)
            assert server.called == []
            assert await app.call("/quick", 1, timeout=20) == 1
            assert await app.call("/wait", 1, 20) == 21
            assert await app["/wait"](1, timeout=20) == 21
            assert await app.call("/wait", Arguments(1, timeout=20)) == 21
            (found,) = await collect(app.map("/wait", [Arguments(1, timeout=20)], timeout=30))
            assert found.value == 21


async def test_one_that_is_none(client: Any) -> None:
    with FunctionApp(functions=APP) as server:
        async with client:
            app = client.app(server.url)
            with pytest.raises(ValueError, match="connect must be more than 0"):
                await app.call("/quick", 1, timeout=0)
            with pytest.raises(TypeError, match="timeout= takes a Timeout or a number"):
                await app.call("/quick", 1, timeout="5")
            with pytest.raises(TypeError, match="timeout= takes a Timeout or a number"):
                client.app(server.url, timeout="5")
