"""Apps that answer while something happens besides, and what every reader must get of each."""

from __future__ import annotations

from spacechat.events import (
    Completed,
    Log,
    Progress,
    Status,
    TextDelta,
    TextReset,
)
from tests.readers.app import FIRST_RETRY, HEL, HELLO, LO, QUEUED, STARTED, App
from tests.readers.outcome import Outcome
from tests.readers.server import (
    BEGIN,
    BUSY,
    CLOSE,
    DOWN,
    JOINED,
    Direct,
    Queued,
    streamed,
)
from tests.servers import Then, completed, generating, message

EVENTFUL = {
    "rewrites": App(
        "It takes back a part of what it had written.",
        (
            Queued(
                (
                    *BEGIN,
                    generating("one two"),
                    generating([["replace", [], "one 2"]]),
                    completed("one 2!"),
                    *CLOSE,
                )
            ),
        ),
        Outcome(
            text="one 2!",
            pieces=("one two", "2", "!"),
            events=(
                QUEUED,
                STARTED,
                TextDelta("one two"),
                TextReset("one 2"),
                TextDelta("!"),
                Completed("one 2!"),
            ),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "cursor": App(
        "It shows a cursor after the text while it writes.",
        (Queued((*BEGIN, generating("Hel▌"), generating("Hello▌"), completed("Hello"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "placeholder": App(
        "It shows “Thinking...” in the place of the text.",
        (
            Queued(
                (
                    *BEGIN,
                    generating("Thinking..."),
                    generating("Hel"),
                    completed("Hello"),
                    *CLOSE,
                )
            ),
        ),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, Status("Thinking..."), HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "notices": App(
        "It shows a notice and a progress bar.",
        (
            Queued(
                (
                    *BEGIN,
                    message("log", log="Look", level="warning"),
                    message("progress", progress_data=[{"index": 1, "length": 2, "unit": "steps"}]),
                    generating("Hel"),
                    completed("Hello"),
                    *CLOSE,
                )
            ),
        ),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(
                QUEUED,
                STARTED,
                Log("warning", "Look"),
                Progress(1, 2, "steps"),
                HEL,
                LO,
                HELLO,
            ),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "busy at first": App(
        "It answers 503 to the first request that asks it, and takes the second.",
        (Queued(streamed("Hel", "lo"), join=(BUSY, JOINED)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(FIRST_RETRY, QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "fails after the answer": App(
        "A function that follows the answer fails; the answer is none the worse.",
        (Queued(streamed("Hel", "lo")), Direct(DOWN)),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(
                QUEUED,
                STARTED,
                HEL,
                LO,
                Log(
                    "warning",
                    "A function after the answer failed: The Space failed: {url} answered 500 "
                    "Internal Server Error: Oops.",
                ),
                HELLO,
            ),
            requests=("config", "join", "data", "predict"),
            again=("join", "data", "predict"),
        ),
        after=1,
    ),
    "cut after the answer": App(
        "The connection breaks after the last message; the answer is none the worse.",
        (Queued((*BEGIN, generating("Hel"), completed("Hello"), Then.CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
}
