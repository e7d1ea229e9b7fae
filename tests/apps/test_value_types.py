"""The types of values, in the words of an app's `/info`."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.apps.info import parse_info
from spacechat.apps.value_types import alternatives, brief, fields, items, simplified, takes_files

IMAGE = (
    "dict(path: str | None (Path to a local file), url: str | None (Publicly available url or "
    "base64 encoded image), size: int | None (Size of image in bytes), is_stream: bool (Can always "
    "be set to False), meta: dict(str, Any))"
)

SHORT = f"dict(a: {'x' * 51})"
"""One of sixty characters."""


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("str", "str"),
        ("", ""),
        (IMAGE, "filepath"),
        (f"{IMAGE} | None", "filepath | None"),
        (
            f"list[dict(image: {IMAGE}, caption: str | None) | dict(video: filepath)]",
            "list[dict(image: filepath, caption: str | None) | dict(video: filepath)]",
        ),
        (f"List[Dict(image: {IMAGE})]", "List[Dict(image: filepath)]"),
        ("float (between 0 and 1)", "float"),
        ("Literal['a (b)', \"it's (c)\"]", "Literal['a (b)', \"it's (c)\"]"),
        ("dict(path: str, meta: str", "dict(path: str, meta: str"),
        ("dict(path:str,size:int)", "dict(path:str,size:int)"),
        ("dict(meta:str,size:int)", "dict(meta:str,size:int)"),
    ],
)
def test_simplified(said: str, is_: str) -> None:
    assert simplified(said) == is_


def test_parts() -> None:
    assert alternatives("list[a | b] | Literal['|'] | None") == [
        "list[a | b]",
        "Literal['|']",
        "None",
    ]
    assert items("tuple[filepath | None, str]") == ["filepath | None", "str"]
    assert items("List[str]") == ["str"]
    assert items("dict(a: str)") == ()
    assert fields("dict(text: str, files: list[filepath])") == {
        "text": "str",
        "files": "list[filepath]",
    }
    assert not fields("dict(str, Any)")
    assert takes_files("list[filepath]")
    assert not takes_files("list[str]")


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        (SHORT, SHORT),
        (f"{SHORT} | str", f"{SHORT} | str"),
        (f"{SHORT[:-1]}x)", "dict"),
        ("x" * 61, "x" * 60 + "…"),
    ],
)
def test_in_a_few_words(said: str, is_: str) -> None:
    assert brief(said) == is_


@given(st.text("dict(path: , meta:)[]|'\"x", max_size=200))
def test_whatever_a_type_is(text: str) -> None:
    simplified(text)
    for each in (*alternatives(text), *items(text), *fields(text).values()):
        assert len(each) <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "(path: meta:" * 90_000,
        "dict(path: meta: " * 60_000,
        "dict(a: " * 4 + "(" * 500_000 + "path: meta:" + ")" * 500_000,
        "path: meta:" + "'\\" * 500_000,
        "path: meta:" + "x (" * 300_000,
    ],
)
def test_types_cost_little(text: str) -> None:
    said = [{"python_type": {"type": text[at : at + 2000]}} for at in range(0, len(text), 2000)]
    data = json.dumps({"named_endpoints": {"/f": {"parameters": said}}}).encode()
    start = time.process_time()
    parse_info(data)
    assert time.process_time() - start < 2


def test_a_type_without_a_description() -> None:
    """Gradio 5 says null for the description of files and tables."""

    def taken(python_type: object) -> list[Any]:
        said = [{"parameter_name": "x", "python_type": python_type}]
        data = json.dumps({"named_endpoints": {"/f": {"parameters": said}}}).encode()
        return [
            (each.parameter_name, each.python_words)
            for each in parse_info(data).endpoints["/f"].parameters
        ]

    assert taken({"type": IMAGE, "description": None}) == [("x", "filepath")]
    assert taken({"type": None, "description": None}) == [("x", "")]
