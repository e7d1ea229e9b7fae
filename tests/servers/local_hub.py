"""A Hugging Face Hub on this machine: any number of Spaces, found as the real one finds them.

It answers what `huggingface_hub` asks for that: `HfApi.search_spaces`, `list_spaces`, `space_info`
and `get_space_runtime`, in the words of the public Hub; and what spacechat asks besides, where a
Space's app is. A Space's server starts when somebody asks for its host.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import Answer, Part, Received, ReplayServer, Then, chunk, response
from tests.servers.hub import APP, MISSING

CHAT = response(json.dumps(APP).encode())
CALCULATOR = response(
    json.dumps(
        {
            **APP,
            "components": [
                {"id": 1, "type": "number", "props": {"label": "One"}},
                {"id": 2, "type": "number", "props": {"label": "Sum"}},
            ],
        }
    ).encode()
)
SIGN_IN = [
    {"id": 3, "type": "loginbutton", "props": {"value": "Sign in", "link": "/login/huggingface"}}
]
CHAT_WITH_SIGN_IN = response(
    json.dumps({**APP, "components": [*APP["components"], *SIGN_IN]}).encode()  # type: ignore[misc]
)
PASSWORD = response(b'{"detail":"Not authenticated"}', "401 Unauthorized")
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


def app(config: bytes = CHAT, *, queue: int | bytes | None = 0) -> Answer:
    """An app that says this of itself, and has so many in its queue."""
    status = queue
    if not isinstance(queue, bytes):
        said = {"msg": "estimation", "rank": None, "queue_size": queue, "rank_eta": None}
        status = MISSING if queue is None else response(json.dumps(said).encode())

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [config]
        if request.path == "/gradio_api/queue/status":
            assert isinstance(status, bytes)
            return [status]
        return [MISSING]

    return answer


def endless(piece: bytes = b" " * 65536) -> Iterator[Part]:
    """A response whose body has no end."""
    yield HEAD
    yield chunk(b"[")
    while True:
        yield chunk(piece)


def dripping(stopping: threading.Event) -> Iterator[Part]:
    """A response whose body comes byte by byte, and so slowly that it has no end."""
    yield HEAD
    while not stopping.wait(0.05):
        yield chunk(b" ")


@dataclass
class HubSpace:
    """A Space on the Hub.

    Attributes:
        id: Its id.
        answer: What its app answers, or the app's address.
        likes: How many like it.
        stage: Its state.
        title: Its title.
        hardware: What it runs on.
        private: Whether it is private.
        sdk: What it is made with.
        more: What else the Hub says of it, or says in the place of the above.
    """

    id: str
    answer: Answer | str
    likes: int = 0
    stage: str = "RUNNING"
    title: str = ""
    hardware: str = "cpu-basic"
    private: bool = False
    sdk: str = "gradio"
    more: dict[str, Any] | None = None

    @property
    def runtime(self) -> dict[str, Any]:
        runs = self.stage.startswith("RUNNING")
        return {
            "stage": self.stage,
            "hardware": {"current": self.hardware if runs else None, "requested": self.hardware},
            "gcTimeout": 172800,
            "replicas": {"current": 1 if runs else None, "requested": "auto"},
            "devMode": False,
        }

    @property
    def entry(self) -> dict[str, Any]:
        """All that the Hub says of it."""
        return {
            "_id": "67e454cdd4f34388bcd19c38",
            "id": self.id,
            "author": self.id.partition("/")[0],
            "title": self.title,
            "emoji": "🗨",
            "cardData": {"title": self.title, "sdk": self.sdk},
            "sdk": self.sdk,
            "likes": self.likes,
            "trendingScore": 0,
            "private": self.private,
            "disabled": False,
            "tags": [self.sdk, "region:us"],
            "runtime": self.runtime,
            "subdomain": self.id.replace("/", "-").lower(),
            "lastModified": "2026-02-06T12:47:43.000Z",
            "createdAt": "2025-03-26T19:26:05.000Z",
            "ai_short_description": "Talk to it.",
            "ai_category": "Text Generation",
            "semanticRelevancyScore": 0.5,
            **(self.more or {}),
        }


_MEANT = (
    *("id", "author", "title", "emoji", "sdk", "likes", "private", "tags", "runtime"),
    *("ai_short_description", "ai_category", "semanticRelevancyScore", "trendingScore"),
)
"""What the search by meaning says of a Space."""

_USUAL = (
    *("_id", "id", "author", "likes", "private", "sdk", "tags", "createdAt", "lastModified"),
    "trendingScore",
)
"""What the list of Spaces says of each, if nothing else is asked for."""


class LocalHub(ReplayServer):
    """A Hub with some Spaces.

    Args:
        spaces: The Spaces, the best matches first.
        default: The address of the app of a Space that is not among them, or None.
        token: The token of a user who may see private Spaces.

    Attributes:
        spaces: The Spaces by their ids.
        faults: What a path is answered instead.
        has_meaning: Whether it searches by meaning.
        apps: The servers of Spaces whose hosts were asked for.
    """

    def __init__(
        self,
        spaces: Iterable[HubSpace] = (),
        *,
        default: str | None = None,
        token: str = "hf_owner",
    ) -> None:
        super().__init__(self._tell)
        self.spaces = {each.id: each for each in spaces}
        self.faults: dict[str, Callable[[Received], Iterable[Part]]] = {}
        self.has_meaning = True
        self.apps: dict[str, ReplayServer] = {}
        self._default = default
        self._token = token
        self._starting = threading.Lock()
        self._running = contextlib.ExitStack()

    def __exit__(self, *exc: Any) -> None:
        super().__exit__(*exc)
        self._running.close()

    @property
    def asked(self) -> int:
        """Requests that it and its Spaces have had."""
        return len(self.requests) + sum(len(each.requests) for each in self.apps.values())

    def _tell(self, request: Received) -> Iterable[Part]:
        if request.path in self.faults:
            return self.faults[request.path](request)
        query = parse_qs(urlsplit(request.target).query)
        seen = [each for each in self.spaces.values() if self._may_see(request, each)]
        if request.path == "/api/spaces/semantic-search":
            return [_json(self._by_meaning(seen, query)) if self.has_meaning else MISSING]
        if request.path == "/api/spaces":
            return [_json(_listed(seen, query))]
        name, _, what = request.path.removeprefix("/api/spaces/").rpartition("/")
        return [self._of_one({each.id: each for each in seen}, name, what)]

    def _may_see(self, request: Received, space: HubSpace) -> bool:
        return not space.private or request.header("authorization") == f"Bearer {self._token}"

    def _by_meaning(self, seen: list[HubSpace], query: dict[str, list[str]]) -> list[Any]:
        every = query.get("includeNonRunning") == ["true"]
        fitting = (
            each
            for each in seen
            if each.sdk in query.get("sdk", [each.sdk]) and (every or each.stage == "RUNNING")
        )
        return [{name: each.entry[name] for name in _MEANT} for each in fitting]

    def _of_one(self, seen: dict[str, HubSpace], name: str, what: str) -> bytes:
        space = seen.get(name)
        if space is None and self._default is None:
            space = seen.get(f"{name}/{what}")
            return MISSING if space is None else _json({**space.entry, "siblings": []})
        if what == "host":
            return _json({"host": self._default if space is None else self.host(space)})
        if what == "runtime":
            return _json({"stage": "RUNNING"} if space is None else space.runtime)
        return MISSING

    def host(self, space: HubSpace) -> str:
        """The address of a Space's app, which runs from now on."""
        if isinstance(space.answer, str):
            return space.answer
        with self._starting:
            if space.id not in self.apps:
                server = ReplayServer(space.answer)
                self.apps[space.id] = self._running.enter_context(server)
            return self.apps[space.id].url


def _json(value: object) -> bytes:
    return response(json.dumps(value).encode())


def _listed(seen: list[HubSpace], query: dict[str, list[str]]) -> list[Any]:
    """What the list of Spaces says: those whose ids hold the words."""
    words = query.get("search", [""])[0].lower().split()
    fitting = [
        each
        for each in seen
        if all(word in each.id.lower() for word in words)
        and set(query.get("filter", [])) <= set(each.entry["tags"])
    ]
    if query.get("sort") == ["likes"]:
        fitting.sort(key=lambda each: -each.likes)
    names = ["_id", "id", *query.get("expand", _USUAL)]
    limit = int(query.get("limit", ["1000"])[0])
    return [
        {name: each.entry[name] for name in names if name in each.entry}
        for each in itertools.islice(fitting, limit)
    ]


def hostile(elsewhere: str, stopping: threading.Event) -> dict[str, Answer]:
    """Apps that mean harm, by what they do.

    Args:
        elsewhere: An address to which nobody must be led.
        stopping: Set when slow ones should end.
    """

    def config(said: bytes) -> Answer:
        return lambda request: [response(said)] if request.path == "/config" else [MISSING]

    leads_away = response(b"", "302 Found", location=f"{elsewhere}/config")
    other_prefix = {**APP, "api_prefix": f"@{urlsplit(elsewhere).netloc}"}
    return {
        "endless": lambda _: endless(),
        "endless-json": lambda _: endless(b'{"components":[],'),
        "silent": lambda _: [Then.HANG],
        "dripping": lambda _: dripping(stopping),
        "head-only": lambda _: [HEAD, Then.HANG],
        "garbage": config(b"\xff\xfe" * 1000),
        "nested": config(b"[" * 200_000),
        "html": lambda _: [response(b"<h1>Hello</h1>", kind="text/html")],
        "wrong-types": config(b'{"version":5,"components":"x","dependencies":{}}'),
        "many": config(b'{"version":"5.0","components":[' + b"{}," * 300_000 + b"{}]}"),
        "redirect": lambda _: [leads_away],
        "prefix": config(json.dumps(other_prefix).encode()),
        "reset": lambda _: [Then.RESET],
        "no-http": lambda _: [b"SSH-2.0-OpenSSH\r\n", Then.CLOSE],
        "away": lambda _: [response(b"<h1>Not here</h1>", "503 Service Unavailable", "text/html")],
        "failing": lambda _: [response(b"Internal Server Error", "500 Internal Server Error")],
        "queue-endless": lambda request: (
            [CHAT] if request.path == "/config" else endless(b"1" * 4096)
        ),
        "queue-silent": lambda request: [CHAT] if request.path == "/config" else [Then.HANG],
        "queue-garbage": app(queue=response(b'{"queue_size":"many"}')),
        "queue-negative": app(queue=-5),
    }


def crowd(elsewhere: str, stopping: threading.Event, count: int = 200) -> list[HubSpace]:
    """Two hundred Spaces, as a search might find them: most of them of no use.

    Args:
        elsewhere: As for `hostile`.
        stopping: As for `hostile`.
        count: How many there are.
    """
    made: list[HubSpace] = []
    harm = itertools.cycle(hostile(elsewhere, stopping).items())
    for number in range(count):
        likes = (number * 7919) % 1000
        name = f"qwen-chat-{number:03}"
        kind = number % 10
        if kind in (0, 1, 2):
            queue = (0, None, 1, 5, 40)[number // 10 % 5]
            made.append(HubSpace(f"good/{name}", app(queue=queue), likes))
        elif kind == 3:
            made.append(HubSpace(f"plain/{name}", app(CALCULATOR), likes))
        elif kind == 4:
            config = CHAT_WITH_SIGN_IN if number % 20 == 4 else PASSWORD
            made.append(HubSpace(f"login/{name}", app(config), likes))
        elif kind in (5, 6):
            what, answer = next(harm)
            made.append(HubSpace(f"harm/{name}-{what}", answer, likes))
        elif kind == 7:
            stage = ("SLEEPING", "STOPPED", "PAUSED")[number % 3]
            made.append(HubSpace(f"asleep/{name}", app(), likes, stage))
        elif kind == 8:
            stage = ("BUILDING", "RUNTIME_ERROR", "BUILD_ERROR", "APP_STARTING")[number % 4]
            made.append(HubSpace(f"broken/{name}", app(), likes, stage))
        else:
            made.append(HubSpace(f"secret/{name}", app(), likes, private=True))
    return made
