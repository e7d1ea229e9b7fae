"""The API's addresses: what is at each of them, and which methods it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat.openai.api import Api
from spacechat.openai.bounds import Bounds
from spacechat.openai.http_response import HttpResponse
from spacechat.openai.refusals import Refusal


def got(path: str) -> Any:
    found = Api(None).receive("GET", path, b"")
    assert isinstance(found, HttpResponse)
    assert (found.status, found.headers) == (200, {"content-type": "application/json"})
    return json.loads(found.body)


def refused(method: str, path: str, body: bytes = b"", *, api: Api | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        (api or Api(None)).receive(method, path, body)
    return caught.value


@pytest.mark.parametrize(
    ("method", "path", "takes", "shown"),
    [
        ("GET", "/v1/chat/completions", ["POST"], "/v1/chat/completions"),
        ("DELETE", "/v1/responses", ["POST"], "/v1/responses"),
        ("POST", "/v1/models", ["GET"], "/v1/models"),
        ("POST", "/v1/models/http://user:password@x", ["GET"], "/v1/models/MODEL"),
        ("POST", "/v1/responses/resp_1", ["GET", "DELETE"], "/v1/responses/resp_1"),
        ("DELETE", "/responses/resp_1/input_items", ["GET"], "/responses/resp_1/input_items"),
        ("PUT", "/" + "x" * 300 + "/models", ["GET"], "/" + "x" * 199),
    ],
)
def test_methods(method: str, path: str, takes: list[str], shown: str) -> None:
    found = refused(method, path)
    assert (found.status, found.headers) == (405, {"allow": ", ".join(takes)})
    assert found.error.message == f"{shown} takes {' and '.join(takes)}, not {method}."
    assert (found.error.type, found.error.code) == ("invalid_request_error", None)


@pytest.mark.parametrize("path", ["/", "/v1/embeddings", "/" + "x" * 300])
def test_nothing_is_there(path: str) -> None:
    found = refused("GET", path)
    assert (found.status, found.error.code) == (404, "unknown_url")
    assert found.error.message == (
        f"There is nothing at {path[:200]}. There are /v1/chat/completions, /v1/responses, "
        "/v1/models and /v1/models/MODEL."
    )


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/models/qwen-2.5", "/models/qwen-2.5", "/openai/models/qwen-2.5"),
        *("/models/v1/models/qwen-2.5", "/v1/models/qwen%2D2.5"),
    ],
)
def test_a_model(path: str) -> None:
    assert got(path)["id"] == "qwen-2.5"


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/models/", "/models", "/models/models", "/models/v1/models"]
)
def test_all_models(path: str) -> None:
    assert got(path)["object"] == "list"


@pytest.mark.parametrize("name", ["a/models", "models/models", "a/responses", "a/chat"])
def test_a_model_that_is_called_like_an_address(name: str) -> None:
    assert got(f"/v1/models/{name}")["id"] == name


def test_responses_are_kept_within_the_server_s_bounds() -> None:
    none_kept = Api(None, bounds=Bounds(stored=0))
    assert (
        "since none are kept" in refused("GET", "/v1/responses/resp_1", api=none_kept).error.message
    )
    assert "kept for a while" in refused("GET", "/v1/responses/resp_1").error.message
