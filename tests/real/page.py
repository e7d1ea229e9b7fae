"""A page of a Gradio app, without a browser: what is typed, clicked and shown, and the events.

It follows `/config` as the page's own script does, but finds nothing out by itself: a test says
where to type and what to click. It shares no code with spacechat, so that it can judge it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.real.servers import http_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import httpx

__all__ = ["EventFailedError", "Page"]

#: What a page sends when the function is not named by its path.
_PREDICT: Final = "/run/predict"


class EventFailedError(RuntimeError):
    """The function behind an event failed; the message is what the page would show."""


@dataclass
class Ran:
    """One event that ran to its end."""

    fn_index: int
    pieces: int
    """How many outputs came before the last one."""
    output: dict[str, Any]
    """What its last message held."""


class Page:
    """An app as one visitor sees it: a context manager that opens and leaves it.

    Args:
        url: The app's address, without a slash at its end.
        auth: Name and password, where it asks for them.
    """

    def __init__(self, url: str, auth: tuple[str, str] | None = None) -> None:
        self.url = url
        self.session = secrets.token_hex(6)
        self.ran: list[Ran] = []
        """The events, in the order in which they ended."""
        self._auth = auth
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Page:
        with self._stack:
            self._client = self._stack.enter_context(http_client())
            self._open()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _open(self) -> None:
        if self._auth is not None:
            username, password = self._auth
            form = {"username": username, "password": password}
            self._post("/login", data=form).raise_for_status()
        reply = self._client.get(f"{self.url}/config").raise_for_status()
        self.received: dict[str, Any] = reply.json()
        self.config: dict[str, Any] = reply.json()  # what happens on the page changes this one
        # The addresses in `root` are what the server believes; a visitor may see others.
        self._api = self.url + self.config.get("api_prefix", "")
        self.components: dict[int, dict[str, Any]] = {c["id"]: c for c in self.config["components"]}
        self.values = {n: c["props"].get("value") for n, c in self.components.items()}
        if self.config.get("connect_heartbeat"):
            self._stack.enter_context(
                self._client.stream("GET", f"{self._api}/heartbeat/{self.session}")
            )
        self._trigger_all("load", None)

    # What a visitor does.

    def type(self, component: int, value: Any) -> None:
        """Put a value into a component."""
        self.values[component] = value

    def trigger(self, component: int, event: str) -> None:
        """Let an event happen, and wait for all that follows from it.

        Raises:
            EventFailedError: Something that it started failed (and what follows a failure ran).
        """
        self._trigger_all(event, component)

    def find(self, kind: str, label: str | None = None, event: str | None = None) -> int:
        """Return the first visible component of a kind.

        Args:
            kind: Its type.
            label: Its label (of a button: its text).
            event: What something waits for it to do.
        """
        awaited = {tuple(t) for _, d in self._dependencies() for t in d["targets"]}
        for number, component in self.components.items():
            props = component["props"]
            if component["type"] != kind or props.get("visible") is False:
                continue
            if event is not None and (number, event) not in awaited:
                continue
            if label is None or label in (props.get("label"), props.get("value")):
                return number
        raise LookupError(f"no {kind} {label or ''} in {self.url}")

    def read(self, component: int) -> str:
        """Return the text that a component shows; of a chat, the last answer without thoughts."""
        value = self.values[component]
        if not isinstance(value, list):
            return value or ""
        if not value or not isinstance(value[-1], dict):
            return value[-1][1] if value else ""
        texts: list[str] = []
        for entry in value:
            if entry["role"] == "user":
                texts.clear()
            elif not (entry.get("metadata") or {}).get("title"):
                content = entry["content"]
                parts = [{"text": content}] if isinstance(content, str) else content
                texts.extend(part["text"] for part in parts)
        return "\n\n".join(filter(None, texts))

    # What the page's script does.

    def _trigger_all(self, event: str, component: int | None) -> None:
        for fn_index, dependency in self._dependencies():
            for target, name in dependency["targets"]:
                if name == event and (component is None or target == component):
                    self._run(fn_index, dependency, target)
                    break

    def _dependencies(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for place, dependency in enumerate(self.config["dependencies"]):
            yield dependency.get("id", place), dependency  # the first ones had no `id`

    def _run(self, fn_index: int, dependency: dict[str, Any], trigger: int | None) -> None:
        failed = None
        if dependency["backend_fn"]:
            try:
                self._call(fn_index, dependency, trigger)
            except EventFailedError as error:
                failed = error
        elif dependency.get("js"):
            raise NotImplementedError(f"function {fn_index} is a script of the page")
        for number, after in self._dependencies():
            if after.get("trigger_after") != fn_index:
                continue
            if after.get("trigger_only_on_success") and failed:
                continue
            if after.get("trigger_only_on_failure") and not failed:
                continue
            self._run(number, after, trigger)
        if failed:
            raise failed

    def _call(self, fn_index: int, dependency: dict[str, Any], trigger: int | None) -> None:
        body = {
            "data": [self.values.get(number) for number in dependency["inputs"]],
            "event_data": None,
            "fn_index": fn_index,
            "trigger_id": trigger,
            "session_hash": self.session,
        }
        if dependency["queue"] is False or not self.config.get("enable_queue", True):
            reply = self._post(_PREDICT, json=body)
            output, pieces = reply.json(), 0
            if reply.status_code != 200:
                raise EventFailedError(str(output.get("error")))
        else:
            output, pieces = self._queue(body)
        self.ran.append(Ran(fn_index, pieces, output))
        for number, value in zip(dependency["outputs"], output["data"], strict=False):
            self._show(number, value)

    def _show(self, number: int, value: Any) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            if "value" in value:
                self.values[number] = value["value"]
            self.components[number]["props"].update(value)
        else:
            self.values[number] = value

    def _queue(self, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        pieces = 0
        for message in self._join_first(body) if self._is_v0 else self._messages(body):
            if message["msg"] == "process_generating":
                pieces += 1
            elif message["msg"] == "process_completed":
                if not message["success"]:
                    raise EventFailedError(str(message["output"].get("error")))
                return message["output"], pieces
            elif message["msg"] in {"unexpected_error", "queue_full"}:
                raise EventFailedError(str(message))
        raise EventFailedError("the stream ended early")

    @property
    def _is_v0(self) -> bool:
        return bool(self.config["protocol"] == "sse")

    def _messages(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Since `sse_v1`: join, then read the session's stream."""
        reply = self._post("/queue/join", json=body).raise_for_status()
        event = reply.json()["event_id"]
        query = {"session_hash": self.session}
        with self._client.stream("GET", f"{self._api}/queue/data", params=query) as stream:
            for message in _read(stream):
                if message.get("event_id", event) == event:
                    yield message

    def _join_first(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The first protocol: the stream comes first, and asks for the data."""
        query = {"fn_index": body["fn_index"], "session_hash": self.session}
        with self._client.stream("GET", f"{self._api}/queue/join", params=query) as stream:
            for message in _read(stream):
                if message["msg"] == "send_data":
                    given = {**body, "event_id": message["event_id"]}
                    self._post("/queue/data", json=given).raise_for_status()
                yield message

    def _post(self, path: str, **content: Any) -> httpx.Response:
        base = self.url if path == "/login" else self._api
        return self._client.post(base + path, **content)


def _read(stream: httpx.Response) -> Iterator[dict[str, Any]]:
    stream.raise_for_status()
    rest = b""
    for chunk in stream.iter_raw():
        *whole, rest = (rest + chunk).split(b"\n\n")
        for block in whole:
            message: dict[str, Any] = json.loads(block.removeprefix(b"data:"))
            yield message
