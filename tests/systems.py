"""Marks for tests of what not every operating system has."""

from __future__ import annotations

import sys

import pytest

POSIX = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has other links, pipes, permissions and signals"
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc and /dev/full")
