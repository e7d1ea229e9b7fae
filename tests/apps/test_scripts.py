"""The scripts of events: what a page that was opened without parameters sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacechat.apps.scripts import run_script

URL = "https://ada-chat.hf.space/"

KNOWN: list[tuple[str, list[Any], list[Any]]] = [
    ("(x) => x", ["Hi"], ["Hi"]),
    ("x => x", [[1, 2]], [1, 2]),
    ("(...args) => args", ["Hi", [], 5], ["Hi", [], 5]),
    ("(a, ...rest) => [...rest, a]", [1, 2, 3], [2, 3, 1]),
    ("(a, b = 'x') => [a, b]", [1], [1, "x"]),
    ("() => {}", [], []),
    ("() => 'a\\n\"b\"'", [], ['a\n"b"']),
    ("() => ({name: 'x', 'n': [1, 2.5], none: undefined})", [], [{"name": "x", "n": [1, 2.5]}]),
    ("function go(a) { return [a, null, true] }", [1], [1, None, True]),
    ("async function(a) { return await a; }", ["q"], ["q"]),
    ("(a) => `${a}, and ${a.trim()}`", [" z"], [" z, and z"]),
    ("(a, b) => a ? [a, b] : [b, a]", ["", 1], [1, ""]),
    ("() => navigator.language.startsWith('en') ? 'en' : 'zh'", [], ["en"]),
    ("() => window.location.search", [], [""]),
    ("() => window.location.href", [], [URL]),
    ("() => new URLSearchParams(window.location.search).get('model')", [], [None]),
    ("() => Object.fromEntries(new URLSearchParams(location.search).entries())", [], [{}]),
    ("() => { const u = new URL(window.location); return u.searchParams.has('a') }", [], [False]),
    ("() => localStorage.getItem('chats') || '[]'", [], ["[]"]),
    ("() => JSON.parse(localStorage.getItem('chats') ?? '[1]')[0]", [], [1]),
    ("() => localStorage.chats", [None], []),
    ("() => document.cookie === '' ? 'new' : 'known'", [], ["new"]),
    ("(x) => { console.log(x); return x }", ["Hi"], ["Hi"]),
    ("(x) => {\n  // a note\n  const y = x + '!'\n  return y\n}", ["Hi"], ["Hi!"]),
    ("(x) => { for (const e of document.all) { e.remove() } return x; }", ["Hi"], ["Hi"]),
    ("(x) => { setTimeout(() => { document.q.click() }, 10); return x }", ["Hi"], ["Hi"]),
    ("(x) => { document.title = 'a'; document.body.style.color = 'b'; return x }", ["Hi"], ["Hi"]),
    ("(x) => { try { a.b.c() } catch (e) { alert(e) } return x }", ["Hi"], ["Hi"]),
    ("(x) => { if (document.body.dark) { toggle(); } return x; }", ["Hi"], ["Hi"]),
    ("(x) => { if (x === null || x === undefined) { return 'none' } return x }", [None], ["none"]),
]


@pytest.mark.parametrize(("source", "arguments", "sent"), KNOWN)
def test_a_script(source: str, arguments: list[Any], sent: list[Any]) -> None:
    made = run_script(source, arguments, url=URL, only_one=len(sent) == 1)
    assert made == sent


def test_a_script_that_makes_an_id() -> None:
    source = "() => { let id = localStorage.getItem('id'); if (!id) { id = crypto.randomUUID(); }"
    made = [run_script(f"{source} return id }}", [], url=URL, only_one=True) for _ in range(2)]
    assert made[0] != made[1]
    assert len(str(made[0])) == len("['01234567-0123-0123-0123-012345678901']")


UNKNOWN = [
    "",
    "?",
    "prepare",
    "() => prepare()",
    "() => document.getElementById('x').value",
    "(x) => x.split('').reverse()",
    "(x) => { x.push(1); return x }",
    "(x) => { x[0] = 1; return x }",
    "(x) => { for (const y of x) { if (y) { return y } } return 1 }",
    "(x) => { if (confirm('Sure?')) { return x } return null }",
    "(x) => { let y = 1; while (y < 9) { y += 1 } return y }",
    "(x) => { let y = 1; if (prepare()) { y = 2 } return y }",
    "() => fetch('/x').then(r => r.json())",
    "() => [1, 2",
    "() => 'a",
    "() => ({...x})",
    "(" * 3000,
    "() => " + "[" * 1000,
    "() => { let x = ['aaaaaaaa'];" + "x = [x, x, x];" * 60 + "return x }",
    "() => { let x = 'aaaaaaaa';" + "x = x + x;" * 200 + "return x }",
    "() => { let x = [1];" + "x = [...x, ...x];" * 100 + "return x }",
]


@pytest.mark.parametrize("source", UNKNOWN)
def test_a_script_that_is_not_understood(source: str) -> None:
    assert run_script(source, [[1]], url=URL, only_one=True) is None


def test_several_values_are_expected() -> None:
    assert run_script("() => 1", [], url=URL, only_one=False) is None
    assert run_script("() => [1, undefined]", [], url=URL, only_one=False) == [1, None]


def test_a_long_message_is_passed_on() -> None:
    text = "a" * 1_000_000
    assert run_script("(x, y) => [x, y]", [text, [text]], url=URL, only_one=False) == [text, [text]]


WORDS = "( ) [ ] { } => x y 'a' `${x}` ... , ; . return const = if else for ? : + || new 1 /"
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@given(st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=60))
def test_any_script(source: str) -> None:
    made = run_script(f"(x, y) => {{ {source} }}", [[1], "a"], url=URL, only_one=True)
    assert made is None or isinstance(made, list)
    made = run_script(source, [[1], "a"], url=URL, only_one=True)
    assert made is None or isinstance(made, list)
