"""What a face that is dropped before its end makes its engine complain of."""

from __future__ import annotations

import warnings
from typing import Any

from spacechat.portal.engine import Engine
from spacechat.portal.map_engine import MapEngine
from tests.portal.in_time import in_time


def complaints(engine: Engine[Any] | MapEngine[Any]) -> list[str]:
    """Drop an engine's face; return what it complains of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        in_time(lambda: engine.abandon("face"))
    return [str(each.message) for each in told]
