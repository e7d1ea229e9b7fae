"""The servers, started when a test first wants them and stopped after the last one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.conftest import BACKENDS
from tests.environments import BUILD_TIMEOUT
from tests.real import functions
from tests.real.environments import VERSIONS
from tests.real.functions import FunctionServer
from tests.real.servers import GradioServer, MoreServer
from tests.real.wild import WildServer
from tests.real.zoo import ZooServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests time to make an environment, whichever of them is the first to need it."""
    for item in items:
        if item.get_closest_marker("real"):
            item.add_marker(pytest.mark.timeout(BUILD_TIMEOUT + 300))


SERVERS = [pytest.param(v, id=f"gradio-{v}", marks=pytest.mark.real) for v in VERSIONS]

FUNCTION_SERVERS = [
    pytest.param(v, id=f"functions-{v}", marks=pytest.mark.real) for v in functions.VERSIONS
]

each_version_once = pytest.mark.parametrize(
    ("gradio_server", "anyio_backend"),
    [
        pytest.param(
            version, *backend.values, id=f"gradio-{version}-{backend.id}", marks=pytest.mark.real
        )
        for version, backend in zip(VERSIONS, BACKENDS, strict=True)
    ],
    indirect=["gradio_server"],
)
"""For a test that takes long: each version with an event loop of its own has to do."""


@pytest.fixture(autouse=True)
def _patient_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may be long in opening a page; the limit has a test of its own."""
    monkeypatch.setattr("spacechat.streaming.open_page.OPENING", 60.0)


@pytest.fixture(scope="session")
def gradio_servers() -> Iterator[Callable[[str], GradioServer]]:
    """Return the running server of a Gradio version, starting it the first time."""
    running: dict[str, GradioServer] = {}
    with contextlib.ExitStack() as stack:

        def get(version: str) -> GradioServer:
            if version not in running:
                running[version] = stack.enter_context(GradioServer(version))
            return running[version]

        yield get


@pytest.fixture(scope="session", params=SERVERS)
def gradio_server(
    request: pytest.FixtureRequest, gradio_servers: Callable[[str], GradioServer]
) -> GradioServer:
    """Return a real Gradio server with all the apps; each test runs once per version."""
    version: str = request.param
    return gradio_servers(version)


_ServerT = TypeVar("_ServerT", bound=GradioServer)


@contextlib.contextmanager
def _one_at_a_time(start: Callable[[str], _ServerT]) -> Iterator[Callable[[str], _ServerT]]:
    """Give a function that starts the server of a version and stops the last; each is large."""
    running: dict[str, _ServerT] = {}
    with contextlib.ExitStack() as stack:

        def get(version: str) -> _ServerT:
            if version not in running:
                stack.close()
                running.clear()
                server = start(version)
                stack.enter_context(server)
                running[version] = server
            return running[version]

        yield get


@pytest.fixture(scope="session")
def zoo_servers() -> Iterator[Callable[[str], ZooServer]]:
    """Return the zoo of a Gradio version, starting it where another one runs."""
    with _one_at_a_time(ZooServer) as get:
        yield get


@pytest.fixture
def zoo_server(
    request: pytest.FixtureRequest, zoo_servers: Callable[[str], ZooServer]
) -> ZooServer:
    """Return a real server with the apps of the zoo; parametrize it (see `zoo_cases`)."""
    # Not of the session: pytest would start one anew for each test, though the version stays.
    version: str = request.param
    return zoo_servers(version)


@pytest.fixture(scope="session")
def wild_servers() -> Iterator[Callable[[str], WildServer]]:
    """Return the wild apps of an environment, starting them where others run."""
    with _one_at_a_time(WildServer) as get:
        yield get


@pytest.fixture
def wild_server(
    request: pytest.FixtureRequest, wild_servers: Callable[[str], WildServer]
) -> WildServer:
    """Return a real server with the wild apps; parametrize it (see `wild_cases`)."""
    environment: str = request.param
    return wild_servers(environment)


@pytest.fixture(scope="session")
def more_servers() -> Iterator[Callable[[str], MoreServer]]:
    """Return the moved and other apps under a Gradio version, started the first time."""
    running: dict[str, MoreServer] = {}
    with contextlib.ExitStack() as stack:

        def get(version: str) -> MoreServer:
            if version not in running:
                running[version] = stack.enter_context(MoreServer(version))
            return running[version]

        yield get


@pytest.fixture(scope="session", params=SERVERS)
def more_server(
    request: pytest.FixtureRequest, more_servers: Callable[[str], MoreServer]
) -> MoreServer:
    """Return a real server with the moved and other apps; each test runs once per version."""
    version: str = request.param
    return more_servers(version)


@pytest.fixture(scope="session", params=FUNCTION_SERVERS)
def function_server(request: pytest.FixtureRequest) -> Iterator[FunctionServer]:
    """Return a real server with functions to call; each test runs once per version."""
    with FunctionServer(request.param) as server:
        yield server
