"""Calling functions of real apps: arguments, state, values, errors.

Most tests have the names of those of Gradio's own client, and check what those check.
"""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from spacechat import errors
from tests.apis import collect
from tests.conftest import BOTH_APIS
from tests.real.functions import FunctionServer, unique

pytestmark = [pytest.mark.anyio, pytest.mark.real, BOTH_APIS]

GREETING = "Good morning, Olivier: tu as l'air bien réveillé.\n"


# Arguments.


async def test_no_default_params(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        assert await app.call("/calc", num1=3, operation="add", num2=3) == 6
        assert await app.call("/calc", 33, operation="add", num2=3) == 36
        assert await app.call("/calc", 33, "multiply", 3) == 99
        assert await app["/calc"](1, "subtract", num2=2) == -1


async def test_default_params(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        assert await app.call("/defaults", num1=10, operation="add", num2=10) == 20
        if function_server.version != "4.0.2":  # Its apps don't say what their defaults are.
            assert await app.call("/defaults", num2=33, operation="multiply") == 330
            assert await app.call("/defaults") == 110
            told = await app.call("/describe", "all")
            assert told == {"words": "all", "mood": None, "loud": False, "many": 3, "picked": ["a"]}
        told = await app.call("/describe", "w", mood="sad", loud=True, many=5, picked=["b", "c"])
        assert told == {"words": "w", "mood": "sad", "loud": True, "many": 5, "picked": ["b", "c"]}


async def test_none_is_a_value(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        told = await app.call("/describe", "w", None, False, 3, [])
        assert (told["mood"], told["picked"]) == (None, [])


async def test_missing_params(client: Any, function_server: FunctionServer) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("its apps don't say what has a default; a box that is empty sends nothing")
    async with client, client.app(function_server.url("calculator")) as app:
        with pytest.raises(errors.InputsError, match="punctuation"):
            await app.call("/greet", name="Alice")
        with pytest.raises(errors.InputsError, match="name"):
            await app.call("/greet", punctuation="!")


@pytest.mark.parametrize(
    ("arguments", "names", "said"),
    [
        ((), {"name": "A", "punctation": "!"}, "punctation.*punctuation"),
        (("A", "!", "?"), {}, "2|two"),
        (("A",), {"name": "B", "punctuation": "!"}, "name"),
    ],
    ids=["unknown", "too many", "twice"],
)
async def test_arguments_that_do_not_fit(
    client: Any,
    function_server: FunctionServer,
    arguments: tuple[str, ...],
    names: dict[str, str],
    said: str,
) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        with pytest.raises(errors.InputsError, match=rf"(?s){said}"):
            await app.call("/greet", *arguments, **names)


async def test_choices(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        with pytest.raises(errors.InputsError, match=r"multiply"):
            await app.call("/calc", 1, "multiplly", 2)
        with pytest.raises(errors.InputsError, match=r"glad"):
            await app.call("/describe", "w", "gladd", False, 3, ["a"])
        with pytest.raises(errors.InputsError, match=r"picked|'d'"):
            await app.call("/describe", "w", "glad", False, 3, ["a", "d"])


async def test_no_such_function(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        with pytest.raises(errors.SpaceChatError, match=r"/cacl.*/calc"):
            await app.call("/cacl", 1, "add", 2)


async def test_does_not_upload_dir(client: Any, function_server: FunctionServer) -> None:
    """A text stays a text, whatever it names."""
    async with client, client.app(function_server.url("values")) as app:
        for text in ("", ".", "/", "/etc/hostname", "~", "https://example.com/a.png"):
            assert await app.call("/echo", text) == text


async def test_chatbot_message_format(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("chatbot")) as app:
        emptied, first = await app.call("/chat", "hello", [])
        assert emptied == ""
        _, second = await app.call("/chat", "hi", first)
        if function_server.version == "4.0.2":
            assert second == [["hello", "You said hello"], ["hi", "You said hi"]]
        else:
            told = [(each["role"], text_of(each["content"])) for each in second]
            assert told == [
                ("user", "hello"),
                ("assistant", "You said hello"),
                ("user", "hi"),
                ("assistant", "You said hi"),
            ]
        assert not await app.call("/clear")


def text_of(content: Any) -> Any:
    """The text of a message; Gradio 6 has it in parts."""
    return content[0]["text"] if isinstance(content, list) else content


# State and layout.


async def test_state(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("increment")) as app:
        async with app.session() as page:
            counted = [await page.call("/increment_without_queue") for _ in range(3)]
            assert counted == [1, 2, 3]
            assert await page.call("/increment_with_queue") == 4
        async with app.session() as page:
            assert await page.call("/increment_without_queue") == 1
            assert await page.call("/increment_with_queue") == 2
        assert [await app.call("/increment_with_queue") for _ in range(2)] == [1, 1]


async def test_state_reset_when_session_changes(
    client: Any, function_server: FunctionServer
) -> None:
    if function_server.version == "4.0.2":
        pytest.skip("its states tell nobody when they go")
    async with client, client.app(function_server.url("state")) as app:
        key = unique("state")
        async with app.session() as page:
            assert await page.call("/remember", key) == f" then {key}"
            assert await page.call("/remember", key) == f"{key} then {key}"
            assert key not in await app.call("/gone")
        with anyio.fail_after(60):
            while key not in await app.call("/gone"):  # noqa: ASYNC110
                await anyio.sleep(0.1)


async def test_apps_that_stand_in(client: Any, function_server: FunctionServer) -> None:
    """Nothing is at the first address; a failure of a function is final."""
    one, two = function_server.url("increment"), function_server.url("calculator")
    async with client, client.app([f"{one}/nowhere", one, two]) as app:
        assert app.view().url == one
        async with app.session() as page:
            assert [await page.call("/increment_with_queue") for _ in range(2)] == [1, 2]
        assert await app.call("/calc", 3, "add", 3) == 6
        with pytest.raises(errors.GenerationError) as caught:
            await app.call("/calc", 3, "divide", 0)
        assert caught.value.may_have_run


async def test_two_calls_in_one_session(client: Any, function_server: FunctionServer) -> None:
    """They would steal each other's messages, so one waits for the other."""
    async with client, client.app(function_server.url("increment")) as app, app.session() as page:
        counted: list[int] = []

        async def count() -> None:
            counted.append(await page.call("/increment_with_queue"))

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for _ in range(4):
                    tasks.start_soon(count)
    assert sorted(counted) == [1, 2, 3, 4]


async def test_return_layout_component(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("layout")) as app:
        assert await app.call("/show", "Freddy") == "Hello Freddy"
        assert await app.call("/hide") == ()


async def test_return_layout_and_state_components(
    client: Any, function_server: FunctionServer
) -> None:
    async with client, client.app(function_server.url("layout")) as app, app.session() as page:
        assert await page.call("/greeting", "Freddy") == ("Hello Freddy", 1)
        assert await page.call("/greeting", "Abubakar") == ("Hello Abubakar", 2)
        assert await page.call("/open") == 3
        assert await page.call("/close") == 4
        assert await page.call("/greeting", name="Ali") == ("Hello Ali", 5)


# Values.


@pytest.mark.parametrize("queue", ["", "_at_once"])
async def test_how_many_outputs(client: Any, function_server: FunctionServer, queue: str) -> None:
    async with client, client.app(function_server.url("values")) as app:
        assert await app.call(f"/nothing{queue}") == ()
        assert await app.call(f"/two{queue}") == (GREETING, None)
        first, _, third = await app.call(f"/update{queue}")
        assert (first, third) == ("new", 3)
        assert await app.call("/none") is None


async def test_json_parse_error(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("values")) as app:
        assert (await app.call("/two"))[0] == GREETING


async def test_multiple_newlines_in_output(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("values")) as app:
        assert await app.call("/lines") == "before\x85after\u2028\r\n\n\nend"


async def test_json_output(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("values")) as app:
        assert await app.call("/nested") == {
            "list": [1, None, {"deep": [True, "é", 1.5]}],
            "empty": {},
            "null": None,
        }


async def test_values_as_gradio_writes_them(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("values")) as app:
        table = await app.call("/table", 2)
        assert table["headers"] == ["a", "b"]
        assert table["data"] == [[0, "x"], [1, "x"]]
        assert await app.call("/sizes", {"headers": ["q", "r"], "data": [[1, 2]]}) == "1 rows, q, r"
        kinds = await app.call("/label")
        assert kinds["label"] == "cat"
        assert [each["confidence"] for each in kinds["confidences"]] == [0.75, 0.25]
        chart = await app.call("/chart")
        assert "Tue" in str(chart)


@pytest.mark.parametrize("name", ["/grow", "/rewrite"])
async def test_a_value_that_changes(
    client: Any, function_server: FunctionServer, name: str
) -> None:
    """Each value is one of its own, though only the edits are sent."""
    async with client, client.app(function_server.url("values")) as app:
        values = await collect(app.run(name, 5))
    if name == "/grow":
        steps = [{"step": step, "name": f"step {step}"} for step in range(5)]
        assert values == [steps[:count] for count in range(1, 6)]
        return
    assert [value["best"] for value in values] == [0, 1, 2, 3, 4]
    assert [value["seen"] for value in values][-2:] == [[1, 2, 3], [2, 3, 4]]
    assert [sorted(value["left"]) for value in values][1:3] == [["a", "b"], ["b"]]


async def test_intermediate_outputs(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        for _ in range(2):
            assert await collect(app.run("/count", 3)) == ["0", "1", "2"]
        assert await app.call("/count", 3) == "2"
        assert await collect(app.run("/both", 2)) == [(0, "number 0"), (1, "number 1")]


async def test_the_final_value_comes_once(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("counting")) as app:
        assert await collect(app.run("/show", 3)) == ["[0, 1, 2]"]
        async with app.run("/spell", "abcd") as run:
            values = await collect(run)
            result = await run.result()
        assert values == ["a", "ab", "abc", "abcd"]
        assert result.value == "abcd"
        assert list(result.values) == ["abcd"]


# Errors.


@pytest.mark.parametrize("queue", ["", "_at_once"])
async def test_raises_exception(client: Any, function_server: FunctionServer, queue: str) -> None:
    async with client, client.app(function_server.url("calculator")) as app:
        with pytest.raises(errors.GenerationError, match="divided by zero"):
            await app.call(f"/calc{queue}", 1, "divide", 0)
        with pytest.raises(errors.GenerationError):
            await app.call(f"/crash{queue}")
        with pytest.raises((errors.GenerationError, errors.InputsError)):
            await app.call(f"/calc{queue}", "foo", "add", 9)


async def test_break_in_loop_if_error(client: Any, function_server: FunctionServer) -> None:
    """The loop raises, where it could seem to have ended."""
    async with client, client.app(function_server.url("counting")) as app:
        seen = []
        with (
            anyio.fail_after(60),
            pytest.raises(errors.GenerationError, match="far enough") as told,
        ):
            async for value in app.run("/fail_at", 3):
                seen.append(value)  # noqa: PERF401 - what came before the error counts
        assert seen == [0, 1, 2]
        assert told.value.partial == 2


async def test_validators(client: Any, function_server: FunctionServer) -> None:
    """They run in the queue; Gradio asks none for a function that doesn't go through it."""
    if function_server.major < 5:
        pytest.skip("it has none")
    async with client, client.app(function_server.url("validated")) as app:
        assert await app.call("/register", 36, "Ada") == "Ada is 36"
        with pytest.raises(errors.InputsError, match="An age is not negative"):
            await app.call("/register", -1, "Ada")
        with pytest.raises(errors.InputsError, match="Who is it"):
            await app.call("/register", age=1, name="")
        assert await app.call("/register_at_once", 36, "Ada") == "Ada is 36"


async def test_private_functions(client: Any, function_server: FunctionServer) -> None:
    async with client, client.app(function_server.url("increment")) as app:
        assert set(app.endpoints) == {"/increment_with_queue", "/increment_without_queue"}
        for name in ("/increment", "/increment_1", "/increment_2"):
            with pytest.raises(errors.SpaceChatError, match=name):
                await app.call(name)
