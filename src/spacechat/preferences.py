"""What a user prefers: the default model, own names for models, and what is kept of conversations.

The settings file says so, and for the default model the environment before it. Nothing is read
before it is needed: `import spacechat` reads no file, nor does a model that is named in full. A
file that was read is not read again until its time or size changes.

The file is the user's own, so it is believed, but not trusted to be small, whole or a file at all.
What it says may hold the password of an address, so no frame of an error here shows any of it.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from .addresses import hide_user
from .errors import ModelNotFoundError, SettingsFileError
from .folders import config_folder, read_small_file
from .hidden import Hidden
from .spelling import did_you_mean

FILE = "SPACECHAT_CONFIG"
"""The environment's variable that names another settings file; empty for none."""

MODEL = "SPACECHAT_MODEL"
"""The environment's variable that names the default model."""

_LARGEST = 16 << 10
"""Bytes of the file. Hundreds of aliases fit, and Python's parser takes a second for the worst."""

_LONGEST = 200
"""Characters of a name or of a parser's words that an error repeats."""

_ALIAS = re.compile(r"(?=.{1,100}$)[^\s/:@](?:[^/:@]*[^\s/:@])?", re.DOTALL)
_ALIASES = "It has 100 characters at most, no /, : or @, and no space at its ends."

_KINDS: Mapping[str, tuple[type, str]] = {
    "model": (str, 'a text: model = "owner/name"'),
    "models": (dict, 'a table: [models], and below it lines such as fast = "owner/name"'),
    "log": (bool, "true or false"),
}
"""The settings, and what each of them takes."""


@dataclass(frozen=True)
class Preferences:
    """What the settings file says.

    Attributes:
        model: The default model, or None.
        models: The user's own names for models (aliases), and what each stands for: a model's name,
            a Space's id, an app's address, or another alias.
        log: Whether the command line keeps conversations.
        path: The file's path; None where there is none.
    """

    model: str | None = field(default=None, repr=False)
    models: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    log: bool = True
    path: Path | None = None

    def meaning(self, name: str) -> str:
        """Return what a name stands for: itself, if it is no alias.

        Raises:
            ModelNotFoundError: It is an alias that leads back to itself.
        """
        seen: dict[str, None] = {}
        while name in self.models:
            if name in seen:
                circle = " → ".join([*seen, name])[:_LONGEST]
                raise ModelNotFoundError(
                    f"In the settings file {self.path}, an alias leads back to itself: {circle}."
                )
            seen[name] = None
            name = self.models[name]
        return name


@dataclass(frozen=True)
class DefaultModel:
    """The model that is asked where none is named.

    Attributes:
        name: Its name, which may be an alias.
        said_by: The variable or the file that names it, for messages.
    """

    name: str = field(repr=False)
    said_by: str


def default_model() -> DefaultModel | None:
    """Return the model that the environment or the settings file names, or None.

    Raises:
        SettingsFileError: The file is damaged.
    """
    name = os.environ.get(MODEL, "").strip()
    if name:
        return DefaultModel(hide_user(name), MODEL)
    preferences = load()
    if preferences.model is None:
        return None
    return DefaultModel(preferences.model, str(preferences.path))


_last: tuple[object, Preferences] = None, Preferences()
"""The file that was read last, by its path, time and size, and what it says."""


def load() -> Preferences:
    """Return what the settings file says.

    Raises:
        SettingsFileError: It can't be read, is no TOML, or says what it can't say.
    """
    global _last  # noqa: PLW0603 - one assignment, so threads need no lock
    path, status = _find()
    if path is None or status is None:
        return Preferences()
    version = path, status.st_mtime_ns, status.st_size, status.st_ino
    known, preferences = _last
    if known != version:
        # If it changes meanwhile, the version is the old one, and it is read once more.
        preferences = _Reader(path, _text(path)).preferences()
        _last = version, preferences
    return preferences


def _find() -> tuple[Path | None, os.stat_result | None]:
    """Return the settings file and its status, or None for either.

    Raises:
        SettingsFileError: The environment names a file that is not there.
    """
    named = os.environ.get(FILE)
    if named is not None:
        if not named:
            return None, None
        path = Path(os.path.expanduser(named))
    else:
        folder = config_folder()
        if folder is None:
            return None, None
        path = folder / "config.toml"
    try:
        return path, path.stat()
    except (OSError, ValueError) as exc:
        if named is None:  # Nobody's, or in a folder of another user, whose home this one has.
            return None, None
        why = getattr(exc, "strerror", None) or exc
    raise SettingsFileError(f"{FILE} names {str(path)[:_LONGEST]!r}, which can't be read: {why}.")


def _text(path: Path) -> Hidden:
    """Return the text of the file.

    Raises:
        SettingsFileError: It can't be read, or is no text.
    """
    try:
        return Hidden(read_small_file(path, _LARGEST).decode("utf-8-sig"))
    except UnicodeDecodeError:
        why = "it is no UTF-8 text. Save it as such"
    except (OSError, ValueError) as exc:
        why = f"{getattr(exc, 'strerror', None) or exc}"
    raise SettingsFileError(
        f"The settings file {path} can't be read: {why}. An empty {FILE} does without it."
    )


class _Reader:
    """Reads a settings file.

    Args:
        path: The file's path, for messages.
        text: Its text.
    """

    def __init__(self, path: Path, text: Hidden) -> None:
        self._path = path
        self._text = text

    def preferences(self) -> Preferences:
        """Return what the file says.

        Raises:
            SettingsFileError: It is no TOML, or says what it can't say.
        """
        table = self._table()
        for key, value in table.items():
            if key not in _KINDS:
                self._refuse(key, _unknown(key))
            kind, takes = _KINDS[key]
            if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
                self._refuse(key, f"{key} takes {takes}.")
        model = table.get("model")
        return Preferences(
            model=model and _name(model),
            models=self._models(table.get("models", {})),
            log=table.get("log", True),
            path=self._path,
        )

    def _table(self) -> dict[str, Any]:
        """Return the file's settings, with values that no repr shows."""
        try:
            settings: dict[str, Any] = _hidden(_toml()(self._text))
        except (ValueError, RecursionError) as exc:
            why = str(exc)[:_LONGEST]
        else:
            return settings
        raise SettingsFileError(
            f"The settings file {self._path} is no TOML: {why}. A text stands in quotes, as in "
            'model = "owner/name".'
        )

    def _models(self, given: Mapping[str, object]) -> dict[str, str]:
        """Return the aliases, and what each stands for."""
        models: dict[str, str] = {}
        for name, meant in given.items():
            if not (_ALIAS.fullmatch(name) and name.isprintable()):
                self._refuse(name, f"{name[:_LONGEST]!r} can't be an alias. {_ALIASES}")
            shown = repr(name[:_LONGEST])
            if isinstance(meant, dict):
                self._refuse(name, f"is {shown} a part of a name with a dot? It needs quotes.")
            if not isinstance(meant, str) or not meant.strip():
                self._refuse(name, f'{shown} takes a text, such as "owner/name".')
            models[name] = _name(meant)
        return models

    def _refuse(self, key: str, why: str) -> NoReturn:
        """Raise the error for a key.

        Raises:
            SettingsFileError: Always.
        """
        line = self._line(key)
        at = "" if line is None else f", line {line}"
        raise SettingsFileError(f"The settings file {self._path}{at}: {why}")

    def _line(self, key: str) -> int | None:
        """Return the number of the line with a key, if there is just one that looks so."""
        quoted = rf"[\"']?{re.escape(key)}[\"']?"
        looks = re.compile(rf"[ \t]*\[*[ \t]*(?:models[ \t]*\.[ \t]*)?{quoted}[ \t]*[=.\]]")
        lines = enumerate(self._text.split("\n"), 1)
        found = [number for number, line in lines if looks.match(line)]
        return found[0] if len(found) == 1 else None


def _toml() -> Callable[[str], dict[str, Any]]:
    """Return the parser of TOML, which Python has since 3.11."""
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    loads: Callable[[str], dict[str, Any]] = importlib.import_module(name).loads
    return loads


def _hidden(value: Any) -> Any:
    """Return a value of the file with its texts hidden, but for keys."""
    if isinstance(value, dict):
        return {key: _hidden(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_hidden(each) for each in value]
    return Hidden(value) if isinstance(value, str) else value


def _name(text: str) -> str:
    """Return a model's name as the file has it; hidden only if a user is in its address."""
    return hide_user(str(text).strip())


def _unknown(key: str) -> str:
    hint = did_you_mean(key, _KINDS) or f" There are {', '.join(_KINDS)}."
    return f"there is no setting {key[:_LONGEST]!r}.{hint}"
