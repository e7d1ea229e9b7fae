"""What the clients of a process remember of apps."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from spacechat.apps.description import Description
from spacechat.apps.memory import Memory, Name
from tests.stores import MemoryStore

APP, OTHER = "https://app/", "https://other/"


def described(url: str = APP, size: int = 10, **more: Any) -> Description:
    return Description(url, None, b"x" * size, **more)


def test_an_app_is_found_again() -> None:
    memory = Memory()
    assert memory.find(Name(APP)) is None
    memory.keep(Name(APP), described())
    assert memory.find(Name(APP)) == described()
    assert memory.find(Name(APP, b"ada")) is None
    assert memory.find(Name(OTHER)) is None
    memory.forget(Name(OTHER))
    memory.forget(Name(APP))
    assert memory.find(Name(APP)) is None
    memory.keep(Name(APP), described(public=True))
    memory.clear()
    assert memory.find(Name(APP)) is None


def test_the_oldest_ones_go() -> None:
    memory = Memory()
    for number in range(257):
        memory.keep(Name(str(number)), described())
    assert memory.find(Name("0")) is None
    assert memory.find(Name("1")) is not None
    memory.keep(Name("1"), described(size=20))  # The newest now.
    memory.keep(Name("257"), described())
    assert memory.find(Name("1")) is not None
    assert memory.find(Name("2")) is None
    assert memory.find(Name("3")) is not None


def test_large_ones_push_out_more() -> None:
    memory = Memory()
    large = 11 << 20
    for name in "abc":
        memory.keep(Name(name), described(size=large))
    assert [name for name in "abc" if memory.find(Name(name))] == ["b", "c"]
    memory.keep(Name("b"), described())
    memory.keep(Name("d"), described(size=large))
    assert [name for name in "bcd" if memory.find(Name(name))] == ["b", "c", "d"]
    memory.forget(Name("c"))
    memory.keep(Name("e"), described(size=large))
    assert [name for name in "bde" if memory.find(Name(name))] == ["b", "d", "e"]
    memory.after_fork()
    memory.keep(Name("f"), described(size=large))
    assert [name for name in "bdef" if memory.find(Name(name))] == ["e", "f"]
    memory.clear()
    for name in "ef":
        memory.keep(Name(name), described(size=large))
    assert [name for name in "ef" if memory.find(Name(name))] == ["e", "f"]


class Large(Description):
    """One that says that it takes more than half of the room."""

    @property
    def size(self) -> int:
        return 20 << 20


def large(url: str = APP) -> Description:
    return Large(url, None, b"")


def test_what_was_cleared_takes_no_room() -> None:
    memory = Memory()
    memory.keep(Name(APP), large())
    memory.clear()
    memory.keep(Name(OTHER), large())
    assert memory.find(Name(OTHER)) is not None


def test_a_fork_in_the_middle_of_it() -> None:
    """The thread that remembers a description is not there in the child, nor is what it held."""
    memory = Memory()
    is_inside, goes_on = threading.Event(), threading.Event()

    class Slow(Large):
        @property
        def size(self) -> int:
            if threading.current_thread() is parent:
                is_inside.set()
                goes_on.wait()
            return super().size

    found: list[Description | None] = []
    parent = threading.Thread(target=lambda: memory.keep(Name(APP), Slow(APP, None, b"")))
    child = threading.Thread(target=lambda: found.append(memory.find(Name(APP))))
    parent.start()
    is_inside.wait()
    memory.after_fork()
    child.start()
    child.join(timeout=10)
    seen = list(found)
    goes_on.set()
    parent.join()
    child.join()
    assert seen == [Slow(APP, None, b"")]


def test_the_room_after_a_fork_in_the_middle_of_it() -> None:
    memory = Memory()
    is_child = False

    class Stopped(Large):
        @property
        def size(self) -> int:
            if not is_child:
                raise InterruptedError
            return super().size

    with pytest.raises(InterruptedError):
        memory.keep(Name(APP), Stopped(APP, None, b""))
    is_child = True
    memory.after_fork()
    memory.keep(Name(OTHER), large(OTHER))
    assert memory.find(Name(APP)) is None
    assert memory.find(Name(OTHER)) is not None


def test_an_address_whose_identity_varies() -> None:
    memory = Memory()
    memory.keep(Name(APP), described())
    memory.vary(APP)
    assert memory.varies(APP)
    assert not memory.varies(OTHER)
    found = memory.find(Name(APP))
    assert found is not None
    assert found.varies
    memory.keep(Name(OTHER), described(OTHER, varies=True))
    kept = memory.find(Name(OTHER))
    assert kept is not None
    assert kept.varies
    memory.clear()
    assert not memory.varies(APP)
    for number in range(4096):
        memory.vary(str(number))
    memory.vary("0")
    memory.vary("new")
    assert memory.varies("0")
    assert not memory.varies("1")
    assert memory.varies("2")


def test_a_store() -> None:
    memory, store = Memory(), MemoryStore()
    memory.store = store
    memory.keep(Name(APP), described(public=True))
    memory.keep(Name(OTHER), described(OTHER, public=False))
    memory.keep(Name("https://own/", b"ada"), described(public=True))
    assert store.kept == {APP: described(public=True)}
    memory.vary(APP)
    memory.keep(Name(APP), described(public=True))
    assert store.kept == {APP: described(public=True, varies=True)}
    store.kept = {APP: described(public=True)}
    later = Memory()
    later.store = store
    assert later.find(Name(OTHER)) is None
    assert later.find(Name(APP)) == described(public=True)
    assert later.find(Name(APP, b"ada")) is None
    later.forget(Name(APP, b"ada"))
    assert store.kept
    later.forget(Name(APP))
    assert store.kept == {}
    later.clear()
    assert later.store is None


def test_a_store_that_knows_that_an_identity_varies() -> None:
    memory, store = Memory(), MemoryStore()
    memory.store = store
    store.kept = {APP: described(varies=True), OTHER: described(OTHER)}
    assert memory.find(Name(APP)) == described(varies=True)
    assert memory.varies(APP)
    assert memory.find(Name(OTHER)) == described(OTHER)
    assert not memory.varies(OTHER)
    memory.keep(Name(OTHER), described(OTHER, size=20))
    found = memory.find(Name(OTHER))
    assert found is not None
    assert len(found.config) == 20  # Not that of the store.
