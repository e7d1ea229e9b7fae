"""Which of the texts that an app fills is the answer, and which box a question is typed into."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from spacechat import errors
from spacechat.apps import Way, find_way, inspect, parse_config
from tests.servers.page import Page


class Shown(NamedTuple):
    """An output: its kind, its label, and its other properties."""

    kind: str
    label: str | None
    props: dict[str, Any]


def text(label: str | None, **props: Any) -> Shown:
    return Shown("textbox", label, {"interactive": False, **props})


def markdown(label: str | None = None, **props: Any) -> Shown:
    return Shown("markdown", label, props)


def found(page: Page) -> Way:
    return find_way(parse_config(page.config()))


def refused(page: Page) -> str:
    with pytest.raises(errors.ChatNotFoundError) as caught:
        found(page)
    return str(caught.value)


def asking(outputs: list[Shown], *, question: str | None = "Question") -> tuple[Page, list[int]]:
    page = Page()
    box = page.add("textbox", question)
    ids = [page.add(kind, label, **props) for kind, label, props in outputs]
    page.on(page.add("button", "Ask"), "click", [box], ids)
    return page, ids


OUTPUTS: dict[str, list[Shown]] = {
    "sources": [text("Sources"), text("Answer")],
    "a word that says nothing": [text("Callback"), text("Output")],
    "its last word": [text("Response time"), text("Answer tokens"), text("Generated answer")],
    "the prompt as sent": [text("Full prompt", lines=10), text("Model output")],
    "thoughts": [text("🤔 Thinking process", lines=15), text("✅ Final answer")],
    "a draft": [text("Initial translation"), text("Refined translation")],
    "a status": [text("Status of the answer"), markdown()],
    "a badge": [Shown("html", None, {"value": "<b>ready</b>"}), markdown()],
    "a text that is there": [markdown(value="0 tokens"), markdown()],
    "size": [text(None), text(None, lines=8)],
    "classes": [Shown("label", "Answer", {}), text(None)],
    "German": [text("Quellen"), text("Statistik"), text("Antwort")],
    "Spanish": [text("Fuentes"), text("Respuesta")],
    "Russian": [text("Источники"), text("Ответ")],
    "Chinese": [text("参考资料", lines=6), text("回答")],
    "Japanese": [text("出典"), text("回答")],
    "Korean": [text("출처"), text("답변")],
}
"""The last of each is the answer."""


@pytest.mark.parametrize("case", OUTPUTS)
def test_the_answer_among_several_texts(case: str) -> None:
    page, ids = asking(OUTPUTS[case])
    assert found(page).answer.id == ids[-1]


@pytest.mark.parametrize("case", OUTPUTS)
def test_also_if_it_is_filled_first(case: str) -> None:
    page, ids = asking(OUTPUTS[case][::-1])
    assert found(page).answer.id == ids[0]


@pytest.mark.parametrize("kind", ["textbox", "markdown", "textarea", "html", "code", "json"])
@pytest.mark.parametrize("label", [None, "Reply"])
def test_an_answer_in_any_kind_of_text(kind: str, label: str | None) -> None:
    page, (shown,) = asking([Shown(kind, label, {"interactive": False})])
    way = found(page)
    assert way.answer.id == shown
    assert way.shows_html is (kind == "html")
    # Also where neither the box nor a button says anything.
    page = Page()
    box, shown = page.add("textbox"), page.add(kind, interactive=False)
    page.on(box, "submit", [box], [shown])
    assert found(page).answer.id == shown


@pytest.mark.parametrize(
    ("better", "worse"),
    [("textbox", "html"), ("markdown", "html"), ("html", "code"), ("code", "json")],
)
def test_which_kind_of_text_is_the_likelier_answer(better: str, worse: str) -> None:
    for kinds in ((better, worse), (worse, better)):
        page, ids = asking([Shown(kind, None, {"interactive": False}) for kind in kinds])
        assert found(page).answer.id == ids[kinds.index(better)]


def test_what_is_beside_an_answer_is_one_if_it_is_alone() -> None:
    page, ids = asking([text("Thinking process")])
    assert found(page).answer.id == ids[0]


def test_the_others_are_told() -> None:
    page, _ = asking(OUTPUTS["sources"])
    told = inspect("http://app", parse_config(page.config()), {})
    assert told.answer == "textbox 'Answer' (3)"
    assert any("'Sources'" in each and "beside an answer" in each for each in told.others)


def test_a_heading_says_what_an_unlabelled_text_is() -> None:
    page = Page()
    box = page.add("textbox", "Question")
    first = page.add("markdown")
    page.open("accordion", "Generated answer:", open=True)
    answer = page.add("markdown")
    page.close()
    page.on(page.add("button", "Ask"), "click", [box], [first, answer])
    assert found(page).answer.id == answer


@pytest.mark.parametrize(
    ("boxes", "meant"),
    [
        (["Instruction", "Input (optional)"], 0),
        (["Dokument", "Frage"], 1),
        (["文档", "问题"], 1),
        (["Instructions", "Input"], 1),
    ],
)
def test_the_box_of_a_form(boxes: list[str], meant: int) -> None:
    page = Page()
    ids = [page.add("textbox", label) for label in boxes]
    answer = page.add("textbox", "Output", interactive=False)
    page.on(page.add("button", "Run"), "click", ids, [answer])
    assert found(page).message.id == ids[meant]


def test_the_box_that_is_emptied_among_boxes_without_labels() -> None:
    """The functions are the same, whichever box is meant."""
    page = Page()
    chatbot = page.add("chatbot")
    system, tools, query = (page.add("textbox") for _ in range(3))
    sent = page.on(page.add("button"), "click", [chatbot, query], [chatbot, query])
    page.then(sent, [chatbot, system, tools], [chatbot])
    assert found(page).message.id == query


def test_an_example_says_nothing_of_its_box() -> None:
    for placeholder in ("e.g., A train leaves at noon", "例如：删除一个文件"):
        page = Page()
        box = page.add("textbox", "Problem", placeholder=placeholder)
        page.on(box, "submit", [box], [page.add("textbox", "Answer", interactive=False)])
        assert found(page).message.id == box


@pytest.mark.parametrize(
    ("boxes", "button"),
    [
        (["Recipient", "Message"], "Send"),
        (["E-mail address", "Your question"], "Submit"),
        (["收件人", "消息"], "发送"),
        (["Model ID", "Revision"], "Start"),
        (["Title", "Text"], "Add note"),
        (["知识库名称"], "创建"),
        (["Name"], "Löschen"),
        (["Nombre"], "Eliminar"),
        (["Имя"], "Удалить"),
        (["名前"], "削除"),
        (["Text"], "Send an e-mail"),
    ],
)
def test_a_form_for_something_else(boxes: list[str], button: str) -> None:
    page = Page()
    ids = [page.add("textbox", label) for label in boxes]
    page.on(page.add("button", button), "click", ids, [page.add("markdown")])
    assert "No way to chat was found" in refused(page)


def test_settings_beside_a_question_are_no_other_form() -> None:
    page = Page()
    ids = [page.add("textbox", label) for label in ("Stop strings", "Text")]
    answer = page.add("textbox", "Output", interactive=False)
    page.on(page.add("button", "Generate"), "click", ids, [answer])
    assert found(page).message.id == ids[1]


def test_a_chat_with_an_address_in_its_form() -> None:
    page = Page()
    mail, box, chatbot = page.add("textbox", "E-mail"), page.add("textbox"), page.add("chatbot")
    page.on(box, "submit", [box, mail, chatbot], [box, chatbot])
    assert found(page).message.id == box


def test_a_classifier_is_no_chat() -> None:
    page = Page()
    box = page.add("textbox", "Text")
    page.on(page.add("button", "Submit"), "click", [box], [page.add("label", "Sentiment")])
    assert "No way to chat was found" in refused(page)


def test_unlike_purposes_of_one_text() -> None:
    page = Page()
    box, result = page.add("textbox", "Your text"), page.add("textbox", "Result")
    for name in ("Summarize", "Rewrite"):
        page.on(page.add("button", name), "click", [box], [result], name.lower())
    assert "several ways to chat" in refused(page)
    page.on(page.add("button", "Ask the model"), "click", [box], [result], "ask")
    assert found(page).endpoint == "ask"


@pytest.mark.parametrize("streams", [True, False])
def test_a_button_streams_what_enter_only_shows(streams: bool) -> None:
    page = Page()
    chat = page.add("chatbot", type="messages")
    box = page.add("textbox", "Input Text")
    button = page.add("button", "Generate")
    page.on(box, "submit", [chat, box], [chat, box])
    page.on(button, "click", [chat, box], [chat], types={"generator": streams})
    assert found(page).trigger == ((button, "click") if streams else (box, "submit"))


def test_a_streaming_button_that_takes_another_box_says_nothing_of_enter() -> None:
    page = Page()
    chat = page.add("chatbot", type="messages")
    box, other = page.add("textbox", "Message"), page.add("textbox", "Topic")
    page.on(box, "submit", [chat, box], [chat, box])
    page.on(
        page.add("button", "Generate"), "click", [chat, other], [chat], types={"generator": True}
    )
    assert found(page).trigger == (box, "submit")
