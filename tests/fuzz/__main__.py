"""`python -m tests.fuzz`: fuzzes for a time, or runs the checks on given inputs."""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz import blind, corpus
from tests.fuzz.cases import parse
from tests.fuzz.checks import check, check_time

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return the exit status: 0, or another if a check failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("input", nargs="*", type=Path, help="inputs to check; nothing is fuzzed")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long; default 60")
    parser.add_argument("--runs", type=int, default=0, help="how often at most, in each worker")
    parser.add_argument("--workers", type=int, default=1, help="how many processes; default 1")
    parser.add_argument("--longest", type=int, default=200, help="bytes of an input; default 200")
    parser.add_argument("--seed", type=int, help="of what is random; another each time without it")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what is found worth it")
    parser.add_argument("--artifacts", type=Path, default=Path.cwd(), help="where failures go")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(1, 1 << 31)
    if options.input:
        for path in options.input:
            _reproduce(path)
        return 0
    if importlib.util.find_spec("atheris") is None:
        return blind.run(
            options.seed, options.seconds, options.runs, options.longest, options.artifacts
        )
    with tempfile.TemporaryDirectory() as folder:
        return _fuzz(options, Path(folder))


def _fuzz(options: argparse.Namespace, folder: Path) -> int:
    seeds = folder / "seeds"
    seeds.mkdir()
    corpus.write(seeds)
    corpus.write_tokens(folder / "tokens")
    kept: Path = options.corpus or folder / "found"
    kept.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.target"),
        f"-max_total_time={round(options.seconds)}",
        f"-max_len={options.longest}",
        f"-artifact_prefix={options.artifacts.absolute()}/",
        f"-dict={folder / 'tokens'}",
        "-timeout=20",
        "-print_final_stats=1",
        *([f"-runs={options.runs}"] if options.runs else []),
        *(str(kept.absolute()), str(seeds)),
    ]
    # To files: a full pipe would stop a worker.
    logs = [folder / f"log-{number}" for number in range(options.workers)]
    workers = []
    for number, log in enumerate(logs):
        seed = f"-seed={options.seed + number}"
        with log.open("wb") as file:
            workers.append(
                subprocess.Popen([*command, seed], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
            )
    failed = 0
    done = 0
    for worker, log in zip(workers, logs, strict=True):
        status = worker.wait()
        said = log.read_text(encoding="utf-8", errors="replace")
        done += sum(map(int, re.findall(r"number_of_executed_units: (\d+)", said)))
        if status:
            failed = status
            print(said[-8000:])
    print(f"{done} executions", flush=True)
    return failed


def _reproduce(path: Path) -> None:
    case = parse(path.read_bytes())
    print(f"{path}: output={case.output} event_id={case.event_id} mode={case.mode}")
    for payload in case.payloads():
        print(f"  {payload[:500]!r}")
    check(case)
    check_time(case)
    print("  all checks passed")


if __name__ == "__main__":
    raise SystemExit(main())
