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

A block that needs another package runs where that is installed (`tests/integrations`). A comment
names the package, and what the block shows of it. It holds the block itself where readers can do
without:

    <!-- in langchain-openai: stream -->

    <!-- in langchain-openai: async
    asyncio.run(chat.ainvoke("Why is the sky blue?"))
    -->

After a slash stands the part of the API that it asks, where that is not chat completions. Its
blocks stand in for those of the package that show the same; the others run as they are:

    <!-- in langchain-openai/responses: ask -->
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
    (?: ^<!--\ in\ (?P<package>\S+):\ (?P<shows>[^>\n]+?)\ -->\n+ )?
    ^```(?P<language>\w*)\n (?P<code>.*?) ^```$
    (?: \n\n^```text\n (?P<output>.*?) ^```$ )?
    | ^<!--\ check\n (?P<check>.*?) ^-->$
    | ^<!--\ in\ (?P<where>\S+):\ (?P<what>[^>\n]+)\n (?P<hidden>.*?) ^-->$
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
        package: The package in whose environment it runs; None for the library's own.
        shows: What it shows of that package.
    """

    language: str
    code: str
    line: int
    reason: str | None
    output: str | None
    typed: Sequence[str] = ()
    package: str | None = None
    shows: str | None = None


def blocks(text: str) -> Iterator[Block]:
    """Return the blocks of a page, those that readers don't see among them."""
    for found in _BLOCK.finditer(text):
        name = next(name for name in ("code", "check", "hidden") if found[name] is not None)
        yield Block(
            language=found["language"] if name == "code" else "python",
            code=found[name],
            line=text.count("\n", 0, found.start(name)),
            reason=found["reason"],
            output=found["output"],
            typed=(found["typed"] or "").splitlines(),
            package=found["package"] or found["where"],
            shows=found["shows"] or found["what"],
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
