"""What IPython completes in a call: the names of options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import spacechat

NAMES = {"spacechat": spacechat, "client": spacechat.Client()}


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jedi writes its cache in place, so that another process may read half a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jedi.settings.cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("spacechat.ask('Hi', sys", "system="),
        ("client.stream('Hi', time", "timeout="),
        ("client.map([], ord", "ordered="),
        ("client.conversation(fil", "files="),
        ("spacechat.Prompt('Hi', inp", "inputs="),
    ],
)
@pytest.mark.parametrize("reads_source", [True, False])
def test_options_are_completed(line: str, option: str, reads_source: bool) -> None:
    make: Any = IPCompleter  # It has no types.
    completer = make(namespace=dict(NAMES), use_jedi=reads_source)
    with provisionalcompleter():
        assert option in {each.text for each in completer.completions(line, len(line))}
