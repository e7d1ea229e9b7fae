"""The memory, sockets, tasks and threads of this process at one moment."""

from __future__ import annotations

import asyncio
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
        blocks: Pieces of memory that Python's objects take.
        sockets: Sockets, those of event loops included.
        tasks: Tasks that have not ended, of all event loops.
        threads: Threads.
        generators: Asynchronous generators that something holds.
        cpu: Seconds of processors so far.
    """

    resident: int
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
