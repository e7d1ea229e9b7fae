"""Keeps what `/config` of each app of the zoo holds, by version, for tests without a server.

`python -m tests.real.record_configs [VERSION …]` writes `tests/configs/VERSION/APP.json`.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from tests.real.environments import ZOO_VERSIONS
from tests.real.page import Page
from tests.real.zoo import ZOO, ZooServer

__all__ = ["FOLDER", "essence", "record"]

FOLDER: Final = Path(__file__).resolve().parents[1] / "configs"

#: What differs from start to start, or is only about looks.
_LEFT_OUT: Final = {
    "analytics_enabled",
    "app_id",
    "body_css",
    "css",
    "footer_links",
    "head",
    "i18n_translations",
    "is_colab",
    "max_file_size",
    "page",
    "stylesheets",
    "theme",
    "theme_hash",
    "vibe_mode",
}
#: Of a component's properties, those that tell what it is for.
_PROPS: Final = {
    "choices",
    "elem_id",
    "file_types",
    "info",
    "interactive",
    "label",
    "lines",
    "maximum",
    "minimum",
    "multiselect",
    "name",
    "placeholder",
    "step",
    "submit_btn",
    "type",
    "value",
    "visible",
}
#: Of an event's function, what says when it runs and on what.
_FUNCTION: Final = {
    "api_name",
    "api_visibility",
    "backend_fn",
    "cancels",
    "connection",
    "id",
    "inputs",
    "js",
    "outputs",
    "queue",
    "show_api",
    "targets",
    "trigger_after",
    "trigger_mode",
    "trigger_only_on_failure",
    "trigger_only_on_success",
    "types",
}


def essence(config: dict[str, Any]) -> dict[str, Any]:
    """Return what matters of a configuration, the same at each start."""
    kept = {name: value for name, value in config.items() if name not in _LEFT_OUT}
    kept["root"] = _without_port(config.get("root", ""))
    kept["components"] = [
        {"id": c["id"], "type": c["type"], "props": _only(_PROPS, c["props"])}
        for c in config["components"]
    ]
    kept["dependencies"] = [_only(_FUNCTION, d) for d in config["dependencies"]]
    return kept


def _only(names: set[str], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _without_port(root: str) -> str:
    scheme, separator, rest = root.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.partition(':')[0]}{slash}{path}"


def record(version: str) -> None:
    """Write the configurations of a version anew."""
    folder = FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ZooServer(version) as server:
        for app in ZOO:
            if version not in app.versions:
                continue
            with Page(server.url(app.name), app.auth) as page:
                kept = essence(page.received)
            text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            (folder / f"{app.name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in sys.argv[1:] or ZOO_VERSIONS:
        record(each)
