"""The options of a question as they are given: checked, put together, and what errors say."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from spacechat.apps.options import (
    NO_OPTIONS,
    Options,
    hide_auth,
    parse_auth,
    takes_options,
    unknown_option,
)
from spacechat.errors import InputsError
from spacechat.settings import Timeout


def options(**given: Any) -> Options:
    return Options(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"inputs": {"a": 1}},
        {"wishes": {"temperature": 0.5, "max_tokens": 5}},
        {"files": [b"a"]},
        {"files": (Path("a"),)},
        {"timeout": 5},
        {"timeout": 0.5},
        {"timeout": Timeout(5)},
        {"endpoint": 0},
        {"endpoint": "/a"},
        {"output": "Answer"},
        {"history": "native"},
        {"history": "prompt"},
        {"system": "Be brief."},
        {"sign_in": True},
        {"repair": False},
    ],
)
def test_an_option_that_is_right(given: dict[str, Any]) -> None:
    assert options(**given).given == given


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"files": "a"}, "One file is a list, too: files=['a']."),
        ({"files": Path("a")}, "One file is a list, too: files=["),
        ({"system": Path("a")}, "system= takes a text"),
        ({"system": 5}, "system= takes a text, not 5 (of type int)."),
        ({"files": 5}, "files= takes a list of paths, bytes, open files and URLs, not 5"),
        ({"files": b"a"}, "files= takes a list"),
        ({"timeout": True}, "timeout= takes a Timeout or a number of seconds"),
        ({"timeout": "5"}, "timeout= takes a Timeout or a number of seconds"),
        ({"wishes": ["temperature"]}, "wishes= takes a mapping of names and numbers"),
        ({"wishes": {"temperature": True}}, "wishes= takes a mapping of names and numbers"),
        ({"wishes": {"temperature": "1"}}, "wishes= takes a mapping of names and numbers"),
        ({"wishes": {"temperature": float("nan")}}, "wishes= takes a mapping"),
        ({"wishes": {"temperature": float("inf")}}, "wishes= takes a mapping"),
        ({"wishes": {5: 1}}, "wishes= takes a mapping"),
        ({"endpoint": False}, "endpoint= takes the name of a function or its id"),
        ({"inputs": "x" * 1000}, "not '" + "x" * 199 + " (of type str)."),
    ],
)
def test_an_option_of_another_kind(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputsError) as caught:
        options(**given)
    assert says in str(caught.value)
    assert ("One file" in str(caught.value)) is ("One file" in says)


def test_a_timeout_out_of_range() -> None:
    with pytest.raises(ValueError, match="timeout"):
        options(timeout=-1)


def test_what_says_nothing() -> None:
    said = options(system=None, files=[], inputs={}, wishes={}, sign_in=None, repair=None)
    assert said.given == {}
    assert options(files=(), sign_in=False, repair=True).given == {}


def test_options_over_others() -> None:
    own = options(system="a", endpoint="/b", repair=False)
    by = options(system="c", files=None, sign_in=None, repair=None, output=3)
    assert own.overridden(by) == options(system="c", endpoint="/b", repair=False, output=3)


def test_what_a_provider_takes() -> None:
    NO_OPTIONS.check_taken("Qwen", ())
    options(system="a").check_taken("Qwen", ("system",))
    with pytest.raises(TypeError) as caught:
        options(system="a", output=1, endpoint=2).check_taken("Qwen", ["output", "files"])
    assert str(caught.value) == (
        "Qwen takes no option 'system', 'endpoint'. It takes 'files', 'output'."
    )


@takes_options
def ask(text: str, model: str = "", *unnamed: object, system: str = "", **unknown: Any) -> None:
    """A function that takes options."""


@takes_options
def ask_an_app(*, inputs: object = None, wishes: object = None, **unknown: Any) -> None:
    """A function that takes other options."""


def test_the_signature_shows_no_others() -> None:
    def own(a: int = 1, *rest: int, b: int = 2, **unknown: int) -> None: ...

    assert takes_options(own) is own
    assert list(inspect.signature(own).parameters) == ["a", "b"]
    assert (
        str(inspect.signature(ask))
        == "(text: 'str', model: 'str' = '', *, system: 'str' = '') -> 'None'"
    )


@pytest.mark.parametrize(
    ("function", "names", "hint"),
    [
        (ask, ["sytem"], " Did you mean 'system'?"),
        (ask, ["xyzzy"], ""),
        (ask, ["stream"], " client.stream gives an answer as it comes."),
        (ask, ["api_key"], " A Hugging Face token is a client's token=."),
        (ask, ["temperature"], ""),
        (ask_an_app, ["temperature"], " Settings go into wishes={'temperature': ...}."),
        (ask_an_app, ["stream"], " client.stream gives an answer as it comes."),
        (ask_an_app, ["xyzzy"], " An input of the app is set by inputs={'xyzzy': ...}."),
        (ask_an_app, ["wishs"], " Did you mean 'wishes'?"),
        (ask_an_app, ["system"], ""),
        (ask, ["xyzzy", "model2"], ""),
    ],
)
def test_an_option_that_there_is_not(function: Any, names: list[str], hint: str) -> None:
    unknown: Any = dict.fromkeys(names, "secret")
    error = unknown_option(function, unknown)
    taken = "'model', 'system'" if function is ask else "'inputs', 'wishes'"
    listed = ", ".join(map(repr, names))
    name = function.__name__
    assert str(error) == f"{name}() takes no option {listed}.{hint} It takes {taken}."
    assert unknown == {}


def test_a_login() -> None:
    assert parse_auth(None) is None
    assert parse_auth(["ada", "secret"]) == ("ada", "secret")
    hidden: Any = hide_auth(("ada", "secret"))
    assert hidden == ("ada", "secret")
    assert "secret" not in repr(hidden)
    assert hide_auth(None) is None
    assert "secret" not in repr(options(auth=("ada", "secret")))
    for wrong in (("a\ud800", "b"), ("a", "b\ud800"), ("a",), ("a", "b", "c"), "ab", ("a", 5)):
        with pytest.raises(InputsError, match=f"of type {type(wrong).__name__}"):
            parse_auth(wrong)
