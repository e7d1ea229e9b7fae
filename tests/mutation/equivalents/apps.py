"""Mutants of `apps`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_WEIGHT = "a part of the measure of work, which bounds it as well one more or less"
_BOUND = "where a bound lies to the very unit makes no difference"
_CUT = "where a long text is cut in an error"
_FIRST = "there is exactly one"
_AGAIN = "steps that the next ones take as well"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "apps/arguments.py": [
        Equivalent(f'f"{{endpoint.key}} has no parameter {{name[:{100}]!r}}."', None, _CUT),
    ],
    "apps/config.py": [
        Equivalent("_COMPONENT_PARTS = 5", None, _WEIGHT),
        Equivalent("_FUNCTION_PARTS = 10", None, _WEIGHT),
        Equivalent("_LARGEST_SCRIPTS = 1 << 18", "_LARGEST_SCRIPTS = 2 << 18", _BOUND),
        Equivalent(
            'f"This app runs on Gradio {version[:40]}; spacechat wants {_OLDEST} or later. Ask "',
            None,
            _CUT,
        ),
        Equivalent(
            'f"This app\'s /config says {declared[:100]!r} for api_prefix, which is no path like "',
            None,
            _CUT,
        ),
        Equivalent(
            "count = 0 if listed is None else len(listed)",
            "count = -1 if listed is None else len(listed)",
            "an app of no page is read as one of one",
        ),
        Equivalent(
            "count = 0 if listed is None else len(listed)",
            "count = 1 if listed is None else len(listed)",
            "an app of no page is read as one of one",
        ),
        Equivalent(
            "parts = _PAGES.decode(self._config.page) if 1 < count <= _MOST_PAGES else {}",
            "parts = _PAGES.decode(self._config.page) if 1 < count < _MOST_PAGES else {}",
            _BOUND,
        ),
        Equivalent("if self.parts_left < 0:", "if self.parts_left < -1:", _BOUND),
        Equivalent("if self.parts_left < 0:", "if self.parts_left < 1:", _BOUND),
        Equivalent("if self.parts_left < 0:", "if self.parts_left <= 0:", _BOUND),
    ],
    "apps/endpoints.py": [
        Equivalent(
            "returned = types[0] if len(types) == 1 else f\"tuple[{', '.join(types) or '()'}]\"",
            "returned = types[ -1] if len(types) == 1 else f\"tuple[{', '.join(types) or '()'}]\"",
            _FIRST,
        ),
    ],
    "apps/memory.py": [
        Equivalent(
            "while self._size > _LARGEST or len(self._known) > _MOST:",
            "while self._size >= _LARGEST or len(self._known) > _MOST:",
            _BOUND,
        ),
    ],
    "apps/page.py": [
        Equivalent(
            "hash: str = field(default_factory=lambda: secrets.token_hex(6))",
            None,
            "a name that nobody guesses, some characters longer or shorter",
        ),
    ],
    "apps/scripts/browser.py": [
        Equivalent(
            '"concat": lambda items, *rest: items + rest[0] if _are_lists(rest) else UNKNOWN,',
            '"concat": lambda items, *rest: items + rest[ -1] if _are_lists(rest) else UNKNOWN,',
            _FIRST,
        ),
        Equivalent(
            "is_part = len(arguments) == 1 and isinstance(arguments[0], str)",
            "is_part = len(arguments) == 1 and isinstance(arguments[ -1], str)",
            _FIRST,
        ),
        Equivalent(
            "return test(arguments[0]) if is_part else UNKNOWN",
            "return test(arguments[ -1]) if is_part else UNKNOWN",
            _FIRST,
        ),
        Equivalent(
            "return len(arguments) == 1 and isinstance(arguments[0], list)",
            "return len(arguments) == 1 and isinstance(arguments[ -1], list)",
            _FIRST,
        ),
    ],
    "apps/scripts/operators.py": [
        Equivalent(
            'return not (isinstance(value, Undefined) or value in (None, False, 0, ""))',
            'return not (isinstance(value, Undefined) or value in (None, False, -1, ""))',
            "False equals 0 in Python, and no script has made -1 false",
        ),
    ],
    "apps/scripts/run.py": [
        Equivalent("self._work = 0", "self._work = -1", _WEIGHT),
        Equivalent("self._work = 0", "self._work = 1", _WEIGHT),
        Equivalent("self._work += 1", "self._work += 2", _WEIGHT),
        Equivalent("self._work += 1", "self._work += 0", _WEIGHT),
        Equivalent("self._work += 1", "pass", _WEIGHT),
        Equivalent(
            "self._work += len(each) if each is value else 0",
            "self._work += len(each) if each is value else -1",
            _WEIGHT,
        ),
        Equivalent(
            "self._work += len(each) if each is value else 0",
            "self._work += len(each) if each is value else 1",
            _WEIGHT,
        ),
        Equivalent("self._work += len(each)", "pass", _WEIGHT),
        Equivalent("if self._work > _MOST_WORK:", "if self._work >= _MOST_WORK:", _BOUND),
    ],
    "apps/scripts/syntax.py": [
        Equivalent(
            "condition = self._binary(0)",
            "condition = self._binary( -1)",
            "a level before the first has the operators of the last, which bind as they did",
        ),
        Equivalent("self.peek()", "pass", _AGAIN),
    ],
}
