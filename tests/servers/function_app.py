"""An app with functions, by script: what its `/info` says, what they answer, files in and out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.servers import (
    CLOSE_STREAM,
    EVENTS_HEAD,
    LAST_CHUNK,
    Part,
    Received,
    ReplayServer,
    chunk,
    completed,
    failed,
    generating,
    message,
    response,
)

PREFIX = "/gradio_api"
NUMBER, TEXT, JSON, FILE = "number", "textbox", "json", "file"

_TYPES: dict[str, tuple[object, str]] = {
    NUMBER: ({"type": "number"}, "float"),
    TEXT: ({"type": "string"}, "str"),
    JSON: ({"type": {}}, "str | float | bool | list | dict"),
    FILE: ({"type": "object", "title": "FileData"}, "filepath"),
}


@dataclass(frozen=True)
class Value:
    """A parameter or an output.

    Attributes:
        label: Its label, and name.
        kind: Of its component.
        default: The parameter's default; `...` where it has none.
        choices: What may be given, if that is restricted.
    """

    label: str
    kind: str = TEXT
    default: Any = ...
    choices: Sequence[str] = ()

    def info(self) -> dict[str, Any]:
        """What `/info` says of it."""
        schema, python = _TYPES[self.kind]
        if self.choices:
            schema = {"type": "string", "enum": list(self.choices)}
            python = f"Literal[{', '.join(map(repr, self.choices))}]"
        return {
            "label": self.label,
            "parameter_name": self.label,
            "parameter_has_default": self.default is not ...,
            "parameter_default": None if self.default is ... else self.default,
            "type": schema,
            "python_type": {"type": python, "description": ""},
            "component": self.kind.title(),
            "example_input": 3 if self.kind == NUMBER else "Hello!!",
        }

    def component(self, id_: int) -> dict[str, Any]:
        """What `/config` says of it."""
        props: dict[str, Any] = {"label": self.label}
        if self.choices:
            props["choices"] = [[each, each] for each in self.choices]
        if self.default is not ...:
            props["value"] = self.default
        return {"id": id_, "type": "radio" if self.choices else self.kind, "props": props}


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        name: Its name.
        run: Takes the arguments and what its session remembers; yields the messages of its stream.
        takes: Its parameters.
        gives: Its outputs.
        description: What it does.
        streams: Whether it gives more than one value.
    """

    name: str
    run: Callable[[list[Any], dict[str, Any]], Iterable[bytes]]
    takes: Sequence[Value] = ()
    gives: Sequence[Value] = (Value("output"),)
    description: str = ""
    streams: bool = False


@dataclass
class FunctionApp(ReplayServer):
    """The app; any number of sessions may call its functions.

    Attributes:
        functions: Its functions.
        files: The content of each file that it was sent or gives, by its name.
        called: The functions that were called, with their arguments.
    """

    functions: Sequence[Function]
    files: dict[str, bytes] = field(default_factory=dict)
    called: list[tuple[str, list[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.tell)
        self._joined: dict[str, tuple[Function, list[Any]]] = {}
        self._memories: dict[str, dict[str, Any]] = {}

    def file(self, name: str, content: bytes) -> dict[str, Any]:
        """A file that it gives, as it stands in an output."""
        self.files[name] = content
        return {
            "path": f"/tmp/{name}",
            "url": f"{self.url}{PREFIX}/file=/tmp/{name}",
            "orig_name": name,
            "mime_type": None,
            "meta": {"_type": "gradio.FileData"},
        }

    def tell(self, request: Received) -> Iterable[Part]:
        """Answer a request."""
        path = unquote(request.path).removeprefix(PREFIX)
        if path.startswith("/file="):
            return [response(self.files[path.rpartition("/")[2]])]
        bodies: dict[str, Callable[[Received], object]] = {
            "/config": lambda _: self._config(),
            "/info": lambda _: self._info(),
            "/queue/join": self._join,
            "/upload": self._upload,
            "/cancel": lambda _: {"success": True},
        }
        if path == "/queue/data":
            return self._stream(request.target.rpartition("=")[2])
        if path in bodies:
            return [response(json.dumps(bodies[path](request)).encode())]
        return [response(b'{"detail":"Not Found"}', "404 Not Found")]

    def _join(self, request: Received) -> dict[str, str]:
        asked = request.json
        function = self.functions[asked["fn_index"]]
        self.called.append((function.name, asked["data"]))
        self._joined[asked["session_hash"]] = function, asked["data"]
        return {"event_id": "e"}

    def _upload(self, request: Received) -> list[str]:
        pattern = rb'filename="([^"]+)".*?\r\n\r\n(.*?)\r\n--'
        found = re.findall(pattern, request.body, re.DOTALL)
        self.files |= {name.decode(): content for name, content in found}
        return [f"/tmp/{name.decode()}" for name, _ in found]

    def _stream(self, session: str) -> Iterator[Part]:
        function, data = self._joined.pop(session)
        yield EVENTS_HEAD
        yield chunk(message("process_starts", eta=None))
        for part in function.run(data, self._memories.setdefault(session, {})):
            yield chunk(part)
        yield chunk(CLOSE_STREAM)
        yield LAST_CHUNK

    def _config(self) -> dict[str, Any]:
        components: list[dict[str, Any]] = []

        def add(values: Sequence[Value]) -> list[int]:
            first = len(components) + 1
            components.extend(each.component(first + i) for i, each in enumerate(values))
            return [first + i for i in range(len(values))]

        functions = []
        for index, each in enumerate(self.functions):
            inputs, outputs = add(each.takes), add(each.gives)
            components.append({"id": 1000 + index, "type": "button", "props": {"value": each.name}})
            functions.append(
                {
                    "id": index,
                    "api_name": each.name,
                    "targets": [[1000 + index, "click"]],
                    "inputs": inputs,
                    "outputs": outputs,
                    "backend_fn": True,
                    "queue": True,
                    "types": {"generator": each.streams, "cancel": False},
                    "api_visibility": "public",
                }
            )
        return {
            "version": "6.31.0",
            "protocol": "sse_v3",
            "api_prefix": PREFIX,
            "components": components,
            "dependencies": functions,
        }

    def _info(self) -> dict[str, Any]:
        named = {
            f"/{each.name}": {
                "parameters": [value.info() for value in each.takes],
                "returns": [value.info() for value in each.gives],
                "description": each.description,
                "api_visibility": "public",
            }
            for each in self.functions
        }
        return {"named_endpoints": named, "unnamed_endpoints": {}}


# The functions of the app in docs/functions.md.


def calc(data: list[Any], _: Any) -> Iterator[bytes]:
    num1, operation, num2 = data
    if operation == "divide" and num2 == 0:
        yield failed("Nothing can be divided by zero!")
        return
    results = {
        "add": lambda: num1 + num2,
        "subtract": lambda: num1 - num2,
        "multiply": lambda: num1 * num2,
        "divide": lambda: num1 / num2,
    }
    yield completed(results[operation]())


def count(data: list[Any], _: Any) -> Iterator[bytes]:
    for number in range(int(data[0])):
        yield generating(number if number == 0 else [["replace", [], number]])
    yield completed(int(data[0]) - 1)


def train(data: list[Any], _: Any) -> Iterator[bytes]:
    epochs = int(data[0])
    yield message("log", log="Training begins", level="info", title="Info")
    for epoch in range(epochs):
        bar = {"index": epoch, "length": epochs, "unit": "epochs", "desc": "Training"}
        yield message("progress", progress_data=[{**bar, "progress": None}])
    yield completed("trained", 1 / epochs)


def remember(data: list[Any], memory: dict[str, Any]) -> Iterator[bytes]:
    memory["words"] = [*memory.get("words", []), data[0]]
    yield completed(memory["words"])


def app() -> FunctionApp:
    """The app of docs/functions.md."""
    operations = ("add", "subtract", "multiply", "divide")
    served = FunctionApp([])

    def shout(data: list[Any], _: Any) -> Iterator[bytes]:
        content = served.files[data[0]["path"].rpartition("/")[2]]
        yield completed(served.file("loud.txt", content.upper()))

    served.functions = [
        Function(
            "calc",
            calc,
            [
                Value("num1", NUMBER),
                Value("operation", choices=operations, default="add"),
                Value("num2", NUMBER, 2),
            ],
            [Value("output", NUMBER)],
            "Work out two numbers.",
        ),
        Function("count", count, [Value("n", NUMBER, 3)], [Value("number", NUMBER)], streams=True),
        Function(
            "train",
            train,
            [Value("epochs", NUMBER, 3)],
            [Value("state"), Value("loss", NUMBER)],
            "Train a model.",
        ),
        Function("remember", remember, [Value("word")], [Value("words", JSON)]),
        Function("shout", shout, [Value("file", FILE)], [Value("loud", FILE)]),
    ]
    return served
