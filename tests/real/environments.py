"""A virtual environment for each Gradio version, made once with `uv` and kept in a cache."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uv

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "REQUIREMENTS",
    "VERSIONS",
    "ZOO_VERSIONS",
    "EnvironmentBuildError",
    "cache_dir",
    "environment",
]

GRADIO_4: Final = "4.44.1"
GRADIO_5: Final = "5.50.0"
GRADIO_6: Final = "6.31.0"

#: Gradio 4 does not bound what it needs, and breaks with what came later.
_BEFORE_5: Final = (
    "fastapi==0.112.4",
    "starlette==0.38.6",
    "pydantic==2.10.6",
    "huggingface_hub<0.26",
    "audioop-lts; python_version >= '3.13'",
)

#: What each environment holds, beyond what these ask for themselves.
REQUIREMENTS: Final[dict[str, tuple[str, ...]]] = {
    "4.0.2": ("gradio==4.0.2", *_BEFORE_5),  # protocol sse
    "4.16.0": ("gradio==4.16.0", *_BEFORE_5),  # protocol sse_v1
    "4.19.2": ("gradio==4.19.2", *_BEFORE_5),  # protocol sse_v2
    "4.21.0": ("gradio==4.21.0", *_BEFORE_5),  # protocol sse_v2.1
    GRADIO_4: (f"gradio[oauth]=={GRADIO_4}", *_BEFORE_5),  # protocol sse_v3, as all that follow
    "5.0.2": ("gradio==5.0.2", *_BEFORE_5),
    GRADIO_5: (f"gradio[oauth]=={GRADIO_5}",),
    GRADIO_6: (f"gradio[oauth]=={GRADIO_6}",),
}

#: Environments for apps that need more than Gradio: the components that others publish.
WITH_COMPONENTS: Final[dict[str, tuple[str, ...]]] = {
    f"{GRADIO_4}+components": (
        "gradio==4.44.1",
        "modelscope_studio==0.5.1",
        "gradio_awsbr_mmchatbot==0.0.5",
        "gradio_rich_textbox==0.4.3",
        *_BEFORE_5,
    ),
    f"{GRADIO_5}+components": (
        "gradio==5.50.0",
        "modelscope_studio==1.6.1",
        "gradio_agentchatbot_5==0.0.13",
        "gradio_autopilot_chatbot==0.0.5",
        "gradio_richtext==0.0.8",
    ),
    "6.8.0+components": ("gradio==6.8.0", "modelscope_studio==2.0.3"),
}

#: The Gradio versions that tests run against, oldest first.
VERSIONS: Final = (GRADIO_4, GRADIO_5, GRADIO_6)

#: Those that need a NumPy that has no wheels for Python 3.13.
_OLD: Final = ("4.0.2", "4.16.0", "4.19.2", "4.21.0") if sys.version_info >= (3, 13) else ()

#: Those that the zoo of apps runs on: one of each protocol, the ends of each major version.
ZOO_VERSIONS: Final = tuple(version for version in REQUIREMENTS if version not in _OLD)

BUILD_TIMEOUT: Final = 900.0
_MARKER: Final = "spacechat-environment.json"
_ROOT: Final = Path(__file__).resolve().parents[2]


class EnvironmentBuildError(RuntimeError):
    """`uv` could not make an environment; the message holds what it said."""


def cache_dir() -> Path:
    """Where the environments are kept: `$SPACECHAT_TEST_ENVS`, else in the repository."""
    told = os.environ.get("SPACECHAT_TEST_ENVS")
    return Path(told).absolute() if told else _ROOT / ".cache" / "gradio"


def environment(version: str) -> Path:
    """Return the Python of the environment that has this Gradio, making it if need be."""
    requirements = {**REQUIREMENTS, **WITH_COMPONENTS}[version]
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    # One for each Python, or runs under two of them would take turns in rebuilding it.
    name = f"{version}-{sys.implementation.cache_tag}"
    target = cache / name
    with _lock(cache / f"{name}.lock"):
        if not _is_ready(target, requirements):
            _build(target, requirements)
    return _python(target)


def _python(target: Path) -> Path:
    if sys.platform == "win32":
        return target / "Scripts" / "python.exe"
    return target / "bin" / "python"


def _fingerprint(requirements: tuple[str, ...]) -> dict[str, object]:
    return {
        "requirements": list(requirements),
        "python": sys.version,
        "base": str(Path(sys.base_prefix).resolve()),
    }


def _is_ready(target: Path, requirements: tuple[str, ...]) -> bool:
    try:
        marker: object = json.loads((target / _MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    # `exists` follows links: false when the Python that made it is gone.
    return marker == _fingerprint(requirements) and _python(target).exists()


def _build(target: Path, requirements: tuple[str, ...]) -> None:
    """Make the environment in place; the marker, written last, tells that it is whole."""
    if target.exists():
        shutil.rmtree(target)
    _uv("venv", "--no-project", "--python", sys.executable, str(target))
    _uv("pip", "install", "--python", str(_python(target)), *requirements)
    marker = target / _MARKER
    partial = marker.with_suffix(".partial")
    partial.write_text(json.dumps(_fingerprint(requirements), indent=1), encoding="utf-8")
    partial.replace(marker)


def _uv(*arguments: str) -> None:
    command = [uv.find_uv_bin(), *arguments]
    environ = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    environ.setdefault("UV_HTTP_RETRIES", "10")
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=environ,
            cwd=tempfile.gettempdir(),  # not in a project, whose settings uv would take
            timeout=BUILD_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise EnvironmentBuildError(
            f"{' '.join(command)}: not done after {BUILD_TIMEOUT:.0f} s\n{text}"
        ) from error
    if done.returncode:
        raise EnvironmentBuildError(
            f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}"
        )


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock that other processes wait for, and that ends with this one."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt
            import time

            while True:
                try:
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.2)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield  # closing the file lets go of it


if __name__ == "__main__":  # `python -m tests.real.environments` makes them ahead of the tests
    for each in map(environment, sys.argv[1:] or VERSIONS):
        print(each)
