"""Kept conversations that several processes write at once, or that are written at a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from spacechat import Conversation
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import log_folder
from spacechat.local import ChatRequest, LocalSpace
from spacechat.messages import Messages
from tests.cli.conftest import Run
from tests.cli.kept import files, said, texts
from tests.cli.terminal import HANG


class TestTwoAtOnce:
    def test_two_questions_to_the_last_conversation(self, spacechat: Run, kept: Path) -> None:
        """Each process has read it before the other writes it; both questions are in it then."""
        both = threading.Barrier(2)

        def reply(request: ChatRequest) -> list[str]:
            if request.prompt.endswith("question"):
                both.wait(HANG)
            return said(request)

        with LocalSpace("messages", reply, concurrency=2) as space:
            assert spacechat("ask", "-m", space.url, "first")[0] == 0
            processes = [
                subprocess.Popen(
                    [sys.executable, "-m", "spacechat", "ask", "-c", f"{word} question"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
                for word in ("second", "third")
            ]
            for process in processes:
                answer, errors = process.communicate(timeout=HANG)
                assert (process.returncode, errors) == (0, b"")
                assert answer in (b"FS\n", b"FT\n")
            (file,) = files(kept)
            assert sorted(texts(file)[2::2]) == ["second question", "third question"]
            status, out, err = spacechat("ask", "-c", "other")
            assert (status, sorted(out), err) == (0, sorted("FSTO\n"), "")

    def test_many_write_as_fast_as_they_can(self, kept: Path) -> None:
        folder = log_folder()
        Keeper(folder).keep(Conversation(session_hash="", messages=SAID, model="m"), local=False)
        writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in "abcd"]
        for writer in writers:
            assert writer.wait(HANG) == 0
        (file,) = files(kept)
        found = texts(file)[2::2]
        for name in "abcd":
            assert [each for each in found if each[0] == name] == [f"{name}{n}" for n in range(10)]

    def test_a_kill_at_any_time(self, kept: Path) -> None:
        """A process writes as fast as it can, until a kill: the file is whole and loses nothing."""
        known = ["0"]
        for delay in range(12):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, ""], stdout=subprocess.PIPE, text=True
            )
            assert writer.stdout is not None
            kept_so_far = [writer.stdout.readline().strip() for _ in range(3 + 2 * delay)]
            writer.send_signal(signal.SIGKILL)
            kept_so_far += writer.stdout.read().split()
            writer.wait(HANG)
            writer.stdout.close()
            (file,) = files(kept)
            found = texts(file)[::2]
            assert found[: len(known)] == known
            known = found
            # One more may be there, of which the process could not tell any more.
            assert kept_so_far[-1] in (known[-1], known[-2])
        assert known == [str(number) for number in range(len(known))]
        assert len(known) > 12


SAID: Messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]

# However slow the disk or this test is, nobody gives up the lock, and nothing gets too long.
WRITER = """
import itertools, sys
from spacechat import Conversation
from spacechat.cli.conversation_log import log_folder as bounds
from spacechat.cli.conversation_log.keeper import Keeper
from spacechat.cli.conversation_log.log_folder import log_folder
bounds._PATIENCE, bounds.LARGEST = 120.0, 1 << 30
folder = log_folder()
entries = folder.entries()
keeper = Keeper(folder, entries[0].id, folder.load(entries[0].id)) if entries else Keeper(folder)
messages = [] if keeper.earlier is None else list(keeper.earlier.messages)
name = sys.argv[1]
first = 0 if name else len(messages) // 2
for number in range(10) if name else itertools.count(first):
    messages.append({"role": "user", "content": f"{name}{number}"})
    messages.append({"role": "assistant", "content": "x" * 20_000})
    keeper.keep(Conversation(session_hash="", messages=messages, model="m"), local=False)
    print(number, flush=True)
"""
