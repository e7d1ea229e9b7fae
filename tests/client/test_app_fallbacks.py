"""Several apps that stand in for each other: which is called, and that no function runs twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from spacechat import errors, events
from tests.apis import Api, collect
from tests.conftest import BLOCKING, BOTH_APIS
from tests.servers import (
    CLOSE_STREAM,
    Part,
    Received,
    ReplayServer,
    Then,
    completed,
    failed,
    generating,
    gradio,
    message,
    response,
)
from tests.servers.functions import told

pytestmark = [pytest.mark.anyio, BOTH_APIS]

STARTS = message("process_starts", eta=1.5)
MISSING = gradio(config=lambda _: [response(b"{}", "404 Not Found")])
FULL = response(b'{"detail":"Queue is full. Max size is 1"}', "503 Service Unavailable")


@pytest.fixture
def client(runs_on: str) -> Any:
    return Api(runs_on == BLOCKING).client(retries=0)


def functions(*parts: Part, **more: Any) -> ReplayServer:
    """The app of `calculator`; each call answers with these parts."""
    return ReplayServer(gradio(*parts, **{**told(), **more}))


def calls(server: ReplayServer) -> int:
    return sum("/join" in each.path for each in server.requests)


async def test_the_first_that_answers(client: Any) -> None:
    with ReplayServer(MISSING) as gone, functions(completed(3), CLOSE_STREAM) as there:
        urls = [gone.url, there.url]
        async with client, client.app(urls) as app:
            assert app.view().url == there.url
            assert next(iter(app.endpoints)) == "/calc"
            assert repr(getattr(app, "inner", app)).endswith(f" at {gone.url} or {there.url}>")
            assert await client.call(urls, "/calc", 1) == 3
            retrying, *others = await collect(app.run("/calc", 1).events())
        assert (retrying.model, retrying.attempt) == (f"/calc of {there.url}", 0)
        assert "404" in retrying.reason
        assert others == [events.Values((3,)), events.Completed("")]


@pytest.mark.runs_on("asyncio")
async def test_a_run_names_the_app_where_there_are_several(client: Any) -> None:
    async with client:
        assert "of '/calc' " in repr(client.app("http://127.0.0.1:9").run("calc"))
        several = client.app(["http://127.0.0.1:9", "http://127.0.0.1:8"])
        assert "of '/calc of http://127.0.0.1:9' " in repr(several.run("calc"))


async def test_what_was_refused_before_it_ran(client: Any) -> None:
    """A full queue, and an app that lost the function."""
    with (
        functions(join=lambda _: [FULL]) as full,
        functions(config=lambda _: [response(EMPTY)]) as other,
        functions(completed(3), CLOSE_STREAM) as there,
    ):
        async with client:
            assert await client.call([full.url, other.url, there.url], "/calc", 1) == 3
        assert (calls(full), calls(other), calls(there)) == (1, 0, 1)


EMPTY = b'{"version": "5.50.0", "protocol": "sse_v3", "components": [], "dependencies": []}'


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([STARTS, failed("no luck"), CLOSE_STREAM], errors.GenerationError),
        ([STARTS, generating(1), failed("no luck"), CLOSE_STREAM], errors.GenerationError),
        ([Then.CLOSE], errors.StreamInterruptedError),
        ([CLOSE_STREAM], errors.StreamInterruptedError),
    ],
)
async def test_a_function_that_may_have_run_is_not_called_elsewhere(
    client: Any, parts: list[Part], kind: type[errors.SpaceChatError]
) -> None:
    with functions(*parts) as first, functions(completed(3), CLOSE_STREAM) as second:
        async with client, client.app([first.url, second.url]) as app:
            with pytest.raises(kind) as caught:
                await app.call("/calc", 1)
            assert caught.value.may_have_run
            (result,) = await collect(app.map("/calc", [1]))
        assert type(result.error) is kind
        assert calls(first) == 2
        assert calls(second) == 0


async def test_none_of_them(client: Any) -> None:
    with functions() as one, functions() as two, ReplayServer(MISSING) as gone:
        async with client:
            with pytest.raises(errors.InputsError, match=r"None of 2 .* needs 'num1'") as wrong:
                await client.call([one.url, two.url], "/calc")
            assert [type(each) for each in wrong.value.errors] == [errors.InputsError] * 2
            with pytest.raises(errors.SpaceUnavailableError, match=r"404.* needs 'num1'"):
                await client.call([gone.url, two.url], "/calc")
            with pytest.raises(errors.ModelNotFoundError, match="at least one"):
                client.app([])
            with pytest.raises(errors.ModelNotFoundError, match="None"):
                client.app([one.url, None])
        assert calls(one) == calls(two) == 0


async def test_a_session_stays_with_one_app(client: Any) -> None:
    starting = iter([True])
    inner = gradio(completed(1, None), CLOSE_STREAM, **told())

    def late(request: Received) -> Iterable[Part]:
        if "/config" in request.path and next(starting, False):
            return [response(b"{}", "404 Not Found")]
        return inner(request)

    with ReplayServer(late) as first, functions(completed(2, None), CLOSE_STREAM) as second:
        async with client:
            app = client.app([first.url, second.url])
            async with app.session() as page:
                happened = await collect(page.run("/count").events())
                assert isinstance(happened[0], events.Retrying)
                assert happened[0].model == second.url
                assert await page.call("/count") == 2
            assert await app.call("/count") == 1
            async with app.session() as page:
                assert await page.call("/count") == 1
        sessions = [each.json["session_hash"] for each in second.requests if "/join" in each.path]
        assert len(sessions) == 2
        assert len(set(sessions)) == 1


async def test_a_session_of_apps_that_are_gone(client: Any) -> None:
    with ReplayServer(MISSING) as one, ReplayServer(MISSING) as two:
        async with client, client.app([one.url, two.url]).session() as page:
            with pytest.raises(errors.SpaceUnavailableError, match="None of 2 Spaces") as caught:
                await page.call("/count")
    assert len(caught.value.errors) == 2


async def test_a_map_over_several_apps(client: Any) -> None:
    with (
        functions(join=lambda _: [FULL]) as full,
        functions(completed(3), CLOSE_STREAM) as there,
    ):
        async with client:
            app = client.app([full.url, there.url])
            results = await collect(app.map("/calc", range(6), concurrency=1))
    assert [each.value for each in results] == [3] * 6
    assert calls(there) == 6
    assert calls(full) >= 1
