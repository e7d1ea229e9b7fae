"""The memory, sockets, tasks and threads of this process at one moment."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from types import AsyncGeneratorType

import sniffio

from ..sockets import open_sockets


@dataclass(frozen=True)
class Living:
    """The memory, sockets, tasks and threads of a process.

    Attributes:
        resident: Bytes of it that are in memory.
        given: Bytes that the C library has given to this process, and not got back.
        blocks: Pieces of memory that Python's objects take.
        sockets: Sockets, those of event loops included.
        tasks: Tasks that have not ended, of all event loops.
        threads: Threads.
        generators: Asynchronous generators that something holds.
        cpu: Seconds of processors so far.
    """

    resident: int
    given: int
    blocks: int
    sockets: int
    tasks: int
    threads: int
    generators: int
    cpu: float

    @classmethod
    def now(cls) -> Living:
        """Return what this process has now."""
        blocks = sys.getallocatedblocks()
        tasks = generators = 0
        for each in gc.get_objects():
            # By the exact type: `isinstance` asks proxies, which may be of something that is gone.
            kind = type(each)
            generators += kind is AsyncGeneratorType
            tasks += kind is asyncio.Task and not each.done()
        if sniffio.current_async_library() == "trio":
            import trio

            tasks += trio.lowlevel.current_statistics().tasks_living
        return cls(
            resident=_resident(),
            given=_given(),
            blocks=blocks,
            sockets=open_sockets(),
            tasks=tasks,
            threads=threading.active_count(),
            generators=generators,
            cpu=time.process_time(),
        )

    def as_fields(self) -> dict[str, float]:
        return asdict(self)


def _resident() -> int:
    """Return the bytes of this process that are in memory; 0 where the system has no `/proc`."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


_PROCESS = ctypes.CDLL(None) if os.name == "posix" else None
"""What this process has loaded, the C library among it."""


class _Mallinfo(ctypes.Structure):
    """What glibc tells of its memory."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def collect() -> None:
    """Have Python collect its garbage, and the C library give free memory back to the system."""
    gc.collect()
    give_back = getattr(_PROCESS, "malloc_trim", None)
    if give_back is not None:
        give_back(0)


def _given() -> int:
    """Return the bytes that the C library has given out; 0 where it is not glibc 2.33 or later."""
    tell = getattr(_PROCESS, "mallinfo2", None)
    if tell is None:
        return 0
    tell.restype = _Mallinfo
    told = tell()
    return int(told.uordblks + told.hblkhd)
