"""What TLS holds of a connection: records that came with others and that nobody has read."""

from __future__ import annotations

import ssl

_LARGEST = 1 << 14
"""Bytes that one record holds at most."""


def read_held(tls: ssl.SSLObject) -> bytes | None:
    """Return the content of the next record that came; None if no such record did.

    A read of a socket may bring several records, and a read over TLS gives one. The others are in
    no place where the socket shows them. Records that are TLS's own, such as session tickets, are
    taken and count as none.

    Returns:
        Some bytes, or none for the end of the connection.

    Raises:
        ssl.SSLError: It is no TLS.
    """
    try:
        return tls.read(_LARGEST)
    except ssl.SSLWantReadError:
        return None


def holds_more(tls: ssl.SSLObject) -> bool:
    """Return whether anything came that nobody has read, be it the end; it is lost by asking."""
    try:
        return read_held(tls) is not None
    except ssl.SSLError:
        return True
