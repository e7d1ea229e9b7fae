"""The commands of a page, run by a shell in a pseudo-terminal, as a reader runs them.

A line that starts a server runs beside the others until the end of the block, or until the next
server takes its place. A server gets a free port, whatever the page says, and only this machine's
own address.
"""

from __future__ import annotations

import re
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.cli.terminal import START_SHELL, Terminal
from tests.docs.blocks import Block

_SERVER = re.compile(r"spacechat (?P<kind>serve-local|serve)\b(?P<rest>[^#&]*)")
_PORT = re.compile(r" --port (\d+)")
_OWN_PORTS = {"serve": "8000", "serve-local": "7860"}
"""The ports of servers that name none."""
_STOP = '[ -z "$server" ] || { kill $server; wait $server || true; server=; }'
_PROMPT = "›"

_WAIT = """
import socket, sys, time
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0:
            sys.exit()
    time.sleep(0.05)
sys.exit("nothing listens")
"""


def run_console(block: Block, folder: Path, home: Path, columns: int) -> None:
    """Run the commands of a block; where some begin with `$`, the rest is output.

    Args:
        block: The block.
        folder: Where they run.
        home: The user's own folder.
        columns: The terminal's width.
    """
    lines = block.code.splitlines()
    typed = [line[2:] for line in lines if line.startswith("$ ")]
    script = _script(typed or lines)
    with Terminal(
        "sh",
        "-euc",
        script,
        home=folder,
        program=START_SHELL,
        columns=columns,
        lines=50,
        environment={"HOME": str(home)},
    ) as terminal:
        for index, line in enumerate(block.typed):
            terminal.wait_until(lambda shown: shown and shown[-1] == _PROMPT, "the prompt")
            terminal.press(f"{line}\r")
            times = block.typed[: index + 1].count(line)
            terminal.wait_for(f"{_PROMPT} {line}", times=times)
        status = terminal.wait()
        shown = "\n".join(terminal.shown())
    assert status == 0, f"{script}\n\n{shown}"
    assert "Traceback" not in shown, shown


def _script(lines: Sequence[str]) -> str:
    """Return the commands as a script that waits for its servers, and stops them."""
    ports: dict[str, int] = {}
    script = ["server="]
    for line in lines:
        server = _SERVER.search(line)
        if server is not None:
            script += [_STOP, *_started(line, server, ports)]
        else:
            script.append(_with_ports(line, ports))
    return "\n".join([*script, _STOP])


def _started(line: str, server: re.Match[str], ports: dict[str, int]) -> Iterator[str]:
    """Yield what starts a server at a free port, and waits for it."""
    named = _PORT.search(server["rest"])
    free = _free_port()
    ports[named[1] if named else _OWN_PORTS[server["kind"]]] = free
    rest = _PORT.sub("", server["rest"]).strip().replace("0.0.0.0", "127.0.0.1")
    yield f"{line[: server.start()]}spacechat {server['kind']} {rest} --port {free} & server=$!"
    yield f"{shlex.quote(sys.executable)} -I -c {shlex.quote(_WAIT)} {free}"


def _with_ports(line: str, ports: Mapping[str, int]) -> str:
    for port, free in ports.items():
        line = line.replace(f":{port}", f":{free}")
    return line


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
