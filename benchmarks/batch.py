"""`python -m benchmarks.batch`: `spacechat batch`, killed, measured and compared.

    --kills N        answers with random faults; N kills (SIGKILL) at random moments, each resumed
    --memory         the most memory that the command takes, at three sizes
    --throughput     the command against a bare loop of streams

Whatever is answered is looked at: every question once in the output, none lost, each with its own
answer, and none asked again whose answer was in the output.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from spacechat.local import ChatRequest, LocalSpace

from .soak.server import running

FAULTS = 0.05
"""The share of questions that fail, each time they are asked, before or in their answers."""
AT_ONCE = 62
"""Questions that the command asks at a time, where there are faults."""
PLACES, QUEUE = 20, 40
"""Questions that the Space answers, and lets wait; more are refused."""
SIZES = (2_000, 20_000, 100_000)


def main() -> int:
    """Return the exit status: 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--kills", type=int, metavar="N")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--prompts", type=int, default=20_000, help="for kills and throughput")
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="for throughput")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loop", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        asyncio.run(bare_loop(options.loop, options.prompts, options.concurrency))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        problems: list[str] = []
        if options.kills is not None:
            problems += kills(folder, options.prompts, options.kills, options.seed)
        if options.memory:
            memory(folder, options.concurrency)
        if options.throughput:
            throughput(folder, options.prompts, options.concurrency, options.rounds)
    for problem in problems:
        print(f"PROBLEM: {problem}")
    return 1 if problems else 0


class Faulty:
    """Answers with the prompt, and fails at random."""

    def __init__(self, seed: int) -> None:
        self.answered: Counter[str] = Counter()
        self._random = random.Random(seed)

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        chance = self._random.random()
        if chance < FAULTS / 2:
            raise RuntimeError("The Space has no memory left.")
        yield "to "
        if chance < FAULTS:
            raise RuntimeError("The Space has no memory left.")
        self.answered[request.prompt] += 1
        yield request.prompt


def kills(folder: Path, prompts: int, count: int, seed: int) -> list[str]:
    """Run the command, kill it so many times, and return what is wrong with its output."""
    source, target = _input(folder, prompts), folder / "out.jsonl"
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # It tells of every killed connection.
    chance = random.Random(seed)
    reply = Faulty(seed)
    runs = killed = 0
    written: list[tuple[int, dict[str, object]]] = []
    kept: set[int] = set()
    problems: list[str] = []
    began = time.monotonic()
    with LocalSpace("qwen-2-72b", reply=reply, concurrency=PLACES, max_queue=QUEUE) as space:
        models = ("-m", "qwen-2-72b", "--url", space.url, "--concurrency", f"{AT_ONCE}", "--resume")
        while True:
            runs += 1
            with _command(source, target, *models) as process:
                if killed < count:
                    # Between now and the end, by what is left and how many kills are to come.
                    wanted = len(kept) + chance.random() * 2 * (prompts - len(kept)) / (
                        count - killed + 1
                    )
                    _wait_for_lines(process, target, min(int(wanted), prompts - 1))
                    if process.poll() is None:
                        process.send_signal(signal.SIGKILL)
                        killed += 1
                process.communicate()
            written = _written(target)
            now = {line for line, result in written if "error" not in result}
            if not kept <= now:
                problems.append(f"run {runs} lost {len(kept - now)} answers")
            kept = now
            if process.returncode == 0 or runs > 50 + count:
                break
    seconds = time.monotonic() - began
    found = Counter(line for line, _ in written)
    if found != Counter(range(1, prompts + 1)):
        problems.append(f"{prompts - len(found)} missing, {found.total() - len(found)} twice")
    problems += [
        f"line {line} has {result.get('text')!r}"
        for line, result in written
        if result.get("text") != f"to question {line}"
    ]
    again = reply.answered.total() - prompts
    print(
        f"{len(found)} answers, each once, after {killed} kills and {runs} runs in "
        f"{seconds:.0f} s; {again} questions whose answers were in flight at a kill were asked "
        f"again (at most {killed * AT_ONCE})"
    )
    if killed < count:
        problems.append(f"only {killed} kills: the runs ended before")
    if not 0 <= again <= killed * AT_ONCE:
        problems.append(f"{again} questions were answered again")
    return problems


def _wait_for_lines(process: subprocess.Popen[str], target: Path, lines: int) -> None:
    """Wait until the output has so many lines, or its writer ends."""
    count, position = 0, 0
    deadline = time.monotonic() + 600
    while process.poll() is None and count < lines and time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError), open(target, "rb") as file:
            if os.fstat(file.fileno()).st_size < position:
                count = position = 0  # The failures have been taken out.
            file.seek(position)
            data = file.read()
            count, position = count + data.count(b"\n"), position + len(data)
        time.sleep(0.001)


def _written(target: Path) -> list[tuple[int, dict[str, object]]]:
    """Return the results that are whole."""
    found: list[tuple[int, dict[str, object]]] = []
    if target.exists():
        for line in target.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                result = json.loads(line)
                found.append((result["line"], result))
    return found


def memory(folder: Path, concurrency: int) -> None:
    """Tell the most memory that the command takes, at several sizes."""
    for size in SIZES:
        source, target = _input(folder, size, "ok"), folder / f"{size}.jsonl"
        with running() as at:
            peak = _taken(_against(source, target, at.known, concurrency)).memory
        # Not all of it at once: a new process counts what its parent had in memory as its own.
        with target.open("rb") as file:
            assert sum(1 for _ in file) == size
        print(f"{size:7} questions: {peak / 2**20:6.1f} MiB at the most", flush=True)


@dataclass(frozen=True)
class Taken:
    """What a process took: seconds, seconds of processors, and the most bytes of memory."""

    seconds: float
    cpu: float
    memory: int


def throughput(folder: Path, prompts: int, concurrency: int, rounds: int) -> None:
    """Compare the command with a bare loop of streams; the rounds take turns."""
    source = _input(folder, prompts, "ok")
    found: dict[str, list[Taken]] = {"bare loop": [], "spacechat batch": []}
    for number in range(rounds):
        with running() as at:
            command = [sys.executable, "-m", "benchmarks.batch", f"--loop={at.known}"]
            command += [f"--prompts={prompts}", f"--concurrency={concurrency}"]
            found["bare loop"].append(_taken(subprocess.Popen(command)))
        with running() as at:
            target = folder / f"round{number}.jsonl"
            found["spacechat batch"].append(_taken(_against(source, target, at.known, concurrency)))
    for name, taken in found.items():
        seconds = [each.seconds for each in taken]
        print(
            f"{name:16} {median(seconds):6.1f} s ({min(seconds):.1f} to {max(seconds):.1f}), "
            f"{prompts / median(seconds):.0f}/s, {median(each.cpu for each in taken):.1f} s of CPU"
        )
    bare, batch = found.values()
    ratios = [b.seconds / a.seconds for a, b in zip(bare, batch, strict=True)]
    cpu = [b.cpu / a.cpu for a, b in zip(bare, batch, strict=True)]
    print(f"{median(ratios):.2f} times the bare loop's time, {median(cpu):.2f} times its CPU")


async def bare_loop(url: str, prompts: int, concurrency: int) -> None:
    """Ask as many questions at once, and keep nothing of the answers."""
    import anyio

    from spacechat import AsyncClient
    from spacechat.providers import Qwen_Qwen_2_72B

    provider = Qwen_Qwen_2_72B.at(url)
    left = iter(range(prompts))

    async def work(client: AsyncClient) -> None:
        for _ in left:
            await client.ask("ok", provider=provider)

    async with AsyncClient() as client, anyio.create_task_group() as tasks:
        for _ in range(concurrency):
            tasks.start_soon(work, client)


def _against(source: Path, target: Path, url: str, concurrency: int) -> subprocess.Popen[str]:
    options = ("-m", "qwen-2-72b", "--url", url, "--concurrency", str(concurrency))
    return _command(source, target, *options)


def _taken(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Taken:
    """Wait for the end of a process, and return what it took."""
    began = time.monotonic()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit status {process.returncode}"
    cpu = usage.ru_utime + usage.ru_stime
    return Taken(time.monotonic() - began, cpu, usage.ru_maxrss * 1024)


def _input(folder: Path, prompts: int, text: str | None = None) -> Path:
    source = folder / f"in{prompts}.jsonl"
    with source.open("w") as file:
        for number in range(1, prompts + 1):
            file.write(json.dumps({"prompt": text or f"question {number}"}) + "\n")
    return source


def _command(source: Path, target: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "spacechat", "batch", *options, str(source), str(target)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True)


if __name__ == "__main__":
    raise SystemExit(main())
