"""Mutants of `providers`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LIMIT = "a limit that nobody comes near"
_NOT_ADDRESS = 'f"{without_user(url)[:200]!r} is not the address of a Space: {exc}."'
_SAME = (
    'same = name is None or named == space.model_aliases.get(earlier.model or "", earlier.model)'
)

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "providers/registry.py": [
        Equivalent(
            "if len(model) > LONGEST_NAME:",
            "if len(model) >= LONGEST_NAME:",
            _LIMIT,
        ),
        Equivalent(_SAME, _SAME.replace(' or ""', ""), "None is no alias either"),
    ],
    "providers/space.py": [
        Equivalent(_NOT_ADDRESS, _NOT_ADDRESS.replace("200", f" {other}"), _LIMIT)
        for other in (199, 201)
    ],
}
