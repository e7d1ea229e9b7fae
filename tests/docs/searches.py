"""Common searches, and the section that the site's search must list among the first."""

from __future__ import annotations

SEARCHES = {
    "upload image": ("any-space", "Upload an image or another file"),
    "system prompt": ("scripts", "Set a system prompt"),
    "Space sleeps": ("troubleshooting", "Your Space sleeps"),
}
"""The words, with a page of `docs/` and one of its headings."""


def address(page: str, heading: str) -> str:
    """Return a section's address on the site."""
    return f"/{page}/#{heading.lower().replace(' ', '-')}"
