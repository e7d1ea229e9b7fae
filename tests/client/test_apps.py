"""Any function of an app, on both APIs: calls, runs, sessions, maps."""

from __future__ import annotations

import gc
import inspect
import json
import re
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anyio
import pytest

import spacechat
from spacechat import errors, events
from tests.apis import Api, collect
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
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
    until,
)
from tests.servers.functions import calculator, file_data, returned, told
from tests.servers.page import Page

pytestmark = [pytest.mark.anyio, BOTH_APIS]

STARTS = message("process_starts", eta=1.5)
COUNTS = [STARTS, generating(1), generating([["replace", [], 2]]), completed(2), CLOSE_STREAM]


def functions(*parts: Part, **more: Any) -> ReplayServer:
    """The app of `calculator`; each call answers with these parts."""
    return ReplayServer(gradio(*parts, **{**told(), **more}))


def sent(server: ReplayServer) -> list[Any]:
    """The inputs of each call."""
    return [each.json["data"] for each in server.requests if "/join" in each.path]


async def test_a_call(client: Any) -> None:
    with functions(completed(3), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            assert await app.call("/calc", 1, "add", 2) == 3
            assert await app.call("calc", num1=4) == 3
        assert sent(server) == [[1, "add", 2], [4, "add", 100]]
        sessions = [each.json["session_hash"] for each in server.requests if "/join" in each.path]
        assert len(set(sessions)) == 2


async def test_a_call_without_opening_the_app(client: Any) -> None:
    with functions(completed(3), CLOSE_STREAM) as server:
        async with client:
            assert await client.call(server.url, "/calc", 1) == 3
        paths = [each.path.rpartition("/")[2] for each in server.requests]
        assert {*paths[:2]} == {"config", "info"}  # At the same time.
        assert paths[2:] == ["join", "data"]


async def test_several_outputs_and_none(client: Any) -> None:
    update = {"__type__": "update", "value": "new", "choices": []}
    with functions(completed([], update), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            assert await app.call("/caption", [], "") == ([], "new")
            assert await app.call("/hid") == ()


@pytest.mark.parametrize(
    ("update", "value"),
    [
        ({"__type__": "update"}, None),
        ({"__type__": "update", "choices": ["a"]}, {"choices": ["a"]}),
        ({"__type__": "update", "value": None}, None),
    ],
)
async def test_updates_without_a_value(client: Any, update: Any, value: Any) -> None:
    with functions(completed(update), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            assert await app.call("/calc", 1) == value


async def test_states_are_left_out(client: Any) -> None:
    parts = [generating(1, "state"), generating([["replace", [], 2]], []), completed(2, "state")]
    with functions(*parts, CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            assert await collect(app.run("/count")) == [1, 2]
        assert sent(server) == [[None, "Go"]]


async def test_values_as_they_come(client: Any) -> None:
    with functions(*COUNTS) as server:
        async with client, client.app(server.url) as app, app.run("/calc", 1) as run:
            assert run.value is None
            assert await collect(run) == [1, 2]
            result = await run.result()
        assert (result.value, result.values, result.files) == (2, (2,), ())
        assert result.timings.queued <= result.timings.first_text <= result.timings.total
        assert await run.result() is result
        assert run.value == result.value


async def test_events(client: Any) -> None:
    log = message("log", log="<b>hey</b>", level="warning", title="Hm")
    bar = message("progress", progress_data=[{"index": 1, "length": 2, "unit": "steps"}])
    with functions(STARTS, log, bar, completed(2), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            found = await collect(app.run("/calc", 1).events())
    assert found == [
        events.Started(1.5),
        events.Log("warning", "hey", "Hm"),
        events.Progress(1, 2, "steps"),
        events.Values((2,)),
        events.Completed(""),
    ]


async def test_a_function_that_runs_at_once(client: Any) -> None:
    """Every reader gives what one that goes through the queue gives."""
    with functions(predict=returned(3)) as server:
        async with client, client.app(server.url) as app:
            assert await app.call("/now", 1) == 3
            assert await collect(app.run("/now", 1)) == [3]
            assert (await app.run("/now", 1).result()).values == (3,)
            found = await collect(app.run("/now", 1).events())
            assert found == [events.Values((3,)), events.Completed("")]
        assert not sent(server)


@pytest.mark.parametrize(
    ("version", "kind"), [("5.50.0", "json"), ("6.31.0", "json"), ("5.50.0", "textbox")]
)
async def test_json_at_once(client: Any, version: str, kind: str) -> None:
    """Gradio 5 garbles it, unless the function goes through the queue after all."""
    page = Page()
    page.on(page.add("button", "Go"), "click", [], [page.add(kind)], "now", queue=False)
    config = page.config(version)
    parts = [completed({"a": 1}), CLOSE_STREAM]
    more = {"config": lambda _: [response(config)], "predict": returned("root={'a': 1}")}
    with functions(*parts, **more) as server:
        async with client, client.app(server.url) as app:
            value = await app.call("/now")
    is_queued = (version, kind) == ("5.50.0", "json")
    assert value == ({"a": 1} if is_queued else "root={'a': 1}")


@pytest.mark.parametrize("protocol", ["sse_v1", "sse_v2", "sse_v2.1", "sse_v3"])
async def test_every_protocol(client: Any, protocol: str) -> None:
    edits = protocol != "sse_v1"
    second = generating([["add", [1], "b"]] if edits else ["a", "b"])
    parts = [generating(["a"]), second, completed(["a", "b"]), CLOSE_STREAM]
    config = calculator(protocol=protocol)
    with functions(*parts, config=lambda _: [response(config)]) as server:
        async with client, client.app(server.url) as app:
            assert await collect(app.run("/calc", 1)) == [["a"], ["a", "b"]]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("/clac", 1), "Did you mean '/calc'"),
        (("/own", ""), "to its own page"),
        (("/calc",), "needs 'num1'"),
        (("/calc", 1, "ad"), "Did you mean 'add'"),
        (("/calc", object()), "can't be sent as JSON"),
        (("/calc", Path("missing")), "no file"),
    ],
)
async def test_nothing_is_called_with_wrong_arguments(
    client: Any, args: tuple[Any, ...], says: str
) -> None:
    with functions(*COUNTS) as server:
        async with client, client.app(server.url) as app:
            known = len(server.requests)
            with pytest.raises(errors.InputsError, match=says):
                await app.call(*args)
            assert len(server.requests) == known


async def test_the_apps_validators(client: Any) -> None:
    objection = {"__type__": "validate", "is_valid": False, "message": "too small"}
    body = json.dumps({"detail": [objection]}).encode()
    refused = response(body, "422 Unprocessable Content")
    with functions(join=lambda _: [refused]) as server:
        async with client, client.app(server.url) as app:
            with pytest.raises(errors.InputsError, match="too small") as caught:
                await app.call("/calc", 1)
    assert not caught.value.may_have_run


@pytest.mark.parametrize("is_app", [True, False])
async def test_a_login_where_there_is_none(client: Any, is_app: bool) -> None:
    away = response(b"", "302 Found", location="/")

    def answer(request: Received) -> Iterable[Part]:
        return [response(calculator()) if is_app and request.path == "/config" else away]

    says = "has no login of its own: leave auth= out" if is_app else "points elsewhere"
    with ReplayServer(answer) as server:
        async with client:
            with pytest.raises(errors.SpaceChatError, match=says):
                await client.app(server.url, auth=("user", "secret")).call("/calc", 1)


async def test_a_login_that_fails_for_another_reason(client: Any) -> None:
    """That the app is open says nothing about it."""

    def answer(request: Received) -> Iterable[Part]:
        is_login = request.path == "/login"
        return [response(b"", "500 Internal Server Error") if is_login else response(calculator())]

    with ReplayServer(answer) as server:
        async with client:
            with pytest.raises(errors.SpaceUnavailableError, match="500") as caught:
                await client.app(server.url, auth=("a", "b")).call("/calc", 1)
    assert caught.value.status == 500


async def test_a_function_that_fails(client: Any) -> None:
    with functions(STARTS, generating(1), failed("no <b>luck</b>"), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            run = app.run("/calc", 1)
            with pytest.raises(errors.GenerationError, match="no luck") as caught:
                await run.result()
            assert caught.value.partial == 1
        assert len(sent(server)) == 1


CANCELLED = message("process_completed", event_id="e", output={}, success=True)


@pytest.mark.parametrize("part", [failed(None), CLOSE_STREAM, Then.CLOSE, CANCELLED])
async def test_errors_speak_of_functions(client: Any, part: Part) -> None:
    """Neither of answers and models, nor of the text that a chat would leave."""
    with functions(STARTS, generating(1), part) as server:
        async with client:
            with pytest.raises(errors.SpaceChatError) as caught:
                await client.call(server.url, "/calc", 1)
            said = str(caught.value)
            assert not re.search("answer|model|partial_text", said), said
            assert re.search("in partial|if it may run twice", said), said


async def test_a_server_that_dies(client: Any) -> None:
    """The error is raised at once, and the function is not run again."""
    with functions(STARTS, generating(["a"]), Then.CLOSE) as server:
        async with client, client.app(server.url) as app:
            found: list[Any] = []
            with pytest.raises(errors.StreamInterruptedError) as caught:
                async for value in app.run("/calc", 1):
                    found.append(value)  # noqa: PERF401 - what came before the error counts
            assert found == [["a"]]
            assert caught.value.partial == ["a"]
        assert len(sent(server)) == 1


@pytest.mark.parametrize("part", [Then.CLOSE, Then.RESET, CLOSE_STREAM])
async def test_what_may_have_run_is_not_run_again(client: Any, part: Part) -> None:
    """Even if the server did not say that it had begun."""
    with functions(part) as server:
        async with client, client.app(server.url) as app:
            with pytest.raises(errors.StreamInterruptedError):
                await app.call("/calc", 1)
        assert len(sent(server)) == 1


async def test_a_full_queue_is_tried_again(client: Any) -> None:
    full = response(b'{"detail":"Queue is full. Max size is 1"}', "503 Service Unavailable")
    joins = iter([full, response(b'{"event_id":"e"}')])
    with functions(completed(3), CLOSE_STREAM, join=lambda _: [next(joins)]) as server:
        async with client, client.app(server.url) as app:
            assert await app.call("/calc", 1) == 3
        assert len(sent(server)) == 2


WORKS: list[Part] = [response(b'{"data":[3]}')]


def refuses(status: str, body: bytes = b"") -> list[Part]:
    return [response(body, status)]


ONCE: dict[str, tuple[list[Part], Any, int]] = {
    "works": (WORKS, 3, 1),
    # Refused before the function ran.
    "full": (refuses("503 Service Unavailable", b'{"detail":"Queue is full."}'), 3, 2),
    "busy": (refuses("503 Service Unavailable"), 3, 2),
    "too often": (refuses("429 Too Many Requests"), 3, 2),
    # It failed, or may have run.
    "fails": (refuses("500 Internal Server Error", b'{"error":"x"}'), errors.GenerationError, 1),
    "fails in text": (refuses("500 Internal Server Error", b"x"), errors.GenerationError, 1),
    "502": (refuses("502 Bad Gateway"), errors.SpaceUnavailableError, 1),
    "504": (refuses("504 Gateway Timeout"), errors.SpaceUnavailableError, 1),
    "closed": ([Then.CLOSE], errors.SpaceUnavailableError, 1),
    "reset": ([Then.RESET], errors.SpaceUnavailableError, 1),
    "cut": ([response(b'{"data":[3]}')[:-3], Then.CLOSE], errors.SpaceUnavailableError, 1),
    "garbage": ([response(b"garbage")], errors.ProtocolError, 1),
}
"""What a function answers first (then, it works), the value or error, and the number of calls."""


@pytest.mark.parametrize("case", ONCE)
async def test_how_often_an_unqueued_function_is_called(client_of: Any, case: str) -> None:
    first, outcome, count = ONCE[case]
    answers = iter([first])
    with functions(predict=lambda _: next(answers, WORKS)) as server:
        async with client_of(retries=2) as client, client.app(server.url) as app:
            if outcome == 3:
                assert await app.call("/now", 1) == 3
            else:
                with pytest.raises(errors.SpaceChatError) as caught:
                    await app.call("/now", 1)
                assert type(caught.value) is outcome
                assert caught.value.may_have_run
        assert len([each for each in server.requests if each.path.endswith("/predict")]) == count


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b'{"detail":"Queue is full."}', errors.QueueFullError), (b"", errors.SpaceUnavailableError)],
)
async def test_an_unqueued_function_that_is_always_refused(
    client_of: Any, body: bytes, kind: type[Exception]
) -> None:
    refused = refuses("503 Service Unavailable", body)
    with functions(predict=lambda _: refused) as server:
        async with client_of(retries=1) as client, client.app(server.url) as app:
            with pytest.raises(errors.SpaceChatError) as caught:
                await app.call("/now", 1)
            assert type(caught.value) is kind
            assert not caught.value.may_have_run
        assert len([each for each in server.requests if each.path.endswith("/predict")]) == 2


async def test_what_could_not_be_reached_is_tried_again(client: Any) -> None:
    with functions(completed(3), CLOSE_STREAM) as server:
        await client.call(server.url, "/calc", 1)
    async with client:
        run = client.app(server.url).run("/calc", 1)
        found: list[Any] = []
        with pytest.raises(errors.SpaceUnavailableError):
            async for event in run.events():
                found.append(event)  # noqa: PERF401 - what came before the error counts
    assert [type(each) for each in found] == [events.Retrying] * 2
    assert len(sent(server)) == 1


async def test_leaving_early_stops_the_server(client: Any) -> None:
    with functions(STARTS, generating(1), Then.HANG) as server:
        async with client, client.app(server.url) as app:
            async with app.run("/calc", 1) as run:
                async for value in run:
                    assert value == 1
                    break
            with pytest.raises(errors.StreamInterruptedError, match="closed") as caught:
                await run.result()
            assert caught.value.partial == 1
        (cancel,) = server.to("/gradio_api/cancel")
        assert cancel.json["event_id"] == "e"


async def test_closing_the_client_closes_its_runs(client: Any) -> None:
    with functions(STARTS, generating(1), Then.HANG) as server:
        async with client:
            app = client.app(server.url)
            run = app.run("/calc", 1)
            async for _ in run:
                break
        assert len(server.to("/gradio_api/cancel")) == 1
        with pytest.raises(errors.StreamInterruptedError):
            await run.result()
        with pytest.raises(errors.SpaceChatError, match="client is closed"):
            app.run("/calc", 1)
        with pytest.raises(errors.SpaceChatError, match="client is closed"):
            app.map("/calc", [1])


@pytest.mark.runs_on(*LOOPS)
async def test_closing_the_client_closes_its_maps(client: Any) -> None:
    with functions(STARTS, generating(1), Then.HANG) as server:
        async with client:
            found = client.app(server.url).map("/calc", [1])
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(collect, found)
                await until(lambda: len(server.to("/gradio_api/queue/data")) == 1)
                await client.aclose()
        assert len(server.to("/gradio_api/cancel")) == 1


async def test_files(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "ä b.png"
    path.write_bytes(b"png")
    gallery = [{"image": file_data("/srv/x.png", mime_type="image/png"), "caption": None}]
    with functions(
        completed(gallery, "text"),
        CLOSE_STREAM,
        upload=lambda _: [response(b'["/srv/up"]')],
        **{"x.png": lambda _: [response(b"PNG", kind="image/png")]},
    ) as server:
        async with client, client.app(server.url) as app:
            run = app.run("/caption", [{"image": path, "caption": "c"}], str(path))
            result = await run.result()
            (picture,) = result.files
            assert isinstance(picture, spacechat.RemoteFile)
            assert (picture.name, picture.mime_type) == ("x.png", "image/png")
            assert result.value == ([{"image": picture, "caption": None}], "text")
            assert await client.read(picture) == b"PNG"
        (upload,) = server.to("/gradio_api/upload")
        assert b"png" in upload.body
        ((sent_gallery, text),) = sent(server)
        assert sent_gallery[0]["caption"] == "c"
        assert sent_gallery[0]["image"]["path"] == "/srv/up"
        assert sent_gallery[0]["image"]["orig_name"] == "ä b.png"
        assert text == str(path)


async def test_a_session(client: Any) -> None:
    beats: list[str] = []

    def heartbeat(request: Received) -> Iterable[Part]:
        beats.append(request.path)
        return gradio(Then.HANG)(Received("GET /x/data HTTP/1.1", [], b""))

    config = calculator(connect_heartbeat=True)
    inner = gradio(completed(1, None), CLOSE_STREAM, **told(config))

    def answer(request: Received) -> Iterable[Part]:
        return heartbeat(request) if "/heartbeat/" in request.path else inner(request)

    with ReplayServer(answer) as server:
        async with client, client.app(server.url) as app:
            async with app.session() as page:
                assert await page.call("/count") == 1
                assert await page.call("/count") == 1
                await until(lambda: bool(beats))
            joins = [each.json["session_hash"] for each in server.requests if "join" in each.path]
            assert len(set(joins)) == 1
            assert beats == [f"/gradio_api/heartbeat/{joins[0]}"]
            await until(lambda: server.open <= 2)  # Two read the app's description, and are kept.
            assert await app.call("/count") == 1
        joins = [each.json["session_hash"] for each in server.requests if "join" in each.path]
        assert len(set(joins)) == 2


async def test_an_app_closes_the_page_of_a_session_that_was_dropped(client: Any) -> None:
    config = calculator(connect_heartbeat=True)
    inner = gradio(completed(1, None), CLOSE_STREAM, **told(config))

    def answer(request: Received) -> Iterable[Part]:
        return [EVENTS_HEAD, Then.HANG] if "/heartbeat/" in request.path else inner(request)

    with ReplayServer(answer) as server:
        async with client:
            async with client.app(server.url) as app:
                assert await app.session().call("/count") == 1
                await until(lambda: any("/heartbeat/" in each.path for each in server.requests))
                page_is_open = server.open
            await until(lambda: server.open < page_is_open)


async def test_an_app_does_not_keep_the_sessions_that_were_closed(client: Any) -> None:
    """Each has a copy of the app, as its functions have changed it."""
    with functions(completed(1, None)) as server:
        async with client, client.app(server.url) as app:
            session = app.session()
            async with session as page:
                assert await page.call("/count") == 1
            closed = weakref.ref(session)
            del session, page
            gc.collect()
            assert closed() is None


@pytest.mark.runs_on(*LOOPS)
async def test_a_heartbeat_takes_no_connection_that_is_kept(client: Any) -> None:
    """Nothing of its response is read, so nobody would see that the connection had ended."""
    config = calculator(connect_heartbeat=True)
    inner = gradio(completed(1, None), CLOSE_STREAM, **told(config))
    both = threading.Barrier(2)

    def answer(request: Received) -> Iterable[Part]:
        if "/heartbeat/" in request.path:
            return [EVENTS_HEAD, Then.HANG]
        if request.path.endswith("join") and not both.broken:
            both.wait(5)
        return inner(request)

    with ReplayServer(answer) as server:
        async with client, client.app(server.url) as app:
            async with anyio.create_task_group() as tasks:
                for _ in range(2):
                    tasks.start_soon(app.call, "/count")
            both.abort()
            before = server.accepted
            async with app.session() as page:
                for _ in range(2):
                    assert await page.call("/count") == 1
                await until(lambda: any("/heartbeat/" in each.path for each in server.requests))
            assert server.accepted > before


async def test_one_call_of_a_session_after_another(client: Any) -> None:
    with functions(STARTS, generating(1, None), Then.HANG) as server:
        async with client, client.app(server.url) as app, app.session() as page:
            first = page.run("/count")
            async for _ in first:
                break

            async def second() -> None:
                async with page.run("/count") as run:
                    async for _ in run:
                        break

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(second)
                await anyio.sleep(0.05)
                assert len(sent(server)) == 1
                await first.aclose()
            assert len(sent(server)) == 2


@pytest.mark.runs_on(*LOOPS)  # The blocking API reads ahead, and so comes to the end by itself.
async def test_a_turn_that_does_not_come() -> None:
    client = spacechat.AsyncClient(timeout=spacechat.Timeout(total=1.5))
    with functions(STARTS, generating(1, None), Then.HANG) as server:
        async with client, client.app(server.url) as app, app.session() as page:
            first = page.run("/count")
            async for _ in first:
                break
            with pytest.raises(errors.SpaceChatError, match="open in the same task"):
                await page.call("/count")

            async def in_another_task() -> None:
                with pytest.raises(errors.StreamTimeoutError, match="Another call of the session"):
                    await page.call("/count")

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(in_another_task)
            await first.aclose()
        assert len(sent(server)) == 1


async def test_a_large_value(client: Any, runs_on: str) -> None:
    """What would be a flood from a chat; the client's limit is asked for in the error."""
    large = "x" * (3 << 20)
    with functions(completed(large), CLOSE_STREAM) as server:
        async with client:
            assert await client.call(server.url, "/calc", 1) == large
        limits = spacechat.Limits(values=1 << 20)
        async with Api(runs_on == BLOCKING).client(limits=limits) as small:
            with pytest.raises(errors.ProtocolError, match=r"1048576 bytes.*limits=Limits"):
                await small.call(server.url, "/calc", 1)


async def test_a_map(client: Any) -> None:
    def join(request: Received) -> Iterable[Part]:
        first = request.json["data"][0]
        ok = response(json.dumps({"event_id": "e"}).encode())
        return [response(b'{"detail":"no"}', "400 Bad Request") if first == 2 else ok]

    with functions(completed(7), CLOSE_STREAM, join=join) as server:
        async with client, client.app(server.url) as app:
            given = [1, (2, "subtract"), "three", 4]
            found = await collect(app.map("/calc", given, concurrency=2))
    assert [each.index for each in found] == [0, 1, 2, 3]
    assert [each.value for each in found] == [7, None, None, 7]
    kinds = [type(each.error) for each in found]
    assert kinds == [type(None), errors.ProtocolError, errors.InputsError, type(None)]
    assert found[1].arguments == (2, "subtract")


async def test_a_function_of_the_app_as_one_of_pythons(client: Any) -> None:
    with functions(completed(3), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            assert await app["/calc"](1, num2=2) == 3
            assert await app["calc"](1) == 3
            documented = r"Did you mean '/calc'\? It has: /calc, /caption, /count, /now.$"
            with pytest.raises(errors.InputsError, match=documented):
                app["/clac"]
            with pytest.raises(errors.InputsError, match=r"Did you mean '/hid'\?"):
                app["/hidd"]
            number = app.endpoints["/count"].id
            assert await app[number]() == 3
            assert server.to("/gradio_api/queue/join")[-1].json["fn_index"] == number
            inner = getattr(app, "inner", app)
            assert str(inspect.signature(inner["/calc"])).startswith("(num1: float, operation")
            assert (inspect.getdoc(inner["/calc"]) or "").startswith("Calculates.")
            assert inner._ipython_key_completions_()[0] == "/calc"


async def test_what_an_app_has(client: Any) -> None:
    with functions() as server:
        async with client, client.app(server.url) as app:
            assert list(app.endpoints) == ["/calc", "/caption", "/count", "/hid", "/now"]
            view = app.view()
    text = str(view)
    assert text.startswith(f"{server.url} (Gradio 5.50.0)\n\n/calc(num1: float")
    assert "/hid" not in text
    assert "<table" in view._repr_html_()
    (calc, *_) = view.json()["endpoints"]
    assert json.loads(json.dumps(calc))["parameters"][1] == {
        "name": "operation",
        "label": "Operation",
        "type": "str",
        "component": "Radio",
        "required": False,
        "default": "add",
        "choices": ["add", "subtract"],
    }


async def test_an_app_without_an_info(client: Any) -> None:
    server = ReplayServer(gradio(completed(3), CLOSE_STREAM, **told(info=None)))
    with server:
        async with client, client.app(server.url) as app:
            assert await app.call("/calc", first=1) == 3


async def test_many_values_are_read_at_any_pace(client: Any) -> None:
    """Those that the blocking API reads ahead are the ones of their time."""
    parts = [generating([0])]
    parts += [generating([["add", [index], index]]) for index in range(1, 500)]
    with functions(*parts, completed(list(range(500))), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            values = await collect(app.run("/calc", 1))
    assert [len(each) for each in values] == list(range(1, 501))
    assert values[-1] == list(range(500))


async def test_a_map_with_arguments_by_name(client: Any) -> None:
    given = [spacechat.Arguments(1, num2=2), {"num1": 1}, spacechat.Arguments(num1=3), (4,)]
    assert repr(given[0]) == "Arguments(1, num2=2)"
    with functions(completed(7), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            found = await collect(app.map("/calc", given, concurrency=1))
        assert sent(server) == [[1, "add", 2], [3, "add", 100], [4, "add", 100]]
    assert [each.value for each in found] == [7, None, 7, 7]
    assert isinstance(found[1].error, errors.InputsError)  # A dict is a value, and no number.
    assert [each.arguments for each in found] == given


async def test_a_map_with_a_timeout(client: Any) -> None:
    with functions(STARTS, Then.HANG) as server:
        async with client, client.app(server.url) as app:
            timeout = spacechat.Timeout(total=0.5)
            (found,) = await collect(app.map("/calc", [1], timeout=timeout))
        assert isinstance(found.error, errors.StreamTimeoutError)
        assert len(server.to("/gradio_api/cancel")) == 1


async def test_a_number_for_a_text(client: Any) -> None:
    """The app makes a text of it; so it does of True."""
    with functions(completed([], "1"), CLOSE_STREAM) as server:
        async with client, client.app(server.url) as app:
            for given in (1, 0.5, True):
                await app.call("/caption", [], given)
            with pytest.raises(errors.InputsError, match="takes a text"):
                await app.call("/caption", [], ["a"])
        assert sent(server) == [[[], 1], [[], 0.5], [[], True]]
