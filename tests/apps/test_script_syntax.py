"""The syntax of scripts, part by part: what an expression or a statement makes of values."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat.apps.scripts import run_script


def made(source: str, *arguments: object) -> list[Any] | None:
    return run_script(source, arguments, url="https://ada-chat.hf.space/", only_one=True)


TOLD: list[tuple[str, Any]] = [
    # Texts and numbers.
    ("7", 7),
    ("1.5", 1.5),
    ("1.0", 1),
    ("9" * 400, float("inf")),
    ('"a\\"b"', 'a"b'),
    ("'a\\'b'", "a'b"),
    ("'\\n\\t\\r\\b\\f\\v\\0\\\\'", "\n\t\r\b\f\v\0\\"),
    ("true", True),
    ("false", False),
    ("null", None),
    # Templates.
    ("`a\nb`", "a\nb"),
    ("`${1}-${'b'}-${null}-${true}-${undefined}`", "1-b-null-true-undefined"),
    ("`<${localStorage}>`", "<>"),
    ("`\\n${1}\\t`", "\n1\t"),
    # Lists and objects.
    ("[]", []),
    ("[1,]", [1]),
    ("[...[1, 2], 3]", [1, 2, 3]),
    ("[1, ...localStorage]", [1]),
    ("({length: 1}).length", 1),
    ("[[1, 2], [3]][0][1]", 2),
    ("[{toString: 1}.length, {cookie: 1}.length]", [None, None]),
    # Operators, from those that bind most.
    ("1 + 2 * 3", 7),
    ("2 * 3 + 1", 7),
    ("(1 + 2) * 3", 9),
    ("5 - 2 - 1", 2),
    ("5 - (2 - 1)", 4),
    ("2 * 3 * 4", 24),
    ("1 + 1 < 3", True),
    ("1 < 1", False),
    ("1 > 1", False),
    ("1 <= 1", True),
    ("1 >= 1", True),
    ("2 <= 1", False),
    ("1 >= 2", False),
    ("1 < 2 === true", True),
    ("0 || 1 && 2", 2),
    ("1 || 2", 1),
    ("0 && 2", 0),
    ("0 || 0 || 3", 3),
    ("0 ?? 1", 0),
    ("null ?? 1", 1),
    ("undefined ?? 1", 1),
    ("1 || unheard", 1),
    ("1 + 'a'", "1a"),
    ("'a' + 1", "a1"),
    ("'a' + null + true + undefined", "anulltrueundefined"),
    ("!0", True),
    ("!'a'", False),
    ("!!1", True),
    ("-1", -1),
    ("-1 + 2", 1),
    ("+1", 1),
    ("await 1", 1),
    ("1 ? 2 : 3", 2),
    ("0 ? 2 : 0 ? 4 : 5", 5),
    ("[[1, void 0], 2]", [[1, None], 2]),
    ("[1, void unheard, 2]", [1, None, 2]),
    # What counts as true.
    ("'' ? 1 : 2", 2),
    ("null ? 1 : 2", 2),
    ("undefined ? 1 : 2", 2),
    ("false ? 1 : 2", 2),
    ("[] ? 1 : 2", 1),
    ("'0' ? 1 : 2", 1),
    # Types.
    ("typeof undefined", "undefined"),
    ("typeof true", "boolean"),
    ("typeof 1", "number"),
    ("typeof 1.5", "number"),
    ("typeof 'a'", "string"),
    ("typeof null", "object"),
    ("typeof []", "object"),
    ("typeof alert", "function"),
    # Equality.
    ("1 === 1.0", True),
    ("1 === 2", False),
    ("1 !== 2", True),
    ("1 !== 1", False),
    ("'a' === 'a'", True),
    ("'a' == 'a'", True),
    ("'a' != 'a'", False),
    ("1 === '1'", False),
    ("true === 1", False),
    ("null == undefined", True),
    ("undefined == null", True),
    ("null === undefined", False),
    ("undefined === undefined", True),
    ("null === null", True),
    ("null !== null", False),
    ("0 == null", False),
    ("null == ''", False),
    ("0 === null", False),
    ("[] === 1", False),
    # Members.
    ("'abc'.length", 3),
    ("'abc'[0]", "a"),
    ("'abc'[2]", "c"),
    ("'abc'?.length", 3),
    ("'abc'?.[1]", "b"),
    ("null?.a ?? 1", 1),
    ("undefined?.a ?? 1", 1),
    ("{a: 1}['a']", 1),
    ("'abc'[3]", None),
    ("'abc'[-1]", None),
    ("String('a', 'b')", "a"),
    ("[1].concat([2], ...[])", [1, 2]),
    ("[1, 2, 3].slice(0, 2, 3)", [1, 2]),
    ("1 || 2 && 0", 1),
    ("[1, 2][1 - 1]", 1),
    ("[1, 2]['length']", 2),
    ("'Abc'.toLowerCase()", "abc"),
    ("'Abc'.toUpperCase()", "ABC"),
    ("'Abc'.toString()", "Abc"),
    ("' a '.trim()", "a"),
    ("'abc'.includes('b')", True),
    ("'abc'.includes('d')", False),
    ("'abc'.startsWith('ab')", True),
    ("'abc'.startsWith('b')", False),
    ("'abc'.endsWith('bc')", True),
    ("'abc'.endsWith('b')", False),
    ("[1, 2].concat([3])", [1, 2, 3]),
    ("[1, 2, 3].slice()", [1, 2, 3]),
    ("[1, 2, 3].slice(1)", [2, 3]),
    ("[1, 2, 3].slice(0, 2)", [1, 2]),
    ("[1, 2, 3].slice(-1)", [3]),
    # Calls.
    ("[alert(1), 2]", [None, 2]),
    ("new String('a')", "a"),
    ("new window.String('a')", "a"),
    (
        "{a: 1, 'b c': 2, 3: 4, 'it\\'s': 5, \"'d'\": 6,}",
        {"a": 1, "b c": 2, "3": 4, "it's": 5, "'d'": 6},
    ),
    ("{a: undefined}", {}),
    ("alert('a', ...[1])", None),
]


@pytest.mark.parametrize(("expression", "value"), TOLD)
def test_an_expression(expression: str, value: object) -> None:
    assert repr(made(f"() => [{expression}]")) == repr([value])  # 1 is not true.


NOT_TOLD = [
    "[unheard]",
    "{a: 1}[unheard]",
    "null[unheard]",
    "localStorage[unheard]",
    "[{a: [unheard]}]",
    "1e5",
    "0x10",
    "1..x",
    "'\\u00e9'",
    "'\\x41'",
    "'a\\\nb'",
    "'a\nb'",
    "`${1.5}`",
    "`${[]}`",
    "`${{a: 1}.a}`",
    "`${{a: 1}.a} ${1}`",
    "`\\${1}`",
    "`${1 2}`",
    "[1, 2",
    "[1 2]",
    "[...1]",
    "({a: 1 b: 2})",
    "({[a]: 1})",
    "({a: unheard})",
    "({...{}})",
    "unheard ?? 1",
    "unheard || 1",
    "6 / 2",
    "6 % 4",
    "'a' + [1]",
    "[1] + 'a'",
    "'a' - 1",
    "'a' * 2",
    "'a' < 'b'",
    "true + 1",
    "1 + unheard",
    "!unheard",
    "-'1'",
    "+'1'",
    "-true",
    "unheard ? 2 : 2",
    "1 ? 2",
    "typeof unheard",
    "1 == '1'",
    "1 != '1'",
    "true == 1",
    "1 === unheard",
    "[] === []",
    "[] == []",
    "alert === alert",
    "'abc'[true]",
    "'abc'.unheard",
    "'abc'[unheard]",
    "1 .a",
    "'abc'.includes('a', 1)",
    "'abc'.includes()",
    "'a1'.includes(1)",
    "[1].concat([2], [3])",
    "[1].concat(2)",
    "[1, 2, 3].slice('a')",
    "[1, 2, 3].slice(true)",
    "[1].push(2)",
    "'a'.trim(...1)",
    "unheard()",
    "1()",
    "'a'.toLowerCase",
    "x => x",
    "(function() { return 1 })()",
    "new String",
    "new window.unheard('a')",
    "{a: 1",
    "{a: 1}.unheard()",
    "`${1}${`",
]


@pytest.mark.parametrize("expression", NOT_TOLD)
def test_an_expression_whose_value_is_not_known(expression: str) -> None:
    assert made(f"() => [{expression}]") is None


DONE: list[tuple[str, list[object], list[Any]]] = [
    # Parameters.
    ("x=>x", ["a"], ["a"]),
    ("(x) => x", [], []),
    ("(x,) => x", ["a"], ["a"]),
    ("(x, y = x + 1) => [x, y]", [1], [1, 2]),
    ("(x, y = 1) => [x, y]", [1, 5], [1, 5]),
    ("(x, y = 1) => [x, y]", [1, None], [1, None]),
    ("(x, ...rest) => rest", [1], []),
    ("(x, ...rest) => [x, rest]", [1, 2, 3], [1, [2, 3]]),
    ("async x => x", ["a"], ["a"]),
    ("async (x) => x", ["a"], ["a"]),
    ("async function go(x) { return x }", ["a"], ["a"]),
    ("function (x) { return x }", ["a"], ["a"]),
    (" (x) => x ; ", ["a"], ["a"]),
    ("(x)\t=> /* a\nb */ x // c", ["a"], ["a"]),
    ("(x) =>\n\n x", ["a"], ["a"]),
    # Statements.
    ("x => {}", ["a"], []),
    ("x => { return }", ["a"], []),
    ("x => { return; x }", ["a"], []),
    ("x => { return\nx }", ["a"], []),
    ("x => { return (\nx\n) }", ["a"], ["a"]),
    ("x => { ; ; return x }", ["a"], ["a"]),
    ("x => { { return x } }", ["a"], ["a"]),
    ("x => { return x; x = 1 }", ["a"], ["a"]),
    ("x => { x = 1; return x }", ["a"], [1]),
    ("x => { x = 1\nreturn x }", ["a"], [1]),
    ("() => { let a, b = 2, c; return [a, b, c] }", [], [None, 2, None]),
    ("() => { const a = 1, b = a + 1; return b }", [], [2]),
    ("() => { var a = 1; { a = 2 } return a }", [], [2]),
    ("() => { const a = 1\nconst b = [a, 5]\n[a]\nreturn b }", [], [5]),
    ("() => { const a = alert\n(1)\nreturn 2 }", [], [2]),
    ("x => { if (x) return 1; return 2 }", ["a"], [1]),
    ("x => { if (x) return 1; return 2 }", [""], [2]),
    ("x => { if (x) { return 1 } else { return 2 } }", [""], [2]),
    ("x => { if (x) return 1; else if (!x) return 2; else return 3 }", [""], [2]),
    ("x => { if (unheard()) { y = 2 } return x }", ["a"], ["a"]),
    ("x => { alert\n(x)\nreturn x }", ["a"], ["a"]),
    ("x => { const y = String\n('b'); return y }", ["a"], ["b"]),
    ("x => { try { x = 1 } catch (e) { x = 2 } finally { } return x }", ["a"], [1]),
    ("x => { try { x = 1 } catch { x = 2 } return x }", ["a"], [1]),
    ("x => { try { x = 1 } finally { alert(1) } return x }", ["a"], [1]),
    ("x => { alert(x); console.log(x); return x }", ["a"], ["a"]),
    # Statements that are not understood, beside what they can't change.
    ("x => { y++; return x }", ["a"], ["a"]),
    ("x => { y++\nreturn x }", ["a"], ["a"]),
    ("x => { throw y; return x }", ["a"], ["a"]),
    ("x => { while (y) { y() } return x }", ["a"], ["a"]),
    ("x => { while (y) { y() }\nreturn x }", ["a"], ["a"]),
    ("x => { do { y() } while (y); return x }", ["a"], ["a"]),
    ("x => { switch (y) { case 1: y(); break } return x }", ["a"], ["a"]),
    ("x => { for (const y of z) { if (y) { y() } else { z() } } return x }", ["a"], ["a"]),
    ("x => { class y { z() { } } return x }", ["a"], ["a"]),
    ("x => { function y() { z() } return x }", ["a"], ["a"]),
    ("x => { y['a'] = 'x'; return x }", ["a"], ["a"]),
    ("x => { y[x]; return x }", ["a"], ["a"]),
    ("x => { y.x = 1; return x }", ["a"], ["a"]),
    ("x => { y.z(() => { w.click() }, 10); return x }", ["a"], ["a"]),
    ("x => { const {y, z} = w; return x }", ["a"], ["a"]),
    ("x => { y().then(z)\n.catch(w)\nreturn x }", ["a"], ["a"]),
    ("x => { localStorage.setItem('a', x); return x }", ["a"], ["a"]),
    ("x => { const y = window; y++; return window.location.hash }", ["a"], [""]),
    ("(x, y) => { if (unheard) { y = 1 } else { y = 2 } return x }", ["a", 0], ["a"]),
]


@pytest.mark.parametrize(("source", "arguments", "values"), DONE)
def test_a_function(source: str, arguments: list[object], values: list[Any]) -> None:
    assert repr(made(source, *arguments)) == repr(values)


NOT_DONE = [
    "x",
    "1",
    "[]",
    "x => x x",
    "x => x; x",
    "x =>",
    "(x)\n=> x",
    "(x) -> x",
    "(x y) => x",
    "(1) => 1",
    "([x]) => 1",
    "(...1) => 1",
    "function { return 1 }",
    "function () return 1",
    "() => { return",
    "() => { return 1",
    "() => { if (1",
    "() => { try {",
    "() => { try { } catch (",
    "() => { ( } )",
    "() => { let",
    "() => { return 1 2 }",
    "(x) => { x++; return x }",
    "(x) => { x++\nreturn x }",
    "(x) => { x += 1; return x }",
    "(x) => { x.y = 1; return x }",
    "(x) => { x[0] = 1; return x }",
    "(x) => { x.sort(); return x }",
    "(x) => { y.push(x); return x }",
    "(x) => { y(x)\nreturn x }",
    "(x) => { while (1) { x = 2 } return x }",
    "(x) => { do { x = 2 } while (x)\nreturn x }",
    "(x) => { switch (1) { case 1: return 2 } return x }",
    "(x) => { switch (1) { case 1: x = 2 } return x }",
    "(x) => { for (const y of x) { y() } return x }",
    "(x) => { for (y of z) { } for (y of x) { } return x }",
    "(x) => { throw x; return x }",
    "(x) => { function y() { return x } return x }",
    "(x) => { if (unheard) { x = 1 } return x }",
    "(x) => { if (unheard) x = 1; return x }",
    "(x) => { if (unheard) { y() } else { x = 1 } return x }",
    "(x) => { if (unheard) { return 1 } return x }",
    "(x) => { if (unheard) { y() } else { return 1 } return x }",
    "(x) => { if (unheard) { [[x]].push(1) } return x }",
    "(x) => { x = unheard; return x }",
    "(x) => { let x; x = unheard(); return x }",
    "(x) => { const {y} = x; return x }",
    "(x, y) => { (y = 1); return 1 2 }",
    "(x) => { y = unheard; return [[y]] }",
]


@pytest.mark.parametrize("source", NOT_DONE)
def test_a_function_whose_result_is_not_known(source: str) -> None:
    assert made(source, [1]) is None


def nested(depth: int) -> list[str]:
    return [
        "() => " + "[" * depth + "]" * depth,
        "() => " + "!" * depth + "1",
        "() => {" + "{" * depth + "}" * depth + " return 1 }",
        "() => 1" + " ? 1" * depth + " : 1" * depth,
    ]


@pytest.mark.parametrize("source", nested(30))
def test_a_deep_script(source: str) -> None:
    assert made(source) is not None


@pytest.mark.parametrize("source", [each for each in nested(60) if "{" not in each])
def test_a_script_that_is_too_deep(source: str) -> None:
    assert made(source) is None
    beside = "!1, [1], " * 100
    assert made(source.replace("=> ", f"=> [{beside}") + "]") is None


def test_a_long_script() -> None:
    assert made("() => [" + "!1, [1], `${1}`, {a: 1}, " * 500 + "]") is not None
    assert made("x => {" + "x = [!x, {a: 1}]; if (x) { x = 1 } " * 200 + " return x }", "a") == [1]


def test_a_name_does_not_end_in_another() -> None:
    assert made("returned => { constant = 1; iffy = 2; return returned }", "a") == ["a"]
