"""What the clients of a process remember of apps."""

from __future__ import annotations

from typing import Any

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
