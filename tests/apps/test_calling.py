"""One call of a function, step by step: what is asked first, what is sent, what the caller gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from spacechat import errors
from spacechat.apps.arguments import OpenArguments
from spacechat.apps.call import Call, SessionPage, call_function, describe_app
from spacechat.apps.known import Apps
from spacechat.apps.place import Place
from spacechat.events import File, Retrying
from spacechat.protocol import Budget, Outputs, ReadValues
from spacechat.settings import Limits
from spacechat.steps import Fetch, Generate, KeepPageOpen, Response, Show, TakeTurn, Tell
from tests.apps.test_known_apps import CONFIG, INFO, PLACE, URL, World
from tests.servers.page import Page

Does = Callable[..., Any]


class Called(World):
    """Also has functions called; `sent` are their bodies, `others` the steps of other kinds."""

    def __init__(self, config: bytes, does: Does, **said: Any) -> None:
        super().__init__(config=config, **said)
        self.does = does
        self.sent: list[Any] = []
        self.signed: list[bool] = []
        self.reads: list[ReadValues] = []
        self.others: list[object] = []
        self.is_queued = False

    def other(self, step: object) -> object:
        if isinstance(step, Generate):
            assert isinstance(step.reads, ReadValues)
            self.is_queued = True
            self.reads.append(step.reads)
            return Outputs(self.call(step.join))
        if isinstance(step, Fetch):
            self.is_queued = False
            return Response(json.dumps({"data": self.call(step.request)}).encode())
        self.others.append(step)
        return None

    def call(self, request: Any) -> list[Any]:
        self.sent.append(request.body)
        self.signed.append(request.sign_in)
        found: list[Any] = self.does(*request.body["data"])
        return found

    def ask(self, call: Call) -> Any:
        values = self.run(call_function(call, Budget()))
        return values[0] if len(values) == 1 else values


def arguments(*given: object, **named: object) -> OpenArguments:
    return OpenArguments(given, named)


def config(
    outputs: tuple[str, ...] = ("number",),
    inputs: tuple[str, ...] = ("number",),
    *,
    function: dict[str, Any] | None = None,
    **more: Any,
) -> bytes:
    """Return the description of an app with a function `/f`."""
    page = Page()
    given = [page.add(each, f"Input {n}") for n, each in enumerate(inputs)]
    shown = [page.add(each, f"Output {n}") for n, each in enumerate(outputs)]
    page.on(page.add("button", "Go"), "click", given, shown, "f", **(function or {}))
    return json.dumps({**json.loads(page.config()), **more}).encode()


def one(world: Called, *given: object, session: SessionPage | None = None, **how: Any) -> Any:
    call = Call([PLACE], how.pop("apps", Apps()), "/f", arguments(*given), session=session, **how)
    return world.ask(call)


def test_a_call() -> None:
    world = Called(config(), lambda number: [number + 1])
    assert one(world, 2) == 3
    assert world.asked == [CONFIG, f"beside {INFO}"]
    (sent,) = world.sent
    assert (sent["fn_index"], sent["data"], sent["trigger_id"]) == (0, [2], None)
    assert (world.is_queued, world.signed, world.others) == (True, [False], [])


def test_a_call_at_once_shows_what_it_gives() -> None:
    world = Called(config(function={"queue": False}), lambda number: [number + 1])
    assert one(world, 2) == 3
    (shown,) = world.others
    assert isinstance(shown, Show)
    assert (world.is_queued, list(shown.value)) == (False, [3])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("version", "kind", "is_queued"),
    [
        ("5.50.0", "json", True),
        ("5.50.0", "number", False),
        ("4.44.1", "json", False),
        ("6.0.0", "json", False),
    ],
)
def test_what_would_be_garbled_goes_through_the_queue(
    version: str, kind: str, is_queued: bool
) -> None:
    said = config((kind,), function={"queue": False}, version=version)
    world = Called(said, lambda _: [{"a": 1}])
    one(world, 2)
    assert world.is_queued is is_queued


@pytest.mark.parametrize(
    ("outputs", "returned", "expected"),
    [
        ((), [], ()),
        (("number", "state", "textbox"), [1, 2, "x"], (1, "x")),
        (("number", "number"), [1], 1),
        (("number",), [1, 2], 1),
        (("number",), [{"a": 1}], {"a": 1}),
        (("number",), [{"__type__": "other", "value": 1}], {"__type__": "other", "value": 1}),
        (("number",), [{"__type__": "update", "value": 1}], 1),
        (("number",), [{"__type__": "update", "value": None}], None),
        (("number",), [{"__type__": "update", "label": "x"}], {"label": "x"}),
        (("number",), [{"__type__": "update"}], None),
    ],
)
def test_what_a_caller_gets(outputs: tuple[str, ...], returned: list[Any], expected: Any) -> None:
    """No states; of an update, what it sets."""
    world = Called(config(outputs), lambda _: returned)
    assert one(world, 2) == expected


def test_what_a_caller_gets_is_their_own() -> None:
    returned: list[Any] = [[1, [2]]]
    world = Called(config(), lambda _: returned)
    value = one(world, 2)
    value[1].append(3)
    assert returned == [[1, [2]]]


def test_a_file() -> None:
    data = {"path": "/tmp/a.txt", "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
    found = one(Called(config(("file",)), lambda _: [data]), 2)
    assert isinstance(found, File)
    assert (found.name, found.url) == ("a.txt", f"{URL}/gradio_api/file=/tmp/a.txt")


@pytest.mark.parametrize(
    ("protocol", "is_whole"),
    [("sse", True), ("sse_v1", True), ("sse_v2", False), ("sse_v3", False)],
)
def test_how_values_come(protocol: str, is_whole: bool) -> None:
    world = Called(config(("state", "number"), protocol=protocol), lambda _: [1, 2])
    one(world, 2)
    (reads,) = world.reads
    assert (reads.shown, reads.only_snapshots) == ([1], is_whole)


def with_timeout(name: str) -> bytes:
    said = json.loads(config())
    said["components"][0]["props"]["label"] = name
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    ("name", "is_limited", "is_called"),
    [("timeout", True, False), ("timeout", False, True), ("other", True, True)],
)
def test_a_limit_that_may_be_meant_for_the_function(
    name: str, is_limited: bool, is_called: bool
) -> None:
    world = Called(with_timeout(name), lambda _: [1])
    if is_called:
        how: dict[str, Any] = {"is_limited": True} if is_limited else {}
        assert one(world, 2, **how) == 1
    else:
        with pytest.raises(errors.InputsError) as caught:
            one(world, 2, is_limited=is_limited)
        assert str(caught.value) == (
            "/f has a parameter 'timeout', and timeout= limits the wait for it. Give the parameter "
            "by position, or in Arguments(timeout=...): /f(timeout: float) -> float."
        )
    assert bool(world.sent) is is_called


def taking_token() -> dict[str, Any]:
    said = {"named_endpoints": {"/f": {"oauth_token": "required"}}}
    return {"info": json.dumps(said).encode()}


@pytest.mark.parametrize(
    ("signs_in", "takes", "gets"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_who_gets_a_token(signs_in: bool, takes: bool, gets: bool) -> None:
    world = Called(config(version="6.21.0"), lambda _: [1], **(taking_token() if takes else {}))
    one(world, 2, signs_in=signs_in)
    assert world.signed == [gets]


def test_a_function_that_wants_a_signed_in_user() -> None:
    def refuses(_: object) -> Any:
        raise errors.GenerationError("This requires a logged in user.")

    world = Called(config(version="6.21.0"), refuses)
    with pytest.raises(errors.AuthenticationError, match="Ask with sign_in=True"):
        one(world, 2)
    with pytest.raises(errors.AuthenticationError, match="wants to know who has signed in"):
        one(world, 2, signs_in=True)


def test_what_has_no_json_form_is_not_sent() -> None:
    world = Called(config(inputs=("json",)), lambda _: [1])
    with pytest.raises(errors.InputsError):
        one(world, {"a": object()})
    assert world.sent == []


def test_what_is_too_large_is_not_sent() -> None:
    world = Called(config(inputs=("json",)), lambda _: [1])
    call = Call([PLACE], Apps(), "/f", arguments(["x" * 100_000]))
    with pytest.raises(errors.ProtocolError, match="would send more than"):
        world.run(call_function(call, Budget(Limits(message=1000, answer=1000))))
    assert world.sent == []


def states() -> Called:
    """Return an app whose function returns a state, which the server keeps, and a text."""
    said = config(("state", "textbox"), ("textbox",), connect_heartbeat=True)
    return Called(said, lambda text: [None, text])


def test_calls_of_a_session() -> None:
    """They are made one after another on a page that stays open, until it has been closed."""
    world, apps, session = states(), Apps(), SessionPage()
    for text in ("a", "b"):
        assert one(world, text, session=session, apps=apps) == text
    assert session.page is not None
    hash_ = session.page.session.hash
    assert [each["session_hash"] for each in world.sent] == [hash_, hash_]
    first, kept, *_ = world.others
    assert isinstance(first, TakeTurn)
    assert isinstance(kept, KeepPageOpen)
    assert kept.url == f"{URL}/gradio_api/heartbeat/{hash_}"
    assert len(world.others) == 4
    kept.on_closed()
    one(world, "c", session=session, apps=apps)
    assert world.sent[-1]["session_hash"] == session.page.session.hash != hash_


def test_what_a_function_changes_on_the_page_of_a_session() -> None:
    """The next call goes by the choices that it has set."""
    said = config(("radio",), ("radio",))
    world = Called(said, lambda _: [{"__type__": "update", "choices": ["new"], "value": "x"}])
    apps, session = Apps(), SessionPage()
    assert one(world, "old", session=session, apps=apps) == "x"
    assert session.page is not None
    assert session.page.app.components[2].choices == ["new"]
    alone = SessionPage()
    one(world, "old", session=alone, apps=apps)
    assert alone.page is not session.page


def test_calls_without_a_session() -> None:
    """Each has a page of its own, which nobody keeps open."""
    world, apps = states(), Apps()
    for text in ("a", "b"):
        one(world, text, apps=apps)
    assert world.others == []
    first, second = (each["session_hash"] for each in world.sent)
    assert first != second


def test_an_app_that_expects_no_heartbeat() -> None:
    world = Called(config(), lambda _: [1])
    one(world, 2, session=SessionPage())
    assert [type(each) for each in world.others] == [TakeTurn]


PLACES = [Place(f"https://app{number}.example", {}) for number in range(3)]


class Several(Called):
    """Several apps, some of which don't answer."""

    gone: frozenset[str] = frozenset()

    def answer(self, url: str) -> Any:
        host = urlsplit(url).netloc
        is_gone = f"https://{host}" in self.gone
        return errors.SpaceUnavailableError(f"no {host}") if is_gone else super().answer(url)


def test_the_first_of_several_that_answers() -> None:
    world = Several(config(), lambda _: [1])
    world.gone = frozenset({PLACES[0].url, PLACES[1].url})
    session = SessionPage()
    call = Call(PLACES, Apps(), "/f", arguments(2), session=session)
    assert world.ask(call) == 1
    told = [each.event for each in world.others if isinstance(each, Tell)]
    assert [
        (each.model, each.attempt, each.delay) for each in told if isinstance(each, Retrying)
    ] == [
        (PLACES[1].url, 0, 0.0),
        (PLACES[2].url, 0, 0.0),
    ]
    assert session.place is PLACES[2]
    # The session stays with it.
    world.gone = frozenset()
    world.others.clear()
    assert world.ask(call) == 1
    assert [type(each) for each in world.others] == [TakeTurn]
    assert world.connected[-1].url == PLACES[2].url


def test_none_of_several_answers() -> None:
    world = Several(config(), lambda _: [1])
    world.gone = frozenset(each.url for each in PLACES)
    with pytest.raises(errors.SpaceUnavailableError, match="no app0"):
        world.ask(Call(PLACES[:1], Apps(), "/f", arguments(2)))
    with pytest.raises(errors.SpaceUnavailableError, match=r"no app0.*no app1.*no app2"):
        world.ask(Call(PLACES, Apps(), "/f", arguments(2)))
    reasons = [each.event.reason for each in world.others if isinstance(each, Tell)]  # type: ignore[union-attr]
    assert reasons == ["no app0.example", "no app1.example"]
    assert world.sent == []


def test_an_app_and_its_endpoints() -> None:
    world = Called(config(), list)
    known, (only,) = world.run(describe_app(PLACE, Apps()))
    assert (known.url, only.key) == (URL, "/f")
    assert world.asked == [CONFIG, f"beside {INFO}"]
