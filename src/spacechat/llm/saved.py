"""The Spaces that a user has saved for `llm`, in a file beside `llm`'s own: `spaces.json`.

They are not in spacechat's settings file: that is written by hand, with comments, and only read;
and a user who has several folders for `llm` (`LLM_USER_PATH`) expects its models there.

The file is read whenever `llm` looks for a model, so by the standard library alone. It is written
whole or not at all, by one process at a time, and what can't be read is never written over.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import llm

from ..errors import SettingsFileError, SpaceChatError
from ..file_lock import lock_in_time
from ..folders import read_small_file
from ..private_files import open_for_lock
from ..whole_files import write_whole
from .options import Option

_FILE = "spaces.json"
_LOCK = "spaces.lock"

_LARGEST = 4 << 20
"""Bytes of the file; a Space takes some hundreds."""

_PATIENCE = 5.0
"""Seconds to wait for another process that changes the file."""


@dataclass(frozen=True)
class SavedSpace:
    """A Space that the user has saved.

    Attributes:
        name: A model's name, a Space's id or the address of an app.
        aliases: Further names of the model in `llm`.
        takes_files: Whether files can go with a question.
        options: The options that it takes.
    """

    name: str
    aliases: Sequence[str] = ()
    takes_files: bool = False
    options: Sequence[Option] = ()

    def is_meant_by(self, name: str) -> bool:
        """Tell whether it is the Space of a name or an alias."""
        return name == self.name or name in self.aliases


def path() -> Path:
    """Return the path of the file."""
    return Path(llm.user_dir()) / _FILE


def load() -> list[SavedSpace]:
    """Return what is saved.

    Raises:
        SettingsFileError: The file can't be read, or is damaged.
    """
    try:
        content = read_small_file(path(), _LARGEST)
    except FileNotFoundError:
        return []
    except OSError as exc:
        why = exc.strerror or str(exc)
    else:
        try:
            return [_read(each) for each in json.loads(content)["spaces"]]
        except (ValueError, KeyError, TypeError, RecursionError) as exc:
            why = f"it is damaged ({type(exc).__name__}: {exc})"
    raise SettingsFileError(
        f"The Spaces saved for llm can't be read from {path()}: {why}. Mend the file, or remove it "
        "and add them again."
    )


def change(by: Callable[[list[SavedSpace]], list[SavedSpace]]) -> None:
    """Change what is saved.

    Args:
        by: Returns what is to be saved, given what is.

    Raises:
        SettingsFileError: The file can't be read, or is damaged.
        SpaceChatError: Another process is changing it for too long.
        OSError: It can't be written.
    """
    with _locked():
        spaces = [asdict(each) for each in by(load())]
        text = json.dumps({"spaces": spaces}, indent=2, ensure_ascii=False)
        write_whole(path(), f"{text}\n".encode(), sync=True)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    with open_for_lock(path().with_name(_LOCK)) as file:
        if lock_in_time(file.fileno(), _PATIENCE) == "busy":
            raise SpaceChatError(f"Another process is changing {path()}: try again in a moment.")
        yield


def _read(fields: object) -> SavedSpace:
    """Return an entry of the file.

    Raises:
        ValueError: It is none.
    """
    match fields:
        case {
            "name": str(name),
            "aliases": list(aliases),
            "takes_files": bool(takes_files),
            "options": list(options),
        } if all(isinstance(each, str) for each in aliases):
            return SavedSpace(name, aliases, takes_files, [_option(each) for each in options])
    raise ValueError("an entry is no Space")


def _option(fields: object) -> Option:
    match fields:
        case {"name": str(name), "type": str(kind), "takes": str(takes)}:
            return Option(name, kind, takes)
    raise ValueError("an option has no name, type or description")
