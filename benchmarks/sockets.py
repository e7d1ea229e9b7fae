"""Counts the open sockets of this process, for the soak test and the tests of leaks."""

from __future__ import annotations

import gc
import os
import socket


def open_sockets() -> int:
    """Return how many sockets are open in this process, those of its own servers included."""
    try:
        names = os.listdir("/proc/self/fd")
    except FileNotFoundError:
        return sum(isinstance(one, socket.socket) and one.fileno() >= 0 for one in gc.get_objects())
    count = 0
    for name in names:
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except FileNotFoundError:  # noqa: PERF203 - the descriptor that listed the folder
            continue
    return count
