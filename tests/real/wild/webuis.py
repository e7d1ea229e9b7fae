"""Web interfaces, `ChatInterface` with its options, and apps that have texts and no chat."""

from __future__ import annotations

from tests.real.wild.answers import telling
from tests.real.wild.app import ALL, G5, NEW, WildApp, remembered

_NO_WAY = "No way to chat was found"
_SEVERAL = "several ways to chat"

_indented = telling("indented", known=lambda turn: "[]" if turn == 1 else "   four\\n']]")

_INTERFACES = (
    WildApp(
        "ui_ci_rendered",
        ALL,
        "ChatInterface with parts of its own in Blocks, beside a sidebar with another form",
        telling("code", system="Be brief.", temp=0.5),
    ),
    WildApp(
        "ui_ci_tabbed", ALL, "a ChatInterface in the last tab, text forms in the first", remembered
    ),
    WildApp("ui_ci_two", ALL, "the same ChatInterface twice, in two tabs", telling(model="m0")),
    WildApp(
        "ui_ci_additional_outputs",
        NEW,
        "ChatInterface that fills sources and details beside the chat",
        telling("markdown"),
    ),
    WildApp(
        "ui_ci_everything",
        NEW,
        "ChatInterface with each option, its function without a name for programs",
        telling("emoji", system="Be kind.", name="Ann", model="tiny"),
    ),
    WildApp(
        "ui_ci_messages_returned",
        NEW,
        "ChatInterface whose function returns a message",
        telling("brackets"),
        pieces=0,
    ),
    WildApp(
        "ui_ci_components",
        NEW,
        "ChatInterface whose function ends a streamed text with a component",
        lambda *questions: [f"{text}\n\nThat is all." for text in telling("markdown")(*questions)],
    ),
    WildApp(
        "ui_ci_adds_history",
        (G5,),
        "ChatInterface whose function adds to the history that it is given",
        remembered,
        pieces=0,
    ),
    WildApp(
        "ui_ci_greeted",
        NEW,
        "ChatInterface whose greeting comes when the page opens, and goes with the first answer",
        telling("code", known=lambda turn: 2 * (turn - 1)),
    ),
    WildApp(
        "ui_ci_indented_pairs",
        (G5,),
        "ChatInterface whose chatbot shows texts as they are, indentation and all",
        lambda *questions: [f"{text}\n" for text in _indented(*questions)],
    ),
    WildApp(
        "ui_ci_multimodal_custom",
        ALL,
        "multimodal ChatInterface with a box of its own and examples",
        telling("cjk", files=0, max=50),
    ),
)
_CHATS = (
    WildApp(
        "ui_function_buttons",
        ALL,
        "a chat whose box is also read by a dozen buttons that do other things with it",
        telling(model="tiny", system="Serve me."),
    ),
    WildApp(
        "ui_labels_later",
        ALL,
        "boxes without labels: these come when the page is loaded",
        telling(system="", tools=""),
        box="textarea >> nth=2",
        send="button.primary",
    ),
    WildApp(
        "ui_dictated",
        ALL,
        "a box that is filled by dictation and sent by a button",
        telling("repeats"),
        box="label:has-text('What you said') textarea",
        send="button:has-text('➤')",
    ),
    WildApp(
        "ui_prompt_library",
        ALL,
        "a chat whose box says nothing, beside a library of prompts to save and delete",
        remembered,
        box="textarea >> nth=2",
    ),
    WildApp(
        "ui_admin_beside_chat",
        ALL,
        "a chat in the last tab, behind forms that add pages and ban users",
        remembered,
    ),
    WildApp(
        "ui_status_over_chat",
        ALL,
        "a chat with notices, a status and files beside it",
        telling(user="user1"),
        box="textarea[placeholder*='Ask about']",
    ),
)
_TEXTS = (
    WildApp(
        "ui_answer_sources_errors",
        ALL,
        "errors, sources and answer by one function, in this order",
        telling("markdown", remembers=False),
        pieces=0,
        send="button:has-text('Ask')",
        bubble=".prose",
    ),
    WildApp(
        "ui_answer_under_heading",
        ALL,
        "large passages first; the answer has no label but an accordion's around it",
        telling("brackets", remembers=False),
        send="button:has-text('Submit')",
        bubble=".prose",
    ),
    WildApp(
        "ui_answer_among_unlabelled",
        ALL,
        "a badge, the answer and a counter, none of them with a label",
        telling("markdown", remembers=False, level="child"),
    ),
    WildApp(
        "ui_prompt_as_sent",
        ALL,
        "the prompt as sent, its length, the output and statistics",
        telling("code", remembers=False, max=128),
        send="button.primary",
        bubble="label:has-text('Model output') textarea",
    ),
    WildApp(
        "ui_thinking_beside",
        ALL,
        "the thoughts beside the final answer",
        telling(remembers=False),
        bubble="label:has-text('Final answer') textarea",
    ),
    WildApp(
        "ui_interface_inputs",
        ALL,
        "Interface with a context, a question and settings",
        telling("brackets", remembers=False, context="The sky is blue.", style="short"),
        box="label:has-text('Question') textarea",
        send="button.primary",
    ),
    WildApp(
        "ui_interface_outputs",
        ALL,
        "Interface whose first output tells the cost",
        telling(remembers=False, system="", model="tiny"),
        pieces=0,
        box="label:has-text('question') textarea",
        send="button:has-text('Submit')",
    ),
    WildApp(
        "ui_several_purposes",
        ALL,
        "questions, checks and comparisons, each in a tab",
        telling("markdown", remembers=False),
        pieces=0,
    ),
    WildApp(
        "ui_three_buttons",
        ALL,
        "one of three buttons asks the model",
        telling(remembers=False),
        pieces=0,
        send="button:has-text('Ask')",
    ),
    WildApp(
        "ui_languages",
        ALL,
        "labels in German, and a document beside the question",
        telling(remembers=False),
        box="label:has-text('Frage') textarea",
        send="button.primary",
    ),
    WildApp(
        "ui_chinese_texts",
        ALL,
        "labels in Chinese: sources before the answer, and a tab for administration",
        telling("cjk", remembers=False, k=3),
        send="button.primary",
    ),
)
_OTHERS = (
    WildApp("ui_competing_texts", ALL, "three buttons do things with a text", problem=_SEVERAL),
    WildApp("ui_image_maker", ALL, "a picture, its seed and a caption", problem=_NO_WAY),
    WildApp("ui_model_downloader", ALL, "fetches a model and shows how it goes", problem=_NO_WAY),
    WildApp("ui_mailer", ALL, "sends a message to somebody", problem=_NO_WAY),
    WildApp("ui_classifier", ALL, "tells the class of a text", problem=_NO_WAY),
    WildApp("ui_notebook", ALL, "adds and removes notes", problem=_NO_WAY),
    WildApp("ui_chinese_admin", ALL, "creates and deletes, in Chinese", problem=_NO_WAY),
)

APPS = (*_INTERFACES, *_CHATS, *_TEXTS, *_OTHERS)
