"""`python -m benchmarks.soak`: an hour of mixed work, and whether anything grew.

Each event loop has a process of its own, with a server of its own; all work at the same time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from . import report
from .run import BACKENDS
from .verdict import kept, problems


def main() -> int:
    """Return the exit status: 1 if anything ended as it should not, grew, or was left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long (default: 60)")
    parser.add_argument(
        "--backend",
        nargs="+",
        choices=BACKENDS,
        default=["asyncio", "trio"],
        help="the event loops (default: asyncio and trio)",
    )
    parser.add_argument("--rate", type=float, default=20, help="pieces of work a second, of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path(".cache/soak"), help="for the lines")
    parser.add_argument("--read", action="store_true", help="don't run; read the folder's lines")
    parser.add_argument("--record", action="store_true", help="renew the page and its charts")
    options = parser.parse_args()
    if not options.read:
        _run(options)
    found = [kept(path) for path in sorted(options.folder.glob("*.jsonl"))]
    print("\n\n".join(map(report.table, found)))
    if options.record:
        report.record(found)
    return int(any(map(problems, found)))


def _run(options: argparse.Namespace) -> None:
    """Run on each event loop, all at the same time, until all have ended."""
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in options.folder.glob("*.jsonl"):
        path.unlink()
    command = [sys.executable, "-m", "benchmarks.soak.run", f"--seconds={options.minutes * 60}"]
    command += [f"--rate={options.rate}", f"--seed={options.seed}"]
    started = [
        subprocess.Popen([*command, f"--backend={name}", options.folder / f"{name}.jsonl"])
        for name in options.backend
    ]
    for process in started:
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
