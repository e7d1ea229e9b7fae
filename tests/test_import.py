"""The package from the outside: what importing it loads, and the names that it has."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import pytest

import spacechat
from spacechat import errors
from spacechat.local import LocalSpace

HEAVY = {
    "IPython",
    "anyio",
    "asyncio",
    "click",
    "httpcore",
    "httpx",
    "httpx_sse",
    "msgspec",
    "rich",
    "sniffio",
    "ssl",
    "starlette",
    "trio",
    "uvicorn",
}


def in_a_fresh_process(code: str) -> Any:
    """Runs code in a Python of its own; returns what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_import_loads_next_to_nothing() -> None:
    loaded, threads, loop = in_a_fresh_process(
        "import sys; before = set(sys.modules)\n"
        "import spacechat\n"
        "loaded = sorted(set(sys.modules) - before)\n"
        "import json, threading\n"
        "from asyncio import events\n"
        "print(json.dumps([loaded, threading.active_count(), events._get_running_loop()]))"
    )
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    ours = {name for name in loaded if name.startswith("spacechat")}
    assert ours <= {"spacechat", "spacechat.version"}
    assert threads == 1
    assert loop is None


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("errors", HEAVY),
        ("protocol", HEAVY - {"msgspec"} - {"asyncio", "ssl"}),
        ("events", HEAVY - {"msgspec"} - {"asyncio", "ssl"}),
        ("AsyncClient", {"trio", "starlette", "uvicorn"}),  # httpx loads click and rich itself
        ("display", {"IPython", "trio", "starlette", "uvicorn"}),
        ("openai", HEAVY),
        ("local", {"trio", "rich", "click", "starlette", "uvicorn", "httpx"}),
    ],
)
def test_a_name_loads_only_what_it_needs(name: str, left_out: set[str]) -> None:
    loaded = in_a_fresh_process(
        f"import sys; before = set(sys.modules)\n"
        f"import spacechat; spacechat.{name}\n"
        f"loaded = sorted(set(sys.modules) - before)\n"
        f"import json; print(json.dumps(loaded))"
    )
    assert not left_out & {one.partition(".")[0] for one in loaded}


def test_a_command_loads_only_what_it_needs() -> None:
    """Of httpx, not its own command line, which loads what lays out text."""
    with LocalSpace("messages", ["Hello"]) as space:
        code = (
            f"import sys; sys.argv = ['spacechat', 'ask', '-m', {space.url!r}, 'Hi']\n"
            "import spacechat.__main__ as command\n"
            "try:\n    command.main()\n"
            "finally:\n    print(json.dumps(sorted(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", f"import json\n{code}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    answer, loaded = done.stdout.splitlines()
    assert answer == "Hello"
    assert not {"rich", "pygments", "trio"} & set(json.loads(loaded))


def test_loading_compiles_no_words_of_apps() -> None:
    """That takes longer than the rest of the library, and a known Space needs none of them."""
    compiled = in_a_fresh_process(
        "import json, spacechat.sync\n"
        "from spacechat.apps import words\n"
        "found = [one for one in vars(words).values() if isinstance(one, words.Words)]\n"
        "found += [one._words for one in vars(words).values() if isinstance(one, words.Kind)]\n"
        "print(json.dumps([len(found), sum('compiled' in vars(one) for one in found)]))"
    )
    assert compiled[0] > 10
    assert compiled[1] == 0


def test_using_the_async_client_starts_no_thread() -> None:
    threads = in_a_fresh_process(
        "import spacechat, threading, json\n"
        "client = spacechat.AsyncClient(); client.stream('Hi', model='qwen-2.5')\n"
        "spacechat.providers.Qwen_Qwen_2_5.create_async_generator('Hi')\n"
        "print(json.dumps(threading.active_count()))"
    )
    assert threads == 1


@pytest.mark.parametrize("name", spacechat.__all__)
def test_every_name_resolves(name: str) -> None:
    value = getattr(spacechat, name)
    assert value is not None
    assert getattr(spacechat, name) is value
    assert name in dir(spacechat)


@pytest.mark.parametrize(
    "module",
    ["errors", "events", "local", "openai", "protocol", "providers"],
)
def test_modules(module: str) -> None:
    found = importlib.import_module(f"spacechat.{module}")
    assert getattr(spacechat, module) is found
    for name in getattr(found, "__all__", ()):
        assert hasattr(found, name)


def test_names_that_users_rely_on() -> None:
    """The public interface, as it is written down."""
    wanted = {
        "AsyncChatStream",
        "AsyncClient",
        "Conversation",
        "Reply",
        "Timeout",
        "errors",
        "events",
        "models",
        "protocol",
        "providers",
        *TREE,
    }
    assert wanted <= set(spacechat.__all__)
    in_providers = {
        "JsonConversation",
        "Message",
        "Messages",
        "Qwen_Qwen_2_5",
        "Qwen_Qwen_2_5M",
        "Qwen_Qwen_2_5_Max",
        "Qwen_Qwen_2_72B",
    }
    assert in_providers <= set(spacechat.providers.__all__)
    in_events = {
        "Queued",
        "Started",
        "TextDelta",
        "TextReset",
        "Reasoning",
        "Status",
        "Progress",
        "Log",
        "Completed",
    }
    assert in_events <= set(dir(spacechat.events))


def test_names_in_a_fresh_process() -> None:
    names = in_a_fresh_process(
        "import spacechat, json\n"
        "listed = set(dir(spacechat))\n"
        "assert listed >= set(spacechat.__all__)\n"
        "from spacechat import *\n"
        "print(json.dumps([AsyncClient.__name__, errors.__name__, sorted(listed)]))"
    )
    assert names[:2] == ["AsyncClient", "spacechat.errors"]


def test_a_star_import_leaves_the_openai_package_alone() -> None:
    names: dict[str, Any] = {}
    exec("import openai\nfrom spacechat import *", names)
    assert names["openai"].__name__ == "openai"


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"'spacechat'.*'no_such_name'"):
        spacechat.no_such_name  # noqa: B018
    assert not hasattr(spacechat, "no_such_name")
    with pytest.raises(ImportError, match="no_such_name"):
        exec("from spacechat import no_such_name")


def test_version() -> None:
    from importlib.metadata import version

    assert spacechat.__version__ == version("spacechat")


TREE: dict[str, tuple[type[BaseException], ...]] = {
    "SpaceChatError": (Exception,),
    "ModelNotFoundError": (errors.SpaceChatError,),
    "MessagesError": (errors.SpaceChatError, ValueError),
    "SpaceUnavailableError": (errors.SpaceChatError,),
    "AuthenticationError": (errors.SpaceChatError,),
    "RateLimitError": (errors.SpaceChatError,),
    "QuotaExceededError": (errors.RateLimitError,),
    "QueueFullError": (errors.SpaceChatError,),
    "GenerationError": (errors.SpaceChatError,),
    "StreamInterruptedError": (errors.SpaceChatError,),
    "StreamTimeoutError": (errors.SpaceChatError, TimeoutError),
    "ProtocolError": (errors.SpaceChatError,),
    "SettingsFileError": (errors.SpaceChatError, ValueError),
}


@pytest.mark.parametrize("name", TREE)
def test_errors(name: str) -> None:
    kind = getattr(spacechat, name)
    assert kind is getattr(errors, name)
    assert kind.__bases__ == TREE[name]
    plain = kind("what happened")
    assert str(plain) == "what happened"
    assert plain.partial_text == ""
    assert kind("what happened", partial_text="so far").partial_text == "so far"
    assert kind.__doc__


@pytest.mark.parametrize("kind", [errors.RateLimitError, errors.QuotaExceededError])
def test_retry_after(kind: type[errors.RateLimitError]) -> None:
    assert kind("slow down").retry_after is None
    found = kind("slow down", retry_after=3.5, partial_text="so far")
    assert (found.retry_after, found.partial_text) == (3.5, "so far")
