"""What an inspection says, as a person reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from spacechat.apps import Inspection, inspect, parse_config
from spacechat.errors import InputsError

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def recorded(name: str, **chosen: Any) -> Inspection:
    data = (CONFIGS / f"{name}.json").read_bytes()
    return inspect("http://app", parse_config(data), {}, **chosen)


SUMMARIES: list[tuple[str, list[str]]] = [
    (
        "5.50.0/ci_system_prompt",
        [
            "You type into the box that says 'Type a message...'; pressing Enter calls "
            "/_submit_fn; the answer appears in the chatbot, piece by piece.",
            "A system text goes into the box 'System message'.",
        ],
    ),
    (
        "5.50.0/arena",
        [
            "You type into the box 'Enter your prompt and press ENTER'; pressing Enter calls "
            "/generate; the answer appears in the chatbot 'Model A', piece by piece.",
            "The answer may also be in 'Model B': output= says where to read it.",
        ],
    ),
    (
        "6.31.0/ci_multimodal",
        [
            "You type into the box that says 'Type or drop an image'; pressing Enter calls "
            "/_submit_fn; the answer appears in the chatbot, piece by piece.",
            "Files can go with a message.",
        ],
    ),
    (
        "4.44.1/markdown_answer",
        [
            "You type into the box 'Question'; clicking 'Explain' calls /explain; the answer "
            "appears in the text 'Explanation', piece by piece.",
        ],
    ),
    (
        "5.50.0/interface_plain",
        [
            "You type into the box 'Ask a question'; pressing Enter calls /predict; the answer "
            "appears in the box 'Answer'.",
        ],
    ),
    ("6.31.0/not_calculator", ["No way to chat was found."]),
]


@pytest.mark.parametrize(("name", "says"), SUMMARIES)
def test_the_first_lines_say_all(name: str, says: list[str]) -> None:
    seen = recorded(name)
    assert seen.summary == says
    head, empty, *rest = str(seen).splitlines()
    assert head == f"http://app (Gradio {name.partition('/')[0]}, sse_v3)"
    assert empty == ""
    assert " ".join(rest).startswith(" ".join(says))


def test_the_whole() -> None:
    shown = str(recorded("5.50.0/arena"))
    headings = [line for line in shown.splitlines() if line and not line.startswith(" ")]
    assert headings[-4:] == ["Step by step", "Why", "Not taken, but to be had", "Endpoints"]
    assert "  output='Model B': the answer appears in the chatbot 'Model B'\n" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "  'Temperature' = 0.7: a number from 0.1 to 4.0\n" in str(
        recorded("5.50.0/ci_system_prompt")
    )


def test_an_output_by_hand() -> None:
    seen = recorded("5.50.0/arena", output="Model B")
    assert "'Model B'" in seen.summary[0]


def config(**more: Any) -> bytes:
    box = {"id": 1, "type": "textbox", "props": {"label": "Message"}}
    chat = {"id": 2, "type": "chatbot", "props": {}}
    asked = {"id": 0, "targets": [[1, "submit"]], "inputs": [1], "outputs": [2]}
    return json.dumps({"components": [box, chat], "dependencies": [asked], **more}).encode()


def test_several_ways() -> None:
    """Candidates say what each would do, and how it is chosen."""
    boxes = [
        {"id": id_, "type": "textbox", "props": {"label": label}}
        for id_, label in ((1, "Ask Ada"), (3, "Ask Bob"))
    ]
    chats = [
        {"id": id_, "type": "chatbot", "props": {"label": label}}
        for id_, label in ((2, "Ada"), (4, "Bob"))
    ]
    functions = [
        {
            "id": n,
            "api_name": f"ask{n}",
            "targets": [[box, "submit"]],
            "inputs": [box],
            "outputs": [box + 1],
        }
        for n, box in enumerate((1, 3))
    ]
    data = config(components=[*boxes, *chats], dependencies=functions)
    seen = inspect("http://app", parse_config(data), {})
    assert not seen.is_chat
    assert seen.summary[0].startswith("There are several ways to chat")
    assert seen.others == [
        "endpoint='/ask0': you type into the box 'Ask Ada'; pressing Enter calls /ask0; the answer "
        "appears in the chatbot 'Ada'",
        "endpoint='/ask1': you type into the box 'Ask Bob'; pressing Enter calls /ask1; the answer "
        "appears in the chatbot 'Bob'",
    ]


@pytest.mark.parametrize(
    ("props", "name"),
    [
        ({"label": "Textbox"}, "the box 'Textbox'"),
        ({"label": "Box"}, "the box"),
        ({"placeholder": "Ask\naway"}, "the box that says 'Ask away'"),
        ({"placeholder": '__i18n__{"key": "x"}', "label": "__i18n__{}"}, "the box"),
        ({"label": "x" * 200}, f"the box '{'x' * 60}…'"),
    ],
)
def test_names(props: dict[str, str], name: str) -> None:
    components = [
        {"id": 1, "type": "textbox", "props": props},
        {"id": 2, "type": "chatbot", "props": {}},
    ]
    described = parse_config(config(components=components))
    assert inspect("http://app", described, {}).summary[0].startswith(f"You type into {name}; ")


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("6.31.0", "sign_in=True gives the app your token"),
        ("6.21.0.dev1", "sign_in=True gives the app your token"),
        ("5.50.0", "in a browser only"),
    ],
)
def test_signing_in(version: str, says: str) -> None:
    described = parse_config(config(version=version, js="'/login/huggingface'"))
    assert says in inspect("http://app", described, {}).summary[-1]


def test_values_of_inputs_are_checked() -> None:
    app = parse_config((CONFIGS / "4.44.1" / "ci_system_prompt.json").read_bytes())
    assert inspect("http://app", app, {}, inputs={"temperature": 0.5}).is_chat
    for inputs, says in (
        ({"Temperature": 5}, "5 is no value for slider 'Temperature'"),
        ({"Temprature": 1}, "The app has no input 'Temprature'. Did you mean 'Temperature'?"),
    ):
        with pytest.raises(InputsError, match=re.escape(says)):
            inspect("http://app", app, {}, inputs=inputs)
