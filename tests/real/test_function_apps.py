"""What real apps have besides arguments and values: requests, events, batches, other pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from spacechat import errors, events
from tests.apis import Api, collect
from tests.conftest import BLOCKING, BOTH_APIS
from tests.real.functions import FunctionServer

pytestmark = [pytest.mark.anyio, pytest.mark.real, BOTH_APIS]

HEADERS = {"x-from": "spacechat's tests", "cookie": "flavor=oat; size=2"}


# What a function learns of the request.


@pytest.mark.parametrize("name", ["/who", "/who_at_once"])
async def test_headers_and_cookies_arrive(
    runs_on: str, function_server: FunctionServer, name: str
) -> None:
    """They are the client's; nobody gives the function its `gr.Request`."""
    url = function_server.url("requests")
    async with Api(runs_on == BLOCKING).client(headers=HEADERS) as client, client.app(url) as app:
        assert [each.name for each in app.endpoints[name].parameters] == ["text"]
        told = await app.call(name, "hi")
        assert told["header"] == HEADERS["x-from"]
        assert told["cookies"] == {"flavor": "oat", "size": "2"}
        assert told["user"] is None
        assert await collect(app.run("/streamed")) == [f"{HEADERS['x-from']} {n}" for n in range(3)]


async def test_sessions_have_names_of_their_own(
    client: Any, function_server: FunctionServer
) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("it doesn't tell")
    async with client, client.app(function_server.url("requests")) as app:
        alone = [(await app.call("/who", "hi"))["session"] for _ in range(2)]
        async with app.session() as page:
            together = [(await page.call("/who", "hi"))["session"] for _ in range(2)]
    assert len({*alone, *together}) == 3
    assert len(set(together)) == 1


async def test_what_happened_on_the_page(client: Any, function_server: FunctionServer) -> None:
    """A program is no person, so there is none of it; a function that needs it fails at once."""
    async with client, client.app(function_server.url("occasions")) as app:
        assert [each.name for each in app.endpoints["/any"].parameters] == ["text"]
        assert await app.call("/any", "hi") == "hi: None"
        for name in ("/selected", "/selected_at_once"):
            with anyio.fail_after(60), pytest.raises(errors.GenerationError):
                await app.call(name)


# Queues.


async def test_batches(client: Any, function_server: FunctionServer) -> None:
    """Each gets its own values of a batch."""
    if function_server.version == "4.0.2":
        pytest.skip("its queue breaks")
    async with client, client.app(function_server.url("batches")) as app:
        assert await app.call("/double", 4, "four") == (8, "FOUR")
        given = [(number, f"word {number}") for number in range(9)]
        results = await collect(app.map("/double", given, concurrency=9))
        assert [each.value for each in results] == [(2 * n, word.upper()) for n, word in given]
        assert sum(await app.call("/sizes")) >= 10


async def test_functions_that_share_a_device(client: Any, function_server: FunctionServer) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("it has no `concurrency_id`")
    found: list[str] = []

    async def call(app: Any, name: str, key: str) -> None:
        found.append(await app.call(name, key))

    async with (
        client,
        client.app(function_server.url("batches")) as app,
        anyio.create_task_group() as tasks,
    ):
        for number in range(3):
            tasks.start_soon(call, app, "/one", f"one {number}")
            tasks.start_soon(call, app, "/other", f"other {number}")
    assert sorted(found) == [f"{name} {n}" for name in ("one", "other") for n in range(3)]


async def test_a_function_for_streams(client: Any, function_server: FunctionServer) -> None:
    """The server keeps it for more inputs until its time is up."""
    if function_server.major < 5:
        pytest.skip("its streams have no limit")
    async with client, client.app(function_server.url("streams")) as app:
        with anyio.fail_after(60):
            async with app.run("/camera", "hello") as run:
                values = await collect(run)
                result = await run.result()
    assert values == ["HELLO"]
    assert result.value == "HELLO"


# Pages.


async def test_examples(client: Any, function_server: FunctionServer) -> None:
    """The functions that fill the boxes with an example are the page's."""
    async with client, client.app(function_server.url("examples")) as app:
        assert {"/greet", "/read"} <= set(app.endpoints)
        assert await app.call("/greet", "Ada", 2) == "Hello Ada! Hello Ada! "
        if "/load_example" in app.endpoints:
            assert await app.call("/load_example", 1) == ("Bob", 2)


async def test_an_app_below_a_path(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("of another page", encoding="utf-8")
    url = f"{function_server.url('mounted')}/tools/calc"
    async with client:
        for address in (url, f"{url}/"):
            async with client.app(address) as app:
                assert await collect(app.run("/count", 3)) == [0, 1, 2]
                async with app.session() as page:
                    assert [await page.call("/total", 2) for _ in range(3)] == [2, 4, 6]
                file = await app.call("/copy", path)
                assert await client.read(file) == b"of another page"
        with pytest.raises(errors.SpaceChatError):
            await client.call(function_server.url("mounted"), "/count", 3)


async def test_parts_of_the_page_that_functions_make(
    client: Any, function_server: FunctionServer
) -> None:
    """They are a page's own, so programs don't see them; the others are as ever."""
    if function_server.version == "4.0.2":
        pytest.skip("its functions make none")
    async with client, client.app(function_server.url("rendered")) as app:
        assert "/echo" in app.endpoints
        assert not any("shout" in name for name in app.endpoints)
        assert await app.call("/echo", "hi") == "hi!"
        with pytest.raises(errors.InputsError, match="/shout_0"):
            await app.call("/shout_0", "hi")


async def test_what_a_browser_keeps(client: Any, function_server: FunctionServer) -> None:
    """Programs may give it; otherwise it is what a new browser has. Gradio counts it as a value."""
    if function_server.major < 5:
        pytest.skip("its browsers keep nothing")
    async with client, client.app(function_server.url("stored")) as app:
        parameters = app.endpoints["/remember"].parameters
        assert [(each.name, each.required) for each in parameters] == [
            ("text", True),
            ("kept", False),
        ]
        assert await app.call("/remember", "second") == ("first, second", ["first", "second"])
        told, after = await app.call("/remember", "again", ["other"])
        assert (told, after) == ("other, again", ["other", "again"])
        assert (await app.call("/remember", "third", kept=after))[0] == "other, again, third"


async def test_many_endpoint_demo_loads_quickly(
    client: Any, function_server: FunctionServer
) -> None:
    """Two thousand functions."""
    async with client, client.app(function_server.url("many")) as app:
        assert len(app.endpoints) == 2000
        assert await app.call("/click_999", "the last") == "the last!"
        assert "/submit_500" in str(app.view())


# Limits.


async def test_raise_error_max_file_size(
    client: Any, function_server: FunctionServer, tmp_path: Path
) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("it has no limit")
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_bytes(b"a" * 5_000)
    async with client, client.app(function_server.url("small_files")) as app:
        for size in (20_000, 5_000_000):
            large.write_bytes(b"a" * size)
            with (
                anyio.fail_after(60),
                pytest.raises(errors.InputsError, match=r"exceeded maximum allowed size"),
            ):
                await app.call("/size", large)
        assert await app.call("/size", small) == 5_000
        found = await collect(app.run("/size", small).events())
        assert isinstance(found[-1], events.Completed)
