"""What errors of the transport say."""

from __future__ import annotations

import errno
import math
import socket
import ssl
import time
from typing import Any

import anyio
import httpx
import pytest

import spacechat
from spacechat import errors
from spacechat.local import LocalSpace
from spacechat.settings import Settings, Timeout
from spacechat.transport.deadline import Deadline
from spacechat.transport.failures import Failures, os_reason


class Several(Exception):
    """A group of errors, which Python 3.10 does not have."""

    def __init__(self, message: str, exceptions: list[Exception]) -> None:
        super().__init__(message)
        self.exceptions = exceptions


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


SPACE = httpx.URL("https://me:canary@space.test/app")
HERE = "https://space.test/app"


def made(exc: BaseException, *, port: int | None = None, over: bool = False) -> Any:
    """Our error for one that is raised while a request is made."""
    at = time.monotonic() - 1 if over else math.inf
    settings = Settings(timeout=Timeout(connect=1, idle=2.5, total=30))
    failures = Failures(SPACE.copy_with(port=port), settings, Deadline(at, None))
    with pytest.raises(Exception) as caught, failures.translated():  # noqa: PT011
        raise exc
    found = caught.value
    if isinstance(found, errors.SpaceChatError):
        assert "canary" not in str(found)
        assert found.__cause__ is None
        assert exc.__traceback__ is None, "it holds what was sent"
    return found


def caused(exc: BaseException, *causes: BaseException) -> BaseException:
    """An error with what it came from, as it came from that."""
    last = exc
    for index, cause in enumerate(causes):
        if index % 2:
            last.__context__ = cause
        else:
            last.__cause__ = cause
        last = cause
    return exc


REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 80)")
CERTIFICATE = ssl.SSLCertVerificationError(1, "[SSL] unknown authority")
NO_TLS = ssl.SSLError(1, "[SSL] wrong version")


@pytest.mark.parametrize(
    ("exc", "kind", "says", "temporary", "reached"),
    [
        (
            httpx.ConnectTimeout("x"),
            errors.StreamTimeoutError,
            f"No connection to {HERE} within 1 second. Is it up? timeout= sets the limit.",
            True,
            False,
        ),
        (
            httpx.ReadTimeout("x"),
            errors.StreamTimeoutError,
            f"{HERE} was silent for 2.5 seconds (the idle timeout).",
            False,
            True,
        ),
        (
            httpx.ProxyError("403 Forbidden."),
            errors.SpaceUnavailableError,
            f"The proxy on the way to {HERE} refused: 403 Forbidden. Check proxy= and the proxy "
            "variables of the environment.",
            False,
            True,
        ),
        (
            caused(httpx.ConnectError("x"), OSError("y"), REFUSED),
            errors.SpaceUnavailableError,
            f"{HERE} can't be reached: Connection refused. Check the address, the network and the "
            "proxy if there is one.",
            True,
            False,
        ),
        (
            httpx.RemoteProtocolError("illegal status line"),
            errors.ProtocolError,
            f"{HERE} sent what is no HTTP (illegal status line). Is it a Gradio app?",
            False,
            True,
        ),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            errors.SpaceUnavailableError,
            f"{HERE} broke the connection before it answered: Server disconnected without sending "
            "a response.",
            True,
            True,
        ),
        (
            httpx.RemoteProtocolError("peer closed connection"),
            errors.SpaceUnavailableError,
            f"{HERE} broke the connection before it answered: peer closed connection.",
            True,
            True,
        ),
        (
            httpx.ReadError(""),
            errors.SpaceUnavailableError,
            f"{HERE} broke the connection before it answered: ReadError.",
            True,
            True,
        ),
        (
            httpx.InvalidURL("No port."),
            errors.SpaceUnavailableError,
            f"{HERE} broke the connection before it answered: No port.",
            True,
            True,
        ),
        (
            UnicodeError("label too long"),
            errors.SpaceUnavailableError,
            f"{HERE} can't be reached: label too long. Check the address, and the proxy if there "
            "is one.",
            False,
            True,
        ),
        (
            OverflowError("port must be 0-65535."),
            errors.SpaceUnavailableError,
            f"{HERE} can't be reached: port must be 0-65535. Check the address, and the proxy if "
            "there is one.",
            False,
            True,
        ),
        (
            Several("several", [UnicodeError("one"), OverflowError("two")]),
            errors.SpaceUnavailableError,
            f"{HERE} can't be reached: one. Check the address, and the proxy if there is one.",
            False,
            True,
        ),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_what_each_error_of_a_request_comes_to(
    exc: Exception, kind: type[errors.SpaceChatError], says: str, temporary: bool, reached: bool
) -> None:
    found = made(exc)
    assert (type(found), str(found)) == (kind, says)
    assert (found.temporary, found.reached) == (temporary, reached)


@pytest.mark.parametrize(
    "exc",
    [
        ValueError("a mistake"),
        Several("several", [UnicodeError("one"), ValueError("two")]),
        KeyError("x"),
    ],
)
def test_other_errors_are_none_of_http(exc: Exception) -> None:
    assert made(exc) is exc


def test_silence_at_the_deadline_is_the_total_timeouts() -> None:
    found = made(httpx.ReadTimeout("x"), over=True)
    assert str(found) == f"The answer of {HERE} took more than 30 seconds (the total timeout)."


@pytest.mark.parametrize(
    ("exc", "port", "temporary", "advises"),
    [
        (CERTIFICATE, None, False, "Check the address, the network and the proxy if there is one."),
        (CERTIFICATE, 7860, False, "Check the address, the network and the proxy if there is one."),
        (NO_TLS, None, False, "Check the address, the network and the proxy if there is one."),
        (NO_TLS, 7860, False, "If it speaks plain http, name it so: http://space.test:7860/app."),
        (REFUSED, 7860, True, "Check the address, the network and the proxy if there is one."),
    ],
)
def test_where_tls_fails(exc: Exception, port: int | None, temporary: bool, advises: str) -> None:
    found = made(caused(httpx.ConnectError("x"), OSError("between"), exc), port=port)
    assert str(found).endswith(advises)
    assert found.temporary is temporary
    assert not found.reached


def test_of_several_errors_the_first_is_told() -> None:
    group = Several("several", [REFUSED, OSError(errno.ENETUNREACH, "x")])
    assert "can't be reached: Connection refused. " in str(
        made(caused(httpx.ConnectError("x"), group))
    )


@pytest.mark.parametrize(
    ("exc", "kind", "says", "temporary"),
    [
        (
            httpx.ReadTimeout("x"),
            errors.StreamTimeoutError,
            "was silent for 60.0 seconds (the idle timeout).",
            False,
        ),
        (
            httpx.RemoteProtocolError("chunk size"),
            errors.ProtocolError,
            "sent what is no HTTP (chunk size). Is it a Gradio app?",
            False,
        ),
        (
            httpx.RemoteProtocolError("peer closed connection"),
            errors.StreamInterruptedError,
            "broke (peer closed connection) in the middle of the answer.",
            True,
        ),
        (
            caused(httpx.ReadError(""), ConnectionResetError(errno.ECONNRESET, "x")),
            errors.StreamInterruptedError,
            "broke (Connection reset by peer) in the middle of the answer.",
            True,
        ),
    ],
)
def test_what_each_error_of_a_stream_comes_to(
    exc: httpx.HTTPError, kind: type[errors.SpaceChatError], says: str, temporary: bool
) -> None:
    failures = Failures(httpx.URL("http://a.test"), Settings(), Deadline(math.inf, None))
    found = failures.interrupted(exc, "in the middle of the answer")
    assert (type(found), found.temporary) == (kind, temporary)
    assert str(found).endswith(says)


def test_a_cause_that_says_nothing() -> None:
    found = made(caused(httpx.ReadError("It broke."), OSError(), ValueError()))
    assert str(found) == f"{HERE} broke the connection before it answered: It broke."


class Asked(httpx.ReadError):
    """An error that is asked for its words a few times only."""

    left = 5

    def __str__(self) -> str:
        self.left -= 1
        assert self.left, "each error is looked at once"
        return super().__str__()


def test_one_without_a_cause() -> None:
    found = made(Asked("It broke."))
    assert str(found) == f"{HERE} broke the connection before it answered: It broke."


def test_a_file_of_which_a_part_is_missing() -> None:
    failures = Failures(httpx.URL("http://a.test"), Settings(), Deadline(math.inf, None))
    assert failures.cut_short().temporary
    assert str(failures.cut_short()) == "http://a.test sent less of the file than it said."


def test_an_error_of_the_system_without_a_number() -> None:
    assert os_reason(OSError("odd.")) == "odd"
    assert os_reason(socket.gaierror(-2)) == "-2"
    assert os_reason(ValueError("two\nlines.")) == "two lines"
