"""What callers hand in as files."""

import io
from pathlib import Path
from typing import Any

import pytest

from s3_saver import ArgumentError, Storage


def test_a_closed_file_is_told(storage: Storage) -> None:
    """The error names the argument and the fix, and nothing is stored."""
    file = io.BytesIO(b"x")
    file.close()
    with pytest.raises(ValueError, match=r"file must be open, got <.*>: pass it before"):
        storage.save("a", file)
    assert list(storage.find()) == []


def test_a_file_that_is_open_for_writing_is_told(storage: Storage, tmp_path: Path) -> None:
    """The error names the argument and the fix, and nothing is stored."""
    with (
        open(tmp_path / "file", "wb") as file,
        pytest.raises(TypeError, match=r"file must be readable, got <.*>: open it with mode 'rb'"),
    ):
        storage.save("a", file)
    assert list(storage.find()) == []


def test_bytes_are_told_without_showing_them(storage: Storage) -> None:
    """The error says to wrap them, and is short, however many they are."""
    data: Any = b"hidden" * 1000
    with pytest.raises(TypeError, match=r"got <class 'bytes'>: wrap it in io.BytesIO"):
        storage.save("a", data)


def test_a_text_in_place_of_a_file_is_refused_with_both_ways_out(storage: Storage) -> None:
    """Who passes a str may have meant a path or a content: the error says how to pass either."""
    text: Any = "hello"
    with pytest.raises(ArgumentError, match="a path, open it with mode 'rb'; if a text, wrap it"):
        storage.save("a", text)


@pytest.mark.parametrize(
    ("content_type", "kind", "message"),
    [
        ("a/b\nX-Header: c", ValueError, "content_type must be a str without control c.* got 'a/b"),
        ("a/b\x00", ValueError, "content_type must be a str without control characters"),
        (5, TypeError, "content_type must be a str, got 5"),
    ],
)
def test_a_bad_content_type_is_told(
    storage: Storage, content_type: Any, kind: type[Exception], message: str
) -> None:
    """What no HTTP header can carry is refused by every storage, and nothing is stored."""
    with pytest.raises(kind, match=message):
        storage.save("a", io.BytesIO(b"x"), content_type=content_type)
    assert list(storage.find()) == []
