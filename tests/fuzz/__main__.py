"""`python -m tests.fuzz`: fuzzes for a time, or runs the checks on given inputs."""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import blind, modes

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or another if a check failed.

    Args:
        arguments: The command line without the program; None: this process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("input", nargs="*", type=Path, help="inputs to check; nothing is fuzzed")
    parser.add_argument(
        "--mode", choices=modes.NAMES, help="what is checked; else all, one after another"
    )
    parser.add_argument("--seconds", type=float, help="how long, each mode; default 60, or --runs")
    parser.add_argument("--runs", type=int, help="how often at most, each mode in each worker")
    parser.add_argument("--workers", type=int, default=1, help="how many processes; default 1")
    parser.add_argument("--longest", type=int, default=200, help="bytes of an input; default 200")
    parser.add_argument("--seed", type=int, help="of what is random; another each time without it")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what is found worth it")
    parser.add_argument("--artifacts", type=Path, default=Path.cwd(), help="where failures go")
    parser.add_argument("--blind", action="store_true", help="do without atheris")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.randrange(1, 1 << 31)
    if options.seconds is None:
        options.seconds = 0 if options.runs else 60
    chosen = modes.NAMES if options.mode is None else (options.mode,)
    if options.input:
        for path in options.input:
            _reproduce(path, chosen)
        return 0
    is_blind = options.blind or importlib.util.find_spec("atheris") is None
    for name in chosen:
        failed = blind.run(options, name) if is_blind else _guided(options, name)
        if failed:
            return failed
    return 0


def _guided(options: argparse.Namespace, name: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return _run(options, name, Path(folder))


def _run(options: argparse.Namespace, name: str, folder: Path) -> int:
    """Fuzz in a mode, in as many processes as are wanted; return the exit status."""
    kept: Path = options.corpus / name if options.corpus else folder / "found"
    kept.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.target", name),
        f"-max_total_time={round(options.seconds)}",
        f"-runs={options.runs or -1}",
        f"-max_len={options.longest}",
        f"-artifact_prefix={options.artifacts.absolute()}/{name}-",
        *_written(modes.load(name), folder),
        "-timeout=600",  # Time is checked elsewhere; this is for what never ends.
        "-report_slow_units=600",
        "-print_final_stats=1",
        str(kept.absolute()),
    ]
    # To files: a full pipe would stop a worker.
    logs = [folder / f"log-{number}" for number in range(options.workers)]
    # With one seed, what is new comes in the same order each time, whatever is hashed.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    workers: list[subprocess.Popen[bytes]] = []
    for number, log in enumerate(logs):
        seed = f"-seed={options.seed + number}"
        with log.open("wb") as file:
            workers.append(
                subprocess.Popen(
                    [*command, seed],
                    cwd=ROOT,
                    env=environment,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            )
    failed = 0
    done = 0
    reached: list[str] = []
    for worker, log in zip(workers, logs, strict=True):
        status = worker.wait()
        said = log.read_text(encoding="utf-8", errors="replace")
        done += sum(map(int, re.findall(r"number_of_executed_units: (\d+)", said)))
        reached += re.findall(r"DONE +(cov: \d+ ft: \d+ corp: \d+)", said)
        if status:
            failed = status
            print(said[-8000:])
    print(f"{name}: {done} executions; {'; '.join(reached)}", flush=True)
    return failed


def _written(mode: modes.Mode, folder: Path) -> Sequence[str]:
    """Write what libFuzzer starts from; return its options for that.

    The inputs are listed, since files in a folder come in any order.
    """
    seeds = []
    for number, data in enumerate(mode.inputs()):
        seeds.append(folder / f"seed-{number:04}")
        seeds[-1].write_bytes(data)
    listed, tokens = folder / "seeds", folder / "tokens"
    listed.write_text(",".join(map(str, seeds)), encoding="utf-8")
    lines = ("".join(f"\\x{byte:02x}" for byte in token.encode()) for token in mode.TOKENS)
    tokens.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return [f"-seed_inputs=@{listed}", f"-dict={tokens}"]


def _reproduce(path: Path, names: Sequence[str]) -> None:
    data = path.read_bytes()
    for name in names:
        mode = modes.load(name)
        print(f"{path} as {name}:")
        for line in mode.shown(data):
            print(f"  {line}")
        mode.check_input(data)
        print("  all checks passed")


if __name__ == "__main__":
    raise SystemExit(main())
