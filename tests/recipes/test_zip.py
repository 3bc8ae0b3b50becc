"""Many files as one ZIP, as docs/recipes/zip.md has it."""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

import pytest

from recipes.page import Load
from s3_saver import NotFoundError, StoredFile

MIB = 1024 * 1024


@pytest.fixture
def recipe(load: Load) -> dict[str, Any]:
    """What the recipe defines."""
    return load("zip")


@pytest.fixture
def page(recipe: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The recipe, in the context of its app."""
    with recipe["app"].app_context():
        yield recipe


def save(page: dict[str, Any], name: str, data: bytes, filename: str) -> StoredFile:
    stored: StoredFile = page["uploads"].storages.save(name, io.BytesIO(data), filename=filename)
    return stored


def test_files_come_back(page: dict[str, Any]) -> None:
    """An archive has each file, under the client's name for it, and is sound."""
    sent = {f"größe {number}.bin": bytes([number]) * number * 100_000 for number in range(12)}
    files = [save(page, f"a/{n}.bin", d, name) for n, (name, d) in enumerate(sent.items())]
    with ZipFile(io.BytesIO(b"".join(page["zipped"](files)))) as archive:
        assert archive.testzip() is None
        found = {info.filename: archive.read(info) for info in archive.infolist()}
    assert found == {name.replace(" ", "_"): data for name, data in sent.items()}


def test_names(page: dict[str, Any]) -> None:
    """No name leads out of the folder that an archive is unpacked in, and none is there twice."""
    names = ["../../etc/passwd", "C:\\passwd", "PASSWD", "/a/cat.tar.gz", "cat.tar.gz", "", "con"]
    files = [save(page, f"n/{number}.txt", b"x", name) for number, name in enumerate(names)]
    with ZipFile(io.BytesIO(b"".join(page["zipped"](files)))) as archive:
        assert archive.namelist() == [
            "passwd",
            "passwd_2",
            "PASSWD_3",
            "cat.tar.gz",
            "cat.tar_2.gz",
            "5.txt",
            "_con",
        ]


def test_pieces(page: dict[str, Any]) -> None:
    """The archive is sent while it is made: each piece is small, and files are opened as they are
    reached.
    """
    files = [save(page, f"p/{number}.bin", bytes(3 * MIB), f"{number}.bin") for number in range(3)]
    opened: list[str] = []

    def opening() -> Iterator[StoredFile]:
        for stored in files:
            opened.append(stored.name)
            yield stored

    pieces = page["zipped"](opening())
    next(pieces)
    assert opened == ["p/0.bin"]
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) <= page["PIECE"] + 1024
    assert sum(sizes) > 8 * MIB
    assert opened == ["p/0.bin", "p/1.bin", "p/2.bin"]


def test_missing_file(page: dict[str, Any]) -> None:
    """A file that is missing ends the download, and what came is no archive."""
    here = save(page, "m/here.bin", b"here", "here.bin")
    arrived: list[bytes] = []
    with pytest.raises(NotFoundError):
        arrived.extend(page["zipped"]([here, here.replace(name="m/gone.bin")]))
    assert arrived
    with pytest.raises(BadZipFile):
        ZipFile(io.BytesIO(b"".join(arrived)))


def test_response(recipe: dict[str, Any]) -> None:
    """A view sends it as a download, outside of the request's own code."""
    app = recipe["app"]
    with app.app_context():
        files = [save(recipe, "r/a.txt", b"abc", "a.txt")]
    app.view_functions["album"] = lambda: recipe["send_zip"](files, "alle größen 日本.zip")
    answer = app.test_client().get("/album.zip")
    assert answer.mimetype == "application/zip"
    assert (
        "filename*=UTF-8''alle%20gr%C3%B6%C3%9Fen%20%E6%97%A5%E6%9C%AC.zip"
        in answer.headers["Content-Disposition"]
    )
    with ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.read("a.txt") == b"abc"
