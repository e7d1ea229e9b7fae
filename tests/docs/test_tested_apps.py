"""The page of the apps that the tests ask is true."""

from __future__ import annotations

from tests.docs.tested_apps import PAGE, render


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m tests.docs.tested_apps"
