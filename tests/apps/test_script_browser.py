"""The browser that scripts see: a page that is opened for the first time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from spacechat.apps.scripts import run_script

URL = "https://ada-chat.hf.space:8443/chat"


def made(expression: str, url: str = URL) -> list[Any] | None:
    return run_script(f"() => [{expression}]", [], url=url, only_one=False)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("location.href", URL),
        ("location.toString()", URL),
        ("document.URL", URL),
        ("document.location.href", URL),
        ("location.origin", "https://ada-chat.hf.space:8443"),
        ("location.protocol", "https:"),
        ("location.host", "ada-chat.hf.space:8443"),
        ("location.hostname", "ada-chat.hf.space"),
        ("location.pathname", "/chat"),
        ("location.search", ""),
        ("location.hash", ""),
        ("new URL(location).pathname", "/chat"),
        ("new URL(location.href).searchParams.get('model')", None),
        ("new URLSearchParams().get('model')", None),
        ("new URLSearchParams('').has('model')", False),
        ("new URLSearchParams(location.search).toString()", ""),
        ("new URLSearchParams(new URLSearchParams()).size", 0),
        ("Array.from(new URLSearchParams(''))", []),
        ("Array.from(new URLSearchParams('').entries())", []),
        ("Object.fromEntries(new URLSearchParams(''))", {}),
        ("Object.fromEntries([])", {}),
        ("[...new URLSearchParams('').keys()]", []),
        ("[...new URLSearchParams('').values()]", []),
        ("new URLSearchParams('').getAll('model')", []),
        ("new URLSearchParams('').forEach(1)", None),
        ("localStorage.length", 0),
        ("localStorage.getItem('a')", None),
        ("localStorage.removeItem('a')", None),
        ("sessionStorage.getItem('a')", None),
        ("sessionStorage.setItem('a', 1)", None),
        ("sessionStorage.a", None),
        ("window.localStorage.a", None),
        ("globalThis.navigator.language", "en-US"),
        ("self.navigator.languages", ["en-US", "en"]),
        ("top.navigator.onLine", True),
        ("parent.navigator.cookieEnabled", True),
        ("document.cookie", ""),
        ("document.referrer", ""),
        ("new URL(location.href).searchParams.size", 0),
        ("Intl.DateTimeFormat().resolvedOptions().timeZone", "UTC"),
        ("new Intl.DateTimeFormat().resolvedOptions().locale", "en-US"),
        ("decodeURIComponent('a')", "a"),
        ("String('a')", "a"),
        ("setTimeout(1)", 1),
        ("console.warn(1)", None),
        ("console.error(1)", None),
        ("console.info(1)", None),
        ("console.debug(1)", None),
        ("JSON.stringify({a: [1, 'é', null], b: true})", '{"a":[1,"é",null],"b":true}'),
        ("JSON.stringify([undefined])", "[null]"),
        ("JSON.parse('[1, {}]')", [1, {}]),
        ("JSON.parse(JSON.stringify('a'))", "a"),
    ],
)
def test_what_a_browser_says(expression: str, value: object) -> None:
    assert repr(made(expression)) == repr([value])


@pytest.mark.parametrize(
    "expression",
    [
        "new URL('https://other/')",
        "new URL('https://other/').href",
        "new URL()",
        "new URL(document)",
        "new URLSearchParams('a=1').get('a')",
        "new URLSearchParams('a=1').toString()",
        "location.assign",
        "location.assign('/')",
        "document.title",
        "window.unheard",
        "window.innerWidth",
        "Math.max(1, 2)",
        "Math.max ? 1 : 2",
        "Intl.DateTimeFormat().resolvedOptions().calendar",
        "new URL(localStorage)",
        "[location]",
        "({a: navigator})",
        "JSON.stringify(navigator)",
        "navigator.userAgent",
        "localStorage",
        "window",
        "new URLSearchParams('')",
        "Array.from('ab')",
        "Array.from([1])",
        "Object.fromEntries([['a', 1]])",
        "Object.fromEntries()",
        "Object.keys({a: 1})",
        "String(1)",
        "decodeURIComponent(1)",
        "JSON.stringify()",
        "JSON.stringify(undefined)",
        "JSON.stringify(unheard)",
        "JSON.stringify(localStorage)",
        "JSON.stringify(alert)",
        "JSON.stringify({a: 1}, null)",
        "JSON.stringify(" + "9" * 400 + ")",
        "JSON.parse()",
        "JSON.parse(1)",
        "JSON.parse('{')",
        "JSON.parse('NaN')",
        "JSON.parse('" + "[" * 100_000 + "')",
    ],
)
def test_what_it_does_not_say(expression: str) -> None:
    assert made(expression) is None


def test_an_address_without_a_path() -> None:
    assert made("location.pathname", "http://127.0.0.1:7860") == ["/"]
    assert made("location.hostname", "http://127.0.0.1:7860") == ["127.0.0.1"]


def test_the_time_and_chance() -> None:
    now, chance, other, name = made(
        "Date.now(), Math.random(), Math.random(), crypto.randomUUID()"
    ) or [0, 0, 0, ""]
    assert abs(now / 1000 - time.time()) < 3600
    assert 0 <= chance < 1
    assert chance != other
    assert len(name) == 36
