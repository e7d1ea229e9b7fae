"""Where the commands tell the files of an answer."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers import Part, Received, response
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


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files")
def test_a_batch_goes_on_where_no_file_can_be_written(spacechat: Run, tmp_path: Path) -> None:
    """Each answer is an error with the text, and names the file as a person knows it."""
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("one\ntwo\n")
    with FileServer("Hi", GOOD) as server:
        words = ("batch", str(source), str(target), "-m", server.url, "--to", "/proc/self")
        status, _, err = spacechat(*words)
    assert (status, "0 answered, 2 failed" in err) == (1, True)
    for line in target.read_text().splitlines():
        error = json.loads(line)["error"]
        assert error["partial_text"] == "Hi"
        assert error["message"].endswith("No such file or directory: /proc/self/good.txt.")


def test_a_batch_keeps_no_file_of_an_answer_that_lacks_one(spacechat: Run, tmp_path: Path) -> None:
    source, target, folder = tmp_path / "in", tmp_path / "out", tmp_path / "folder"
    source.write_text("one\n")
    other = {"file": data("/tmp/other.txt"), "alt_text": None}
    with FileServer("Hi", GOOD, other) as server:
        server.files.append([response(b"", "404 Not Found")])
        words = ("batch", str(source), str(target), "-m", server.url, "--to", str(folder))
        assert spacechat(*words)[0] == 1
    assert [*folder.iterdir()] == []


def test_a_batch_saves_the_files_of_several_answers_at_a_time(
    spacechat: Run, tmp_path: Path
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("one\ntwo\nthree\n")
    with TogetherServer(3) as server:
        words = ("batch", str(source), str(target), "-m", server.url, "--to", str(tmp_path / "a"))
        assert spacechat(*words, "--concurrency", "3")[0] == 0


class TogetherServer(FileServer):
    """Sends a file only when so many have been asked for."""

    def __init__(self, number: int) -> None:
        super().__init__("Hi", GOOD)
        self._all = threading.Barrier(number)

    def tell(self, request: Received) -> Iterable[Part]:
        if "/file=" in request.path:
            self._all.wait(60)
        return super().tell(request)


def test_a_batch_whose_files_go_nowhere_asks_nothing(spacechat: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("one\n")
    (tmp_path / "file").touch()
    words = ("batch", str(tmp_path / "in"), str(tmp_path / "out"), "--to")
    with FileServer("Hi", GOOD) as server:
        assert spacechat(*words, str(tmp_path / "file"), "-m", server.url)[0] == 2
        assert spacechat(*words, str(tmp_path / "file" / "x"), "-m", server.url)[0] == 1
    assert not (tmp_path / "out").exists()
