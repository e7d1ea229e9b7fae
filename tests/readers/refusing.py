"""Apps that take no question, and what every reader must get of each.

Where the fault may be a temporary one, the question is asked three times in all.
"""

from __future__ import annotations

from spacechat import errors
from tests.readers.app import (
    DOWN_SAYS,
    FIRST_RETRY,
    SECOND_RETRY,
    SHORT,
    SILENT_SAYS,
    App,
)
from tests.readers.outcome import Outcome
from tests.readers.server import (
    BUSY,
    DOWN,
    Direct,
    Queued,
    describe,
    last,
    refusal,
    streamed,
)
from tests.servers import Then, response

GOOD = Queued(streamed("Hel", "lo"))
BUSY_SAYS = (
    "{url} answered 503 Service Unavailable: Oops. The Space is asleep, starting or overloaded: "
    "ask again in a minute."
)
DISCONNECTED_SAYS = "{url} broke the connection before it answered: "
THRICE = (FIRST_RETRY, SECOND_RETRY)

DESCRIPTION = {
    "description: 500": App(
        "It answers 500 to the request for its description.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config",),
            again=("config",),
            error=errors.SpaceUnavailableError,
            says=DOWN_SAYS,
        ),
        config=DOWN,
    ),
    "description: 503": App(
        "It answers 503 to the request for its description.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "config", "config"),
            again=("config", "config", "config"),
            error=errors.SpaceUnavailableError,
            says=BUSY_SAYS,
        ),
        config=BUSY,
    ),
    "description: cut": App(
        "The connection breaks before its description comes.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "config", "config"),
            again=("config", "config", "config"),
            error=errors.SpaceUnavailableError,
            says=DISCONNECTED_SAYS,
        ),
        config=(Then.CLOSE,),
    ),
    "no Gradio app": App(
        "It is a web page, and no Gradio app.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config", "config"),
            again=("config", "config"),
            error=errors.ProtocolError,
            says="What this address gives as its /config is not a Gradio app's",
        ),
        config=(response(b"<p>Hi</p>", kind="text/html"),),
    ),
    "login wanted": App(
        "It wants a user and a password, and none was given.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config",),
            again=("config",),
            error=errors.AuthenticationError,
            says="The app at {url} has a login of its own: pass auth=(user, password).",
            typed="The app at {url} has a login of its own: pass --auth USER:PASSWORD.",
            served="The app at {url} has a login of its own, "
            "which whoever runs the server has to give it.",
        ),
        config=(response(b'{"detail":"Not authenticated"}', "401 Unauthorized"),),
    ),
    "no chat": App(
        "None of its functions gives a text.",
        (GOOD,),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config",),
            again=("config",),
            error=errors.ChatNotFoundError,
            says="No way to chat was found in this app: none of its functions takes a text and "
            "gives one. It has: function 0 (textbox, image, state → image). It is no chat: ask "
            "another app.",
        ),
        answer="image",
    ),
}

QUESTION = {
    "question: 500": App(
        "It answers 500 to the request that joins the queue.",
        (Queued(join=(DOWN,)),),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config", "join"),
            again=("join", "config"),
            error=errors.SpaceUnavailableError,
            says=DOWN_SAYS,
        ),
    ),
    "question: 503": App(
        "It answers 503 to the request that joins the queue.",
        (Queued(join=(BUSY,)),),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "join", "join", "join"),
            again=("join", "join", "join"),
            error=errors.SpaceUnavailableError,
            says=BUSY_SAYS,
        ),
    ),
    "question: 429": App(
        "It asks for fewer requests.",
        (Queued(join=(refusal("429 Too Many Requests"),)),),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "join", "join", "join"),
            again=("join", "join", "join"),
            error=errors.RateLimitError,
            says="{url} answered 429 Too Many Requests: Oops. Ask less often.",
        ),
    ),
    "queue full": App(
        "Its queue takes no more.",
        (Queued(join=(refusal("503 Service Unavailable", "Queue is full."),)),),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "join", "join", "join"),
            again=("join", "join", "join"),
            error=errors.QueueFullError,
            says="{url} answered 503 Service Unavailable: Queue is full. Ask again later.",
        ),
    ),
    "question: cut": App(
        "The connection breaks before it says that it takes the question.",
        (Queued(join=((Then.CLOSE,),)),),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "join", "join", "join"),
            again=("join", "join", "join"),
            error=errors.SpaceUnavailableError,
            says=DISCONNECTED_SAYS,
        ),
        config=(last(describe([GOOD])),),
    ),
    "unqueued: 500": App(
        "Its function, which does not go through the queue, fails.",
        (Direct(DOWN),),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config", "predict"),
            again=("predict", "config"),
            error=errors.GenerationError,
            says="The Space failed: {url} answered 500 Internal Server Error: Oops.",
        ),
    ),
    "unqueued: 503": App(
        "It answers 503 in the place of such a function.",
        (Direct(BUSY),),
        Outcome(
            text="",
            pieces=(),
            events=THRICE,
            requests=("config", "predict", "predict", "predict"),
            again=("predict", "predict", "predict"),
            error=errors.SpaceUnavailableError,
            says=BUSY_SAYS,
        ),
    ),
    "unqueued: silent": App(
        "Such a function does not answer. It may be at work, so it is not called again.",
        (Direct((Then.HANG,)),),
        Outcome(
            text="",
            pieces=(),
            events=(),
            requests=("config", "predict"),
            again=("predict", "config"),
            error=errors.StreamTimeoutError,
            says=SILENT_SAYS,
        ),
        patience=SHORT,
    ),
}

REFUSING = {**DESCRIPTION, **QUESTION}
