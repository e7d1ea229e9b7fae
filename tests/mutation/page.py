"""The page of the documentation that has the scores of the mutation run.

`python -m tests.mutation.page` writes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from tests.mutation.equivalents import EQUIVALENTS
from tests.mutation.equivalents.equivalent import Equivalent
from tests.mutation.scores import Score, kept
from tests.mutation.table import TESTS

PAGE = Path(__file__).parents[2] / "docs" / "mutation.md"

INTRODUCTION = """# Would the tests notice?

A test suite is worth what it notices. So its measure here is no count of lines, but of *mutants*:
copies of a source file with one small change. A comparison is turned, an operand, a statement or a
decorator is left out, a number is one more, a `break` is a `continue`, a loop has no rounds
(`tests/mutation/operators.py`; the changes and their places are
[cosmic-ray](https://cosmic-ray.readthedocs.io)'s). The tests run on each mutant until one fails. A
mutant that none of them notices is a bug that could be written tomorrow: it gets a test that states
what the library should do, or it is listed below, with the reason why nobody can feel it.

<!-- not run: it takes minutes, and the extra `mutation` -->
```console
$ python -m tests.mutation protocol/edits.py cli/batch
```

looks at a file and at a folder. A whole package takes some minutes: the tests are collected once,
and run once to see which lines each of them reaches. Then the process forks for each mutant, puts
the changed function in the place of the old one, and runs the tests that reach the change, for at
most a minute. A test that takes much longer than before is stopped, and the others go on. What runs
when a module is loaded is changed in a copy of the library, for which the process starts anew;
processes that a test starts load that copy, too. It is no part of CI.

Only what a test asserts counts. Tests that draw their examples at random are left out, since they
notice by luck, and so is a second event loop. A mutant by which a test hangs, and which none of the
others notices, counts as not noticed: run it while nothing else needs the machine.

## Scores

{noticed:,} of {felt:,} mutants that a user could feel are noticed: **{share:.1%}**. {equivalent:,}
more change nothing that a user feels. A file that is not in the tables has not been counted, and
what a run had no time to try counts as not noticed. This page is made from what the run wrote down
(`tests/mutation/scores.json`, by `--keep`) by `python -m tests.mutation.page`. With `--again`, what
was noticed then is taken as noticed where the file has not changed since; with `--tests` and a new
test, that shows in seconds what it adds.

What was noticed once is not tried each time. So on 2026-11-30 a random sample of 493 mutants that
counted as noticed was tried again: all but five were noticed, and these count as not noticed now.

| package | noticed | of | share | change nothing |
| --- | ---: | ---: | ---: | ---: |
"""

FILES = """
## By file

| file | noticed | of | by a hang only | not noticed | change nothing |
| --- | ---: | ---: | ---: | ---: | ---: |
"""

NOT_NOTICED = """
## What is not noticed yet

By the line as it was when the file was counted.
"""

LISTED = """
## What nobody can feel

Left out from the start is what only a type checker or pytest reads; whether a record that is never
changed could be, or be made without its fields' names; one more or less in a module's constant from
16 on, which is a limit or a weight, or where a text is cut after 16 characters or more; and a
limit such as `4 << 20` twice or half as large. These are the others. An arrow without an end stands
for every change of the line.
"""


def render() -> str:
    """Return the page."""
    scores = kept()
    total = _Sum(scores.values())
    packages: dict[str, list[Score]] = defaultdict(list)
    for name, score in scores.items():
        package = max((each for each in TESTS if f"{name}/".startswith(f"{each}/")), key=len)
        packages[package].append(score)
    lines = [
        INTRODUCTION.format(
            noticed=total.noticed,
            felt=total.felt,
            share=total.share,
            equivalent=total.equivalent,
        )
        + "\n".join(_package_row(name, _Sum(each)) for name, each in sorted(packages.items()))
    ]
    lines.append(FILES + "\n".join(_file_row(*each) for each in scores.items() if each[1].felt))
    lines.append(NOT_NOTICED)
    lines += [_not_noticed(*each) for each in scores.items() if each[1].felt > each[1].noticed]
    lines.append(LISTED)
    lines += [_listed(name, EQUIVALENTS[name]) for name in sorted(EQUIVALENTS)]
    return "\n".join(lines)


class _Sum:
    """The sum of scores."""

    def __init__(self, scores: Collection[Score]) -> None:
        self.noticed = sum(each.noticed for each in scores)
        self.felt = sum(each.felt for each in scores)
        self.equivalent = sum(each.equivalent for each in scores)

    @property
    def share(self) -> float:
        """The share of what could be felt that is noticed."""
        return self.noticed / max(1, self.felt)


def _package_row(name: str, of: _Sum) -> str:
    return f"| `{name}` | {of.noticed:,} | {of.felt:,} | {of.share:.1%} | {of.equivalent:,} |"


def _file_row(name: str, score: Score) -> str:
    left = (len(score.hangs), len(score.survived))
    numbers = (score.noticed, score.felt, *left, score.equivalent)
    return f"| `{name}` | " + " | ".join(map(str, numbers)) + " |"


def _not_noticed(name: str, score: Score) -> str:
    """Return which mutants of a file are not noticed."""
    lines = [f"- {_code(each)}" for each in score.survived]
    lines += [f"- {_code(each)} (hangs)" for each in score.hangs]
    return "\n".join([f"### `{name}`: not noticed\n", *lines, ""])


def _listed(name: str, equivalents: list[Equivalent]) -> str:
    """Return what a file's list says, by its reasons."""
    changes: dict[str, list[str]] = defaultdict(list)
    for each in equivalents:
        after = "" if each.after is None else f" {_code(each.after)}" if each.after else " nothing"
        changes[each.reason].append(f"{_code(each.before)} →{after}")
    parts = [f"### `{name}`\n"]
    for reason, alike in changes.items():
        parts.append(f"- {reason[:1].upper()}{reason[1:]}:")
        parts += [f"    - {change}" for change in alike]
    return "\n".join([*parts, ""])


def _code(text: str) -> str:
    """Return a piece of code as Markdown shows it, whatever backticks it has."""
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
