"""The output of a batch: a line for each result, of which a kill loses none."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from ...errors import SpaceChatError
from .locked_file import LockedFile
from .questions import digest

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_BEGINNING = b'{"line": '
"""The first bytes of each result."""


class _Result(msgspec.Struct):
    """The fields of a result that another run needs."""

    line: int
    prompt: object = None
    options: object = None
    error: object = None
    url: object = None
    asked: object = None

    @property
    def spaces(self) -> frozenset[str]:
        """The Spaces that were asked for it; empty if it doesn't say."""
        asked = self.asked if isinstance(self.asked, list) else [self.url]
        return frozenset(each for each in asked if isinstance(each, str))


class Journal:
    """The results of a batch in a file that nobody else writes; a context manager.

    Args:
        path: The file.
        resume: Whether to keep the answers of an earlier run. Its failures, and an unfinished last
            line, are taken out.
        lines: A bound on the number of lines of the input.

    Attributes:
        answered: The number of answers.
        asked: The Spaces that were asked for each of the results; none for one that doesn't say.

    Raises:
        SpaceChatError: Another process writes the file, or it holds something else.
        OSError: The file can't be written.
    """

    def __init__(self, path: str, *, resume: bool, lines: int) -> None:
        self._name = path
        self._most = lines
        self.answered: int = 0
        self.asked: set[frozenset[str]] = set()
        self._digests = array("I")  # By line: of a question with an answer; 0 for no answer.
        self._file = LockedFile(path)
        try:
            if self._file.size and not resume:
                raise SpaceChatError(
                    f"{path} is there already: go on with it by --resume, or name another file."
                )
            if self._read():
                self._file.replace(line for line, result in self._lines() if result.error is None)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if not self._file.closed:
                self.sync()
        finally:
            self._file.close()

    def digest(self, line: int) -> int:
        """Return the digest of the question on a line of the input; 0 if it has no answer."""
        return self._digests[line] if line < len(self._digests) else 0

    def append(self, data: bytes) -> None:
        """Write a result.

        Raises:
            SpaceChatError: It can't be written, for example on a full disk. No part of it stays.
        """
        self._file.append(data)

    @property
    def wants_sync(self) -> bool:
        """Whether so much could be lost by a power failure that `sync` is worth its time."""
        return self._file.wants_sync

    def sync(self) -> None:
        """Make the results survive a power failure."""
        self._file.sync()

    def put_in_order(self) -> None:
        """Sort the results by the lines of the input."""
        starts = array("Q")
        numbers = array("Q")
        start = 0
        for line, result in self._lines():
            starts.append(start)
            numbers.append(result.line)
            start += len(line)
        order = sorted(range(len(starts)), key=numbers.__getitem__)
        if order == list(range(len(starts))):
            return

        def lines() -> Iterator[bytes]:
            with open(self._file.path, "rb") as file:
                for index in order:
                    file.seek(starts[index])
                    yield file.readline()

        self._file.replace(lines())

    def _read(self) -> bool:
        """Read the results, cut off an unfinished one, and return whether any is a failure."""
        size, has_failures = 0, False
        line = b"\n"
        for line, result in self._lines():
            size += len(line)
            self.asked.add(result.spaces)
            missing = result.line + 1 - len(self._digests)
            if missing > 0:
                self._digests.extend(bytes(missing))
            if self._digests[result.line]:
                raise SpaceChatError(f"{self._name} holds two answers to line {result.line}.")
            if result.error is not None:
                has_failures = True
            else:
                self._digests[result.line] = digest(result.prompt, result.options)
                self.answered += 1
        self._file.truncate(size)
        if not line.endswith(b"\n"):
            self._file.append(b"")  # The newline of a whole last line.
        return has_failures

    def _lines(self) -> Iterator[tuple[bytes, _Result]]:
        """Yield the whole lines, the last of which may lack its newline."""
        decoder = msgspec.json.Decoder(_Result)
        with open(self._file.path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    result = decoder.decode(line)
                except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
                    if _is_cut_short(line):
                        return
                    raise self._foreign(number) from exc
                if not 0 < result.line <= self._most:
                    raise self._foreign(number)
                yield line, result

    def _foreign(self, number: int) -> SpaceChatError:
        return SpaceChatError(
            f"Line {number} of {self._name} is no result of a batch: name another file, or take "
            "the line out."
        )


def _is_cut_short(line: bytes) -> bool:
    """Return whether a line is the beginning of a result, or what a power failure left of it."""
    begun = line.rstrip(b"\0")[: len(_BEGINNING)]
    return not line.endswith(b"\n") and _BEGINNING.startswith(begun)
