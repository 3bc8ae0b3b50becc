"""FileTransaction: what becomes of files when rows are committed, rolled back, or nobody knows."""

import asyncio
import io
import json
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from s3_saver import (
    AlreadyExistsError,
    ArgumentTypeError,
    FileInfo,
    FileTransaction,
    NotConfiguredError,
    Storages,
    StorageUnavailableError,
    StoredFile,
    UnboundError,
    UnsafeNameError,
)
from s3_saver.testing import MemoryStorage, S3Server


@pytest.fixture(params=["local", "s3"])
def storages(request: pytest.FixtureRequest, tmp_path: Path) -> Storages:
    """New files go to a folder, then to a bucket."""
    if request.param == "local":
        return Storages(tmp_path / "files")
    server: S3Server = request.getfixturevalue("s3_server")
    return Storages(storage=server.storage(request.getfixturevalue("s3_bucket"), prefix="up"))


def put(storages: Storages, name: str, content: bytes = b"old") -> StoredFile:
    """A file of an earlier transaction."""
    return storages.save(name, io.BytesIO(content))


def all_files(storages: Storages) -> dict[str, bytes]:
    """Every file and its content."""
    found = {}
    for info in storages.current.find():
        with storages.current.open(info.name) as file:
            found[info.name] = file.read()
    return found


def nothing(_: Sequence[StoredFile]) -> list[StoredFile]:
    """No row names any file."""
    return []


def everything(files: Sequence[StoredFile]) -> Sequence[StoredFile]:
    """Rows name all files."""
    return files


def no_answer(_: Sequence[StoredFile]) -> Iterable[StoredFile]:
    """The database is gone."""
    raise sqlite3.OperationalError("the server closed the connection")


class RolledBackError(Exception):
    """What a view raises whose commit failed."""


def test_a_new_file_replaces_the_old_one_after_the_commit(storages: Storages) -> None:
    """In the block both are there; after it the new one alone."""
    old = put(storages, "old")
    with FileTransaction(storages) as files:
        new = files.save("new", io.BytesIO(b"new"), filename="N.txt", metadata={"a": 1})
        files.delete(old)
        assert all_files(storages) == {"old": b"old", "new": b"new"}
    assert all_files(storages) == {"new": b"new"}
    with new.open() as file:
        assert file.read() == b"new"
    assert (new.size, new.filename, new.metadata) == (3, "N.txt", {"a": 1})


def test_a_rollback_leaves_the_old_file(storages: Storages) -> None:
    """What the block raises comes out of it, and what was saved in it is gone."""
    old = put(storages, "old")

    def view() -> None:
        with FileTransaction(storages) as files:
            files.save("new", io.BytesIO(b"new"))
            files.delete(old)
            raise RolledBackError

    with pytest.raises(RolledBackError):
        view()
    assert all_files(storages) == {"old": b"old"}


def test_an_explicit_rollback_leaves_nothing_to_the_end_of_the_block(storages: Storages) -> None:
    """For a view that swallows the error of its commit."""
    old = put(storages, "old")
    with FileTransaction(storages) as files:
        files.save("new", io.BytesIO(b"new"))
        files.delete(old)
        files.rollback()
        assert all_files(storages) == {"old": b"old"}
    assert all_files(storages) == {"old": b"old"}


def test_a_taken_name_is_refused(storages: Storages) -> None:
    """Another row may name that file."""
    put(storages, "taken")
    with pytest.raises(AlreadyExistsError), FileTransaction(storages) as files:
        files.save("taken", io.BytesIO(b"new"))
    assert all_files(storages) == {"taken": b"old"}


@pytest.mark.parametrize("is_committed", [True, False])
def test_overwriting_waits_for_the_commit(storages: Storages, is_committed: bool) -> None:
    """Until then the other file is whole, and after a rollback too; nothing else is left."""
    put(storages, "cat.jpg")
    files = FileTransaction(storages)
    new = files.save("cat.jpg", io.BytesIO(b"new"), overwrite=True)
    assert (new.name, new.content_type) == ("cat.jpg", "image/jpeg")
    with storages.current.open("cat.jpg") as file:
        assert file.read() == b"old"
    if is_committed:
        files.commit()
    else:
        files.rollback()
    assert all_files(storages) == {"cat.jpg": b"new" if is_committed else b"old"}


def test_a_name_that_is_free_is_taken_at_once(storages: Storages) -> None:
    """With overwrite=True, too: nothing waits without need."""
    files = FileTransaction(storages)
    files.save("a", io.BytesIO(b"new"), overwrite=True)
    assert all_files(storages) == {"a": b"new"}


def test_a_stream_that_cannot_be_rewound_is_saved_whole(storages: Storages) -> None:
    """A pipe can be read once: the name is looked at before."""
    put(storages, "a")
    reading, writing = os.pipe()
    os.write(writing, b"piped")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe, FileTransaction(storages) as files:
        files.save("a", pipe, overwrite=True)
    assert all_files(storages) == {"a": b"piped"}


def test_a_replaced_file_of_the_same_name_is_not_deleted(storages: Storages) -> None:
    """The row names that name still, in whatever order view and field say so."""
    old = put(storages, "a")
    with FileTransaction(storages) as files:
        files.delete(old)
        files.save("a", io.BytesIO(b"new"), overwrite=True)
    assert all_files(storages) == {"a": b"new"}


@pytest.mark.parametrize("is_committed", [True, False])
def test_what_is_saved_and_deleted_again_goes_in_any_case(
    storages: Storages, is_committed: bool
) -> None:
    """A form is filled in twice before the commit."""
    files = FileTransaction(storages)
    first = files.save("first", io.BytesIO(b"1"))
    files.delete(first)
    files.save("second", io.BytesIO(b"2"))
    if is_committed:
        files.commit()
    else:
        files.rollback()
    assert all_files(storages) == ({"second": b"2"} if is_committed else {})


@pytest.mark.parametrize("content", [b"1", b"2"])
def test_of_two_saves_under_one_name_the_last_stays(storages: Storages, content: bytes) -> None:
    """So it is with the same bytes, which no ETag distinguishes."""
    with FileTransaction(storages) as files:
        files.save("a", io.BytesIO(b"1"))
        files.save("a", io.BytesIO(content), overwrite=True)
    assert all_files(storages) == {"a": content}


def test_a_rollback_spares_what_another_has_put_there(storages: Storages) -> None:
    """A file that was replaced meanwhile is another's."""
    files = FileTransaction(storages)
    files.save("a", io.BytesIO(b"mine"))
    put(storages, "a", b"another's")
    files.rollback()
    assert all_files(storages) == {"a": b"another's"}


def test_a_file_that_rows_name_is_not_deleted(storages: Storages) -> None:
    """Two rows name one file, and one of them is deleted."""
    shared, single = put(storages, "shared"), put(storages, "single")
    asked: list[str] = []

    def find_named(files: Sequence[StoredFile]) -> Iterator[StoredFile]:
        asked.extend(file.name for file in files)
        return (file for file in files if file.name == "shared")

    with FileTransaction(storages, find_named=find_named) as files:
        files.delete(shared, single)
    assert all_files(storages) == {"shared": b"old"}
    assert asked == ["shared", "single"], "one question for all"


def test_settling_spares_what_rows_name_inside_the_transaction(storages: Storages) -> None:
    """What the database knows before the commit needs no question after it."""
    shared, single = put(storages, "shared"), put(storages, "single")
    files = FileTransaction(storages)
    files.delete(shared, single)
    files.settle(lambda found: [file for file in found if file.name == "shared"])
    files.commit()
    assert all_files(storages) == {"shared": b"old"}


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_released_file_stays_whatever_happens(storages: Storages, is_committed: bool) -> None:
    """Saved or to be deleted; but one that waits for its name has yet to be anybody's."""
    old, same = put(storages, "old"), put(storages, "same")
    files = FileTransaction(storages)
    new = files.save("new", io.BytesIO(b"new"))
    files.save("same", io.BytesIO(b"new"), overwrite=True)
    files.delete(old)
    files.release(new, old, same)
    if is_committed:
        files.commit()
    else:
        files.rollback()
    found = all_files(storages)
    assert found == {"new": b"new", "old": b"old", "same": b"new" if is_committed else b"old"}


def test_a_lost_answer_of_a_commit_is_found_out(storages: Storages) -> None:
    """The exception says that it failed, the rows say that it did not: the rows are right."""
    old = put(storages, "old")
    put(storages, "same")

    def find_named(files: Sequence[StoredFile]) -> list[StoredFile]:
        return [file for file in files if file.name != "old"]

    with suppress(RolledBackError), FileTransaction(storages, find_named=find_named) as files:
        files.save("new", io.BytesIO(b"new"))
        files.save("same", io.BytesIO(b"new"), overwrite=True)
        files.delete(old)
        raise RolledBackError
    assert all_files(storages) == {"new": b"new", "same": b"new"}


@pytest.mark.parametrize("is_committed", [True, False])
def test_nothing_is_deleted_while_nobody_knows(
    storages: Storages, is_committed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """If the database does not answer, a file too many is better than one too few."""
    old = put(storages, "old")
    files = FileTransaction(storages, find_named=no_answer)
    files.save("new", io.BytesIO(b"new"))
    files.delete(old)
    with caplog.at_level(logging.ERROR, "s3_saver"):
        if is_committed:
            files.commit()
        else:
            files.rollback()
    assert all_files(storages) == {"old": b"old", "new": b"new"}
    (record,) = caplog.records
    assert "the server closed the connection" in record.message
    assert record.exc_info is None, "one line, and no traceback"


@pytest.mark.parametrize("outer", ["commit", "rollback"])
@pytest.mark.parametrize("inner", ["commit", "rollback"])
def test_savepoints_decide_over_their_own_files(storages: Storages, outer: str, inner: str) -> None:
    """What a savepoint saved goes with it; its commit decides nothing but for the outer one."""
    old = put(storages, "old")
    files = FileTransaction(storages)
    files.save("outer", io.BytesIO(b"o"))
    nested = files.begin_nested()
    nested.save("inner", io.BytesIO(b"i"))
    nested.delete(old)
    getattr(nested, inner)()
    expected = {"old": b"old", "outer": b"o", **({"inner": b"i"} if inner == "commit" else {})}
    assert all_files(storages) == expected, "nothing is deleted at a savepoint's commit"
    getattr(files, outer)()
    if outer == "rollback":
        expected = {"old": b"old"}
    elif inner == "commit":
        expected = {"outer": b"o", "inner": b"i"}
    assert all_files(storages) == expected


def test_a_savepoint_deletes_what_the_outer_transaction_saved(storages: Storages) -> None:
    """Only if both are committed: after the savepoint's rollback it stays."""
    for is_committed in (True, False):
        files = FileTransaction(storages)
        saved = files.save("a", io.BytesIO(b"x"))
        with suppress(RolledBackError), files.begin_nested() as nested:
            nested.delete(saved)
            raise RolledBackError
        if is_committed:
            with files.begin_nested() as nested:
                nested.delete(saved)
        files.commit()
        assert all_files(storages) == ({} if is_committed else {"a": b"x"})


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_transaction_takes_over_the_files_of_another(
    storages: Storages, is_committed: bool
) -> None:
    """With those that wait for a name and the calls afterwards; the other decides over nothing."""
    old = put(storages, "old.txt")
    put(storages, "taken.txt")
    heard: list[str] = []
    other, files = FileTransaction(storages), FileTransaction(storages)
    other.save("new.txt", io.BytesIO(b"new"))
    other.save("taken.txt", io.BytesIO(b"new"), overwrite=True)
    other.delete(old)
    other.after_commit(lambda: heard.append("commit"))
    other.after_rollback(lambda: heard.append("rollback"))

    files.take_over(other)
    other.rollback()
    other.commit()
    assert heard == []

    if is_committed:
        files.commit()
        assert all_files(storages) == {"new.txt": b"new", "taken.txt": b"new"}
    else:
        files.rollback()
        assert all_files(storages) == {"old.txt": b"old", "taken.txt": b"old"}
    assert heard == ["commit" if is_committed else "rollback"]


def test_the_innermost_block_is_the_current_one(storages: Storages) -> None:
    """Fields and columns find it without being passed it."""
    assert FileTransaction.current() is None
    with FileTransaction(storages) as outer:
        with outer.begin_nested() as inner:
            assert FileTransaction.current() is inner
        assert FileTransaction.current() is outer
    assert FileTransaction.current() is None


def test_a_file_that_is_stored_already_can_follow(storages: Storages) -> None:
    """A claimed upload: its rollback deletes it, its commit keeps it."""
    files = FileTransaction(storages)
    files.add(put(storages, "claimed"))
    files.rollback()
    assert all_files(storages) == {}
    with FileTransaction(storages) as files:
        files.add(put(storages, "claimed"))
    assert all_files(storages) == {"claimed": b"old"}


def test_callbacks_hear_of_the_one_outcome(
    storages: Storages, caplog: pytest.LogCaptureFixture
) -> None:
    """After the files are in place; one that fails stops no other, and is logged."""
    heard: list[str] = []
    for end in (FileTransaction.commit, FileTransaction.rollback):
        files = FileTransaction(storages)
        nested = files.begin_nested()
        nested.after_commit(lambda: 1 / 0)
        nested.after_commit(lambda: heard.append(f"commit {len(all_files(storages))}"))
        nested.after_rollback(lambda: heard.append(f"rollback {len(all_files(storages))}"))
        nested.save("a", io.BytesIO(b"x"))
        nested.commit()
        assert len(heard) < 2
        end(files)
        storages.current.delete("a")
    assert heard == ["commit 1", "rollback 0"]
    assert "failed after the transaction: division by zero" in caplog.text


def test_listeners_hear_of_replaced_files(storages: Storages) -> None:
    """Thumbnails go with the file that a transaction has replaced, or rolled back."""
    heard: list[str] = []
    storages.on_deleted(lambda name, *_: heard.append(name))
    with FileTransaction(storages) as files:
        files.delete(put(storages, "old"))
    files.save("new", io.BytesIO(b"x"))
    files.rollback()
    assert heard == ["old", "new"]


def test_listeners_hear_of_saved_files_by_their_own_names(storages: Storages) -> None:
    """A file is reported when it is saved, also one that waits for the name of another."""
    heard: list[str] = []
    put(storages, "a")
    storages.on_saved(lambda file: heard.append(file.name))
    with FileTransaction(storages) as files:
        files.save("a", io.BytesIO(b"new"), overwrite=True)
        files.save("b", io.BytesIO(b"x"))
    assert heard == ["a", "b"]


def test_listeners_hear_of_a_file_that_takes_the_place_of_another_after_the_commit(
    storages: Storages,
) -> None:
    """It is reported when the old file is gone, and not before; a new name is not reported."""
    heard: list[tuple[str, bytes]] = []
    put(storages, "a")

    @storages.on_replaced
    def hear(file: StoredFile) -> None:
        with file.open() as opened:
            heard.append((file.name, opened.read()))

    with FileTransaction(storages) as files:
        files.save("a", io.BytesIO(b"new"), overwrite=True)
        files.save("b", io.BytesIO(b"x"), overwrite=True)
        assert heard == []
    assert heard == [("a", b"new")]


class Unreliable(MemoryStorage):
    """A storage that does not answer when it should delete."""

    def delete(self, *names: str | FileInfo) -> None:
        raise StorageUnavailableError(f"no answer about {names[0]!r}", name=str(names[0]))


def test_a_failure_after_the_commit_is_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The row is committed: the view must not fail, and other files must go."""
    broken, sound = Storages(storage=Unreliable()), Storages(storage=MemoryStorage())
    with FileTransaction(broken) as files:
        files.delete(*[put(broken, f"{number}") for number in range(3)], put(sound, "a"))
    assert all_files(sound) == {}
    (record,) = caplog.records
    assert record.message == "3 files could not be deleted, '0' first: no answer about '0'"


def test_files_of_one_storage_are_deleted_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand rows are deleted by one call, which S3 batches."""
    calls: list[int] = []

    class Counting(MemoryStorage):
        def delete(self, *names: str | FileInfo) -> None:
            calls.append(len(names))
            super().delete(*names)

    storages = Storages(storage=Counting())
    with FileTransaction(storages, find_named=nothing) as files:
        for number in range(1000):
            files.delete(StoredFile(f"{number}").bind(storages))
    assert calls == [1000]
    assert caplog.records == []


def test_a_row_of_a_bucket_that_is_gone_can_be_deleted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its file cannot be reached, which the log says; deleting the row must not fail for that."""
    storages = Storages(tmp_path)
    with FileTransaction(storages) as files:
        files.delete(StoredFile("a", storage_type="s3", bucket_name="gone"))
    assert "s3://gone is not one of the buckets" in caplog.text


def test_files_that_are_not_bound_are_those_of_the_storages(storages: Storages) -> None:
    """Without storages, an unbound one is an error when it is passed, not after the commit."""
    old = StoredFile.from_dict(put(storages, "old").to_dict())
    with FileTransaction(storages) as files:
        files.delete(old)
    assert all_files(storages) == {}
    with pytest.raises(UnboundError, match="call stored.bind"):
        FileTransaction().delete(old)


def test_wrong_arguments_are_refused_at_once(storages: Storages) -> None:
    """Nothing is stored that nobody could name or undo."""
    calls: list[Callable[[], Any]] = [
        lambda: FileTransaction("files"),  # type: ignore[arg-type]
        lambda: FileTransaction(storages, find_named=True),  # type: ignore[arg-type]
        lambda: FileTransaction().save("a", io.BytesIO(b"x")),
        lambda: FileTransaction(storages).delete("a"),  # type: ignore[arg-type]
        lambda: FileTransaction(storages).after_commit(None),  # type: ignore[arg-type]
        lambda: FileTransaction(storages).after_rollback("f"),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(ArgumentTypeError):
            call()
    with pytest.raises(UnsafeNameError):
        FileTransaction(storages).save("../a", io.BytesIO(b"x"))
    with pytest.raises(NotConfiguredError):
        FileTransaction(Storages()).save("a", io.BytesIO(b"x"))


def test_a_save_that_fails_leaves_nothing(storages: Storages) -> None:
    """The stream's own error comes out, and the transaction knows no file."""

    class Torn(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError("torn")

    with FileTransaction(storages) as files, pytest.raises(OSError, match="torn"):
        files.save("a", Torn(b"x"))
    assert all_files(storages) == {}


class Copyless(MemoryStorage):
    """A storage that fails when a waiting file should get its name."""

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        raise StorageUnavailableError("no answer", name=target)


def test_a_waiting_file_that_cannot_get_its_name_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The row's new content is not lost: the log says where it is."""
    storages = Storages(storage=Copyless())
    put(storages, "a")
    with FileTransaction(storages) as files:
        files.save("a", io.BytesIO(b"new"), overwrite=True)
    pending, content = next(iter(all_files(storages).items()))
    assert pending.startswith(".pending/")
    assert content == b"new"
    assert f"'a' is committed, but its content is still in '{pending}': no answer" in caplog.text


def test_files_follow_rows_of_a_real_database(storages: Storages, tmp_path: Path) -> None:
    """Replace, rollback, delete and a shared file, with sqlite3 alone, as the README shows."""
    with closing(sqlite3.connect(tmp_path / "rows.db")) as database:
        database.execute("create table thing (id integer primary key, image text)")

        def find_named(files: Sequence[StoredFile]) -> list[StoredFile]:
            rows = database.execute("select image from thing where image is not null")
            named = {json.loads(image)["name"] for (image,) in rows}
            return [file for file in files if file.name in named]

        def replace(number: int, name: str | None, *, fails: bool = False) -> None:
            with FileTransaction(storages, find_named=find_named) as files, database:
                row = database.execute("select image from thing where id = ?", [number]).fetchone()
                if row and row[0]:
                    files.delete(StoredFile.from_dict(json.loads(row[0])))
                new = files.save(name, io.BytesIO(name.encode())).to_dict() if name else None
                image = json.dumps(new) if new else None
                database.execute("insert or replace into thing values (?, ?)", [number, image])
                if fails:
                    raise RolledBackError

        replace(1, "tom")
        assert all_files(storages) == {"tom": b"tom"}
        with pytest.raises(RolledBackError):
            replace(1, "kit", fails=True)
        assert all_files(storages) == {"tom": b"tom"}
        replace(1, "kit")
        assert all_files(storages) == {"kit": b"kit"}
        with database:
            database.execute("insert into thing select 2, image from thing")
        replace(1, None)
        assert all_files(storages) == {"kit": b"kit"}, "row 2 names it"
        replace(2, None)
        assert all_files(storages) == {}


def test_blocks_may_end_in_any_order(storages: Storages) -> None:
    """Generators end when their callers say; what is current then is a block that is running."""

    def work(name: str) -> Iterator[FileTransaction | None]:
        with FileTransaction(storages) as files:
            files.save(name, io.BytesIO(b"x"))
            yield FileTransaction.current()
            yield FileTransaction.current()

    first, second = work("first"), work("second")
    next(first)
    current = next(second)
    assert current is not None
    assert next(first) is current
    assert list(first) == []
    assert FileTransaction.current() is current
    assert next(second) is current
    assert list(second) == []
    assert FileTransaction.current() is None
    with current:
        assert FileTransaction.current() is current
        with current:
            assert FileTransaction.current() is current
        assert FileTransaction.current() is current
    assert FileTransaction.current() is None


def test_a_block_may_end_in_another_context(storages: Storages) -> None:
    """An asynchronous generator that is closed by another task still undoes what it has saved."""

    async def work() -> AsyncGenerator[None]:
        with FileTransaction(storages) as files:
            files.save("a", io.BytesIO(b"x"))
            yield

    async def main() -> None:
        generator = work()
        await asyncio.create_task(anext_of(generator))
        assert storages.current.exists("a")
        await generator.aclose()
        assert FileTransaction.current() is None

    async def anext_of(generator: AsyncGenerator[None]) -> None:
        await anext(generator)

    asyncio.run(main())
    assert not storages.current.exists("a")


def test_a_task_that_outlives_the_block_has_none(storages: Storages) -> None:
    """What it saved there would be neither committed nor rolled back."""

    async def main() -> tuple[object, object]:
        ended = asyncio.Event()

        async def child() -> tuple[object, object]:
            inside = FileTransaction.current()
            await ended.wait()
            return inside, FileTransaction.current()

        with FileTransaction(storages) as files:
            task = asyncio.create_task(child())
            await asyncio.sleep(0)
        ended.set()
        inside, after = await task
        return inside is files, after

    assert asyncio.run(main()) == (True, None)


def test_a_waiting_file_keeps_what_it_was_saved_with(s3_bucket: str, s3_server: S3Server) -> None:
    """S3 takes storage class, encryption and tags of a copy from the request, not the source."""
    storage = s3_server.storage(s3_bucket, storage_class="GLACIER_IR")
    storages = Storages(storage=storage)
    put(storages, "a.txt")
    with FileTransaction(storages) as files:
        files.save(
            "a.txt",
            io.BytesIO(b"new"),
            overwrite=True,
            content_type="text/css",
            storage_class="STANDARD_IA",
            server_side_encryption="AES256",
            cache_control="no-store",
            tags={"owner": "ann"},
        )
    address: Any = {"Bucket": s3_bucket, "Key": "a.txt"}
    head = storage.client.head_object(**address)
    assert head["StorageClass"] == "STANDARD_IA"
    assert head["ServerSideEncryption"] == "AES256"
    assert (head["CacheControl"], head["ContentType"]) == ("no-store", "text/css")
    tags = storage.client.get_object_tagging(**address)["TagSet"]
    assert tags == [{"Key": "owner", "Value": "ann"}]
    assert all_files(storages) == {"a.txt": b"new"}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "fields", [{"metadata": [1]}, {"metadata": "text"}, {"filename": 5}, {"filename": b"a"}]
)
def test_nothing_is_stored_of_what_no_row_can_hold(
    storages: Storages, fields: dict[str, Any], overwrite: bool
) -> None:
    """The argument is refused before the file is stored, in a transaction and without one."""
    (argument,) = fields
    for where in (storages, FileTransaction(storages)):
        with pytest.raises(ArgumentTypeError, match=f"{argument} must be"):
            where.save("a", io.BytesIO(b"x"), overwrite=overwrite, **fields)
    assert all_files(storages) == {}
