"""Mutants of `apps`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_WEIGHT = "a part of the measure of work, which bounds it as well one more or less"
_BOUND = "where a bound lies to the very unit makes no difference"
_FIRST = "there is exactly one"
_AGAIN = "steps that the next ones take as well"
_FOR_TYPES = "never the case: it is there for the type checker"
_ORDER = "a weight: the order is the same, and a test states it"
_NEVER_CHANGED = "nobody changes it: what is frozen is so that nobody may"
_HAS_OWN = "the class has one of its own, which the decorator leaves as it is"
_EXCERPT = "how much of a value a text shows"
_OWN_REPR = "@dataclass(frozen=True, repr=False)"
_SHOWN_REPR = "@dataclass(frozen=True, repr=True)"
_OWN_INIT = "@dataclass(frozen=True, init=False, repr=False)"
_ENDING = "_ENDING = re.compile(f\"(?:{'|'.join(sorted(_ENDINGS, key=len, reverse=True))})$\")"
_AS_MANY = "there are always as many of both"

_ZIPPED = "for component, parameter in zip(components, endpoint.parameters, strict=True):"
_GIVEN_TYPE = "return given if fits and isinstance(given, str) else _mime_type(name)"
_TIER = "tier = 1 if self.sign_in else 0"
_LOWER_TIER = "tier = 2 if self.login else 3 + _STATES_IN_ORDER.index(self.state)"
_OUTPUT = "output = function.outputs.index(way.answer.id) if way is not None and answers else None"
_NAMED = "return TEXT_BOX if is_typed else named or NONE"
_NAMES = "named = zip(ALL_OPTIONS, astuple(self), _DEFAULTS, strict=True)"
_SECONDS = "if isinstance(seconds, int | float) and _SHORTEST <= seconds <= _LONGEST:"
_HELD = "self.held += taken - self._sizes.get(id_, 0)"
_ONE_CALL = (
    "return OneCall(asks[0], stands_for, left_out, saves, shows[0], way.message, way.answer)"
)
_SAME_CALL = "all of them take, do and fill the same"
_CLICKED = "invocation = caller.invocation(page, asks, data, asks.targets[0][0])"
_SHOWN = "yield Show(chat, ReadAnswer(0, since=since, question=caller.question))"
_CHAIN = "if way.named is not None or len(chain) < 4 or len(chain) != len(way.needed):"
_RENDERS = "function.renders = len(function.outputs) == 1 and function.outputs[0] in empty"
_SCRIPT = "text = decoded_if_small(raw, _TEXT) if self.scripts_left > 0 else None"
_STRANGE = "return type(value) not in _BASIC and not isinstance("
_MADE = "elif isinstance(each, list | dict) and (each is value or id(each) not in self._given):"
_PROBLEM = 'return replace(found, problem=plain_text(ways.problem or ""))'

_TAKEN = "if taken > min(self.bytes_left, _LARGEST):"
_WAY = "class Way(msgspec.Struct, frozen=True, dict=True, eq=False):"
_BEFORE = "waiting += [known[id_] for id_ in before if id_ in known and id_ not in found]"
_SPACED = 'spaced = [word.replace("_", " ") for word in listed if word < _NO_SPACES]'
_JOINED = "joined = [word for word in listed if word >= _NO_SPACES]"
_SCRIPTS = [(_SPACED, _SPACED.replace("<", "<=")), (_JOINED, _JOINED.replace(">=", ">"))]
_PLAIN = "is_plain = word[0].isalpha()"
_TICKING = "if self._ticking < 0:"
_QUOTED = 'text = _REMARK.sub(lambda match: match[1] or "", text)'
_WISH = "if named is None or value is None:"
_LOW = "if low is not None and value < low:"
_HIGH = "return high if high is not None and value > high else value"
_SAME_NUMBER = "the same number, of either type"
_PARTS = "return [_EXAMPLE.split(text, maxsplit=1)[0] for text in texts]"
_NEAR = "near = (each for each in ways if way.points - each.points <= _NEAR)"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "apps/arguments.py": [
        Equivalent(_OWN_REPR, _SHOWN_REPR, _HAS_OWN),
        *(
            Equivalent(_OWN_INIT, _OWN_INIT.replace(f"{flag}=False", f"{flag}=True"), _HAS_OWN)
            for flag in ("init", "repr")
        ),
        Equivalent(_ZIPPED, _ZIPPED.replace("True", "False"), _AS_MANY),
        Equivalent(
            _STRANGE,
            _STRANGE.replace("type(value) not in _BASIC and ", ""),
            "speed: what every value of such a type passes is not asked",
        ),
    ],
    "apps/component_reader.py": [
        Equivalent(
            "props.value = props.value.copy()",
            "pass",
            "memory: without it, a value keeps the whole description there",
        ),
    ],
    "apps/decoding.py": [
        Equivalent(
            "return decoded(raw, decoder) if size(raw) <= _SMALL else None",
            "return decoded(raw, decoder) if size(raw) < _SMALL else None",
            _BOUND,
        ),
    ],
    "apps/config.py": [
        Equivalent("_COMPONENT_PARTS = 5", None, _WEIGHT),
        Equivalent("_FUNCTION_PARTS = 10", None, _WEIGHT),
        Equivalent(_RENDERS, _RENDERS.replace("[0]", "[ -1]"), _FIRST),
        Equivalent(
            "if bytes(raw).count(mark) > _MOST_MARKS:",
            "if bytes(raw).count(mark) >= _MOST_MARKS:",
            _BOUND,
        ),
        *(
            Equivalent(_SCRIPT, _SCRIPT.replace("> 0", after), _BOUND)
            for after in ("> -1", "> 1", ">= 0")
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
        Equivalent(_OWN_REPR, _SHOWN_REPR, _HAS_OWN),
        Equivalent("_SHORTENED.maxlist = _SHORTENED.maxdict = 12", None, _EXCERPT),
        Equivalent(
            "returned = types[0] if len(types) == 1 else f\"tuple[{', '.join(types) or '()'}]\"",
            "returned = types[ -1] if len(types) == 1 else f\"tuple[{', '.join(types) or '()'}]\"",
            _FIRST,
        ),
        Equivalent(
            'return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"',
            'return text if len(text) < _LONGEST else f"{text[:_LONGEST]}…"',
            _BOUND,
        ),
        Equivalent(
            "has_defaults = has_defaults or not each.required",
            "has_defaults = not each.required",
            "once one can be given by name only, so are all that follow",
        ),
    ],
    "apps/files.py": [
        Equivalent(_GIVEN_TYPE, _GIVEN_TYPE.replace(" and isinstance(given, str)", ""), _FOR_TYPES),
        Equivalent("return root[0]", "return root[ -1]", _FIRST),
    ],
    "apps/found.py": [
        Equivalent(_TIER, _TIER.replace("else 0", "else -1"), _ORDER),
        Equivalent(_LOWER_TIER, _LOWER_TIER.replace("3 +", "4 +"), _ORDER),
    ],
    "apps/invoke.py": [
        Equivalent(_OUTPUT, _OUTPUT.replace("way is not None and ", ""), _FOR_TYPES),
    ],
    "apps/kin.py": [
        Equivalent(
            _ENDING, _ENDING.replace("True", "False"), "one of them only ends where the word does"
        ),
        Equivalent(_NAMED, _NAMED.replace(" or NONE", ""), _FOR_TYPES),
    ],
    "apps/look.py": [
        Equivalent("REQUESTS = 4", None, "what tests bound a look by, which makes no more"),
        Equivalent(_PROBLEM, _PROBLEM.replace(' or ""', ""), _FOR_TYPES),
    ],
    "apps/memory.py": [
        *(Equivalent("self._size = 0", f"self._size = {n}", _BOUND) for n in (-1, 1)),
        Equivalent(
            "while self._size > _LARGEST or len(self._known) > _MOST:",
            "while self._size >= _LARGEST or len(self._known) > _MOST:",
            _BOUND,
        ),
    ],
    "apps/one_call.py": [
        Equivalent(_ONE_CALL, _ONE_CALL.replace("asks[0]", "asks[ -1]"), _FIRST),
        Equivalent(_ONE_CALL, _ONE_CALL.replace("shows[0]", "shows[ -1]"), _SAME_CALL),
        Equivalent(
            _CHAIN,
            _CHAIN.replace("4", "3"),
            "without a fourth function, no function copies the answer to the history",
        ),
    ],
    "apps/one_caller.py": [
        Equivalent(
            "caller.budget.check_request(data)",
            "pass",
            "the page's function took the same but for the question, which the caller may send",
        ),
        Equivalent(_CLICKED, _CLICKED.replace("[0][0]", "[ -1][0]"), _FIRST),
        Equivalent(_SHOWN, None, "the value that is shown is given, and so no output is looked up"),
        Equivalent(
            "saved = one.saves.outputs[1]",
            "saved = one.saves.outputs[ 0]",
            "it stands for the function, whose outputs both are",
        ),
    ],
    "apps/options.py": [
        Equivalent(
            "if sys.version_info >= (3, 11):", None, "both modules have the same, for type checkers"
        ),
        Equivalent(
            "class ChatOptions(TypedDict, total=False):",
            "class ChatOptions(TypedDict, total=True):",
            "only a type checker reads it",
        ),
        Equivalent(_NAMES, _NAMES.replace("True", "False"), _AS_MANY),
        Equivalent(
            "if sys.version_info >= (3, 11):",
            "if sys.version_info > (3, 11):",
            "each version has more parts than these two",
        ),
    ],
    "apps/page.py": [
        Equivalent(_SECONDS, _SECONDS.replace("_SHORTEST <=", "_SHORTEST <"), _BOUND),
        Equivalent(
            "if used.unmounted_in is not None and used.unmounted_in not in self.opened:",
            "if used.unmounted_in not in self.opened:",
            "what is around such a component hides no other one",
        ),
        *(Equivalent(_HELD, _HELD.replace("0", f" {n}"), _WEIGHT) for n in (-1, 1)),
        Equivalent(
            "hash: str = field(default_factory=lambda: secrets.token_hex(6))",
            None,
            "a name that nobody guesses, some characters longer or shorter",
        ),
    ],
    "apps/plain_words.py": [Equivalent(_NEAR, _NEAR.replace("<=", "<"), _BOUND)],
    "apps/schemas.py": [
        Equivalent(_TAKEN, _TAKEN.replace(">", ">="), _BOUND),
        Equivalent("self._left -= 1", "self._left -= 2", _WEIGHT),
        *(
            Equivalent("if self._left < 0:", f"if self._left {each}:", _BOUND)
            for each in ("< -1", "< 1", "<= 0")
        ),
        Equivalent("_MOST_ALTERNATIVES = 12", None, _BOUND),
        Equivalent("_REFERENCES = 4", None, _BOUND),
        Equivalent("break", "continue", "what refers to nothing is looked at again"),
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
        Equivalent("self._given: frozenset[int] = frozenset()", "pass", _AGAIN),
        Equivalent("self._given = frozenset(map(id, arguments))", "pass", _WEIGHT),
        Equivalent("break", "continue", "it is the last parameter"),
        *(
            Equivalent(_MADE, _MADE.replace(before, after), _WEIGHT)
            for before, after in (
                ("each is value or", "each is not value or"),
                (" and (each is value or id(each) not in self._given)", ""),
                ("each is value or ", ""),
            )
        ),
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
    "apps/value_types.py": [
        Equivalent(_QUOTED, _QUOTED.replace(' or ""', ""), _FOR_TYPES),
        Equivalent("if len(text) <= _BRIEF:", "if len(text) < _BRIEF:", _BOUND),
    ],
    "apps/call.py": [
        Equivalent("  @dataclass", "", "it is made without arguments, and no two are compared"),
    ],
    "apps/app_view.py": [Equivalent(_OWN_REPR, _SHOWN_REPR, _HAS_OWN)],
    "apps/walk.py": [
        *(Equivalent(_TICKING, _TICKING.replace("< 0", each), _BOUND) for each in ("< 1", "<= 0")),
    ],
    "apps/wishes.py": [
        Equivalent(_WISH, _WISH.replace("named is None or ", ""), _FOR_TYPES),
        Equivalent(_LOW, _LOW.replace("value <", "value <="), _SAME_NUMBER),
        Equivalent(_HIGH, _HIGH.replace("value >", "value >="), _SAME_NUMBER),
    ],
    "apps/ways.py": [
        Equivalent(_WAY, _WAY.replace("frozen=True", "frozen=False"), _NEVER_CHANGED),
        Equivalent(_WAY, _WAY.replace("eq=False", "eq=True"), "no two of them are compared"),
        Equivalent(_BEFORE, _BEFORE.replace(" and id_ not in found", ""), _AGAIN),
    ],
    "apps/words.py": [
        *(
            Equivalent(_PLAIN, _PLAIN.replace("[0]", f"[ {n}]"), "only how the words are grouped")
            for n in (-1, 1)
        ),
        *(Equivalent(before, after, "no word is this character") for before, after in _SCRIPTS),
        *(
            Equivalent(_PARTS, _PARTS.replace("1", f" {n}"), "only the first part counts")
            for n in (0, 2)
        ),
    ],
    "apps/scripts/tokens.py": [
        Equivalent("place = 0", "place = -1", "a text begins at its first character"),
        Equivalent("if match is None or match.lastgroup is None:", "if match is None:", _FOR_TYPES),
        Equivalent(
            'elif "\\n" in match[0] and tokens:',
            'elif "\\n" in match[0]:',
            "an end of a line before the first token is passed over",
        ),
        Equivalent(
            'elif "\\n" in match[0] and tokens:',
            'elif "\\n" in match[ 1] and tokens:',
            "the only group of such a match is the whole of it",
        ),
    ],
    "apps/scripts/syntax.py": [
        Equivalent(
            "self.go_deeper()", "pass", "what is too deep for Python is not understood, too"
        ),
        Equivalent(
            "condition = self._binary(0)",
            "condition = self._binary( -1)",
            "a level before the first has the operators of the last, which bind as they did",
        ),
        Equivalent("self.peek()", "pass", _AGAIN),
    ],
}
