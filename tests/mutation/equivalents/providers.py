"""Mutants of `providers`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_LIMIT = "a limit that nobody comes near"
_ADDRESS_HAS_HOST = "the address of a Space has a host"
_NOT_SPACE = 'f"{without_user(address)[:200]!r} is a page of the Hub, but not of a Space: name a "'
_NOT_ADDRESS = 'f"{without_user(url)[:200]!r} is not the address of a Space: {exc}."'
_ODD = "two characters are a byte: an odd number of them is rounded down"
_SAME = (
    'same = name is None or named == space.model_aliases.get(earlier.model or "", earlier.model)'
)

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "providers/gradio_chat.py": [
        Equivalent(_NOT_SPACE, _NOT_SPACE.replace("200", f" {other}"), _LIMIT)
        for other in (199, 201)
    ],
    "providers/health.py": [
        Equivalent(
            'return not reached and not is_loopback(urlsplit(space.url).hostname or "")',
            "return not reached and not is_loopback(urlsplit(space.url).hostname)",
            _ADDRESS_HAS_HOST,
        ),
    ],
    "providers/pinned.py": [
        Equivalent("hash_length: ClassVar[int] = 12", "hash_length: ClassVar[int] = 13", _ODD),
    ],
    "providers/qwen_2_5.py": [Equivalent("hash_length = 10", "hash_length = 11", _ODD)],
    "providers/qwen_2_5_1m.py": [
        Equivalent("  @staticmethod", "", "it is called by the class alone"),
    ],
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
