"""The generated facade says what its source says, and the generator refuses what it can't say."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shutil
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

import spacechat
from spacechat import openai, providers, sync
from spacechat.client.map_engine import AsyncMapEngine
from spacechat.local import LocalSpace
from spacechat.portal.engine import Engine
from spacechat.portal.map_engine import MapEngine
from spacechat.streaming.engine import AsyncEngine
from spacechat.sync import generate
from tests.servers import function_app
from tests.typed import async_sample, blocking_sample

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "spacechat"

PAIRS: list[tuple[type, type]] = [
    (spacechat.AsyncClient, spacechat.Client),
    (spacechat.AsyncChatStream, spacechat.ChatStream),
    (spacechat.AsyncMap, spacechat.Map),
    (spacechat.AsyncApp, spacechat.App),
    (spacechat.AsyncAppSession, spacechat.AppSession),
    (spacechat.AsyncRun, spacechat.Run),
    (providers.AsyncTextGenerator, sync.TextGenerator),
    (providers.AsyncProvider, sync.Provider),
    (openai.AsyncTransport, openai.Transport),
    *((provider, getattr(sync, provider.__name__)) for provider in providers.PROVIDERS),
]
RENAMED = {
    "aclose": "close",
    "create_async_generator": "create_generator",
    "handle_async_request": "handle_request",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}
ONLY_ASYNC = {"__await__"}
TYPES = {r"\bAsyncIterable\[\w+\] \| ": "", r"\bAwaitable\[(\w+)\]": r"\1"} | {
    rf"\b{name}\b": name.removeprefix("Async")
    for name in (
        "AsyncApp",
        "AsyncAppEngine",
        "AsyncAppSession",
        "AsyncCallMap",
        "AsyncChat",
        "AsyncIterator",
        "AsyncChatStream",
        "AsyncClient",
        "AsyncMap",
        "AsyncMapEngine",
        "AsyncResults",
        "AsyncRun",
        "AsyncProvider",
        "AsyncTextGenerator",
    )
}
ASYNC_WORD = re.compile(r"\b(await\w*|async\w*|coroutine|Async\w*|anyio|trio|aclose)\b")

each_pair = pytest.mark.parametrize(
    ("source", "twin"), [pytest.param(*pair, id=pair[1].__name__) for pair in PAIRS]
)


def members(cls: type) -> dict[str, Any]:
    """The public members, inherited ones included, and the class's own special methods."""
    found = {name: inspect.getattr_static(cls, name) for name in dir(cls) if name[0] != "_"}
    own = vars(cls).items()
    return found | {n: v for n, v in own if n.startswith("__") and inspect.isfunction(v)}


def function_of(member: Any) -> Callable[..., Any] | None:
    """The function in a member that has a signature."""
    if isinstance(member, property):
        member = member.fget
    member = getattr(member, "__func__", member)
    return member if inspect.isfunction(member) else None


def mapped(annotation: object) -> object:
    if isinstance(annotation, str):
        for pattern, name in TYPES.items():
            annotation = re.sub(pattern, name, annotation)
    return annotation


@each_pair
def test_the_same_names(source: type, twin: type) -> None:
    names = [RENAMED.get(name, name) for name in members(source) if name not in ONLY_ASYNC]
    assert sorted(names) == sorted(members(twin))
    assert source.__name__.removeprefix("Async") == twin.__name__
    assert {new for old, new in RENAMED.items()} & set(members(source)) == set()


@each_pair
def test_the_same_parameters(source: type, twin: type) -> None:
    others = members(twin)
    compared = 0
    for name, member in members(source).items():
        if name in ONLY_ASYNC:
            continue
        other = others[RENAMED.get(name, name)]
        assert type(member) is type(other), name
        function, twin_function = function_of(member), function_of(other)
        if function is None or twin_function is None:
            assert function is twin_function is None
            continue
        if function is twin_function:
            continue  # inherited from a base that both have
        compared += 1
        before, after = inspect.signature(function), inspect.signature(twin_function)
        assert list(before.parameters) == list(after.parameters), name
        for one, two in zip(before.parameters.values(), after.parameters.values(), strict=True):
            assert one.kind is two.kind, (name, one)
            assert one.default == two.default, (name, one)
            assert mapped(one.annotation) == two.annotation, (name, one)
        assert mapped(before.return_annotation) == after.return_annotation, name
        assert not inspect.iscoroutinefunction(twin_function)
        assert not inspect.isasyncgenfunction(twin_function)
        assert "return" in typing.get_type_hints(twin_function), name
    assert compared


@each_pair
def test_the_same_values(source: type, twin: type) -> None:
    others = members(twin)
    for name, member in members(source).items():
        if name not in ONLY_ASYNC and function_of(member) is None:
            assert others[RENAMED.get(name, name)] == member, name


@each_pair
def test_docstrings_in_blocking_words(source: type, twin: type) -> None:
    for name, member in {"": twin, **members(twin)}.items():
        if name.startswith("__") or (name and function_of(member) is None):
            continue
        doc = inspect.getdoc(getattr(twin, name) if name else twin)
        assert doc, f"{twin.__name__}.{name} has no docstring"
        assert not ASYNC_WORD.search(doc), f"{twin.__name__}.{name}: {doc}"
    assert len(inspect.getdoc(source) or "") > 10


def test_modules_and_their_words() -> None:
    for path in generate.generate():
        module = importlib.import_module(
            ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        )
        assert module.__doc__
        assert not ASYNC_WORD.search(module.__doc__.replace("asynchronous", "")), path


@pytest.mark.parametrize("name", ["ask", "stream"])
def test_the_functions_of_the_package(name: str) -> None:
    function, method = getattr(spacechat, name), getattr(spacechat.Client, name)
    signature = inspect.signature(method)
    without_self = [p for p in signature.parameters.values() if p.name != "self"]
    assert inspect.signature(function) == signature.replace(parameters=without_self)
    assert inspect.getdoc(function) == inspect.getdoc(method)
    assert function is getattr(sync, name)


# The generator


def copy_of_the_package(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    package = folder / "src" / "spacechat"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which the generator reads and writes."""
    package = copy_of_the_package(tmp_path)
    monkeypatch.setattr(generate, "PACKAGE", package)
    monkeypatch.setattr(generate, "TARGET", package / "sync")
    return package


def generated(package: Path) -> dict[str, str]:
    files = set((package / "sync").rglob("*.py")) - {package / "sync" / "generate.py"}
    return {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in files}


def run_check(package: Path) -> subprocess.CompletedProcess[str]:
    script = package / "sync" / "generate.py"
    return subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )


def test_the_committed_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spacechat.sync.generate", "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_second_run_changes_nothing(package: Path) -> None:
    before = generated(package)
    assert generate.main([]) == 0
    assert generated(package) == before
    assert generate.main(["--check"]) == 0


def test_check_shows_what_is_stale(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    stale = package / "sync" / "client" / "client.py"
    stale.write_text(stale.read_text("utf-8").replace("retries: int = 2", "retries: int = 3"))
    done = run_check(package)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "-        retries: int = 3," in lines
    assert "+        retries: int = 2," in lines
    assert "retries: int = 3" in stale.read_text("utf-8")


def test_check_shows_missing_and_foreign_files(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sync_folder = package / "sync"
    (sync_folder / "streaming" / "chat_stream.py").unlink()
    (sync_folder / "more.py").write_text("")
    assert generate.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert "+class ChatStream(Face[Exchange]):" in told.splitlines()
    assert "more.py should not be there" in told
    assert generate.main([]) == 0
    assert not (sync_folder / "more.py").exists()
    assert generated(package) == generated(PACKAGE)


def test_a_changed_source_is_carried_over(package: Path) -> None:
    source = package / "client" / "client.py"
    source.write_text(source.read_text("utf-8").replace("retries: int = 2", "retries: int = 7"))
    assert generate.main([]) == 0
    assert "retries: int = 7" in generated(package)["sync/client/client.py"]


def fails(capsys: pytest.CaptureFixture[str]) -> str:
    """What the generator says, which must be one line, when it refuses."""
    assert generate.main(["--check"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def test_a_rule_that_matches_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(generate.WORDS, r"\bno such word\b", "x")
    told = fails(capsys)
    assert "match nothing" in told
    assert "no such word" in told


def test_a_new_method_of_the_stream(package: Path) -> None:
    source = package / "streaming" / "chat_stream.py"
    new = "    async def pause(self) -> None:\n        await self.engine.aclose()\n\n"
    source.write_text(
        source.read_text("utf-8").replace("    async def reply(", f"{new}    async def reply(")
    )
    assert generate.main([]) == 0
    translated = generated(package)["sync/streaming/chat_stream.py"]
    assert "    def pause(self) -> None:\n        self.engine.close()\n" in translated


@pytest.mark.parametrize(
    ("engine", "twin"), [(AsyncEngine, Engine), (AsyncMapEngine, MapEngine)], ids=["stream", "map"]
)
def test_the_portal_s_engines_have_the_methods_of_the_asynchronous_ones(
    engine: type, twin: type
) -> None:
    """Those that faces use; what only the portal itself needs, it takes of the asynchronous one."""
    faces = "".join(generated(PACKAGE).values())
    used = {name for name in vars(engine) if re.search(rf"engine\.{name}\b", faces)}
    used |= {"open", "leave", "abandon", "close"}
    names = {"close" if name == "aclose" else name for name in used}
    assert len(names) >= 5
    assert names <= set(dir(twin))


def append(path: Path, source: str) -> None:
    path.write_text(path.read_text("utf-8") + source, encoding="utf-8")


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What a function is made of, without the functions in it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from own_nodes(node)


def test_no_translated_file_has_an_asynchronous_generator() -> None:
    """One that yields inside a cancel scope breaks, and nobody closes one that is dropped."""
    generators = [
        f"{path.name}: {node.name}"
        for path in map(PACKAGE.joinpath, generate.TRANSLATED)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
        if any(isinstance(inner, ast.Yield) for inner in own_nodes(node))
    ]
    assert generators == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("\n\nanyio.sleep(1)\n", "anyio"),
        ('\n\nx = "works with asyncio"\n', "asyncio"),
        ("\n\nx: AsyncThing\n", "AsyncThing"),
        ("\n\ndef __aiterate__() -> None: ...\n", "__aiterate__"),
        ("\n\n# Use async instead.\n", "async"),
    ],
)
def test_a_word_that_is_left(
    package: Path, capsys: pytest.CaptureFixture[str], line: str, word: str
) -> None:
    append(package / "client" / "client.py", line)
    told = fails(capsys)
    assert f"{word!r} is left in line" in told
    assert told.startswith("client/client.py: ")


def test_a_shortcut_to_no_method(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "SHORTCUTS", ("stream", "ask", "nothing"))
    assert "nothing" in fails(capsys)


def test_every_file_says_where_it_comes_from() -> None:
    files = generated(PACKAGE)
    assert len(files) >= 10
    for name, source in files.items():
        first, second, *_ = source.splitlines()
        assert first.startswith("# GENERATED by spacechat.sync.generate from spacechat"), name
        assert second.startswith('"""')
        assert ast.get_docstring(ast.parse(source))
        assert source.endswith("\n")


# Types


SAMPLES = ["tests/typed/async_sample.py", "tests/typed/blocking_sample.py"]


def test_mypy_accepts_the_samples() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *SAMPLES],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_basedpyright_accepts_the_samples() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, *SAMPLES],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout


def test_the_samples_run() -> None:
    with LocalSpace("qwen-2-72b", ["some", "thing"]) as space:
        blocking_sample.main(space.url)
        anyio.run(async_sample.main, space.url)
        anyio.run(async_sample.main, space.url, backend="trio")
    with function_app.app() as app:
        blocking_sample.functions(app.url)
        anyio.run(async_sample.functions, app.url)
        anyio.run(async_sample.functions, app.url, backend="trio")
