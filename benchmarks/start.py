"""Measuring how long a command takes from a cold process to the first word of its answer."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from .server import PROMPT

_NOTHING = "print('Paris')"

_ON_THE_INTERNET = """
from spacechat.__main__ import main
from spacechat.apps import known

known.keeps_its_app = lambda url: True
main()
"""
"""The command, where this machine's addresses count as those of the internet do: what is known of
the app there is used while it is checked, and not only afterwards."""

_GRADIO_CLIENT = """
import sys
import gradio_client
job = gradio_client.Client(sys.argv[1], verbose=False).submit(sys.argv[2], [], "", api_name="/chat")
for outputs in job:
    print(outputs[1][-1][1], flush=True)
"""

_LLM = """
- model_id: replayed
  model_name: replayed
  api_base: {url}/v1
"""


def first_word(command: list[str], environment: Mapping[str, str]) -> float:
    """The seconds until a command's first byte; the rest of what it prints is read as well."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, **environment}
    ) as process:
        assert process.stdout is not None
        found = process.stdout.read(1)
        took = time.perf_counter() - start
        process.stdout.read()
    assert (bool(found), process.returncode) == (True, 0), command
    return took


@contextlib.contextmanager
def own_home() -> Iterator[dict[str, str]]:
    """The environment variables of a user who has nothing yet, not even what was remembered."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"HOME": folder, "XDG_CACHE_HOME": folder}


def ours(url: str, *, remembered: bool, far: bool = False) -> float:
    """`spacechat ask`, of an app that was asked before, or for the first time."""
    start = ["-c", _ON_THE_INTERNET] if far else ["-m", "spacechat"]
    command = [sys.executable, *start, "ask", "-m", url, PROMPT]
    with own_home() as home:
        if remembered:
            first_word(command, home)
        return first_word(command, home)


def gradio_client(url: str) -> float:
    """A script with gradio_client, which has no command of its own."""
    return first_word([sys.executable, "-c", _GRADIO_CLIENT, url, PROMPT], {})


def version() -> float:
    """`spacechat --version`, which is how long the command takes to load."""
    return first_word([sys.executable, "-m", "spacechat", "--version"], {})


def local() -> float:
    """`spacechat ask --local`, whose local Space has to be loaded and started, too."""
    with own_home() as home:
        return first_word([sys.executable, "-m", "spacechat", "ask", "--local", PROMPT], home)


def llm(url: str) -> float:
    """The command `llm`, which asks a server of the OpenAI API."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "extra-openai-models.yaml").write_text(_LLM.format(url=url))
        command = [*llm_command(), "-m", "replayed", "--key", "none", PROMPT]
        return first_word(command, {"LLM_USER_PATH": folder})


def llm_version() -> float:
    """`llm --version`."""
    with tempfile.TemporaryDirectory() as folder:
        return first_word([*llm_command(), "--version"], {"LLM_USER_PATH": folder})


def llm_command() -> list[str]:
    """The command line of `llm`: beside the benchmark, or on the path; empty if there is none."""
    if importlib.util.find_spec("llm") is not None:
        return [sys.executable, "-m", "llm"]
    found = shutil.which("llm")
    return [] if found is None else [found]


def python() -> float:
    """Python alone."""
    return first_word([sys.executable, "-c", _NOTHING], {})
