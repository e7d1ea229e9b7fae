"""Whom a question goes to, by what is named: models, providers, a conversation, defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spacechat import Conversation
from spacechat.errors import ModelNotFoundError
from spacechat.providers import (
    DEFAULT,
    PROVIDERS,
    GradioChat,
    Qwen_Qwen_2_5,
    Qwen_Qwen_2_5_Max,
    Qwen_Qwen_2_72B,
    candidates,
    find,
)
from spacechat.providers.registry import find_all, has_pinned, is_open, models, pinned_in_turn

APP = "https://app.example"
SAID: Any = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
SYSTEM: Any = [{"role": "system", "content": "Be brief."}]


def held(messages: Any = SAID, **fields: Any) -> Conversation:
    return Conversation(session_hash="", messages=messages, **fields)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file, which is empty."""
    path = tmp_path / "config.toml"
    path.touch()
    monkeypatch.setenv("SPACECHAT_CONFIG", str(path))
    return path


def asked(*given: Any, **more: Any) -> list[tuple[str, str | None]]:
    return [(space.url, name) for space, name in candidates(*given, **more)]


@pytest.mark.parametrize(
    ("model", "provider", "conversation", "whom"),
    [
        (None, None, None, [(Qwen_Qwen_2_72B.url, "qwen-2-72b")]),
        (None, None, held([]), [(Qwen_Qwen_2_72B.url, "qwen-2-72b")]),
        (None, None, held([], model="qwen-2.5"), [(Qwen_Qwen_2_5.url, None)]),
        (None, None, held(url=APP), [(APP, None)]),
        (None, None, held([], url=APP), [(APP, None)]),
        (None, Qwen_Qwen_2_5_Max, None, [(Qwen_Qwen_2_5_Max.url, None)]),
        (None, [Qwen_Qwen_2_5_Max], held(model="qwen-2.5"), [(Qwen_Qwen_2_5_Max.url, None)]),
        ("qwen-2.5", None, None, [(Qwen_Qwen_2_5.url, "qwen-2.5")]),
        (["qwen-2.5", APP], None, None, [(Qwen_Qwen_2_5.url, "qwen-2.5"), (APP, None)]),
        ("qwen-2.5", Qwen_Qwen_2_5, None, [(Qwen_Qwen_2_5.url, "qwen-2.5")]),
        (
            "qwen-2.5",
            (Qwen_Qwen_2_5, Qwen_Qwen_2_5_Max),
            None,
            [(Qwen_Qwen_2_5.url, "qwen-2.5"), (Qwen_Qwen_2_5_Max.url, "qwen-2.5")],
        ),
    ],
)
def test_the_default_is_for_questions_that_name_nobody(
    model: Any, provider: Any, conversation: Conversation | None, whom: list[tuple[str, str]]
) -> None:
    assert asked(model, provider, conversation, default="qwen-2-72b") == whom


def test_nobody_is_named() -> None:
    assert asked(None, None) == [(DEFAULT.url, None)]
    with pytest.raises(ModelNotFoundError, match="Name at least one model or provider"):
        candidates([], None)
    with pytest.raises(ModelNotFoundError, match="Name at least one model or provider"):
        candidates(None, [])
    with pytest.raises(ModelNotFoundError, match="Name at least one"):
        find_all([])
    assert find_all("qwen-2.5") == find_all(["qwen-2.5"]) == [Qwen_Qwen_2_5]


@pytest.mark.parametrize("wrong", [5, b"qwen-2.5", {"qwen-2.5"}, [5], [None, 5]])
def test_what_names_no_model(wrong: Any) -> None:
    for provider in (None, Qwen_Qwen_2_5):
        with pytest.raises(ModelNotFoundError, match="takes a model's name, a Space's id"):
            candidates(wrong, provider)


@pytest.mark.parametrize("wrong", [5, "Qwen", [str], ["Qwen"], [Qwen_Qwen_2_5, 5], Qwen_Qwen_2_5()])
def test_what_names_no_provider(wrong: Any) -> None:
    with pytest.raises(ModelNotFoundError, match="provider= takes a class such as"):
        candidates(None, wrong)


def test_the_error_for_a_text_shows_all_of_it() -> None:
    wrong: Any = "Qwen"
    with pytest.raises(ModelNotFoundError, match=r"not 'Qwen' \(of type str\)"):
        candidates(None, wrong)
    wrong = b"qwen-2.5"
    with pytest.raises(ModelNotFoundError, match=r"not b'qwen-2\.5' \(of type bytes\)"):
        candidates(wrong, None)


def test_what_is_looked_up_is_one_name() -> None:
    wrong: Any = ["qwen-2.5"]
    with pytest.raises(ModelNotFoundError) as caught:
        find(wrong)
    assert str(caught.value) == (
        "model= takes a model's name, a Space's id or an app's URL, not ['qwen-2.5'] (of type "
        "list)."
    )


def test_a_class_that_is_no_provider() -> None:
    with pytest.raises(ModelNotFoundError, match="provider= takes a class such as"):
        candidates(None, str)  # type: ignore[arg-type]


class TestConversations:
    def test_what_says_of_nobody_whom_it_was_held_with(self) -> None:
        with pytest.raises(ModelNotFoundError, match="doesn't say which model it was held with"):
            candidates(None, None, held())
        assert asked(None, None, held(SYSTEM)) == [(DEFAULT.url, None)]

    def test_it_goes_on_with_its_copy_of_a_space(self) -> None:
        copy = held(model="qwen-qwen2-5", url=APP)
        assert asked(None, None, copy) == [(APP, None)]
        assert asked("qwen-2.5", None, copy) == [(APP, "qwen-2.5")]
        assert asked("qwen-qwen2-5", None, held(model="qwen-2.5", url=APP))[0][0] == APP
        assert asked("qwen-2-72b", None, copy) == [(Qwen_Qwen_2_72B.url, "qwen-2-72b")]
        ((space, _),) = candidates(None, None, copy)
        assert issubclass(space, Qwen_Qwen_2_5)

    def test_it_goes_on_with_its_app(self) -> None:
        app = held(model=APP, url=APP)
        assert asked(None, None, app) == [(APP, None)]
        assert asked(f"{APP}/", None, app) == [(APP, None)]
        assert asked("https://other.example", None, app) == [("https://other.example", None)]
        copy = held(model=f"{APP}/", url="https://other.example")
        assert asked(None, None, copy) == [("https://other.example", None)]

    def test_it_needs_no_copy_where_the_space_is(self) -> None:
        ((space, _),) = candidates(None, None, held(model="qwen-2.5", url=Qwen_Qwen_2_5.url))
        assert space is Qwen_Qwen_2_5


@pytest.mark.parametrize(
    ("conversation", "is_so"),
    [
        (None, True),
        (held([]), True),
        (held(SYSTEM), True),
        (held(), False),
        (held([], model="qwen-2.5"), False),
        (held([], url=APP), False),
    ],
)
def test_whether_any_space_may_answer(
    conversation: Conversation | None, is_so: bool, settings: Path
) -> None:
    assert is_open(conversation) is is_so
    settings.write_text('model = "qwen-2.5"\n')
    assert not is_open(conversation)


def test_the_spaces_known_by_name() -> None:
    whom = pinned_in_turn()
    assert whom[0] == (DEFAULT, None)
    assert {space for space, _ in whom} == {*PROVIDERS}
    assert len(whom) == len(PROVIDERS)
    assert has_pinned(whom)
    app: Any = (GradioChat.at(APP), None)
    assert not has_pinned([app])
    assert has_pinned([app, whom[1]])


def test_the_names_of_a_provider_come_first(settings: Path) -> None:
    """A name that is the user's alias for another model means its own at a provider that has it."""
    settings.write_text('[models]\nmine = "qwen-2.5"\n')
    assert asked("mine", Qwen_Qwen_2_5) == [(Qwen_Qwen_2_5.url, "qwen-2.5")]
    for own in (None, Qwen_Qwen_2_5.default_model, "qwen-2.5"):
        assert asked(own, Qwen_Qwen_2_5) == [(Qwen_Qwen_2_5.url, own)]

    class Mine(Qwen_Qwen_2_5):
        default_model = "mine"

    assert asked("mine", Mine) == [(Mine.url, "mine")]


@pytest.mark.parametrize("count", [1, 16, 17, 30])
def test_an_error_lists_some_of_the_names(settings: Path, count: int) -> None:
    lines = [f'alias{number} = "qwen-2.5"' for number in range(count)]
    settings.write_text("\n".join(["[models]", *lines]))
    names = models()
    with pytest.raises(ModelNotFoundError) as caught:
        find("nothing-like-it")
    more = f", and {len(names) - 20} more" if len(names) > 20 else ""
    assert f" There are {', '.join(names[:20])}{more}; besides, any Space's id" in str(caught.value)
