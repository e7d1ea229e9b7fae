"""Every kind of app, and what must come out of each: written down, and computed nowhere."""

from __future__ import annotations

from tests.readers.answering import ANSWERING
from tests.readers.app import App
from tests.readers.breaking import BREAKING
from tests.readers.eventful import EVENTFUL
from tests.readers.refusing import REFUSING

GROUPS: dict[str, dict[str, App]] = {
    "Apps that answer": {**ANSWERING, **EVENTFUL},
    "Apps that take no question": REFUSING,
    "Apps that give no whole answer": BREAKING,
}
"""By name, under the headings of the documentation."""
