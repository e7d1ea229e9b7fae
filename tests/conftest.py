"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from spacechat.apps import memory
from spacechat.local import LocalSpace
from spacechat.sync import shortcuts
from tests.apis import Api
from tests.leaving import endless
from tests.servers import ReplayServer, refused
from tests.servers.gradio import HELLO
from tests.servers.memory import Network, install

# The same examples each time: a test fails for a change, not by luck.
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("default")

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

SHARED = re.compile(
    r"(?:gradio|functions|zoo|oracle)-[\d.]+|package\([\w/-]+\)|wild-[\d.]+(?:\+\w+)?|test_notebooks"
    r"|test_marimo|test_signals"
)
"""What the tests that share a server, a kernel or other processes have in their names."""

LONG = re.compile(
    r"test_httpx2|test_floods|test_fuzz\.py|test_docs\.py|test_cluster|test_soak|test_leaks"
    r"|accepts_the_samples|test_kills"
)
"""What the tests that take many seconds each have in their names."""

LOOPS: dict[str, tuple[str, dict[str, bool]]] = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
"""The event loops that asynchronous tests run on, in anyio's terms."""

SETTINGS = (
    *("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_DISABLE_IMPLICIT_TOKEN"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
    *("SPACECHAT_CONFIG", "SPACECHAT_MODEL"),
)
"""Variables of the environment that a test sets itself, if it wants them."""

BACKENDS = [pytest.param(backend, id=name) for name, backend in LOOPS.items()]

BLOCKING = "blocking"
"""In the place of an event loop: the blocking API, called from threads of an event loop."""

BOTH_APIS = pytest.mark.runs_on(*LOOPS, BLOCKING)
"""For tests that are written once for both APIs."""

EITHER_TRANSPORT = pytest.mark.usefixtures("either_transport")
"""For tests that run once with the ordinary transport, and once with the fast one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--one-loop`, for runs beside one that has tried every event loop."""
    told = "run each asynchronous test on one event loop: on each in turn"
    parser.addoption("--one-loop", action="store_true", help=told)


def pytest_configure() -> None:
    """Prepare for the processes that tests start.

    Hundreds of tests start Python, which would compile the library anew each time where it must not
    keep the bytecode. Ctrl-C has to reach them: what a shell starts with `&` ignores it.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core, as a test computes for less than half of its time.

    It waits for the rest of it: for a process to start, an answer to come, a time to pass.
    """
    return (os.cpu_count() or 1) * 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that none of them is left over for one process in the end."""
    if config.getoption("one_loop"):
        left_out = on_other_loops(items, sys.version_info.minor)
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))
    items.sort(key=lambda item: LONG.search(item.nodeid) is None)


def on_other_loops(items: Iterable[pytest.Item], first: int) -> set[pytest.Item]:
    """Return what to leave out, so that a test with the same parameters runs on one event loop.

    The next test runs on the next loop. The first one's is a number, such as Python's version: each
    version then meets every loop in some test of everything, and three versions run all tests.
    """
    same: defaultdict[object, list[pytest.Item]] = defaultdict(list)
    for item in items:
        spec = getattr(item, "callspec", None)
        if spec is not None and spec.params.get("runs_on") in LOOPS:
            others = tuple(id(value) for name, value in spec.params.items() if name != "runs_on")
            same[item.nodeid.partition("[")[0], others].append(item)
    return {
        item
        for number, group in enumerate(same.values(), first)
        for place, item in enumerate(group)
        if place != number % len(group)
    }


def pytest_collection_finish() -> None:
    """Exempt modules and collected tests from garbage collection: half a second each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Run tests that share something in one process, and each of the others where there is time."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            found = SHARED.search(nodeid)
            return found[0] if found else nodeid

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            """Forget what is complete, since all that a process ever had is counted each time."""
            super().mark_test_complete(node, item_index, duration)
            scope = self._split_scope(self.registered_collections[node][item_index])
            if all(self.assigned_work[node][scope].values()):
                del self.assigned_work[node][scope]

    return Scheduling(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each asynchronous test on every event loop, or on what its mark `runs_on` names."""
    if "runs_on" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("runs_on")
        metafunc.parametrize("runs_on", mark.args if mark else LOOPS, indirect=True)


@pytest.fixture
def runs_on(request: pytest.FixtureRequest) -> str:
    """The name of the event loop, or `BLOCKING`."""
    name: str = request.param
    if name == "uvloop" and sys.platform == "win32":
        pytest.skip("there is no uvloop for Windows")
    return name


@pytest.fixture
def anyio_backend(runs_on: str) -> tuple[str, dict[str, bool]]:
    """The event loop that anyio's plugin starts for a test."""
    return LOOPS["asyncio" if runs_on == BLOCKING else runs_on]


@pytest.fixture(scope="session", autouse=True)
def _nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings, logins and proxies of the person who runs the tests are none of their business.

    The user of the tests has set and kept nothing. A test that sets something does so for itself.
    """
    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        # Caches stay where they are, since other programs' take long to fill.
        for name in ("HF_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, home)
        patch.setenv("SPACECHAT_CACHE", "")
        yield


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What commands keep is not kept among what the person who runs the tests has."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(autouse=True)
def _own_memory() -> None:
    """What a process shares remembers apps by their addresses; ports are used again."""
    shortcuts._client.cache_clear()
    memory.SHARED.clear()


@pytest.fixture
def addresses_of_one_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of this machine count as those of the internet do, whose addresses keep their app."""
    monkeypatch.setattr("spacechat.apps.known.keeps_its_app", lambda _url: True)


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waiting between attempts has tests of its own."""
    monkeypatch.setattr("spacechat.streaming.attempts.FIRST", 0.01)


@pytest.fixture(autouse=True)
def _patient_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling a Space to stop may take a busy machine longer; the limit has a test of its own."""
    monkeypatch.setattr("spacechat.streaming.runner.CLOSING", 60.0)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with refused() as url:
        yield url


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network in memory, in the place of the real one."""
    return install(monkeypatch)


@pytest.fixture
def client(runs_on: str) -> Any:
    """A client of the API that the test runs on."""
    return Api(runs_on == BLOCKING).client()


@pytest.fixture
def client_of(runs_on: str) -> Callable[..., Any]:
    """Makes clients of the API that the test runs on."""
    return Api(runs_on == BLOCKING).client


@pytest.fixture
def ordinary_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client reads with the ordinary transport."""
    monkeypatch.setattr("spacechat.transport.http_client.fast_transport", lambda: None)


@pytest.fixture
def fast(request: pytest.FixtureRequest) -> bool:
    """Whether clients read with the fast transport; for the test's own parameters, `indirect`."""
    is_fast: bool = request.param
    if not is_fast:
        request.getfixturevalue("ordinary_transport")
    return is_fast


@pytest.fixture(params=["ordinary", "fast"])
def either_transport(request: pytest.FixtureRequest) -> str:
    """Every client reads with the ordinary transport, then every one with the fast transport."""
    name: str = request.param
    if name == "ordinary":
        request.getfixturevalue("ordinary_transport")
    return name


@pytest.fixture
def slow() -> Iterator[LocalSpace]:
    """A Space whose answer goes on until somebody stops it."""
    with LocalSpace("qwen-2-72b", endless, delay=0.005) as space:
        yield space


@pytest.fixture
def hello() -> Iterator[ReplayServer]:
    """A server that answers `Hello` in two pieces."""
    with ReplayServer(HELLO) as server:
        yield server
