"""No server can take more than 64 MiB of a client's memory, by any flood."""

from __future__ import annotations

import sys

import pytest

from tests.faults.floods import ALLOWED, measure


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most there ever was")
@pytest.mark.parametrize("transport", ["ordinary", "fast"])
def test_floods(transport: str) -> None:
    for name, taken in measure(transport, 0.5).items():
        assert taken.memory < ALLOWED, name
        assert taken.cpu < 20, f"{name}: it ends soon"
        assert taken.ending.endswith("Error"), name
