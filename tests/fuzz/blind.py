"""What is run where atheris can't be had: the same checks on inputs changed at random."""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from pathlib import Path

from tests.fuzz.checks import check_input
from tests.fuzz.corpus import inputs


def run(seed: int, seconds: float, runs: int, longest: int, artifacts: Path) -> int:
    """Run until a check fails, the time is over, or the runs are done.

    Returns:
        The exit status, 77 for a failure, as libFuzzer has it.
    """
    source = random.Random(seed)
    print(f"No atheris: changing inputs at random, without looking at coverage. Seed: {seed}")
    pool = inputs()
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end and (not runs or done < runs):
        data = pool[done] if done < len(pool) else _changed(source, pool)[:longest]
        done += 1
        try:
            check_input(data)
        except Exception:
            traceback.print_exc()
            path = artifacts / f"crash-{hashlib.sha1(data).hexdigest()}"
            path.write_bytes(data)
            print(f"Test unit written to {path}", flush=True)
            return 77
    print(f"stat::number_of_executed_units: {done}", flush=True)
    return 0


def _changed(source: random.Random, pool: list[bytes]) -> bytes:
    data = bytearray(source.choice(pool))
    for _ in range(source.randint(1, 6)):
        start = source.randrange(len(data) + 1)
        end = min(len(data), start + source.randint(0, 12))
        how = source.randrange(5)
        if how == 0:
            data[start:end] = b""
        elif how == 1:
            data[start:start] = data[start:end]
        elif how == 2:
            data[start:end] = source.randbytes(end - start)
        elif how == 3:
            data[start:start] = bytes([source.choice((0, 1, 2, 10, 248, source.randrange(256)))])
        else:
            other = source.choice(pool)
            data[start:] = other[source.randrange(len(other)) :]
    return bytes(data)
