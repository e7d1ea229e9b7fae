"""Content without a name: its kind is in the name that it gets, which apps go by."""

from __future__ import annotations

import io

import pytest

from spacechat.apps.files import FileLike, open_files

NAMES = {
    b"\x89PNG\r\n\x1a\n\0": ("file-1.png", "image/png"),
    b"\xff\xd8\xff\xe0": ("file-1.jpg", "image/jpeg"),
    b"GIF89a": ("file-1.gif", "image/gif"),
    b"RIFF\n\0\0\0WEBP": ("file-1.webp", "image/webp"),
    b"RIFF\n\0\0\0WAVE": ("file-1.wav", "audio/wav"),
    b"%PDF-1.7": ("file-1.pdf", "application/pdf"),
    b"ID3\x04\0": ("file-1.mp3", "audio/mpeg"),
    b"\0\0\0\x20ftypisom": ("file-1.mp4", "video/mp4"),
    b"\0\0\0\nftypqt  ": ("file-1.mov", "video/quicktime"),
    b"ID3 is a format of tags": ("file-1", "application/octet-stream"),
    b"The ftyp box of a film": ("file-1", "application/octet-stream"),
    b"RIFF": ("file-1", "application/octet-stream"),
    b"": ("file-1", "application/octet-stream"),
}


@pytest.mark.parametrize("content", NAMES, ids=repr)
def test_names(content: bytes) -> None:
    files: list[FileLike] = [content, io.BytesIO(content)]
    (file,) = open_files(files[:1])
    _, opened = open_files(files)
    assert not isinstance(file, str)
    assert not isinstance(opened, str)
    name, kind = NAMES[content]
    assert (file.name, file.content) == (name, content)
    assert (opened.name, opened.content) == (name.replace("1", "2", 1), content)
    assert file.mime_type.replace("/x-", "/") == kind


def test_an_open_file_keeps_its_name() -> None:
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.name = "scan.bin"
    (opened,) = open_files([file])
    assert not isinstance(opened, str)
    assert opened.name == "scan.bin"
