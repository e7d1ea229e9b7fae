"""Fuzzing without atheris: the same checks on inputs that are changed at random."""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import time
import traceback

from tests.fuzz.modes import load


def run(options: argparse.Namespace, name: str) -> int:
    """Fuzz in a mode until a check fails, the time is over, or the runs are done.

    Args:
        options: The options of the command line.
        name: The mode's name.

    Returns:
        The exit status, 77 for a failure, as libFuzzer has it.
    """
    mode, source = load(name), random.Random(options.seed)
    pool = mode.inputs()
    if options.corpus:
        kept = sorted((options.corpus / name).glob("*"))
        pool += [path.read_bytes() for path in kept]
    end = time.monotonic() + (options.seconds or math.inf)
    most = options.runs or math.inf
    done = 0
    while done < most and time.monotonic() < end:
        data = pool[done] if done < len(pool) else _changed(source, pool)[: options.longest]
        done += 1
        try:
            mode.check_input(data)
        except Exception:
            traceback.print_exc()
            path = options.artifacts / f"{name}-crash-{hashlib.sha1(data).hexdigest()}"
            path.write_bytes(data)
            print(f"Test unit written to {path}", flush=True)
            return 77
    print(f"{name}: {done} executions, blind to coverage, from seed {options.seed}", flush=True)
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
