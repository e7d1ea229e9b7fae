"""Which tests belong to which source file, the narrowest first: they run until one fails."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "spacechat"

_MACHINE = (
    "tests/protocol/test_machine.py",
    "tests/protocol/test_several_messages.py",
    "tests/protocol/test_cursors.py",
    "tests/protocol/test_snapshots.py",
)

TESTS: dict[str, tuple[str, ...]] = {
    "protocol/budget.py": ("tests/protocol/test_budget.py", "tests/protocol/test_machine.py"),
    "protocol/edits.py": ("tests/protocol/test_edits.py",),
    "protocol/values.py": ("tests/protocol/test_values.py",),
    "protocol/decoding.py": ("tests/protocol/test_snapshots.py", "tests/protocol/test_machine.py"),
    "protocol/contents.py": ("tests/protocol/test_contents.py", *_MACHINE),
    "protocol/reading.py": (*_MACHINE, "tests/protocol/test_contents.py", "tests/test_costs.py"),
    "protocol/answer.py": (*_MACHINE, "tests/protocol/test_html_answers.py", "tests/test_costs.py"),
    "protocol/machine.py": (*_MACHINE, "tests/protocol/test_values.py"),
    "protocol/transcript.py": _MACHINE,
    "protocol/cursors.py": ("tests/protocol/test_cursors.py", *_MACHINE),
    "protocol/responses.py": ("tests/protocol/test_responses.py",),
    "protocol/failures.py": (
        "tests/protocol/test_failures.py",
        "tests/fuzz/test_regressions.py",
        "tests/protocol/test_machine.py",
    ),
    "protocol/wire.py": (*_MACHINE, "tests/protocol/test_values.py"),
    "client/lanes.py": ("tests/client/test_lanes.py",),
    "client/map_engine.py": ("tests/client/test_map.py",),
    "apps/points.py": (
        "tests/apps/test_buttons.py",
        "tests/apps/test_which_text.py",
        "tests/apps/test_forms.py",
        "tests/apps/test_components.py",
    ),
}
"""By the file's path in the package. A file that is missing has to be added before it can run."""
