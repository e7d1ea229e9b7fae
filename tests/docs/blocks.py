"""The blocks of code in a page of documentation, and how they are run.

All blocks of a page are run in order, in one namespace, as a reader would type them in. A comment
in front of a block says why it is not run, or what is typed into its commands, a line at each
prompt. Another holds what is checked after a block, or prepared before it:

    <!-- not run: it needs a cluster -->

    <!-- types
    Why is the sky blue?
    /exit
    -->

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
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

RUN = ("python", "console")
NOT_CODE = ("text", "json", "toml")

_BLOCK = re.compile(
    r"""
    (?: ^<!--\ not\ run:\ (?P<reason>[^>]+?)\ -->\n+ )?
    (?: ^<!--\ types\n (?P<typed>.*?) ^-->\n+ )?
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
        typed: What is typed into its commands, line by line.
    """

    language: str
    code: str
    line: int
    reason: str | None
    output: str | None
    typed: Sequence[str] = ()


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
            typed=(found["typed"] or "").splitlines(),
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
