"""What real apps say of their functions, as `app.endpoints` and `app.view()` show it."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import Any

import pytest

from spacechat import errors
from tests.conftest import BOTH_APIS
from tests.real.functions import FunctionServer

pytestmark = [pytest.mark.anyio, pytest.mark.real, BOTH_APIS]

#: The defaults that the first of Gradio 4 doesn't tell.
WITHOUT_DEFAULTS = "4.0.2"


@dataclass(frozen=True)
class Told:
    """What must be told of a function.

    Attributes:
        app: The app.
        name: The function.
        required: The labels of the parameters that have no default.
        optional: The labels of those that have one.
        returns: The labels of the outputs.
        streams: Whether it gives values before the last one.
        queued: Whether it goes through the queue.
        description: Its first line, from Gradio 5 on.
    """

    app: str
    name: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    streams: bool = False
    queued: bool = True
    description: str = ""


TOLD = [
    Told(
        "calculator",
        "/calc",
        ("num1", "operation", "num2"),
        returns=("output",),
        description="Work out two numbers.",
    ),
    Told("calculator", "/defaults", (), ("num1", "operation", "num2"), ("output",)),
    Told("calculator", "/greet", ("name", "punctuation"), (), ("Greeting",)),
    Told("calculator", "/describe", ("words",), ("mood", "loud", "many", "picked"), ("told",)),
    Told("counting", "/count", (), ("n",), ("text",), streams=True),
    Told("file_io", "/copy", ("files", "file"), (), ("all", "one")),
    Told("increment", "/increment_with_queue", returns=("count",)),
    Told("increment", "/increment_without_queue", returns=("count",), queued=False),
    Told(
        "layout",
        "/greeting",
        ("name",),
        (),
        ("greeting", "count"),
        description="Greet somebody, and count.",
    ),
    Told("layout", "/show", ("name",), (), ("greeting",)),
    Told("layout", "/hide"),
    Told("state", "/remember", ("text",), (), ("said",)),
    Told("hidden", "/count_again", (), ("n",), ("text",), streams=True),
    Told("values", "/two", returns=("first", "second")),
    Told("values", "/nothing"),
    Told("files", "/one", ("file",), (), ("text",)),
    Told("files", "/many", ("files",), (), ("text",)),
    Told("files", "/make_at_once", ("name", "text"), (), ("out",), queued=False),
    Told("progress", "/both", ("key",), (), ("text",), streams=True),
    Told("progress", "/steps", ("key",), ("n",), ("text",)),
    Told("slow", "/iterate", ("key",), ("n",), ("out",), streams=True),
    Told(
        "full",
        "/wait",
        ("key",),
        (),
        ("text",),
        description="Take until somebody says that it is enough.",
    ),
    Told("requests", "/who", ("text",), (), ("told",)),
    Told("occasions", "/any", ("text",), (), ("told",)),
    Told("listeners", "/respond", ("Talk",), (), ("Talk",), streams=True),
    Told("small_files", "/size", ("file",), (), ("size",)),
    Told("many", "/click_999", ("text 999",), (), ("text 999",)),
]


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{told.app}{told.name}")
async def test_api_info(client: Any, function_server: FunctionServer, told: Told) -> None:
    async with client, client.app(function_server.url(told.app)) as app:
        endpoint = app.endpoints[told.name]
    required = [each.label for each in endpoint.parameters if each.required]
    optional = [each.label for each in endpoint.parameters if not each.required]
    if function_server.version == WITHOUT_DEFAULTS:
        assert [each.label for each in endpoint.parameters] == [*told.required, *told.optional]
    else:
        assert (tuple(required), tuple(optional)) == (told.required, told.optional)
    assert tuple(each.label for each in endpoint.returns) == told.returns
    assert endpoint.name == told.name
    assert endpoint.queued is told.queued
    assert endpoint.streams is told.streams
    if function_server.major >= 5:
        assert (endpoint.description or "") == told.description


async def test_api_info_of_local_demo(client: Any, function_server: FunctionServer) -> None:
    """Types, kinds of components, and choices."""
    async with client, client.app(function_server.url("calculator")) as app:
        first, operation, second = app.endpoints["/calc"].parameters
        (result,) = app.endpoints["/calc"].returns
    assert [(each.type, each.component) for each in (first, second)] == [("float", "Number")] * 2
    assert (operation.component, list(operation.choices)) == (
        "Radio",
        ["add", "subtract", "multiply", "divide"],
    )
    if function_server.version != "4.0.2":
        assert operation.type == "Literal['add', 'subtract', 'multiply', 'divide']"
    assert (result.label, result.type, result.component) == ("output", "float", "Number")


async def test_file_io(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("file_io")) as app:
        endpoint = app.endpoints["/copy"]
    taken = [(each.type.lower(), each.component) for each in endpoint.parameters]
    given = [(each.type.lower(), each.component) for each in endpoint.returns]
    if function_server.version == "4.0.2":
        assert [component for _, component in taken + given] == ["File"] * 4
        return
    assert taken == given == [("list[filepath]", "File"), ("filepath", "File")]


async def test_state_does_not_appear(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("state")) as app:
        assert [each.name for each in app.endpoints["/remember"].parameters] == ["text"]


async def test_unnamed_endpoints(client: Any, function_server: FunctionServer) -> None:
    """Functions that the app's author gave no name have the one that Gradio gives them."""
    async with client, client.app(function_server.url("hidden")) as app:
        named = {"/count", "/count_again"}
        assert set(app.endpoints) == named or set(app.endpoints) == {*named, "/hidden"}
        if function_server.version != "4.0.2":
            assert await app.call("/hidden", 3) == "hidden 3", "it is not shown, but not private"


async def test_api_false_endpoints_do_not_appear(
    client: Any, function_server: FunctionServer
) -> None:
    async with client, client.app(function_server.url("private")) as app:
        assert len(app.endpoints) == 0
        assert app.view().json()["endpoints"] == []


async def test_api_false_endpoints_cannot_be_accessed(
    client: Any, function_server: FunctionServer
) -> None:
    async with client, client.app(function_server.url("increment")) as app:
        for name in (2, "/lambda", "/increment", "/increment_1"):
            with pytest.raises(errors.SpaceChatError):
                await app.call(name)


async def test_signatures(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        endpoint = app.endpoints["/describe"]
        if function_server.version == WITHOUT_DEFAULTS:
            assert [each.name for each in endpoint.parameters][:2] == ["words", "mood"]
            return
        defaults = {each.name: each.default for each in endpoint.parameters if not each.required}
        assert defaults == {"mood": None, "loud": False, "many": 3, "picked": ["a"]}
        choices = {each.name: each.choices for each in endpoint.parameters if each.choices}
        assert list(choices["mood"]) == ["glad", "sad"]


async def test_types_of_files(client: Any, function_server: FunctionServer) -> None:
    """Some versions say of an image all that they know of a file."""
    async with client, client.app(function_server.url("files")) as app:
        types = {name: app.endpoints[name].parameters[0].type.lower() for name in ("/one", "/many")}
        image = app.endpoints["/shape"].parameters[0]
        gallery = app.endpoints["/gallery"].returns[0].type.lower()
    assert types == {"/one": "filepath", "/many": "list[filepath]"}
    assert (image.name, image.type) == ("image", "filepath")
    assert gallery.startswith("list[dict(image: filepath, caption: str | none)")


async def test_view(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        view = app.view()
    text = str(view)
    for word in ("/calc", "num1", "operation", "multiply", "/greet", "Greeting"):
        assert word in text
    assert "/calc" in view._repr_html_()
    told = json.loads(json.dumps(view.json()))
    assert told["endpoints"][0]["name"] == "/calc"


@pytest.mark.runs_on("asyncio", "trio")
async def test_help(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        function = app["/defaults"]
        names = list(inspect.signature(function).parameters)
        assert names == ["num1", "operation", "num2"]
        if function_server.major >= 5:
            assert "Work out two numbers." in (app["/calc"].__doc__ or "")
