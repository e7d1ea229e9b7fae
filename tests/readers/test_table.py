"""The table: every reader meets every app, and what differs from what the app says is listed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from tests.apis import Api
from tests.conftest import BLOCKING, BOTH_APIS, LOOPS
from tests.processes import wait_until
from tests.readers.app import LONG, App
from tests.readers.apps import GROUPS
from tests.readers.impossible import IMPOSSIBLE
from tests.readers.outcome import Read, differences
from tests.readers.reader import BOTH, HERE, Reader, Task, Tools
from tests.readers.readers import READERS
from tests.readers.server import QUESTION, AppServer
from tests.readers.table import PAGE, render

# The `openai` package leaves generators behind; trio complains where asyncio doesn't.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator object:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with Tools(tmp_path_factory.mktemp("readers")) as found:
        yield found


def readers_on(runs_on: tuple[str, ...]) -> pytest.MarkDecorator:
    """Run with each reader of these, and with each group of apps."""
    cells = [
        pytest.param(name, group, id=re.sub(r"\W+", "-", f"{name} {group}").strip("-"))
        for name, reader in READERS.items()
        if reader.runs_on == runs_on
        for group in GROUPS
    ]
    return pytest.mark.parametrize(("name", "group"), cells)


@BOTH_APIS
@pytest.mark.anyio
@readers_on(BOTH)
async def test_a_reader_of_both_apis(name: str, group: str, runs_on: str, tools: Tools) -> None:
    await meet(name, group, runs_on, tools)


@pytest.mark.anyio
@readers_on((*LOOPS,))
async def test_an_asynchronous_reader(name: str, group: str, runs_on: str, tools: Tools) -> None:
    await meet(name, group, runs_on, tools)


@readers_on(HERE)
def test_a_reader_here(name: str, group: str, tools: Tools) -> None:
    found = Differences(name, READERS[name])
    for app_name, app in met(name, group):
        with found.naming(app_name), app.serve() as server:
            reads = READERS[name].read(Task(app, server, Api(blocking=True), tools))
            assert isinstance(reads, list)
            wait_until_told(app, server, reads)
        found.add(app_name, app, server, reads)
    found.check()


async def meet(name: str, group: str, runs_on: str, tools: Tools) -> None:
    found = Differences(f"{name} on {runs_on}", READERS[name])
    for app_name, app in met(name, group):
        with found.naming(app_name), app.serve() as server:
            reading = READERS[name].read(Task(app, server, Api(runs_on == BLOCKING), tools))
            assert not isinstance(reading, list)
            reads = await reading
            wait_until_told(app, server, reads)
        found.add(app_name, app, server, reads)
    found.check()


def met(name: str, group: str) -> Iterator[tuple[str, App]]:
    """The apps of a group that a reader can meet."""
    for app_name, app in GROUPS[group].items():
        if (name, app_name) not in IMPOSSIBLE:
            yield app_name, app


def wait_until_told(app: App, server: AppServer, reads: list[Read]) -> None:
    """Wait until an app whose reader has left was told to stop."""
    if app.is_left:
        wait_until(lambda: server.words.count("cancel") >= len(reads))


class Differences:
    """What a reader got, where it is not what the apps say."""

    def __init__(self, place: str, reader: Reader) -> None:
        self._place = place
        self._reader = reader
        self._found: list[str] = []

    @contextlib.contextmanager
    def naming(self, app_name: str) -> Iterator[None]:
        """Say whose error it is, if one comes that is no outcome."""
        try:
            yield
        except Exception as exc:
            raise AssertionError(f"{self._place}, {app_name}: {exc!r}") from exc

    def add(self, app_name: str, app: App, server: AppServer, reads: list[Read]) -> None:
        """Compare what was read of an app, and what the app was asked for."""
        reader, gets = self._reader, app.gets
        found = []
        for turn, read in enumerate(reads, 1):
            found += differences(gets, read, server.url, reader.kinds, turns=turn, left=app.is_left)
            found += unshown(reader, app, read)
        if not app.is_left and len(reads) != reader.questions:
            found.append(f"outcomes: {len(reads)}, not {reader.questions}")
        wanted = [*gets.requests, *gets.again * (len(reads) - 1)]
        asked = server.words_but_reopened if app.is_left else server.words
        if reader.at_once:  # Some may not know what the others have read of the description.
            wanted, asked = in_any_order(wanted), in_any_order(asked)
        if asked != wanted:
            found.append(f"requests: {asked}, not {wanted}")
        if any(each != QUESTION for each in server.questions[:1]):
            found.append(f"question: {server.questions[0]!r}, not {QUESTION!r}")
        self._found += [f"{self._place}, {app_name}: {each}" for each in found]

    def check(self) -> None:
        """Fail if there is a difference."""
        assert not self._found, "\n".join([f"{len(self._found)} differ:", *self._found])


def in_any_order(requests: list[str]) -> list[str]:
    """Requests but those for the description, in alphabetical order."""
    return sorted(each for each in requests if each != "config")


ONLY_OF_ERRORS = frozenset({"partial"})
ONLY_OF_ANSWERS = frozenset({"text", "printed", "reasoning", "titled", "files"})


def unshown(reader: Reader, app: App, read: Read) -> list[str]:
    """What a reader says that it shows and does not show, or the other way round."""
    shown = {each.name for each in fields(read) if getattr(read, each.name) is not None}
    must = set(reader.shows)
    if app.is_left:
        must = set()
    elif app.gets.error is None:
        must -= ONLY_OF_ERRORS
    else:
        must -= ONLY_OF_ANSWERS
    found = [f"shows no {name}" for name in sorted(must - shown)]
    return found + [f"shows {name}, which is not said" for name in sorted(shown - reader.shows)]


def test_only_the_impossible_pairs_are_left_out() -> None:
    assert IMPOSSIBLE.keys() == {
        (name, app_name)
        for name, reader in READERS.items()
        for group in GROUPS.values()
        for app_name, app in group.items()
        if app.patience != LONG and not reader.has_limits
    }


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m tests.readers.table"
