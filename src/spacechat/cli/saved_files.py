"""Saving the files of an answer or a result, as `--to` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal.output import say_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..events import File
    from ..sync import Client
    from .terminal.values_display import Saved


def make_folder(folder: Path | None) -> None:
    """Make the folder for files, so that one that can't be made is an error beforehand.

    Raises:
        OSError: It can't be made.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)


def save_files(client: Client, files: Sequence[File], folder: Path, *, tells: bool) -> Saved:
    """Save files, and return where each is, by its URL.

    Args:
        client: The client that asked.
        files: The files.
        folder: Where they go.
        tells: Whether standard error says so of each.

    Raises:
        SpaceChatError: A download failed.
        OSError: A file can't be written.
    """
    saved: dict[str, Path] = {}
    for file in files:
        if file.url not in saved:
            saved[file.url] = client.download(file, folder)
            if tells:
                say_whole(f"saved: {saved[file.url]}")
    return saved
