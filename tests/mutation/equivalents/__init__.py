"""Mutants that no test can notice, or none should, each with the reason."""

from __future__ import annotations

from tests.mutation.equivalents import (
    apps,
    asked_apps,
    batch,
    client,
    openai,
    portal,
    protocol,
    providers,
    streaming,
    transport,
)
from tests.mutation.equivalents.equivalent import Equivalent

EQUIVALENTS: dict[str, list[Equivalent]] = {
    file: listed
    for module in (
        *(
            protocol,
            transport,
            apps,
            asked_apps,
            streaming,
            client,
            portal,
            providers,
            batch,
            openai,
        ),
    )
    for file, listed in module.EQUIVALENTS.items()
}
"""By the file's path in the package."""


def is_listed(file: str, before: str, after: str) -> bool:
    """Return whether a changed line of a file is listed."""
    return any(
        each.before == before and each.after in (after, None) for each in EQUIVALENTS.get(file, ())
    )
