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
    found = {block.package for block in blocks(text()) if block.package is not None}
    assert found == {each.name for each in PACKAGES}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: f"page-{package.name}")
def test_every_block_of_a_package_is_run(package: Package) -> None:
    found = shows(package)
    assert {"ask", "conversation", "tools"} <= found <= KINDS
    assert f"\n## {package.title}\n" in text()
    install = f'install "{package.name}{package.extra}"' if package.extra else package.name
    assert f"python -m pip {install}" in text() or f"install {install}\n" in text()
