"""Apps of `modelscope_studio`, the components with which the Qwen team builds its Spaces."""

from __future__ import annotations

from typing import Any, Final

from tests.real.apps.zoo.llm import answer
from tests.real.wild.app import STUDIO_4, STUDIO_5, STUDIO_6, WildApp, forgotten, remembered

NEW = (STUDIO_5, STUDIO_6)
LEGACY = (STUDIO_4, STUDIO_5)


def _in(flavor: str, **settings: Any) -> Any:
    """Return how an app answers whose model has a flavor or settings of its own."""

    def answers(*questions: str) -> list[str]:
        history: list[tuple[str, str]] = []
        for question in questions:
            history.append((question, answer(question, history, flavor, **settings)))
        return [text for _, text in history]

    return answers


def _code(*questions: str) -> list[str]:
    return [answer(question, flavor="code") for question in questions]


def _two_agents(*questions: str) -> list[str]:
    return [answer(question) + answer(question, flavor="brackets") for question in questions]


_IN_A_DRAWER: Final = ".ms-gr-ant-drawer-body"

APPS = (
    WildApp("studio_sender", NEW, "a sender streams into the professional chatbot"),
    WildApp(
        "studio_thinking",
        NEW,
        "a thought is a part of the message; its title changes when it is over",
        thoughts=("🤔 Thinking...", "End of Thought (0.01s)"),
    ),
    WildApp(
        "studio_conversations",
        NEW,
        "conversations in a state, by id; one function yields dicts of updates",
        thoughts=("Thinking...", "End of Thought (0.02s)"),
    ),
    WildApp(
        "studio_mount",
        NEW,
        "the application's mount event enables the sender and names the model in a state",
        answers=_in("words", name="Sirius"),
    ),
    WildApp("studio_bubbles", NEW, "a list of bubbles gets its messages as an update's items"),
    WildApp("studio_bubbles_ai", NEW, "bubbles after a greeting; enter or a button sends"),
    WildApp("studio_bubble", NEW, "one bubble, filled by an update's content", answers=forgotten),
    WildApp("studio_multimodal", NEW, "a box for text and files, and messages of parts"),
    WildApp(
        "studio_vl",
        NEW,
        "text and files, conversations by id, thoughts",
        answers=_in("cjk"),
        thoughts=("思考中...", "已深度思考 (用时0.01s)"),
    ),
    WildApp(
        "studio_coder", NEW, "code in a drawer, its preview in a closed tab", bubble=_IN_A_DRAWER
    ),
    WildApp(
        "studio_code_shown",
        (STUDIO_5,),
        "code in a drawer, which opens while the code is written",
    ),
    WildApp(
        "studio_web_sandbox",
        NEW,
        "code in a drawer, and a sandbox that is no text",
        bubble=_IN_A_DRAWER,
    ),
    WildApp("studio_editor", NEW, "code in an editor", answers=_code),
    WildApp("studio_press_enter", NEW, "an input and a Markdown", answers=forgotten),
    WildApp(
        "studio_system_modal",
        NEW,
        "a system text in a dialogue",
        answers=_in("words", system="Be kind"),
    ),
    WildApp(
        "studio_buttons",
        NEW,
        "send, stop, regenerate and clear; suggestions after the answer",
        answers=_in("words", size="7B"),
    ),
    WildApp("studio_gradio_chatbot", NEW, "a sender beside Gradio's own chatbot"),
    WildApp("studio_legacy", LEGACY, "the legacy box and chatbot, which writes as it flushes"),
    WildApp("studio_legacy_chain", LEGACY, "a greeting; the bot follows the user's message"),
    WildApp("studio_legacy_textbox", LEGACY, "Gradio's text box and buttons, pairs of texts"),
    WildApp("studio_legacy_markdown", LEGACY, "a Markdown with a label", answers=forgotten),
    WildApp("studio_legacy_agents", LEGACY, "several bubbles in a turn", answers=_two_agents),
    WildApp(
        "studio_legacy_session", LEGACY, "a new box each turn, tabs", answers=remembered, pieces=0
    ),
)
