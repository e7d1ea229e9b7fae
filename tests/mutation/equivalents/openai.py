"""Mutants of `openai`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

EQUIVALENTS: dict[str, list[Equivalent]] = {}
