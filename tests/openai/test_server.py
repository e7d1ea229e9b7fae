"""The server: who may ask, how much it takes, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest

import openai
import spacechat
from spacechat.cli import run
from spacechat.local import ChatRequest, LocalSpace
from spacechat.openai import Bounds, Server
from spacechat.openai.api import Api
from spacechat.openai.question import Question
from tests.openai.conftest import Gate, Scripted
from tests.processes import wait_until
from tests.samples import HI
from tests.servers import always, response, until
from tests.servers.chat_form import ChatForm
from tests.systems import POSIX

pytestmark = POSIX

STREAMS = 200

BROKEN = (openai.APIConnectionError, httpx.RemoteProtocolError, httpx2.RemoteProtocolError)
"""What the package raises where a stream is cut off, by its version."""


@contextmanager
def command(*arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`spacechat serve` in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "spacechat", "serve", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    with process:
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told.startswith("The OpenAI API is at http://127.0.0.1:"), told
        try:
            yield told.split()[5], process
        finally:
            process.kill()
            watchdog.cancel()


async def hold(client: openai.AsyncOpenAI, url: str, answers: list[str]) -> None:
    stream = await client.chat.completions.create(model=url, messages=HI, stream=True)
    answers.append("".join([chunk.choices[0].delta.content or "" async for chunk in stream]))


async def hold_response(client: openai.AsyncOpenAI, url: str, answers: list[str]) -> None:
    stream = await client.responses.create(model=url, input="Hi", stream=True)
    events = [event async for event in stream]
    last = events[-1]
    assert last.type == "response.completed"
    # On a busy machine, the server may close the idle connection just as this takes it.
    again = client.with_options(max_retries=5)
    assert (await again.responses.retrieve(last.response.id)).output_text == "one two"
    deltas = [each.delta for each in events if each.type == "response.output_text.delta"]
    answers.append("".join(deltas))


def begin(client: openai.OpenAI, url: str) -> Any:
    return client.chat.completions.create(model=url, messages=HI, stream=True)


def begin_response(client: openai.OpenAI, url: str) -> Any:
    return client.responses.create(model=url, input="Hi", stream=True)


@pytest.mark.parametrize(
    ("hold", "begin"),
    [(hold, begin), (hold_response, begin_response)],
    ids=["completions", "responses"],
)
def test_200_streams_at_once_and_the_end(hold: Any, begin: Any) -> None:
    """All are answered at the same time; those that the end of the server cuts off are stopped."""
    opened = threading.Event()

    def reply(request: ChatRequest) -> Iterator[str]:
        yield "one "
        assert opened.wait(120)
        yield "two"

    async def ask(url: str) -> list[str]:
        answers: list[str] = []
        settings: Any = {"api_key": "key", "base_url": url, "max_retries": 0, "timeout": 100}
        async with openai.AsyncOpenAI(**settings) as client:
            with anyio.fail_after(100):
                async with anyio.create_task_group() as group:
                    for _ in range(STREAMS):
                        group.start_soon(hold, client, space.url, answers)
                    await until(lambda: space.active == STREAMS)
                    opened.set()
        return answers

    with (
        LocalSpace("plain", reply) as space,
        command(SPACECHAT_API_KEY="key") as (url, process),
    ):
        assert anyio.run(ask, url) == ["one two"] * STREAMS
        assert space.cancelled == 0
        opened.clear()
        with openai.OpenAI(api_key="key", base_url=url, max_retries=0) as client:
            stream = begin(client, space.url)
            next(stream)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            assert process.stderr is not None
            assert process.stderr.read().count("\n") == 1  # what it warned of
            wait_until(lambda: space.cancelled == 1)
            with pytest.raises(BROKEN):
                list(stream)
        opened.set()


@pytest.mark.parametrize("models", [(), ("qwen-2.5",)])
def test_a_warning_where_any_model_may_be_asked_for(models: tuple[str, ...]) -> None:
    with command(*(f"--model={name}" for name in models)) as (_, process):
        assert process.stderr is not None
        process.send_signal(signal.SIGTERM)
        assert ("any Space or address" in process.stderr.read()) == (not models)


def test_names_of_models() -> None:
    """A client asks for a name; what it stands for is not told."""
    with (
        LocalSpace("plain", lambda request: [f"<{request.prompt}>"]) as space,
        command("-m", f"gpt-4o = {space.url}/?a=b", "-m", "qwen-2.5 ") as (url, process),
        openai.OpenAI(api_key="-", base_url=url, max_retries=0) as client,
    ):
        assert [each.id for each in client.models.list()] == ["gpt-4o", "qwen-2.5"]
        assert client.models.retrieve("gpt-4o").owned_by == "spacechat"
        answer = client.chat.completions.create(model="gpt-4o", messages=HI)
        assert (answer.model, answer.choices[0].message.content) == ("gpt-4o", "<Hi>")
        with pytest.raises(openai.NotFoundError, match=r"There are gpt-4o, qwen-2\.5"):
            client.chat.completions.create(model=space.url, messages=HI)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert process.stderr.read() == "Models: gpt-4o, qwen-2.5.\n"


def test_why_a_model_can_not_be_asked(tmp_path: Path) -> None:
    """Whoever serves it is told; whoever asks is not."""
    settings = tmp_path / "config.toml"
    settings.write_text('[models]\nfast = "owner/name"\n')
    with (
        command("-m", "mine=fast", SPACECHAT_CONFIG=str(settings)) as (url, process),
        openai.OpenAI(api_key="-", base_url=url, max_retries=0) as client,
    ):
        assert [each.id for each in client.models.list()] == ["mine"]
        settings.write_text("")
        with pytest.raises(openai.NotFoundError, match="stands for here is no model"):
            client.chat.completions.create(model="mine", messages=HI)
        assert [each.id for each in client.models.list()] == []
        settings.write_text("fast")
        with pytest.raises(openai.InternalServerError, match="settings file is damaged"):
            client.chat.completions.create(model="mine", messages=HI)
        with pytest.raises(openai.InternalServerError, match="settings file is damaged"):
            client.models.list()
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        models, *told = process.stderr.read().splitlines()
    assert models == "Models: mine."
    assert told[0].startswith(
        "spacechat: The model 'mine' can't be asked: There is no model 'fast'"
    )
    for line in told[1:]:
        assert line.startswith(f"spacechat: The settings file {settings} is no TOML: ")
    assert len(told) == 2


def test_nobody_reads_what_it_tells(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[models]\nfast = "qwen-2.5"\n')
    with command("-m", "fast", SPACECHAT_CONFIG=str(settings)) as (url, process):
        assert httpx.get(f"{url}/models/fast", trust_env=False).status_code == 200
        assert process.stderr is not None
        assert process.stderr.readline() == "Models: fast.\n"
        process.stderr.close()
        settings.write_text("")
        for _ in range(2):
            assert httpx.get(f"{url}/models/fast", trust_env=False).status_code == 404


def test_no_password_of_an_address_is_shown() -> None:
    with command("-m", "http://ada:secret@127.0.0.1:9") as (url, process):
        found = httpx.get(f"{url}/models", trust_env=False).json()
        assert [model["id"] for model in found["data"]] == ["http://127.0.0.1:9"]
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert process.stderr.read() == "Models: http://127.0.0.1:9.\n"


def test_ctrl_c() -> None:
    with command("-m", "qwen-2.5") as (url, process):
        found = httpx.get(f"{url}/models", trust_env=False).json()
        assert [model["id"] for model in found["data"]] == ["qwen-2.5"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "0.0.0.0"), "set a key"),
        (("--api-key", "clé"), "characters that no key has"),
        (("--api-key", "one\ntwo"), "characters that no key has"),
        (("--host", "", "--api-key", "x"), "'--host': it is empty."),
        (("--port", "65536"), "'--port': 65536 is not in the range 0<=x<=65535"),
        (("--port", "-1"), "'--port': -1 is not in the range 0<=x<=65535"),
        (("--openai",), "leave --openai out"),
        (("--shape", "plain"), "spacechat serve-local --shape"),
        (("--delay", "0"), "spacechat serve-local --delay"),
        (("-m", "=qwen-2.5"), "-m takes MODEL or NAME=MODEL, not '=qwen-2.5'"),
        (("-m", "fast="), "-m takes MODEL or NAME=MODEL, not 'fast='"),
        (("-m", "fast= "), "-m takes MODEL or NAME=MODEL, not 'fast= '"),
        (("-m", " "), "-m takes MODEL or NAME=MODEL, not ' '"),
        (("-m", "a=qwen-2.5", "-m", "a=qwen-2-72b"), "-m names 'a' twice"),
        (("--auth", "ada:x"), "--auth goes to one app, so the models must name exactly one"),
        (("--auth", "ada:x", "-m", "qwen-2.5"), "and they name none"),
        (("--auth", "ada:x", "-m", "a/b", "-m", "c/d"), "and they name 2"),
        (("--host", "0.0.0.0"), "set a key that requests bring, in SPACECHAT_API_KEY."),
        (("-m", "http://ada:secret@a.b") * 2, "-m names 'http://a.b' twice"),
        (("-m", "=http://ada:secret@a.b"), "-m takes MODEL or NAME=MODEL, not 'a.b'"),
    ],
)
def test_bad_usage(
    arguments: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["spacechat", "serve", *arguments])
    assert run() == 2
    assert says in capsys.readouterr().err


def test_an_unknown_model_at_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["spacechat", "serve", "-m", "nonsense"])
    assert run() == 1
    assert "There is no model 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["no.host.invalid", "ä..b", "ä" * 70])
def test_a_host_that_there_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    look_up = socket.getaddrinfo

    def unless_unknown(name: Any, *more: Any, **options: Any) -> Any:
        if name in ("no.host.invalid", b"no.host.invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unless_unknown)
    arguments = ["serve", "--host", host, "--api-key", "x", "-m", "qwen-2.5"]
    monkeypatch.setattr(sys, "argv", ["spacechat", *arguments])
    assert run() == 1
    told = capsys.readouterr().err
    assert f"cannot listen on {host}:8000: " in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("is_option", [True, False])
def test_an_app_with_a_login(is_option: bool) -> None:
    """No pinned Space gets the login."""
    login = ("--auth", "ada:secret") if is_option else ()
    environment = {} if is_option else {"SPACECHAT_AUTH": "ada:secret"}
    with (
        ChatForm(login=("ada", "secret")) as form,
        command("-m", f"mine={form.url}", "-m", "qwen-2.5", *login, **environment) as (url, _),
        openai.OpenAI(base_url=url, api_key="-", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="mine", messages=HI)
        assert answer.choices[0].message.content


def test_a_login_goes_to_the_app_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alias that stands for another app meanwhile takes no password there."""
    settings = tmp_path / "config.toml"
    monkeypatch.setenv("SPACECHAT_CONFIG", str(settings))
    body = b'{"model": "%s", "messages": [{"role": "user", "content": "Hi"}]}'
    settings.write_text('[models]\nmine = "localhost:1"\n')
    api = Api(["mine", "qwen-2.5"], ("ada", "secret"))
    for name, has_login in ((b"mine", True), (b"qwen-2.5", False)):
        asked = api.receive("POST", "/v1/chat/completions", body % name)
        assert isinstance(asked, Question)
        assert bool(asked.options.get("auth")) == has_login
    settings.write_text('[models]\nmine = "localhost:1234"\n')
    asked = api.receive("POST", "/v1/chat/completions", body % b"mine")
    assert isinstance(asked, Question)
    assert not asked.options.get("auth")


def test_its_life() -> None:
    server = Server()
    with pytest.raises(RuntimeError, match="before it starts"):
        server.url  # noqa: B018
    assert repr(server) == "<Server not started>"
    server.close()
    with server:
        assert server.url in repr(server)
        with pytest.raises(RuntimeError, match="make a new one"):
            server.start()
        port = int(server.url.removesuffix("/v1").rpartition(":")[2])
        with pytest.raises(OSError, match="cannot listen"):
            Server(port=port).start()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)
    with pytest.raises(OSError, match=r"cannot listen on 127\.0\.0\.1:65536"):
        Server(port=65536).start()
    with pytest.raises(ValueError, match="set a key"):
        Server(host="0.0.0.0", api_key=" ")
    assert "secret" not in repr(vars(Server(api_key="secret")))
    assert "secret" not in repr(vars(Server(api_key="secret")._app))


@pytest.mark.anyio
async def test_it_is_made_in_any_event_loop() -> None:
    """It runs in a loop of its own, which may be of another kind."""
    body = {"model": "http://127.0.0.1:9", "messages": HI}
    with Server() as server:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            assert (await http.post("/chat/completions", json=body)).status_code == 503


def test_without_uvicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ImportError, match=r"spacechat\[openai\]"):
        Server().start()


def test_keys() -> None:
    with LocalSpace("plain", ["Hi"]) as space, Server(api_key=" right ") as server:
        for key in ("wrong", "righ", "right2"):
            with openai.OpenAI(api_key=key, base_url=server.url) as client:
                with pytest.raises(openai.AuthenticationError) as caught:
                    client.models.list()
                assert caught.value.code == "invalid_api_key"
        with openai.OpenAI(api_key="right", base_url=server.url) as client:
            assert client.chat.completions.create(model=space.url, messages=HI)
        assert all(b"right" not in json.dumps(vars(each)).encode() for each in space.requests)
        with httpx.Client(base_url=server.url, trust_env=False) as http:
            for given in ("", "Basic right", "right", "Bearer", "bearer é"):
                headers = [(b"authorization", given.encode())]
                assert http.get("/models", headers=headers).status_code == 401
            headers = [(b"authorization", b"bearer right"), (b"origin", b"https://other.site")]
            assert http.get("/models", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:3000", 200),
        ("http://localhost", 200),
        ("https://other.site", 403),
        ("http://127.0.0.1.other.site", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_pages_of_other_sites(origin: str, status: int) -> None:
    with Server() as server:
        found = httpx.get(f"{server.url}/models", headers={"origin": origin}, trust_env=False)
        assert found.status_code == status


def test_bodies_that_are_too_large() -> None:
    with (
        LocalSpace("plain", ["Hi"]) as space,
        Server(bounds=Bounds(body=1000)) as server,
        httpx.Client(base_url=server.url, trust_env=False) as http,
    ):

        def ask(size: int, *, chunked: bool) -> httpx.Response:
            frame = json.dumps({"model": space.url, "messages": HI, "pad": ""})
            body = frame[:-2] + "x" * (size - len(frame)) + '"}'
            if chunked:
                return http.post("/chat/completions", content=iter([body.encode()]))
            return http.post("/chat/completions", content=body)

        for chunked in (False, True):
            assert ask(1000, chunked=chunked).status_code == 200
            found = ask(1001, chunked=chunked)
            assert found.status_code == 413
            assert found.json()["error"]["code"] == "request_too_large"


def test_a_body_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.openai.intake._BODY_SECONDS", 0.1)
    with Server() as server:
        host, port = server.url.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            sock.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\n"
                b"host: localhost\r\ncontent-length: 9\r\n\r\n"
            )
            assert sock.recv(100).startswith(b"HTTP/1.1 408 ")


def test_more_than_it_takes(gated: tuple[Gate, LocalSpace]) -> None:
    """One is answered, one waits, one is refused; a client that waits may go."""
    gate, space = gated
    body = {"model": space.url, "messages": HI, "stream": True}

    async def ask(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:

            async def wait(status: int, told: list[str]) -> None:
                found = await http.post("/chat/completions", json=body)
                assert found.status_code == status
                told.append(found.text)

            told: list[str] = []
            async with anyio.create_task_group() as group:
                group.start_soon(wait, 200, told)
                await until(lambda: space.active == 1)
                waiting = anyio.CancelScope()

                async def give_up() -> None:
                    with waiting:
                        await wait(200, [])

                group.start_soon(give_up)
                await until(lambda: server._app._open == 2)
                found = await http.post("/chat/completions", json=body)
                assert found.status_code == 429
                assert found.headers["retry-after"] == "1"
                waiting.cancel()
                await until(lambda: server._app._open == 1)
                group.start_soon(wait, 200, told)
                await until(lambda: server._app._open == 2)
                assert space.active == 1
                gate.opened.set()
            assert ["two" in each for each in told] == [True, True]

    with Server(bounds=Bounds(at_once=1, waiting=1)) as server:
        anyio.run(ask, server.url)
    assert space.cancelled == 0


def test_signs_of_life(monkeypatch: pytest.MonkeyPatch, gated: tuple[Gate, LocalSpace]) -> None:
    """A stream that has nothing to say sends comments, which clients pass over."""
    monkeypatch.setattr("spacechat.openai.sent_response._QUIET", 0.05)
    gate, space = gated
    body = {"model": space.url, "messages": HI, "stream": True}
    with Server() as server:
        address = f"{server.url}/chat/completions"
        with httpx.stream("POST", address, json=body, trust_env=False, timeout=60) as found:
            lines = found.iter_lines()
            comments = 0
            for line in lines:
                comments += line.startswith(":")
                if comments == 2:
                    break
            gate.opened.set()
            assert "data: [DONE]" in list(lines)
        gate.opened.clear()
        with openai.OpenAI(api_key="-", base_url=server.url) as client:
            stream = client.chat.completions.create(model=space.url, messages=HI, stream=True)
            next(stream)
            gate.opened.set()
            assert [chunk.choices[0].delta.content for chunk in stream] == ["one ", "two", None]


def test_an_error_after_signs_of_life(monkeypatch: pytest.MonkeyPatch, scripted: Scripted) -> None:
    """The status has gone out by then: the stream tells the error."""
    monkeypatch.setattr("spacechat.openai.sent_response._QUIET", 0.05)
    asked = threading.Event()

    def late(_: object) -> Iterator[bytes]:
        assert asked.wait(60)
        yield from always(response(b"", "401 Unauthorized"))(None)  # type: ignore[arg-type,misc]

    body = {"model": "qwen-2.5", "messages": HI, "stream": True}
    with scripted(late), Server() as server:
        address = f"{server.url}/chat/completions"
        with httpx.stream("POST", address, json=body, trust_env=False, timeout=60) as found:
            assert found.status_code == 200
            lines = found.iter_lines()
            assert next(lines).startswith(": ")
            asked.set()
            (told,) = [line for line in lines if line.startswith("data: ")]
            assert json.loads(told[6:])["error"]["code"] == "space_forbidden"


def test_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("spacechat.openai.api.Api.receive", broken)
    with Server() as server:
        found = httpx.get(f"{server.url}/models", trust_env=False)
    assert found.status_code == 500
    assert "secret" not in found.text
    assert "ZeroDivisionError" in caplog.text


def test_its_threads_end() -> None:
    def servers() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name == "spacechat-openai"]

    with Server():
        assert len(servers()) == 1
    assert servers() == []


def test_a_client_of_your_own() -> None:
    own = spacechat.AsyncClient(headers={"x-mine": "yes"})
    with LocalSpace("plain", ["Hi"]) as space, Server(own) as server:
        body = {"model": space.url, "messages": HI}
        found = httpx.post(f"{server.url}/chat/completions", json=body, trust_env=False)
        assert found.status_code == 200
        assert all(each.headers["x-mine"] == "yes" for each in space.requests)
