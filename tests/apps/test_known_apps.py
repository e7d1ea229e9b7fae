"""What a client asks an app that it knows, or that another client has read: step by step."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from spacechat import errors
from spacechat.apps.description import AppChangedError
from spacechat.apps.known import Apps, KnownApp, keeps_its_app
from spacechat.apps.memory import Memory, Name
from spacechat.apps.place import Place
from spacechat.hidden import digest
from spacechat.steps import Beside, Connect, Fetch, Response, Steps
from tests.scripts import run_script
from tests.servers.page import Page

T = TypeVar("T")
URL = "https://app.example"
PLACE = Place(URL, {})


def config(identity: object = 1, *, label: str = "Message", version: str = "5.50.0") -> bytes:
    page = Page()
    box = page.add("textbox", label)
    page.on(box, "submit", [box], [page.add("chatbot")], label)
    told = {**json.loads(page.config(version)), "app_id": identity}
    if identity is None:
        del told["app_id"]
    return json.dumps(told).encode()


def failure(status: int | None = None) -> errors.SpaceChatError:
    error = errors.SpaceUnavailableError("no")
    error.status = status
    return error


class World:
    """Answers the steps of scripts.

    `said` is what the app answers, by the end of an address; what isn't there is an error 404.
    `asked` are the requests since that was last looked at; those made beside another one are
    marked. `reader` is the digest of the credentials of connections.
    """

    def __init__(self, **said: Any) -> None:
        self.said: dict[str, Any] = {"config": config(), "app_id": b'{"app_id":1}', **said}
        self.reader = b""
        self.is_public = True
        self.connected: list[Connect] = []
        self._asked: list[str] = []
        self._beside: list[Beside[Any]] = []

    @property
    def asked(self) -> list[str]:
        asked, self._asked = self._asked, []
        return asked

    def run(self, steps: Steps[T], mark: str = "") -> T:
        return run_script(steps, lambda step: self.outcome(step, mark))

    def outcome(self, step: object, mark: str) -> object:
        if isinstance(step, Connect):
            self.connected.append(step)
            return self.reader
        if isinstance(step, Beside):
            self._beside.append(step)
            return None
        if not isinstance(step, Fetch) or step.runs:
            return self.other(step)
        self._asked.append(f"{mark}{step.request.url.removeprefix(URL)}")
        found = self.answer(step.request.url)
        self.run_beside()
        if isinstance(found, errors.SpaceChatError):
            raise found
        return Response(found, public=self.is_public)

    def other(self, step: object) -> object:
        """Return the outcome of a step that is none of an app that is opened."""
        raise AssertionError(step)

    def run_beside(self) -> None:
        """Run what is to be run beside a request."""
        waiting, self._beside = self._beside, []
        for each in waiting:
            each.end(self.run(each.steps, "beside "))

    def answer(self, url: str) -> Any:
        name = url.rpartition("/")[2].partition("?")[0]
        return self.said.get(name, failure(404))


CONFIG, ID = "/config", "/gradio_api/app_id"
INFO = "/gradio_api/info?all_endpoints=true"
NAMED = b'{"named_endpoints":{"/Message":{"parameters":[{"parameter_name":"text"}]}}}'


def opened(world: World, apps: Apps, place: Place = PLACE, **how: Any) -> tuple[KnownApp, bool]:
    return world.run(apps.open(place, **how))


def test_a_client_reads_a_description_once() -> None:
    world, apps = World(), Apps()
    known, was_known = opened(world, apps)
    assert (known.url, known.api, was_known) == (URL, f"{URL}/gradio_api", False)
    assert world.asked == [CONFIG]
    assert opened(world, apps) == (known, True)
    assert world.asked == []
    assert world.connected[-1] == Connect(URL, {})


def test_again() -> None:
    world, apps = World(), Apps()
    opened(world, apps)
    world.said["config"] = config(2)
    second, was_known = opened(world, apps, again=True)
    assert (second.app.identity, was_known, world.asked) == ("2", False, [CONFIG, CONFIG])
    assert opened(world, apps) == (second, True)


def test_users_of_an_app_are_apart() -> None:
    world, apps = World(login=b""), Apps()
    places = [
        PLACE,
        Place(URL, {"authorization": "Basic YTpi"}),
        Place(URL, {}, ("ada", "x")),
        Place(URL, {}, ("bob", "x")),
    ]
    found = [opened(world, apps, each)[0] for each in places]
    assert world.asked == [CONFIG, CONFIG, "/login", CONFIG, "/login", CONFIG]
    for place, known in zip(places, found, strict=True):
        assert opened(world, apps, place) == (known, True)
    for user, auth, index in (
        ("ada", None, 2),
        ("bob", ("bob", "x"), 3),
        ("a", None, 1),
        ("", None, 0),
    ):
        assert apps.logged_in(URL, user, auth) is found[index]
    assert apps.logged_in(URL, "ada", ("ada", "y")) is None
    assert apps.logged_in(URL, "eve") is None
    assert apps.logged_in("https://other.example", "ada") is None


def test_another_client_checks_what_is_remembered() -> None:
    world, memory = World(), Memory()
    opened(world, Apps(memory))
    assert world.asked == [CONFIG]
    apps = Apps(memory)
    known, was_known = opened(world, apps)
    assert (known.app.identity, was_known, world.asked) == ("1", True, [ID])
    assert opened(world, apps) == (known, True)
    assert world.asked == []


def test_clients_without_a_memory_share_nothing() -> None:
    world = World()
    for _ in range(2):
        opened(world, Apps())
    assert world.asked == [CONFIG, CONFIG]


def test_an_app_that_has_no_identity_is_not_remembered() -> None:
    """Nothing could tell that it was started again."""
    world, memory = World(config=config(None)), Memory()
    for _ in range(2):
        known, was_known = opened(world, Apps(memory))
        assert (known.app.identity, known.name, was_known) == ("", None, False)
    assert world.asked == [CONFIG, CONFIG]


def test_an_app_that_was_started_again() -> None:
    """From then on, its address is one at which the identity varies."""
    world, memory = World(), Memory()
    opened(world, Apps(memory))
    world.said.update(config=config(2), app_id=b'{"app_id":2}')
    apps = Apps(memory)
    known, was_known = opened(world, apps)
    assert (known.app.identity, was_known) == ("2", False)
    assert world.asked == [CONFIG, ID, CONFIG]
    assert memory.varies(URL)


def test_a_check_beside_the_next_request() -> None:
    world, memory = World(other=b""), Memory()
    opened(world, Apps(memory))
    apps = Apps(memory)
    known, was_known = opened(world, apps, beside=True)
    assert (was_known, world.asked) == (True, [CONFIG])
    world.run_beside()
    assert world.asked == [f"beside {ID}"]
    assert opened(world, apps, beside=True) == (known, True)
    world.run_beside()
    assert world.asked == []


def test_a_check_that_fails_beside_the_next_request() -> None:
    world, memory = World(), Memory()
    opened(world, Apps(memory))
    world.said["app_id"] = b'{"app_id":2}'
    apps = Apps(memory)
    opened(world, apps, beside=True)
    with pytest.raises(AppChangedError, match="was started again"):
        world.run_beside()
    assert memory.find(Name(URL, digest(b"", None, None))) is None
    # The check comes first from now on.
    world.said["config"] = config(2)
    opened(world, Apps(memory))
    assert world.asked == [CONFIG, f"beside {ID}", CONFIG]
    opened(world, Apps(memory), beside=True)
    assert world.asked == [ID]


@pytest.mark.parametrize("beside", [True, False])
def test_an_app_that_does_not_tell_its_identity(beside: bool) -> None:
    world, memory = World(), Memory()
    opened(world, Apps(memory))
    del world.said["app_id"]
    opened(world, Apps(memory), beside=beside)
    if beside:
        world.run_beside()
    mark = "beside " if beside else ""
    assert world.asked == [CONFIG, f"{mark}{ID}", f"{mark}{CONFIG}"]
    world.said["config"] = failure()
    apps = Apps(memory)
    with pytest.raises(errors.SpaceChatError) as caught:
        opened(world, apps, beside=beside)
        world.run_beside()
    told = "The app does not tell its identity."
    assert (str(caught.value) == told) is beside


@pytest.mark.parametrize("url", ["http://127.0.0.1:7860", "http://localhost:7860"])
def test_the_check_comes_first_where_one_app_comes_after_another(url: str) -> None:
    world, memory = World(), Memory()
    place = Place(url, {})
    opened(world, Apps(memory), place)
    opened(world, Apps(memory), place, beside=True)
    assert world.asked == [f"{url}{CONFIG}", f"{url}{ID}"]


@pytest.mark.parametrize(
    ("url", "keeps"),
    [
        ("https://app.example", True),
        ("https://a-b.hf.space/x", True),
        ("http://localhost", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:7860", False),
        ("http://8.8.8.8", False),
    ],
)
def test_what_keeps_its_app(url: str, keeps: bool) -> None:
    assert keeps_its_app(url) is keeps


def test_credentials_read_for_themselves() -> None:
    """What was given out for some credentials is not used with others."""
    world, memory = World(), Memory()
    opened(world, Apps(memory))
    world.reader = b"environment"
    opened(world, Apps(memory))
    assert world.asked == [CONFIG, CONFIG]
    opened(world, Apps(memory))
    opened(world, Apps(memory, b"user"))
    opened(world, Apps(memory, b"user"))
    assert world.asked == [ID, CONFIG, ID]


def test_a_description_that_is_none() -> None:
    """It may come from a file that is broken; then it is forgotten."""
    world, memory = World(), Memory()
    known, _ = opened(world, Apps(memory))
    assert known.name is not None
    description = memory.find(known.name)
    assert description is not None
    broken = type(description)(URL, None, b"{}")
    memory.keep(known.name, broken)
    assert opened(world, Apps(memory))[1] is False
    assert world.asked == [CONFIG, CONFIG]
    memory.keep(known.name, broken)
    world.said["config"] = failure(500)
    with pytest.raises(errors.SpaceUnavailableError):
        opened(world, Apps(memory))
    assert memory.find(known.name) is None


@pytest.mark.parametrize(
    ("identity", "label", "varied", "is_another"),
    [
        (1, "Message", False, False),
        (2, "Message", False, True),
        (2, "Message", True, False),
        (2, "Other", True, True),
    ],
)
def test_whether_it_is_another_app_by_now(
    identity: int, label: str, varied: bool, is_another: bool
) -> None:
    world, memory = World(), Memory()
    apps = Apps(memory)
    known, _ = opened(world, apps)
    if varied:
        memory.vary(URL)
    world.said["config"] = config(identity, label=label)
    read, found = world.run(apps.reopen(PLACE, known))
    assert (read.app.identity, found) == (str(identity), is_another)
    assert memory.varies(URL) is (varied or identity == 2)


def infos(world: World, apps: Apps, known: KnownApp) -> Mapping[int, str]:
    return world.run(apps.parameters(known))


def test_the_parameters_of_an_app() -> None:
    world, apps = World(info=NAMED), Apps()
    known, _ = opened(world, apps)
    for _ in range(2):
        assert infos(world, apps, known) == {1: "text"}
    assert world.asked == [CONFIG, INFO]


def test_an_info_that_is_read_with_a_description() -> None:
    world, apps = World(info=NAMED), Apps()
    known, _ = opened(world, apps, with_info=True)
    assert world.asked == [CONFIG, f"beside {INFO}"]
    assert infos(world, apps, known) == {1: "text"}
    assert world.asked == []


def test_an_info_of_another_start_is_read_anew() -> None:
    world, apps = World(info=NAMED), Apps()
    known, _ = opened(world, apps)
    infos(world, apps, known)
    known, _ = opened(world, apps, again=True)
    world.said["info"] = NAMED.replace(b'"text"', b'"other"')
    assert infos(world, apps, known) == {1: "other"}
    assert world.asked == [CONFIG, INFO, CONFIG, INFO]


@pytest.mark.parametrize("info", [NAMED, failure(404), failure(500)])
def test_an_info_is_remembered(info: Any) -> None:
    """Also that there is none; but a failure may be one of a moment."""
    world, memory = World(info=info), Memory()
    names = {1: "text"} if info is NAMED else {}
    apps = Apps(memory)
    known, _ = opened(world, apps)
    for _ in range(2):
        assert infos(world, apps, known) == names
    assert world.asked == [CONFIG, INFO]
    apps = Apps(memory)
    known, _ = opened(world, apps)
    assert infos(world, apps, known) == names
    is_known = getattr(info, "status", 404) == 404
    assert world.asked == ([ID] if is_known else [ID, INFO])


def test_an_info_is_not_remembered_with_the_description_of_another_start() -> None:
    world, memory = World(info=NAMED), Memory()
    apps = Apps(memory)
    known, _ = opened(world, apps)
    world.said.update(config=config(2), app_id=b'{"app_id":2}')
    opened(world, Apps(memory), again=True)
    infos(world, apps, known)
    assert world.asked == [CONFIG, CONFIG, INFO]
    apps = Apps(memory)
    infos(world, apps, opened(world, apps)[0])
    assert world.asked == [ID, INFO]


def test_an_info_is_not_remembered_with_what_others_have_read() -> None:
    world, memory = World(info=NAMED), Memory()
    apps = Apps(memory)
    known, _ = opened(world, apps)
    world.reader = b"environment"
    opened(world, Apps(memory))
    infos(world, apps, known)
    assert known.name is not None
    description = memory.find(known.name)
    assert description is not None
    assert (description.reader, description.info) == (b"environment", None)


def test_the_info_of_an_app_whose_description_is_forgotten() -> None:
    world, memory = World(info=NAMED), Memory()
    apps = Apps(memory)
    known, _ = opened(world, apps)
    memory.clear()
    assert infos(world, apps, known) == {1: "text"}
    opened(world, Apps(memory))
    assert world.asked == [CONFIG, INFO, CONFIG]


def test_the_info_of_an_app_without_an_identity() -> None:
    world, apps = World(config=config(None), info=NAMED), Apps(Memory())
    known, _ = opened(world, apps)
    assert infos(world, apps, known) == {1: "text"}


def test_what_is_remembered_of_an_app_is_that_it_says_more() -> None:
    world, apps = World(), Apps()
    known, _ = opened(world, apps)
    assert not apps.says_more(known)
    apps.remember_more(known)
    assert apps.says_more(known)


def test_who_gets_a_token() -> None:
    signing = config().replace(b'"Message"', b'"/login/huggingface"')
    world, apps = World(config=signing), Apps()
    known, _ = opened(world, apps)
    with pytest.raises(errors.AuthenticationError, match="only a browser can"):
        world.run(apps.token_takers(known))
    world.said["config"] = signing.replace(b"5.50.0", b"6.21.0")
    known, _ = opened(world, apps, again=True)
    assert world.run(apps.token_takers(known)) == {0}


def test_the_oldest_of_many_apps_is_forgotten() -> None:
    world, apps = World(), Apps()
    places = [Place(f"https://app{number}.example", {}) for number in range(257)]
    for place in places:
        opened(world, apps, place)
    assert opened(world, apps, places[1])[1]
    assert not opened(world, apps, places[0])[1]
    assert len(world.asked) == 258


def test_an_app_that_is_read_again_is_the_newest() -> None:
    world, apps = World(), Apps()
    places = [Place(f"https://app{number}.example", {}) for number in range(257)]
    for place in (*places[:256], places[0], places[256]):
        opened(world, apps, place, again=True)
    assert opened(world, apps, places[0])[1]
    assert not opened(world, apps, places[1])[1]


SPACE = "https://huggingface.co/spaces/owner/name"
USUAL = "https://owner-name.hf.space"
HOST = json.dumps({"host": USUAL}).encode()


@pytest.mark.parametrize(
    ("reader", "auth", "signs_in", "age", "is_used"),
    [
        (b"", None, False, 0, True),
        (b"", None, False, 24 * 3600 - 5, True),
        (b"", None, False, 24 * 3600, False),
        (b"", None, False, -5, False),
        (b"me", None, False, 595, True),
        (b"me", None, False, 600, False),
        (b"", ("ada", "x"), False, 595, True),
        (b"", ("ada", "x"), False, 600, False),
        (b"", None, True, 595, True),
        (b"", None, True, 600, False),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_how_long_the_address_of_a_space_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
    is_new: bool,
    reader: bytes,
    auth: tuple[str, str] | None,
    signs_in: bool,
    age: float,
    is_used: bool,
) -> None:
    """Credentials go there for a short time only, unless this client was told it by the Hub."""
    now = 1e9
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    world = World(host=HOST, login=b"")
    world.reader = reader
    memory, place = Memory(), Place(SPACE, {}, auth)
    first = Apps(memory)
    opened(world, first, place)
    again = Apps(memory)
    opened(world, again, place, signs_in=signs_in)
    assert len(world.asked) < 10
    now += age
    opened(world, Apps(memory) if is_new else again, place, signs_in=signs_in)
    asks_hub = any("/api/spaces/owner/name/host" in each for each in world.asked)
    assert asks_hub is not is_used
    opened(world, first, place, signs_in=signs_in)
    assert world.asked == []


def test_an_address_that_is_too_old_is_no_longer_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing goes there as to an app that the user has logged in to."""
    now = 1e9
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    world, memory = World(host=HOST, login=b""), Memory()
    place = Place(SPACE, {}, ("ada", "x"))
    opened(world, Apps(memory), place)
    apps = Apps(memory)
    known, was_known = opened(world, apps, place)
    assert was_known
    assert apps.logged_in(USUAL, "ada") is known
    now += 600
    world.said["host"] = failure(500)
    with pytest.raises(errors.SpaceUnavailableError):
        opened(world, apps, place)
    assert apps.logged_in(USUAL, "ada") is None


def test_the_apps_that_were_used_last_are_remembered() -> None:
    apps, app = Apps(), opened(World(), Apps())[0].app

    def known(number: int) -> KnownApp:
        return KnownApp(f"https://app{number}.example", {}, app)

    for number in (*range(256), 0, 256):
        apps.remember_more(known(number))
    assert [apps.says_more(known(number)) for number in (0, 1, 2, 256)] == [True, False, True, True]
