"""Secrets show in no error, no frame of a traceback, no record of any logger, and no pickle."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import spacechat
from spacechat import AsyncClient, Client, Timeout, errors, providers
from spacechat.openai import Server
from spacechat.settings import Settings
from tests.samples import HI
from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    chunk,
    completed,
    gradio,
    response,
)
from tests.servers.apps import UNQUEUED, app

pytestmark = pytest.mark.anyio

TOKEN = "hf_canarytoken"
PASSWORD = "canarypassword"
COOKIE = "canarycookie"
HEADER = "canaryheader"
PROXY = "canaryproxy"
USER = "canaryuser"
CANARY = "canary"
BASIC = base64.b64encode(f"me:{USER}".encode()).decode()
SECRETS = (CANARY, CANARY.encode().hex(), BASIC, base64.b64encode(f"me:{PROXY}".encode()).decode())


def assert_no_secret(text: str) -> None:
    for secret in SECRETS:
        at = text.find(secret)
        assert at < 0, text[max(0, at - 300) : at + 100]


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it, each once."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        found = left.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            yield found
            left += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]


def shown(error: BaseException) -> str:
    """What a traceback with locals shows of an error, in all frames but those of these tests."""
    texts: list[str] = []
    for found in chain(error):
        texts += [str(found), repr(found), repr(vars(found)), repr(found.args)]
        for frame, _ in traceback.walk_tb(found.__traceback__):
            if frame.f_code.co_filename != __file__:
                values = [f"{name} = {value!r}" for name, value in frame.f_locals.items()]
                texts += [f"{frame.f_code.co_filename}:{frame.f_code.co_name}", *values]
    return "\n".join(texts)


BOX = [
    {"id": 1, "type": "multimodaltextbox", "props": {"label": "Question"}},
    {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
]
OK = response(b'{"success":true}', set_cookie=f"access-token={COOKIE}; HttpOnly; Path=/")
CUT = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"

FAULTS: dict[str, tuple[Part, ...]] = {
    "reset": (Then.RESET,),
    "close": (Then.CLOSE,),
    "hang": (Then.HANG,),
    "cut": (CUT, Then.CLOSE),
    "no HTTP": (b"\0\0\0 canary? no\r\n\r\n".replace(b"canary", b"what"), Then.CLOSE),
    "401": (response(b'{"detail":"Not authenticated"}', "401 Unauthorized"),),
    "500": (response(b'{"error":"boom"}', "500 Internal Server Error"),),
    "nonsense": (response(b"[]"),),
}
PLACES = ("config", "login", "upload", "join", "data", "predict", "info", "cancel", "heartbeat")


def server_with(place: str, fault: tuple[Part, ...]) -> ReplayServer:
    """An app with a login, of which one route has a fault."""

    def answer(request: Received) -> Iterable[Part]:
        word = request.path.rpartition("/")[2] if "heartbeat" not in request.path else "heartbeat"
        if word == place:
            return fault
        if word == "config":
            more = {"dependencies": UNQUEUED} if place == "predict" else {}
            return [app(version="6.31.0", components=BOX, connect_heartbeat=True, **more)]
        if word == "info":
            return [response(b'{"unnamed_endpoints":{"0":{"oauth_token":"required"}}}')]
        if word == "login":
            return [OK]
        if word == "upload":
            return [response(b'["/tmp/a.txt"]')]
        if word == "heartbeat":
            return [EVENTS_HEAD, chunk(b"data: ALIVE\n\n"), Then.HANG]
        parts = () if place == "cancel" else (completed("Hello"), CLOSE_STREAM)
        return gradio(*parts)(request)

    return ReplayServer(answer)


GIVEN: dict[str, Any] = {
    "token": TOKEN,
    "headers": {"x-mine": HEADER, "x-api-key": HEADER},
    "retries": 0,
    "timeout": Timeout(30, 30, 30),
}
IMPATIENT = {**GIVEN, "timeout": Timeout(30, 0.3, 30)}
"""For a server that hangs. On a busy machine it may be late before that, too: then less is sent."""
LOGIN = ("me", PASSWORD)


def with_user(url: str) -> str:
    return url.replace("//", f"//me:{USER}@")


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that any logger says, with what a record carries besides."""
    caplog.set_level(logging.DEBUG)
    for name in [*logging.root.manager.loggerDict]:
        logging.getLogger(name).setLevel(logging.NOTSET)
    return lambda: caplog.text + repr([vars(record) for record in caplog.records])


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
@pytest.mark.parametrize("place", PLACES)
async def test_faults(
    place: str, fast: bool, records: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", f"{TOKEN}ofenvironment")
    for name, fault in FAULTS.items():
        with server_with(place, fault) as server:
            options: Any = {"auth": LOGIN, "files": [b"x"], "sign_in": True}
            if place == "info":
                options["inputs"] = {"there is none such": 1}
            url = server.url
            by_token = 0
            for user, token in ((False, TOKEN), (True, None)):
                given = IMPATIENT if name == "hang" else GIVEN
                client = AsyncClient(**{**given, "token": token})
                model = with_user(url) if user else url
                error: BaseException | None = None
                async with client, client.conversation(model=model, **options) as chat:
                    try:
                        await chat.ask("Hi")
                    except errors.SpaceChatError as exc:
                        error = exc
                if error is not None:
                    assert_no_secret(shown(error))
                    assert error.__traceback__ is not None
                elif name in ("reset", "hang", "cut"):
                    assert place in ("heartbeat", "cancel", "info"), name
                if not user:
                    by_token = len(server.to("/config"))
            assert server.requests
            if place != "config" and place != "login":
                sent = [str(one.headers) for one in server.to("/config")]
                assert all(COOKIE in each and HEADER in each for each in sent)
                assert all(f"Bearer {TOKEN}" in each for each in sent[:by_token])
                assert by_token or name == "hang"
            if place == "data":
                joined = {TOKEN.encode() in one.body for one in server.to("/gradio_api/queue/join")}
                assert joined == {True} or (name == "hang" and not joined)
    said = records()
    assert_no_secret(said)
    if not fast:
        assert "receive_response_headers" in said  # It was the HTTP library's log, too.


async def what_shows(client: AsyncClient, **options: Any) -> str:
    """What is seen of an answer, or of the error in its place."""
    try:
        reply = await client.ask("Hi", auth=LOGIN, sign_in=True, **options)
    except errors.SpaceChatError as exc:
        return shown(exc)
    return repr([reply, reply.conversation])


@pytest.mark.parametrize("place", ["config", "info", "join", "data"])
async def test_faults_with_what_the_user_saved(
    place: str, records: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A login of `hf auth login`, and a settings file whose addresses have passwords."""
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    config = tmp_path / "config.toml"
    monkeypatch.setenv("SPACECHAT_CONFIG", str(config))
    told = ""
    for name, fault in FAULTS.items():
        with server_with(place, fault) as server:
            url = with_user(server.url)
            config.write_text(f'model = "mine"\n[models]\nmine = "{url}"', encoding="utf-8")
            given = {**(IMPATIENT if name == "hang" else GIVEN), "token": None}
            async with AsyncClient(**given) as client:
                told += await what_shows(client) + await what_shows(client, model="mine")
            assert server.requests
            if place == "data":
                joined = {TOKEN.encode() in one.body for one in server.to("/gradio_api/queue/join")}
                assert joined == {True} or (name == "hang" and not joined)
    monkeypatch.setenv("SPACECHAT_MODEL", f"me:{USER}@nowhere")
    with pytest.raises(errors.ModelNotFoundError) as caught:
        AsyncClient().stream("Hi")
    assert_no_secret(told + shown(caught.value) + records())


@pytest.mark.parametrize("place", ["config", "login", "join", "data"])
def test_faults_of_the_facade(place: str, records: Callable[[], str]) -> None:
    for name, fault in FAULTS.items():
        with server_with(place, fault) as server:
            ways: list[Callable[[spacechat.Client], object]] = [
                lambda client: client.ask("Hi", model=with_user(server.url), auth=LOGIN),
                lambda client: "".join(
                    client.stream("Hi", model=with_user(server.url), auth=LOGIN)
                ),
                lambda client: client.inspect(with_user(server.url), auth=LOGIN),
                lambda _: spacechat.ask("Hi", model=with_user(server.url), auth=LOGIN),
            ]
            for ask in ways[: 4 if "401" in str(fault) else 3]:
                given = IMPATIENT if name == "hang" else GIVEN
                with spacechat.Client(**given) as client:
                    try:
                        ask(client)
                    except errors.SpaceChatError as exc:
                        assert_no_secret(shown(exc))
    assert_no_secret(records())


@pytest.mark.parametrize(
    "proxy",
    [
        f"me:{PROXY}@127.0.0.1:9",
        f"//me:{PROXY}@127.0.0.1:9",
        f"ftp://me:{PROXY}@127.0.0.1:9",
        f"http://me:{PROXY}@127.0.0.1:99999",
        f"http://me:{PROXY}@127.0.0.1:port",
        f"http://me:{PROXY}@[::1",
        f"http://me:{PROXY}@a..b:80",
        f"http://me:{PROXY}\udc80@127.0.0.1:9",
        f"http://me:{PROXY}\n@127.0.0.1:9",
        f"http://me:{PROXY}",
        f"http://me:{PROXY}@",
        f"http://me:{PROXY}@127.0.0.1:9",
        f"socks5://me:{PROXY}@127.0.0.1:9",
    ],
)
@pytest.mark.parametrize("given", ["argument", "environment"])
async def test_a_proxy_that_is_none(
    proxy: str, given: str, records: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"proxy": proxy} if given == "argument" else {}
    if given == "environment":
        try:
            monkeypatch.setenv("HTTP_PROXY", proxy)
        except ValueError:
            pytest.fail("no such variable")
    async with AsyncClient(retries=0, timeout=5, **settings) as client:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            await client.ask("Hi", model="http://space.example")
    assert "proxy" in str(caught.value).lower()
    assert_no_secret(shown(caught.value))
    assert_no_secret(records())


async def test_a_socks_proxy(records: Callable[[], str]) -> None:
    """The HTTP library logs what it sends to one, the password among it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"\x05\x02")  # It wants a user and password.
                assert PROXY.encode() in connection.recv(1000)
                connection.sendall(b"\x01\x00")
                connection.recv(1000)
                connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
                connection.recv(10_000)
                connection.sendall(response(b"{}", "503 Service Unavailable"))

        thread = threading.Thread(target=serve)
        thread.start()
        proxy = f"socks5://me:{PROXY}@127.0.0.1:{listener.getsockname()[1]}"
        async with AsyncClient(retries=0, timeout=5, proxy=proxy) as client:
            with pytest.raises(errors.SpaceUnavailableError, match="503") as caught:
                await client.ask("Hi", model="http://space.example")
        thread.join()
    assert_no_secret(shown(caught.value))
    assert "setup_socks5_connection" in records()
    assert_no_secret(records())


@pytest.mark.parametrize(
    "auth",
    [
        PASSWORD,
        (PASSWORD,),
        ("me", PASSWORD, "x"),
        ("me", f"{PASSWORD}\udc80"),
        ["me", None, PASSWORD],
    ],
)
async def test_a_login_that_is_none(auth: Any) -> None:
    async with AsyncClient() as client:
        for ask in (
            lambda: client.ask("Hi", model="http://127.0.0.1:9", auth=auth),
            lambda: client.inspect("http://127.0.0.1:9", auth=auth),
            lambda: client.conversation(model="http://127.0.0.1:9", auth=auth).ask("Hi"),
        ):
            with pytest.raises(errors.InputsError, match="auth=") as caught:
                await ask()
            assert_no_secret(shown(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        "http://me:{}@h:99999",
        "http://me:{}@[::1",
        "http://me:{}@",
        "ftp://me:{}@h",
        "http://me:{}\0@h",
        "http://me:{}@xn--",
        "me:{}@h",
        "http://me:{}@h\u2100",
    ],
)
async def test_an_address_that_is_none(url: str) -> None:
    address = url.format(USER)
    async with AsyncClient() as client:
        for ask in (
            lambda: client.ask("Hi", model=address),
            lambda: client.ask("Hi", model=[address]),
            lambda: client.inspect(address),
            lambda: client.check(address),
            lambda: client.ask("Hi", provider=providers.GradioChat.at(address)),
            lambda: client.ask("Hi", provider=providers.Qwen_Qwen_2_5.at(address)),
        ):
            error: BaseException | None = None
            try:
                found = await ask()
            except errors.SpaceChatError as exc:
                error = exc
                assert_no_secret(shown(exc))
            else:
                assert_no_secret(str(found))
            assert error is not None or isinstance(found, spacechat.Health)


@pytest.mark.parametrize("kind", [AsyncClient, spacechat.Client, Settings])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(kind: Any, protocol: int) -> None:
    """What is a credential stays here, and so does every header that may be one."""
    names = ("Authorization", "cookie", "Proxy-Authorization", "X-API-Key", "x-mine", "X-Auth")
    headers = {**dict.fromkeys(names, HEADER), "User-Agent": "mine/1.0", "accept-language": "de"}
    made = kind(
        token=TOKEN, proxy=f"http://me:{PROXY}@proxy.example:3128", headers=headers, retries=7
    )
    data = pickle.dumps(made, protocol)
    assert_no_secret(data.decode("latin-1"))
    for other in (pickle.loads(data),):
        settings: Settings = other if isinstance(other, Settings) else settings_of(other)
        assert settings.token is None
        assert settings.proxy == "http://proxy.example:3128"
        assert settings.headers == {"User-Agent": "mine/1.0", "accept-language": "de"}
        assert settings.retries == 7
        assert "proxy.example" not in repr(settings)


def settings_of(client: Any) -> Settings:
    found: Settings = client._settings
    return found


def test_reprs() -> None:
    given: Any = {"token": TOKEN, "proxy": f"http://me:{PROXY}@h", "headers": {"x": HEADER}}
    settings = Settings(**given)
    assert_no_secret(f"{settings!r} {vars(settings)!r}")
    assert_no_secret(repr([vars(kind(**given)) for kind in (AsyncClient, spacechat.Client)]))
    chat = AsyncClient(**given).conversation(model=with_user("http://h"), auth=LOGIN)
    assert_no_secret(repr(vars(chat)))


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
async def test_an_answer_leaves_no_secret_in_logs(fast: bool, records: Callable[[], str]) -> None:
    with server_with("nowhere", ()) as server:
        client = AsyncClient(**GIVEN)
        async with client, client.conversation(model=with_user(server.url), auth=LOGIN) as chat:
            assert (await chat.ask("Hi")).text == "Hello"
    assert_no_secret(records())


async def test_other_requests_are_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    """What another program logs of its own requests is its own business."""
    import httpx

    with (
        ReplayServer(always(response(b"{}", set_cookie="a=visible"))) as server,
        caplog.at_level(logging.DEBUG),
    ):
        async with httpx.AsyncClient() as client:
            await client.get(server.url)
    assert "a=visible" in caplog.text


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
async def test_a_cookie_that_is_none(fast: bool) -> None:
    """A login may set what is no header: it is not sent, and the others are."""
    login = response(b'{"success":true}').replace(
        b"\r\n\r\n", b"\r\nset-cookie: a=\xff\xfe\r\nset-cookie: b=1; Path=/\r\n\r\n"
    )
    body = json.dumps({"detail": "Not here"}).encode()

    def answer(request: Received) -> Iterable[Part]:
        return [login] if request.path == "/login" else [response(body, "404 Not Found")]

    with ReplayServer(answer) as server:
        async with AsyncClient() as client:
            with pytest.raises(errors.SpaceUnavailableError, match="Not here"):
                await client.ask("Hi", model=server.url, auth=("me", "x"))
        assert server.to("/config")[0].header("cookie") == "b=1"


def test_a_conversation_that_is_saved_before_it_is_asked(tmp_path: Path) -> None:
    with Client() as client:
        chat = client.conversation(model=f"http://me:{USER}@127.0.0.1:9", system="Be brief.")
        path = tmp_path / "saved.json"
        chat.save(path)
        told = [path.read_text(), chat.conversation.to_json(), repr(chat), repr(chat.branch())]
        assert_no_secret("".join(told) + chat.conversation._repr_markdown_())


def test_the_openai_server_lists_no_login() -> None:
    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [app()]
        return gradio(completed("Hello"), CLOSE_STREAM)(request)

    with ReplayServer(answer) as server:
        with Server(models=[server.url.replace("//", f"//me:{USER}@")]) as api:
            told = httpx.get(f"{api.url}/models").text + httpx.get(f"{api.url}/models/x").text
            asked = {"model": server.url, "messages": HI}
            reply = httpx.post(f"{api.url}/chat/completions", json=asked)
        assert reply.json()["choices"][0]["message"]["content"] == "Hello"
        assert_no_secret(told + reply.text + repr(api))
        assert {request.header("authorization") is None for request in server.requests} == {False}


def test_a_prompt_with_a_login() -> None:
    assert_no_secret(repr(vars(spacechat.Prompt("Hi", auth=("me", PASSWORD)))))
