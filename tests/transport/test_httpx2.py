"""It works where `httpx` is `httpx2`, its successor, which a program may put in its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLUGIN = """
import httpx2

httpx2.alias_httpx()
"""

STREAMS = (
    "tests/streaming/test_answers.py tests/streaming/test_failures.py"
    " tests/streaming/test_leaving.py tests/streaming/test_timeouts.py"
    " tests/providers/test_generators.py tests/transport/test_headers.py"
)

WITH_SECRETS = "tests/transport/test_security.py tests/transport/test_secrets.py"

OTHERS = "tests/transport/test_origins.py tests/apps/test_hub.py tests/openai/test_parts.py"

CHOSEN = {
    "tests/transport/test_fast.py": "not (every_byte and asyncio)",
    STREAMS: "fast",
    WITH_SECRETS: (
        "TestProxies or TestCertificates or TestRedirects or pickles or reprs or facade or proxy"
    ),
    "tests/transport/test_refusals.py": "not retry_after",
    "tests/transport/test_kept.py": "Looking or Replacing or Credentials or over_tls",
    OTHERS: "test",
    "tests/faults/test_table.py": "trio and asking",
}
"""Tests of all that goes through the HTTP library, and which of them.

None runs on uvloop: the HTTP library sees anyio, for which that is asyncio.
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="httpx2 wants Python 3.11")
@pytest.mark.parametrize("tests", CHOSEN, ids=lambda tests: tests.partition(" ")[0])
def test_with_httpx2_as_httpx(tests: str, tmp_path: Path) -> None:
    """In a process of its own, since it has to be so before anything imports `httpx`."""
    (tmp_path / "with_httpx2.py").write_text(PLUGIN)
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import pytest; "
    chosen = f"not uvloop and ({CHOSEN[tests]})"
    options = ["-p", "with_httpx2", "-n", "0", "-q", "-x", "-k", chosen, *tests.split()]
    done = subprocess.run(
        [sys.executable, "-c", f"{script}sys.exit(pytest.main({options!r}))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.skipif(sys.version_info < (3, 11), reason="httpx2 wants Python 3.11")
def test_it_is_httpx2_that_asks() -> None:
    script = """
import httpx2
httpx2.alias_httpx()
import spacechat.transport.connection
import sys
assert spacechat.transport.connection.httpx is httpx2
assert sys.modules["httpx"] is httpx2
print("yes")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "yes\n", "")
