"""No request of any step leaves the origin that was asked, whatever a server says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

import pytest

import spacechat
from spacechat import errors, events
from spacechat.apps import parse_config
from spacechat.protocol import Budget, ReadAnswer
from spacechat.settings import Settings
from spacechat.steps import (
    Connect,
    Fetch,
    Generate,
    KeepPageOpen,
    OutgoingFile,
    Request,
    Script,
    Step,
    Steps,
    Upload,
)
from spacechat.streaming.engine import AsyncEngine
from spacechat.streaming.open_page import OpenPage
from tests.servers import (
    CLOSE_STREAM,
    Part,
    Received,
    ReplayServer,
    always,
    completed,
    generating,
    gradio,
    response,
)
from tests.servers.apps import app

pytestmark = pytest.mark.anyio

TOKEN = "hf_thesecrettoken"


HOSTILE = [
    ".evil.test",
    "@{}/x?y=",
    "@{}/",
    ":1@{}/",
    "//{}/gradio_api",
    "/\\{}",
    "\\\\{}\\",
    "/gradio_api?",
    "/gradio_api#",
    "/../gradio_api",
    "/a/../../b",
    "/a/.",
    "gradio_api",
    ":9999",
    "0",
    "/a b",
    "/a\n",
    "/a\0",
    "/a\x7f",
    "/ä",
    "http://{}",
    "/%2e%2e",
]


@pytest.mark.parametrize("prefix", HOSTILE)
def test_a_prefix_that_is_no_path(prefix: str) -> None:
    body = app(api_prefix=prefix.format("127.0.0.1:9")).partition(b"\r\n\r\n")[2]
    with pytest.raises(errors.ProtocolError):
        parse_config(body)


@pytest.mark.parametrize(
    ("prefix", "kept"),
    [(None, ""), ("", ""), ("/", ""), ("/gradio_api", "/gradio_api"), ("/a-b/c.d/", "/a-b/c.d")],
)
def test_a_prefix_that_is_one(prefix: str | None, kept: str) -> None:
    body = app(api_prefix=prefix).partition(b"\r\n\r\n")[2]
    assert parse_config(body).api_prefix == kept


@pytest.mark.parametrize("prefix", HOSTILE)
async def test_an_app_that_names_another_host(prefix: str) -> None:
    """Neither the token nor the login nor the question gets there."""
    with ReplayServer(always(response(b'{"detail":"SECRET OF THE OTHER"}', "400 No"))) as other:
        place = other.url.removeprefix("http://")

        def answer(request: Received) -> Iterable[Part]:
            if request.path == "/config":
                return [app(api_prefix=prefix.format(place))]
            if request.path == "/login":
                return [response(b'{"success":true}', set_cookie="session=secret; Path=/")]
            return gradio()(request)

        with ReplayServer(answer) as server:
            async with spacechat.AsyncClient(token=TOKEN, headers={"x-mine": "1"}) as client:
                with pytest.raises(errors.ProtocolError, match="api_prefix") as caught:
                    await client.ask("Hi", model=server.url, auth=("me", "password"))
                with pytest.raises(errors.ProtocolError):
                    await client.inspect(server.url, auth=("me", "password"))
            # What `inspect` asks for with the description is where Gradio itself has it.
            own = {"/config", "/login", "/gradio_api/info"}
            assert {one.path for one in server.requests} == own
        assert other.accepted == 0
    assert "SECRET OF THE OTHER" not in str(caught.value)


Leaving = Callable[[str], Step]


def fetched(url: str) -> Step:
    return Fetch(Request(url))


def posted(url: str) -> Step:
    return Fetch(Request(url, {"x": 1}))


def sent_as_form(url: str) -> Step:
    return Fetch(Request(url, form={"username": "me", "password": "secret"}))


def uploaded(url: str) -> Step:
    return Upload(url, [OutgoingFile("a.txt", "text/plain", b"secret")])


STEPS: list[Leaving] = [fetched, posted, sent_as_form, uploaded]


async def take(server: ReplayServer, step: Step) -> None:
    def steps(_: Budget) -> Steps[None]:
        yield Connect(server.url, {"cookie": "session=secret"})
        yield step

    settings = Settings(token=TOKEN, retries=0)
    page = OpenPage(settings, set())
    try:
        await AsyncEngine(Script(steps=steps), settings, page=page).complete()
    finally:
        await page.aclose()


def elsewhere(server: ReplayServer, other: ReplayServer) -> Iterator[str]:
    """Addresses on `other`, or which some would take for ones on it."""
    here, there = (each.url.removeprefix("http://") for each in (server, other))
    yield from (
        f"http://{there}/x",
        f"http://{here}@{there}/x",
        f"http://me:x@{here}/x",
        f"http://{here}.evil.test/x",
        f"https://{here}/x",
        f"http://{there}\\@{here}/x",
        f"http://{here}\\@{there}/x",
        f"http://localhost:{here.partition(':')[2]}/x",
        "http://127.0.0.1/x",
        f"//{there}/x",
        "/x",
        "",
        f"http://[::1]:{here.partition(':')[2]}/x",
        f"http://{here}\0/x",
        f"http://{here}:99999/x",
        "http://[",
        f"file://{here}/etc/passwd",
        f"ftp://{here}/x",
    )


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
@pytest.mark.parametrize("leaving", STEPS, ids=lambda each: each.__name__)
async def test_a_request_elsewhere(leaving: Leaving, fast: bool) -> None:
    with ReplayServer(gradio()) as server, ReplayServer(gradio()) as other:
        for url in elsewhere(server, other):
            with pytest.raises(errors.ProtocolError, match="nothing was sent"):
                await take(server, leaving(url))
        assert server.accepted == other.accepted == 0


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
async def test_a_heartbeat_elsewhere(fast: bool) -> None:
    with ReplayServer(gradio()) as server, ReplayServer(gradio()) as other:
        for url in elsewhere(server, other):
            await take(server, KeepPageOpen(url, lambda: None))
        assert server.accepted == other.accepted == 0


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
@pytest.mark.parametrize("which", ["join", "events_url", "cancel"])
async def test_an_event_elsewhere(which: str, fast: bool) -> None:
    question = [generating("Hel"), completed("Hello"), CLOSE_STREAM]
    with ReplayServer(gradio(*question)) as server, ReplayServer(gradio(*question)) as other:
        for url in elsewhere(server, other):
            urls: Mapping[str, str] = {
                "join": f"{server.url}/queue/join",
                "events_url": f"{server.url}/queue/data?session_hash=x",
                "cancel": f"{server.url}/cancel",
                which: url,
            }
            step = Generate(
                join=Request(urls["join"], {}),
                events_url=urls["events_url"],
                cancel=Request(urls["cancel"], {}),
                reads=ReadAnswer(0),
            )
            if which == "cancel":  # Which is not needed where the answer is complete.
                await take(server, step)
            else:
                with pytest.raises(errors.ProtocolError, match="nothing was sent"):
                    await take(server, step)
        assert other.accepted == 0


async def test_a_cancellation_elsewhere() -> None:
    """It is the last that could leave, and nobody waits for what comes of it."""
    with ReplayServer(gradio(generating("Hel"))) as server, ReplayServer(gradio()) as other:

        def steps(_: Budget) -> Steps[None]:
            yield Connect(server.url, {})
            yield Generate(
                join=Request(f"{server.url}/queue/join", {}),
                events_url=f"{server.url}/queue/data",
                cancel=Request(f"{other.url}/cancel", {}),
                reads=ReadAnswer(0),
            )

        engine = AsyncEngine(Script(steps=steps), Settings(token=TOKEN))
        try:
            while not any(type(event) is events.TextDelta for event in engine.events):
                assert await engine.advance()
        finally:
            await engine.aclose()
        assert other.accepted == 0
        assert not server.to("/cancel")


@pytest.mark.parametrize(
    "form",
    ["HTTP://{host}:{port}/x", "http://{host}:{port}/x?y=//evil.test", "http://{host}:{port}"],
)
async def test_the_same_origin(form: str) -> None:
    with ReplayServer(always(response(b"{}"))) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        await take(server, fetched(form.format(host=host, port=port)))
        assert len(server.requests) == 1


HOSTS = [
    "{there}/x",
    "http://me:secret@{there}",
    "http://{there}/path",
    "http://{there}?x=",
    "http://{there}#x",
    "http://{there}\\x",
    "ftp://{there}",
    "file:///etc/passwd",
    "http://",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:port",
    "http://[::1",
    "http://127.0.0.1\0",
    "http://127.0.0.1 ",
    "",
]


@pytest.mark.parametrize("host", HOSTS)
async def test_a_hub_that_names_no_host(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ReplayServer(gradio()) as other:
        named = host.format(there=other.url.removeprefix("http://"))
        body = json.dumps({"host": named, "subdomain": "x"}).encode()
        with ReplayServer(always(response(body))) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            async with spacechat.AsyncClient(token=TOKEN) as client:
                with pytest.raises(errors.ProtocolError, match="as the address of the Space a/b"):
                    await client.ask("Hi", model="a/b")
        assert other.accepted == 0


async def test_the_hubs_own_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in `HF_ENDPOINT` goes to the Hub, not to the Space, and shows in no error."""
    with ReplayServer(gradio()) as space:
        body = json.dumps({"host": space.url}).encode()

        def answer(request: Received) -> Iterable[Part]:
            known = request.path.endswith("a/b/host")
            return [response(body) if known else response(b"{}", "404 Not Found")]

        with ReplayServer(answer) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.url.replace("//", "//me:secretpassword@"))
            async with spacechat.AsyncClient() as client:
                for name in ("a/b", "a/other"):
                    with pytest.raises(errors.SpaceChatError) as caught:
                        await client.ask("Hi", model=name)
                    assert "secretpassword" not in str(caught.value)
            assert {one.header("authorization") for one in hub.requests} == {
                "Basic bWU6c2VjcmV0cGFzc3dvcmQ="
            }
        assert {one.header("authorization") for one in space.requests} == {None}


async def test_users_of_an_address_have_nothing_of_each_other() -> None:
    """What is known of an app holds the headers that it was asked with: they are one user's."""

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [app()]
        return gradio(completed("Hello"), CLOSE_STREAM)(request)

    alice, bob = ("Basic YWxpY2U6MQ==", "Basic Ym9iOjI=")
    with ReplayServer(answer) as server:
        async with spacechat.AsyncClient() as client:
            for user, sent in (("alice:1@", alice), ("", None), ("bob:2@", bob), ("", None)):
                before = len(server.requests)
                await client.ask("Hi", model=server.url.replace("//", f"//{user}"))
                made = server.requests[before:]
                assert {one.header("authorization") for one in made} == {sent}


async def test_files_of_an_address_with_a_user() -> None:
    """A file is fetched as the one who asked, however many others did."""
    image = {"path": "/tmp/a.png", "orig_name": "a.png"}

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [
                app(
                    components=[
                        {"id": 1, "type": "textbox", "props": {"label": "Question"}},
                        {"id": 2, "type": "chatbot", "props": {"type": "messages"}},
                    ]
                )
            ]
        if "file=" in request.path:
            return [response(b"PNG")]
        said = [{"role": "assistant", "content": {"component": "image", "value": image}}]
        return gradio(completed(said), CLOSE_STREAM)(request)

    with ReplayServer(answer) as server:
        async with spacechat.AsyncClient() as client:
            replies = [
                await client.ask("Hi", model=server.url.replace("//", f"//{user}"))
                for user in ("alice:1@", "bob:2@", "")
            ]
            for reply in reversed(replies):
                assert await client.read(reply.files[0]) == b"PNG"
        asked = [one.header("authorization") for one in server.requests if "file=" in one.path]
        assert asked == [None, "Basic Ym9iOjI=", "Basic YWxpY2U6MQ=="]


async def test_a_file_by_another_password() -> None:
    """The name of somebody who has logged in opens nothing: the password has to be theirs."""

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/login":
            if b"password=right" not in request.body:
                return [response(b'{"detail":"Incorrect credentials."}', "400 Bad Request")]
            return [response(b'{"success":true}', set_cookie="access-token=x; Path=/")]
        if request.path == "/config":
            return [app()]
        if "file=" in request.path:
            return [response(b"PNG")]
        return gradio(completed("Hello"), CLOSE_STREAM)(request)

    with ReplayServer(answer) as server:
        file = events.File(f"{server.url}/file=a.png", "a.png", "image/png", server.url, "me")
        async with spacechat.AsyncClient() as client:
            await client.ask("Hi", model=server.url, auth=("me", "right"))
            with pytest.raises(errors.AuthenticationError):
                await client.read(file, auth=("me", "wrong"))
            assert await client.read(file, auth=("me", "right")) == b"PNG"
            assert len(server.to("/login")) == 2
