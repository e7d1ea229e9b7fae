"""What a person types in a conversation: questions, and commands that begin with a slash."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..errors import SpaceChatError
from ..sanitize import harmless, one_line
from .question_options import check_taken
from .resuming import file_path, load, with_system
from .terminal.output import report, say

if TYPE_CHECKING:
    from .talk import Talk
    from .terminal.keyboard import Words

HELP = """\
/file [PATH]          a file for the next question, again for more; - for none
/set [NAME [VALUE]]   the app's settings, or one of them; - for the app's own value
/model [NAME]         which model answers, or another one
/system [TEXT]        the system message, or another one; - for none
/retry                asks the last question again
/undo                 takes back the last question and its answer
/copy                 copies the last answer
/new                  begins a new conversation
/save FILE            writes the conversation to a file
/load FILE            goes on with the conversation of a file
/help                 this list
exit, quit, Ctrl-D    the end

Ctrl-C stops an answer. Alt-Enter begins a new line. A question that begins with /, or is one of \
the words for the end, needs a space before it."""

_ENDS = ("exit", "quit", "/exit", "/quit")
"""The lines that end a conversation, in small or capital letters."""
_OTHER_ENDS = ("exit()", "quit()", ":q", ":q!", ":wq", ":quit")
"""The lines that end other programs, and are no questions either."""

_ALONE = ("/retry", "/undo", "/copy", "/new", "/help", "/exit", "/quit")
"""The commands that take no words, which would be lost."""

NONE = "-"
"""What stands for no file, no system message, and the app's own value of a setting."""


class EndError(Exception):
    """Ends the conversation."""


class Commands:
    """Follows what a person types, line by line.

    Args:
        talk: The conversation.
        is_typed: Whether a person types the lines, and reads what is said of each before the next.
    """

    def __init__(self, talk: Talk, *, is_typed: bool) -> None:
        self._talk = talk
        self._is_typed = is_typed
        self._by_name: Mapping[str, Callable[[str], None]] = {
            "/file": self._file,
            "/set": self._set,
            "/model": self._model,
            "/system": self._system,
            "/retry": lambda _: talk.ask_again(),
            "/undo": lambda _: say(f"Taken back: {one_line(talk.undo())}"),
            "/copy": lambda _: self._copy(),
            "/new": lambda _: self._new(),
            "/save": self._save,
            "/load": self._load,
            "/help": lambda _: say(HELP),
        }

    def completions(self) -> dict[str, Words]:
        """Return the words that lines begin with, each with the words that may follow it."""
        from ..providers import models

        words: dict[str, Words] = {name: [] for name in (*self._by_name, *_ENDS)}
        words |= dict.fromkeys(("/file", "/save", "/load"))
        return {**words, "/model": models(), "/set": lambda: self._talk.asker.settings.names}

    def take(self, line: str) -> bool:
        """Ask the question or run the command of a line; return False if that failed.

        Raises:
            EndError: The line ends the conversation.
            KeyboardInterrupt: Ctrl-C.
        """
        if line.rstrip().lower() in (*_ENDS, *_OTHER_ENDS):
            raise EndError
        try:
            if line.startswith("/"):
                self._follow(line)
            elif line.strip():
                self._talk.ask(line.strip())
        except BrokenPipeError:
            raise
        except (SpaceChatError, OSError, click.UsageError) as exc:
            report(exc)
            if not line.startswith("/") or line.strip() == "/retry":
                self._tell_of_files()
            return False
        return True

    def _tell_of_files(self) -> None:
        """Say what becomes of the files of a question that failed.

        A person takes them out if need be. Lines that are piped in were written beforehand, so the
        files were meant for no other question.
        """
        count = len(self._talk.asker.files)
        if not count:
            return
        one = count == 1
        if self._is_typed:
            what, out = ("The file stays", "it") if one else ("The files stay", "them")
            say(f"{what} for the next question; /file - takes {out} out.")
        else:
            self._talk.put_files_away()
            say(f"{'The file does' if one else 'The files do'} not go with the next question.")

    def _follow(self, line: str) -> None:
        name, _, argument = line.strip().partition(" ")
        if argument and name in _ALONE:
            raise click.UsageError(f"{name} stands alone on its line.")
        command = self._by_name.get(name)
        if command is None:
            raise click.UsageError(
                f"There is no command {name}; /help lists them. A question that begins with / "
                "needs a space before it."
            )
        command(argument.strip())

    def _file(self, path: str) -> None:
        asker = self._talk.asker
        if path == NONE:
            asker.files.clear()
            self._talk.open_new_page()
        elif path:
            check_taken({"files": "/file"}, asker.target.space)
            asker.files += _files(path)
        say(_files_line([str(each) for each in asker.files if isinstance(each, str)]))

    def _set(self, words: str) -> None:
        asker = self._talk.asker
        check_taken({"inputs": "/set"}, asker.target.space)
        if not words:
            say("\n".join(asker.settings.lines()) or "The app has no settings.")
            return
        each, word = asker.settings.find(words)
        if word == NONE:
            asker.settings.reset(each)
            self._talk.open_new_page()
        elif word:
            asker.settings.set(each, word)
        say(asker.settings.line(each))

    def _model(self, name: str) -> None:
        if name:
            self._talk.switch(name)
        count = len(self._talk.turns)
        along = f", with the {count} messages so far" if name and count else ""
        say(f"Questions go to {self._talk.asker.target.name}{along}.")

    def _system(self, text: str) -> None:
        if text:
            self._talk.set_system("" if text == NONE else text)
        say(f"The system message: {harmless(self._talk.system) or '(none)'}")

    def _copy(self) -> None:
        from .terminal.clipboard import copy

        last = [each["content"] for each in self._talk.turns if each["role"] == "assistant"]
        if not last:
            raise click.UsageError("There is no answer to copy yet.")
        say(f"The last answer is in the clipboard, by {copy(last[-1])}.")

    def _new(self) -> None:
        self._talk.begin_with(with_system(self._talk.system, []))
        asker = self._talk.asker
        given = {"system message": self._talk.system, "settings": asker.settings.are_given}
        same = " and ".join(name for name, is_given in given.items() if is_given)
        along = f", with the same {same}" if same else ""
        say(f"This is a new conversation{along}. Questions go to {asker.target.name}.")

    def _save(self, path: str) -> None:
        self._talk.conversation.save(file_path(path))
        say(one_line(f"{len(self._talk.turns)} messages are in {path}."))

    def _load(self, path: str) -> None:
        self._talk.begin_with(load(self._talk.asker, path))


def _files(words: str) -> list[str]:
    """Return the files that a text names: one as it is, or several as a shell has them.

    Raises:
        UsageError: There is no such file.
    """
    try:
        several = shlex.split(words)
    except ValueError:  # An apostrophe in a name.
        several = []
    is_one = os.path.exists(os.path.expanduser(words))
    if is_one or not any(map(os.path.exists, map(os.path.expanduser, several))):
        return [_checked_file(words)]
    return [_checked_file(each) for each in several]


def _checked_file(path: str) -> str:
    """Return a file that can be sent: a URL, or the path of a file.

    Raises:
        UsageError: There is no such file.
    """
    if path.startswith(("http://", "https://")):
        return path
    expanded = os.path.expanduser(path)
    if os.path.isdir(expanded):
        raise click.UsageError(f"{path} is a folder, not a file.")
    if not os.path.isfile(expanded):
        raise click.UsageError(f"There is no file {path}.")
    return expanded


def _files_line(names: Sequence[str]) -> str:
    if not names:
        return "No file goes with the next question."
    goes = "goes" if len(names) == 1 else "go"
    return one_line(f"With the next question {goes}: {', '.join(names)}")
