"""Calls of a function on a real Dask cluster of two worker processes, one of which is killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.processes import Script, wait_until
from tests.servers import CLOSE_STREAM, Part, ReplayServer, Then, completed, gradio, message
from tests.servers.functions import told
from tests.systems import POSIX

CLUSTER = """
import json, os, signal, sys, threading
from distributed import Client, LocalCluster
import spacechat

def line():
    return sys.stdin.readline().strip()

def read(results):
    shown = [
        each.value if each.error is None else
        [type(each.error).__name__, str(each.error), each.error.may_have_run]
        for each in results
    ]
    print("found", json.dumps(shown))

def main():
    with LocalCluster(
        n_workers=2, threads_per_worker=4, dashboard_address=":0", host="127.0.0.1"
    ) as cluster, Client(cluster) as dask, spacechat.Client() as client:
        dask.wait_for_workers(2)
        given = [1, spacechat.Arguments(2, num2=3), "x", open(__file__, "rb")]
        read(client.app(line()).map("/calc", given, cluster=dask, concurrency=2))

        hangs = client.app(line())
        with hangs.map("/calc", [1], cluster=dask) as calls:
            reader = threading.Thread(target=read, args=(calls,))
            reader.start()
            line()
            pids = dask.run(os.getpid)
            (busy,) = [address for address, keys in dask.processing().items() if keys]
            os.kill(pids[busy], signal.SIGKILL)
            reader.join()

        with hangs.map("/calc", [1], cluster=dask) as calls:
            threading.Thread(target=next, args=(calls, None), daemon=True).start()
            line()
        print("left yes")
        line()

if __name__ == "__main__":
    main()
"""


def functions(*parts: Part) -> ReplayServer:
    return ReplayServer(gradio(*parts, **told()))


def joins(server: ReplayServer) -> list[Any]:
    return [each.json["data"] for each in server.requests if "/join" in each.path]


def reads(server: ReplayServer) -> int:
    return sum("/data" in each.path for each in server.requests)


@POSIX
def test_calls_on_a_cluster(tmp_path: Path) -> None:
    hanging = message("process_starts", eta=None), Then.HANG
    with (
        Script(tmp_path, CLUSTER) as script,
        functions(completed(3), CLOSE_STREAM) as server,
        functions(*hanging) as hangs,
    ):
        script.tell(server.url)
        one, two, text, file = json.loads(script.read("found"))
        assert (one, two) == (3, 3)
        assert sorted(joins(server)) == [[1, "add", 100], [2, "add", 3]]
        assert (text[0], file[0]) == ("InputsError", "InputsError")
        assert "takes a number" in text[1]
        assert "can't be sent to a worker" in file[1]

        script.tell(hangs.url)
        wait_until(lambda: reads(hangs) == 1)
        script.tell("kill")
        ((kind, says, may_have_run),) = json.loads(script.read("found"))
        assert (kind, may_have_run) == ("StreamInterruptedError", True)
        assert "worker was lost" in says
        assert len(joins(hangs)) == 1  # No other worker makes the call again.

        wait_until(lambda: reads(hangs) == 2)
        script.tell("leave")
        script.read("left")
        wait_until(lambda: len(hangs.to("/gradio_api/cancel")) == 1)
        script.tell("end")
        assert script.end().code == 0
