"""What the fuzzer found in the reading and asking of apps."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from spacechat.apps import Page as PageView
from spacechat.apps import parse_config
from spacechat.apps.arguments import OpenArguments
from spacechat.apps.ask import Asked, ask_app
from spacechat.apps.endpoint_reader import EndpointReader
from spacechat.apps.endpoints import Parameter
from spacechat.apps.info import Info
from spacechat.apps.known import Apps
from spacechat.apps.options import NO_OPTIONS
from spacechat.apps.place import Place
from spacechat.apps.typed_words import value
from spacechat.errors import InputsError, ProtocolError
from spacechat.messages import Conversation
from tests.fuzz.described import Maker
from tests.fuzz.driven import ORIGIN, Server
from tests.servers.page import Page


class Answering(Server):
    """Says hello, whichever function is called."""

    def values(self) -> list[Any]:
        super().values()
        return [[["Hi", "Hello"]]]


def asked(page: Page) -> Server:
    """Ask an app; return what answered."""
    server = Answering(page.config(), b"{}", Maker(b""))
    conversation = Conversation(session_hash="", messages=[{"role": "user", "content": "Hi"}])
    question = Asked(Place(ORIGIN, {}), Apps(), NO_OPTIONS, conversation, conversation.messages)
    server.run(ask_app(question, server.budget))
    return server


def listening(*after: int | None) -> Page:
    """Return a chat with functions that are called when the answer changes, and after others.

    Args:
        after: Which of these functions each follows, by its index.
    """
    page = Page()
    box, chat = page.add("textbox"), page.add("chatbot")
    first = 1 + page.on(box, "submit", [box], [chat])
    for each in after:
        follows = None if each is None else first + each
        page.on(chat, "change", [box], [chat], trigger_after=follows)
    return page


@pytest.mark.parametrize(("after", "calls"), [([0], 2), ([1, 0], 4), ([2, 0, 1], 7)])
def test_functions_that_follow_each_other(after: list[int], calls: int) -> None:
    """They were called again and again, without an end."""
    server = asked(listening(*after))
    assert server.error is None
    assert server.ran == calls


def test_a_long_chain_whose_every_function_listens() -> None:
    """Each begins the rest of the chain, so that the calls grow with the square of its length."""
    server = asked(listening(None, *range(200)))
    assert isinstance(server.error, ProtocolError)
    assert "would call more than 5000 functions for one event" in str(server.error)
    assert server.ran == 5000


def test_labels_that_are_the_same() -> None:
    """Numbering them took time by the square of their number."""
    page = Page()
    boxes = [page.add("textbox", "Same") for _ in range(4000)]
    page.on(boxes[0], "submit", boxes, [], "many")
    app = parse_config(page.config())
    began = time.process_time()
    _, endpoint = EndpointReader(app, Info()).find("/many")
    assert time.process_time() - began < 2
    names = [each.name for each in endpoint.parameters]
    assert names[:3] == ["same", "same_1", "same_2"]
    assert names[-1] == "same_3999"


def test_a_component_that_is_taken_twice() -> None:
    """The last of the arguments for it was sent in the place of each."""
    page = Page()
    box, state = page.add("textbox", "Text"), page.add("state")
    page.on(box, "submit", [box, state, box], [], "twice")
    app = parse_config(page.config())
    function, endpoint = EndpointReader(app, Info()).find("/twice")
    arguments: tuple[Any, ...] = ("one", "two")
    make = OpenArguments(arguments, {}).inputs(PageView(app), function, endpoint, ORIGIN)
    assert make([]) == ["one", None, "two"]


@pytest.mark.parametrize("depth", [300, 600, 900, 5000])
def test_a_word_that_is_deep(depth: int) -> None:
    """JSON's parser and Python have limits on depth, not the same: `RecursionError`."""
    word = "[" * depth + "]" * depth
    parameter = Parameter("x", "X", "list[Any]", "Json", required=True)
    with contextlib.suppress(InputsError):
        assert isinstance(value(word, parameter), list)
    with pytest.raises(InputsError, match=r"JSON that can't be read|deeper than 100"):
        OpenArguments([value(word, parameter)], {})
