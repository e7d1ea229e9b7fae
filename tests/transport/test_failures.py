"""What errors of the transport say."""

from __future__ import annotations

import math
import socket
import ssl

import anyio
import httpx
import pytest

import spacechat
from spacechat import errors
from spacechat.local import LocalSpace
from spacechat.settings import Settings, Timeout
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures, os_reason


@pytest.mark.parametrize(
    ("seconds", "says"), [(1, "1 second "), (1.0, "1.0 second "), (2.5, "2.5 seconds ")]
)
def test_seconds(seconds: float, says: str) -> None:
    settings = Settings(timeout=Timeout(total=seconds))
    failures = Failures(httpx.URL("http://app"), settings, Deadline(math.inf, None))
    assert f"more than {says}(the total timeout)" in str(failures.too_long())


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ConnectionRefusedError(111, "Connect call failed ('::1', 80)"), "Connection refused"),
        (ssl.SSLError(1, "[SSL] no"), "[SSL] no"),
        (OSError("It is\x1b odd."), "It is odd"),
    ],
)
def test_the_systems_words(error: OSError, says: str) -> None:
    assert os_reason(error) == says


@pytest.mark.usefixtures("either_transport")
def test_plain_http_where_tls_was_meant() -> None:
    """An address without its scheme is https, but for this machine's; so are many by mistake."""

    async def ask(url: str) -> str:
        async with spacechat.AsyncClient(retries=0) as client:
            with pytest.raises(errors.SpaceUnavailableError) as caught:
                await client.ask("Hi", model=url)
        assert not caught.value.temporary
        return str(caught.value)

    with LocalSpace() as space:
        told = anyio.run(ask, space.url.replace("http://", "https://me:canary@") + "/chat")
    assert told.endswith(f"If it speaks plain http, name it so: {space.url}/chat.")
    assert "canary" not in told
