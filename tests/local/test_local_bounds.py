"""What a local Space takes of its callers, at the most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from spacechat.local import LocalSpace

JOIN = "/queue/join"


def body(size: int, session: str = "s") -> bytes:
    """A question for the shape `plain`, padded to a size."""
    start = b'{"fn_index":0,"session_hash":"%s","data":["Hi"],"pad":"' % session.encode()
    return start + b"x" * (size - len(start) - 2) + b'"}'


def chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


@pytest.mark.parametrize("path", [JOIN, "/cancel", "/config", "/nowhere", "/queue/data"])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_that_are_too_large(path: str, chunked: bool) -> None:
    with (
        LocalSpace("plain", ["Hi"], max_body=1000) as space,
        httpx.Client(base_url=space.url, trust_env=False) as http,
    ):
        prefix = http.get("/config").json().get("api_prefix", "")
        place = path if path in ("/config", "/nowhere") else prefix + path
        for size, refused in ((1000, False), (1001, True), (300_000, True)):
            data = body(size)
            content: Any = chunks(data) if chunked else data
            method = "GET" if path in ("/config", "/queue/data") else "POST"
            found = http.request(method, place, content=content)
            assert (found.status_code == 413) == refused
            if refused:
                assert "larger than 1,000 bytes" in found.json()["detail"]
        assert not any(len(str(request.json)) > 1100 for request in space.requests)


def test_the_default() -> None:
    with (
        LocalSpace("plain", ["Hi"]) as space,
        httpx.Client(base_url=space.url, trust_env=False) as http,
    ):
        assert http.post("/nowhere", content=b"x" * (16 << 20)).status_code == 404
        assert http.post("/nowhere", content=b"x" * ((16 << 20) + 1)).status_code == 413
    with pytest.raises(ValueError, match="max_body"):
        LocalSpace(max_body=0)


def test_large_requests_are_forgotten_sooner() -> None:
    with (
        LocalSpace("plain", ["Hi"]) as space,
        httpx.Client(base_url=space.url, trust_env=False) as http,
    ):
        for _ in range(5):
            http.post("/nowhere", content=b'"' + b"x" * (10 << 20) + b'"')
        assert len(space.requests) == 3
        for _ in range(5):
            http.get("/config")
        assert [request.path for request in space.requests[-5:]] == ["/config"] * 5
        assert len(space.requests) == 8


def test_more_events_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacechat.local.queue.MOST_EVENTS", 3)
    with (
        LocalSpace("plain", ["one", "two"], delay=60, concurrency=1) as space,
        httpx.Client(base_url=space.url, trust_env=False) as http,
    ):
        config = http.get("/config").json()
        chat = next(each for each in config["dependencies"] if each["queue"])
        data = {"fn_index": chat["id"], "data": ["Hi"] * len(chat["inputs"])}
        found = [
            http.post(
                f"{config.get('api_prefix', '')}{JOIN}", json={**data, "session_hash": f"{number}"}
            )
            for number in range(4)
        ]
        assert [each.status_code for each in found] == [200, 200, 200, 503]
        assert "Queue is full" in found[-1].json()["detail"]
