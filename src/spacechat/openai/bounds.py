"""The bounds of a server of the API."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """How much a server takes at a time.

    Attributes:
        body: Bytes of a request's body, without the files in it.
        files: Bytes that the files in a body may take besides. They are there as base64, so the
            files themselves may have three quarters of it.
        at_once: Answers that are made at the same time.
        waiting: Requests that wait for their turn, or whose body is still on its way.
        memory: Bytes that bodies and questions may take together, besides the first 16 KiB of each
            body; or the bytes that one body of the largest size takes, if that is more. A fifth is
            for bodies, a fifth for questions that take up to 1 MiB, the rest for larger ones.
            While none are free, further ones wait.
        stored: Bytes that the responses kept for `/v1/responses` may take; the oldest go first. 0
            keeps none.
        stored_seconds: Seconds that each of them is kept.
    """

    body: int = 2 << 20
    files: int = 12 << 20
    at_once: int = 256
    waiting: int = 256
    memory: int = 120 << 20
    stored: int = 16 << 20
    stored_seconds: float = 3600.0

    def __post_init__(self) -> None:
        for name, least in (
            ("body", 1),
            ("files", 0),
            ("at_once", 1),
            ("waiting", 0),
            ("memory", 1),
            ("stored", 0),
            ("stored_seconds", 0),
        ):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} must be {least} or more, not {getattr(self, name)!r}.")
