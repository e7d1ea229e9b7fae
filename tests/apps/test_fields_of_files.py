"""What a file of an answer is called, which type it has, and with which login it is fetched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spacechat import errors, events
from spacechat.apps import parse_config
from spacechat.apps.files import find_files, save_file
from spacechat.apps.known import Apps, KnownApp
from spacechat.steps import Connect, Fetch, Response, Save
from tests.scripts import run_script
from tests.servers.files import CONFIG, data

URL = "http://h"
KNOWN = KnownApp(URL, {}, parse_config(json.dumps(CONFIG).encode()))


def file_of(*fields: Any) -> events.File:
    (file,) = find_files([data(*fields)], KNOWN, "")
    return file


@pytest.mark.parametrize(
    ("path", "url", "given", "name"),
    [
        ("/tmp/a.png", None, "n.txt", "n.txt"),
        ("/tmp/a.png", None, "", "a.png"),
        ("/tmp/a.png", None, 5, "a.png"),
        (r"C:\tmp\a.png", None, "", "a.png"),
        (r"C:\tmp\a.png", None, None, "a.png"),
        ("/tmp/", "http://h/x/b%20c.png?d=/e.png", None, "b c.png"),
        ("/tmp/", "http://h/", None, "file"),
    ],
)
def test_its_name(path: str, url: str | None, given: Any, name: str) -> None:
    """It is the one that the app gives, or the end of its path, or of its address."""
    assert file_of(path, url, given).name == name


@pytest.mark.parametrize(
    ("given", "mime_type"),
    [
        ("audio/x-odd+a; b=c-1", "audio/x-odd+a; b=c-1"),
        (None, "image/png"),
        (5, "image/png"),
        ("", "image/png"),
        ("no type", "image/png"),
        ("a/b\n", "image/png"),
        ("é/x", "image/png"),
        ("a/" + "b" * 101, "image/png"),
    ],
)
def test_its_type(given: Any, mime_type: str) -> None:
    """It is the one that the app gives, if that is one, or that of its name."""
    assert file_of("/tmp/a.png", None, None, given).mime_type == mime_type


def test_a_component_is_looked_into_once() -> None:
    image = data("/tmp/a.png", name="a.png")
    shown = {"component": "image", "value": image, "props": {"value": data("/tmp/b.png")}}
    assert [file.name for file in find_files([shown], KNOWN, "")] == ["a.png"]


@pytest.mark.parametrize(
    "contents",
    [[[data("/tmp/a.png")]], [{"a": data("/tmp/a.png")}], ["a", None, data("/tmp/a.png")]],
)
def test_where_it_may_be(contents: list[Any]) -> None:
    (file,) = find_files(contents, KNOWN, "")
    assert file.name == "a.png"


class Server:
    """The app that files are fetched from; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def outcome(self, step: object) -> object:
        if isinstance(step, Connect):
            self.asked.append(f"{step.url} {step.headers.get('cookie')}")
        if isinstance(step, Fetch):
            self.asked.append(step.request.url)
            is_login = step.request.url.endswith("/login")
            return Response(b"{}" if is_login else json.dumps(CONFIG).encode(), "a=b")
        if isinstance(step, Save):
            self.asked.append(step.request.url)
        return b"" if isinstance(step, Connect) else None

    def fetch(self, apps: Apps, file: events.File, auth: tuple[str, str] | None = None) -> Any:
        self.asked.clear()
        download: Any = None
        run_script(save_file(apps, file, download, auth), self.outcome)
        return self.asked


def test_the_login_with_which_it_is_fetched() -> None:
    """One that is given is made once; without one, nothing but the file is asked for."""
    server, apps = Server(), Apps()
    file = events.File(f"{URL}/file=a", "a", "text/plain", URL)
    logged_in = [f"{URL} a=b", f"{URL}/file=a"]
    assert server.fetch(Apps(), file) == [f"{URL} None", f"{URL}/file=a"]
    first = server.fetch(apps, file, ("ada", "x"))
    assert first == [f"{URL} None", f"{URL}/login", f"{URL} a=b", f"{URL}/config", *logged_in]
    assert server.fetch(apps, file, ("ada", "x")) == logged_in
    of_ada = events.File(f"{URL}/file=a", "a", "text/plain", URL, "ada")
    assert server.fetch(apps, of_ada) == logged_in
    with pytest.raises(errors.AuthenticationError, match="wants a login at http://h, which this"):
        server.fetch(Apps(), of_ada)


@pytest.mark.parametrize(("app", "told"), [("", "which it does not say"), ("http://x", "http://x")])
def test_it_is_at_another_server(app: str, told: str) -> None:
    file = events.File(f"{URL}/file=a", "a", "text/plain", app)
    server = Server()
    with pytest.raises(errors.InputsError) as caught:
        server.fetch(Apps(), file)
    assert str(caught.value).startswith(
        f"The file 'a' is at {URL}/file=a, and not at the app that it came from ({told}): nothing "
    )
    assert not server.asked
