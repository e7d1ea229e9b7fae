"""The blocks of code in a page of documentation, and how they are run.

All blocks of a page are run in order, in one namespace, as a reader would type them in. A comment
in front of a block says why it is not run, and another holds what is checked after a block:

    <!-- not run: it waits for Ctrl-C -->

    <!-- check
    assert answer
    -->

A `text` block after a Python block is what that prints, `...` standing for anything.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

RUN = ("python", "console")
NOT_CODE = ("text", "json", "toml")

PATIENCE = 120
"""Seconds after which the commands of a block count as hanging."""

_BLOCK = re.compile(
    r"""
    (?: ^<!--\ not\ run:\ (?P<reason>[^>]+?)\ -->\n+ )?
    ^```(?P<language>\w*)\n (?P<code>.*?) ^```$
    (?: \n\n^```text\n (?P<output>.*?) ^```$ )?
    | ^<!--\ check\n (?P<check>.*?) ^-->$
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        language: What its fence says.
        code: What is in it.
        line: The lines before it, in its file.
        reason: Why it is not run, or None where it is.
        output: What it prints, or None where the page doesn't say.
    """

    language: str
    code: str
    line: int
    reason: str | None
    output: str | None


def blocks(text: str) -> Iterator[Block]:
    """Return the blocks of a page, those that only check something among them."""
    for found in _BLOCK.finditer(text):
        name = "code" if found["check"] is None else "check"
        yield Block(
            language="python" if name == "check" else found["language"],
            code=found[name],
            line=text.count("\n", 0, found.start(name)),
            reason=found["reason"],
            output=found["output"],
        )


def run_python(block: Block, page: str, names: dict[str, object]) -> None:
    """Run a block in a page's namespace; `await` outside of functions is as in a notebook."""
    source = "\n" * block.line + block.code
    code = compile(source, page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = eval(code, names)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(result)
    if block.output is not None:
        checker = doctest.OutputChecker()
        same = checker.check_output(block.output, printed.getvalue(), doctest.ELLIPSIS)
        assert same, f"{page}:{block.line} prints {printed.getvalue()!r}"


def run_console(block: Block, folder: Path, environment: Mapping[str, str]) -> None:
    """Run the commands of a block in a shell; where some begin with `$`, the rest is output."""
    lines = block.code.splitlines()
    typed = [line[2:] for line in lines if line.startswith("$ ")]
    with subprocess.Popen(
        ["sh", "-euc", "\n".join(typed or lines)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as shell:
        try:
            output, _ = shell.communicate(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, output.decode(errors="replace")
