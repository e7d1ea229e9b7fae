"""Mutants of `cli/batch`."""

from __future__ import annotations

from tests.mutation.equivalents.equivalent import Equivalent

_WINDOWS = "only Windows runs this line"
_STANDARD_INPUT = "no file that is opened gets the number of standard input, which is open"
_NO_FILE = "any number below zero stands for no file"
_NEW_FILE = "before anything is written to the new file, it gets the mode of the old one"
_NOTHING_ADDED = "nothing is added where nothing is missing"
_ONLY_ONE = "there is only one"
_BAR = "self._bar.update(self._bar.task_ids[0], advance=1, failed=self.failed)"
_TYPES = "for the type checker: every argument of a command has a name"

EQUIVALENTS: dict[str, list[Equivalent]] = {
    "cli/batch/command.py": [
        Equivalent(
            "type=click.Path(dir_okay=False, allow_dash=True),",
            "type=click.Path(dir_okay=False, allow_dash=False),",
            "a file that needs not be there may have any name",
        ),
        Equivalent("_CONNECT = 10.0", None, "how long a cluster is waited for: a limit"),
        Equivalent(
            "f\"again to --resume, so both are files. {_IN_PLACE_OF_PIPE[param.name or '']}\"",
            'f"again to --resume, so both are files. {_IN_PLACE_OF_PIPE[param.name]}"',
            _TYPES,
        ),
        Equivalent(
            "await for_each(results, keep, 1 if folder is None else concurrency)",
            "await for_each(results, keep, 2 if folder is None else concurrency)",
            "results are written one by one all the same: nothing is waited for while one is",
        ),
    ],
    "cli/batch/questions.py": [
        Equivalent(
            "while line := file.readline(LARGEST + 1):",
            "while line := file.readline(LARGEST + 2):",
            "a line that is longer is too long all the same",
        ),
    ],
    "cli/batch/progress.py": [
        Equivalent(_BAR, _BAR.replace("[0]", "[ -1]"), _ONLY_ONE),
    ],
    "cli/batch/journal.py": [
        *(
            Equivalent(
                "missing = result.line + 1 - len(self._digests)",
                f"missing = result.line + {more} len(self._digests)",
                "more zeros behind the last digest, which mean the same as none",
            )
            for more in ("1 +", "2 -")
        ),
        Equivalent("if missing > 0:", "if missing > -1:", _NOTHING_ADDED),
        Equivalent("if missing > 0:", "if missing >= 0:", _NOTHING_ADDED),
    ],
    "cli/batch/results.py": [
        Equivalent(
            'fields["url"] = urls[0] if len(urls) == 1 else None',
            'fields["url"] = urls[ -1] if len(urls) == 1 else None',
            _ONLY_ONE,
        ),
    ],
    "cli/batch/saving.py": [
        Equivalent("if at_once == 1:", "if at_once == 0:", "one worker has one result at a time"),
        Equivalent(
            "send, receive = anyio.create_memory_object_stream[_T](0)",
            "send, receive = anyio.create_memory_object_stream[_T]( 1)",
            "one more result waits for a worker",
        ),
    ],
    "cli/batch/spaces.py": [
        Equivalent(
            "(provider, local.enter_context(LocalSpace(provider.models[0])))",
            "(provider, local.enter_context(LocalSpace(provider.models[ -1])))",
            "each model of a Space has the same local one",
        ),
        Equivalent(
            "return [(named[0] if named else GradioChat).at(url)]",
            "return [(named[ -1] if named else GradioChat).at(url)]",
            _ONLY_ONE,
        ),
    ],
    "cli/batch/locked_file.py": [
        Equivalent("SYNC = 1.0", None, "how much a power failure may take: a limit"),
        Equivalent("new = -1", "new = - 2", _NO_FILE),
        *(
            Equivalent(
                "new = os.open(self._new_path, _FLAGS | os.O_EXCL, 0o600)",
                f"new = os.open(self._new_path, _FLAGS | os.O_EXCL, {mode})",
                _NEW_FILE,
            )
            for mode in (383, 385)
        ),
        Equivalent("if new >= 0:", "if new > 0:", _STANDARD_INPUT),
        Equivalent("if new >= 0:", "if new >= 1:", _STANDARD_INPUT),
        Equivalent(
            "file, self._file = self._file, -1", "file, self._file = self._file, - 2", _NO_FILE
        ),
        Equivalent("if file >= 0:", "if file > 0:", _STANDARD_INPUT),
        Equivalent("if file >= 0:", "if file >= 1:", _STANDARD_INPUT),
        Equivalent("return self._file < 0", "return self._file < 1", _STANDARD_INPUT),
        Equivalent("return self._file < 0", "return self._file <= 0", _STANDARD_INPUT),
        Equivalent(
            'if sys.platform == "win32":', None, "no test runs on several operating systems"
        ),
        Equivalent("os.close(new)", "pass", _WINDOWS),
        Equivalent("self._file = self._open()", "pass", _WINDOWS),
        Equivalent("if os.fstat(self._file).st_size != self.size:", None, _WINDOWS),
    ],
}
