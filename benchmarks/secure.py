"""TLS: an authority of the benchmark's own, and what puts TLS in front of a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def trusted() -> Iterator[ssl.SSLContext]:
    """Have the clients of this process trust an authority; give a context for servers at home."""
    import trustme

    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "authority.pem"
        authority.cert_pem.write_to_path(str(path))
        os.environ["SSL_CERT_FILE"] = str(path)
        try:
            yield server_context(authority)
        finally:
            del os.environ["SSL_CERT_FILE"]


def server_context(authority: Any) -> ssl.SSLContext:
    """The context of a server at home, with a certificate of an authority of `trustme`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def unwrap(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Carry between a connection of TLS and a plain one, until one of them ends."""
    both = [
        asyncio.ensure_future(_pump(near[0], far[1])),
        asyncio.ensure_future(_pump(far[0], near[1])),
    ]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in both:
            each.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
