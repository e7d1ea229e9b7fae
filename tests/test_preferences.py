"""The settings file: what it says, what it can't say, and when it is read."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from spacechat import errors, preferences
from spacechat.folders import read_small_file
from spacechat.preferences import Preferences, default_model, load
from tests.systems import POSIX

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Write:
    """Writes the settings file of a user, who has none at first."""
    path = tmp_path / "spacechat" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def write(content: str | bytes) -> Path:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def refused() -> str:
    """Why the settings file is refused, in an error that has no other behind it."""
    with pytest.raises(errors.SettingsFileError) as caught:
        load()
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return str(caught.value)


def test_there_is_none(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load() == Preferences()
    assert (load().model, load().models, load().log) == (None, {}, True)
    monkeypatch.setattr(preferences, "config_folder", lambda: None)
    assert load() == Preferences()


def test_what_it_says(write: Write) -> None:
    path = write(
        '\ufeffmodel = " fast "\r\nlog = false\r\n[models]\r\nfast = "quick"\r\n'
        'quick = "owner/name"\r\n"gpt-4.1" = "http://localhost:7860"\r\n"my own" = "qwen-2.5"\r\n'
    )
    said = load()
    assert (said.model, said.log, said.path) == ("fast", False, path)
    assert said.meaning("fast") == said.meaning("quick") == "owner/name"
    assert said.meaning("gpt-4.1") == "http://localhost:7860"
    assert said.meaning("my own") == "qwen-2.5"
    assert said.meaning("other") == "other"
    write("models.x = 'y'\nmodels . z = 'x'")
    assert load().meaning("z") == "y"
    write("")
    assert load() == Preferences(path=path)


DAMAGED: dict[str, tuple[str | bytes, str]] = {
    "no quotes": ("model = fast", r"line 1.*stands in quotes"),
    "no value": ("# mine\nmodel =\n", r"line 2"),
    "twice": ('model = "a"\nmodel = "b"\nlog = true', r"line 2"),
    "no text": (b"model = '\xff'", "UTF-8"),
    "UTF-16": ('model = "a"'.encode("utf-16"), "UTF-8"),
    "too long": ("#" * 20_000, "more than 16,384 bytes"),
    "too deep": ("x = " + "{a=" * 5_000, "recursion"),
    "too many digits": ("x = " + "9" * 16_000, "no TOML|no setting 'x'"),
    "unknown": ('\nmodle = "a"', "line 2: there is no setting 'modle'. Did you mean 'model'"),
    "unknown table": ('[aliases]\nx = "a"', r"line 1: .*'aliases'. There are model, models, log."),
    "a wrong kind": ("log = 1", "line 1: log takes true or false"),
    "a list": ('model = ["a", "b"]', 'line 1: model takes a text: model = "owner/name"'),
    "empty": ('model = " "', "line 1: model takes a text"),
    "models is none": ("models = 'a'", r"line 1: models takes a table: \[models\]"),
    "an alias of a wrong kind": ("[models]\nfast = 5", "line 2: 'fast' takes a text"),
    "an alias for nothing": ("[models]\nfast = ''", "line 2: 'fast' takes a text"),
    "a dot": ('[models]\ngpt-4.1 = "a"', "line 2: is 'gpt-4' a part of a name with a dot"),
    "an id": ('[models]\n"a/b" = "c"', "line 2: 'a/b' can't be an alias"),
    "an address": ('[models]\n"localhost:7860" = "c"', "line 2: 'localhost:7860' can't be"),
    "no name": ('[models]\n"" = "c"', "'' can't be an alias"),
    "spaces": ('[models]\n" a" = "c"', "line 2: ' a' can't be an alias"),
    "a control character": ('[models]\n"a\\u001b" = "c"', r"'a\\x1b' can't be an alias"),
    "a long one": (f'[models]\n{"a" * 101} = "b"', "line 2: 'aaa.*' can't be an alias"),
}


def test_an_alias_that_leads_back_to_itself(write: Write) -> None:
    """It is an error where it is used, and harms no other."""
    path = write('[models]\nx = "a"\na = "b"\nb = "a"\nself = "self"\nfast = "owner/name"')
    assert load().meaning("fast") == "owner/name"
    for name, circle in (("x", "x → a → b → a"), ("self", "self → self")):
        with pytest.raises(errors.ModelNotFoundError, match=f"{path}, .* itself: {circle}"):
            load().meaning(name)


@pytest.mark.parametrize("case", DAMAGED)
def test_what_it_cannot_say(case: str, write: Write) -> None:
    content, why = DAMAGED[case]
    path = write(content)
    with pytest.raises(errors.SettingsFileError, match=why):
        load()
    said = refused()
    assert said.startswith(f"The settings file {path}")
    assert "\x1b" not in said
    assert len(said) < len(str(path)) + 600
    write('model = "owner/name"')
    assert load().model == "owner/name"


def test_a_line_that_is_not_sure(write: Write) -> None:
    write('model = """\nmodle = 1\n"""\nmodle = 1')
    assert ", line" not in refused()


def test_many_aliases_in_a_row(write: Write) -> None:
    """Each is followed once, whatever the number."""
    count = 1200
    write("[models]\n" + "".join(f'a{i}="a{i + 1}"\n' for i in range(count // 2)))
    assert load().meaning("a0") == f"a{count // 2}"


def test_a_password_shows_nowhere(write: Write) -> None:
    secret = "http://me:canary@localhost:7860"
    write(f'model = "{secret}"\n[models]\nmine = "{secret}"')
    said = load()
    assert said.model == said.meaning("mine") == secret
    assert "canary" not in repr(said) + repr([said.model, *said.models.values()])
    found = default_model()
    assert found is not None
    assert "canary" not in repr(found) + repr([found.name])
    for wrong in ("log = 3", "x = [1", "[models]\na = 3", "modle = 3"):
        write(f'{"" if wrong.startswith("[") else wrong}\nmodel = "{secret}"\n' + wrong)
        with pytest.raises(errors.SettingsFileError) as caught:
            load()
        assert "canary" not in str(caught.value)
        for frame, _ in traceback.walk_tb(caught.value.__traceback__):
            if frame.f_code.co_filename != __file__:
                assert "canary" not in repr(frame.f_locals)


def test_another_file(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write('model = "usual"')
    other = tmp_path / "other.toml"
    other.write_text('model = "other"', encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in (str(other), "~/other.toml"):
        monkeypatch.setenv("SPACECHAT_CONFIG", named)
        assert load().model == "other"
    monkeypatch.setenv("SPACECHAT_CONFIG", os.devnull)
    assert load().model is None
    monkeypatch.setenv("SPACECHAT_CONFIG", "")
    assert load() == Preferences()


@POSIX
def test_another_file_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, why in {
        "gone": "No such file",
        "": "no regular file",
        "pipe": "no regular file",
        "loop": "symbolic links",
        "pipe/x": "Not a directory",
    }.items():
        monkeypatch.setenv("SPACECHAT_CONFIG", str(tmp_path / name))
        assert why in refused()


def test_the_file_of_another_user(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that this user can't look into holds no settings of theirs; a file may."""
    path = write('model = "a"')

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(preferences, "read_small_file", denied)
    preferences._last = None, Preferences()
    assert refused() == (
        f"The settings file {path} can't be read: Permission denied. An empty SPACECHAT_CONFIG "
        "does without it."
    )
    monkeypatch.setattr(Path, "stat", denied)
    assert load() == Preferences()


def test_it_is_read_again_only_if_it_changed(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reads: list[Path] = []

    def counting(path: Path, largest: int) -> bytes:
        reads.append(path)
        return read_small_file(path, largest)

    monkeypatch.setattr(preferences, "read_small_file", counting)
    path = write('model = "a"')
    assert [load().model for _ in range(3)] == ["a"] * 3
    assert len(reads) == 1
    write('model = "bb"')
    assert [load().model for _ in range(3)] == ["bb"] * 3
    assert len(reads) == 2
    new = tmp_path / "new"
    new.write_text('model = "cc"', encoding="utf-8")
    new.replace(path)
    assert [load().model for _ in range(3)] == ["cc"] * 3
    assert len(reads) == 3
    path.unlink()
    assert load().model is None


def test_the_default_model(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_model() is None
    path = write('model = "of the file"')
    found = default_model()
    assert found is not None
    assert (found.name, found.said_by) == ("of the file", str(path))
    for none in ("", "  "):
        monkeypatch.setenv("SPACECHAT_MODEL", none)
        assert default_model() == found
    monkeypatch.setenv("SPACECHAT_MODEL", " of the environment ")
    write("damaged")
    found = default_model()
    assert found is not None
    assert (found.name, found.said_by) == ("of the environment", "SPACECHAT_MODEL")


def test_the_parser() -> None:
    """Python has had one since 3.11; the package `tomli` is the same for 3.10."""
    name = "tomli" if sys.version_info < (3, 11) else "tomllib"
    assert preferences._toml() is importlib.import_module(name).loads
