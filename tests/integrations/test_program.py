"""The harness: what a program tells of its blocks, and of who it wanted to ask."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.program import Outcome, Program, program


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Program]:
    with program(Path(sys.executable), tmp_path, {"NAME": "Ada"}) as found:
        yield found


def test_blocks_of_one_script(user: Program) -> None:
    """They share their names, as cells do; another script begins without them."""
    printed: list[str] = []
    began = user.run("import os\nname = os.environ['NAME']\nprint(name)", on_print=printed.append)
    assert began == Outcome("Ada\n", None, None)
    assert printed[0] == "Ada"
    awaited = "import asyncio\nawait asyncio.sleep(0)\nprint(name, end='')"
    assert user.run(awaited) == Outcome("Ada", None, None)
    assert user.run("print('!')\nprint(name)", fresh=True) == Outcome(
        "!\n", "builtins.NameError", "name 'name' is not defined"
    )


def test_errors_have_the_name_by_which_they_are_imported(user: Program) -> None:
    raised = user.run("import json\njson.loads('?')")
    assert raised.error == "json.JSONDecodeError"


@pytest.mark.parametrize(
    "code",
    [
        "import socket\nsocket.create_connection(('stranger.invalid', 80))",
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/')",
        "import asyncio\nawait asyncio.open_connection('stranger.invalid', 80)",
    ],
)
def test_strangers_are_not_asked(user: Program, code: str) -> None:
    assert "is not this machine" in (user.run(code).message or "")
    assert user.strangers in (["stranger.invalid"], ["192.0.2.1"])


def test_who_is_wanted_at_the_end(user: Program) -> None:
    late = "import atexit, socket\natexit.register(socket.getaddrinfo, 'stranger.invalid', 80)"
    assert user.run(late).error is None
    user.end()
    assert user.strangers == ["stranger.invalid"]


def test_a_program_that_ends(user: Program) -> None:
    with pytest.raises(AssertionError, match=r"(?s)ended.*the reason"):
        user.run("import os, sys\nprint('the reason', file=sys.stderr, flush=True)\nos._exit(3)")
