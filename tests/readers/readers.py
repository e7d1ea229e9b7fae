"""Every way to read an answer."""

from __future__ import annotations

from tests.readers.library_readers import LIBRARY
from tests.readers.openai_readers import OPENAI
from tests.readers.program_readers import PROGRAMS
from tests.readers.reader import Reader

READERS: dict[str, Reader] = {**LIBRARY, **OPENAI, **PROGRAMS}
"""By name."""
