"""What callers get who do not say: part of the interface, as names are."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from spacechat import AsyncClient
from spacechat.client.app import AsyncApp
from spacechat.settings import Limits, Timeout

OPTIONS: dict[str, Any] = {"files": (), "sign_in": False, "repair": True}


@pytest.mark.parametrize(
    ("name", "defaults"),
    [
        ("__init__", {"timeout": Timeout(15, 60, 1800), "retries": 2, "limits": Limits()}),
        ("stream", OPTIONS),
        ("ask", OPTIONS),
        ("conversation", OPTIONS),
        ("map", {"concurrency": 4, "ordered": True, **OPTIONS}),
        ("app", {"sign_in": False}),
        ("call", {}),
        ("inspect", {}),
        ("download", {"folder": ".", "largest": 1 << 30}),
        ("read", {"largest": 64 << 20}),
        ("check", {}),
        ("find", {"limit": 10, "all": False, "timeout": 20}),
    ],
)
def test_of_a_client(name: str, defaults: dict[str, Any]) -> None:
    """Anything else that may be left out is None."""
    assert given(getattr(AsyncClient(), name)) == defaults


def test_of_an_app() -> None:
    app = AsyncClient().app("http://localhost:7860")
    assert isinstance(app, AsyncApp)
    assert given(app.map) == {"concurrency": 4, "ordered": True}


def given(method: Any) -> dict[str, Any]:
    parameters = inspect.signature(method).parameters.values()
    assert not {"unknown", "unnamed"} & {each.name for each in parameters}
    usual = {each.name: each.default for each in parameters if each.default is not each.empty}
    return {name: value for name, value in usual.items() if value is not None}
