"""Where requests and secrets go, and where they must not, by what other hosts really received."""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import pickle
import secrets
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme
from typing_extensions import Self

import spacechat
from spacechat import AsyncClient, Timeout, errors, providers
from spacechat.settings import Settings
from tests.faults.table import CASES, Case, Space, Step
from tests.faults.test_table import serving
from tests.samples import SPACE
from tests.servers import (
    Answer,
    Received,
    ReplayServer,
    always,
    completed,
    generating,
    gradio,
    pairs,
    response,
)

pytestmark = [pytest.mark.anyio, pytest.mark.runs_on("asyncio", "trio")]

TOKEN = "hf_thesecrettoken"
PASSWORD = "thesecretpassword"
BASIC = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
HELLO = gradio(generating(*pairs("Hel")), completed(*pairs("Hello")))
SECRETS = (TOKEN, PASSWORD, BASIC)


def assert_no_secret(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text


class TunnelProxy:
    """A proxy that takes CONNECT, and leads every tunnel to one address.

    Attributes:
        heads: The head of every request, as it came.
    """

    def __init__(self, target: tuple[str, int] | None, refusal: bytes = b"") -> None:
        self.heads: list[str] = []
        self._target = target
        self._refusal = refusal
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> TunnelProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head and (more := client.recv(65536)):
                head += more
            self.heads.append(head.decode())
            if self._target is None:
                client.sendall(self._refusal)
                return
            with socket.create_connection(self._target) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._pass, args=(server, client))
                back.start()
                self._pass(client, server)
                back.join()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


class Listening:
    """A server whose `_accept` runs in a thread of its own until the end of a block."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        raise NotImplementedError


class SilentProxy(Listening):
    """A SOCKS proxy that takes one connection, and says no more than the beginning.

    Args:
        said: What it says once it has been greeted.
    """

    def __init__(self, said: bytes) -> None:
        super().__init__()
        self._said = said
        self.url = f"socks5://127.0.0.1:{self.address[1]}"
        self._left = threading.Event()

    def _accept(self) -> None:
        with contextlib.suppress(OSError), self._listener.accept()[0] as connection:
            connection.recv(100)
            connection.sendall(self._said)
            while connection.recv(100):
                pass
            self._left.set()

    def is_left(self) -> bool:
        """Wait until its client has gone, and tell whether it has."""
        return self._left.wait(20)


class SecureServer(Listening):
    """A server that speaks TLS and answers like a Space.

    Attributes:
        heads: The head of every request, as it came.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.authority = trustme.CA()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(*names).configure_cert(self._context)
        self.heads: list[str] = []
        self.url = f"https://127.0.0.1:{self.address[1]}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with (
                connection,
                contextlib.suppress(OSError),
                self._context.wrap_socket(connection, server_side=True) as secure,
            ):
                self._serve(secure)

    def _serve(self, connection: ssl.SSLSocket) -> None:
        while True:
            data = b""
            while b"\r\n\r\n" not in data:
                if not (more := connection.recv(65536)):
                    return
                data += more
            self.heads.append(data.decode())
            if data.startswith(b"POST"):
                while b"session_hash" not in data:
                    data += connection.recv(65536)
                connection.sendall(response(b'{"event_id":"e"}'))
            else:
                body = completed(*pairs("Hello"))
                connection.sendall(response(body, kind="text/event-stream"))


@pytest.fixture
def fresh_context() -> Iterator[None]:
    """Certificates are read anew, since they are kept for the life of a process."""
    from spacechat.transport.http_client import tls_context

    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


async def ask(url: str, **settings: Any) -> str:
    async with AsyncClient(**{"retries": 0, "timeout": Timeout(60, 60, 120), **settings}) as client:
        return (await client.ask("Hi", provider=SPACE.at(url))).text


async def failure(url: str, **settings: Any) -> errors.SpaceChatError:
    with pytest.raises(errors.SpaceChatError) as caught:
        await ask(url, **settings)
    return caught.value


class TestRedirects:
    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary"])
    @pytest.mark.parametrize("where", ["join", "data"])
    async def test_the_other_host_hears_nothing(self, status: str, where: str) -> None:
        with ReplayServer(HELLO) as other:
            moved = response(b"", status, location=f"{other.url}/login")
            with ReplayServer(gradio(**{where: always(moved)})) as server:
                found = await failure(server.url, token=TOKEN)
                assert server.requests[0].header("authorization") == f"Bearer {TOKEN}"
            assert other.accepted == 0
        assert type(found) is errors.SpaceUnavailableError
        assert f"{other.url}/login" in str(found)


class TestProxies:
    async def test_https_goes_through_a_tunnel(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_context: None
    ) -> None:
        """The proxy learns the name of the host, and nothing else."""
        with SecureServer(["space.example"]) as server, TunnelProxy(server.address) as proxy:
            trust(server, monkeypatch, tmp_path)
            assert await ask("https://space.example", token=TOKEN, proxy=proxy.url) == "Hello"
            assert [head.split("\r\n")[0] for head in proxy.heads] == [
                "CONNECT space.example:443 HTTP/1.1"
            ]
            assert "authorization" not in proxy.heads[0].lower()
            assert_no_secret("".join(proxy.heads))
            assert len(server.heads) == 2
            assert all(f"Bearer {TOKEN}" in head for head in server.heads)

    async def test_the_proxy_gets_its_own_password_only(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_context: None
    ) -> None:
        with SecureServer(["space.example"]) as server, TunnelProxy(server.address) as proxy:
            trust(server, monkeypatch, tmp_path)
            url = proxy.url.replace("//", f"//me:{PASSWORD}@")
            assert await ask("https://space.example", token=TOKEN, proxy=url) == "Hello"
            assert f"Proxy-Authorization: Basic {BASIC}".lower() in proxy.heads[0].lower()
            assert TOKEN not in proxy.heads[0]
            assert all(BASIC not in head for head in server.heads)

    @pytest.mark.parametrize("url", ["http://space.example", "http://127.0.0.1:9"])
    @pytest.mark.parametrize("how", ["argument", "http_proxy", "all_proxy"])
    async def test_no_token_in_the_open(
        self, monkeypatch: pytest.MonkeyPatch, url: str, how: str
    ) -> None:
        """A proxy reads plain http, this machine's too, whose Spaces get the token otherwise."""
        with ReplayServer(HELLO) as proxy:
            settings: dict[str, Any] = {}
            if how == "argument":
                settings["proxy"] = proxy.url
            else:
                monkeypatch.setenv(how.upper(), proxy.url)
            monkeypatch.setenv("HF_TOKEN", TOKEN)
            assert await ask(url, token=TOKEN, **settings) == "Hello"
            assert await ask(url, **settings) == "Hello"
        assert proxy.lines[0] == f"POST {url}/queue/join? HTTP/1.1"
        assert len(proxy.requests) == 4
        assert {request.header("authorization") for request in proxy.requests} == {None}

    @pytest.mark.parametrize("exempt", ["*", "127.0.0.1", "a.example, 127.0.0.1"])
    async def test_no_proxy(
        self, monkeypatch: pytest.MonkeyPatch, exempt: str, nobody: str
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", nobody)
        monkeypatch.setenv("NO_PROXY", exempt)
        with ReplayServer(HELLO) as server:
            assert await ask(server.url, token=TOKEN) == "Hello"
            assert {one.header("authorization") for one in server.requests} == {f"Bearer {TOKEN}"}

    async def test_no_proxy_for_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ReplayServer(HELLO) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("NO_PROXY", "other.example")
            assert await ask("http://space.example") == "Hello"
            assert len(proxy.requests) == 2

    async def test_the_argument_counts_more(
        self, monkeypatch: pytest.MonkeyPatch, nobody: str
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", nobody)
        with ReplayServer(HELLO) as proxy:
            assert await ask("http://space.example", proxy=proxy.url) == "Hello"

    @pytest.mark.parametrize("url", ["http://space.example", "https://space.example"])
    async def test_down(self, url: str, nobody: str) -> None:
        found = await failure(url, proxy=nobody.replace("//", f"//me:{PASSWORD}@"), token=TOKEN)
        assert type(found) is errors.SpaceUnavailableError
        assert found.temporary
        assert "proxy" in str(found)
        assert_no_secret(told(found))

    @pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
    async def test_refusing_a_tunnel(self, status: str) -> None:
        refusal = f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode()
        with TunnelProxy(None, refusal) as proxy:
            url = proxy.url.replace("//", f"//me:{PASSWORD}@")
            found = await failure("https://space.example", proxy=url, token=TOKEN)
        assert type(found) is errors.SpaceUnavailableError
        assert status[:3] in str(found)
        assert "proxy" in str(found)
        assert_no_secret(told(found))

    async def test_refusing_a_plain_request(self) -> None:
        with ReplayServer(always(response(b"", "407 Proxy Authentication Required"))) as proxy:
            found = await failure("http://space.example", proxy=proxy.url)
        assert type(found) is errors.SpaceUnavailableError
        assert "user and a password" in str(found)

    @pytest.mark.parametrize("scheme", ["ftp", "socks5", "nonsense"])
    async def test_of_another_kind(self, scheme: str) -> None:
        proxy = f"{scheme}://me:{PASSWORD}@127.0.0.1:9"
        found = await failure("http://space.example", proxy=proxy)
        assert isinstance(found, errors.SpaceUnavailableError)
        assert_no_secret(told(found))


@pytest.mark.runs_on("asyncio", "uvloop", "trio")
class TestSilentProxies:
    """A SOCKS proxy that takes the connection, and says nothing more or not enough."""

    @pytest.mark.parametrize("said", [b"", b"\x05\x00"])
    @pytest.mark.parametrize("how", ["argument", "ALL_PROXY"])
    async def test_no_answer(self, said: bytes, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with SilentProxy(said) as proxy:
            settings: dict[str, Any] = {"timeout": Timeout(connect=0.3, idle=None)}
            if how == "argument":
                settings["proxy"] = proxy.url
            else:
                monkeypatch.setenv(how, proxy.url)
            with anyio.fail_after(20):
                found = await failure("http://space.example", **settings)
            assert type(found) is errors.StreamTimeoutError
            assert "0.3 seconds" in str(found)
            assert proxy.is_left()

    async def test_the_total_timeout(self) -> None:
        with SilentProxy(b"") as proxy:
            timeout = Timeout(connect=None, total=0.3)
            found = await failure("http://space.example", proxy=proxy.url, timeout=timeout)
            assert type(found) is errors.StreamTimeoutError
            assert "total timeout" in str(found)
            assert proxy.is_left()


def trust(server: SecureServer, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    path = folder / "authority.pem"
    server.authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


class TestCertificates:
    async def test_of_an_unknown_authority(self, fresh_context: None) -> None:
        with SecureServer(["127.0.0.1"]) as server:
            found = await failure(server.url, token=TOKEN)
            assert server.heads == []
        assert type(found) is errors.SpaceUnavailableError
        assert not found.temporary
        assert "certificate" in str(found)

    async def test_of_a_trusted_authority(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_context: None
    ) -> None:
        with SecureServer(["127.0.0.1"]) as server:
            trust(server, monkeypatch, tmp_path)
            assert await ask(server.url, token=TOKEN) == "Hello"
            assert all(f"Bearer {TOKEN}" in head for head in server.heads)

    async def test_of_another_host(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_context: None
    ) -> None:
        with SecureServer(["other.example"]) as server:
            trust(server, monkeypatch, tmp_path)
            found = await failure(server.url, token=TOKEN)
            assert server.heads == []
        assert type(found) is errors.SpaceUnavailableError
        assert "certificate" in str(found)


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it."""
    left: list[BaseException | None] = [error]
    while left:
        found = left.pop()
        if found is not None:
            yield found
            left += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]


def told(error: BaseException) -> str:
    """All that an error says, and the locals of our frames in it."""
    lines = []
    for found in chain(error):
        lines += [str(found), repr(found), repr(vars(found))]
        for frame, _ in traceback.walk_tb(found.__traceback__):
            name = frame.f_code.co_filename
            if f"{os.sep}spacechat{os.sep}" in name or name == "<string>":
                lines.append(repr(frame.f_locals))
    return "\n".join(lines)


def with_password(url: str) -> str:
    return url.replace("//", f"//me:{PASSWORD}@")


AT_ONCE = [case for case in CASES if case.result.kind and case.step is not Step.KEPT]
SOME = list({(case.result.kind, case.step): case for case in AT_ONCE}.values())


class TestSecretsStayInside:
    @pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
    @pytest.mark.parametrize("case", SOME, ids=str)
    async def test_errors(
        self,
        case: Case,
        fast: bool,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """In no error, no local of our frames, no cause, and no record."""
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        one_only = case.step is Step.CONNECT  # Such a server takes one connection.
        late = False
        with caplog.at_level(logging.DEBUG), serving(case) as (url, server):
            for token, address in ((TOKEN, url), (None, with_password(url)))[one_only:]:
                given: Any = {
                    "retries": 0,
                    "timeout": case.fault.timeout,
                    "limits": case.fault.limits,
                }
                async with AsyncClient(token=token, **given) as client:
                    with pytest.raises(errors.SpaceChatError) as caught:
                        await client.ask("Hi", provider=Space.at(address))
                assert_no_secret(told(caught.value))
                late = late or isinstance(caught.value, errors.StreamTimeoutError)
            if server is not None and server.requests:
                sent = {request.header("authorization") for request in server.requests}
                both = {f"Bearer {TOKEN}", f"Basic {BASIC}"}
                # A question whose time was over before it was sent left no request.
                assert sent <= both if late else sent == both
        assert_no_secret(caplog.text)

    @pytest.mark.parametrize("case", SOME[::4], ids=str)
    def test_errors_of_the_facade(self, case: Case, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG), serving(case) as (url, _):
            settings: Any = {
                "retries": 0,
                "timeout": case.fault.timeout,
                "limits": case.fault.limits,
            }
            client = spacechat.Client(token=TOKEN, **settings)
            with client, pytest.raises(errors.SpaceChatError) as caught:
                client.ask("Hi", provider=Space.at(url))
        assert_no_secret(told(caught.value))
        assert_no_secret(caplog.text)

    @pytest.mark.parametrize(
        "settings",
        [
            {"retries": -1},
            {"timeout": -1},
            {"token": f"{TOKEN} 你"},
            {"token": f"{TOKEN}\nx: y"},
            {"headers": {"x-key": f"{TOKEN}\n"}},
            {"headers": {"x": f"{TOKEN}你"}},
        ],
    )
    @pytest.mark.parametrize("kind", [AsyncClient, spacechat.Client])
    def test_settings_that_are_refused(self, settings: Any, kind: Any) -> None:
        hidden = {key: value for key, value in settings.items() if key != "headers"}
        with pytest.raises(ValueError, match=r".") as caught:
            kind(**{"token": TOKEN, "proxy": f"http://me:{PASSWORD}@127.0.0.1:9", **settings})
        if hidden:
            assert_no_secret(told(caught.value))
        assert TOKEN not in f"{caught.value!r}"

    def test_arguments_of_a_generator_that_is_refused(self) -> None:
        for how in (SPACE.create_async_generator, spacechat.sync.Qwen_Qwen_2_72B.create_generator):
            with pytest.raises(errors.ModelNotFoundError) as caught:
                how("gpt-5", "Hi", f"http://me:{PASSWORD}@127.0.0.1:9", token=TOKEN)
            assert_no_secret(told(caught.value))

    async def test_a_bad_token_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_TOKEN", f"{TOKEN} 你")
        with ReplayServer(HELLO) as server:
            found = await failure(server.url)
            assert server.accepted == 0
        assert type(found) is errors.AuthenticationError
        assert_no_secret(told(found))

    async def test_white_space_around_a_token(self) -> None:
        """As it is when read from a file."""
        with ReplayServer(HELLO) as server:
            assert await ask(server.url, token=f" {TOKEN}\n") == "Hello"
            assert server.requests[0].header("authorization") == f"Bearer {TOKEN}"

    async def test_reprs_and_pickles(self) -> None:
        with ReplayServer(HELLO) as server:
            space = SPACE.at(with_password(server.url))
            async with AsyncClient(token=TOKEN) as client:
                stream = client.stream("Hi", provider=space)
                reply = await stream.reply()
        settings = Settings(token=TOKEN, proxy=f"http://me:{PASSWORD}@127.0.0.1:9")
        generator = space.create_async_generator("Hi", token=TOKEN)
        things = [client, stream, reply, space, space(), settings, generator, reply.conversation]
        assert_no_secret(repr(things))
        assert_no_secret(repr([vars(thing) for thing in (client, stream, generator)]))
        assert_no_secret(str(reply) + reply.conversation.to_json() + space.url)
        for thing in (client, reply, space, reply.conversation, spacechat.Client(token=TOKEN)):
            assert_no_secret(pickle.dumps(thing, 0).decode("latin-1"))
            assert_no_secret(repr(pickle.loads(pickle.dumps(thing))))

    async def test_a_password_in_an_address(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is sent to the Space with each request, and shows nowhere."""
        with ReplayServer(HELLO) as server, caplog.at_level(logging.DEBUG):
            space = SPACE.at(with_password(server.url))
            assert space.url == server.url
            async with AsyncClient() as client:
                assert (await client.ask("Hi", provider=space)).text == "Hello"
            for request in server.requests:
                assert request.header("authorization") == f"Basic {BASIC}"
                assert PASSWORD not in str(request.headers)
                assert request.header("origin") == server.url
        assert_no_secret(caplog.text)

    async def test_a_password_with_odd_characters(self) -> None:
        with ReplayServer(HELLO) as server:
            await ask(server.url.replace("//", "//m%40e:p%3Aw%2F@"))
            sent = server.requests[0].header("authorization")
        assert sent == "Basic " + base64.b64encode(b"m@e:p:w/").decode()

    @pytest.mark.parametrize("scheme", ["ftp", "", "https:/"])
    def test_a_password_in_an_address_that_is_none(self, scheme: str) -> None:
        with pytest.raises(errors.SpaceUnavailableError) as caught:
            SPACE.at(f"{scheme}//me:{PASSWORD}@")
        assert_no_secret(str(caught.value))


class TestSessionHashes:
    def test_are_from_secrets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[int] = []

        def token_hex(count: int) -> str:
            asked.append(count)
            return "ab" * count

        monkeypatch.setattr(secrets, "token_hex", token_hex)
        for provider in providers.PROVIDERS:
            exchange = provider.exchange("Hi")
            assert set(exchange.conversation.session_hash) == {"a", "b"}
        assert len(asked) == len(providers.PROVIDERS)
        assert min(asked) >= 5


def secretive(request: Received) -> Any:
    return gradio(generating(*pairs("ANSWER ")), completed(*pairs("ANSWER 42")))(request)


class TestLogging:
    async def test_one_record_for_each_step(self, caplog: pytest.LogCaptureFixture) -> None:
        answer: Answer = secretive
        with ReplayServer(answer) as server, caplog.at_level(logging.DEBUG, "spacechat"):
            async with AsyncClient(token=TOKEN) as client:
                reply = await client.ask("QUESTION", provider=SPACE.at(server.url))
        found = [one for one in caplog.records if one.name.split(".")[0] == "spacechat"]
        texts = [one.getMessage() for one in found]
        assert texts == [
            "asking qwen-qwen2-72b-instruct",
            "event e: joined the queue of qwen-qwen2-72b-instruct",
            "event e: reading its stream",
            "event e: first text",
            "event e: complete",
        ]
        assert {one.levelno for one in found} == {logging.DEBUG}
        told = "".join(texts)
        for hidden in ("QUESTION", "ANSWER", TOKEN, reply.conversation.session_hash):
            assert hidden not in told

    async def test_no_texts_in_the_records_of_failures(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A Space may repeat the question in what it says."""
        repeat = always(response(b'{"detail":"you said QUESTION"}', "502 No"))
        with (
            ReplayServer(gradio(join=repeat)) as server,
            caplog.at_level(logging.DEBUG, "spacechat"),
        ):
            found = await failure(server.url, retries=1)
        assert "QUESTION" in str(found)
        assert "QUESTION" not in caplog.text
        assert "SpaceUnavailableError" in caplog.text

    def test_quiet_by_default(self, nobody: str) -> None:
        script = """
import sys, logging, spacechat
from spacechat import providers
client = spacechat.Client(token="hf_x", retries=1)
try:
    client.ask("Hi", provider=providers.Qwen_Qwen_2_72B.at(sys.argv[1]))
except spacechat.SpaceChatError:
    pass
client.ask("Hi", provider=providers.Qwen_Qwen_2_72B.at(sys.argv[2]))
client.close()
"""
        with ReplayServer(HELLO) as server:
            done = subprocess.run(
                [sys.executable, "-c", script, nobody, server.url],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
