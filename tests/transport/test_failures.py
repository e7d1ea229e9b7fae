"""What errors of the transport say."""

from __future__ import annotations

import math

import httpx
import pytest

from spacechat.settings import Settings, Timeout
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures


@pytest.mark.parametrize(
    ("seconds", "says"), [(1, "1 second "), (1.0, "1.0 second "), (2.5, "2.5 seconds ")]
)
def test_seconds(seconds: float, says: str) -> None:
    settings = Settings(timeout=Timeout(total=seconds))
    failures = Failures(httpx.URL("http://app"), settings, Deadline(math.inf, None))
    assert f"more than {says}(the total timeout)" in str(failures.too_long())
