"""The short table of the README and of the page on performance: spacechat beside gradio_client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ROWS = [
    (
        "first word of a later question, far away, over https",
        "far",
        "https: spacechat, any app by its URL, Gradio 6: later ones",
        "https: gradio_client, a ChatInterface, Gradio 6: later ones",
    ),
    ("first word on one machine", "first", "spacechat, async", "gradio_client"),
    (
        "first word from a cold start",
        "start",
        "spacechat ask, an app asked before",
        "gradio_client",
    ),
    ("CPU for an answer of 20,000 tokens", "stream", "spacechat, asyncio", "gradio_client"),
    (
        "CPU for 100 calls of functions at once",
        "calls",
        "100 at once, CPU: spacechat, asyncio",
        "100 at once, CPU: gradio_client",
    ),
    (
        "threads for 100 calls at once",
        "calls",
        "100 at once, threads: spacechat, asyncio",
        "100 at once, threads: gradio_client",
    ),
]
"""A name for each measurement, its case, and the names of its two rows among the figures."""


def short_table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the table, in Markdown."""
    lines = ["| | spacechat | `gradio_client` |", "| --- | --- | --- |"]
    for what, case, *names in _ROWS:
        rows = {row["name"]: row for row in figures[case]["rows"]}
        lines.append(f"| {what} | {' | '.join(_figure(rows[name]) for name in names)} |")
    return "\n".join(lines)


def _figure(row: Mapping[str, Any]) -> str:
    """Returns a row's median as a person reads it."""
    median, unit = row["median"], row["unit"].removesuffix(" CPU")
    if unit == "trips":
        return f"{median:.1f} round trips"
    if unit != "ms":
        return f"{median:.0f}"
    if median < 10:
        return f"{median:.1f} ms"
    return f"{median:.0f} ms" if median < 1000 else f"{median / 1000:.1f} s"
