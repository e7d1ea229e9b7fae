"""What the API rewords are the library's own texts, which may change."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import spacechat
from spacechat.openai import words
from spacechat.openai.words import in_api_words

SOURCES = Path(spacechat.__file__).parent
PYTHON = re.compile(
    r"\b(?:auth|files|endpoint|inputs|output|token|timeout|limits|proxy|sign_in)=|client\.\w+\("
)
ELSEWHERE = {"cli", "llm", "local", "notebook", "openai", "portal", "sync"}
"""Packages whose texts no client of the API is told."""

UNTOLD = {
    "apps/arguments.py": "of functions that are no chat",
    "apps/call.py": "of functions that are no chat",
    "apps/files.py": "the API has no argument of that form",
    "apps/hub_search.py": "of a search for Spaces",
    "apps/inspection.py": "of an inspection",
    "apps/look.py": "of an inspection",
    "apps/options.py": "of arguments that the API has not, or checks when it begins",
    "apps/plain_words.py": "of an inspection",
    "client/app_engine.py": "of functions that are no chat",
    "transport/credentials.py": "of signing in",
}
"""Modules whose texts in Python no client of the API is told, and why."""


def texts_in(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings, with `1` for what is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {
        id(part)
        for node in ast.walk(tree)
        for part in (
            node.values
            if isinstance(node, ast.JoinedStr)
            else [node.value]
            if isinstance(node, ast.Expr)
            else []
        )
    }
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.Constant) else "1" for each in node.values]
            yield "".join(map(str, parts))


@functools.cache
def library_texts() -> dict[str, list[str]]:
    """The texts of each module; every process that runs tests would take a second to read them."""
    return {
        path.relative_to(SOURCES).as_posix(): list(texts_in(path))
        for path in sorted(SOURCES.rglob("*.py"))
        if path.relative_to(SOURCES).parts[0] not in ELSEWHERE
    }


def said(form: re.Pattern[str]) -> bool:
    return any(form.search(text) for texts in library_texts().values() for text in texts)


@pytest.mark.parametrize("whole", words._WHOLE)
def test_texts_that_are_reworded_are_the_library_s(whole: str) -> None:
    assert said(re.compile(re.escape(whole)))


@pytest.mark.parametrize("form", [form for form, _ in words._FORMS], ids=lambda form: form.pattern)
def test_forms_that_are_reworded_are_the_library_s(form: re.Pattern[str]) -> None:
    assert said(form)


def test_the_target_of_a_redirect_is_left_out() -> None:
    assert said(words._REDIRECT)


def test_no_text_of_the_library_is_python_in_the_api() -> None:
    """A new text needs a word in `words`, or a reason why no client is told it."""
    found = {
        name
        for name, texts in library_texts().items()
        for text in texts
        if " " in text.strip() and PYTHON.search(in_api_words(text))
    }
    assert found == UNTOLD.keys()
