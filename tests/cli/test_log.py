"""`spacechat log`: conversations that are kept are listed, shown and deleted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import LogFolder
from tests.cli.conftest import Run
from tests.cli.kept import held, keep


class TestLog:
    def test_the_list(self, spacechat: Run, folder: LogFolder, kept: Path) -> None:
        keep(Keeper(folder), "Why is\nthe \x1b[2Jsky blue?")
        keep(Keeper(folder), "x" * 500)
        status, out, err = spacechat("log")
        assert (status, err) == (0, f"They are in {kept}.\n")
        first, second = out.splitlines()
        assert re.fullmatch(r"[0-9a-f]{8}  \d{4}-\d\d-\d\d \d\d:\d\d  x+…", first)
        assert len(first) == 79
        assert second.endswith("  Why is the ␛[2Jsky blue?")

    def test_one(self, spacechat: Run, folder: LogFolder) -> None:
        keep(Keeper(folder), "Why?", "How \x1b[2J?")
        id_ = folder.last()
        status, out, err = spacechat("log", id_[:5])
        assert status == 0
        first, second = (
            "user:\nWhy?\n\nassistant:\nWhy?!",
            "user:\nHow ␛[2J?\n\nassistant:\nHow ␛[2J?!",
        )
        assert out == f"{first}\n\n{second}\n"
        assert err == "It was held with owner/name.\n"
        status, out, _ = spacechat("log", "--json", id_)
        found = json.loads(out)
        assert (status, found["id"], found["model"]) == (0, id_, "owner/name")
        assert spacechat("log", "--json")[1] == out

    def test_deleting(self, spacechat: Run, folder: LogFolder) -> None:
        for question in "abc":
            keep(Keeper(folder), question)
        ids = [each.id for each in folder.entries()]
        status, _, err = spacechat("log", "--delete", ids[0], "--delete", "nonsense")
        assert (status, "There is no kept conversation 'nonsense'" in err) == (1, True)
        assert held(folder) == ["a", "b", "c"]
        found = spacechat("log", "--delete", ids[0], "--delete", ids[2])
        assert found == (0, "", f"Deleted: {ids[0]}\nDeleted: {ids[2]}\n")
        assert held(folder) == ["b"]
        assert spacechat("log", ids[1], "--delete", ids[1])[0] == 2

    @pytest.mark.parametrize(
        "arguments",
        [("log", ""), ("log", "--delete", ""), ("ask", "--conversation", "", "-m", "x/y", "b")],
    )
    def test_an_id_that_is_empty(
        self, spacechat: Run, folder: LogFolder, arguments: tuple[str, ...]
    ) -> None:
        keep(Keeper(folder), "a")
        status, out, err = spacechat(*arguments)
        assert (status, out) == (2, "")
        assert "An ID is empty; `spacechat log` lists them." in err
        assert held(folder) == ["a"]

    def test_nothing(self, spacechat: Run, kept: Path) -> None:
        assert spacechat("log") == (0, "", f"No conversation is kept in {kept}.\n")

    def test_one_that_goes_before_it_is_read(
        self, spacechat: Run, folder: LogFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(Keeper(folder), "a")
        keep(Keeper(folder), "b")
        entries = folder.entries()
        folder.remove(entries[0].id)
        monkeypatch.setattr(LogFolder, "entries", lambda _: entries)
        status, out, err = spacechat("log")
        assert (status, out[-2:], out.count("\n")) == (0, "a\n", 1)
        assert err == f"They are in {folder.path}.\n"

    def test_one_that_can_not_be_read(
        self, spacechat: Run, folder: LogFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is not called damaged."""
        keep(Keeper(folder), "a")

        def fail(_: LogFolder, id_: str) -> None:
            raise PermissionError(13, "Permission denied", str(folder.file(id_)))

        monkeypatch.setattr(LogFolder, "read", fail)
        path = folder.file(folder.last())
        status, out, err = spacechat("log")
        assert (status, out) == (0, "")
        assert f"spacechat: {path} can't be read: Permission denied.\n" in err

    def test_one_that_names_no_space(self, spacechat: Run, folder: LogFolder) -> None:
        keep(Keeper(folder), "a")
        path = folder.file(folder.last())
        path.write_text('{"session_hash":"","messages":[{"role":"user","content":"a"}]}')
        assert spacechat("log", path.stem) == (0, "user:\na\n", "")

    def test_a_folder_with_an_odd_name(
        self, spacechat: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd = tmp_path / "two\nlines\x1b[2J"
        monkeypatch.setenv("XDG_STATE_HOME", str(odd))
        shown = f"{tmp_path}/two lines␛[2J/spacechat/conversations.\n"
        assert spacechat("log") == (0, "", f"No conversation is kept in {shown}")
        keep(Keeper(LogFolder(odd / "spacechat" / "conversations")), "a")
        assert spacechat("log")[2] == f"They are in {shown}"
