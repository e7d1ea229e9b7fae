"""Descriptions of apps in the shape of large web interfaces, written by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["Page"]


class Page:
    """A description that grows as the code of an app does.

    `within` holds what the next components are put into.
    """

    def __init__(self) -> None:
        self.components: list[dict[str, Any]] = []
        self.functions: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"id": 0, "children": []}
        self.within: list[dict[str, Any]] = [self.layout]

    def add(self, kind: str, label: str | None = None, **props: Any) -> int:
        """Add a component, and return its id."""
        id_ = len(self.components) + 1
        told = {"value" if kind == "button" else "label": label, "visible": True, **props}
        self.components.append({"id": id_, "type": kind, "props": told})
        self.within[-1]["children"].append({"id": id_})
        return id_

    def open(self, kind: str, label: str | None = None, **props: Any) -> int:
        """Add what holds components, and put the next ones into it."""
        id_ = self.add(kind, label, **props)
        node = self.within[-1]["children"][-1]
        node["children"] = []
        self.within.append(node)
        return id_

    def close(self, levels: int = 1) -> None:
        """Put the next ones beside it."""
        del self.within[-levels:]

    def on(
        self,
        used: int,
        event: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        name: str | None = None,
        **more: Any,
    ) -> int:
        """Have an event call a function, and return its id."""
        return self._function([[used, event]], inputs, outputs, name, None, more)

    def then(
        self,
        before: int,
        inputs: Sequence[int],
        outputs: Sequence[int],
        name: str | None = None,
        **more: Any,
    ) -> int:
        """Have a function follow another, and return its id."""
        return self._function([[None, "then"]], inputs, outputs, name, before, more)

    def _function(
        self,
        targets: list[list[Any]],
        inputs: Sequence[int],
        outputs: Sequence[int],
        name: str | None,
        before: int | None,
        more: dict[str, Any],
    ) -> int:
        id_ = len(self.functions)
        self.functions.append(
            {
                "id": id_,
                "targets": targets,
                "inputs": list(inputs),
                "outputs": list(outputs),
                "api_name": name or False,
                "trigger_after": before,
                "queue": None,
                "backend_fn": True,
                "types": {"generator": False},
                **more,
            }
        )
        return id_

    def config(self, version: str = "5.50.0") -> bytes:
        """Return what the app's `/config` holds."""
        return json.dumps(
            {
                "version": version,
                "protocol": "sse_v3",
                "api_prefix": "/gradio_api",
                "app_id": 1,
                "components": self.components,
                "dependencies": self.functions,
                "layout": self.layout,
            }
        ).encode()
