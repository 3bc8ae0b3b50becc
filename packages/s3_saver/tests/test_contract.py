"""The storage contract, on every storage; and that its check finds what is broken."""

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO

import pytest
from werkzeug.datastructures import FileStorage

from s3_saver import (
    AlreadyExistsError,
    ArgumentError,
    ArgumentTypeError,
    FileInfo,
    NotFoundError,
    Storage,
)
from s3_saver.testing import MemoryStorage, check_storage
from s3_saver.testing._contract import _CHECKS


@pytest.mark.parametrize("promise", _CHECKS, ids=lambda check: check.__name__.strip("_"))
def test_every_storage_keeps_the_contract(
    storage: Storage, promise: Callable[[Storage, str], None]
) -> None:
    """Disk, memory and S3, with and without a prefix, keep every promise."""
    promise(storage, "folder/")


@pytest.mark.parametrize("content", [b"", b"from the start"])
def test_streams_not_at_their_start_and_empty_ones_are_saved_whole(
    storage: Storage, content: bytes
) -> None:
    """A stream not at its start is rewound instead of stored empty; zero-byte files save too."""
    file = io.BytesIO(content)
    file.seek(0, io.SEEK_END)
    storage.save("a", file)
    with storage.open("a") as saved:
        assert saved.read() == content


def test_callers_files_stay_open_on_every_storage(storage: Storage) -> None:
    """After save, file.closed is False for BytesIO, SpooledTemporaryFile and FileStorage alike."""
    with tempfile.SpooledTemporaryFile() as spooled:
        files: list[Any] = [io.BytesIO(b"x"), spooled, FileStorage(io.BytesIO(b"x"))]
        for number, file in enumerate(files):
            storage.save(f"{number}", file)
            assert not file.closed


def test_check_leaves_nothing_behind(storage: Storage) -> None:
    """What was stored before the check is all that is there after it."""
    storage.save("mine.txt", io.BytesIO(b"mine"))
    check_storage(storage)
    assert [info.name for info in storage.find()] == ["mine.txt"]


class KeepsPosition(MemoryStorage):
    def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
        rest = file.read() if hasattr(file, "getvalue") else file
        return super().save(name, io.BytesIO(rest) if isinstance(rest, bytes) else rest, **options)


class ClosesFiles(MemoryStorage):
    def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
        info = super().save(name, file, **options)
        file.close()
        return info


class LosesZeroBytes(MemoryStorage):
    def open(self, name: str) -> BinaryIO:
        with super().open(name) as file:
            return io.BytesIO(file.read().replace(b"\0", b""))


class RacesToSave(MemoryStorage):
    def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
        if not options.pop("overwrite", True) and self.exists(name):
            raise AlreadyExistsError("it exists")
        import time

        time.sleep(0.01)
        return super().save(name, file, **options)


class IgnoresOverwrite(MemoryStorage):
    def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
        return super().save(name, file, **{**options, "overwrite": True})


class StoresHalves(MemoryStorage):
    def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
        try:
            return super().save(name, file, **options)
        except Exception as error:
            if type(error).__name__ == "SourceError":
                super().save(name, io.BytesIO(b"half"))
            raise


class TellsLies(MemoryStorage):
    def exists(self, name: str) -> bool:
        super().exists(name)
        return True


class DeleteComplains(MemoryStorage):
    def delete(self, *names: Any) -> None:
        for name in names:
            if not self.exists(name):
                raise NotFoundError(name)
        super().delete(*names)


class DeletesFolders(MemoryStorage):
    def delete(self, *names: Any) -> None:
        super().delete(*names)
        for name in names:
            super().delete(*[info.name for info in self.find(name + "/")])


class DeletesBeforeChecking(MemoryStorage):
    def delete(self, *names: Any) -> None:
        for name in names:
            super().delete(name)


class FindsTwice(MemoryStorage):
    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        found = list(super().find(prefix))
        return iter(found + found[5:])


class DeletesNamesAlone(MemoryStorage):
    def delete(self, *names: Any) -> None:
        super().delete(*[name for name in names if not isinstance(name, FileInfo)])


class DeletesLists(MemoryStorage):
    def delete(self, *names: Any) -> None:
        for name in names:
            super().delete(*(name if isinstance(name, list) else [name]))


class FindsFolders(MemoryStorage):
    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        return (info for info in super().find(prefix) if "/" not in info.name[len(prefix) :])


class FindsByGlob(MemoryStorage):
    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        from fnmatch import fnmatchcase

        super().find(prefix)
        return (info for info in super().find() if fnmatchcase(info.name, prefix + "*"))


class FindsEagerly(MemoryStorage):
    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        return list(super().find(prefix))  # type: ignore[return-value]


class NaiveTimes(MemoryStorage):
    def stat(self, name: str) -> FileInfo:
        info = super().stat(name)
        naive = datetime.now(UTC).replace(tzinfo=None)
        return FileInfo(info.name, info.size, naive, info.etag, info.content_type)


class SameEtag(MemoryStorage):
    def stat(self, name: str) -> FileInfo:
        info = super().stat(name)
        return FileInfo(info.name, info.size, info.modified, "always", info.content_type)


class TrustsNames(MemoryStorage):
    def open(self, name: str) -> BinaryIO:
        if ".." in name.split("/"):
            return io.BytesIO(b"root:x:0:0")
        return super().open(name)


class TakesText(MemoryStorage):
    def save(self, name: str, file: Any, **options: Any) -> FileInfo:
        if isinstance(file, io.StringIO):
            file = io.BytesIO(file.read().encode())
        return super().save(name, file, **options)


class CannotSeek(MemoryStorage):
    def open(self, name: str) -> BinaryIO:
        file = super().open(name)
        file.seek = lambda *where: 0  # type: ignore[method-assign]
        return file


class MovesInsteadOfCopying(MemoryStorage):
    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        info = super().copy(source, target, overwrite=overwrite)
        if source != target:
            self.delete(source)
        return info


class WrongError(MemoryStorage):
    def stat(self, name: str) -> FileInfo:
        try:
            return super().stat(name)
        except NotFoundError:
            raise KeyError(name) from None


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (KeepsPosition, "rewound before saving"),
        (ClosesFiles, "left open"),
        (LosesZeroBytes, "byte for byte"),
        (RacesToSave, "one wins"),
        (IgnoresOverwrite, "AlreadyExistsError"),
        (StoresHalves, "leaves the old file"),
        (TellsLies, "does not exist|nothing is stored"),
        (DeleteComplains, "raises|missing"),
        (DeletesFolders, "not deleting"),
        (DeletesBeforeChecking, "deletes nothing"),
        (FindsTwice, "each file once"),
        (DeletesNamesAlone, "what find returns can be deleted"),
        (DeletesLists, "raises TypeError"),
        (FindsFolders, "recursively|removes many"),
        (FindsByGlob, "plain text"),
        (FindsEagerly, "an iterator"),
        (NaiveTimes, "aware, in UTC"),
        (SameEtag, "etag follows"),
        (TrustsNames, "UnsafeNameError"),
        (TakesText, "TypeError"),
        (CannotSeek, "seek"),
        (MovesInsteadOfCopying, "copies.*NotFoundError.*a.txt"),
        (WrongError, "NotFoundError"),
    ],
)
def test_check_finds_a_broken_promise(broken: type[MemoryStorage], message: str) -> None:
    """A storage that breaks one promise fails the check, which says which one."""
    with pytest.raises(AssertionError) as caught:
        check_storage(broken())
    assert re.search(message, str(caught.value)), caught.value


@pytest.mark.parametrize("name", [5, None, b"a"])
@pytest.mark.parametrize("call", ["save", "open", "stat", "exists", "delete", "copy"])
def test_a_name_is_a_text(storage: Storage, call: str, name: Any) -> None:
    """Every call of every storage says so, and asks nothing before."""
    others: dict[str, list[Any]] = {"save": [io.BytesIO(b"x")], "copy": ["b"]}
    with pytest.raises(ArgumentTypeError, match="name must be a str such as 'photos/cat.jpg'"):
        getattr(storage, call)(name, *others.get(call, []))


@pytest.mark.parametrize("content_type", ["text/größe", "日本", "a\nb", 5])
def test_a_content_type_is_what_a_header_can_carry(storage: Storage, content_type: Any) -> None:
    """The signature of a request would not fit others, whose answer is about credentials."""
    with pytest.raises(ArgumentError, match="content_type must be"):
        storage.save("a", io.BytesIO(b"x"), content_type=content_type)
    assert not storage.exists("a")
