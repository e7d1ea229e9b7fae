"""The wild zoo: apps of the structures that people's own apps have, and what a person sees there.

Their files are in `apps/wild`. They are ours, written after reading how others build theirs; each
module here lists those of one family. The models in them are `llm`'s, which tell what they get.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.conftest import BACKENDS
from tests.real.servers import GradioServer
from tests.real.wild.app import WildApp
from tests.real.zoo import EVERYTHING, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WILD", "WildServer", "on_wild"]


def _families() -> list[WildApp]:
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in _found()]
    return [app for module in modules for app in getattr(module, "APPS", ())]


def _found() -> list[pkgutil.ModuleInfo]:
    return sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name)


WILD: Final = tuple(_families())


def on_wild(wanted: Callable[[WildApp], Any]) -> pytest.MarkDecorator:
    """Each app in each environment, on one event loop after another; or each on each of them."""
    cases = [
        pytest.param(
            environment,
            app,
            *backend.values,
            id=f"wild-{environment}-{app.name}-{backend.id}",
            marks=pytest.mark.real,
        )
        for index, (environment, app) in enumerate(_one_environment_after_another(wanted))
        for backend in (BACKENDS if EVERYTHING else [BACKENDS[index % len(BACKENDS)]])
    ]
    return pytest.mark.parametrize(
        ("wild_server", "app", "anyio_backend"), cases, indirect=["wild_server"]
    )


def _one_environment_after_another(
    wanted: Callable[[WildApp], Any],
) -> list[tuple[str, WildApp]]:
    """Each has a server of its own, which stops when that of another starts."""
    apps = [app for app in WILD if wanted(app)]
    environments = sorted({environment for app in apps for environment in app.on})
    return [(each, app) for each in environments for app in apps if each in app.on]


class WildServer(GradioServer):
    """One process with all the wild apps of an environment, each on its own port."""

    def __init__(self, environment: str) -> None:
        super().__init__(environment)
        self._ports: dict[str, int] = {}

    def url(self, name: str) -> str:
        """Return the base address of an app, without a slash at its end."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def _script(self) -> list[str]:
        names = [app.name for app in WILD if self.version in app.on]
        return [str(SCRIPT), "--folder", "wild", *names]

    def _started(self, ready: str) -> None:
        told = json.loads(ready)
        self._check_version(told["version"] + self.version[len(told["version"]) :])
        self._ports = told["ports"]
        self.apps = tuple(self._ports)
