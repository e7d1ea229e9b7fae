"""Batches on a real Dask cluster of three worker processes, one of which is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest

from spacechat import Client, errors
from spacechat.apps.options import NO_OPTIONS
from spacechat.cli import run
from spacechat.client.dask import AskThere
from spacechat.local import ChatRequest, LocalSpace
from spacechat.providers import Qwen_Qwen_2_72B
from tests.processes import Script, wait_until
from tests.servers import until
from tests.systems import POSIX

if TYPE_CHECKING:
    from distributed.scheduler import WorkerState

CLUSTER = """
import json, os, signal, sys
from distributed import Client, LocalCluster
import spacechat

def busiest(dask):
    pids = dask.run(os.getpid)
    tasks = {address: len(keys) for address, keys in dask.processing().items()}
    address = max(tasks, key=tasks.get)
    return pids[address], tasks[address]

def main():
    with LocalCluster(
        n_workers=3, threads_per_worker=4, dashboard_address=":0", host="127.0.0.1"
    ) as cluster, Client(cluster) as dask:
        dask.wait_for_workers(3)
        print("address", cluster.scheduler_address)
        sys.stdin.readline()
        pid, tasks = busiest(dask)
        os.kill(pid, signal.SIGKILL)
        print("killed", tasks)
        url = sys.stdin.readline().strip()
        with spacechat.Client() as client:
            prompts = [f"q{number}" for number in range(9)] + ["fails", ""]
            results = client.map(prompts, model=url, cluster=dask, concurrency=5, ordered=True)
            found = [
                result.reply.text if result.reply else [
                    type(result.error).__name__, result.error.partial_text
                ]
                for result in results
            ]
        print("found", json.dumps(found))
        sys.stdin.readline()

if __name__ == "__main__":
    main()
"""
LIMIT = 6


class Held:
    """Answers with the prompt, once the gate is open; notes how much the Space does at once."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.most = 0
        self.space: LocalSpace | None = None
        self._counting = threading.Lock()

    def begin_anew(self) -> None:
        with self._counting:
            self.most = 0

    def __call__(self, request: ChatRequest) -> Iterator[str]:
        assert self.space is not None
        with self._counting:
            self.most = max(self.most, self.space.active)
        yield "to "
        self.gate.wait(100)
        if request.prompt == "fails":
            raise RuntimeError("Not today.")
        yield request.prompt


@POSIX
def test_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    source, here, there = (tmp_path / f"{name}.jsonl" for name in ("in", "here", "there"))
    source.write_text("".join(f'"q{number}"\n' for number in range(60)))
    options = ("--ordered", "--concurrency", str(LIMIT))
    with Script(tmp_path, CLUSTER) as script, LocalSpace("qwen-2-72b", held) as space:
        held.space = space
        command = [sys.executable, "-m", "spacechat", "batch", "-m", space.url, *options]
        address = script.read("address")
        with subprocess.Popen(
            [*command, "--dask", address, str(source), str(there)],
            stderr=subprocess.PIPE,
            text=True,
        ) as batch:
            try:
                wait_until(lambda: _reading(space) == held.most == space.active == LIMIT)
                script.tell("kill")
                lost = int(script.read("killed"))
                assert lost > 0
                # What the lost worker was at is asked by others. Until the Space has seen that
                # its connections are gone, it may count both.
                wait_until(lambda: _reading(space) == LIMIT + lost)
                wait_until(lambda: space.cancelled == lost and space.active == LIMIT)
                held.begin_anew()
                held.gate.set()
                _, told = batch.communicate(timeout=100)
            finally:
                held.gate.set()
                batch.kill()
        assert batch.returncode == 0, told
        assert "60 answered" in told
        assert 0 < held.most <= LIMIT
        assert _joined(space) == 60 + lost
        arguments = ["spacechat", *command[3:], str(source), str(here)]
        monkeypatch.setattr(sys, "argv", arguments)
        assert run() == 0
        assert _answers(there) == _answers(here) == [(n + 1, f"to q{n}") for n in range(60)]
        held.begin_anew()
        script.tell(space.url)
        found = json.loads(script.read("found"))
        assert held.most <= 5
        script.tell("end")
        assert script.end().code == 0
    assert found == [
        *(f"to q{number}" for number in range(9)),
        ["GenerationError", "to "],
        ["MessagesError", ""],
    ]


def _reading(space: LocalSpace) -> int:
    return sum("/queue/data" in request.path for request in space.requests)


def _joined(space: LocalSpace) -> int:
    return sum("/queue/join" in request.path for request in space.requests)


def _answers(path: Path) -> list[tuple[int, str]]:
    results: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return [(result["line"], result["text"]) for result in results]


class _Lost:
    """A cluster whose tasks all end with an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def submit(self, *_: object, **__: object) -> _Lost:
        return self

    def result(self) -> object:
        raise self.error

    def cancel(self) -> None: ...


def test_errors_of_a_cluster() -> None:
    import concurrent.futures

    from distributed import KilledWorker

    provider = Qwen_Qwen_2_72B.at("http://127.0.0.1:9")
    with Client() as client:
        worker = cast("WorkerState", SimpleNamespace(address="tcp://127.0.0.1:9"))
        lost = _Lost(KilledWorker("task", worker, 4))
        (result,) = client.map(["Hi"], provider=provider, cluster=lost)
        assert isinstance(result.error, errors.StreamInterruptedError)
        with pytest.raises(ConnectionError, match="Dask cluster can't be reached any more"):
            list(
                client.map(
                    ["Hi"],
                    provider=provider,
                    cluster=_Lost(concurrent.futures.CancelledError()),
                )
            )
        with pytest.raises(TypeError, match="asynchronous=False"):
            client.map([], cluster=cast("_Lost", SimpleNamespace(asynchronous=True)))


def test_leaving_early_takes_the_tasks_back() -> None:
    submitted: list[_Waiting] = []

    class _Waiting(_Lost):
        def __init__(self) -> None:
            super().__init__(ZeroDivisionError())
            self.cancelled = threading.Event()

        def submit(self, *_: object, **__: object) -> _Waiting:
            submitted.append(_Waiting())
            return submitted[-1]

        def result(self) -> object:
            assert self.cancelled.wait(60)
            raise self.error

        def cancel(self) -> None:
            self.cancelled.set()

    async def main() -> None:
        from spacechat import AsyncClient

        async with AsyncClient() as client:
            async with client.map("abcd", cluster=_Waiting(), concurrency=3):
                await until(lambda: len(submitted) == 3)
            assert all(each.cancelled.is_set() for each in submitted)

    for backend in ("asyncio", "trio"):
        submitted.clear()
        anyio.run(main, backend=backend)


def test_a_worker_that_gives_something_else() -> None:
    ask = AskThere(_Lost(ZeroDivisionError()), Client()._settings, NO_OPTIONS, 1)
    with pytest.raises(ZeroDivisionError):
        anyio.run(ask, "Hi", Qwen_Qwen_2_72B, None)


def test_no_cluster(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('"Hi"\n')
    command = [sys.executable, "-m", "spacechat", "batch", "--dask", "nonsense://here"]
    done = subprocess.run(
        [*command, str(source), str(tmp_path / "out.jsonl")],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 2
    assert "unknown address scheme 'nonsense'" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()
