"""A program for each package, started when a test first wants it, and the Spaces that it asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.environments import BUILD_TIMEOUT
from tests.integrations.packages import RUNNABLE, Package
from tests.integrations.program import Program, program
from tests.integrations.spaces import Spaces, running

EACH = [pytest.param(each, id=f"package({each.key})", marks=pytest.mark.real) for each in RUNNABLE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests time to make an environment, whichever of them is the first to need it."""
    for item in items:
        if "package" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(BUILD_TIMEOUT + 300))


@pytest.fixture(scope="module", params=EACH)
def package(request: pytest.FixtureRequest) -> Package:
    """Return a package; each test runs once for each."""
    found: Package = request.param
    return found


@pytest.fixture(scope="module")
def spaces() -> Iterator[Spaces]:
    """Run the Spaces, and the server in front of them."""
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def user(
    package: Package, spaces: Spaces, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Run a program that uses the package; it must have asked this machine alone."""
    folder = tmp_path_factory.mktemp(package.name)
    settings = {**package.settings, "HF_ENDPOINT": spaces.hub}
    with program(package.python(), folder, settings) as found:
        yield found
        found.end()
    assert found.strangers == []
