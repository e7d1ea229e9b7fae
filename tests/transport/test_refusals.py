"""What a status means depends on what was asked, and what the app says of it is in the error."""

from __future__ import annotations

import datetime
import json
import math
import pickle
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

import spacechat
from spacechat import errors, providers
from spacechat.client.lanes import Lane
from spacechat.openai.refusals import refusal
from spacechat.streaming.attempts import delay_before
from spacechat.transport.refusals import refusal_error
from tests.servers import Part, Received, ReplayServer, always, gradio, response
from tests.servers.apps import UNQUEUED, app

pytestmark = pytest.mark.anyio


async def failure(where: str, body: bytes, status: str, **more: str) -> errors.SpaceChatError:
    """What an app's refusal of one request comes to."""

    def answer(request: Received) -> Iterable[Part]:
        if request.path == "/config":
            return [app(dependencies=UNQUEUED) if where == "predict" else app()]
        if request.path.endswith(where):
            return [response(body, status, **more)]
        return gradio()(request)

    with ReplayServer(answer) as server:
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceChatError) as caught:
                await client.ask("Hi", model=server.url)
    assert "functions may have changed" not in str(caught.value) or where != "predict"
    return caught.value


@pytest.mark.parametrize("detail", ["Repository not found", "Repository not found."])
async def test_what_an_app_says_ends_as_a_sentence(detail: str) -> None:
    error = await failure("join", json.dumps({"detail": detail}).encode(), "404 Not Found")
    assert "Not Found: Repository not found. There is no such Space" in str(error)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"error": "boom <b>here</b>"}, errors.GenerationError, "boom here"),
        ({"error": "'told you'", "duration": 10}, errors.GenerationError, "told you"),
        ({"error": '"didn\'t tell"'}, errors.GenerationError, "failed: didn't tell"),
        (
            {"error": "'None' has no attribute 'get'"},
            errors.GenerationError,
            "'None' has no attribute 'get'",
        ),
        ({"error": "told you", "title": "Sorry"}, errors.GenerationError, "Sorry: told you"),
        ({"error": None}, errors.GenerationError, "hides errors"),
        ({"error": "You have exceeded your GPU quota"}, errors.QuotaExceededError, "exceeded"),
        ({"error": [1]}, errors.GenerationError, "failed"),
        ("Internal Server Error", errors.GenerationError, "Internal Server Error"),
        ("", errors.GenerationError, "500"),
        ([[[]]], errors.GenerationError, "500"),
    ],
)
async def test_an_unqueued_function_that_fails(body: Any, kind: type[Exception], said: str) -> None:
    data = body if isinstance(body, str) else json.dumps(body)
    found = await failure("predict", data.encode(), "500 Internal Server Error")
    assert type(found) is kind
    assert said in str(found)
    assert found.status == 500


async def test_what_is_too_large() -> None:
    found = await failure("queue/join", b'{"detail":"at most 15 kB"}', "413 Too Large")
    assert type(found) is errors.InputsError
    assert "at most 15 kB" in str(found)
    assert "something smaller" in str(found)


async def test_a_function_that_is_not_there() -> None:
    """Before it is joined, a bare 500 says that the numbers are wrong."""
    found = await failure("join", b"Internal Server Error", "500 Internal Server Error")
    assert type(found) is errors.SpaceUnavailableError
    assert "functions may have changed" in str(found)


def objection(message: Any, **more: Any) -> dict[str, Any]:
    return {"__type__": "validate", "is_valid": False, "message": message, **more}


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ([objection("too <i>short</i>", parameter_name="x")], "x: too short"),
        ([{"is_valid": True, "message": "ok"}, objection("second bad")], "second bad"),
        (objection("alone"), "alone"),
        ([objection(None)], "does not say why"),
        ([objection("one"), objection("two")], "one; two"),
        ([objection({"odd": 1}), 7, None, []], "odd"),
    ],
)
@pytest.mark.parametrize("where", ["join", "predict"])
async def test_a_validator_that_objects(where: str, detail: Any, said: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    found = await failure(where, body, "422 Unprocessable Entity")
    assert type(found) is errors.InputsError
    assert said in str(found)
    assert "ok" not in str(found).split(": ", 1)[1]
    assert found.status == 422


@pytest.mark.parametrize(
    "body",
    [
        b'{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}',
        b"Field required",
        b'{"detail":[{"is_valid":true,"message":"Field required"}]}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
async def test_another_422(body: bytes) -> None:
    """It is the server's own, of a request that it can't read."""
    found = await failure("join", body, "422 Unprocessable Entity")
    assert type(found) is errors.ProtocolError


async def test_a_pinned_spaces_validator() -> None:
    body = json.dumps({"detail": [objection("too short")]}).encode()
    refused = always(response(body, "422 Unprocessable Entity"))
    with ReplayServer(gradio(join=refused)) as server:
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.InputsError, match="too short"):
                await client.ask("Hi", provider=providers.Qwen_Qwen_2_72B.at(server.url))
        assert len(server.to("/config")) == 0


YEAR = 366 * 24 * 3600.0


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("0", 0, 0),
        ("30", 30, 30),
        ("9" * 400, YEAR, YEAR),
        ("1" + "0" * 4000, YEAR, YEAR),
        ("in an hour", 3000, 3601),
        ("Fri, 31 Dec 9999 23:59:59 GMT", YEAR, YEAR),
        ("Fri, 31 Dec 9999 23:59:59 -1200", YEAR, YEAR),
        ("Mon, 01 Jan 0001 00:00:00 +2359", None, 0),
        ("Mon, 01 Jan 0001 00:00:00 -0000", None, 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        ("Thu, 01 Jan 99999999999 00:00:00 GMT", None, None),
        ("Thu, 01 Jan 2030 00:00:00 +99999999999999999999", None, None),
        ("-5", None, 0),
        ("inf", None, None),
        ("nan", None, None),
        ("1e400", None, None),
        ("\u00b2", None, None),
        ("", None, None),
    ],
)
async def test_retry_after(said: str, least: float | None, most: float | None) -> None:
    if said == "in an hour":
        ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        said = ahead.strftime("%a, %d %b %Y %H:%M:%S GMT")
    found = await failure("join", b"{}", "429 Too Many Requests", retry_after=said)
    assert isinstance(found, errors.RateLimitError)
    seconds = found.retry_after
    assert (seconds is None) if most is None else seconds is None or (least or 0) <= seconds <= most
    assert seconds is not None or least is None
    use(found)


def use(found: errors.RateLimitError) -> None:
    """Do what is done with the seconds."""
    delay = delay_before(1, found)
    assert delay is None or 0 <= delay <= 60
    headers = refusal(found).headers
    assert int(headers.get("retry-after", "0")) >= 0
    assert pickle.loads(pickle.dumps(found)).retry_after == found.retry_after


@pytest.mark.parametrize("seconds", [math.inf, -math.inf, math.nan, -1.0, 1e300])
async def test_seconds_that_are_none(seconds: float) -> None:
    for kind in (errors.RateLimitError, errors.QuotaExceededError):
        found = kind("x", retry_after=seconds, temporary=True)
        assert found.retry_after is None or 0 <= found.retry_after <= YEAR
        use(found)
        Lane(1, None).record(found)


URLS = [
    "http://h:99999",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:65536",
    "http://127.0.0.1:-1",
    "http://h:port",
    "http://h:\u0663",
    "http://127.0.0.1:80:80",
    "http://h\0st/",
    "http://h\nost",
    "http://h\tost",
    "http://h ost",
    "http://h/\0",
    "http://h/\x7f",
    "http://h\\x",
    "http://[::1",
    "http://]",
    "http://[",
    "http://::1]:80",
    "http://[v1.x]",
    "http://[::1%25nowhere]:9",
    "http://xn--",
    "http://xn--a.test",
    "http://\udc80.test",
    "http://h/\udc80",
    "http://a..b",
    "http://.",
    "http://..",
    "http://" + "a" * 70 + ".test",
    "http://" + "a." * 2000,
    "http://" + "x" * 70000,
    "http://-a.test",
    "http://\u2100.test",
    "http://\u2177.test",
    "http://\u200b.test",
    "http://\ufdfa.test",
    "http://256.256.256.256",
    "http://1.2.3.999",
    "http://:80",
    "http://?x",
    "http:///",
    "http:/h",
    "http://*",
    "http://%00",
]


@pytest.mark.parametrize("fast", [False, True], ids=["ordinary", "fast"], indirect=True)
@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:30])
async def test_an_address_that_is_none(
    url: str, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a person gives it: as a model, a provider's, a proxy, the Hub's."""
    limits = spacechat.Timeout(2, 2, 3)
    async with spacechat.AsyncClient(retries=0, timeout=limits) as client:
        for kind in (providers.GradioChat, providers.Qwen_Qwen_2_5):
            with pytest.raises((errors.SpaceUnavailableError, errors.StreamTimeoutError)):
                await client.ask("Hi", provider=kind.at(url))
        with pytest.raises(errors.SpaceChatError):
            await client.inspect(url)
        if "\0" not in url and not any("\ud800" <= each <= "\udfff" for each in url):
            monkeypatch.setenv("HF_ENDPOINT", url)
            with pytest.raises((errors.SpaceUnavailableError, errors.StreamTimeoutError)):
                await client.ask("Hi", model="owner/name")
    proxied = spacechat.AsyncClient(retries=0, timeout=limits, proxy=url)
    async with proxied as client:
        with pytest.raises((errors.SpaceUnavailableError, errors.StreamTimeoutError)):
            await client.ask("Hi", model="http://space.example")


async def test_an_international_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sent in ASCII, in the headers that say where the page is, too."""
    with ReplayServer(always(response(b"{}", "404 Not Found"))) as proxy:
        async with spacechat.AsyncClient(proxy=proxy.url) as client:
            with pytest.raises(errors.SpaceUnavailableError, match="404"):
                await client.ask("Hi", model="http://b\u00fccher.example/\u00e4")
    assert proxy.lines[0] == "GET http://xn--bcher-kva.example/%C3%A4/config HTTP/1.1"
    for request in proxy.requests:  # The others look for an app of several pages, or an old one.
        assert request.header("origin") == "http://xn--bcher-kva.example"


@pytest.mark.parametrize("form", ["{}", '{{"detail":{{"is_valid":false,"message":{}}}}}'])
@pytest.mark.parametrize("status", [422, 400])
def test_as_deep_as_it_can_be_read(form: str, status: int) -> None:
    """What can just be read can't be told: that is no error of ours."""
    for depth in range(800, 1000):
        body = form.format("[" * depth + "]" * depth).encode()
        found = refusal_error("http://x", httpx.Response(status), body)
        assert isinstance(found, errors.InputsError | errors.ProtocolError)
