"""Settings that many apps have under names of their own, such as the temperature.

A wish is a setting by its common name. It is granted where a person could set a slider or a number
of the app that is labelled so. Nothing else is ever set by a wish: a text box may be for a secret,
and a checkbox decides what only its author knows. A value that is out of the input's range becomes
the nearest that is in it, but for a seed, which would then be another one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from ..events import Wishes
from .components import Component
from .words import spelled_out

_TOKENS: Final = (
    r"(?:max(?:imum|imal)?|num(?:ber)?)(?: (?:number|num|no))?(?: of)?(?: (?:new|output|response|"
    r"reply|answer|generated|generation|completion))? tokens?(?: to (?:generate|predict))?"
    r"|max(?:imum)? (?:new|output|response|reply|answer|generation) length"
    r"|tokens to generate|(?:response|output|answer|reply|generation) length|num predict"
    r"|最大(?:生成|输出|輸出|新)?(?:tokens?|token ?数|令牌数)|最大生成长度|最大トークン数"
    r"|최대 토큰(?: 수)?"
)

MEANINGS: Final[Mapping[str, str]] = {
    "temperature": r"temp(?:erature)?|temperatur|température|temperatura|温度|온도|температура",
    "top_p": r"top ?p|nucleus(?: sampling)?",
    "top_k": r"top ?k",
    "min_p": r"min ?p",
    "max_completion_tokens": _TOKENS,
    "max_output_tokens": _TOKENS,
    "max_tokens": _TOKENS,
    "seed": r"seed|随机种子|種子|种子|シード|시드",
    "frequency_penalty": r"freq(?:uency)? ?penalty|频率惩罚",
    "presence_penalty": r"pres(?:ence)? ?penalty|存在惩罚",
    "repetition_penalty": r"rep(?:etition|eat)? ?pen(?:alty)?|重复惩罚",
}
"""What each wish is called in apps, as regular expressions of whole labels in lower case."""

_COUNTS: Final = frozenset({"max_completion_tokens", "max_output_tokens", "max_tokens", "top_k"})
"""Wishes for how many of something there may be."""

_WHOLE: Final = _COUNTS | {"seed"}
"""Wishes for whole numbers. Programs may send `100.0`, at which an app's Python code would fail."""

_FILLING: Final = re.compile(
    r"\b(?:the|an?|model|llm|sampling|sampler|generation|random|rng|value|param(?:eter)?|setting"
    r"|set|choose|select|adjust|enter)\b"
)
"""Words of a label that don't change what it is about."""

_BESIDE: Final = re.compile(r"[(（\[:：,;|].*")
"""What explains a label, as in `Temperature (higher is more creative)`."""

_BY_CHANCE: Final = re.compile(r"\brandom(?:i[sz]e)?\b|随机|ランダム|무작위|zufällig")


def grant(
    wishes: Mapping[str, float],
    components: Sequence[Component],
    set_already: Collection[int],
    values: Mapping[int, Any],
) -> tuple[dict[int, float], Wishes]:
    """Return the values of inputs for what is wished, by their ids, and what became of each wish.

    Args:
        wishes: The values, by their common names.
        components: The inputs that can be set.
        set_already: The ids of those that are not for wishes, since the caller has set them.
        values: The values of inputs as the page has them, by their ids.
    """
    # Each label is read once, however many wishes there are.
    free = [
        (each, [_plain(text) for text in (each.label, each.props.elem_id) if text])
        for each in components
        if each.type in ("slider", "number")
        and each.shown
        and not each.props.is_fixed
        and each.id not in set_already
    ]
    found: dict[int, float] = {}
    applied: dict[str, float] = {}
    clamped: list[str] = []
    ignored: list[str] = []
    for name, wished in wishes.items():
        means = MEANINGS.get(name)
        named = None if means is None else _first(free, means)
        value = None if named is None else _in_range(named, wished)
        if name in _WHOLE and value is not None:
            value = int(value) if value == int(value) else None
        if name in _COUNTS and wished < 1:  # Programs have their own words for "no limit".
            value = None
        if name == "seed" and (value != wished or _draws_seed(components, values)):
            value = None
        if named is None or value is None:
            ignored.append(name)
            continue
        free = [each for each in free if each[0] is not named]
        found[named.id] = applied[name] = value
        if value != wished:
            clamped.append(name)
    return found, Wishes(applied, tuple(clamped), tuple(ignored))


def _first(named: Iterable[tuple[Component, Sequence[str]]], means: str) -> Component | None:
    """Return the first component one of whose names has this meaning."""
    pattern = re.compile(means)
    for component, names in named:
        if any(map(pattern.fullmatch, names)):
            return component
    return None


def _plain(text: str) -> str:
    """Return what a label is about: without explanations, signs and filling words."""
    words = _BESIDE.sub("", spelled_out(text).lower())
    words = re.sub(r"[^\w\s]", " ", words)
    return " ".join(_FILLING.sub(" ", words).split())


def _in_range(component: Component, value: float) -> float | None:
    """Return the nearest value that an input takes, or None if it takes none."""
    low, high = component.props.minimum, component.props.maximum
    if low is not None and high is not None and low > high:
        return None
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else value


def _draws_seed(components: Sequence[Component], values: Mapping[int, Any]) -> bool:
    """Tell whether the app is set to draw the seed by itself, as by a box "Randomize seed"."""
    return any(
        values[each.id] is True
        for each in components
        if each.type == "checkbox" and _BY_CHANCE.search(spelled_out(each.label).lower())
    )
