"""Gradio's own diff: reads `[old, new]` as a line of JSON, writes the edits as another."""

from __future__ import annotations

import json
import sys

from gradio.utils import diff  # type: ignore[import-not-found, unused-ignore]

for line in sys.stdin:
    old, new = json.loads(line)
    print(json.dumps(diff(old, new)), flush=True)
