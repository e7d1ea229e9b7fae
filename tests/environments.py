"""Virtual environments for what the tests run beside themselves, made once with `uv` and kept."""

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

__all__ = ["BUILD_TIMEOUT", "EnvironmentBuildError", "cache_dir", "make"]

BUILD_TIMEOUT: Final = 900.0
_MARKER: Final = "spacechat-environment.json"
_ROOT: Final = Path(__file__).resolve().parents[1]


class EnvironmentBuildError(RuntimeError):
    """`uv` could not make an environment; the message holds what it said."""


def cache_dir() -> Path:
    """Where the environments are kept: `$SPACECHAT_TEST_ENVS`, else in the repository."""
    told = os.environ.get("SPACECHAT_TEST_ENVS")
    return Path(told).absolute() if told else _ROOT / ".environments"


def make(name: str, requirements: tuple[str, ...]) -> Path:
    """Return the Python of an environment, making that if need be.

    Args:
        name: Its name in the cache.
        requirements: What is installed in it. With others than before, it is made anew.

    Raises:
        EnvironmentBuildError: `uv` failed.
    """
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    # One for each Python, or runs under two of them would take turns in rebuilding it.
    target = cache / f"{name}-{sys.implementation.cache_tag}"
    with _lock(target.with_name(f"{target.name}.lock")):
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
