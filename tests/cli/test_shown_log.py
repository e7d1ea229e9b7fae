"""What a server tells of requests that fail."""

from __future__ import annotations

import pytest

from spacechat.cli.shown_log import shown_log
from spacechat.log import log


def test_what_each_request_says_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_log():
        for text in ("one", "one", "two\x1b[2J", "one"):
            log.warning("The %s", text)
        log.info("three")
    log.warning("four")
    assert capsys.readouterr().err.splitlines()[:3] == [
        "spacechat: The one",
        "spacechat: The two␛[2J",
        "spacechat: The one",
    ]
