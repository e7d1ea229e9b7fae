"""`spacechat chat` at real apps: files, settings, and conversations that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, spacechat
from tests.real.servers import MoreServer
from tests.real.zoo import App, ZooServer, zoo_cases

__all__ = ["spacechat"]

pytestmark = pytest.mark.real


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two files, in which commands run; nothing is kept elsewhere."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt"):
        Path(name).write_text(f"({name})", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
class TestFiles:
    def test_in_the_box_of_the_message(self, spacechat: Run, more_server: MoreServer) -> None:
        lines = "/file a.txt\n/file b.txt\nOne\nTwo\n/file b.txt\nThree\n"
        url = more_server.url("box-with-files")
        status, out, _ = spacechat("chat", "-m", url, stdin=lines.encode())
        assert status == 0
        assert out.splitlines() == [
            "One: a.txt=(a.txt), b.txt=(b.txt)",
            "Two: nothing",
            "Three: b.txt=(b.txt)",
        ]

    def test_in_a_place_of_their_own(self, spacechat: Run, more_server: MoreServer) -> None:
        """There, a file stays until it is taken out, as it does on the page."""
        lines = "/file a.txt\nOne\nTwo\n/file -\nThree\n/file b.txt\nFour\n"
        url = more_server.url("file-beside")
        status, out, _ = spacechat("chat", "-m", url, stdin=lines.encode())
        assert status == 0
        assert [line.partition(": ")[2] for line in out.splitlines()] == [
            "a.txt=(a.txt)",
            "a.txt=(a.txt)",
            "nothing",
            "b.txt=(b.txt)",
        ]

    def test_where_there_is_no_place(self, spacechat: Run, more_server: MoreServer) -> None:
        lines = "/file a.txt\nOne\nTwo\n"
        url = more_server.url("gives-files")
        status, out, err = spacechat("chat", "-m", url, stdin=lines.encode())
        assert status == 1
        assert "takes no files" in err
        assert "The file does not go with the next question." in err
        assert "One" not in out
        assert out.strip()


@pytest.mark.parametrize(
    ("zoo_server", "app"),
    zoo_cases("ci_system_prompt", chat=None, versions=("4.44.1", "5.50.0", "6.31.0")),
    indirect=["zoo_server"],
)
@pytest.mark.usefixtures("folder")
def test_settings_and_the_last_conversation(
    spacechat: Run, zoo_server: ZooServer, app: App
) -> None:
    version, url = zoo_server.version, zoo_server.url(app.name)
    lines = "/set temperature 1.5\n/set MAX NEW TOKENS 64\nHi\n/set Temperature 5\n"
    status, out, err = spacechat("chat", "-m", url, stdin=lines.encode())
    assert status == 1
    assert "Temperature = 1.5 (the app's own: 0.7): a number from 0.1 to 4" in err
    assert "5 is no value for slider 'Temperature'" in err
    first, second = app.answers(version, "Hi", "You", temp=1.5, max=64)
    assert out == f"{first}\n"
    given = ("-o", "Temperature", "1.5", "-o", "Max new tokens", "64")
    status, out, err = spacechat("ask", "-c", *given, "You")
    assert (status, err) == (0, "")
    assert out == f"{second}\n"
