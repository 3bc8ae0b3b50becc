import os
from datetime import UTC, datetime

from s3_saver import FileInfo

WRITTEN = datetime(2026, 1, 2, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)


def test_infos_are_equal_by_name_and_size() -> None:
    """Infos of the same file are equal, although storages report some attributes differently."""
    info = FileInfo("a/b.txt", 3, WRITTEN, "etag", "text/plain")
    same = FileInfo("a/b.txt", 3, LATER, "other", "text/html", "/srv/a/b.txt")

    assert info == same
    assert len({info, same}) == 1
    assert info != FileInfo("a/b.txt", 4, WRITTEN, "etag", "text/plain")
    assert info != FileInfo("a/c.txt", 3, WRITTEN, "etag", "text/plain")
    other: object = "a/b.txt"
    assert info != other


def test_an_info_is_a_path() -> None:
    """It stands for its absolute path where it has one, else for its name."""
    assert os.fspath(FileInfo("b.txt", 3, WRITTEN, "etag", "text/plain")) == "b.txt"
    info = FileInfo("b.txt", 3, WRITTEN, "etag", "text/plain", "/srv/b.txt")
    assert os.fspath(info) == "/srv/b.txt"


def test_an_info_shows_what_it_knows() -> None:
    """A log or a debugger shows a file's name, size, time, etag and type."""
    info = FileInfo("b.txt", 3, WRITTEN, "etag", "text/plain")
    shown = repr(info)

    for part in ("name='b.txt'", "size=3", "modified=datetime", "etag='etag'", "'text/plain'"):
        assert part in shown
