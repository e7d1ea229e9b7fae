"""Servers by script: what tests talk to where a real server can't be made to do it.

`replay` has the server itself, `gradio` what Gradio servers send, `apps` and `files` whole apps,
`page` descriptions of apps, `hub` the Hub's API for one Space, `local_hub` a Hub with any number of
them, and `memory` a network without sockets.
"""

from tests.servers.gradio import (
    CLOSE_STREAM,
    appended,
    completed,
    failed,
    generating,
    gradio,
    message,
    pairs,
)
from tests.servers.replay import (
    EVENTS_HEAD,
    LAST_CHUNK,
    RESET,
    Answer,
    Part,
    Received,
    ReplayServer,
    Then,
    always,
    chunk,
    refused,
    response,
    until,
)

__all__ = [
    "CLOSE_STREAM",
    "EVENTS_HEAD",
    "LAST_CHUNK",
    "RESET",
    "Answer",
    "Part",
    "Received",
    "ReplayServer",
    "Then",
    "always",
    "appended",
    "chunk",
    "completed",
    "failed",
    "generating",
    "gradio",
    "message",
    "pairs",
    "refused",
    "response",
    "until",
]
