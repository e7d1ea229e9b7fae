"""The shapes a local Space can take: where requests go, what they hold, how outputs look.

One `Shape` per kind of Space, all in one table. `Growth` turns the pieces of an answer into the
``data`` of message after message, in the way of a shape and of a protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from spacechat.local.values import Json

GRADIO_4: Final = "4.44.1"
GRADIO_5: Final = "5.50.0"


class Question(NamedTuple):
    """What the inputs of an event ask."""

    prompt: str
    system: str | None
    history: list[dict[str, str]]


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
        trigger: The id of the component that starts it, and the event of it.
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
        name: What users call it.
        version: The version of Gradio that it shows and whose messages it mirrors.
        prefix: What stands before the paths of the API.
        components: What is on the page.
        chat: The function that answers.
        read: Takes the question out of the inputs; raises TypeError, IndexError or KeyError for
            inputs that are not of this shape.
        write: Makes the whole output from the inputs, the text, and whether more will come.
        output: Which output holds the chat.
        text_path: Where in that output the text sits, from the inputs. None where the real
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
    read: Callable[[list[Json]], Question]
    write: Callable[[list[Json], str, bool], list[Json]]
    output: int
    text_path: Callable[[list[Json]], list[Json]] | None
    predict: Endpoint | None = None
    opening: str | None = None
    remembers: bool = False


@dataclass
class Growth:
    """The output of one event as it grows.

    Attributes:
        shape: The shape to write.
        inputs: The event's inputs.
        edits: Whether messages after the first hold edits (else, always whole outputs).
    """

    shape: Shape
    inputs: list[Json]
    edits: bool
    _parts: list[str] = field(default_factory=list[str], init=False)
    _begun: bool = field(default=False, init=False)
    _path: list[Json] | None = field(default=None, init=False)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    def show(self, text: str, *, more: bool = True) -> list[Json]:
        """Makes the ``data`` of a message that shows a text in the place of the answer.

        Args:
            text: The text to show.
            more: Whether the answer goes on after it.

        Returns:
            One entry per output.
        """
        whole = self.shape.write(self.inputs, text, more)
        if self.edits and self._begun:
            return self._edited([["replace", [], whole[self.shape.output]]])
        self._begun = True
        return whole

    def extend(self, piece: str) -> list[Json]:
        """Makes the ``data`` of the message that brings the next piece.

        Args:
            piece: The text to add to the answer.

        Returns:
            One entry per output.
        """
        self._parts.append(piece)
        if not (self.edits and self._begun and self.shape.text_path):
            return self.show(self.text)
        if self._path is None:
            self._path = self.shape.text_path(self.inputs)
        return self._edited([["append", self._path, piece]] if piece else [])

    def finish(self, ending: str = "") -> list[Json]:
        """Makes the ``data`` of the final message.

        Args:
            ending: Text to show after the answer.

        Returns:
            The whole value of every output.
        """
        return self.shape.write(self.inputs, self.text + ending, False)

    def _edited(self, edits: list[Json]) -> list[Json]:
        data: list[Json] = [[] for _ in self.shape.chat.outputs]
        data[self.shape.output] = edits
        return data


def _text(value: Json) -> str:
    """The text of an input that is a string or a ``{"text": …}``."""
    if isinstance(value, dict):
        value = value["text"]
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def _list(value: Json) -> list[Json]:
    """A list that may also be given as null."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"a list expected, not {type(value).__name__}")
    return value


def _bot_text(value: Json) -> str:
    """The assistant's side of a pair: a string, a ``{"text": …}``, or a list of these."""
    return "".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _pairs_history(value: Json) -> list[dict[str, str]]:
    history: list[dict[str, str]] = []
    for pair in _list(value):
        user, bot = _list(pair)
        if user is not None:
            history.append({"role": "user", "content": _text(user)})
        if bot is not None:
            history.append({"role": "assistant", "content": _bot_text(bot)})
    return history


def _read_pairs(data: list[Json]) -> Question:
    return Question(_text(data[0]), _text(data[2]), _pairs_history(data[1]))


def _write_pairs(data: list[Json], text: str, _more: bool) -> list[Json]:
    return ["", [*_list(data[1]), [_text(data[0]), text]], data[2]]


def _path_pairs(data: list[Json]) -> list[Json]:
    return [len(_list(data[1])), 1]


def _write_text_pairs(data: list[Json], text: str, _more: bool) -> list[Json]:
    chat: list[Json] = [*_list(data[1]), [{"text": _text(data[0])}, {"text": text}]]
    return [{"text": "", "files": []}, chat, data[2]]


def _read_million(data: list[Json]) -> Question:
    *earlier, (asked, _) = [_list(pair) for pair in _list(data[0])]
    return Question(_text(asked), None, _pairs_history([*earlier]))


def _write_million(data: list[Json], text: str, more: bool) -> list[Json]:
    *earlier, last = _list(data[0])
    answer: Json = [{"text": text, "flushing": more}]
    return [[*earlier, [_list(last)[0], answer]], None]


def _read_plain(data: list[Json]) -> Question:
    return Question(_text(data[0]), None, [])


def _write_plain(_data: list[Json], text: str, _more: bool) -> list[Json]:
    return [text]


def _path_plain(_data: list[Json]) -> list[Json]:
    return []


def _read_messages(data: list[Json]) -> Question:
    system: list[str] = []
    history: list[dict[str, str]] = []
    for message in _list(data[1]):
        if not isinstance(message, dict):
            raise TypeError(f"a message expected, not {type(message).__name__}")
        role, content = _text(message["role"]), _text(message["content"])
        if role == "system":
            system.append(content)
        else:
            history.append({"role": role, "content": content})
    return Question(_text(data[0]), "\n".join(system) if system else None, history)


def _write_messages(data: list[Json], text: str, _more: bool) -> list[Json]:
    turn: list[Json] = [
        {"role": role, "metadata": None, "content": content, "options": None}
        for role, content in (("user", _text(data[0])), ("assistant", text))
    ]
    return [[*_list(data[1]), *turn]]


def _path_messages(data: list[Json]) -> list[Json]:
    return [len(_list(data[1])) + 1, "content"]


def predict_output(data: list[Json]) -> list[Json]:
    """What ``/run/predict`` of the 1M Space answers: the user's message, moved into the chat.

    Args:
        data: The inputs: the message, the chat, the state.

    Returns:
        The outputs: the chat, the state, the emptied message box.

    Raises:
        TypeError: The inputs are not of that shape.
        KeyError: The message has no text or no files.
    """
    message = data[0]
    if not isinstance(message, dict):
        raise TypeError(f"a message expected, not {type(message).__name__}")
    asked: Json = {"text": _text(message), "files": message["files"]}
    return [[*_list(data[1]), [asked, None]], None, None]


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
        read=_read_pairs,
        write=_write_pairs,
        output=1,
        text_path=_path_pairs,
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
        read=_read_pairs,
        write=_write_text_pairs,
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
        read=_read_pairs,
        write=_write_pairs,
        output=1,
        text_path=_path_pairs,
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
        read=_read_million,
        write=_write_million,
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
        read=_read_plain,
        write=_write_plain,
        output=0,
        text_path=_path_plain,
    ),
    Shape(
        name="messages",
        version=GRADIO_5,
        prefix="/gradio_api",
        components=(_textbox(1, "Message"), _chatbot(2, "messages"), _button(3)),
        chat=Endpoint(0, "chat", (1, 2), (2,), (3, "click")),
        read=_read_messages,
        write=_write_messages,
        output=0,
        text_path=_path_messages,
    ),
)

BY_NAME: Final = {shape.name: shape for shape in _TABLE}
SHAPES: Final = tuple(BY_NAME)
"""The names of the shapes."""
