"""A Hugging Face Hub on this machine, on which every Space is the same one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.servers.local_hub import HubSpace, LocalHub, app


@contextlib.contextmanager
def running_hub(space_url: str) -> Iterator[str]:
    """Run a Hub that gives one address for every Space, and finds three; return its own."""
    spaces = [
        HubSpace("owner/name", space_url, 1234, title="A Chat"),
        HubSpace("someone/other-chat", app(queue=3), 56, title="Other", hardware="zero-a10g"),
        HubSpace("someone/sleeping-chat", app(), 789, "SLEEPING"),
    ]
    with LocalHub(spaces, default=space_url) as hub:
        yield hub.url
