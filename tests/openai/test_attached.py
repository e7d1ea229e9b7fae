"""Files as they stand in a request: their content, and the names that they get."""

from __future__ import annotations

import base64

import pytest

from spacechat.openai.attached import AttachedFile, from_base64, from_data_url, from_file_data
from spacechat.openai.refusals import Refusal

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
ABC = base64.b64encode(b"abc").decode()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_file_can_be_read() -> None:
    file = from_base64(ABC, "x", "a.txt")
    assert (file.name, file.read(), repr(file)) == (
        "a.txt",
        b"abc",
        "<AttachedFile 'a.txt' of 3 bytes>",
    )


@pytest.mark.parametrize(
    ("content", "suffix", "name"),
    [
        (b"abc", ".wav", "file.wav"),
        (PNG, "", "file.png"),
        (PNG, ".wav", "file.png"),  # What it holds tells more than what is said of it.
        (b"abc", "", "file"),
    ],
)
def test_a_file_without_a_name(content: bytes, suffix: str, name: str) -> None:
    assert from_base64(encoded(content), "x", suffix=suffix).name == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("x" * 96 + ".png", "x" * 96 + ".png"),
        ("x" * 97 + ".png", "x" * 96 + ".png"),
        ("x" * 97 + ".tar.gz", "x" * 97 + ".gz"),
        ("x" * 60 + "." + "y" * 50, "x" * 49 + "." + "y" * 50),
        ("x" * 60 + "." + "y" * 51, "x" * 60 + "." + "y" * 39),
        ("a." + "y" * 60, "a." + "y" * 60),
        ("x" * 100, "x" * 96 + ".png"),
        ("x" * 96, "x" * 96 + ".png"),
        ("x" * 200, "x" * 96 + ".png"),
        (" a.png . ", "a.png"),
    ],
)
def test_a_long_name_keeps_its_ending(given: str, name: str) -> None:
    assert from_base64(encoded(PNG), "x", given).name == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"data:text/csv;base64,{ABC}", "file.csv"),
        (f"DATA:TEXT/CSV;charset=utf-8;BASE64,{ABC}", "file.csv"),
        (f"data:;base64,{ABC}", "file"),
        (f"data:no/such-type;base64,{ABC}", "file"),
        (f"data:text/csv;base64,{encoded(PNG)}", "file.png"),
    ],
)
def test_a_data_url(url: str, name: str) -> None:
    assert from_data_url(url, "x").name == from_file_data(url, "x", None).name == name
    assert from_data_url(url, "x", "a.txt").name == "a.txt"


def test_base64_that_begins_like_a_data_url() -> None:
    content = base64.b64decode("dataABCD")
    assert from_file_data("dataABCD", "x", "a.txt").read() == content


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://x/a.png", "an address, and nothing is fetched for a client here"),
        ("HTTPS://x/a.png", "an address, and nothing is fetched for a client here"),
        ("x" * 99, f"'{'x' * 40}', which is no data URL in base64"),
        ("data:text/csv,abc", "'data:text/csv,abc', which is no data URL in base64"),
    ],
)
def test_what_is_no_data_url(url: str, why: str) -> None:
    with pytest.raises(Refusal) as caught:
        from_data_url(url, "input[0]")
    error = caught.value.error
    assert error.message == (
        f"input[0] is {why}: send the file itself, as in data:image/png;base64,iVBORw0KGgo=."
    )
    assert (error.param, error.code) == ("input[0]", "invalid_value")


@pytest.mark.parametrize(
    ("data", "says"),
    [("", "x holds an empty file."), (f"{ABC}!", "x is no base64: "), ("QUJ", "x is no base64: ")],
)
def test_what_is_no_content(data: str, says: str) -> None:
    with pytest.raises(Refusal) as caught:
        from_base64(data, "x")
    assert caught.value.error.message.startswith(says)
    assert (caught.value.error.param, caught.value.error.code) == ("x", "invalid_value")


def test_its_repr_shows_nothing_of_the_content() -> None:
    assert "abc" not in repr(AttachedFile("a.txt", b"abc"))
