"""The Hub's API by script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from tests.servers import CLOSE_STREAM, Part, Received, ReplayServer, completed, gradio, response

APP = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "app_id": 1,
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Question"}},
        {"id": 2, "type": "textbox", "props": {"label": "Answer"}},
    ],
    "dependencies": [
        {"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2], "queue": True}
    ],
}


MISSING = response(b'{"error":"Repository not found"}', "404 Not Found")


PRIVATE = response(b'{"error":"Invalid username or password."}', "401 Unauthorized")


AWAY = response(b"<h1>Your space is not here</h1>", "503 Service Unavailable", "text/html")


class Hub(ReplayServer):
    """The Hub's API and one Space, each on a server of its own.

    Attributes:
        space: The Space's server.
        stages: What the Space's state is, one look after another; the last one stays.
        seen: What was told of it.
        host: What is answered when its host is asked for.
    """

    def __init__(self) -> None:
        super().__init__(self.tell)
        self.stages = ["RUNNING"]
        self.host: Callable[[Received], bytes] = self.the_host
        self.space = ReplayServer(self.ask)
        self.seen: list[str] = []

    def the_host(self, _request: Received) -> bytes:
        body = {"subdomain": "owner-name", "host": self.space.url}
        return response(json.dumps(body).encode())

    def tell(self, request: Received) -> Iterable[Part]:
        if request.path == "/api/spaces/owner/name/host":
            return [self.host(request)]
        if request.path == "/api/spaces/owner/name/runtime":
            stage = self.stages[min(len(self.seen), len(self.stages) - 1)]
            self.seen.append(stage)
            if not stage.isupper():
                return [stage.encode()]
            return [response(json.dumps({"stage": stage, "hardware": {}}).encode())]
        return [MISSING]

    def ask(self, request: Received) -> Iterable[Part]:
        if (self.seen or self.stages[:1])[-1] != "RUNNING":
            return [AWAY]
        if request.path == "/config":
            return [response(json.dumps(APP).encode())]
        return gradio(completed("Hello!"), CLOSE_STREAM)(request)
