"""An app that answers with files, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.servers import CLOSE_STREAM, Part, Received, ReplayServer, completed, gradio, response

CONFIG = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Question"}},
        {"id": 2, "type": "chatbot", "props": {"type": "messages"}},
    ],
    "dependencies": [{"id": 0, "targets": [[1, "submit"]], "inputs": [1, 2], "outputs": [2]}],
}
META = {"_type": "gradio.FileData"}


class FileServer(ReplayServer):
    """An app that answers with files.

    Attributes:
        contents: What the messages of its answer hold.
        files: What is sent for a file, each time another one, the last again and again.
    """

    def __init__(self, *contents: Any) -> None:
        super().__init__(self.tell)
        self.contents: list[Any] = [*contents]
        self.files: list[list[Part]] = [[response(b"content", kind="text/plain")]]

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [response(json.dumps(CONFIG).encode())]
        if "/file=" in request.path:
            return self.files.pop(0) if len(self.files) > 1 else self.files[0]
        said = [{"role": "assistant", "content": content} for content in self.contents]
        value = [{"role": "user", "content": "Q"}, *said]
        return gradio(completed(value), CLOSE_STREAM)(request)

    @property
    def asked_for(self) -> list[str]:
        """The files that were asked for."""
        return [each.target for each in self.requests if "/file=" in each.target]


def data(path: Any, url: Any = None, name: Any = None, mime_type: Any = None) -> dict[str, Any]:
    return {"path": path, "url": url, "orig_name": name, "mime_type": mime_type, "meta": META}


GOOD = {"file": data("/tmp/good.txt"), "alt_text": None}
