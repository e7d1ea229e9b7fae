"""Where the commands tell the files of an answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers import response
from tests.servers.files import GOOD, FileServer, data

HOSTILE = data("/tmp/x", name="a\x1b[2J\nb\u202e.txt")


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_they_are_told_beside_the_answer(spacechat: Run, command: str) -> None:
    with FileServer("Hi", GOOD, HOSTILE) as server:
        words, stdin = (["Q"], b"") if command == "ask" else ([], b"Q\n")
        status, out, err = spacechat(command, "-m", server.url, *words, stdin=stdin)
        url = f"{server.url}/gradio_api/file="
    assert (status, out.rstrip("\n")) == (0, "Hi")
    assert err.splitlines()[-2:] == [
        f"file: good.txt: {url}/tmp/good.txt",
        f"file: a␛[2J b\ufffd.txt: {url}/tmp/x",
    ]


def test_json_has_them(spacechat: Run) -> None:
    with FileServer("Hi", GOOD) as server:
        status, out, err = spacechat("ask", "--json", "-m", server.url, "Q")
        url = f"{server.url}/gradio_api/file=/tmp/good.txt"
    assert (status, err) == (0, "")
    files = json.loads(out)["files"]
    assert files == [{"url": url, "name": "good.txt", "mime_type": "text/plain"}]


def test_a_batch_has_them_and_goes_on_after_odd_ones(spacechat: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('"one"\n"two"\n')
    with FileServer("Hi", data("http://[x", "http://[x"), GOOD) as server:
        status, _, err = spacechat("batch", "-m", server.url, str(source), str(target))
        url = f"{server.url}/gradio_api/file=/tmp/good.txt"
    assert status == 0, err
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["text"] == "Hi"
        assert line["files"][-1] == {"url": url, "name": "good.txt", "mime_type": "text/plain"}


def test_a_batch_saves_them(spacechat: Run, tmp_path: Path) -> None:
    """A download that fails makes an error of the answer, which --resume asks for again."""
    source, target, folder = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "a" / "b"
    source.write_text('"one"\n"two"\n')
    words = ("batch", str(source), str(target), "--to", str(folder))
    with FileServer("Hi", GOOD) as server:
        server.files = [[response(b"", "404 Not Found")]]
        status, _, err = spacechat(*words, "-m", server.url)
    assert (status, err.count("line ")) == (1, 2)
    for line in target.read_text().splitlines():
        assert json.loads(line)["error"]["partial_text"] == "Hi"
    shutil.rmtree(folder)
    with FileServer("Hi", GOOD) as server:
        assert spacechat(*words, "-m", server.url, "--resume")[0] == 0
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    paths = [Path(path) for line in lines for path in line["files"]]
    assert sorted(paths) == sorted(folder.iterdir())
    assert sorted(path.name for path in paths) == ["good (1).txt", "good.txt"]


def test_a_batch_whose_files_go_nowhere_asks_nothing(spacechat: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("one\n")
    (tmp_path / "file").touch()
    words = ("batch", str(tmp_path / "in"), str(tmp_path / "out"), "--to")
    with FileServer("Hi", GOOD) as server:
        assert spacechat(*words, str(tmp_path / "file"), "-m", server.url)[0] == 2
        assert spacechat(*words, str(tmp_path / "file" / "x"), "-m", server.url)[0] == 1
    assert not (tmp_path / "out").exists()
