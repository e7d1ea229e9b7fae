"""The examples of the page run with the real packages, and faults of Spaces show as it says."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.integrations.packages import Package
from tests.integrations.page import API, ASKS, MODEL, STREAMS, TRANSPORTS, blocks_of
from tests.integrations.program import Outcome, Program
from tests.integrations.spaces import (
    AGENT_S_ANSWER,
    ANSWER,
    FAILING,
    FIRST,
    FULL,
    SAID,
    UNKNOWN,
    Spaces,
)

WORKS = {*ASKS, *TRANSPORTS, "schema", "agent"}
REFUSED = {"tools", "refused schema"}


def results(
    package: Package, shown: Collection[str], user: Program, spaces: Spaces, model: str = MODEL
) -> dict[str, Outcome]:
    """Run the blocks of one script; return what came of each, by what it shows.

    A Space that answers sends the rest of a streamed answer once the first piece was printed.
    """
    found: dict[str, Outcome] = {}

    def go_on(printed: str) -> None:
        if FIRST.strip() in printed:
            spaces.may_end.set()

    for block in blocks_of(package, shown):
        kind = block.shows or ""
        spaces.may_end.clear()
        if kind not in STREAMS:
            spaces.may_end.set()
        code = block.code.replace(API, spaces.api).replace(MODEL, model)
        found[kind] = user.run(code, fresh=not found, on_print=go_on)
    return found


def test_what_works(package: Package, user: Program, spaces: Spaces) -> None:
    """All that the page shows; what is streamed is printed as it comes."""
    for shown, outcome in results(package, WORKS, user, spaces).items():
        printed = outcome.printed.strip()
        if shown == "agent":  # which may print its steps before
            printed = printed.rpartition("\n")[2]
        answer = AGENT_S_ANSWER if shown == "agent" else ANSWER
        assert (printed, outcome.error) == (answer, None), f"{shown}: {outcome}"


def test_conversations(package: Package, user: Program, spaces: Spaces) -> None:
    """The Space gets the system prompt and all turns."""
    found = results(package, {"conversation"}, user, spaces)["conversation"]
    assert found.printed.strip() == ANSWER, found
    asked = spaces.questions[-1]
    assert "Answer in one sentence." in (asked.system or "")
    assert asked.history == [
        {"role": "user", "content": "Why is the sky blue?"},
        {"role": "assistant", "content": ANSWER},
    ]
    assert asked.prompt.startswith("And at sunset?")


@pytest.mark.parametrize("model", [UNKNOWN, FAILING, FULL])
def test_errors(package: Package, user: Program, spaces: Spaces, model: str) -> None:
    """Each way of asking tells what happened; a stream keeps what came before."""
    errors = package.errors
    named = {UNKNOWN: errors.unknown, FAILING: errors.failed, FULL: errors.full}[model]
    for shown, outcome in results(package, ASKS, user, spaces, model).items():
        cut = model == FAILING and shown in STREAMS
        assert outcome.error == (errors.cut if cut else named), f"{shown}: {outcome}"
        assert outcome.printed.startswith(FIRST) == cut, f"{shown}: {outcome}"
        assert SAID[model] in (outcome.message or ""), f"{shown}: {outcome}"


def test_tools_and_schemas_are_refused(package: Package, user: Program, spaces: Spaces) -> None:
    found = results(package, {"schema", *REFUSED}, user, spaces)
    for shown in found.keys() & REFUSED:
        assert found[shown].error == package.errors.refused, f"{shown}: {found[shown]}"
        assert "can't be honoured" in (found[shown].message or "").replace("\\'", "'")
