"""Which tests belong to which source files.

A file's tests are those of the longest path that it begins with. Of these the run takes the ones
that reach a changed line, in this order, so that what is listed here may be much.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "spacechat"

_PROTOCOL = (
    *("tests/protocol/test_loops.py", "tests/protocol"),
    *("tests/fuzz/test_regressions.py", "tests/test_costs.py"),
)
_CLIENT = (
    *("tests/client", "tests/apps/test_options.py", "tests/transport/test_secrets.py"),
    *("tests/readers", "tests/streaming", "tests/portal/test_map_engine.py"),
)
_CLI_BATCH = (
    *("tests/cli/test_locked_file.py", "tests/cli/test_journal.py"),
    *("tests/cli/test_batch_parts.py", "tests/cli/test_batch_progress.py"),
    *("tests/cli/test_batch_questions.py", "tests/cli/test_batch_command.py"),
    *("tests/cli/test_answer_files.py", "tests/cli/test_batch_files.py"),
    *("tests/cli/test_question_options.py", "tests/cli/test_batch.py"),
    "tests/cli/test_default_command.py",
)

TESTS: dict[str, tuple[str, ...]] = {
    "apps": ("tests/apps", "tests/client", "tests/test_round_trips.py"),
    "apps/scripts": ("tests/apps/test_script_loops.py", "tests/apps"),
    "apps/typed_words.py": ("tests/apps/test_typed_words.py", "tests/cli/test_words.py"),
    "cli/batch": _CLI_BATCH,
    "client": _CLIENT,
    "client/saving.py": ("tests/apps/test_answer_files.py", "tests/transport/test_downloads.py"),
    "openai": ("tests/openai",),
    "portal": ("tests/portal", "tests/client", "tests/streaming"),
    "protocol": _PROTOCOL,
    "providers": ("tests/providers", "tests/client", "tests/apps/test_hub.py"),
    "steps.py": ("tests/test_steps.py",),
    "streaming": ("tests/streaming", "tests/client", "tests/faults"),
    "transport": ("tests/transport",),
}
"""Files and folders of tests, by a path in the package."""


def files(named: Iterable[str]) -> list[Path]:
    """Return the source files that are named by their paths in the package, or by a folder's.

    Raises:
        SystemExit: There is no such file, or no tests belong to it.
    """
    found: list[Path] = []
    for name in named:
        path = PACKAGE / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        if not path.exists() or not _belonging(found[-1]):
            raise SystemExit(f"{name}: no file of the package that tests belong to")
    return found


def belonging_tests(path: Path) -> tuple[str, ...]:
    """Return the tests that belong to a source file."""
    return TESTS[max(_belonging(path), key=len)]


def name_of(path: Path) -> str:
    """Return a source file's path in the package."""
    return path.relative_to(PACKAGE).as_posix()


def module_of(path: Path) -> str:
    """Return the name of a source file's module."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )


def _belonging(path: Path) -> list[str]:
    name = name_of(path)
    return [each for each in TESTS if f"{name}/".startswith(f"{each}/")]
