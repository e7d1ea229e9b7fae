"""The box that spacechat takes for the message's, as a browser finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import spacechat
from tests.real.servers import http_client

if TYPE_CHECKING:
    from tests.real.browser.subjects import Subject

__all__ = ["BOX", "LABELLED", "Place", "description", "place", "selector"]

_BOXES: Final = (
    "textarea:enabled",
    "input[data-testid=textbox]:enabled",
    "input[class*=ant-input]:enabled",
    "[contenteditable=true]",
)
BOX: Final = f":is({', '.join(_BOXES)})"
LABELLED: Final = "label:has([data-testid=block-info]:text-is({label!r})) :is(textarea, input)"


class Place(NamedTuple):
    """Where a person types.

    Attributes:
        page: The path of the page, in an app of several; otherwise empty.
        box: The selector of the box; empty: it can't be told from others.
    """

    page: str
    box: str


def place(subject: Subject) -> Place:
    """Return the place of the box that spacechat takes for the message's."""
    with spacechat.Client() as client:
        message = client.inspect(subject.url, auth=subject.auth).message or ""
    number = int(message.rpartition("(")[2].rstrip(")") or 0)
    config = description(subject)
    return Place(_page(config, number), selector(config, number))


def description(subject: Subject) -> dict[str, Any]:
    """Return what an app says of itself, after signing in if it asks for that."""
    with http_client() as client:
        if subject.auth is not None:
            form = dict(zip(("username", "password"), subject.auth, strict=True))
            client.post(f"{subject.url}/login", data=form).raise_for_status()
        config: dict[str, Any] = client.get(f"{subject.url}/config").raise_for_status().json()
        return config


def selector(config: dict[str, Any], number: int) -> str:
    """Return the selector of a box, by its number; since Gradio 6, a page does not tell that.

    Args:
        config: The app's description.
        number: The component's.
    """
    if not config.get("version", "").startswith("6."):
        return f"#component-{number} {BOX}"
    found: list[dict[str, Any]] = [c["props"] for c in config["components"] if c["id"] == number]
    props = found[0] if found else {}
    if props.get("elem_id"):
        return f"#{props['elem_id']} {BOX}"
    if _is_literal(props.get("placeholder")):
        return f"[placeholder={props['placeholder']!r}]"
    if _is_literal(props.get("label")) and props.get("show_label") is not False:
        return LABELLED.format(label=props["label"])
    return ""


def _is_literal(text: str | None) -> bool:
    """Tell whether a page shows a text as it is: others name one that it has in many languages."""
    return bool(text) and not str(text).startswith("__i18n__")


def _page(config: dict[str, Any], number: int) -> str:
    """Return the path of the page that a component is on."""
    pages: dict[str, Any] = config.get("page") or {}
    return next((path for path, parts in pages.items() if number in parts["components"]), "")
