"""Real Gradio servers for the tests, and a plain reading of what they send (without spacechat)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import httpx

from spacechat.providers import Question, Space
from spacechat.providers.space import SpaceType
from tests.real.environments import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

__all__ = [
    "SHAPES",
    "Answer",
    "GradioServer",
    "MoreServer",
    "ServerStartError",
    "Shape",
    "cancel",
    "chat_text",
    "final_output",
    "http_client",
    "join",
    "read_messages",
]

START_TIMEOUT: Final = 240.0
STOP_TIMEOUT: Final = 10.0
_SCRIPT: Final = Path(__file__).resolve().parent / "apps" / "four_spaces.py"


class ServerStartError(RuntimeError):
    """The server did not come up; the message holds the end of its log."""


_Server = TypeVar("_Server", bound="GradioServer")


class GradioServer:
    """One process with the apps of `apps/four_spaces.py`, under one Gradio version.

    Args:
        version: The Gradio version.
        port: Where to listen; 0: any port that is free.
        only: The one app to have, which is quicker to start; None: all of them.
    """

    def __init__(self, version: str, *, port: int = 0, only: str | None = None) -> None:
        self.version = version
        self.major = int(version.split(".", 1)[0])
        self.apps: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None
        self._port = port
        self._only = only

    def __enter__(self: _Server) -> _Server:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<GradioServer {self.version} on port {self._port}>"

    @property
    def port(self) -> int:
        """The port that it listens on, or did."""
        return self._port

    @property
    def base(self) -> str:
        """The address of the process, without a slash at its end."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return f"http://127.0.0.1:{self._port}"

    def url(self, name: str) -> str:
        """Return the base address of an app, without a slash at its end."""
        if name not in self.apps:
            raise LookupError(f"no app {name!r}; there are {', '.join(self.apps)}")
        return f"{self.base}/{name}"

    def stopped(self, key: str = "") -> dict[str, int]:
        """Return how many slow answers `started`, `stopped`, `finished`, and their `steps`.

        Only those that were asked for with `key:KEY`, if a key is given.
        """
        with http_client() as client:
            reply = client.get(f"{self.base}/_stopped", params={"key": key}).raise_for_status()
            counts: dict[str, int] = reply.json()
            return counts

    def wait_stopped(self, key: str, timeout: float = 30.0, quiet: float = 1.0) -> float:
        """Wait until no slow answer with `key` works any more; return the seconds it took.

        An answer has stopped when its generator was closed or, since Gradio 4 may let go of one
        without closing it, when it has taken no step (one is due each 0.1 s) for `quiet` seconds.
        """
        began = last = time.monotonic()
        steps = -1
        while True:
            counts = self.stopped(key)
            now = time.monotonic()
            if counts["steps"] != steps:
                steps, last = counts["steps"], now
            if counts["started"] and counts["stopped"] == counts["started"]:
                return now - began
            if counts["started"] and now - last > quiet:
                return last - began
            if now - began > timeout:
                raise TimeoutError(f"not stopped after {timeout} s: {counts}")
            time.sleep(0.03)

    def log(self, characters: int = 8_000) -> str:
        """Return the end of what the server printed."""
        if self._directory is None:
            return ""
        try:
            text = (self._directory / "log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return text[-characters:]

    def start(self) -> None:
        """Start the process and wait until it answers."""
        if self._process is not None:
            raise RuntimeError("the server is already running")
        python = environment(self.version)
        directory = self._directory = Path(tempfile.mkdtemp(prefix="spacechat-gradio-"))
        ready = directory / "ready"
        command = [str(python), *self._script(), "--ready-file", str(ready)]
        try:
            with (directory / "log").open("wb") as log:
                self._process = subprocess.Popen(
                    [*command, "--end-with-stdin"],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=directory,
                    env=_environ(directory, python),
                    start_new_session=True,
                )
            self._wait_ready(ready)
        except BaseException:
            self.stop()
            raise

    def _wait_ready(self, ready: Path) -> None:
        process = self._process
        assert process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while not ready.exists():
            if (status := process.poll()) is not None:
                raise ServerStartError(f"Gradio {self.version} ended ({status}):\n{self.log()}")
            if time.monotonic() > deadline:
                raise ServerStartError(
                    f"Gradio {self.version} did not answer in {START_TIMEOUT:.0f} s:\n{self.log()}"
                )
            time.sleep(0.05)
        self._started(ready.read_text(encoding="utf-8"))

    def _script(self) -> list[str]:
        """What the process runs."""
        chosen = [] if self._only is None else ["--only", self._only]
        return [str(_SCRIPT), "--port", str(self._port), *chosen]

    def _started(self, ready: str) -> None:
        """Take what the process wrote once it answered."""
        self._port = int(ready)
        with http_client() as client:
            told = client.get(f"{self.base}/_apps").raise_for_status().json()
        self._check_version(told["version"])
        self.apps = tuple(told["apps"])

    def _check_version(self, told: str) -> None:
        if told != self.version:
            raise ServerStartError(f"this is Gradio {told}, not {self.version}")

    def kill(self) -> None:
        """End the process as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop the process, kindly and then not; safe to call again."""
        process, self._process = self._process, None
        directory, self._directory = self._directory, None
        try:
            if process is not None:
                _end(process)
        finally:
            if directory is not None:
                shutil.rmtree(directory, ignore_errors=True)


def _environ(directory: Path, python: Path) -> dict[str, str]:
    """Return an environment without what is meant for the Python of the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "GRADIO", "COVERAGE", "COV_", "HF_"))
        and name not in {"VIRTUAL_ENV", "SYSTEM", "SPACE_ID", "SPACE_HOST"}
    }
    return {
        **kept,
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(directory / "files"),
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(directory / "hf"),
        "MPLCONFIGDIR": str(python.parents[1] / "matplotlib"),  # a slow cache, made once
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT)
        if process.poll() is None:
            if sys.platform == "win32":
                process.kill()
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    finally:
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


class MoreServer(GradioServer):
    """One process with the apps of `apps/more_spaces.py`."""

    def seen(self, name: str) -> list[str]:
        """Return the requests that an app got so far: method and path."""
        with http_client() as client:
            reply = client.get(f"{self.base}/_seen", params={"app": name}).raise_for_status()
            return reply.text.splitlines()

    def _script(self) -> list[str]:
        return [str(_SCRIPT.with_name("more_spaces.py")), "--port", str(self._port)]


# Plain requests, to know what a server really sends.


@dataclass(frozen=True)
class Shape:
    """How to ask an app: where, which function, with what, and where the chat is."""

    fn_index: int
    data: Callable[[str, str], list[Any]]
    chat: int
    kind: str
    trigger_id: int = 11
    prefix: str | None = None
    """The prefix of the API; None: what `/config` says."""
    query: str = ""


def _three(prompt: str, system: str) -> list[Any]:
    return [prompt, [], system]


def _user(prompt: str) -> dict[str, Any]:
    empty = dict.fromkeys(("id", "elem_id", "elem_classes", "name"))
    return {**empty, "text": prompt, "flushing": None, "avatar": "", "files": []}


_72B: Final = Shape(0, _three, 1, "pairs", prefix="", query="?")
_MAX: Final = Shape(0, _three, 1, "pairs", prefix="/gradio_api", query="?")
_25: Final = Shape(3, lambda p, s: [p, [], s, "72B"], 1, "pairs", trigger_id=25, prefix="")
_1M: Final = Shape(
    2, lambda p, _: [[[_user(p), None]], None, 0], 0, "multimodal", 5, "", "?__theme=light"
)
_PLAIN: Final = Shape(0, lambda p, _: [p], 0, "text")

#: By the name of the app, which is the last part of its address.
SHAPES: Final[dict[str, Shape]] = {
    "qwen-2-72b": _72B,
    "qwen-2-72b-json": _72B,
    "qwen-2-5-max": _MAX,
    "qwen-2-5-max-json": _MAX,
    "qwen-2.5": _25,
    "qwen-2.5-strings": _25,
    "qwen-2.5-1m": _1M,
    "messages": Shape(0, lambda p, _: [p, []], 1, "messages"),
    **dict.fromkeys(
        ("plain", "single", "slow", "slow-async", "fails", "fails-raw", "logs", "queue-full"),
        _PLAIN,
    ),
}

_LIMITS: Final = httpx.Timeout(30.0)


class Answer(NamedTuple):
    """What a server sent for one request."""

    generating: int
    """How many messages were `process_generating`."""
    messages: list[dict[str, Any]]
    """Every message, as it came."""
    text: str | None
    """The text in the final output, exactly (with any summary); None without such an output."""

    @property
    def completed(self) -> dict[str, Any]:
        """The message `process_completed`."""
        (found,) = (m for m in self.messages if m["msg"] == "process_completed")
        return found


def http_client(**options: Any) -> httpx.Client:
    """Return a client that takes nothing from the environment (there may be a proxy)."""
    return httpx.Client(trust_env=False, timeout=_LIMITS, **options)


def _prefix(client: httpx.Client, base_url: str, shape: Shape) -> str:
    if shape.prefix is not None:
        return shape.prefix
    config = client.get(f"{base_url}/config").raise_for_status().json()
    return config.get("api_prefix") or ""


def _body(shape: Shape, data: list[Any], session: str, fn_index: int) -> dict[str, Any]:
    return {
        "data": data,
        "event_data": None,
        "fn_index": fn_index,
        "trigger_id": shape.trigger_id,
        "session_hash": session,
    }


def join(
    client: httpx.Client,
    base_url: str,
    shape: str,
    prompt: str,
    *,
    system: str = "",
    session: str | None = None,
) -> tuple[str, str]:
    """Start a request; return its session hash and event id (the 1M Space: both calls)."""
    how = SHAPES[shape]
    session = session or secrets.token_hex(6)
    prefix = _prefix(client, base_url, how)
    if how.kind == "multimodal":
        given = [{"files": [], "text": prompt}, [], []]
        url = f"{base_url}{prefix}/run/predict{how.query}"
        client.post(url, json=_body(how, given, session, 1)).raise_for_status()
    url = f"{base_url}{prefix}/queue/join{how.query}"
    body = _body(how, how.data(prompt, system), session, how.fn_index)
    event: str = client.post(url, json=body).raise_for_status().json()["event_id"]
    return session, event


def read_messages(
    client: httpx.Client, base_url: str, shape: str, session: str
) -> Iterator[dict[str, Any]]:
    """Yield each message of a session, up to the end of the stream."""
    prefix = _prefix(client, base_url, SHAPES[shape])
    url = f"{base_url}{prefix}/queue/data"
    headers = {"accept": "text/event-stream"}
    with client.stream("GET", url, params={"session_hash": session}, headers=headers) as reply:
        reply.raise_for_status()
        rest = b""
        for chunk in reply.iter_raw():
            # By bytes: U+2028 and the like stand unescaped within a message.
            *whole, rest = (rest + chunk).split(b"\n\n")
            for block in whole:
                assert block.startswith(b"data:"), block
                message: dict[str, Any] = json.loads(block[5:])
                yield message
        assert not rest, rest


def cancel(
    client: httpx.Client, base_url: str, shape: str, session: str, event: str | None
) -> httpx.Response:
    """Ask the server to stop an event."""
    how = SHAPES[shape]
    body = {"session_hash": session, "fn_index": how.fn_index, "event_id": event}
    return client.post(f"{base_url}{_prefix(client, base_url, how)}/cancel", json=body)


def final_output(base_url: str, shape: str, prompt: str, *, system: str = "") -> Answer:
    """Ask an app by plain requests and return everything it sent."""
    with http_client() as client:
        session, _ = join(client, base_url, shape, prompt, system=system)
        messages = list(read_messages(client, base_url, shape, session))
    count = sum(message["msg"] == "process_generating" for message in messages)
    text = None
    for message in messages:
        if message["msg"] == "process_completed" and message["success"]:
            text = chat_text(shape, message["output"].get("data"))
    return Answer(count, messages, text)


def chat_text(shape: str, data: list[Any] | None) -> str | None:
    """Return the assistant's text in a whole output, None where there is none."""
    how = SHAPES[shape]
    if not data:
        return None
    chat = data[how.chat]
    if how.kind == "text":
        return chat if isinstance(chat, str) else None
    if not isinstance(chat, list) or not chat:
        return None
    if how.kind == "messages":
        return _messages_text(chat)
    bot = chat[-1][1]
    if how.kind == "multimodal":
        return None if bot is None else "".join(part["text"] for part in bot)
    text: str | None = bot["text"] if isinstance(bot, dict) else bot
    return text


def _messages_text(chat: list[dict[str, Any]]) -> str:
    texts: list[str] = []
    for entry in reversed(chat):
        if entry["role"] != "assistant":
            break
        if (entry.get("metadata") or {}).get("title"):
            continue
        content = entry["content"]
        parts = [content] if isinstance(content, str) else [p.get("text", "") for p in content]
        texts = [*parts, *texts]
    return "\n\n".join(filter(None, texts))


_P = TypeVar("_P", bound="type[Space]")


def plain_provider(server: GradioServer, app: str, base: _P) -> _P:
    """Return a provider of one of the apps from text to text, made from a provider's base."""
    prefix = "" if server.major == 4 else "/gradio_api"

    def data(cls: type[Space], question: Question) -> list[object]:
        return [question.prompt]

    members = {
        "label": app,
        "url": server.url(app),
        "default_model": app,
        "model_aliases": {},
        "join_path": f"{prefix}/queue/join",
        "events_path": f"{prefix}/queue/data",
        "cancel_path": f"{prefix}/cancel",
        "fn_index": 0,
        "trigger_id": 11,
        "output": 0,
        "shows_chat": False,
        "data": classmethod(data),
    }
    return cast("_P", SpaceType("Plain", (base,), members))
