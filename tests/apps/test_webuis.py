"""In apps that do more than chat, a question is never sent where it would do something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spacechat import errors
from spacechat.apps import Way, find_way, inspect, parse_config
from tests.servers.page import Page


def form(
    page: Page,
    box: str | None,
    button: str | None = None,
    output: str | None = None,
    *,
    name: str | None = None,
    kind: str = "markdown",
    **props: object,
) -> tuple[int, int]:
    """Add a box, whose text ends in an output by a button's click or by sending it."""
    asked = page.add("textbox", box, **props)
    shown = page.add(kind, output)
    if button is None:
        page.on(asked, "submit", [asked], [shown], name)
    else:
        page.on(page.add("button", button), "click", [asked], [shown], name)
    return asked, shown


def chat(page: Page, box: str | None = None, **props: object) -> int:
    """Add a chat as people write it, and return the id of its box."""
    chatbot = page.add("chatbot", "Chatbot")
    asked = page.add("textbox", box, **props)
    for used, event in ((asked, "submit"), (page.add("button", "Send"), "click")):
        before = page.on(used, event, [asked, chatbot], [asked, chatbot])
        page.then(before, [chatbot], [chatbot], types={"generator": True})
    return asked


def found(page: Page, **given: Any) -> Way:
    app = parse_config(page.config())
    chat = find_way(app, **given)
    assert str(chat.message) in str(inspect("http://app", app, {}, **given))
    return chat


def refused(page: Page) -> str:
    """The error's message; the table agrees with it."""
    app = parse_config(page.config())
    with pytest.raises(errors.ChatNotFoundError) as caught:
        find_way(app)
    table = inspect("http://app", app, {})
    assert not table.is_chat
    assert table.problem == str(caught.value)
    assert "way to chat" in str(table) or "ways to chat" in str(table)
    return str(caught.value)


def text_generation(*, visible: bool) -> Page:
    """Many tabs, a state that gathers all inputs, and a chat that a script may show."""
    page = Page()
    page.open("tabs")
    page.open("tabitem", "Chat", elem_id="chat-tab")
    search = page.add("textbox", placeholder="Search chats...", elem_id="search_chat")
    rename = page.add("textbox", "Rename to:", placeholder="New name", visible=False)
    shown = page.add("html")
    display = page.add("chatbot" if visible else "json", visible=visible)
    asked = page.add("multimodaltextbox", "", placeholder="Send a message", elem_id="chat-input")
    send = page.add("button", "Send")
    count = page.add("button", "Count tokens")
    counted = page.add("html")
    start = page.add("textbox", "Start reply with", placeholder="Sure thing!")
    state, history = page.add("state"), page.add("state")
    page.close()
    page.open("tabitem", "Default")
    default = page.add("textbox", "", elem_id="textbox-default")
    output = page.add("textbox", "Output")
    generate = page.add("button", "Generate")
    page.close()
    page.open("tabitem", "Model")
    page.open("tabs")
    page.open("tabitem", "Download")
    model = page.add("textbox", "Download model or LoRA", info="Enter the username/model path")
    file = page.add("textbox", placeholder="File name (for GGUF models)")
    download, listed = page.add("button", "Download"), page.add("button", "Get file list")
    page.close(2)
    status = page.add("markdown", value="No model is loaded")
    page.close()
    page.open("tabitem", "Session")
    extension = page.add(
        "textbox", "Install or update an extension", info="Enter the GitHub URL and press Enter"
    )
    installed = page.add("markdown")
    everything = [search, rename, asked, start, default, model, file, extension]
    page.close(2)
    for used, event in ((send, "click"), (asked, "submit")):
        gathered = page.on(used, event, everything, [state], "gather_interface_values")
        emptied = page.then(gathered, [asked], [history, asked])
        page.then(emptied, [history, state], [display, history], "generate_chat_reply_wrapper")
    page.on(display, "change", [display], [shown], backend_fn=False, js="(data) => draw(data)")
    gathered = page.on(generate, "click", everything, [state], "gather_interface_values_2")
    page.then(gathered, [default, state], [output], "generate_reply_wrapper")
    page.then(page.on(count, "click", everything, [state]), [asked, state], [counted])
    page.on(download, "click", [model, file], [status], "download_model_wrapper")
    page.on(listed, "click", [model, file], [status], "download_model_wrapper_1")
    page.on(extension, "submit", [extension], [installed], "clone_or_pull_repository")
    return page


def test_a_large_web_interface_with_its_chat_in_sight() -> None:
    chat = found(text_generation(visible=True))
    assert chat.message.props.placeholder == "Send a message"
    assert chat.answer.is_chatbot


def test_a_large_web_interface_whose_chat_is_drawn_by_a_script() -> None:
    told = refused(text_generation(visible=False))
    assert "Install or update" not in told.partition("It has:")[0].partition("; ")[0]


def side_effects() -> dict[str, Callable[[Page], object]]:
    """What does something: by the words of its box, its button, its function, or its place."""

    def under(kind: str, label: str, **props: object) -> Callable[[Page], object]:
        def build(page: Page) -> None:
            page.open(kind, label, **props)
            form(page, "Describe it", "Send")
            page.close()

        return build

    def streaming(page: Page) -> None:
        """It has all that a chat has but a chatbot."""
        asked, shown = page.add("textbox", "Message"), page.add("markdown", "Answer")
        streams = {"generator": True}
        page.on(asked, "submit", [asked], [asked, shown], "clone_repository", types=streams)

    def emptied(page: Page) -> None:
        asked, shown = page.add("textbox", "Repository"), page.add("textbox", "Output")
        page.on(asked, "submit", [asked], [asked, shown], "chat", types={"generator": True})

    def status(page: Page) -> None:
        form(page, "Name", "Go", "Status")

    def several(page: Page) -> None:
        form(page, "Repository to clone", "Go", "Result")
        form(page, "Model to download", "Go", "Result")

    return {
        "an extension's box": lambda page: form(page, "Extension to install", None),
        "a repository's box": lambda page: form(page, "Repository to clone", "Go", name="go"),
        "its button": lambda page: form(page, "Repository", "Clone"),
        "its function": lambda page: form(page, "Name", None, name="clone_or_pull_repository"),
        "a numbered function": lambda page: form(page, "Name", "Go", name="install_plugin_3"),
        "its identifier": lambda page: form(page, None, None, elem_id="model-downloadBox"),
        "its placeholder": lambda page: form(page, None, "Go", placeholder="Enter the GitHub URL"),
        "what it is said of it": lambda page: form(page, "Name", "Go", info="Deletes the branch"),
        "a download": lambda page: form(page, "Model", "Download", "Status"),
        "only a status": status,
        "settings": lambda page: form(page, "API endpoint", "Save settings"),
        "a bug": lambda page: form(page, "What went wrong?", "Send report"),
        "feedback": lambda page: form(page, "Your message", "Submit feedback"),
        "a newsletter": lambda page: form(page, "Your e-mail", "Subscribe"),
        "an address": lambda page: form(page, "Email", "Go"),
        "a search": lambda page: form(page, "Search the gallery", None, kind="html"),
        "a file": lambda page: form(page, "File name", None),
        "what is executed": lambda page: form(page, "Input", "Execute script"),
        "its function, which executes": lambda page: form(page, "Input", None, name="execute_sql"),
        "a tab": under("tabitem", "Settings"),
        "an accordion": under("accordion", "Report a bug", open=False),
        "several": several,
        "a stream": streaming,
        "a box that is emptied": emptied,
    }


SIDE_EFFECTS = side_effects()


@pytest.mark.parametrize("case", SIDE_EFFECTS)
def test_what_does_something_else_is_not_asked(case: str) -> None:
    page = Page()
    SIDE_EFFECTS[case](page)
    assert "No way to chat was found" in refused(page)


@pytest.mark.parametrize("case", SIDE_EFFECTS)
@pytest.mark.parametrize("first", [True, False])
def test_nor_beside_a_chat(case: str, first: bool) -> None:
    """Whichever is first on the page, and though the chat is in a closed tab."""
    page = Page()
    page.open("tabs")
    boxes: list[int] = []
    for label, is_other in (("One", first), ("Two", not first)):
        page.open("tabitem", label)
        if is_other:
            SIDE_EFFECTS[case](page)
        else:
            boxes.append(chat(page))
        page.close()
    assert [found(page).message.id] == boxes


@pytest.mark.parametrize("button", ["🚀 Execute", "Execute task", "Run"])
@pytest.mark.parametrize("label", ["Describe the task", "Task to execute"])
def test_an_agent_that_executes_a_task(label: str, button: str) -> None:
    page = Page()
    form(page, label, button, "Result")
    assert found(page).first[0].id == 0


@pytest.mark.parametrize("case", SIDE_EFFECTS)
def test_it_is_asked_by_hand(case: str) -> None:
    page = Page()
    SIDE_EFFECTS[case](page)
    assert found(page, endpoint=0).first[0].id == 0


def test_of_equals_none_is_taken() -> None:
    page = Page()
    form(page, "Left", "Go", "One", name="left")
    form(page, "Right", "Go", "Two", name="right")
    told = refused(page)
    assert "several ways to chat" in told
    for words in ("textbox 'Left'", "textbox 'Right'", "'/left'", "'/right'", "output="):
        assert words in told
    assert found(page, endpoint="/right").message.label == "Right"
    assert found(page, output="Two").message.label == "Right"


def test_nor_of_nearly_equals() -> None:
    """Sending a box is a little more like a chat than a button; not enough to send a question."""
    page = Page()
    form(page, "Left", "Go", "One")
    form(page, "Right", "Go", "Two", kind="html")
    assert "several ways to chat" in refused(page)


def test_two_chats_beside_each_other() -> None:
    page = Page()
    chat(page, "Message")
    chat(page, "Message")
    assert "several ways to chat" in refused(page)


def test_two_boxes_of_one_function() -> None:
    page = Page()
    boxes = [page.add("textbox", label) for label in ("First", "Second")]
    answer = page.add("textbox", "Output")
    page.on(page.add("button", "Submit"), "click", boxes, [answer], "predict")
    told = refused(page)
    assert "'First'" in told
    assert "'Second'" in told
    assert found(page, endpoint="/predict").message.label == "First"


def test_words_tell_boxes_of_one_function_apart() -> None:
    page = Page()
    boxes = [page.add("textbox", label) for label in ("Context", "Question", "Your name")]
    answer = page.add("textbox", "Output")
    page.on(page.add("button", "Submit"), "click", boxes, [answer])
    assert found(page).message.label == "Question"


def test_two_functions_for_the_same_box() -> None:
    page = Page()
    box, shown = page.add("textbox", "Text"), page.add("textbox", "Result")
    for name in ("encrypt", "decrypt"):
        page.on(page.add("button", name.title()), "click", [box], [shown], name)
    assert "/decrypt" in refused(page)


@pytest.mark.parametrize("variant", ["primary", "secondary"])
@pytest.mark.parametrize("kind", ["textbox", "chatbot"])
def test_a_main_button_that_does_more_than_answer(variant: str, kind: str) -> None:
    """Another button of its form is not taken in its place, unless the answer is a chat."""
    page = Page()
    box, shown = page.add("textbox", "Task"), page.add(kind, "Output", interactive=False)
    for label, name, look in (
        ("Generate & Execute Code", "run", variant),
        ("Generate Code Only", "write", "secondary"),
    ):
        button = page.add("button", label, variant=look)
        page.on(button, "click", [box], [shown], name)
    if variant == "primary" and kind == "textbox":
        told = refused(page)
        assert "'/run'" in told
        assert "'/write'" in told
    else:
        assert found(page).endpoint == "write"
    assert found(page, endpoint="/write").endpoint == "write"


@pytest.mark.parametrize("names", [("respond", "respond_1"), (None, None), ("respond", "answer")])
def test_sending_a_box_and_clicking_its_button_are_one(
    names: tuple[str | None, str | None],
) -> None:
    page = Page()
    box, chatbot = page.add("textbox"), page.add("chatbot")
    page.on(box, "submit", [box, chatbot], [box, chatbot], names[0])
    clicked = page.on(page.add("button", "➤"), "click", [box, chatbot], [chatbot], names[1])
    page.then(clicked, [], [box])
    assert found(page).trigger == (box, "submit")


def test_two_answers_of_one_act() -> None:
    page = Page()
    box = page.add("textbox", "Message")
    shown = [page.add("chatbot", label) for label in ("Model A", "Model B")]
    send = page.add("button", "Send")
    for used, event in ((send, "click"), (box, "submit")):
        page.on(used, event, [box, *shown], [box, *shown])
    assert found(page).answer.label == "Model A"
    assert found(page, output="Model B").answer.label == "Model B"


@pytest.mark.parametrize(
    ("tabs", "chosen"),
    [({}, "one"), ({"selected": "b"}, "two"), ({"selected": "gone"}, "one")],
)
def test_the_open_tab(tabs: dict[str, str], chosen: str) -> None:
    page = Page()
    page.open("tabs", **tabs)
    for label, id_ in (("one", "a"), ("two", "b")):
        page.open("tabitem", label, id=id_)
        chat(page, label)
        page.close()
    assert found(page).message.label == chosen


@pytest.mark.parametrize("label", ["Upload Local Video", "上传文档", "Uploads"])
def test_a_chat_about_what_is_uploaded(label: str) -> None:
    """In the tab that says so; it is open, and another chat is in a closed one."""
    page = Page()
    page.open("tabs")
    boxes: list[int] = []
    for tab in (label, "Live Camera"):
        page.open("tabitem", tab)
        page.add("video", "Video")
        boxes.append(chat(page, "Question"))
        page.close()
    assert found(page).message.id == boxes[0]


@pytest.mark.parametrize("label", ["Upload settings", "Delete uploads"])
def test_what_else_a_heading_says_counts(label: str) -> None:
    page = Page()
    page.open("tabs")
    boxes: list[int] = []
    for tab in (label, "Other"):
        page.open("tabitem", tab)
        boxes.append(chat(page, "Question"))
        page.close()
    assert found(page).message.id == boxes[1]


def test_a_chat_elsewhere_says_nothing_of_uploads() -> None:
    page = Page()
    page.open("tabs")
    page.open("tabitem", "Upload")
    form(page, "Describe it", "Send")
    page.close()
    page.open("tabitem", "Camera")
    page.add("chatbot")
    page.close()
    refused(page)


def test_a_hidden_tab_is_not_the_first() -> None:
    page = Page()
    page.open("tabs")
    for label, visible in (("one", False), ("two", True), ("three", True)):
        page.open("tabitem", label, visible=visible)
        chat(page, label)
        page.close()
    assert found(page).message.label == "two"


@pytest.mark.parametrize("kind", ["accordion", "sidebar"])
def test_a_closed_accordion(kind: str) -> None:
    page = Page()
    page.open(kind, "More", open=False)
    chat(page, "one")
    page.close()
    page.open(kind, "Less", open=True)
    chat(page, "two")
    assert found(page).message.label == "two"


def test_a_picture_is_no_answer() -> None:
    """Nor is the text beside it, unless it says that it is one."""
    for label, is_chat in (("Seed", False), (None, False), ("Answer", True)):
        page = Page()
        prompt, image = page.add("textbox", "Prompt"), page.add("image", "Picture")
        text = page.add("textbox", label)
        page.on(page.add("button", "Generate"), "click", [prompt], [image, text])
        if is_chat:
            assert found(page).answer.label == label
        else:
            refused(page)


def test_no_chat_is_told_plainly() -> None:
    page = Page()
    page.on(page.add("button", "Go"), "click", [page.add("image")], [page.add("label")], "classify")
    told = refused(page)
    assert "none of its functions takes a text" in told
    assert "/classify (image → label)" in told
    assert "endpoint=" not in told


@pytest.mark.parametrize(
    "placeholder",
    [
        "Enter text and press enter, or upload an image",
        "Type a message, or paste a URL",
        "Ask about your files",
        "What would you like to know?",
        "Message (type /reset to start a new chat)",
        "Question about this repository",
    ],
)
def test_words_of_a_message_box(placeholder: str) -> None:
    page = Page()
    form(page, None, "Submit", "Answer", placeholder=placeholder)
    assert found(page).message.props.placeholder == placeholder
