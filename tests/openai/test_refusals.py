"""Each error of the library as the API says it: status, kind, and when to ask again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors
from spacechat.openai.refusals import Error, Refusal, bad_request, not_found, refusal

INVALID = "invalid_request_error"


@pytest.mark.parametrize(
    ("kind", "known", "status", "type_", "code", "param"),
    [
        (errors.ModelNotFoundError, {}, 404, INVALID, "model_not_found", "model"),
        (errors.ChatNotFoundError, {}, 404, INVALID, "model_not_found", "model"),
        (errors.SpaceUnavailableError, {"status": 404}, 404, INVALID, "model_not_found", "model"),
        (errors.SpaceUnavailableError, {}, 503, "server_error", "space_unavailable", None),
        (
            errors.SpaceUnavailableError,
            {"status": 503},
            *(503, "server_error", "space_unavailable", None),
        ),
        (errors.GenerationError, {"status": 404}, 502, "server_error", "space_failed", None),
        (errors.MessagesError, {}, 400, INVALID, "invalid_value", "input"),
        (errors.InputsError, {}, 400, INVALID, "invalid_value", "inputs"),
        (errors.AuthenticationError, {}, 403, "permission_error", "space_forbidden", "model"),
        (
            errors.QuotaExceededError,
            {},
            *(429, "insufficient_quota", "insufficient_quota", None),
        ),
        (errors.RateLimitError, {}, 429, "rate_limit_error", "rate_limit_exceeded", None),
        (errors.QueueFullError, {}, 503, "server_error", "queue_full", None),
        (errors.SettingsFileError, {}, 500, "server_error", "settings_file", None),
        (errors.StreamTimeoutError, {}, 504, "server_error", "space_timeout", None),
        (errors.ProtocolError, {}, 502, "server_error", "space_failed", None),
        (errors.GenerationError, {}, 502, "server_error", "space_failed", None),
    ],
)
def test_kinds(
    kind: type[errors.SpaceChatError],
    known: dict[str, Any],
    status: int,
    type_: str,
    code: str,
    param: str | None,
) -> None:
    error = kind("No.")
    for name, value in known.items():
        setattr(error, name, value)
    found = refusal(error, "input")
    assert (found.status, found.error.type, found.error.code, found.error.param) == (
        status,
        type_,
        code,
        param,
    )


def test_a_damaged_settings_file_is_told_to_whoever_runs_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = refusal(errors.SettingsFileError("/home/ada/settings.toml: line 3 is none."))
    assert found.error.message == (
        "The server's settings file is damaged: `spacechat models` there tells why."
    )
    assert "/home/ada/settings.toml: line 3 is none." in caplog.text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, None), (0, "0"), (0.2, "1"), (1e9, "86400"), (2.0, "2")],
)
@pytest.mark.parametrize("kind", [errors.RateLimitError, errors.QuotaExceededError])
def test_when_to_ask_again(
    kind: type[errors.RateLimitError], seconds: float | None, said: str | None
) -> None:
    error = kind("Too many.", retry_after=seconds)
    headers = {} if said is None else {"retry-after": said}
    if kind is errors.QuotaExceededError:
        headers["x-should-retry"] = "false"
    assert refusal(error).headers == headers


@pytest.mark.parametrize("partial", ["", "Hel"])
def test_the_body(partial: str) -> None:
    response = refusal(errors.GenerationError("No.", partial_text=partial)).response()
    said = {"message": "No.", "type": "server_error", "param": None, "code": "space_failed"}
    assert json.loads(response.body) == {
        "error": said | ({"partial_text": partial} if partial else {})
    }
    assert (response.status, response.headers) == (502, {"content-type": "application/json"})


def test_refusals_of_the_api_itself() -> None:
    found = bad_request("No.", "stop", "invalid_value")
    assert (found.status, found.error) == (
        400,
        Error(message="No.", type=INVALID, param="stop", code="invalid_value"),
    )
    found = not_found("None.")
    assert (found.status, found.error) == (
        404,
        Error(message="None.", type=INVALID, param="model", code="model_not_found"),
    )
    full = Refusal(429, found.error, {"retry-after": "1"})
    assert full.response().headers == {"content-type": "application/json", "retry-after": "1"}
