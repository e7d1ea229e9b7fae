"""The shapes a local Space can take: one for each kind of Space, all in one table.

A shape says where requests go and what the page shows; `formats` has the functions that read its
inputs and write its outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from .formats import (
    ChatInputs,
    path_messages,
    path_pairs,
    path_plain,
    read_messages,
    read_million,
    read_pairs,
    read_plain,
    write_messages,
    write_million,
    write_pairs,
    write_plain,
    write_text_pairs,
)
from .values import Json

GRADIO_4: Final = "4.44.1"
GRADIO_5: Final = "5.50.0"


class Component(NamedTuple):
    """A component of the page, for ``/config``."""

    id: int
    type: str
    props: dict[str, Json]


@dataclass(frozen=True)
class Endpoint:
    """A function of the Space, for ``/config``.

    Attributes:
        fn_index: Its number in requests.
        api_name: Its name in paths.
        inputs: The ids of the components it reads, in the order of ``data``.
        outputs: The ids of the components it writes, in the order of ``data``.
        trigger: The id of the component that starts it, and that component's event.
        queued: Whether it is called through the queue.
        after: The function that runs before it, if one does.
    """

    fn_index: int
    api_name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    trigger: tuple[int, str]
    queued: bool = True
    after: int | None = None


@dataclass(frozen=True)
class Shape:
    """One kind of chat Space.

    Attributes:
        name: Its name for users.
        version: The version of Gradio that it shows and whose messages it mirrors.
        prefix: The prefix of the API's paths.
        components: The components of the page.
        chat: The function that answers.
        read: Takes the question out of the inputs; raises TypeError, IndexError or KeyError for
            inputs that are not of this shape.
        write: Makes the whole outputs from the inputs, the text, and whether more will come.
        output: Index of the output that holds the chat.
        text_path: Returns the path of the text in that output, from the inputs. None if the real
            Space sends the whole chat again with every piece.
        predict: The unqueued function that is called first, if there is one.
        opening: A text that stands in for the answer until it starts.
        remembers: Whether the server keeps the turns of a session, because requests leave
            them out.
    """

    name: str
    version: str
    prefix: str
    components: tuple[Component, ...]
    chat: Endpoint
    read: Callable[[list[Json]], ChatInputs]
    write: Callable[[list[Json], str, bool], list[Json]]
    output: int
    text_path: Callable[[list[Json]], list[Json]] | None
    predict: Endpoint | None = None
    opening: str | None = None
    remembers: bool = False


def _textbox(id_: int, label: str, value: str | None = None) -> Component:
    return Component(id_, "textbox", {"label": label, "lines": 1, "value": value, "type": "text"})


def _chatbot(id_: int, type_: str = "tuples") -> Component:
    return Component(id_, "chatbot", {"label": "Chatbot", "value": [], "type": type_})


def _button(id_: int) -> Component:
    return Component(id_, "button", {"value": "Send", "variant": "primary"})


_MAX_SYSTEM: Final = "You are a helpful assistant."
_QWEN_SYSTEM: Final = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."

_TABLE: Final = (
    Shape(
        name="qwen-2-72b",
        version=GRADIO_4,
        prefix="",
        components=(_textbox(1, "Input"), _chatbot(3), _textbox(2, "System"), _button(11)),
        chat=Endpoint(0, "model_chat", (1, 3, 2), (1, 3, 2), (11, "click")),
        read=read_pairs,
        write=write_pairs,
        output=1,
        text_path=path_pairs,
    ),
    Shape(
        name="qwen-2.5",
        version=GRADIO_4,
        prefix="",
        components=(
            _textbox(1, "Input"),
            _chatbot(4),
            _textbox(2, "System", _QWEN_SYSTEM),
            Component(
                9,
                "radio",
                {
                    "label": "Model size",
                    "choices": [[size, size] for size in ("7B", "14B", "32B", "72B")],
                    "value": "72B",
                },
            ),
            Component(10, "json", {"value": None}),
            _button(25),
        ),
        chat=Endpoint(3, "model_chat", (1, 4, 2, 9), (10, 4, 2), (25, "click")),
        read=read_pairs,
        write=write_text_pairs,
        output=1,
        text_path=None,
    ),
    Shape(
        name="qwen-2-5-max",
        version=GRADIO_5,
        prefix="/gradio_api",
        components=(
            _textbox(1, "Input"),
            _chatbot(3),
            _textbox(2, "System", _MAX_SYSTEM),
            _button(11),
        ),
        chat=Endpoint(0, "model_chat", (1, 3, 2), (1, 3, 2), (11, "click")),
        read=read_pairs,
        write=write_pairs,
        output=1,
        text_path=path_pairs,
    ),
    Shape(
        name="qwen-2.5-1m",
        version=GRADIO_4,
        prefix="",
        components=(
            _chatbot(3),
            Component(5, "multimodaltextbox", {"value": {"text": "", "files": []}}),
            Component(6, "state", {}),
            Component(7, "state", {}),
            Component(8, "number", {"value": 0}),
        ),
        predict=Endpoint(1, "predict", (5, 3, 6), (3, 7, 5), (5, "submit"), queued=False),
        chat=Endpoint(2, "predict_1", (3, 7, 8), (3, 7), (5, "submit"), after=1),
        read=read_million,
        write=write_million,
        output=0,
        text_path=None,
        opening="Qwen is thinking...",
        remembers=True,
    ),
    Shape(
        name="plain",
        version=GRADIO_5,
        prefix="/gradio_api",
        components=(_textbox(1, "Message"), _textbox(2, "Answer"), _button(3)),
        chat=Endpoint(0, "chat", (1,), (2,), (3, "click")),
        read=read_plain,
        write=write_plain,
        output=0,
        text_path=path_plain,
    ),
    Shape(
        name="messages",
        version=GRADIO_5,
        prefix="/gradio_api",
        components=(_textbox(1, "Message"), _chatbot(2, "messages"), _button(3)),
        chat=Endpoint(0, "chat", (1, 2), (2,), (3, "click")),
        read=read_messages,
        write=write_messages,
        output=0,
        text_path=path_messages,
    ),
)

BY_NAME: Final = {shape.name: shape for shape in _TABLE}
SHAPES: Final = tuple(BY_NAME)
"""The names of the shapes."""
