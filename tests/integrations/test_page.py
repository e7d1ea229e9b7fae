"""The page says what the tests of the packages assert."""

from __future__ import annotations

import pytest

from tests.docs.blocks import blocks
from tests.integrations.packages import PACKAGES, Package
from tests.integrations.page import ASKS, TRANSPORTS, shows, text
from tests.integrations.table import written

KINDS = {*ASKS, *TRANSPORTS, "conversation", "schema", "refused schema", "agent", "tools"}


def test_the_tables_are_up_to_date() -> None:
    assert text() == written(), "run python -m tests.integrations.table"


def test_every_block_is_of_a_package_that_is_tested() -> None:
    found = [(block.package, block.shows) for block in blocks(text()) if block.package is not None]
    assert {name for name, _ in found} == {each.key for each in PACKAGES}
    assert len(found) == len(set(found)), "of two blocks that show the same, one would not run"


@pytest.mark.parametrize("package", [each for each in PACKAGES if each.over], ids=lambda p: p.key)
def test_whoever_asks_another_part_of_the_api_says_so(package: Package) -> None:
    own = {block.shows for block in blocks(text()) if block.package == package.key}
    assert {"ask", "transport"} <= own, "the package's own would ask for chat completions"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: f"page-{package.key}")
def test_every_block_of_a_package_is_run(package: Package) -> None:
    found = set(shows(package))
    assert {"ask", "conversation", "tools"} <= found <= KINDS
    assert f"\n## {package.title}\n" in text()
    install = f'install "{package.name}{package.extra}"' if package.extra else package.name
    assert f"python -m pip {install}" in text() or f"install {install}\n" in text()
