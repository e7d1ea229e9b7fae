"""What the Hub is asked, and what its answers and refusals mean: step by step."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest

from spacechat import errors
from spacechat.apps import hub
from spacechat.apps.hub import find_host, is_hub_page, space_id, space_url, wait_until_running
from spacechat.apps.hub_search import ListedSpace, search_hub
from spacechat.steps import Connect, Fetch, Pause, Response, Steps, Tell
from tests.scripts import run_script

T = TypeVar("T")
PUBLIC = "https://huggingface.co"


@pytest.fixture(autouse=True)
def public_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)


def failure(
    status: int | None,
    kind: type[errors.SpaceChatError] = errors.SpaceUnavailableError,
    **more: Any,
) -> errors.SpaceChatError:
    error = kind("no", **more)
    error.status = status
    return error


class AHub:
    """Gives answers, the last of them again and again. `steps` are the steps taken."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.steps: list[Any] = []

    def run(self, steps: Steps[T]) -> T:
        return run_script(steps, self.outcome)

    def outcome(self, step: object) -> object:
        self.steps.append(step)
        assert len(self.steps) < 1000, "the Hub is asked for ever"
        if not isinstance(step, Fetch):
            return None
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, errors.SpaceChatError):
            raise answer
        return Response(answer if isinstance(answer, bytes) else said(answer))

    @property
    def asked(self) -> list[str]:
        return [each.request.url for each in self.steps if isinstance(each, Fetch)]

    @property
    def connected(self) -> list[str]:
        return [each.url for each in self.steps if isinstance(each, Connect)]


def said(answer: object) -> bytes:
    return json.dumps(answer).encode()


def stage(name: str) -> dict[str, str]:
    return {"stage": name}


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("owner/name", "owner/name"),
        ("o-w/n.a_m-e", "o-w/n.a_m-e"),
        ("owner/name/", None),
        ("own.er/name", None),
        ("localhost/name", None),
        ("spaces/owner/name", "owner/name"),
        ("hf://spaces/owner/name", "owner/name"),
        ("huggingface.co/spaces/owner/name", "owner/name"),
        ("HTTPS://HuggingFace.co/spaces/owner/name/tree/main", "owner/name"),
        ("http://www.huggingface.co/spaces/owner/name?x", "owner/name"),
        ("hf.co/spaces/owner/name", "owner/name"),
        ("example.org/spaces/owner/name", None),
        ("https://huggingface.co/spaces/owner", None),
        ("https://huggingface.co/owner/name", None),
    ],
)
def test_the_id_of_a_space(name: str, id_: str | None) -> None:
    assert space_id(name) == id_


def test_the_address_of_another_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://me:secret@hub.example/")
    assert space_id("https://hub.example/spaces/owner/name") == "owner/name"
    assert space_id("hub.example/spaces/owner/name") == "owner/name"
    assert space_url("a/b") == "https://hub.example/spaces/a/b"
    connect = hub.connect_to_hub()
    assert (connect.url, list(connect.headers)) == ("https://hub.example", ["authorization"])
    monkeypatch.setenv("HF_ENDPOINT", "no address")
    with pytest.raises(errors.SpaceUnavailableError, match=r"^HF_ENDPOINT is 'no address', which"):
        hub.connect_to_hub()


@pytest.mark.parametrize(
    ("url", "is_page"),
    [(PUBLIC, True), ("https://hf.co/x", True), ("https://a-b.hf.space", False)],
)
def test_a_page_of_the_hub(url: str, is_page: bool) -> None:
    assert is_hub_page(url) is is_page


@pytest.mark.parametrize(
    ("space", "address"),
    [
        ("Owner.x/a_Name", "https://owner-x-a-name.hf.space"),
        (f"owner/{'x' * 57}", f"https://owner-{'x' * 57}.hf.space"),
        (f"owner/{'x' * 58}", None),
        ("-owner/name", None),
        ("owner/name-", None),
    ],
)
def test_the_usual_address(
    space: str, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.usual_address(space) == address
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    assert hub.usual_address(space) is None


def test_the_host_of_a_space() -> None:
    a_hub = AHub({"host": "https://a-b.hf.space/"})
    assert a_hub.run(find_host("a/b")) == "https://a-b.hf.space"
    assert (a_hub.connected, a_hub.asked) == ([PUBLIC], [f"{PUBLIC}/api/spaces/a/b/host"])


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (failure(404), errors.ModelNotFoundError, f"There is no Space a/b on {PUBLIC}: check its"),
        (failure(500), errors.SpaceUnavailableError, "no"),
        (
            failure(401, errors.AuthenticationError),
            errors.AuthenticationError,
            "The Space a/b is private, gated or not there, or the token is wrong: set token=",
        ),
        ({"host": "ftp://x"}, errors.ProtocolError, f"{PUBLIC} gave 'ftp://x' as the address of"),
        ([], errors.ProtocolError, f"{PUBLIC} does not answer as the Hugging Face Hub does"),
    ],
)
def test_no_host(answer: Any, kind: type[errors.SpaceChatError], says: str) -> None:
    with pytest.raises(errors.SpaceChatError) as caught:
        AHub(answer).run(find_host("a/b"))
    assert type(caught.value) is kind
    assert str(caught.value).startswith(says)


def waited(a_hub: AHub, error: errors.SpaceChatError, **how: Any) -> tuple[list[str], float]:
    """Wait for a Space; return what was told, and the seconds waited."""
    try:
        a_hub.run(wait_until_running("a/b", error, **how))
    finally:
        told = [each.event.text for each in a_hub.steps if isinstance(each, Tell)]  # type: ignore[union-attr]
        a_hub.steps = [each for each in a_hub.steps if not isinstance(each, Tell)]
    assert told == [each for each in told if isinstance(each, str)]
    return told, sum(each.seconds for each in a_hub.steps if isinstance(each, Pause))


ERROR = failure(503)


def test_a_space_that_wakes() -> None:
    """Each state is told once; a look that fails changes nothing."""
    names = ["SLEEPING", "SLEEPING", "BUILDING", "APP_STARTING"]
    a_hub = AHub(*map(stage, names), failure(500), stage("RUNNING"))
    assert waited(a_hub, ERROR) == (
        [
            "The Space a/b is asleep and is being woken.",
            "The Space a/b is being built.",
            "The Space a/b is starting.",
        ],
        5 * hub.POLLING,
    )
    assert a_hub.asked == [f"{PUBLIC}/api/spaces/a/b/runtime"] * 6
    assert a_hub.connected == [PUBLIC] * 6


@pytest.mark.parametrize("answer", [stage("RUNNING"), stage("DREAMING"), failure(500), b"no"])
def test_the_hub_knows_no_reason(answer: Any) -> None:
    a_hub = AHub(answer)
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        waited(a_hub, ERROR)
    assert caught.value is ERROR
    assert len(a_hub.asked) == 1


@pytest.mark.parametrize("before", [[], ["SLEEPING"]])
def test_a_space_that_is_broken(before: list[str]) -> None:
    a_hub = AHub(*map(stage, [*before, "PAUSED"]))
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        waited(a_hub, ERROR)
    assert str(caught.value) == (
        "The Space a/b is paused by its owner: it comes back only when they start it. Ask another "
        "model."
    )
    assert caught.value.__cause__ is ERROR


@pytest.mark.parametrize(("status", "told"), [(502, 502), (None, 503)])
@pytest.mark.parametrize(
    ("patience", "looks"), [(0.0, 1), (1.0, 2), (3.0, 2), (9.0, 4), (600.0, 201)]
)
def test_a_space_that_takes_too_long(
    patience: float, looks: int, status: int | None, told: int
) -> None:
    """Where nobody waits, it may be asked again; a wait in vain is not repeated."""
    a_hub = AHub(stage("SLEEPING"))
    with pytest.raises(errors.SpaceUnavailableError) as caught:
        waited(a_hub, failure(status), patience=patience)
    assert str(caught.value) == (
        "The Space a/b is asleep and is being woken: ask again in a few minutes."
    )
    assert (caught.value.temporary, caught.value.status) == (patience == 0, told)
    assert len(a_hub.asked) == looks


def test_the_longest_wait() -> None:
    a_hub = AHub(stage("SLEEPING"))
    with pytest.raises(errors.SpaceUnavailableError):
        waited(a_hub, ERROR)
    assert sum(each.seconds for each in a_hub.steps if isinstance(each, Pause)) == hub.WAKING


def test_the_time_that_is_over_ends_the_wait() -> None:
    with pytest.raises(errors.StreamTimeoutError):
        waited(AHub(errors.StreamTimeoutError("over")), ERROR)


def found(*answers: Any, any_state: bool = False) -> list[ListedSpace]:
    return AHub(*answers).run(search_hub("qwen chat", any_state=any_state))


def query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


@pytest.mark.parametrize("any_state", [True, False])
def test_the_search(any_state: bool) -> None:
    """By meaning; Spaces of which no state is said run, unless others are asked for."""
    a_hub = AHub([{"id": "a/b"}, {"id": "c/d", "runtime": {"stage": "PAUSED"}}])
    listed = a_hub.run(search_hub("qwen chat", any_state=any_state))
    assert [(each.id, each.stage) for each in listed] == [
        ("a/b", "" if any_state else "RUNNING"),
        ("c/d", "PAUSED"),
    ]
    (url,) = a_hub.asked
    assert url.startswith(f"{PUBLIC}/api/spaces/semantic-search?")
    more = [("includeNonRunning", "true")] if any_state else []
    assert query(url) == [("q", "qwen chat"), ("sdk", "gradio"), *more]
    assert a_hub.connected == [PUBLIC]
    (step,) = (each for each in a_hub.steps if isinstance(each, Fetch))
    assert step.by_hub_package
    assert step.largest == 8 << 20


@pytest.mark.parametrize(
    "first",
    [
        [],
        failure(404),
        failure(500),
        failure(502),
        b"no",
        b"{}",
        failure(404, errors.ProtocolError),
    ],
)
def test_the_list_of_spaces(first: Any) -> None:
    """It is asked for where the search finds nothing, or isn't there."""
    a_hub = AHub(first, [{"id": "a/b"}])
    (only,) = a_hub.run(search_hub("qwen chat", any_state=False))
    assert (only.id, only.stage) == ("a/b", "")
    _, url = a_hub.asked
    assert url.startswith(f"{PUBLIC}/api/spaces?")
    expand = ("cardData", "disabled", "likes", "private", "runtime", "sdk", "subdomain")
    assert query(url) == [
        *(("filter", "gradio"), ("search", "qwen chat"), ("sort", "likes"), ("limit", "100")),
        *(("expand", each) for each in expand),
    ]


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (
            failure(401, errors.AuthenticationError),
            errors.AuthenticationError,
            f"{PUBLIC} refuses to search for Spaces (status 401): check the token, which is",
        ),
        (
            failure(403, errors.AuthenticationError),
            errors.AuthenticationError,
            f"{PUBLIC} refuses to search for Spaces (status 403): check the token, which is",
        ),
        (
            failure(429, temporary=True),
            errors.SpaceUnavailableError,
            f"{PUBLIC} can't search for Spaces now (status 429). Try again later; if HF_ENDPOINT",
        ),
        (failure(None), errors.SpaceUnavailableError, "no"),
        (failure(429, errors.RateLimitError), errors.RateLimitError, "no"),
    ],
)
def test_a_refusal_that_the_other_search_would_get(
    error: errors.SpaceChatError, kind: type[errors.SpaceChatError], says: str
) -> None:
    a_hub = AHub(error)
    with pytest.raises(errors.SpaceChatError) as caught:
        a_hub.run(search_hub("qwen chat", any_state=False))
    assert type(caught.value) is kind
    assert str(caught.value).startswith(says)
    assert (caught.value.status, caught.value.temporary) == (error.status, error.temporary)
    assert len(a_hub.asked) == 1


def test_both_searches_fail() -> None:
    a_hub = AHub(failure(500, temporary=True))
    with pytest.raises(
        errors.SpaceUnavailableError, match=r"can't search .* \(status 500\)"
    ) as why:
        a_hub.run(search_hub("qwen chat", any_state=False))
    assert why.value.temporary
    assert len(a_hub.asked) == 2
    with pytest.raises(errors.ProtocolError, match="does not answer a search as the Hugging Face"):
        found(b"no")


def test_an_answer_of_too_many_values() -> None:
    fits = b'[{"id":"a/b","x":[%s]}]' % b",".join([b"1"] * 200_000)
    assert [each.id for each in found(fits)] == ["a/b"]
    with pytest.raises(errors.ProtocolError, match="answers a search with too many values"):
        found(fits.replace(b"1", b"1,1", 1))


def one(**said: Any) -> ListedSpace | None:
    listed = found([{"id": "a/b", **said}], [])
    return listed[0] if listed else None


@pytest.mark.parametrize(
    ("entry", "is_listed"),
    [
        ({}, True),
        ({"sdk": "gradio"}, True),
        ({"sdk": "docker"}, False),
        ({"sdk": 5}, True),
        ({"id": "b"}, False),
        ({"id": 5}, False),
        ({"id": "spaces/a/b"}, False),
        ({"id": f"a/{'b' * 198}"}, True),
        ({"id": f"a/{'b' * 199}"}, False),
    ],
)
def test_which_entries_are_spaces(entry: dict[str, Any], is_listed: bool) -> None:
    assert (one(**entry) is not None) is is_listed


def test_entries_that_are_odd_hide_no_others() -> None:
    entries: list[Any] = [
        None,
        5,
        [],
        "a/b",
        {"id": "a/b"},
        {"id": "a/b", "likes": 7},
        {"id": "c/d"},
    ]
    assert [(each.id, each.likes) for each in found(entries)] == [("a/b", 0), ("c/d", 0)]
    many = [{"id": f"a/b{number}"} for number in range(1001)]
    assert len(found(many)) == 1000


HARDWARE = {"current": "now", "requested": "soon"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"title": "A  title\n"}, {"title": "A title"}),
        ({"cardData": {"title": "Card"}}, {"title": "Card"}),
        ({"title": "Own", "cardData": {"title": "Card"}}, {"title": "Own"}),
        ({"title": 5, "cardData": 5}, {}),
        ({"title": "x" * 121}, {"title": "x" * 120}),
        ({"likes": 7}, {"likes": 7}),
        ({"likes": 0}, {}),
        ({"likes": -1}, {}),
        ({"likes": 1}, {"likes": 1}),
        ({"likes": True}, {}),
        ({"likes": "7"}, {}),
        ({"likes": 10**9}, {"likes": 10**9}),
        ({"likes": 10**300}, {"likes": 10**9}),
        ({"runtime": {"stage": "PAUSED"}}, {"stage": "PAUSED"}),
        ({"runtime": {"stage": "x" * 121}}, {"stage": "x" * 120}),
        ({"disabled": True, "runtime": {"stage": "RUNNING"}}, {"stage": "DISABLED"}),
        ({"disabled": "yes", "runtime": {"stage": "PAUSED"}}, {"stage": "PAUSED"}),
        ({"runtime": {"hardware": HARDWARE}}, {"hardware": "now"}),
        ({"runtime": {"hardware": {"requested": "soon"}}}, {"hardware": "soon"}),
        ({"runtime": {"hardware": "plain"}}, {"hardware": "plain"}),
        ({"runtime": {"hardware": "x" * 121}}, {"hardware": "x" * 120}),
        ({"private": True}, {"private": True}),
        ({"private": "yes"}, {}),
        ({"host": "https://x.hf.space/"}, {"host": "https://x.hf.space"}),
        ({"host": "https://x.hf.space/path", "subdomain": "x"}, {}),
        ({"subdomain": "a-b"}, {"host": "https://a-b.hf.space"}),
        ({"subdomain": "A"}, {}),
        (
            {"runtime": {"domains": [{"domain": "a.hf.space", "stage": "READY"}]}},
            {"host": "https://a.hf.space"},
        ),
        ({"runtime": {"domains": [{"domain": "a.hf.space", "stage": "NO"}]}}, {}),
        ({"runtime": {"domains": [{"domain": "a.example", "stage": "READY"}]}}, {}),
        ({"runtime": {"domains": [{"domain": "a", "stage": "READY"}]}}, {}),
        ({"runtime": {"domains": [{"domain": "-.hf.space", "stage": "READY"}]}}, {}),
        (
            {"runtime": {"domains": [5, {"domain": "a.hf.space", "stage": "READY"}]}},
            {"host": "https://a.hf.space"},
        ),
        ({"runtime": {"domains": "a.hf.space"}}, {}),
    ],
)
def test_what_is_said_of_a_space(said: dict[str, Any], expected: dict[str, Any]) -> None:
    plain = ListedSpace("a/b", "b", 0, "RUNNING", "", False, None)
    assert one(**said) == ListedSpace(**{**vars(plain), **expected})


def test_only_the_public_hubs_spaces_have_usual_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    for said in ({"subdomain": "a"}, {"host": "https://x.example"}):
        space = one(**said)
        assert space is not None
        assert space.host == said.get("host")
