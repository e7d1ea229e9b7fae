"""What kind a file is, by its first bytes, for content that comes without a name.

Apps that take images or sounds tell them by the endings of their names, and refuse a name without
one. Only kinds that apps ask for, and that nothing else begins like, are known.
"""

from __future__ import annotations

import re

_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"II\*\0|MM\0\*"), ".tiff"),
    (re.compile(rb"%PDF-"), ".pdf"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xf2\xf3\xfb]"), ".mp3"),
    (re.compile(rb"OggS\0"), ".ogg"),
    (re.compile(rb"fLaC\0"), ".flac"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
    (re.compile(rb"\0...ftyp(heic|heix|mif1)", re.DOTALL), ".heic"),
    (re.compile(rb"\0...ftypavif", re.DOTALL), ".avif"),
    (re.compile(rb"\0...ftypM4A", re.DOTALL), ".m4a"),
    (re.compile(rb"\0...ftypqt", re.DOTALL), ".mov"),
    (re.compile(rb"\0...ftyp", re.DOTALL), ".mp4"),
)
"""The beginnings of files, each with the ending of its name; the first that fits counts."""


def ending(content: bytes) -> str:
    """Return the ending of a name for a file, such as `.png`; empty if its kind is not known."""
    return next((each for begins, each in _KINDS if begins.match(content)), "")
