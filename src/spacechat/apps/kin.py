"""What a component made by others is like: the kind of Gradio's own that does the same for a chat.

Anyone can make a component and give it any name. What it is follows, in this order,

1. from the form of its value, as its schema or its first value shows it;
2. from the end of its name: components are named after what they are (`antdinputtextarea`), often
   after the one that they were made from (`richtextbox`);
3. from what a person does with it: what is sent off takes a message.

The form counts more than the name, but a text can be anything: the name says whether it is typed,
shown or picked.
"""

from __future__ import annotations

import re

from .schemas import WITH_FILES, Form

CHATBOT = "chatbot"
MESSAGE_BOX = "multimodaltextbox"
TEXT_BOX = "textbox"
NONE = "other"
"""The kin of a component that is like nothing that matters to a chat."""

SENDING = frozenset({"submit", "press_enter", "send", "search"})
"""Events by which a person sends a box off."""

_OWN = """
    accordion annotatedimage api audio barplot browserstate button chatbot chatinterface checkbox
    checkboxgroup clearbutton code colorpicker column dataframe dataset datetime deeplinkbutton
    dialogue downloadbutton draggable dropdown duplicatebutton file fileexplorer form gallery group
    highlightedtext html image imageeditor imageslider json label lineplot loginbutton logoutbutton
    markdown model3d multimodaltextbox navbar number paramviewer plot radio row scatterplot search
    sidebar sketchpad slider state step tab tabitem tabs textarea textbox timer uploadbutton video
    walkthrough walkthroughstep
"""
OWN = frozenset(_OWN.split())
"""Gradio's own kinds: each is its own kin."""

_ENDINGS = {
    "chatbot": CHATBOT,
    "chatbox": CHATBOT,
    "chatview": CHATBOT,
    "chatwindow": CHATBOT,
    "chatmessages": CHATBOT,
    "messagelist": CHATBOT,
    "bubblelist": CHATBOT,
    "multimodalinput": MESSAGE_BOX,
    "multimodaltextbox": MESSAGE_BOX,
    "sender": TEXT_BOX,
    "input": TEXT_BOX,
    "textbox": TEXT_BOX,
    "textarea": TEXT_BOX,
    "markdown": "markdown",
    "text": TEXT_BOX,
    "paragraph": "markdown",
    "bubble": "markdown",
    "html": "html",
    "code": "code",
    "editor": "code",
    "highlighter": "code",
    "json": "json",
    "label": "label",
    "button": "button",
    "dropdown": "dropdown",
    "select": "dropdown",
    "radio": "radio",
    "segmented": "radio",
    "checkbox": "checkbox",
    "switch": "checkbox",
    "checkboxgroup": "checkboxgroup",
    "slider": "slider",
    "number": "number",
    "file": "file",
    "upload": "file",
    "attachments": "file",
    "image": "image",
    "gallery": "gallery",
    "audio": "audio",
    "video": "video",
    "plot": "plot",
    "picker": NONE,
    "date": NONE,
    "time": NONE,
    "color": NONE,
    "password": NONE,
    "secret": NONE,
    "otp": NONE,
    "email": NONE,
}
_ENDING = re.compile(f"(?:{'|'.join(sorted(_ENDINGS, key=len, reverse=True))})$")

_CHATS = frozenset({Form.MESSAGES, Form.PAIRS, Form.RICH_PAIRS})
_TYPED = frozenset({TEXT_BOX, MESSAGE_BOX})
_SHOWN = frozenset({"markdown", "html", "code"})


def kin_of(name: str, form: Form | None, *, is_sent: bool) -> str:
    """Return the kind of Gradio's own that a component is like.

    Args:
        name: The component's own kind.
        form: The form of its value, or None if that is unknown.
        is_sent: Whether a person sends it off.
    """
    if name in OWN:
        return name
    if form in _CHATS:
        return CHATBOT
    if form in WITH_FILES:
        return MESSAGE_BOX
    ending = _ENDING.search(name)
    named = None if ending is None else _ENDINGS[ending[0]]
    if form is Form.TEXT:
        is_typed = named is None or named in _TYPED or (is_sent and named in _SHOWN)
        return TEXT_BOX if is_typed else named or NONE
    if form is None:
        return named or (TEXT_BOX if is_sent else NONE)
    if form in (Form.FILE, Form.FILES) and named is None:
        return "file"
    return NONE if named is None or named in _TYPED or named in _SHOWN else named
