"""A store of descriptions of apps that is no disk."""

from __future__ import annotations

from spacechat.apps.description import Description


class MemoryStore:
    """Keeps descriptions as the disk does."""

    def __init__(self) -> None:
        self.kept: dict[str, Description] = {}

    def load(self, address: str) -> Description | None:
        return self.kept.get(address)

    def save(self, address: str, description: Description) -> None:
        self.kept[address] = description

    def remove(self, address: str) -> None:
        self.kept.pop(address, None)
