"""Gradio's own diff makes the edits; applying them must lead where Gradio wanted to go."""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spacechat import events
from spacechat.protocol import StreamMachine, ValuesMachine, edits, reading
from tests.real.environments import VERSIONS, environment

pytestmark = pytest.mark.real

MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Oracle:
    """`gradio.utils.diff` of one version, in a process of its own."""

    def __init__(self, version: str) -> None:
        self.version = version
        script = Path(__file__).parent / "apps" / "diff_server.py"
        self.process = subprocess.Popen(
            [str(environment(version)), "-W", "ignore", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def diff(self, old: Any, new: Any) -> list[Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([old, new]) + "\n")
        self.process.stdin.flush()
        found: list[Any] = json.loads(self.process.stdout.readline())
        return found

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module", params=[f"oracle-{version}" for version in VERSIONS])
def oracle(request: pytest.FixtureRequest) -> Iterator[Oracle]:
    found = Oracle(request.param.removeprefix("oracle-"))
    yield found
    found.close()


WORDS = ["", "a", "ha", "haha", "[1]", "你好", "🌍", "\u2028", "\x00", "\n", '"\\', "append"]
texts = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8"), max_size=6)
numbers = st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | texts
keys = st.sampled_from(["role", "content", "text", "metadata", "é"]) | texts
values = st.recursive(
    leaves,
    lambda below: st.lists(below, max_size=5) | st.dictionaries(keys, below, max_size=4),
    max_leaves=12,
)


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """The value with some small changes somewhere in it."""
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        return _changed_list(draw, list(value))
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        found = dict(value)
        for key in draw(st.lists(st.sampled_from(sorted(found)), max_size=2, unique=True)):
            if draw(st.booleans()):
                found[key] = draw(changed(found[key]))
            else:
                del found[key]
        return found | draw(st.dictionaries(keys, leaves, max_size=1))
    if isinstance(value, str) and draw(st.integers(0, 3)):
        return value + draw(texts)
    return draw(values)


def _changed_list(draw: st.DrawFn, found: list[Any]) -> list[Any]:
    for index in range(len(found)):
        if draw(st.booleans()):
            found[index] = draw(changed(found[index]))
    how = draw(st.sampled_from(["keep", "keep", "longer", "shorter", "shorter", "middle"]))
    if how == "longer":
        found += draw(st.lists(values, min_size=1, max_size=3))
    elif how == "shorter":
        del found[draw(st.integers(0, len(found))) :]
    elif how == "middle" and found:
        del found[draw(st.integers(0, len(found) - 1))]
    return found


pairs_of_values = st.tuples(values, values) | values.flatmap(
    lambda value: st.tuples(st.just(value), changed(value))
)


@MANY
@given(change=pairs_of_values)
@example(([1, 2, 3, 4, 5], [1]))
@example(([["a", "b", "c"], ["d", "e", "f"], ["g"]], [["a"], ["d"]]))
@example(([{"content": ["a", "b", "c"]}, {"content": ["d"]}], [{"content": ["a"]}]))
def test_edits_lead_from_old_to_new(oracle: Oracle, change: tuple[Any, Any]) -> None:
    old, new = change
    found = oracle.diff(old, new)
    assert edits.is_edits(found)
    assert edits.apply(found, copy.deepcopy(old)) == new


@MANY
@given(steps=st.lists(st.tuples(values, values), min_size=1, max_size=6))
def test_values_as_edits(oracle: Oracle, steps: list[tuple[Any, Any]]) -> None:
    """The values of a function's outputs, each read when it comes, and again after the last.

    Gradio's diff takes False for 0, and True for 1. The final values then are news.
    """
    machine = ValuesMachine()
    sent = [list(steps[0])]
    for old, new in itertools.pairwise(steps):
        sent.append([oracle.diff(*each) for each in zip(old, new, strict=True)])
    found = [_values(machine, "process_generating", each) for each in sent]
    for event, step in zip(found[::2], steps[::2], strict=True):
        assert event[0].values == step
    final = _values(machine, "process_completed", list(steps[-1]))
    if final:
        assert json.dumps(found[-1][0].values) != json.dumps(steps[-1])
        assert json.dumps(final[0].values) == json.dumps(steps[-1])
    assert [event.values for (event,) in found] == steps


def _values(machine: ValuesMachine, msg: str, data: list[Any]) -> list[events.Values]:
    message = json.dumps({"msg": msg, "event_id": "e", "output": {"data": data}})
    return [each for each in machine.receive(message) if isinstance(each, events.Values)]


# Whole answers, as a chat's value grows, is rewritten, and shrinks.

titles = st.none() | st.just({"title": None}) | st.just({"title": "Thinking"})
parts = st.builds(lambda text: {"type": "text", "text": text}, texts)
files = st.just({"type": "file", "file": {"path": "a.png"}})
contents = st.one_of(texts, st.lists(parts | files, max_size=4))
roles = st.sampled_from(["assistant", "assistant", "assistant", "user"])
messages = st.builds(
    lambda role, content, metadata: {"role": role, "content": content, "metadata": metadata},
    roles,
    contents,
    titles,
)
flushing = st.builds(lambda text: {"text": text, "flushing": False}, texts)
sides = st.one_of(st.none(), texts, st.builds(lambda text: {"text": text}, texts))
chats = st.one_of(
    texts,
    st.lists(st.tuples(texts, sides).map(list), max_size=5),
    st.lists(messages, max_size=5),
    st.lists(st.tuples(flushing, st.lists(flushing, max_size=4)).map(list), max_size=3),
)


@st.composite
def answers(draw: st.DrawFn) -> list[Any]:
    """The values of an answer, step by step."""
    found = [draw(chats)]
    for _ in range(draw(st.integers(0, 6))):
        how = draw(st.sampled_from(["longer", "longer", "shorter", "changed", "other"]))
        last = copy.deepcopy(found[-1])
        if how == "longer":
            found.append(_longer(last, draw(texts)))
        elif how == "shorter" and isinstance(last, list):
            found.append(last[: draw(st.integers(0, len(last)))])
        elif how == "changed" and isinstance(last, list) and last:
            found.append([*last[:-1], draw(changed(last[-1]))])
        else:
            found.append(draw(chats))
    return found


def _longer(value: Any, text: str) -> Any:
    """The value with more text where its last one is."""
    if isinstance(value, str):
        return value + text
    if isinstance(value, dict):
        key = "content" if "content" in value else "text"
        return value | {key: _longer(value.get(key), text)}
    if isinstance(value, list) and value:
        return [*value[:-1], _longer(value[-1], text)]
    return value


@MANY
@given(steps=answers(), final=st.none() | chats)
@example([""], [{"role": "assistant", "content": "\n\na", "metadata": {"title": "Thinking"}}])
def test_answers_as_edits_and_as_snapshots(oracle: Oracle, steps: list[Any], final: Any) -> None:
    last = steps[-1] if final is None else final
    by_edits = [steps[0]]
    by_edits += [oracle.diff(old, new) for old, new in itertools.pairwise(steps)]
    _check(StreamMachine(output=0, protocol="sse_v3"), by_edits, steps, last)
    _check(StreamMachine(output=0, protocol="sse_v1"), steps, steps, last)


def _check(machine: StreamMachine, sent: list[Any], steps: list[Any], last: Any) -> None:
    text = ""
    for entry, value in zip(sent, steps, strict=True):
        text = _after(text, machine.receive(_message("process_generating", entry)))
        assert text == machine.text
        waiting = machine.transcript.answer_end.text
        assert reading.read(value).answer in (text, waiting)
    found = machine.receive(_message("process_completed", last))
    text = _after(text, found)
    assert text == machine.text == _shown_in_the_end(last)
    assert found[-1] == events.Completed(text, machine.reasoning)


def _shown_in_the_end(value: Any) -> str:
    """The answer in a final value; if each message has a title, the last one with a text."""
    read = reading.read(value, final=True)
    if read.answer or not read.is_all_titled:
        return read.answer
    for message in reversed(value):
        alone = reading.read([message], final=True)
        if alone.reasoning or not alone.is_all_titled:
            return alone.reasoning
    return ""


def _after(text: str, found: list[events.Event]) -> str:
    for event in found:
        if isinstance(event, events.TextDelta):
            text += event.text
        elif isinstance(event, events.TextReset):
            text = event.text
    return text


def _message(msg: str, entry: Any) -> str:
    output = {"data": [entry]}
    return json.dumps({"msg": msg, "event_id": "e", "output": output, "success": True})
