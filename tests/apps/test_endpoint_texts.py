"""Endpoints in words: lines, signatures, docstrings and JSON."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat.apps.endpoints import Endpoint, Parameter, Return, identifier


def parameter(name: str, type_: str = "str", **more: Any) -> Parameter:
    return Parameter(name, name.title(), type_, "Textbox", **{"required": True, **more})


def endpoint(
    *parameters: Parameter, returns: tuple[str, ...] = ("str",), description: str = ""
) -> Endpoint:
    returned = [Return(f"Out {each}", each, "Json") for each in returns]
    return Endpoint("/f", 3, parameters, returned, description, streams=True, queued=False)


def test_json() -> None:
    whole = endpoint(
        parameter("a"),
        parameter("b", "int", required=False, default=None, choices=(1, 2)),
        description="Does it.",
    )
    common = {"type": "str", "component": "Textbox"}
    assert whole.to_dict() == {
        "name": "/f",
        "id": 3,
        "parameters": [
            {"name": "a", "label": "A", **common, "required": True},
            {
                "name": "b",
                "label": "B",
                **common,
                "type": "int",
                "required": False,
                "default": None,
                "choices": [1, 2],
            },
        ],
        "returns": [{"label": "Out str", "type": "str", "component": "Json"}],
        "description": "Does it.",
        "streams": True,
        "queued": False,
    }


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "a (str): A (Textbox)."),
        ({"required": False, "default": "b"}, "a (str): A (Textbox). Default: 'b'."),
        ({"choices": ["b", 1]}, "a (str): A (Textbox). One of 'b', 1."),
        (
            {"choices": ["b"], "required": False, "default": "b"},
            "a (str): A (Textbox). One of 'b'. Default: 'b'.",
        ),
        (
            {"choices": list(range(12))},
            "a (str): A (Textbox). One of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.",
        ),
        (
            {"choices": list(range(13))},
            "a (str): A (Textbox). One of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ....",
        ),
    ],
)
def test_a_line_for_a_parameter(more: dict[str, Any], line: str) -> None:
    assert str(parameter("a", **more)) == line


def test_long_defaults() -> None:
    long = parameter("a", required=False, default=["x" * 80] * 20)
    shown = str(long).partition("Default: ")[2]
    assert len(shown) == len("…") + 300 + len(".")
    assert shown.endswith("….")
    assert "'x'" in str(parameter("a", required=False, default=["x"]))


def test_docstrings() -> None:
    assert endpoint(parameter("a"), returns=("str", "int"), description="Does it.").doc == (
        "Does it.\n\nArgs:\n    a (str): A (Textbox).\n\n"
        "Returns:\n    Out str (Json): str\n    Out int (Json): int"
    )
    assert endpoint(returns=()).doc == "Call /f of the app."


@pytest.mark.parametrize(
    ("whole", "text"),
    [
        (endpoint(), "/f() -> str"),
        (endpoint(returns=()), "/f() -> tuple[()]"),
        (endpoint(returns=("str", "int")), "/f() -> tuple[str, int]"),
        (endpoint(parameter("a"), parameter("b", "int")), "/f(a: str, b: int) -> str"),
        (
            endpoint(
                parameter("a", required=False, default="x"),
                parameter("b", required=False, default=1),
                parameter("c"),
                parameter("d", required=False, default=None),
            ),
            "/f(a: str = 'x', b: str = 1, *, c: str, d: str = None) -> str",
        ),
        (
            endpoint(parameter("a", required=False, default="x"), parameter("b"), parameter("c")),
            "/f(a: str = 'x', *, b: str, c: str) -> str",
        ),
        (
            endpoint(parameter("a", "str | float | bool | list | dict")),
            "/f(a: Any) -> str",
        ),
    ],
)
def test_on_one_line(whole: Endpoint, text: str) -> None:
    assert str(whole) == text
    assert repr(whole) == f"<Endpoint {text}>"
    assert whole.lines(len(text)) == [text]


def test_on_several_lines() -> None:
    whole = endpoint(parameter("a", required=False, default="x"), parameter("b"), parameter("c"))
    assert whole.lines(len(str(whole)) - 1) == [
        "/f(",
        "    a: str = 'x',",
        "    *,",
        "    b: str,",
        "    c: str,",
        ") -> str",
    ]
    assert endpoint(returns=("x" * 90,)).lines(10) == [f"/f() -> {'x' * 60}…"]


def test_a_function_in_its_clothes() -> None:
    whole = endpoint(parameter("a", "str | float | bool | list | dict"))

    def function(*_: object) -> None: ...

    assert whole.dress(function) is function
    dressed: Any = function
    assert dressed.__name__ == "f"
    assert dressed.__qualname__ == "f of a Gradio app"
    assert dressed.__doc__ == whole.doc
    assert str(dressed.__signature__) == "(a: str | float | bool | list | dict) -> str"
    nameless = Endpoint(None, 3, (), (), "", streams=False, queued=True)
    assert nameless.key == "3"
    assert nameless.dress(lambda: None).__name__ == "function_3"
    assert nameless.documented


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a", "a"),
        ("Ab", "Ab"),
        ("/Say it!", "say_it"),
        ("class", "class_"),
        ("/class", "class_"),
        ("3", "other"),
        ("", "other"),
        ("__a", "__a"),
    ],
)
def test_identifiers(text: str, name: str) -> None:
    assert identifier(text, "other") == name
