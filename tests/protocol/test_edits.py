"""Edits of a value: what each does, what it costs, and which are refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from spacechat import errors
from spacechat.protocol import Budget, StreamMachine, edits
from tests.protocol.test_machine import feed, generating

VALUE: Any = {"text": "abc", "list": ["a", "bc", 3], "inner": {"n": 1}}

EDITS: dict[str, tuple[list[Any], Any, list[int]]] = {
    "append": (["append", ["text"], "de"], {"text": "abcde"}, [3]),
    "append in a list": (["append", ["list", 1], "d"], {"list": ["a", "bcd", 3]}, [2]),
    "replace": (["replace", ["inner", "n"], 2], {"inner": {"n": 2}}, []),
    "replace in a list": (["replace", ["list", 0], [1]], {"list": [[1], "bc", 3]}, []),
    "a new key": (["add", ["new"], 4], {"new": 4}, []),
    "a key that there is": (["add", ["text"], 4], {"text": 4}, []),
    "insert first": (["add", ["list", 0], "x"], {"list": ["x", "a", "bc", 3]}, [3]),
    "insert in the middle": (["add", ["list", 2], "x"], {"list": ["a", "bc", "x", 3]}, [1]),
    "insert last": (["add", ["list", 3], "x"], {"list": ["a", "bc", 3, "x"]}, [0]),
    "delete first": (["delete", ["list", 0], None], {"list": ["bc", 3]}, [3]),
    "delete last": (["delete", ["list", 2], None], {"list": ["a", "bc"]}, [1]),
    "delete in an inner value": (["delete", ["inner", "n"], None], {"inner": {}}, []),
}
"""An edit of `VALUE`, what changes, and the work that it reports."""


@pytest.mark.parametrize("case", EDITS)
def test_an_edit(case: str) -> None:
    edit, changed, work = EDITS[case]
    spent: list[int] = []
    assert edits.is_edits([edit])
    assert edits.apply([edit], copy.deepcopy(VALUE), spent.append) == {**VALUE, **changed}
    assert spent == work


def test_edits_of_the_whole() -> None:
    spent: list[int] = []
    assert edits.apply([["append", [], "def"]], "abc", spent.append) == "abcdef"
    assert spent == [3]
    assert edits.apply([["replace", [], 7]], "abc") == 7
    assert edits.apply([], "abc") == "abc"
    assert edits.apply([["replace", [], "x"], ["append", [], "y"]], "abc") == "xy"


SEVERAL: dict[str, tuple[list[Any], Any]] = {
    "two deletes": ([["delete", ["list", 0], None], ["delete", ["list", 1], None]], ["a"]),
    "of the same index": ([["delete", ["list", 2], None], ["delete", ["list", 2], None]], ["a"]),
    "three deletes": ([["delete", ["list", 0], None]] * 3, []),
    "a replacement before": (
        [["replace", ["list", 0], "x"], *[["delete", ["list", 0], None]] * 2],
        ["x"],
    ),
    "a replacement after": (
        [*[["delete", ["list", 1], None]] * 2, ["replace", ["list", 0], "x"]],
        ["x"],
    ),
    "a delete and another": (
        [["delete", ["list", 0], None], ["replace", ["list", 0], "x"]],
        ["x", 3],
    ),
    "a delete and one of a key": (
        [["delete", ["list", 0], None], ["delete", ["inner", "n"], None]],
        ["bc", 3],
    ),
}
"""Edits of `VALUE`, and its list after them."""


@pytest.mark.parametrize("case", SEVERAL)
def test_several_deletes_shorten_a_list_at_its_end(case: str) -> None:
    """A single one removes the entry that it names."""
    given, left = SEVERAL[case]
    assert edits.apply(given, copy.deepcopy(VALUE))["list"] == left


@pytest.mark.parametrize("key", ["x", None, 1.0, True], ids=str)
def test_each_of_several_deletes_has_to_name_an_entry(key: Any) -> None:
    with pytest.raises(errors.ProtocolError, match="does not fit"):
        edits.apply(
            [*[["delete", ["list", 0], None]] * 2, ["delete", ["list", key], None]],
            copy.deepcopy(VALUE),
        )


@pytest.mark.parametrize("edit", [["delete"], [], 5, None, "delete", ["delete", 5, None]], ids=str)
def test_a_malformed_edit(edit: Any) -> None:
    with pytest.raises(errors.ProtocolError, match="does not fit"):
        edits.apply([edit], copy.deepcopy(VALUE))


REFUSED: dict[str, list[Any]] = {
    "a number appended to a text": ["append", ["text"], 5],
    "nothing appended to a text": ["append", ["text"], None],
    "a list appended to a text": ["append", ["text"], ["x"]],
    "a text appended to a number": ["append", ["list", 2], "x"],
    "a number appended to a number": ["append", ["list", 2], 1],
    "a list appended to a list": ["append", ["list"], ["x"]],
    "a text appended to nothing": ["append", ["new"], "x"],
    "replace after the end": ["replace", ["list", 3], "x"],
    "insert after the end": ["add", ["list", 4], "x"],
    "delete after the end": ["delete", ["list", 3], None],
    "delete what is not there": ["delete", ["new"], None],
    "a negative index": ["replace", ["list", -1], "x"],
    "a negative index to insert at": ["add", ["list", -1], "x"],
    "true for an index": ["replace", ["list", True], "x"],
    "an index as a text": ["replace", ["list", "0"], "x"],
    "a key as a number": ["add", [0], "x"],
    "within a text": ["replace", ["text", 0], "x"],
    "within a number": ["replace", ["list", 2, 0], "x"],
    "within what is not there": ["replace", ["new", "n"], "x"],
    "delete the whole": ["delete", [], None],
    "add the whole": ["add", [], "x"],
    "a number appended to the whole": ["append", [], 5],
    "of an unknown kind": ["multiply", ["text"], "x"],
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_edit_that_does_not_fit(case: str) -> None:
    edit = REFUSED[case]
    with pytest.raises(errors.ProtocolError, match="does not fit the value") as caught:
        edits.apply([edit], copy.deepcopy(VALUE))
    assert repr(edit[0]) in str(caught.value)
    with pytest.raises(edits.MisfitError):
        edits.attempt([edit], copy.deepcopy(VALUE), lambda _: None)


@pytest.mark.parametrize(
    "value",
    [
        {},
        "append",
        [1],
        ["append"],
        [["append", []]],
        [["append", [], "x", "y"]],
        [["multiply", [], "x"]],
        [[["append"], [], "x"]],
        [["append", "path", "x"]],
        [["append", [], "x"], "x"],
        [{"action": "append", "path": [], "value": "x"}],
    ],
    ids=str,
)
def test_what_is_no_list_of_edits(value: object) -> None:
    assert not edits.is_edits(value)


def test_no_edits_are_a_list_of_edits() -> None:
    assert edits.is_edits([])


OLDER = [["append", [0, 1], "x"]]
"""An edit of another place than the newest text."""


def test_what_is_appended_to_an_older_text_is_told_whole() -> None:
    machine = StreamMachine(output=0)
    feed(machine, [generating([["Hi", "older"], [None, "newer"]]), generating(OLDER)])
    assert machine.text == "olderx\n\nnewer"


def test_the_work_of_appending_to_an_older_text_is_bounded() -> None:
    """Each copies that text, however short the message is."""
    older = "o" * 100_000
    machine = StreamMachine(output=0, budget=Budget(work=10**6))
    machine.receive(generating([["Hi", older], [older, "newer"]]))
    question = generating([["append", [1, 0], "x"]])  # No part of the answer's text.
    assert machine.receive(question) == []
    with pytest.raises(errors.ProtocolError, match="rewrites its answer so often"):
        feed(machine, [question] * 10_000)
    assert machine.text == "newer"


@pytest.mark.parametrize("path", [[1, 1], [0, 1], [1, 0]])
def test_a_number_that_is_appended_is_an_error(path: list[int]) -> None:
    machine = StreamMachine(output=0)
    machine.receive(generating([["Hi", "older"], [None, "newer"]]))
    machine.receive(generating([["append", [1, 1], "!"]]))
    with pytest.raises(errors.ProtocolError, match="does not fit") as caught:
        machine.receive(generating([["append", path, 5]]))
    assert caught.value.partial_text == "older\n\nnewer!"
