"""Settings under their common names: which inputs of an app they set, and which they never do."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spacechat
from spacechat.apps.components import Component, Props
from spacechat.apps.wishes import MEANINGS, grant
from spacechat.events import Wishes
from spacechat.local import LocalSpace
from spacechat.providers import Qwen_Qwen_2_5
from tests.servers.chat_form import SETTINGS, ChatForm


def component(label: str, kind: str = "slider", **props: Any) -> Component:
    return Component(id=1, type=kind, props=Props(label=label, **props))


def granted(wished: dict[str, float], *components: Component) -> Wishes:
    return grant(wished, components, (), {1: True})[1]


@pytest.mark.parametrize(
    ("label", "wish"),
    [
        ("Temperature", "temperature"),
        ("🌡️ temperature:", "temperature"),
        ("Temperature (higher is more creative)", "temperature"),
        ("Model temperature", "temperature"),
        ("Sampling temp", "temperature"),
        ("温度", "temperature"),
        ("Top-p (nucleus sampling)", "top_p"),
        ("top_p", "top_p"),
        ("topP", "top_p"),
        ("Top K", "top_k"),
        ("min-p", "min_p"),
        ("Max new tokens", "max_tokens"),
        ("max_new_tokens", "max_tokens"),
        ("maxOutputTokens", "max_output_tokens"),
        ("Maximum number of tokens", "max_completion_tokens"),
        ("Maximum tokens to generate", "max_tokens"),
        ("Response length", "max_tokens"),
        ("最大生成长度", "max_tokens"),
        ("Random seed", "seed"),
        ("Seed", "seed"),
        ("Frequency Penalty", "frequency_penalty"),
        ("Presence penalty", "presence_penalty"),
        ("repetition_penalty", "repetition_penalty"),
    ],
)
def test_labels_of_a_meaning(label: str, wish: str) -> None:
    assert granted({wish: 2}, component(label)).applied == {wish: 2}
    assert granted({wish: 2}, component("", elem_id=label)).applied == {wish: 2}


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Temperature", "textbox"),
        ("Temperature", "checkbox"),
        ("Temperature", "dropdown"),
        ("Temperature", "json"),
        ("API key (temperature)", "number"),
        ("Temperature of the room", "slider"),
        ("Number of results", "number"),
        ("Max length", "slider"),
        ("Context tokens", "slider"),
        ("Top k documents", "slider"),
        ("Seeds per plant", "number"),
        ("", "slider"),
    ],
)
def test_inputs_that_mean_something_else(label: str, kind: str) -> None:
    """A text box may be for a secret, and a checkbox decides what only its author knows."""
    found = granted(dict.fromkeys(MEANINGS, 1), component(label, kind))
    assert (found.applied, set(found.ignored)) == ({}, set(MEANINGS))


def test_what_nobody_could_set() -> None:
    fixed = component("Temperature", interactive=False)
    hidden = Component(id=1, type="slider", props=Props(label="Temperature"), shown=False)
    for each in (fixed, hidden):
        assert granted({"temperature": 1}, each).ignored == ("temperature",)


@pytest.mark.parametrize(
    ("wish", "value", "low", "high", "becomes"),
    [
        ("temperature", 3, 0, 2, 2),
        ("temperature", 0.05, 0.1, 2, 0.1),
        ("temperature", 1.5, 0, 2, 1.5),
        ("temperature", 1.5, 2, 0, None),
        ("temperature", 3, 2, 2, 2),
        ("temperature", 3, None, 2, 2),
        ("temperature", 3, 1, None, 3),
        ("max_tokens", 1, 1, 4096, 1),
        ("max_tokens", 100_000, 1, 4096, 4096),
        ("max_tokens", 10**30, 1, 4096, 4096),
        ("max_tokens", -1, 1, 4096, None),
        ("max_tokens", 0, 1, 4096, None),
        ("seed", 7, 0, 100, 7),
        ("seed", -1, 0, 100, None),
        ("seed", 1000, 0, 100, None),
        ("top_p", 0.5, None, None, 0.5),
    ],
)
def test_ranges(
    wish: str, value: float, low: float | None, high: float | None, becomes: float | None
) -> None:
    found = granted({wish: value}, component(wish, minimum=low, maximum=high))
    if becomes is None:
        assert (found.applied, found.ignored) == ({}, (wish,))
    else:
        assert found.applied == {wish: becomes}
        assert found.clamped == (() if becomes == value else (wish,))


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "top_k", "seed"])
def test_whole_numbers(name: str) -> None:
    label = {"top_k": "Top k", "seed": "Seed"}.get(name, "Max tokens")
    value = granted({name: 100.0}, component(label)).applied[name]
    assert (value, type(value)) == (100, int)
    assert granted({name: 100.5}, component(label)).ignored == (name,)
    fraction = granted({"temperature": 1.0}, component("Temperature")).applied["temperature"]
    assert type(fraction) is float


def test_a_seed_that_the_app_draws() -> None:
    seed = Component(id=2, type="number", props=Props(label="Seed"))
    chance = component("Randomize seed", "checkbox")
    for is_on, became in ((True, {}), (False, {"seed": 5})):
        assert grant({"seed": 5}, [seed, chance], (), {1: is_on})[1].applied == became


def test_a_box_that_says_nothing_of_the_seed() -> None:
    seed = Component(id=2, type="number", props=Props(label="Seed"))
    found = grant({"seed": 5}, [seed, component("Stream", "checkbox")], (), {1: True})
    assert found[1].applied == {"seed": 5}


def test_one_input_for_two_wishes() -> None:
    found = granted({"max_completion_tokens": 5, "max_tokens": 9}, component("Max tokens"))
    assert (found.applied, found.ignored) == ({"max_completion_tokens": 5}, ("max_tokens",))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers()


@given(
    st.dictionaries(st.sampled_from([*MEANINGS, "x"]) | st.text(), NUMBERS, max_size=4),
    st.lists(
        st.builds(
            component,
            st.text(max_size=30) | st.sampled_from(["Temperature", "Seed", "Max tokens"]),
            st.sampled_from(["slider", "number", "textbox", "checkbox"]),
            minimum=st.none() | NUMBERS,
            maximum=st.none() | NUMBERS,
        ),
        max_size=4,
    ),
)
def test_any_wish_is_granted_or_ignored(
    wished: dict[str, float], components: list[Component]
) -> None:
    by_id = {
        number: msgspec.structs.replace(each, id=number) for number, each in enumerate(components)
    }
    found, became = grant(wished, [*by_id.values()], (), dict.fromkeys(by_id, False))
    assert sorted([*became.applied, *became.ignored]) == sorted(wished)
    assert {*became.clamped} == {
        each for each in became.applied if became.applied[each] != wished[each]
    }
    assert sorted(found.values()) == sorted(became.applied.values())
    for id_, value in found.items():
        assert by_id[id_].type in ("slider", "number")
        low, high = by_id[id_].props.minimum, by_id[id_].props.maximum
        assert low is None or low <= value
        assert high is None or value <= high


def asked(app: ChatForm, **options: Any) -> tuple[dict[str, Any], Wishes | None]:
    with spacechat.Client() as client, client.stream("Hi", model=app.url, **options) as stream:
        events = list(stream.events())
    wishes = [each for each in events if isinstance(each, Wishes)]
    return json.loads(stream.text), wishes[0] if wishes else None


def test_an_app_is_asked_with_them() -> None:
    settings = {**SETTINGS, "Max new tokens": ("number", {"value": 10})}
    with ChatForm(settings=settings) as app:
        said, became = asked(app, wishes={"temperature": 9, "max_tokens": 99, "top_p": 0.5})
        assert (said["Temperature"], said["Max new tokens"], said["Notes"]) == (2, 99, "")
        assert became == Wishes({"temperature": 2, "max_tokens": 99}, ("temperature",), ("top_p",))
        said, became = asked(app, wishes={"temperature": 1}, inputs={"Temperature": 0.1})
        assert said["Temperature"] == 0.1
        assert became == Wishes({}, (), ("temperature",))
        said, became = asked(app)
        assert (said["Temperature"], became) == (0.7, None)


def test_a_pinned_space_has_none() -> None:
    with LocalSpace("qwen-2.5", ["Hi"]) as space, spacechat.Client() as client:
        provider = Qwen_Qwen_2_5.at(space.url)
        with client.stream("Hi", provider=provider, wishes={"seed": 1}) as stream:
            first, *_ = stream.events()
    assert first == Wishes({}, (), ("seed",))


@pytest.mark.parametrize("wrong", [{"seed": "1"}, {"seed": True}, {1: 1}, {"seed": float("nan")}])
def test_wishes_that_are_no_numbers(wrong: Any) -> None:
    with (
        spacechat.Client() as client,
        pytest.raises(spacechat.InputsError, match="wishes= takes a mapping of names and numbers"),
    ):
        client.stream("Hi", wishes=wrong)
