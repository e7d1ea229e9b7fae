"""Apps with components that others publish, and with some that nobody knows."""

from __future__ import annotations

from tests.real.wild.app import NEW, WildApp, forgotten

APPS = (
    WildApp(
        "own_chat",
        NEW,
        "components of the app's own: a text, and messages by a bard",
        faceless=True,
    ),
    WildApp(
        "own_letters",
        NEW,
        "the same: a text with files, and a text",
        answers=forgotten,
        faceless=True,
    ),
    WildApp(
        "pypi_agentchatbot",
        ("5.50.0+components",),
        "tools are messages with the tool's name in thought_metadata",
        thoughts=("search", "code interpreter"),
    ),
    WildApp("pypi_richtext", ("5.50.0+components",), "a rich text is typed, by its event"),
    WildApp("pypi_mmchatbot", ("4.44.1+components",), "pairs of texts with files"),
)
