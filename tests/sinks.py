"""What takes a download, and keeps it in memory."""

from __future__ import annotations


class Kept:
    """A sink that keeps what it takes.

    Args:
        data: What it has of an attempt before.
    """

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def begin(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data
