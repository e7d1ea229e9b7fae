"""Which error each status is, what it advises, and whether it may help to ask again."""

from __future__ import annotations

import datetime
import json
from typing import Any

import httpx
import pytest

from spacechat import errors
from spacechat.transport.refusals import refusal_error

PLACE = "http://space.test"


def refusal(
    status: int, body: Any = b"", *, runs: bool = False, reason: str = "Odd", **headers: str
) -> errors.SpaceChatError:
    response = httpx.Response(
        status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        extensions={"reason_phrase": reason.encode()},
    )
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = refusal_error(PLACE, response, data, runs=runs)
    assert found.status == status
    return found


ASLEEP = "The Space is asleep, starting or overloaded: ask again in a minute."
CHANGED = "The app failed to take the request; its functions may have changed."
PRIVATE = (
    "The Space is private or gated, or the token is wrong: set token= or HF_TOKEN, or run "
    "`hf auth login`."
)
UNKNOWN = "The app does not take this request; it may have changed."
GONE = (
    "There is no such Space or path: check the address, and that the Space is public and running."
)
ELSEWHERE = (
    "It points elsewhere (https://other.test/x), which is not followed: use the Space's own "
    "address, and a token if it is private."
)
FAILED = f"The Space failed: {PLACE} answered 500 Odd"
PASSWORD = "The proxy on the way wants a user and a password: put them in its URL."
LARGE = "It takes less than what was given: send something smaller."


@pytest.mark.parametrize(
    ("status", "kind", "advice", "temporary"),
    [
        (300, errors.SpaceUnavailableError, ELSEWHERE, False),
        (308, errors.SpaceUnavailableError, ELSEWHERE, False),
        (399, errors.SpaceUnavailableError, ELSEWHERE, False),
        (400, errors.ProtocolError, UNKNOWN, False),
        (401, errors.AuthenticationError, PRIVATE, False),
        (402, errors.ProtocolError, UNKNOWN, False),
        (403, errors.AuthenticationError, PRIVATE, False),
        (404, errors.SpaceUnavailableError, GONE, False),
        (405, errors.ProtocolError, UNKNOWN, False),
        (407, errors.SpaceUnavailableError, PASSWORD, False),
        (408, errors.ProtocolError, UNKNOWN, False),
        (413, errors.InputsError, LARGE, False),
        (422, errors.ProtocolError, UNKNOWN, False),
        (429, errors.RateLimitError, "Ask less often.", True),
        (499, errors.ProtocolError, UNKNOWN, False),
        (500, errors.SpaceUnavailableError, CHANGED, False),
        (501, errors.SpaceUnavailableError, CHANGED, False),
        (502, errors.SpaceUnavailableError, ASLEEP, True),
        (503, errors.SpaceUnavailableError, ASLEEP, True),
        (504, errors.SpaceUnavailableError, ASLEEP, True),
        (505, errors.SpaceUnavailableError, CHANGED, False),
        (600, errors.SpaceUnavailableError, CHANGED, False),
        (199, errors.ProtocolError, UNKNOWN, False),
    ],
)
def test_each_status(status: int, kind: type[Exception], advice: str, temporary: bool) -> None:
    for body, said in ((b"", "."), (b"It says <b>so</b>", ": It says so.")):
        found = refusal(status, body, location="https://other.test/x")
        assert str(found) == f"{PLACE} answered {status} Odd{said} {advice}"
        assert (type(found), found.temporary) == (kind, temporary)


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ({"error": "boom"}, errors.GenerationError, "The Space failed: boom"),
        ({"error": "boom", "title": "Oh"}, errors.GenerationError, "The Space failed: Oh: boom"),
        (
            {"detail": "x"},
            errors.GenerationError,
            f"The Space failed: {PLACE} answered 500 Odd: x.",
        ),
        ([1], errors.GenerationError, f"{FAILED}: [1]."),
        (b"x", errors.GenerationError, f"{FAILED}: x."),
        (b"", errors.GenerationError, f"{FAILED}."),
        (b"an error", errors.GenerationError, f"{FAILED}: an error."),
        (["error"], errors.GenerationError, f"{FAILED}: ['error']."),
    ],
)
def test_a_function_that_fails(body: Any, kind: type[Exception], says: str) -> None:
    found = refusal(500, body, runs=True)
    assert (type(found), str(found)) == (kind, says)


def test_what_runs_no_function_has_none_that_fails() -> None:
    found = refusal_error(PLACE, httpx.Response(500), b'{"error":"boom"}')
    assert type(found) is errors.SpaceUnavailableError


@pytest.mark.parametrize("status", [501, 503, 404])
def test_other_statuses_are_no_functions_failure(status: int) -> None:
    assert type(refusal(status, {"error": "boom"}, runs=True)) is errors.SpaceUnavailableError


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"The Queue is FULL: 20 wait", errors.QueueFullError),
        ({"detail": "Queue is full."}, errors.QueueFullError),
        (b"The queue is not there", errors.SpaceUnavailableError),
    ],
)
def test_a_queue_that_is_full(body: Any, kind: type[Exception]) -> None:
    found = refusal(503, body)
    assert (type(found), found.temporary) == (kind, True)
    assert str(found).endswith(" Ask again later.") == (kind is errors.QueueFullError)
    assert type(refusal(502, body)) is errors.SpaceUnavailableError


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "one", "error": "two"}, ": one."),
        ({"error": "two"}, ": two."),
        ({"detail": "", "error": "two!"}, ": two!"),
        ({"other": 1}, ": {'other': 1}."),
        ({"detail": ["why?"]}, ": ['why?']."),
        (["why"], ": ['why']."),
        (b"is it so?", ": is it so?"),
        (b"a lot\xe2\x80\xa6", ": a lot\u2026"),
        (b"\xff", ": \ufffd."),
        (b"<p> </p>", "."),
    ],
)
def test_what_it_says(body: Any, said: str) -> None:
    assert str(refusal(400, body)) == f"{PLACE} answered 400 Odd{said} {UNKNOWN}"


def test_without_a_phrase() -> None:
    assert str(refusal(400, reason="")).startswith(f"{PLACE} answered 400. The app")


def objection(**more: Any) -> dict[str, Any]:
    return {"is_valid": False, **more}


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        (objection(message="short"), "short"),
        (objection(message="short", parameter_name="x"), "x: short"),
        (objection(message="", parameter_name="x"), "x"),
        ([objection(message="a"), {"is_valid": True, "message": "b"}], "a"),
        ([objection(message="a"), "b", objection(message="c")], "a; c"),
        ([objection()], "its validator does not say why."),
    ],
)
def test_inputs_that_are_not_taken(detail: Any, says: str) -> None:
    found = refusal(422, {"detail": detail})
    assert type(found) is errors.InputsError
    assert str(found) == f"{PLACE} does not take what was given: {says}"
    assert type(refusal(400, {"detail": detail})) is errors.ProtocolError


@pytest.mark.parametrize(
    "body", [{"detail": {"is_valid": None}}, {"detail": [{"message": "x"}]}, [objection()], b"x"]
)
def test_a_422_without_objections(body: Any) -> None:
    assert type(refusal(422, body)) is errors.ProtocolError


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), (" 30 ", 30), ("0", 0), ("soon", None), ("-1", None), ("1.5", None), ("", None)],
)
def test_when_to_ask_again(said: str, seconds: float | None) -> None:
    found = refusal(429, retry_after=said)
    assert isinstance(found, errors.RateLimitError)
    assert found.retry_after == seconds


def test_when_to_ask_again_by_a_date() -> None:
    ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3600)
    found = refusal(429, retry_after=ahead.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert isinstance(found, errors.RateLimitError)
    assert found.retry_after is not None
    assert 3000 < found.retry_after <= 3600


def test_nothing_says_when() -> None:
    found = refusal(429)
    assert isinstance(found, errors.RateLimitError)
    assert found.retry_after is None
