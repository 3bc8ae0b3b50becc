"""The storage contract as a check of any storage."""

import io
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .._storage import Storage
from ..exceptions import AlreadyExistsError, NotFoundError, UnsafeNameError
from ._probes import SourceError, expect, pipe, raises, read


def check_storage(storage: Storage) -> None:
    """Check that a storage keeps every promise of :class:`~s3_saver.Storage`.

    It works below a random folder of the storage and leaves nothing behind.

    :raises AssertionError: a promise is broken; the message says which.
    """
    folder = f"check-storage-{os.urandom(6).hex()}/"
    try:
        for check in _CHECKS:
            topic = check.__name__.strip("_")
            try:
                check(storage, f"{folder}{topic}/")
            except Exception as error:
                if isinstance(error, AssertionError):
                    raise
                does = topic.replace("_", " ")
                raise AssertionError(f"the storage fails where it {does}: {error!r}") from error
    finally:
        storage.delete(*[info.name for info in storage.find(folder)])
    expect(not list(storage.find(folder)), "delete removes many files at once")


def _comes_back(storage: Storage, folder: str) -> None:
    cases = {
        "plain.txt": b"hello",
        "empty": b"",
        "every-byte.bin": bytes(range(256)) * 500,
        "archive.csv.gz": b"\x1f\x8b not really gzip",
        "blank and +&=#%?()[]{}*'\"~@!$,;:<>|^`.txt": b"specials",
        "Zürich/日本/🙂.jpg": b"unicode",
        "%2e%2e/%41": b"not decoded",
        ".hidden/..double": b"dots",
        "a" * 200: b"long",
    }
    for name, content in cases.items():
        saved = storage.save(folder + name, io.BytesIO(content))
        expect(read(storage, folder + name) == content, f"open returns {name!r} byte for byte")
        info = storage.stat(folder + name)
        expect(saved == info, f"save returns what stat returns of {name!r}", saved, info)
        expect(
            (info.name, info.size) == (folder + name, len(content)),
            f"stat returns name and size of {name!r}",
            info,
        )
        expect(storage.exists(folder + name), f"{name!r} exists after save")


def _reports_time_and_type(storage: Storage, folder: str) -> None:
    storage.save(folder + "page.css", io.BytesIO(b"a {}"))
    info = storage.stat(folder + "page.css")
    expect(info.modified.utcoffset() == timedelta(0), "modified is aware, in UTC", info.modified)
    age = abs(datetime.now(UTC) - info.modified)
    expect(age < timedelta(minutes=15), "modified is the time of saving", info.modified)
    expect(info.content_type == "text/css", "the content type follows the name", info)
    expect(bool(info.etag) and '"' not in info.etag, "the etag is bare", info.etag)
    storage.save(folder + "page.css", io.BytesIO(b"b { color: red }"))
    expect(storage.stat(folder + "page.css").etag != info.etag, "the etag follows the content")


def _reads_from_the_start(storage: Storage, folder: str) -> None:
    file = io.BytesIO(b"from the start")
    file.seek(5)
    storage.save(folder + "a", file)
    expect(read(storage, folder + "a") == b"from the start", "a stream is rewound before saving")
    expect(not file.closed, "the caller's file is left open")


def _takes_pipes(storage: Storage, folder: str) -> None:
    storage.save(folder + "a", pipe(b"dribbled" * 1000))
    expect(read(storage, folder + "a") == b"dribbled" * 1000, "a stream that can't seek is saved")
    storage.save(folder + "b", pipe(b"once"), overwrite=False)
    expect(read(storage, folder + "b") == b"once", "also with overwrite=False")


def _refuses_text(storage: Storage, folder: str) -> None:
    for file in (io.StringIO("text"), b"bytes", "a path"):
        with raises(TypeError, f"saving {type(file).__name__} instead of a binary stream"):
            storage.save(folder + "a", file)  # type: ignore[arg-type]
    expect(not storage.exists(folder + "a"), "nothing is stored by a refused save")


def _opens_seekable(storage: Storage, folder: str) -> None:
    storage.save(folder + "a", io.BytesIO(b"0123456789"))
    with storage.open(folder + "a") as file:
        expect(file.read(4) == b"0123", "open returns a stream")
        file.seek(-3, io.SEEK_END)
        expect(file.read() == b"789", "that can seek from its end")
        file.seek(2)
        expect(file.tell() == 2 and file.read(2) == b"23", "and back")
        expect(file.read(0) == b"", "and read nothing")
    expect(file.closed, "and is closed by its context")


def _replaces_whole(storage: Storage, folder: str) -> None:
    storage.save(folder + "a", io.BytesIO(b"old and longer"))
    storage.save(folder + "a", io.BytesIO(b"new"))
    expect(read(storage, folder + "a") == b"new", "save replaces the whole file")
    with raises(AlreadyExistsError, "overwrite=False on a name that is taken"):
        storage.save(folder + "a", io.BytesIO(b"newer"), overwrite=False)
    expect(read(storage, folder + "a") == b"new", "a refused save changes nothing")


def _keeps_old_on_failure(storage: Storage, folder: str) -> None:
    storage.save(folder + "a", io.BytesIO(b"old"))
    for name in ("a", "fresh"):
        with raises(SourceError, "a stream that fails in the middle, its own error"):
            storage.save(folder + name, pipe(b"half" * 500_000, fails=True))
    expect(read(storage, folder + "a") == b"old", "a failed save leaves the old file")
    found = [info.name for info in storage.find(folder)]
    expect(found == [folder + "a"], "and nothing of the new one", found)


def _lets_one_win(storage: Storage, folder: str) -> None:
    start, results = threading.Barrier(16), []

    def save(number: int) -> None:
        content = b"%d" % number * 1000
        start.wait()
        try:
            storage.save(folder + "a", io.BytesIO(content), overwrite=False)
            results.append(content)
        except AlreadyExistsError:
            results.append(b"")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [content for content in results if content]
    expect(
        (len(results), len(won)) == (16, 1),
        "of 16 concurrent saves with overwrite=False one wins, the others raise AlreadyExistsError",
        f"{len(won)} won, {len(results) - len(won)} raised",
    )
    expect(read(storage, folder + "a") == won[0], "the winner's file is stored")


def _reports_what_is_missing(storage: Storage, folder: str) -> None:
    storage.save(folder + "dir/file", io.BytesIO(b"x"))
    for name in ("missing", "dir", "dir/file/below"):
        expect(not storage.exists(folder + name), f"{name!r} does not exist")
        for call in (storage.open, storage.stat):
            with raises(NotFoundError, f"{call.__name__} of {name!r}, which is not there"):
                call(folder + name)
        with raises(NotFoundError, f"copy of {name!r}, which is not there"):
            storage.copy(folder + name, folder + "target")
        storage.delete(folder + name)
    expect(storage.exists(folder + "dir/file"), "deleting 'dir' is not deleting 'dir/file'")


def _deletes(storage: Storage, folder: str) -> None:
    for name in ("a", "b", "c/d"):
        storage.save(folder + name, io.BytesIO(b"x"))
    storage.delete()
    storage.delete(folder + "a", folder + "missing", folder + "c/d")
    found = [info.name for info in storage.find(folder)]
    expect(found == [folder + "b"], "delete removes the named files and no others", found)
    storage.save(folder + "c", io.BytesIO(b"x"))
    expect(storage.exists(folder + "c"), "a folder whose files are gone is gone")
    with raises(TypeError, "deleting a list instead of names"):
        storage.delete([folder + "b", folder + "c"])  # type: ignore[arg-type]
    storage.delete(*storage.find(folder), folder + "missing")
    found = [info.name for info in storage.find(folder)]
    expect(found == [], "what find returns can be deleted", found)


def _finds(storage: Storage, folder: str) -> None:
    names = ["A", "Z", "a b", "a*", "a-/1", "a.txt", "a/1", "a/2", "a0", "b[1]", "é", "ﬀ", "🙂"]
    for name in names:
        storage.save(folder + name, io.BytesIO(name.encode()))

    def found(prefix: str) -> list[str]:
        # In whatever order the storage has.
        return sorted(info.name.removeprefix(folder) for info in storage.find(folder + prefix))

    expect(found("") == sorted(names), "find returns each file once, recursively", found(""))
    for prefix in ("a", "a/", "a*", "b[", "b[1]", "a?", "none", "a.", ".", "é"):
        wanted = sorted(name for name in names if name.startswith(prefix))
        expect(found(prefix) == wanted, f"find by {prefix!r} is by plain text", found(prefix))
    files = storage.find(folder)
    expect(iter(files) is iter(files), "find returns an iterator, not a list")
    first = next(files)
    expect(first == storage.stat(first.name), "find returns what stat returns", first)


def _copies(storage: Storage, folder: str) -> None:
    storage.save(folder + "a.txt", io.BytesIO(b"copied"))
    copied = storage.copy(folder + "a.txt", folder + "sub/b.txt")
    expect(copied == storage.stat(folder + "sub/b.txt"), "copy returns what stat returns", copied)
    expect(read(storage, folder + "sub/b.txt") == b"copied", "copy copies")
    expect(read(storage, folder + "a.txt") == b"copied", "and leaves the source")
    storage.save(folder + "c.txt", io.BytesIO(b"other"))
    with raises(AlreadyExistsError, "copy with overwrite=False to a name that is taken"):
        storage.copy(folder + "a.txt", folder + "c.txt", overwrite=False)
    expect(read(storage, folder + "c.txt") == b"other", "a refused copy changes nothing")
    storage.copy(folder + "a.txt", folder + "c.txt")
    expect(read(storage, folder + "c.txt") == b"copied", "copy replaces")
    storage.copy(folder + "a.txt", folder + "d.txt", overwrite=False)
    expect(read(storage, folder + "d.txt") == b"copied", "overwrite=False takes a free name")
    storage.copy(folder + "a.txt", folder + "a.txt")
    expect(read(storage, folder + "a.txt") == b"copied", "a copy onto itself is harmless")


def _guards_names(storage: Storage, folder: str) -> None:
    storage.save(folder + "a", io.BytesIO(b"x"))
    storage.save(folder + "kept", io.BytesIO(b"x"))
    unsafe = (
        "",
        "/etc/passwd",
        "../a",
        f"{folder}../a",
        f"{folder}./a",
        f"{folder}b/..",
        f"{folder}b//c",
        f"{folder}b/",
        f"{folder}b\\c",
        f"{folder}nul\0",
        f"{folder}line\n",
        f"{folder}\x7f",
        f"{folder}\udcff",
        folder + "s" * 256,
        folder + "é" * 128,
        folder + "/".join(["s" * 200] * 6),
    )
    calls: dict[str, Callable[[str], object]] = {
        "save": lambda name: storage.save(name, io.BytesIO(b"x")),
        "open": storage.open,
        "stat": storage.stat,
        "exists": storage.exists,
        "delete": lambda name: storage.delete(folder + "kept", name),
        "copy from": lambda name: storage.copy(name, folder + "b"),
        "copy to": lambda name: storage.copy(folder + "a", name),
    }
    for name in unsafe:
        for verb, call in calls.items():
            with raises(UnsafeNameError, f"{verb} {name!r}"):
                call(name)
    for prefix in ("/etc", "../", f"{folder}../", f"{folder}b//c", f"{folder}b\\c", f"{folder}\0"):
        with raises(UnsafeNameError, f"find {prefix!r}"):
            storage.find(prefix)
    expect(storage.exists(folder + "kept"), "a delete that is refused deletes nothing")


_CHECKS = (
    _comes_back,
    _reports_time_and_type,
    _reads_from_the_start,
    _takes_pipes,
    _refuses_text,
    _opens_seekable,
    _replaces_whole,
    _keeps_old_on_failure,
    _lets_one_win,
    _reports_what_is_missing,
    _deletes,
    _finds,
    _copies,
    _guards_names,
)
