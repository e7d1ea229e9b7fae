"""Mutants of `apps`: how an app is described, how one chats with it, and what it is asked."""

from __future__ import annotations

import re

from tests.mutation.equivalents.equivalent import Equivalent

_WEIGHT = "a weight: the orderings that it is for hold with one more or less, and tests state them"
_WORK = "a weight of the work; the bound on all of it holds, and a test states that"
_LIMIT = "a limit that no honest app comes near, or that only cuts a message"
_EDGE = "at the limit itself, either is as good"
_SPEED = "only spares time: the outcome is the same"
_FOR_TYPES = "never the case: it is there for the type checker"
_NEVER_CHANGED = "nobody changes it: what is frozen is so that nobody may"


def _about(before: str, number: int, reason: str = _WEIGHT) -> list[Equivalent]:
    """Return the changes of a number in a line by one."""
    return [
        Equivalent(before, re.sub(rf"\s*\b{number}\b", f" {other}", before, count=1), reason)
        for other in (number - 1, number + 1)
    ]


def _each(before: str, *after: str, reason: str) -> list[Equivalent]:
    return [Equivalent(before, each, reason) for each in after]


_TOO = "if heading is None or not any(each is heading for each in _headings(answer)):"

_POINTS = [
    Equivalent(_TOO, _TOO.replace("heading is None or ", ""), "no heading around it is none"),
    *_about("_LINES = 10", 10, _LIMIT),
    *_about("_HEADINGS = 4", 4, _LIMIT),
    *_about('CALLED_CHAT = Point(3, "it is called chat")', 3),
    *_about('STREAMS = Point(10, "it streams")', 10),
    *_about(
        '_OUTPUTS = {"textbox": 40, "markdown": 40, "textarea": 40, "html": 25, "code": 20, '
        '"json": 10}',
        10,
    ),
    *_about("worth = _CHATBOT if answer.is_chatbot else _OUTPUTS.get(answer.kin, 5)", 5),
    *_about('yield Point(-10, f"{answer} is in a part of the page that is closed at first")', 10),
    *_about('yield Point(-30, f"{answer} is in a closed part of the page")', 30),
    *_about('yield Point(15, f"{answer} is labelled an answer")', 15),
    *_about('yield Point(-30, f"{answer} is beside an answer")', 30),
    *_about('yield Point(4, f"{answer} is the final one")', 4),
    *_about('yield Point(-4, f"{answer} is a draft")', 4),
    *_about('yield Point(-6, f"{answer} has a text before any question")', 6),
    *_about('yield Point(45, f"it is what sending {used} does")', 45),
    *_about('yield Point(28, f"{used} sends")', 28),
    *_about('yield Point(-60, f"{used} is hidden")', 60),
    *_about('yield Point(-50, f"{box} is for the system text")', 50),
    *_about('yield Point(20, f"{box} is for messages")', 20),
    *_about('yield Point(5, f"{box} is for typing")', 5),
    *_about('yield Point(-30, f"{box} is in a closed part of the page")', 30),
    *_about('yield Point(3, f"{box} takes files")', 3),
    Equivalent(
        "size = min(answer.props.lines or 1, _LINES) // 2",
        "size = min(answer.props.lines or 0, _LINES) // 2",
        "there is room for two lines or more only",
    ),
]

_OWN_WORTH = "if each.component.id in filled and self._answers[each.component.id].worth > 0"
_BOX = "box = None if trigger[0] is None else group.boxes.get(trigger[0])"
_LISTENED = "if event not in _TYPING or box is None or not box.takes_text:"
_WRITTEN = "self._spend(len(function.inputs) + len(function.outputs))"

_SEARCH = [
    *_about("_BEST = 3", 3),
    *_about("_WAY = 5", 5, _WORK),
    *_each("self._work = 0", "self._work = -1", "self._work = 1", reason=_WORK),
    *_each(_BOX, _BOX.replace("[0]", "[ -1]", 1), _BOX.replace("[0]", "[ 1]", 1), reason=_SPEED),
    Equivalent("self._spend(_WAY)", None, _WORK),
    Equivalent("self._spend(_PART)", None, _WORK),
    Equivalent("self._spend(len(first))", None, _WORK),
    Equivalent("self._spend(1)", None, _WORK),
    Equivalent(_WRITTEN, None, _WORK),
    Equivalent("if self._work > _MOST_WORK:", "if self._work >= _MOST_WORK:", _EDGE),
    *(
        Equivalent(_OWN_WORTH, _OWN_WORTH.replace("> 0", each), _WEIGHT)
        for each in ("> -1", "> 1", ">= 0")
    ),
    *_about(
        'return part(box, [*known.points, Point(15, f"{box} is emptied")]) if is_emptied else '
        "known",
        15,
    ),
    Equivalent("self._objections[function.id] = objections", "pass", _SPEED),
    Equivalent(_LISTENED, _LISTENED.replace(" or not box.takes_text", ""), _SPEED),
]

_TAKEN = "taken = [way for way in possible if wanted is not None or way.points > 0]"
_NEAR = "near = [way for way in taken[1:] if best.points - way.points < _MARGIN]"

_CHOICE = [
    *_about("_MARGIN_IN_FORM = 5", 5),
    *_about("_SHOWN = 6", 6, _LIMIT),
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
    Equivalent(
        'raise ChatNotFoundError(ways.problem or "")',
        "raise ChatNotFoundError(ways.problem)",
        _FOR_TYPES,
    ),
    *(Equivalent(_TAKEN, _TAKEN.replace("> 0", each), _WEIGHT) for each in ("> -1", "> 1", ">= 0")),
    Equivalent(_NEAR, _NEAR.replace("[1:]", "[ 0:]"), "the best way is no rival of itself"),
    Equivalent(_NEAR, _NEAR.replace("< _MARGIN", "<= _MARGIN"), _WEIGHT),
]

_LAYOUT = [
    Equivalent(
        "component.closed_by = closed[0] if len(closed) == 1 else None",
        "component.closed_by = closed[ -1] if len(closed) == 1 else None",
        "the first of one is the last of it",
    ),
    Equivalent(
        "if component is not None and open_tab is not None and child.id != open_tab:",
        "if open_tab is not None and child.id != open_tab:",
        _FOR_TYPES,
    ),
    Equivalent(
        "return (*closed[:1], id_)",
        "return (*closed[: 2], id_)",
        "of what is closed around a part, two are as good as many",
    ),
]

_READER = [
    Equivalent(
        "names, _both(taken, said.parameters), strict=True",
        "names, _both(taken, said.parameters), strict=False",
        "they are as long as each other: one is made of the other",
    ),
    Equivalent(
        "is_short = len(choices) <= _MOST_CHOICES", "is_short = len(choices) < _MOST_CHOICES", _EDGE
    ),
    Equivalent(
        "first = list(islice(documented or keys, _SHOWN + 1))",
        "first = list(islice(documented or keys, _SHOWN + 2))",
        "one more than are shown is enough to know that there are more",
    ),
]

_KEPT = "_cut(value, keeps=left > 0)"

_INFO = [
    *_about("_READS = 5", 5),
    Equivalent(
        'if data.count(b"{") > _MOST_BRACES:', 'if data.count(b"{") >= _MOST_BRACES:', _EDGE
    ),
    *(Equivalent(_KEPT, _KEPT.replace("> 0", each), _EDGE) for each in ("> -1", "> 1", ">= 0")),
]

_LEVELS = "likes=min(likes, _MOST_LIKES) if type(likes) is int and likes > 0 else 0,"

_HUB_SEARCH = [
    Equivalent(
        'name = _text(said, "id")[: _LONGEST_ID + 1]',
        'name = _text(said, "id")[: _LONGEST_ID + 2]',
        "one more than fit is enough to know that it doesn't",
    ),
    *(
        Equivalent(_LEVELS, _LEVELS.replace("> 0", each), "no likes are none")
        for each in ("> -1", ">= 0")
    ),
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
]

_COMPONENT_READER = [
    Equivalent(
        "if size(raw.props) > LONGEST_TEXT:",
        "if size(raw.props) >= LONGEST_TEXT:",
        "a text in so few bytes has no more characters",
    ),
    *_each(
        "component.has_text = size(props.value) > 4 or bytes(props.value) not in _EMPTY",
        "component.has_text = bytes(props.value) not in _EMPTY",
        "component.has_text = size(props.value) > 5 or bytes(props.value) not in _EMPTY",
        reason=_SPEED,
    ),
]

_OTHERS = "if each.points > 0 and not is_same_act(each, way)"

_UNANSWERED = [
    *(
        Equivalent(_OTHERS, _OTHERS.replace("> 0", each), _WEIGHT)
        for each in ("> -1", "> 1", ">= 0")
    ),
    Equivalent(
        "text = reading.read(value, reading.common_entries(since, value), final=True).answer",
        "text = reading.read(value, reading.common_entries(since, value), final=False).answer",
        "what is kept back while an answer grows is no text alone",
    ),
    Equivalent(
        "if isinstance(value, list) and len(value) > len(since):",
        "if len(value) > len(since):",
        _FOR_TYPES,
    ),
]

_APP = [Equivalent("filled.add(id_)", "pass", _SPEED)]

_UPDATES = [
    Equivalent(
        "children = [new if child is old else child for child in outer.children or ()]",
        "children = [new if child is old else child for child in outer.children]",
        _FOR_TYPES,
    ),
]

_INSPECTION = [
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
    Equivalent(
        "takes_files: bool = False", "takes_files: bool = True", "each inspection of an app says it"
    ),
    Equivalent('problem = ways.problem or ""', "problem = ways.problem", _FOR_TYPES),
]

_OPENING = [
    Equivalent(
        'loads = list(_loads(page.app, "" if way is None else way.first[0].page))',
        'loads = list(_loads(page.app, "" if way is None else way.first[ -1].page))',
        "the functions of one event are on one page",
    ),
    Equivalent('raise problem or ChatNotFoundError("")', "raise problem", _FOR_TYPES),
]

_CALL = [
    Equivalent("@dataclass", "", "nobody makes one with values: they are set later"),
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
]

_CONFIRMED = "confirmed: float = field(default=0.0, compare=False)"

_DESCRIPTION = [
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
    *(
        Equivalent(_CONFIRMED, _CONFIRMED.replace("default=0.0", f"default= {each}"), _LIMIT)
        for each in ("-1.0", "1.0")
    ),
]

_ENDPOINT_SHOWN = 'f"HF_ENDPOINT is {hub_url()[:200]!r}, which is not the Hub\'s address: {exc}."'
_HOST_SHOWN = (
    'raise ProtocolError(f"{hub} gave {host[:200]!r} as the address of the Space {space}.")'
)

_HUB = [
    *_about(_ENDPOINT_SHOWN, 200, _LIMIT),
    *_about(_HOST_SHOWN, 200, _LIMIT),
]

_VERSION_SHOWN = (
    "f\"on Gradio {app.version[:40] or 'of an unknown version'}, where a token can be sent only \""
)

_SIGN_IN = _about(_VERSION_SHOWN, 40, _LIMIT)

_PICKED = "page.values[picker.id] = sent if picker.holds_several_files else sent[0]"

_ASK = [
    Equivalent(_PICKED, _PICKED.replace("[0]", "[ -1]"), "there is one"),
]

_NAMED = "if known.name is None or description is None or description.reader != known.reader:"
_AGE = "return 0.0 <= age < (_CONFIRMED if has_credentials else _LONGEST)"

_KNOWN = [
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", _NEVER_CHANGED),
    Equivalent(_NAMED, _NAMED.replace("known.name is None or ", ""), _FOR_TYPES),
    Equivalent(_AGE, _AGE.replace("0.0", "-1.0"), "a second of a clock that was set back"),
]

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "apps/points.py": _POINTS,
    "apps/search.py": _SEARCH,
    "apps/choice.py": _CHOICE,
    "apps/layout.py": _LAYOUT,
    "apps/endpoint_reader.py": _READER,
    "apps/info.py": _INFO,
    "apps/hub_search.py": _HUB_SEARCH,
    "apps/component_reader.py": _COMPONENT_READER,
    "apps/unanswered.py": _UNANSWERED,
    "apps/app.py": _APP,
    "apps/updates.py": _UPDATES,
    "apps/inspection.py": _INSPECTION,
    "apps/opening.py": _OPENING,
    "apps/call.py": _CALL,
    "apps/description.py": _DESCRIPTION,
    "apps/hub.py": _HUB,
    "apps/sign_in.py": _SIGN_IN,
    "apps/ask.py": _ASK,
    "apps/known.py": _KNOWN,
}
