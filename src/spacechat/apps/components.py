"""The components of an app's page: what the app declares of each, and what that makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..errors import ProtocolError
from .decoding import NOTHING, decoded
from .kin import CHATBOT, MESSAGE_BOX
from .schemas import Form

_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_LIST = msgspec.json.Decoder(list[Any])
_OBJECT = msgspec.json.Decoder(dict[str, Any])

_TEXT_INPUTS = frozenset({"textbox", "search", MESSAGE_BOX})
_TEXT_OUTPUTS = frozenset({"textbox", "markdown", "html", "code", "json", "label", "textarea"})
_FILE_INPUTS = frozenset({"file", "image", "audio", "video", "uploadbutton", "imageeditor"})
_NEVER_A_CHAT = _TEXT_INPUTS | frozenset(
    {
        "audio",
        "button",
        "checkbox",
        "code",
        "dropdown",
        "file",
        "gallery",
        "html",
        "image",
        "label",
        "markdown",
        "number",
        "plot",
        "radio",
        "slider",
        "state",
        "textarea",
        "video",
    }
)


class Props(msgspec.Struct):
    """The properties that an app declares of a component.

    A property of another type than expected counts as not declared.

    Attributes:
        value: The component's first value, undecoded.
        default_value: The first value of a component that keeps its value in the browser.
        choices: The values to choose from, undecoded.
        id: A tab's name within its tabs.
        selected: The name of the tab that is open.
        open: Whether an accordion, sidebar, drawer or dialogue is open.
        items: The messages of a chat that is no input, undecoded.
        key: As `id`, in the tabs of others.
        active_key: As `selected`, in the tabs of others.
        lines: Lines of text that it has room for at first.
        active: Whether a timer runs.
        variant: The look of a button, such as "primary" for a form's main one.
        disabled: As `interactive`, the other way round, in the components of others.
        reasoning_tags: The tags around thoughts in a chatbot's texts.
    """

    label: str | None = None
    value: msgspec.Raw = NOTHING
    default_value: msgspec.Raw = NOTHING
    visible: bool | str | None = True
    interactive: bool | None = None
    placeholder: str | None = None
    info: str | None = None
    elem_id: str | None = None
    type: str | None = None
    choices: msgspec.Raw = NOTHING
    minimum: int | float | None = None
    maximum: int | float | None = None
    multiselect: bool | None = None
    allow_custom_value: bool | None = None
    file_count: str | None = None
    max_length: int | None = None
    id: int | str | None = None
    selected: int | str | None = None
    open: bool | None = None
    title: str | None = None
    items: msgspec.Raw = NOTHING
    key: int | str | None = None
    active_key: int | str | None = None
    read_only: bool | None = None
    lines: int | None = None
    active: bool | None = None
    variant: str | None = None
    disabled: bool | None = None
    reasoning_tags: list[object] | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether a person can't use the component, or change it."""
        return self.interactive is False or self.disabled is True

    @property
    def is_visible(self) -> bool:
        """Whether the component is shown, if the components around it are."""
        return self.visible not in (False, "hidden")


class Component(msgspec.Struct):
    """A component of the page.

    Attributes:
        id: Its number.
        type: Its kind, such as `textbox`.
        kin: The kind of Gradio's own that it is like, which is its own kind if it is Gradio's.
        form: The form of its value, if its maker is not Gradio and says so.
        props: Its declared properties.
        shown: Whether a person sees it, or would after opening the tabs and accordions around it.
        is_open: Whether no closed tab or accordion is around it.
        unmounted_in: The id of the innermost closed tab or accordion of Gradio's around it, so
            that the page may not have made it yet; None if there is none.
        closed_by: The id of what is closed around it (an accordion, or the tabs that show another
            one), if that is only one.
        around: The innermost component with a label around it, such as a tab; None if none.
        left_out: Bytes of its first value, if that is too large to be kept; otherwise 0.
        has_text: Whether its first value, kept or not, is anything but empty.
        declared: All that the app declares of it, undecoded, if a function takes all of that.
        is_left_out: Whether programs neither give nor get its value, as it is a state or layout.
    """

    id: int
    type: str = ""
    kin: str = ""
    form: Form | None = None
    props: Props = msgspec.field(default_factory=Props)
    shown: bool = True
    is_open: bool = True
    unmounted_in: int | None = None
    closed_by: int | None = None
    around: Component | None = None
    left_out: int = 0
    has_text: bool = False
    declared: msgspec.Raw = NOTHING
    is_left_out: bool = False

    @property
    def label(self) -> str:
        """The text beside it or on it."""
        return _in_words(self.props.label)

    @property
    def placeholder(self) -> str:
        """The text that shows in it while it is empty."""
        return _in_words(self.props.placeholder)

    @property
    def texts(self) -> Iterator[str]:
        """The texts that say what it is for, the most telling first."""
        for text in (self.label, self.props.placeholder, self.props.info, self.props.elem_id):
            if text:
                yield text

    @property
    def value(self) -> Any:
        """Its value when the page is opened.

        Raises:
            ProtocolError: The value is too large to be kept.
        """
        if self.left_out:
            raise ProtocolError(
                f"{self} holds {self.left_out} bytes when the app's page is opened, which is too "
                "much to be kept and sent: set it to something else with inputs=."
            )
        return decoded(self.props.value, _ANYTHING)

    @property
    def choices(self) -> list[Any]:
        """The values to choose from, as far as they are known."""
        declared = decoded(self.props.choices, _LIST) or []
        return [each[1] if isinstance(each, list) and len(each) == 2 else each for each in declared]

    @property
    def properties(self) -> dict[str, Any]:
        """All its properties, if a function takes them; those too large to be kept are none."""
        return decoded(self.declared, _OBJECT) or {}

    @property
    def is_chatbot(self) -> bool:
        """Whether it shows a chat."""
        return self.kin == CHATBOT

    @property
    def may_hold_chat(self) -> bool:
        """Whether its value may be a chat's; apps make components of their own."""
        return self.kin not in _NEVER_A_CHAT

    @property
    def is_state(self) -> bool:
        """Whether the server keeps its value, and a browser sends none."""
        return self.type == "state"

    @property
    def is_timer(self) -> bool:
        """Whether it calls functions again and again, while it is active."""
        return self.type == "timer"

    @property
    def takes_text(self) -> bool:
        """Whether a person can type a message into it."""
        props = self.props
        is_secret = props.type in ("password", "email")
        is_fixed = props.is_fixed or props.read_only is True
        return self.kin in _TEXT_INPUTS and not is_secret and not is_fixed

    @property
    def could_take_text(self) -> bool:
        """Whether a person could type a message into it if the app enabled it."""
        return msgspec.structs.replace(
            self,
            props=msgspec.structs.replace(self.props, interactive=None, disabled=None),
        ).takes_text

    @property
    def takes_files(self) -> bool:
        """Whether a message typed into it may have files."""
        return self.kin == MESSAGE_BOX

    @property
    def picks_files(self) -> bool:
        """Whether it holds files, and nothing else."""
        return self.kin in _FILE_INPUTS

    @property
    def holds_several_files(self) -> bool:
        """Whether its value is a list of files."""
        return self.form is Form.FILES or self.props.file_count == "multiple"

    @property
    def gives_text(self) -> bool:
        """Whether it may show an answer that is a text and no chat."""
        return self.kin in _TEXT_OUTPUTS

    def __str__(self) -> str:
        name = f" {self.label!r}" if self.label else ""
        return f"{self.type}{name} ({self.id})"


def _in_words(text: str | None) -> str:
    """Return a text, or an empty one for a key that the page looks up in a visitor's language."""
    return "" if text is None or text.startswith("__i18n__") else text
