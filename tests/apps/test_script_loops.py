"""However a script is written, reading it ends."""

from __future__ import annotations

import re

import pytest

from spacechat.apps.scripts import syntax, tokens
from tests.apps.test_script_syntax import TOLD, made
from tests.counted import CountedList

SCRIPT = """(text, n) => {
  let all = [...[1, 2], n], made = {a: text, 'b': [`<${text}-${1 + 2 * n}>`]};
  ;; if (n > 1) { made.a += "!"; } else return 1
  while (n) { n = n - 1; }
  document.title = f(text)(n)[0].x
  { let other = n ? "yes" : (-n); }
  switch (n) { case 1: break }
  return [made, all, text.trim().toUpperCase(),];
};"""


def test_each_token_is_looked_at_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(source: str) -> CountedList:
        found = tokens.tokens_in(source)
        return CountedList.of(found, 60 * len(found) + 20)

    monkeypatch.setattr(syntax, "tokens_in", counted)
    for cut in range(0, len(SCRIPT), 7):
        made(SCRIPT[:cut] + SCRIPT[cut + 7 :], "a", 1)
    for expression, _ in TOLD:
        made(f"() => {{ return [{expression}] }}")


def test_each_place_of_a_script_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pattern:
        pattern = tokens._TOKEN

        def __init__(self) -> None:
            self.last = -1

        def match(self, source: str, place: int) -> re.Match[str] | None:
            assert place > self.last, "there would be no end to it"
            self.last = place
            return self.pattern.match(source, place)

    expected = tokens.tokens_in(SCRIPT)
    monkeypatch.setattr(tokens, "_TOKEN", Pattern())
    assert tokens.tokens_in(SCRIPT) == expected
