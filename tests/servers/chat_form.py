"""A chat with settings and files by script; it may have a login of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Part,
    Received,
    ReplayServer,
    chunk,
    completed,
    response,
)

PREFIX = "/gradio_api"
Settings = Mapping[str, tuple[str, dict[str, Any]]]
SETTINGS: Settings = {
    "Temperature": ("slider", {"value": 0.7, "minimum": 0, "maximum": 2}),
    "Web search": ("checkbox", {"value": False}),
    "Style": ("radio", {"value": "long", "choices": [["brief", "brief"], ["long", "long"]]}),
    "Notes": ("textbox", {"value": "", "elem_id": "notes-box"}),
    "Tags": ("checkboxgroup", {"value": [], "choices": [["a", "a"], ["b", "b"]]}),
    "Extra": ("json", {"value": None}),
}
"""The kind of each setting, and its properties."""

Contents = Sequence[str | dict[str, Any]]
"""What an answer holds: texts and files."""


def echo(question: str, settings: Mapping[str, Any], files: Sequence[Any]) -> Contents:
    """Answer with what came, as JSON."""
    names = [each["orig_name"] for each in files]
    return [json.dumps({"question": question, "files": names, **settings}, ensure_ascii=False)]


class ChatForm(ReplayServer):
    """A chat with a box, settings, and a place for files.

    Args:
        reply: Returns what the answer to a question holds, by its settings and files.
        login: The user and the password that it wants, or None.
        settings: The kind of each setting, and its properties.

    Attributes:
        files: The contents of the files that were sent, and of those that it gives, by name.
    """

    def __init__(
        self,
        reply: Callable[[str, Mapping[str, Any], Sequence[Any]], Contents] = echo,
        *,
        login: tuple[str, str] | None = None,
        settings: Settings = SETTINGS,
    ) -> None:
        super().__init__(self.tell)
        self._settings = settings
        self.files: dict[str, bytes] = {}
        self._reply = reply
        self._login = login
        self._asked: dict[str, list[Any]] = {}

    def tell(self, request: Received) -> Iterable[Part]:
        """Answer a request."""
        path = unquote(request.path).removeprefix(PREFIX)
        if path == "/login":
            away = response(b"", "302 Found", location="/")  # As of Gradio without a login.
            return [away if self._login is None else self._log_in(request)]
        if self._login is not None and "token=yes" not in (request.header("cookie") or ""):
            return [response(b'{"detail":"Not authenticated"}', "401 Unauthorized")]
        if path == "/queue/data":
            return self._stream(request.target.rpartition("=")[2])
        if path.startswith("/file="):
            return [response(self.files[path.rpartition("/")[2]], kind="image/png")]
        bodies: dict[str, Callable[[Received], object]] = {
            "/config": lambda _: _config(self._settings),
            "/queue/join": self._join,
            "/upload": self._upload,
            "/cancel": lambda _: {"success": True},
        }
        if path in bodies:
            return [response(json.dumps(bodies[path](request)).encode())]
        return [response(b'{"detail":"Not Found"}', "404 Not Found")]

    def file(self, name: str, content: bytes) -> dict[str, Any]:
        """A file that it gives, as it stands in an answer."""
        self.files[name.rpartition("/")[2]] = content
        meta = {"_type": "gradio.FileData"}
        data = {"path": f"/tmp/{name.rpartition('/')[2]}", "orig_name": name, "meta": meta}
        return {"file": data, "alt_text": None}

    def _log_in(self, request: Received) -> bytes:
        given = parse_qs(request.body.decode())
        if (given["username"][0], given["password"][0]) != self._login:
            return response(b'{"detail":"Incorrect credentials."}', "400 Bad Request")
        head, _, body = response(b'{"success":true}').partition(b"\r\n")
        return b"\r\n".join((head, b"set-cookie: access-token=yes; Path=/", body))

    def _join(self, request: Received) -> dict[str, str]:
        asked = request.json
        self._asked[asked["session_hash"]] = asked["data"]
        return {"event_id": "e"}

    def _upload(self, request: Received) -> list[str]:
        head, _, rest = request.body.partition(b"\r\n\r\n")
        name = head.partition(b'filename="')[2].partition(b'"')[0].decode()
        self.files[name] = rest.rpartition(b"\r\n--")[0]
        return [f"/tmp/{name}"]

    def _stream(self, session: str) -> Iterator[Part]:
        question, earlier, files, *settings = self._asked.pop(session)
        contents = self._reply(
            question, dict(zip(self._settings, settings, strict=True)), files or []
        )
        said = [{"role": "assistant", "content": each} for each in contents]
        yield EVENTS_HEAD
        yield chunk(completed([*earlier, {"role": "user", "content": question}, *said]))
        yield chunk(CLOSE_STREAM)
        yield LAST_CHUNK


def _config(settings: Settings) -> dict[str, Any]:
    components: list[dict[str, Any]] = [
        {"id": 1, "type": "textbox", "props": {"label": "Question"}},
        {"id": 2, "type": "chatbot", "props": {"type": "messages", "value": []}},
        {"id": 3, "type": "file", "props": {"label": "Photos", "file_count": "multiple"}},
    ]
    components += [
        {"id": 4 + index, "type": kind, "props": {"label": label, **props}}
        for index, (label, (kind, props)) in enumerate(settings.items())
    ]
    inputs = [each["id"] for each in components]
    chat = {"id": 0, "targets": [[1, "submit"]], "inputs": inputs, "outputs": [2]}
    return {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "api_prefix": PREFIX,
        "components": components,
        "dependencies": [{**chat, "api_name": "chat"}],
    }
