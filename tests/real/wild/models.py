"""Demos of the kinds that a model's authors publish with it."""

from __future__ import annotations

from tests.real.wild.answers import telling
from tests.real.wild.app import ALL, G4, G5, WildApp

_PAIRS = (G4, G5)

APPS = (
    WildApp(
        "model_state_cache",
        _PAIRS,
        "a button calls the model, another listener empties the box; a cache is kept",
        telling(cache=lambda turn: turn - 1),
        send="button.primary",
    ),
    WildApp(
        "model_task_history",
        _PAIRS,
        "one function adds the question to chat and state, the next answers; files by a button",
        telling("brackets"),
        send="button:has-text('Submit')",
    ),
    WildApp(
        "model_picture_prompt",
        _PAIRS,
        "a picture, sliders, a greeting in the chat, and a hidden box that is returned",
        telling("cjk", temp=0.8),
        pieces=0,
        box="label:has-text('Input Text') textarea, label:has-text('Input Text') input",
    ),
    WildApp(
        "model_transferred",
        _PAIRS,
        "the question is moved into states first; a status is filled beside the chat",
        telling(model="tiny-vl"),
    ),
    WildApp(
        "model_hidden_api",
        _PAIRS,
        "hidden twins of box and button for programs; URL parameters are loaded; votes",
        telling("repeats", model="tiny-13b"),
    ),
    WildApp(
        "model_saved_input",
        ALL,
        "the question is saved, shown, checked and answered by a chain of four functions",
        telling("cjk", system="Be honest.", max=1024),
    ),
    WildApp(
        "model_playground",
        ALL,
        "a system text, a choice of models, a button for sharing, an unused output",
        telling(model="tiny-beta", system="Below is a talk."),
        box="textarea[placeholder*='Enter your message']",
    ),
    WildApp(
        "model_session_dict",
        _PAIRS,
        "the history is in a dictionary of the session, the chat only shows it",
        telling("emoji", decode="Sampling"),
        pieces=0,
    ),
    WildApp(
        "model_raw",
        ALL,
        "raw generation: a prompt with a default, an output, a data set of examples",
        telling("indented", remembers=False, count=300),
        pieces=5,
        send="button.primary",
        bubble="label:has-text('Output') textarea",
    ),
    WildApp(
        "model_voice",
        ALL,
        "speech or text; boxes for debugging are filled beside a state that the chat shows at last",
        telling(mode="text"),
        pieces=0,
        box="label:has-text('Input text') textarea",
        send="button:has-text('Submit')",
    ),
    WildApp(
        "model_see_and_answer",
        ALL,
        "a question about a picture, answered in Markdown",
        telling(remembers=False),
        bubble=".prose",
    ),
    WildApp(
        "model_code",
        ALL,
        "an instruction is answered in a component for code",
        telling("code", remembers=False, model="tiny"),
        send="button.primary",
        bubble=".cm-content",
    ),
    WildApp(
        "model_chinese",
        ALL,
        "labels in Chinese; settings, files and a key in tabs at the side; usage beside the chat",
        telling("cjk", system="你是助手。", model="小"),
    ),
    WildApp(
        "model_knowledge",
        ALL,
        "documents in Chinese: other boxes and buttons write into the chat, too",
        telling(mode="LLM 对话"),
    ),
    WildApp(
        "model_shown_first",
        (G5,),
        "enter only shows the question, and a button has it answered",
        send="button:has-text('Generate')",
    ),
)
