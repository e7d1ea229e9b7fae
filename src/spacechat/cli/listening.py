"""Whether an app of this machine runs, which can be told before anything is asked."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from ..addresses import is_loopback

_PATIENCE = 0.2
"""Seconds to wait at the most; on this machine, the answer is there at once."""
_PORTS = {"http": 80, "https": 443}


def is_nobody_there(url: str) -> bool:
    """Tell whether an address is one of this machine, and no program listens at it.

    Args:
        url: A Space's address.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not is_loopback(host):
        return False
    try:
        port = parts.port or _PORTS[parts.scheme]
        socket.create_connection((host, port), _PATIENCE).close()
    except ConnectionRefusedError:
        return True
    except OSError:  # It may be there, and busy.
        pass
    return False
