"""Apps that take a question and give no whole answer, and what every reader must get of each.

A question is asked again, twice at the most, as long as the Space has not begun to work on it. One
that is given up is stopped at the Space.
"""

from __future__ import annotations

from spacechat import errors
from tests.readers.app import (
    DOWN_SAYS,
    FIRST_RETRY,
    HEL,
    LO,
    QUEUED,
    SECOND_RETRY,
    SHORT,
    SILENT_SAYS,
    STARTED,
    App,
)
from tests.readers.outcome import Outcome
from tests.readers.server import BEGIN, CLOSE, DOWN, Direct, Queued, ran
from tests.servers import Then, failed, generating, message

IN_QUEUE = BEGIN[:1]
HALF = (*BEGIN, generating("Hel"))
WHOLE = (*HALF, generating([["append", [], "lo"]]))
CANCELLED = message("process_completed", output={}, success=True)
CUT_SAYS = "before the answer was complete; the partial answer is in partial_text."
CUT_TYPED = "before the answer was complete."

QUEUE = {
    "stream: 500": App(
        "It answers 500 in the place of the stream. The question, which it has taken, is stopped.",
        (Queued(head=DOWN),),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config", "join", "data", "data", "cancel"),
            again=("join", "data", "data", "cancel", "config"),
            error=errors.SpaceUnavailableError,
            says=DOWN_SAYS,
        ),
    ),
    "queue: cut": App(
        "The connection breaks while the question is in the queue.",
        (Queued((*IN_QUEUE, Then.CLOSE)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED, FIRST_RETRY, QUEUED, SECOND_RETRY, QUEUED),
            requests=("config", *("join", "data", "cancel") * 3),
            again=("join", "data", "cancel") * 3,
            error=errors.StreamInterruptedError,
            says=CUT_SAYS,
            typed=CUT_TYPED,
        ),
    ),
    "queue: silent": App(
        "Nothing more comes while the question is in the queue.",
        (Queued((*IN_QUEUE, Then.HANG)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED,),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel", "config"),
            error=errors.StreamTimeoutError,
            says=SILENT_SAYS,
        ),
        patience=SHORT,
    ),
}

ANSWER = {
    "begun: fails": App(
        "It fails before the first text.",
        (Queued((*BEGIN, failed("boom"), *CLOSE)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED, STARTED),
            requests=("config", "join", "data"),
            again=("join", "data", "config"),
            error=errors.GenerationError,
            says="The Space failed: boom",
        ),
    ),
    "begun: cut": App(
        "The connection breaks before the first text, when it is at work already.",
        (Queued((*BEGIN, Then.CLOSE)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED, STARTED),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
            error=errors.StreamInterruptedError,
            says=CUT_SAYS,
            typed=CUT_TYPED,
        ),
    ),
    "middle: fails": App(
        "It fails in the middle of the text.",
        (Queued((*HALF, failed("boom"), *CLOSE)),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data"),
            again=("join", "data"),
            error=errors.GenerationError,
            says="The Space failed: boom",
        ),
    ),
    "middle: cut": App(
        "The connection breaks in the middle of the text.",
        (Queued((*HALF, Then.CLOSE)),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
            error=errors.StreamInterruptedError,
            says=CUT_SAYS,
            typed=CUT_TYPED,
        ),
    ),
    "middle: ends": App(
        "The stream ends properly in the middle of the text.",
        (Queued(HALF),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data"),
            again=("join", "data"),
            error=errors.StreamInterruptedError,
            says="The stream ended before the answer was complete; the partial answer is in "
            "partial_text. A cut stream can't be resumed. Ask again, or try another model.",
            typed="The stream ended before the answer was complete. A cut stream can't be resumed. "
            "Ask again, or try another model.",
        ),
    ),
    "middle: silent": App(
        "Nothing more comes after the first text.",
        (Queued((*HALF, Then.HANG)),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
            error=errors.StreamTimeoutError,
            says=SILENT_SAYS,
        ),
        patience=SHORT,
    ),
    "middle: cancelled": App(
        "Somebody else stops the answer at the Space.",
        (Queued((*HALF, CANCELLED, *CLOSE)),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data"),
            again=("join", "data"),
            error=errors.StreamInterruptedError,
            says="The event was cancelled at the Space before the answer was complete; the "
            "partial answer is in partial_text.",
            typed="The event was cancelled at the Space before the answer was complete.",
        ),
    ),
    "end: fails": App(
        "It fails when all of the text is there.",
        (Queued((*WHOLE, failed("boom"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO),
            requests=("config", "join", "data"),
            again=("join", "data"),
            error=errors.GenerationError,
            says="The Space failed: boom",
        ),
    ),
    "end: cut": App(
        "The connection breaks when all of the text is there, but not the last message.",
        (Queued((*WHOLE, Then.CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
            error=errors.StreamInterruptedError,
            says=CUT_SAYS,
            typed=CUT_TYPED,
        ),
    ),
    "chain: fails": App(
        "The first of two functions begins the answer, the second fails.",
        (Direct((ran("Hel"),)), Queued((*BEGIN, failed("boom"), *CLOSE))),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(HEL, QUEUED, STARTED),
            requests=("config", "predict", "join", "data"),
            again=("predict", "join", "data"),
            error=errors.GenerationError,
            says="The Space failed: boom",
        ),
    ),
}

LEFT = {
    "left in the queue": App(
        "The question waits in the queue, and the reader leaves.",
        (Queued((*IN_QUEUE, Then.HANG)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED,),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
        ),
        is_left=True,
    ),
    "left in the middle": App(
        "The answer has begun, and the reader leaves.",
        (Queued((*HALF, Then.HANG)),),
        Outcome(
            text="Hel",
            pieces=("Hel",),
            events=(QUEUED, STARTED, HEL),
            requests=("config", "join", "data", "cancel"),
            again=("join", "data", "cancel"),
        ),
        is_left=True,
    ),
}

BREAKING = {**QUEUE, **ANSWER, **LEFT}
