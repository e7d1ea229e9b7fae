"""What it costs to find the way to chat in an app's description: `python -m benchmarks.discovery`.

Prints a line for each size: kilobytes of the description, and milliseconds of CPU, the median of
several runs.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

from spacechat.apps import find_way, parse_config

CONFIG = Path(__file__).parents[1] / "tests" / "configs" / "6.31.0" / "ci_system_prompt.json"
RUNS = 20


def enlarged(config: dict[str, Any], size: int) -> bytes:
    """Return the description of the same app with more around it, of at least so many bytes."""
    components, functions = list(config["components"]), list(config["dependencies"])
    children = list(config["layout"]["children"])
    words = {"value": "Some words about the app. " * 8, "visible": True}
    length = len(json.dumps(config))
    number = 100_000
    while length < size:
        added: tuple[Any, ...] = (
            {"id": number, "type": "markdown", "props": words},
            {"id": number},
            {
                **functions[0],
                "id": number,
                "targets": [[number, "change"]],
                "inputs": [number],
                "outputs": [number],
                "trigger_after": None,
                "api_name": f"f{number}",
            },
        )
        for each, found in zip(added, (components, children, functions), strict=True):
            found.append(each)
            length += len(json.dumps(each)) + 2
        number += 1
    layout = {**config["layout"], "children": children}
    whole = {**config, "components": components, "dependencies": functions, "layout": layout}
    return json.dumps(whole).encode()


def cost(description: bytes) -> float:
    """Return the seconds of CPU that it takes to find the chat in a description."""
    costs: list[float] = []
    for _ in range(RUNS):
        began = time.process_time()
        find_way(parse_config(description))
        costs.append(time.process_time() - began)
    return statistics.median(costs)


def main() -> None:
    config = json.loads(CONFIG.read_bytes())
    for size in (0, 100_000, 500_000, 1_000_000):
        description = enlarged(config, size)
        print(f"{len(description) / 1000:8.0f} kB  {cost(description) * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
