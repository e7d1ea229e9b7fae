"""Mutants of `protocol` and `steps`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_TEXTS = "if isinstance(old, str) and isinstance(new, str):"
_TYPE_ERROR = "what is no text can't be added to one: Python raises the same error"

_WEIGHT = "a weight of the work, by the time that was measured; no bound depends on it alone"
_LIMIT = "a limit that no honest Space comes near"
_SET_LATER = "it is set before it is first read"
_FOR_TYPES = "it is never None there, which the type checker can't know"
_NOTHING_WAITS = "no fewer than no characters wait"
_SPEED = "the same, at another speed"
_COLLECTOR = "whether Python's collector of garbage looks at it, which is speed alone"

_READ_BEFORE = "the place was read from this very message, so a text is in it"
_DIFFERS = "where a text is missing, the outputs differ from those that have one there"
_NOT_FOUND = "the end alone says that there is no question"

_CURSOR = "return 0 if found is None or found[0].isspace() else found.end()"
_RESPONSE_COST = 'return 1 + lines + (len(text) + _PER_TAB * text.count("\\t")) // _PER_PART'
_LINES = 'lines = 0 if _UNINDENTED.search(text) else text.count("\\n") // 4'
_HTML_COST = "self._reading = Reading(text, parts=1 + len(shown) // _PER_PART)"
_PIECE_COST = "return Piece(text_of(value), None, 1 + len(value) // _HTML_PER_PART)"
_WAITS = "most = _LONGEST if not grew else len(waited) if rest.endswith(waited) else 0"
_BACKWARDS = "found = _BACKWARDS.match(text[: -_LONGEST - 1 : -1])"
_STEPS = "while step.whole is None and step.before is not None:"
_OUTPUTS = "if outputs is None or piece is None or outputs != rest.output.data:"
_IN_PLACE = "if type(text) is not str or not isinstance(parent, list | dict):"
_MIDDLE = "middle = (low + high + 1) // 2"

_READ = "def read(self, value: Any, start: int = 0, *, final: bool = False) -> Reading:"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "protocol/answer.py": [
        *(
            Equivalent(line, None, _SET_LATER)
            for line in (
                "self._end = transcript.answer_end  # A piece that ends in one of its marks may "
                "wait.",
                "self._in_reasoning = False",
                "self._title: str | None = None  # Title of the thought that this place is in.",
                "self._notes = False",
                'self._breaks = ""',
                'self._waiting = ""  # Line breaks at the end of `_tail`, which the reader does '
                "not have.",
            )
        ),
        *(
            Equivalent(
                "self._start = 0  # The first entry of a chat's value that may be answer.",
                f"self._start = {other}  # The first entry of a chat's value that may be answer.",
                "it is set with the first value, before which there is nothing to read",
            )
            for other in (-1, 1)
        ),
        Equivalent(
            "edit = entry[0] if isinstance(entry, list) and len(entry) == 1 else None",
            "edit = entry[ -1] if isinstance(entry, list) and len(entry) == 1 else None",
            "the first of one is the last",
        ),
        Equivalent(
            "or len(self._waiting) > _MOST_WAITING",
            "or len(self._waiting) >= _MOST_WAITING",
            _LIMIT,
        ),
        Equivalent(
            "if not has_edits and self._path is not None:",
            "if self._path is not None:",
            "edits have no text in the place of the value's, so the next message is decoded whole",
        ),
    ],
    "protocol/budget.py": [
        Equivalent("WORK_PER_PART = 512", "WORK_PER_PART = 511", _WEIGHT),
        Equivalent("WORK_PER_PART = 512", "WORK_PER_PART = 513", _WEIGHT),
        Equivalent("_WORK = 1 << 32", "_WORK = 1 << 31", _LIMIT),
        Equivalent("_WORK = 1 << 32", "_WORK = 1 << 33", _LIMIT),
        Equivalent("_WORK = 1 << 32", "_WORK = 2 << 32", _LIMIT),
        Equivalent("continue", "break", "what is neither a list nor an object is there alone"),
        *(
            Equivalent(
                "left += [each for each in one if each and type(each) in (list, dict)]",
                f"left += [each for each in one if {condition}]",
                _SPEED,
            )
            for condition in (
                "each",
                "type(each) in (list, dict)",
                "each or type(each) in (list, dict)",
            )
        ),
        Equivalent(
            "self._measured = 0  # Memory of the machine's value when it was last measured.",
            "self._measured = -1  # Memory of the machine's value when it was last measured.",
            "a byte less of a bound that is an estimate",
        ),
    ],
    "protocol/contents.py": [
        Equivalent("cost: int = 1", "cost: int = 0", _WEIGHT),
        Equivalent("cost: int = 1", "cost: int = 2", _WEIGHT),
        Equivalent(_PIECE_COST, _PIECE_COST.replace("None, 1", "None, 0"), _WEIGHT),
        Equivalent(_PIECE_COST, _PIECE_COST.replace("None, 1", "None, 2"), _WEIGHT),
    ],
    "protocol/cursors.py": [
        Equivalent("self.placeholder: str | None = None", "pass", _SET_LATER),
        Equivalent(_WAITS, _WAITS.replace("else 0", "else -1"), _NOTHING_WAITS),
        Equivalent(
            "length = 0 if final else self._cursor(rest, most)",
            "length = -1 if final else self._cursor(rest, most)",
            _NOTHING_WAITS,
        ),
        Equivalent(_CURSOR, _CURSOR.replace("return 0", "return -1"), _NOTHING_WAITS),
        Equivalent(
            _CURSOR, "return 0 if found[0].isspace() else found.end()", "the pattern always matches"
        ),
        *(
            Equivalent(_BACKWARDS, _BACKWARDS.replace("- 1 :", f"{other} :"), _LIMIT)
            for other in ("+ 1", "- 0", "- 2")
        ),
    ],
    "protocol/decoding.py": [
        *(
            Equivalent(
                "if rest is None or rest != whole:",
                f"if rest is None{more}:",
                "a text that was cut at the wrong place is found out with the next message",
            )
            for more in ("", " and rest != whole")
        ),
        Equivalent("self._start = 0  # The length of `A` in the proof above.", None, _SET_LATER),
        Equivalent('self._known = b""  # `A T`', None, _SET_LATER),
        Equivalent(_OUTPUTS, _OUTPUTS.replace("None or", "None and", 1), _DIFFERS),
        Equivalent(_OUTPUTS, _OUTPUTS.replace("piece is None or ", ""), _DIFFERS),
        Equivalent(_OUTPUTS, _OUTPUTS.replace("outputs is None or ", ""), _DIFFERS),
        Equivalent(
            'if end is None or "\\ufffd" in piece:  # It may stand for half of a character.',
            'if "\\ufffd" in piece:  # It may stand for half of a character.',
            "the pattern always matches",
        ),
        *(
            Equivalent(
                "rest = _decoded(data[: max(start, 0)] + data[end:])",
                f"rest = _decoded(data[: max(start, {other})] + data[end:])",
                "no text begins before its message does: what is left is no message",
            )
            for other in (-1, 1)
        ),
        Equivalent(
            "if rest is None or rest != whole:",
            "if rest != whole:",
            "None differs from a message, which the type checker does not see",
        ),
        Equivalent(_IN_PLACE, "if not isinstance(parent, list | dict):", _READ_BEFORE),
        Equivalent(_IN_PLACE, "if type(text) is not str:", _READ_BEFORE),
        Equivalent(_IN_PLACE, _IN_PLACE.replace(" or ", " and "), _READ_BEFORE),
    ],
    "protocol/drawn.py": [
        *(
            Equivalent(
                "if end < 0 or (not goes_on and question in before):",
                f"if end {other} or (not goes_on and question in before):",
                "a question that is drawn ends after its first character",
            )
            for other in ("< 1", "<= 0")
        ),
        Equivalent(
            "start = text.find(drawn) if drawn else -1",
            "start = text.find(drawn) if drawn else - 2",
            "either number says that there is none",
        ),
        *(
            Equivalent("return -1, -1", f"return {other}", _NOT_FOUND)
            for other in ("+1, -1", "- 0, -1", "- 2, -1", "-1, - 2")
        ),
    ],
    "protocol/edits.py": [
        Equivalent(
            "if at_end and _shortens(edit) and isinstance(parent, list):",
            "if at_end and _shortens(edit):",
            "a number is no key of an object, whichever it is",
        ),
        Equivalent(
            "elif isinstance(parent, list) and type(key) is int and 0 <= key < end:",
            "elif type(key) is int and 0 <= key < end:",
            "no entry of a text can be set: Python raises an error for the edit",
        ),
        Equivalent(_TEXTS, "if isinstance(new, str):", _TYPE_ERROR),
        Equivalent(_TEXTS, "if isinstance(old, str) or isinstance(new, str):", _TYPE_ERROR),
        Equivalent(_TEXTS, "if isinstance(old, str):", _TYPE_ERROR),
    ],
    "protocol/failures.py": [
        Equivalent(
            'plain = " ".join(_CONTROL.sub("", without_tags(text[: 20 * _LONGEST])).split())',
            f'plain = " ".join(_CONTROL.sub("", without_tags(text[: {other} * _LONGEST])).split())',
            _LIMIT,
        )
        for other in (19, 21)
    ],
    "protocol/html_reading.py": [
        Equivalent("self._reading: Reading = NOTHING", "pass", _SET_LATER),
        *(
            Equivalent(
                "return self._reading._replace(parts=1)",
                f"return self._reading._replace(parts= {other})",
                _WEIGHT,
            )
            for other in (0, 2)
        ),
        Equivalent(_HTML_COST, _HTML_COST.replace("parts=1", "parts= 0"), _WEIGHT),
        Equivalent(_HTML_COST, _HTML_COST.replace("parts=1", "parts= 2"), _WEIGHT),
    ],
    "protocol/machine.py": [
        Equivalent(
            "if event_id != self._event_id and not self._is_ours(event_id):",
            "if not self._is_ours(event_id):",
            _SPEED,
        ),
        Equivalent(
            "self.outputs = completed(message.output.data or (), data)",
            "self.outputs = completed(message.output.data, data)",
            _FOR_TYPES,
        ),
    ],
    "protocol/reading.py": [
        Equivalent("_PAIR = 6", "_PAIR = 5", _WEIGHT),
        Equivalent("_PAIR = 6", "_PAIR = 7", _WEIGHT),
        Equivalent("parts: int = 1", "parts: int = 0", _WEIGHT),
        Equivalent("parts: int = 1", "parts: int = 2", _WEIGHT),
        Equivalent("answer, parts = _Texts(), 0", "answer, parts = _Texts(), -1", _WEIGHT),
        Equivalent("answer, parts = _Texts(), 0", "answer, parts = _Texts(), 1", _WEIGHT),
        Equivalent("parts = 1", "parts = 0", _WEIGHT),
        Equivalent("parts = 1", "parts = 2", _WEIGHT),
        Equivalent("parts += 1", "parts += 2", _WEIGHT),
        *(
            Equivalent(
                "for length in range(len(SUMMARY) - 1, 1, -1):",
                f"for length in range(len(SUMMARY) {other}, 1, -1):",
                "a text that ends in the whole beginning of a note is told before",
            )
            for other in ("+ 1", "- 0")
        ),
        *(
            Equivalent(
                "if close >= 0 and text[close + len(_SUMMARY_END) : end].strip():",
                f"if close {other} and text[close + len(_SUMMARY_END) : end].strip():",
                "no note ends where the text begins",
            )
            for other in ("> 0", ">= 1")
        ),
    ],
    "protocol/responses.py": [
        *(
            Equivalent(_READ, _READ.replace(usual, other), "who calls it gives all of them")
            for usual, other in (("= 0", "= -1"), ("= 0", "= 1"), ("False", "True"))
        ),
        *(
            Equivalent(
                _RESPONSE_COST, _RESPONSE_COST.replace("return 1", f"return {other}"), _WEIGHT
            )
            for other in (0, 2)
        ),
        *(Equivalent(_LINES, _LINES.replace("= 0", f"= {other}"), _WEIGHT) for other in (-1, 1)),
        *(
            Equivalent(line, line.replace("else 1", f"else {other}"), _WEIGHT)
            for line in (
                "return self._cost(content) if isinstance(content, str) else 1",
                "return _cost(text) if self.is_tidied else 1",
            )
            for other in (0, 2)
        ),
    ],
    "protocol/text.py": [
        *(
            Equivalent("if len(pieces) == _BLOCK:", other, "the same text, which takes more memory")
            for other in ("if len(pieces) != _BLOCK:", "if not len(pieces) == _BLOCK:")
        ),
        *(
            Equivalent(
                "if self._blocks or len(self._pieces) > 1:",
                f"if self._blocks or len(self._pieces) {other}:",
                _SPEED,
            )
            for other in ("> 0", ">= 1")
        ),
        Equivalent(
            'return self._pieces[0] if self._pieces else ""',
            'return self._pieces[ -1] if self._pieces else ""',
            "the first of one is the last",
        ),
        Equivalent(_MIDDLE, "middle = (low + high + 2) // 2", _SPEED),
    ],
    "protocol/transcript.py": [
        Equivalent(
            "shows = self._rewritten_left >= 0", "shows = self._rewritten_left >= -1", _LIMIT
        ),
        Equivalent("start = 0", "start = -1", "what is known of a text is no less than nothing"),
    ],
    "protocol/values.py": [
        *(
            Equivalent(line, None, _SET_LATER)
            for line in (
                "self._values: list[Any] | None = None  # After the newest message, if it held "
                "edits.",
                "self._parts = 0  # Of the newest whole values.",
                "self._edits = 0  # Since then.",
            )
        ),
        Equivalent(
            _STEPS,
            _STEPS.replace(" and ", " or "),
            "a step that has whole values has none before it",
        ),
        Equivalent(
            _STEPS,
            "while step.before is not None:",
            "a step has either whole values or a step before it",
        ),
        Equivalent(
            _STEPS, "while step.whole is None:", "a step has whole values or a step before it"
        ),
        Equivalent(
            "values: list[Any] = copied(step.whole or [])[0]",
            "values: list[Any] = copied(step.whole)[0]",
            _FOR_TYPES,
        ),
        Equivalent(
            "self._values = self._copy(before.whole or [])",
            "self._values = self._copy(before.whole)",
            _FOR_TYPES,
        ),
        Equivalent(
            "if len(data) <= max(self._shown, default=-1):",
            "if len(data) <= max(self._shown, default=- 2):",
            "no outputs are no fewer than none",
        ),
        Equivalent("self._edits += max(count, 1)", "self._edits += max(count, 2)", _WEIGHT),
        Equivalent(
            "is_far = self._edits * _PARTS_PER_EDIT > self._parts",
            "is_far = self._edits * _PARTS_PER_EDIT >= self._parts",
            _WEIGHT,
        ),
        Equivalent("self._edits = 0", "self._edits = -1", _WEIGHT),
        Equivalent("self._edits = 0", "self._edits = 1", _WEIGHT),
        Equivalent("copy: Any = root[0]", "copy: Any = root[ -1]", "the first of one is the last"),
        Equivalent(
            "waiting += zip(mine, theirs, strict=True)",
            "waiting += zip(mine, theirs, strict=False)",
            "equal lists are equally long",
        ),
    ],
    "protocol/wire.py": [
        Equivalent(line, line.replace("gc=False", "gc=True"), _COLLECTOR)
        for line in (
            "class Output(msgspec.Struct, gc=False):",
            'class _Wire(msgspec.Struct, tag_field="msg", kw_only=True, gc=False):',
            "class ProgressUnit(msgspec.Struct, gc=False):",
        )
    ],
    "steps.py": [
        Equivalent(
            '_T_co = TypeVar("_T_co", covariant=True)',
            '_T_co = TypeVar("_T_co", covariant=False)',
            "type checkers alone read it",
        ),
        Equivalent(
            "self._check(length or 0)", "self._check(length or -1)", "neither is too large a file"
        ),
        Equivalent(
            "return self._outcome[0]", "return self._outcome[ -1]", "the first of one is the last"
        ),
    ],
}
