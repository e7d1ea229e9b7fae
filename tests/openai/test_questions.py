"""A question of the API: how much it says, and whose fault an error is; logins of apps."""

from __future__ import annotations

from typing import Any

import pytest

from spacechat.errors import GenerationError, InputsError, MessagesError
from spacechat.openai.logins import Logins
from spacechat.openai.question import Question
from spacechat.openai.writer import Writer
from spacechat.providers import GradioChat, Qwen_Qwen_2_5

USER = ("user", "password")
A, B = GradioChat.at("http://a"), GradioChat.at("http://b")


def question(inputs: dict[str, object] | None = None, **fields: Any) -> Question:
    return Question(
        model="m",
        messages=[{"role": "system", "content": "Be."}, {"role": "user", "content": "Hi"}],
        messages_name="input",
        options={"inputs": inputs},
        streamed=False,
        writer=Writer,
        **fields,
    )


def test_all_that_is_said_counts() -> None:
    """Texts and names, however deep; numbers are counted by the weight of their values."""
    assert question().characters == 5
    assert question({"a": "bcd", "ef": [1, "gh", {"i": None, "j": "k"}]}).characters == 5 + 11


@pytest.mark.parametrize(
    ("error", "inputs", "earlier", "param"),
    [
        (MessagesError("No."), None, False, "input"),
        (InputsError("No."), {"a": 1}, False, "inputs"),
        (InputsError("No."), None, False, "input"),
        (InputsError("No."), {}, True, "previous_response_id"),
        (GenerationError("No."), None, False, None),
    ],
)
def test_what_an_error_is_about(
    error: Any, inputs: dict[str, object] | None, earlier: bool, param: str | None
) -> None:
    asked = question(inputs, has_earlier_files=earlier)
    assert asked.refusal(error).error.param == param


@pytest.mark.parametrize(
    ("earlier", "advice"),
    [
        (False, "leave them out"),
        (True, "begin anew, without 'previous_response_id', since they come from it"),
    ],
)
def test_what_to_do_about_files(earlier: bool, advice: str) -> None:
    asked = question(has_earlier_files=earlier)
    error = InputsError("It takes no files: leave out files=.")
    assert asked.refusal(error).error.message == f"It takes no files: {advice}."


def test_the_login_of_the_only_app() -> None:
    logins = Logins(USER, {"a": A, "again": A, "qwen": Qwen_Qwen_2_5})
    assert (logins.of("a", A), logins.of("again", A)) == (USER, USER)
    assert logins.of("a", B) is None  # The name stands for another app now.
    assert logins.of("qwen", Qwen_Qwen_2_5) is None
    assert logins.of("other", A) is None


def test_logins_of_several_apps() -> None:
    logins = Logins({"a": USER, "b": ("other", "word")}, {"a": A, "b": B})
    assert (logins.of("a", A), logins.of("b", B)) == (USER, ("other", "word"))
    assert Logins(None, {"a": A}).of("a", A) is None


@pytest.mark.parametrize(
    ("spaces", "count"),
    [({}, "none"), ({"qwen": Qwen_Qwen_2_5}, "none"), ({"a": A, "b": B}, "2")],
)
def test_a_login_for_no_app_alone(spaces: dict[str, Any], count: str) -> None:
    with pytest.raises(ValueError, match="auth=") as caught:
        Logins(USER, spaces)
    assert str(caught.value) == (
        "auth= goes to one app, so the models must name exactly one by its address or its Space's "
        f"id, and they name {count}. Several apps get theirs in a program, by "
        "Server(auth={NAME: (USER, PASSWORD)})."
    )


@pytest.mark.parametrize("name", ["qwen", "http://user:password@x"])
def test_a_login_of_what_is_no_app(name: str) -> None:
    with pytest.raises(ValueError, match="auth=") as caught:
        Logins({name: USER}, {"a": A, "qwen": Qwen_Qwen_2_5})
    assert str(caught.value) == (
        f"auth= has a login for {name.replace('user:password@', '')!r}, which is none of the "
        "models that are served by the address or Space's id of an app."
    )
