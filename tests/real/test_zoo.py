"""The zoo itself: each app starts on each of its versions and answers what the table says."""

from __future__ import annotations

import json

import pytest

from tests.real.environments import ZOO_VERSIONS
from tests.real.page import EventFailedError, Page
from tests.real.record_configs import FOLDER, essence
from tests.real.servers import http_client
from tests.real.zoo import SCRIPT, ZOO, App, ZooServer, zoo_cases

QUESTIONS = ("Why is the sky blue?", 'And "ha" [1] 你好?')


OLDEST_AND_NEWER = (ZOO_VERSIONS[0], ZOO_VERSIONS[-2])
"""What the table is checked on each time; `SPACECHAT_ZOO=all` checks it on every version."""

WITH_EXTRAS = [app.name for app in ZOO if app.extras]


def on_zoo(*names: str, chat: bool | None = True) -> pytest.MarkDecorator:
    cases = zoo_cases(*names, chat=chat, versions=OLDEST_AND_NEWER)
    return pytest.mark.parametrize(("zoo_server", "app"), cases, indirect=["zoo_server"])


def ask(page: Page, app: App, question: str) -> str:
    """Do what a person would do, and read what the page then shows."""
    event = "submit" if app.send is None else None
    box = page.find(*app.box, event)
    is_text = app.box[0] == "textbox"
    page.type(box, question if is_text else {"text": question, "files": []})
    if app.send is None:
        page.trigger(box, "submit")
    else:
        page.trigger(page.find("button", app.send), "click")
    return page.read(page.find(*app.shown))


@on_zoo()
def test_a_conversation(zoo_server: ZooServer, app: App) -> None:
    with Page(zoo_server.url(app.name), app.auth) as page:
        found = [ask(page, app, question) for question in QUESTIONS]
        assert found == app.answers(zoo_server.version, *QUESTIONS)
        # Each event of the conversation that streamed, streamed enough.
        counts = [event.pieces for event in page.ran if event.pieces]
        assert len(counts) >= (len(QUESTIONS) if app.streams else 0)
        assert all(count >= app.pieces for count in counts)
        assert app.streams or not counts
    with Page(zoo_server.url(app.name), app.auth) as page:  # someone else: nothing was kept
        assert [ask(page, app, "Hi")] == app.answers(zoo_server.version, "Hi")


@on_zoo(*WITH_EXTRAS)
def test_extra_inputs(zoo_server: ZooServer, app: App) -> None:
    with Page(zoo_server.url(app.name), app.auth) as page:
        labels = {c["props"].get("label"): n for n, c in page.components.items()}
        for extra in app.extras:
            assert page.values[labels[extra.label]] == extra.default
            page.type(labels[extra.label], extra.other)
        found = [ask(page, app, question) for question in QUESTIONS]
    given = {extra.name: extra.other for extra in app.extras}
    assert found == app.answers(zoo_server.version, *QUESTIONS, **given)


@on_zoo(chat=None)
def test_the_recorded_configuration(zoo_server: ZooServer, app: App) -> None:
    recorded = (FOLDER / zoo_server.version / f"{app.name}.json").read_text(encoding="utf-8")
    with Page(zoo_server.url(app.name), app.auth) as page:
        assert essence(page.received) == json.loads(recorded)


@on_zoo("password")
def test_a_password(zoo_server: ZooServer, app: App) -> None:
    url = zoo_server.url(app.name)
    with http_client() as client:
        assert client.get(f"{url}/config").status_code == 401
        wrong = client.post(f"{url}/login", data={"username": "user", "password": "guess"})
        assert wrong.status_code == 400


@on_zoo("blocks_failure")
def test_a_failure(zoo_server: ZooServer, app: App) -> None:
    with Page(zoo_server.url(app.name)) as page:
        with pytest.raises(EventFailedError, match="I can't do that"):
            ask(page, app, "please fail")
        assert "Something went wrong" in page.values[page.find("html")]
        assert [ask(page, app, "Hi")] == app.answers(zoo_server.version, "Hi")


def test_every_app_has_a_file() -> None:
    files = {path.stem for path in (SCRIPT.parent / "zoo").glob("*.py")}
    assert files == {app.name for app in ZOO} | {"llm"}
    assert all(app.versions for app in ZOO)
