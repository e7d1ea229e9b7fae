"""What a component made by others is: by its value, its name's end, and what a person does with it.

`component_schemas.json` holds the schemas that components of `modelscope_studio` and others from
PyPI declare, without their descriptions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spacechat import apps, errors
from spacechat.apps import App, find_way, parse_config
from spacechat.apps.kin import kin_of
from spacechat.apps.page import chat_value
from spacechat.apps.schemas import Form
from spacechat.protocol import Budget, Outputs
from spacechat.providers import GradioChat
from spacechat.steps import Fetch, Generate, Response
from tests.servers.page import Page

SCHEMAS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "component_schemas.json").read_text(encoding="utf-8")
)
TEXT = {"type": "string"}
NOTHING = {"type": "null"}
CHAT = SCHEMAS["modelscopeprochatbot"]
LETTER = SCHEMAS["modelscopepromultimodalinput"]


class OwnPage(Page):
    """A page with components of others."""

    def own(self, kind: str, schema: Any = ..., **props: Any) -> int:
        """Add a component with the schema that it is known to declare, or another."""
        id_ = self.add(kind, **props)
        self.components[-1]["api_info"] = SCHEMAS[kind] if schema is ... else schema
        return id_


def read(page: Page) -> App:
    return parse_config(page.config())


def kin(kind: str, schema: Any = ..., *, event: str = "click", **props: Any) -> str:
    """Return what a component is like that a function takes and fills."""
    page = OwnPage()
    component = page.own(kind, schema, **props)
    page.on(component, event, [component], [component])
    return read(page).components[component].kin


@pytest.mark.parametrize(
    ("kind", "expected"),
    {
        "agentchatbot": "chatbot",
        "antdbutton": "button",
        "antdform": "other",
        "antdinput": "textbox",
        "antdinputnumber": "number",
        "antdinputpassword": "other",
        "antdinputsearch": "textbox",
        "antdinputtextarea": "textbox",
        "antdselect": "dropdown",
        "antdslider": "slider",
        "antdswitch": "checkbox",
        "antdtypographyparagraph": "markdown",
        "antdxattachments": "file",
        "antdxbubble": "markdown",
        "antdxbubblelist": "chatbot",
        "antdxconversations": "other",
        "antdxprompts": "other",
        "antdxsender": "textbox",
        "antdxwelcome": "other",
        "chatagui": "other",
        "gptchatbot": "chatbot",
        "modelscopechatbot": "chatbot",
        "modelscopeflow": "other",
        "modelscopemarkdown": "markdown",
        "modelscopemultimodalinput": "multimodaltextbox",
        "modelscopeprochatbot": "chatbot",
        "modelscopepromonacoeditor": "code",
        "modelscopepromultimodalinput": "multimodaltextbox",
        "modelscopeprowebsandbox": "other",
        "modelscopewaterfallgallery": "gallery",
        "multimodalchatbot": "chatbot",
        "richtextbox": "textbox",
    }.items(),
)
def test_known_components(kind: str, expected: str) -> None:
    assert kin(kind) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (TEXT, "textbox"),
        ({"anyOf": [TEXT, NOTHING]}, "textbox"),
        ({"$ref": "#/$defs/A", "$defs": {"A": TEXT}}, "textbox"),
        ({"type": "string", "enum": ["a", "b"]}, "other"),
        ({"type": "string", "format": "date"}, "other"),
        ({"anyOf": [TEXT, {"type": "number"}]}, "other"),
        (LETTER, "multimodaltextbox"),
        ({"anyOf": [TEXT, LETTER]}, "multimodaltextbox"),
        (CHAT, "chatbot"),
        ({"anyOf": [CHAT, NOTHING], "$defs": CHAT["$defs"]}, "chatbot"),
        (SCHEMAS["gptchatbot"], "chatbot"),
        # A highlighted text, whose pieces are always there, and the pictures of a gallery.
        ({"type": "array", "items": {"type": "array", "prefixItems": [TEXT, TEXT]}}, "other"),
        ({"type": "array", "items": {"type": "object", "properties": {"path": TEXT}}}, "file"),
        ({"type": "array", "items": TEXT}, "other"),
        ({"type": "object", "properties": {"path": TEXT}}, "file"),
        ({"type": "boolean"}, "other"),
        ({"type": {}}, "other"),
        ({}, "other"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, "other"),
        ([], "other"),
        (None, "other"),
    ],
)
def test_a_stranger_by_its_schema(schema: Any, expected: str) -> None:
    assert kin("frobnicator", schema) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "textbox"),
        ({"text": "", "files": []}, "multimodaltextbox"),
        ([{"role": "user", "content": "Hi"}], "chatbot"),
        (None, "textbox"),
        ({"nodes": []}, "textbox"),
    ],
)
def test_a_stranger_by_its_first_value_and_its_event(value: Any, expected: str) -> None:
    assert kin("frobnicator", {"type": {}}, event="submit", value=value) == expected


@pytest.mark.parametrize(
    ("name", "form", "sent", "expected"),
    [
        ("mychatbot", None, False, "chatbot"),
        ("mychatbot", Form.OTHER, False, "chatbot"),
        ("mychatbot", Form.TEXT, False, "chatbot"),
        ("livehtml", Form.TEXT, False, "html"),
        ("livehtml", Form.TEXT, True, "textbox"),
        ("keypassword", Form.TEXT, True, "other"),
        ("datepicker", Form.TEXT, False, "other"),
        ("fancydropdown", Form.TEXT, True, "dropdown"),
        ("multimodalinput", None, False, "multimodaltextbox"),
        ("multimodalinput", Form.TEXT, False, "textbox"),
        ("richtextbox", Form.OTHER, True, "other"),
        ("chatinput", None, False, "textbox"),
        ("textbox", Form.OTHER, False, "textbox"),
        ("colorpicker", None, True, "colorpicker"),
        ("livehtml", Form.OTHER, False, "other"),
        ("fancyimage", Form.FILE, False, "image"),
        ("fancygallery", Form.FILES, False, "gallery"),
        ("frobnicator", Form.FILES, False, "file"),
    ],
)
def test_names(name: str, form: Form | None, sent: bool, expected: str) -> None:
    assert kin_of(name, form, is_sent=sent) == expected


def test_the_schema_of_what_it_takes_counts_where_it_differs() -> None:
    page = OwnPage()
    taken, filled = page.own("frobnicator", {}), page.own("frobnicator", {})
    for component in page.components:
        component["api_info_as_input"] = TEXT
        component["api_info_as_output"] = CHAT
    page.on(taken, "submit", [taken], [filled])
    way = find_way(read(page))
    assert (way.message.id, way.answer.id) == (taken, filled)


@pytest.mark.parametrize("event", ["submit", "press_enter", "send", "search"])
def test_the_event_that_sends(event: str) -> None:
    page = OwnPage()
    box, answer = page.own("antdinput"), page.own("modelscopemarkdown")
    page.on(box, event, [box], [answer])
    way = find_way(read(page))
    assert way.sends_box
    assert way.answer.id == answer


def test_a_coder() -> None:
    """The code is in a closed drawer; its preview is in a closed tab, a file hidden."""
    page = OwnPage()
    box = page.own("antdinputtextarea", placeholder="Describe the web application you want")
    send = page.own("antdbutton", value="Submit")
    page.open("antdtabs", active_key="empty")
    page.open("antdtabsitem", key="empty")
    page.close()
    page.open("antdtabsitem", key="render")
    preview = page.add("html")
    page.close(2)
    page.open("antdmodal", title="System Prompt", open=False)
    system = page.own("antdinputtextarea", value="You write pages.")
    page.close()
    page.open("antddrawer", title="Output Code", open=False)
    code = page.own("modelscopemarkdown")
    page.close()
    hidden = page.add("textbox", visible=False)
    state = page.add("state")
    page.on(
        send,
        "click",
        [box, system, state],
        [preview, code, hidden, state],
        types={"generator": True},
    )
    way = find_way(read(page))
    assert way.message.id == box
    assert way.answer.id == code
    assert way.system is not None
    assert way.system.id == system


def test_a_drawer_that_the_function_opens() -> None:
    """The code is in a drawer that opens as it is written; its preview is always there."""
    page = OwnPage()
    box = page.own("antdinputtextarea", placeholder="What kind of page?")
    send = page.own("antdbutton", value="send")
    drawer = page.open("antddrawer", title="code", open=False)
    code = page.own("modelscopemarkdown")
    page.close()
    preview = page.add("html")
    page.on(send, "click", [box], [code, preview, drawer], types={"generator": True})
    assert find_way(read(page)).answer.id == code


def test_a_drawer_that_only_a_person_opens() -> None:
    page = OwnPage()
    box = page.own("antdinputtextarea", placeholder="What kind of page?")
    send = page.own("antdbutton", value="send")
    page.open("antddrawer", title="code", open=False)
    notes = page.own("modelscopemarkdown")
    page.close()
    shown = page.add("html")
    page.on(send, "click", [box], [notes, shown], types={"generator": True})
    assert find_way(read(page)).answer.id == shown


def test_tabs_of_others() -> None:
    page = OwnPage()
    page.open("antdtabs", active_key="b")
    boxes: list[int] = []
    for key in "ab":
        page.open("antdtabsitem", key=key)
        boxes.append(page.own("antdxsender"))
        answer = page.own("modelscopeprochatbot")
        page.on(boxes[-1], "submit", [boxes[-1], answer], [boxes[-1], answer])
        page.close()
    assert find_way(read(page)).message.id == boxes[1]


def test_a_text_that_is_only_shown_is_no_box() -> None:
    page = OwnPage()
    shown = page.own("antdinputtextarea", read_only=True)
    answer = page.own("modelscopemarkdown")
    page.on(page.own("antdbutton", value="Send"), "click", [shown], [answer])
    with pytest.raises(errors.ChatNotFoundError):
        find_way(read(page))


def test_a_button_of_others_is_read() -> None:
    """Its words tell what it does, so that a question never does that."""
    page = OwnPage()
    box, answer = page.own("antdinput"), page.own("modelscopemarkdown")
    page.on(page.own("antdbutton", value="Delete"), "click", [box], [answer])
    with pytest.raises(errors.ChatNotFoundError, match="something else"):
        find_way(read(page))


def test_bubbles_begin_with_their_items() -> None:
    greeting = [{"role": "ai", "content": "Good day!"}]
    page = OwnPage()
    box = page.own("antdxsender")
    bubbles = page.own("antdxbubblelist", items=greeting)
    page.on(box, "submit", [box], [box, bubbles])
    assert find_way(read(page)).answer.value == greeting


def test_what_a_page_keeps_of_an_update() -> None:
    """The messages of a chat that is no input; never what an input doesn't hold."""
    page = OwnPage()
    box = page.own("antdxsender")
    bubbles, menu = page.own("antdxbubblelist"), page.own("antdselect", value="a")
    page.on(box, "submit", [box, menu], [bubbles, menu])
    app = read(page)
    visit = apps.Page(app)
    update = {"__type__": "update", "items": [{"role": "ai", "content": "Hi"}]}
    visit.take(app.functions[0], Outputs([update, update]), Budget())
    assert visit.value(bubbles) == update["items"]
    assert visit.value(menu) == "a"


HISTORY: list[Any] = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Why?"},
]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("modelscopeprochatbot", HISTORY),
        ("agentchatbot", HISTORY),
        ("gptchatbot", [["Hi", "Hello"], ["Why?", None]]),
        (
            "modelscopechatbot",
            [
                [{"text": "Hi", "files": []}, {"text": "Hello", "files": []}],
                [{"text": "Why?", "files": []}, None],
            ],
        ),
    ],
)
@pytest.mark.parametrize("version", ["4.44.1", "5.50.0", "6.8.0"])
def test_a_history_in_the_form_that_a_chatbot_takes(
    version: str, kind: str, expected: list[Any]
) -> None:
    page = OwnPage()
    chatbot = page.own(kind)
    page.on(chatbot, "change", [chatbot], [chatbot])
    app = parse_config(page.config(version))
    assert chat_value(app, app.components[chatbot], HISTORY) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("antdxsender", ["Why?", HISTORY[:2]]),
        (
            "modelscopemultimodalinput",
            [{"text": "User: Hi\nAssistant: Hello\nUser: Why?\nAssistant:", "files": []}, []],
        ),
        (
            "modelscopepromultimodalinput",
            [{"text": "User: Hi\nAssistant: Hello\nUser: Why?\nAssistant:", "files": None}, []],
        ),
    ],
)
def test_where_a_history_goes(kind: str, expected: list[Any]) -> None:
    """Into a chat whose messages have one form in this app; otherwise into the message."""
    page = OwnPage()
    box, chatbot = page.own(kind), page.own("modelscopeprochatbot", value=[])
    page.on(box, "submit", [box, chatbot], [box, chatbot])
    steps = GradioChat.at("http://app").exchange(HISTORY).steps(Budget())
    outcome: Any = None
    while not isinstance(step := steps.send(outcome), Generate):
        outcome = Response(page.config()) if isinstance(step, Fetch) else None
    steps.close()
    assert step.join.body is not None
    assert step.join.body["data"] == expected


@pytest.mark.parametrize("kind", ["modelscopechatbot", "multimodalchatbot"])
def test_a_message_without_files_has_a_list_of_none_on_the_page(kind: str) -> None:
    page = OwnPage()
    nothing = {"text": "Hello", "files": None}
    box = page.own("antdxsender")
    chatbot = page.own(kind, value=[[None, nothing], [nothing, [nothing, "x"]], 3])
    page.on(box, "submit", [box, chatbot], [chatbot])
    steps = GradioChat.at("http://app").exchange("Hi").steps(Budget())
    outcome: Any = None
    while not isinstance(step := steps.send(outcome), Generate):
        outcome = Response(page.config()) if isinstance(step, Fetch) else None
    steps.close()
    sent = {"text": "Hello", "files": []}
    assert step.join.body is not None
    assert step.join.body["data"] == ["Hi", [[None, sent], [sent, [sent, "x"]], 3]]


def test_files_go_where_others_take_them() -> None:
    page = OwnPage()
    box, files = page.own("antdxsender"), page.own("antdxattachments")
    chatbot = page.own("modelscopeprochatbot")
    page.on(box, "submit", [box, files, chatbot], [box, files, chatbot])
    picker = read(page).components[files]
    assert picker.picks_files
    assert picker.holds_several_files


def test_a_schema_with_everything() -> None:
    """Of a schema made to be costly, only a part is read."""
    many = {"anyOf": [{"$ref": "#/$defs/A"}] * 3000}
    pairs = {"type": "array", "prefixItems": [many, many]}
    schema = {"$defs": {"A": {"type": "array", "items": {"anyOf": [pairs] * 12}}}, **many}
    assert kin("frobnicator", schema) == "other"
    assert kin("frobnicator", {**TEXT, "x": "x" * 70_000}) == "other"
