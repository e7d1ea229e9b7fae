"""The pairs of a reader and an app that can't meet, and why."""

from __future__ import annotations

IMPOSSIBLE: dict[tuple[str, str], str] = {
    ("`%%chat`", app): "A cell of `%%chat` has no option for how long it bears silence."
    for app in ("unqueued: silent", "queue: silent", "middle: silent")
}
"""By the names of the reader and of the app."""
