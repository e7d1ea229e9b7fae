"""What tests of engines have in common."""

from __future__ import annotations

from typing import Any

import pytest

from tests.streaming.scripted import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    def connection(*_: Any, **__: Any) -> Server:
        found.uses += 1
        return found

    monkeypatch.setattr("spacechat.streaming.runner.Connection", connection)
    return found
