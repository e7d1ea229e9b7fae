"""The pages' requests as they are kept, so that tests compare with them without a browser."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tests.real.browser.calls import Call, Sent, Visited, calls
from tests.real.browser.compare import defects

__all__ = ["FOLDER", "differences", "load", "recorded", "save"]

FOLDER: Final = Path(__file__).resolve().parent / "recorded"


def save(environment: str, name: str, visited: Visited) -> None:
    """Keep a page's requests."""
    path = _path(environment, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "answers": visited.answers,
        "paths": visited.paths,
        "opening": [_brief(call) for call in visited.opening],
        "turns": [[_brief(call) for call in turn] for turn in visited.turns],
    }
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ": "))
    path.write_text(text + "\n", encoding="utf-8")


def load(environment: str, name: str) -> Visited | None:
    """Return a page's requests, or None if none are kept of it."""
    path = _path(environment, name)
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Visited(
        opening=[Call(**call) for call in kept["opening"]],
        turns=[[Call(**call) for call in turn] for turn in kept["turns"]],
        answers=kept["answers"],
        paths=kept["paths"],
    )


def differences(environment: str, name: str, url: str, turns: list[list[Sent]]) -> list[str]:
    """Return what spacechat's requests do otherwise than the page's, if those are kept.

    Args:
        environment: The app's.
        name: The app's.
        url: The app's address, without a slash at its end.
        turns: Spacechat's requests for each question.
    """
    page = load(environment, name)
    return [] if page is None else list(defects(page, Visited([], calls(url, turns), [], [])))


def recorded() -> list[tuple[str, str]]:
    """Return the environments and names of what is kept."""
    return sorted((path.parent.name, path.stem) for path in FOLDER.glob("*/*.json"))


def _path(environment: str, name: str) -> Path:
    return FOLDER / environment / f"{name}.json"


def _brief(call: Call) -> dict[str, Any]:
    """Leave out what is as usual."""
    default = asdict(Call("", -1))
    return {name: value for name, value in asdict(call).items() if value != default[name]}
