"""Apps that answer, and what every reader must get of each."""

from __future__ import annotations

from spacechat.events import (
    Completed,
    File,
    Reasoning,
    TextDelta,
)
from tests.readers.app import HEL, HELLO, LO, QUEUED, STARTED, App
from tests.readers.outcome import Outcome
from tests.readers.server import (
    BEGIN,
    CLOSE,
    Direct,
    Queued,
    chat,
    grown,
    ran,
    streamed,
)
from tests.servers import completed, generating

FILE = {
    "path": "/tmp/gradio/1/table.csv",
    "orig_name": "table.csv",
    "mime_type": "text/csv",
    "meta": {"_type": "gradio.FileData"},
}
FILE_EVENT = File("{url}/file=/tmp/gradio/1/table.csv", "table.csv", "text/csv", "{url}")


ANSWERING = {
    "edits": App(
        "Its text grows by edits.",
        (Queued(streamed("Hel", "lo")),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "snapshots": App(
        "It sends its whole text each time.",
        (Queued((*BEGIN, generating("Hel"), generating("Hello"), completed("Hello"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "at once": App(
        "Its text comes in one piece.",
        (Queued((*BEGIN, completed("Hello"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hello",),
            events=(QUEUED, STARTED, TextDelta("Hello"), HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "in the end": App(
        "It sends no text until its last message.",
        (Queued((*BEGIN, generating(""), generating([]), completed("Hello"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hello",),
            events=(QUEUED, STARTED, TextDelta("Hello"), HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "unqueued": App(
        "Its function does not go through the queue (`queue=False`).",
        (Direct((ran("Hello"),)),),
        Outcome(
            text="Hello",
            pieces=("Hello",),
            events=(TextDelta("Hello"), HELLO),
            requests=("config", "predict"),
            again=("predict",),
        ),
    ),
    "chatbot": App(
        "Its chatbot shows all turns; the answer is the last message.",
        (Queued((*BEGIN, chat(generating, "Hel"), grown("lo"), chat(completed, "Hello"), *CLOSE)),),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
        answer="chatbot",
    ),
    "chain": App(
        "Three functions, one after another (`.then`), write the answer.",
        (Direct((ran(""),)), Queued(streamed("Hel", "lo")), Direct((ran("Hello!"),))),
        Outcome(
            text="Hello!",
            pieces=("Hel", "lo", "!"),
            events=(QUEUED, STARTED, HEL, LO, TextDelta("!"), Completed("Hello!")),
            requests=("config", "predict", "join", "data", "predict"),
            again=("predict", "join", "data", "predict"),
        ),
    ),
    "unqueued chain": App(
        "The same with none of them in the queue.",
        (Direct((ran(""),)), Direct((ran("Hel"),)), Direct((ran("Hello"),))),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(HEL, LO, HELLO),
            requests=("config", "predict", "predict", "predict"),
            again=("predict", "predict", "predict"),
        ),
    ),
    "several outputs": App(
        "Its function also empties the box of the question, and sets a state.",
        (
            Queued(
                (
                    *BEGIN,
                    chat(lambda shown: generating("", shown, None), "Hel"),
                    chat(lambda shown: completed("", shown, None), "Hello"),
                    *CLOSE,
                ),
                outputs=(1, 2, 3),
            ),
        ),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
        answer="chatbot",
    ),
    "several messages": App(
        "Its answer has two messages, which a blank line joins.",
        (
            Queued(
                (
                    *BEGIN,
                    chat(generating, "Hello"),
                    chat(generating, "Hello", "Bye"),
                    grown("!", 1),
                    chat(completed, "Hello", "Bye!"),
                    *CLOSE,
                )
            ),
        ),
        Outcome(
            text="Hello\n\nBye!",
            pieces=("Hello", "\n\nBye", "!"),
            events=(
                QUEUED,
                STARTED,
                TextDelta("Hello"),
                TextDelta("\n\nBye"),
                TextDelta("!"),
                Completed("Hello\n\nBye!"),
            ),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
        answer="chatbot",
    ),
    "thoughts": App(
        "Its first message is a thought, which is no part of the answer.",
        (
            Queued(
                (
                    *BEGIN,
                    chat(generating, "Hmm", title="Thinking"),
                    chat(generating, "Hmm", "Hel", title="Thinking"),
                    grown("lo", 1),
                    chat(completed, "Hmm", "Hello", title="Thinking"),
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
                Reasoning("Hmm", "Thinking"),
                HEL,
                LO,
                Completed("Hello", "Hmm"),
            ),
            requests=("config", "join", "data"),
            again=("join", "data"),
            reasoning="Hmm",
            titled="Thinking\nHmm",
        ),
        answer="chatbot",
    ),
    "file": App(
        "A file comes with its answer.",
        (
            Queued(
                (
                    *BEGIN,
                    chat(generating, "Hel"),
                    chat(completed, "Hello", {"file": FILE}),
                    *CLOSE,
                )
            ),
        ),
        Outcome(
            text="Hello",
            pieces=("Hel", "lo"),
            events=(QUEUED, STARTED, HEL, LO, FILE_EVENT, HELLO),
            requests=("config", "join", "data"),
            again=("join", "data"),
            files=("table.csv",),
        ),
        answer="chatbot",
    ),
    "unqueued file": App(
        "The same with a function that does not go through the queue.",
        (Direct((chat(ran, "Hello", {"file": FILE}),)),),
        Outcome(
            text="Hello",
            pieces=("Hello",),
            events=(TextDelta("Hello"), FILE_EVENT, HELLO),
            requests=("config", "predict"),
            again=("predict",),
            files=("table.csv",),
        ),
        answer="chatbot",
    ),
    "empty": App(
        "Its answer is the empty text.",
        (Queued((*BEGIN, completed(""), *CLOSE)),),
        Outcome(
            text="",
            pieces=(),
            events=(QUEUED, STARTED, Completed("")),
            requests=("config", "join", "data"),
            again=("join", "data"),
        ),
    ),
    "empty, unqueued": App(
        "The same with a function that does not go through the queue.",
        (Direct((ran(""),)),),
        Outcome(
            text="",
            pieces=(),
            events=(Completed(""),),
            requests=("config", "predict"),
            again=("predict",),
        ),
    ),
}
