"""Storages: which storage a row's fields mean, and what must not be reached."""

import io
import logging
import pickle
import threading
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from s3_saver import (
    AlreadyExistsError,
    ArgumentError,
    ArgumentTypeError,
    LocalStorage,
    NotConfiguredError,
    S3Storage,
    Storages,
    StoredFile,
    UnboundError,
    UnsafeNameError,
    ensure_storage,
    location_of,
)
from s3_saver.testing import MemoryStorage, S3Server


@pytest.fixture
def on_s3(s3_server: S3Server, s3_bucket: str, tmp_path: Path) -> Storages:
    """New files go to a bucket; old ones are in a folder."""
    return Storages(
        tmp_path / "files",
        storage=s3_server.storage(s3_bucket, prefix="uploads"),
        url=lambda file: f"https://example.com/{file.name}",
    )


def test_new_files_go_where_the_options_say(on_s3: Storages, s3_bucket: str) -> None:
    """The stored file says where it is, in the words of a row."""
    stored = on_s3.save("a.txt", io.BytesIO(b"abc"), filename="My A.txt", metadata={"lines": 1})
    assert stored == StoredFile(
        "a.txt", 3, "text/plain", "s3", s3_bucket, "My A.txt", metadata={"lines": 1}
    )
    assert on_s3.current.exists("a.txt")
    with stored.open() as file:
        assert file.read() == b"abc"


def test_a_file_on_disk_takes_the_options_of_s3(tmp_path: Path) -> None:
    """A disk has no use for headers, and a wrong one is refused there, too."""
    storages = Storages(tmp_path)
    assert storages.save("a", io.BytesIO(b"x"), cache_control="no-store").exists()
    with pytest.raises(ArgumentError, match="cache_control must be a str without control"):
        storages.save("b", io.BytesIO(b"x"), cache_control="a\nb")
    with pytest.raises(TypeError, match="regoin"):
        storages.save("b", io.BytesIO(b"x"), regoin="x")  # type: ignore[call-arg]


def test_old_files_are_found_where_their_rows_say(on_s3: Storages, tmp_path: Path) -> None:
    """After a switch to S3 what was saved on disk is read and deleted there."""
    old = Storages(tmp_path / "files").save("a.txt", io.BytesIO(b"old"))
    moved = StoredFile.from_dict(old.to_dict()).bind(on_s3)
    with moved.open() as file:
        assert file.read() == b"old"
    moved.delete()
    assert not (tmp_path / "files" / "a.txt").exists()


def test_a_bucket_is_known_also_while_new_files_go_to_disk(tmp_path: Path) -> None:
    """USE_S3 off: files that are on S3 already are still found."""
    storages = Storages(tmp_path, bucket_name="media", prefix="uploads")
    assert isinstance(storages.current, LocalStorage)
    found = storages.find("s3", "media")
    assert isinstance(found, S3Storage)
    assert (found.bucket_name, found.prefix) == ("media", "uploads/")


@pytest.mark.parametrize(
    "call",
    [
        StoredFile.open,
        StoredFile.exists,
        StoredFile.delete,
        attrgetter("url"),
        attrgetter("permanent_url"),
    ],
)
def test_a_row_leads_to_no_other_bucket(call: Callable[[StoredFile], Any], tmp_path: Path) -> None:
    """Neither reading, deleting nor a URL: the credentials may reach it, the app does not."""
    storages = Storages(
        tmp_path,
        storage_type="s3",
        bucket_name="media",
        allowed_buckets=["old-media"],
        settings={"allowed_buckets": "S3_ALLOWED_BUCKETS"},
        url=lambda file: file.name,
        permanent_url=lambda file: file.name,
    )
    foreign = StoredFile("salaries.csv", storage_type="s3", bucket_name="payroll").bind(storages)
    with pytest.raises(
        NotConfiguredError, match="s3://payroll is not one of .*add it to S3_ALLOWED_BUCKETS"
    ) as caught:
        call(foreign)
    error = caught.value
    assert (error.storage_type, error.bucket_name) == ("s3", "payroll")
    assert error.argument == "S3_ALLOWED_BUCKETS"


def test_allowed_buckets_are_reached_with_the_same_options() -> None:
    """Rows may name them; prefix and endpoint are those of the configured one."""
    storages = Storages(
        storage_type="s3",
        bucket_name="media",
        allowed_buckets=["old-media"],
        prefix="uploads",
        acl="private",
    )
    storage = storages.find("s3", "old-media")
    assert isinstance(storage, S3Storage)
    assert (storage.bucket_name, storage.prefix) == ("old-media", "uploads/")


def test_a_row_on_s3_in_an_app_without_s3_is_one_clear_error(tmp_path: Path) -> None:
    """Settings are gone, rows are not: upper packages show a placeholder for this class."""
    storages = Storages(tmp_path, settings={"bucket_name": "S3_BUCKET_NAME"})
    with pytest.raises(NotConfiguredError, match="no bucket is configured; set S3_BUCKET_NAME"):
        storages.find("s3", "media")


def test_a_row_on_disk_in_an_app_without_a_folder_is_the_same_error() -> None:
    """The error names what is missing."""
    storages = Storages(
        storage_type="s3", bucket_name="media", settings={"folder": "UPLOADS_FOLDER"}
    )
    with pytest.raises(NotConfiguredError, match="no folder .* set UPLOADS_FOLDER"):
        storages.find("", "")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("gcs", "media"), "storage_type must be 's3', or '' for the disk, got 'gcs'"),
        (("local", ""), "storage_type must be 's3', or '' for the disk, got 'local'"),
        (("s3", ""), "bucket_name must be the name of a bucket where storage_type is 's3', got ''"),
        (("s3", None), "bucket_name must be the name of a bucket .* got None"),
    ],
)
def test_fields_that_name_no_storage_are_refused(
    tmp_path: Path, fields: tuple[str, str | None], message: str
) -> None:
    """An unknown type is not quietly looked for on disk, nor in the configured bucket."""
    storages = Storages(tmp_path, bucket_name="media")
    with pytest.raises(ArgumentError, match=message):
        storages.find(*fields)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage_type": "gcs"}, "storage_type must be 's3'"),
        ({"storage_type": "s3"}, "bucket_name must be the name of a bucket"),
        ({"folder": 5}, "folder must be the path of a folder .* got 5"),
        ({"permission": "0666"}, "permission must be an int .* got '0666'"),
        ({"allowed_buckets": "media"}, "allowed_buckets must be a list such as"),
        ({"allowed_buckets": 5}, "allowed_buckets must be a list such as .* got 5"),
        ({"storage": LocalStorage}, "storage must be a storage such as .*, got <class"),
        ({"bucket_name": "b", "endpoint_url": "u:hush@host"}, "endpoint_url must be a URL that"),
        ({"regoin": "eu-north-1"}, "s3_options must be among access_key_id.* got 'regoin'"),
    ],
)
def test_wrong_options_are_refused_when_they_are_passed(
    options: dict[str, Any], message: str
) -> None:
    """No option waits for the first file, and no message shows a password."""
    with pytest.raises(ArgumentError, match=message) as caught:
        Storages(**options)
    assert "hush" not in str(caught.value)


def test_a_folder_may_be_a_function(tmp_path: Path) -> None:
    """It is asked each time, and may return a path or a storage."""
    current: Any = tmp_path / "ann"
    storages = Storages(lambda: current)
    storages.save("a", io.BytesIO(b"x"))
    current = tmp_path / "bob"
    storages.save("a", io.BytesIO(b"x"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ann", "bob"]
    current = MemoryStorage()
    assert storages.current is current
    current = 5
    with pytest.raises(ArgumentTypeError, match="folder must be a function that returns the path"):
        storages.save("a", io.BytesIO(b"x"))


def test_a_ready_storage_that_is_not_s3_stands_for_the_disk() -> None:
    """Tests of an app take a MemoryStorage."""
    memory = MemoryStorage()
    storages = Storages(storage=memory)
    stored = storages.save("a", io.BytesIO(b"x"))
    assert (stored.storage_type, stored.bucket_name) == ("", "")
    assert storages.find("", "") is memory
    assert memory.exists("a")


def test_a_ready_bucket_lends_its_client_to_allowed_ones(s3: S3Storage) -> None:
    """Its ready client, prefix and headers are those of the others."""
    ready = S3Storage(s3.bucket_name, client=s3.client, prefix="up", cache_control="no-store")
    storages = Storages(storage=ready, allowed_buckets=["other"])
    assert storages.current is ready
    other = storages.find("s3", "other")
    assert isinstance(other, S3Storage)
    assert other.client is s3.client
    assert (other.bucket_name, other.prefix) == ("other", "up/")


def test_of_many_threads_all_get_the_same_storage() -> None:
    """A bucket is made once, however many ask for it at the same moment."""
    storages = Storages(allowed_buckets=None)
    barrier = threading.Barrier(16)
    found = []

    def find() -> None:
        barrier.wait()
        found.append(storages.find("s3", "media"))

    threads = [threading.Thread(target=find) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {id(storage) for storage in found} == {id(storages.find("s3", "media"))}


def test_many_files_are_deleted_from_all_their_storages(on_s3: Storages, tmp_path: Path) -> None:
    """One call for files on disk and on S3; what is gone already is no error."""
    files = [on_s3.save(f"{number}", io.BytesIO(b"x")) for number in range(3)]
    old = Storages(tmp_path / "files").save("old", io.BytesIO(b"x")).bind(on_s3)
    on_s3.delete(*files, old, StoredFile("never-there"))
    assert list(on_s3.current.find()) == []
    assert not old.exists()


def test_nothing_is_deleted_if_one_file_is_not_ours(on_s3: Storages) -> None:
    """A foreign bucket among many refuses the call before the first file goes."""
    ours = on_s3.save("a", io.BytesIO(b"x"))
    with pytest.raises(NotConfiguredError):
        on_s3.delete(ours, StoredFile("a", storage_type="s3", bucket_name="payroll"))
    with pytest.raises(ArgumentTypeError, match="file must be a StoredFile, got 'a'"):
        on_s3.delete(ours, "a")  # type: ignore[arg-type]
    assert ours.exists()


def test_listeners_hear_of_each_deleted_file(on_s3: Storages, s3_bucket: str) -> None:
    """After the file is gone, with the name and what rows call the storage."""
    heard = []

    @on_s3.on_deleted
    def hear(name: str, storage_type: str, bucket_name: str) -> None:
        assert not on_s3.find(storage_type, bucket_name).exists(name)
        heard.append((name, storage_type, bucket_name))

    on_s3.save("a", io.BytesIO(b"x")).delete()
    on_s3.delete_names(["b"])
    assert heard == [("a", "s3", s3_bucket), ("b", "", "")]
    with pytest.raises(ArgumentTypeError, match="listener must be a function"):
        on_s3.on_deleted("hear")  # type: ignore[arg-type]


def test_a_listener_hears_of_all_files_of_one_call_at_once(on_s3: Storages, s3_bucket: str) -> None:
    """Once for each storage, with all names, after they are gone; of nothing, never."""
    heard: list[Any] = []

    @on_s3.on_all_deleted
    def hear(names: list[str], storage_type: str, bucket_name: str) -> None:
        assert not any(on_s3.find(storage_type, bucket_name).exists(name) for name in names)
        heard.append((names, storage_type, bucket_name))

    files = [on_s3.save(name, io.BytesIO(b"x")) for name in "ab"]
    on_s3.delete(*files, StoredFile("c"))
    on_s3.delete_names([])
    assert heard == [(["a", "b"], "s3", s3_bucket), (["c"], "", "")]
    with pytest.raises(ArgumentTypeError, match="listener must be a function"):
        on_s3.on_all_deleted("hear")  # type: ignore[arg-type]


def test_a_listener_that_fails_stops_neither_others_nor_the_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is gone; the log says which listener does not know."""
    storages = Storages(tmp_path)
    heard = []
    storages.on_deleted(lambda *_: 1 / 0)
    storages.on_deleted(lambda *file: heard.append(file))
    with caplog.at_level(logging.ERROR, "s3_saver"):
        storages.delete_names(["a"])
    assert heard == [("a", "", "")]
    assert "'a' was deleted, but <function" in caplog.text


def test_listeners_hear_of_saved_files(on_s3: Storages, caplog: pytest.LogCaptureFixture) -> None:
    """Each is reported as the stored file that save returns; one that failed is not."""
    heard: list[StoredFile] = []
    on_s3.on_saved(lambda _: 1 / 0)

    @on_s3.on_saved
    def hear(file: StoredFile) -> None:
        heard.append(file)

    saved = on_s3.save("a.txt", io.BytesIO(b"x"), filename="A.txt")
    with pytest.raises(AlreadyExistsError):
        on_s3.save("a.txt", io.BytesIO(b"y"), overwrite=False)
    assert heard == [saved]
    assert heard[0].exists()
    assert "was saved, but <function" in caplog.text
    with pytest.raises(ArgumentTypeError, match="a function of a StoredFile"):
        on_s3.on_saved("hear")  # type: ignore[arg-type]


def test_listeners_hear_of_replaced_files(on_s3: Storages) -> None:
    """A file that may have replaced another is reported; one that cannot have is not."""
    heard: list[StoredFile] = []
    assert on_s3.on_replaced(heard.append) == heard.append
    on_s3.save("a.txt", io.BytesIO(b"x"), overwrite=False)
    assert heard == []
    saved = on_s3.save("a.txt", io.BytesIO(b"y"))
    assert heard == [saved]
    with pytest.raises(ArgumentTypeError, match="a function of a StoredFile"):
        on_s3.on_replaced("hear")  # type: ignore[arg-type]


def test_listeners_hear_nothing_of_a_delete_that_failed(tmp_path: Path) -> None:
    """A name that is refused was deleted nowhere."""
    storages = Storages(tmp_path)
    heard: list[Any] = []
    storages.on_deleted(lambda *file: heard.append(file))
    with pytest.raises(UnsafeNameError):
        storages.delete_names(["a", "../b"])
    assert heard == []


def test_a_url_is_made_of_safe_names_alone(on_s3: Storages, s3_bucket: str) -> None:
    """A row's name that leads elsewhere is refused before any function makes a URL of it."""
    stored = StoredFile("../secret", storage_type="s3", bucket_name=s3_bucket).bind(on_s3)
    with pytest.raises(UnsafeNameError):
        _ = stored.url


def test_location_is_what_rows_say(tmp_path: Path) -> None:
    """S3 by its bucket, everything else as the disk."""
    assert location_of(S3Storage("media", prefix="x")) == ("s3", "media")
    assert location_of(LocalStorage(tmp_path)) == ("", "")
    assert location_of(MemoryStorage()) == ("", "")


@pytest.mark.parametrize("value", [None, "folder", S3Storage, MemoryStorage, object()])
def test_what_is_no_storage_is_refused_by_one_test(value: object) -> None:
    """Nor is the class of one; the error names the argument."""
    with pytest.raises(ArgumentTypeError, match="source must be a storage such as LocalStorage"):
        ensure_storage(value, "source")


def test_a_storage_of_one_s_own_is_a_storage() -> None:
    """It needs the calls, not a base class."""

    class Mine(MemoryStorage):
        pass

    mine = Mine()
    assert ensure_storage(mine) is mine


def test_deriving_keeps_what_is_not_changed() -> None:
    """The client, credentials and headers are shared; bucket, prefix and headers can differ."""
    storage = S3Storage(
        "media", prefix="up", access_key_id="id", access_key_secret="secret", acl="private"
    )
    same = storage.derive()
    assert (same.bucket_name, same.prefix) == ("media", "up/")
    other = storage.derive(bucket_name="other", prefix="", extra_args={"StorageClass": "GLACIER"})
    assert (other.bucket_name, other.prefix) == ("other", "")
    assert other.client is storage.client
    assert pickle.loads(pickle.dumps(other)).bucket_name == "other"


def test_derived_headers_go_over_those_of_the_original(s3: S3Storage) -> None:
    """An object of the derived storage has both, and the original keeps its own."""
    base = s3.derive(extra_args={"CacheControl": "no-store", "ContentLanguage": "en"})
    derived = base.derive(extra_args={"CacheControl": "max-age=60"})
    for name, storage in {"base": base, "derived": derived}.items():
        storage.save(name, io.BytesIO(b"x"))
    heads = {
        name: s3.client.head_object(Bucket=s3.bucket_name, Key=name) for name in ("base", "derived")
    }
    assert heads["base"]["CacheControl"] == "no-store"
    assert heads["derived"]["CacheControl"] == "max-age=60"
    assert heads["derived"]["ContentLanguage"] == "en"


def test_repr_shows_the_storages_and_no_secret(tmp_path: Path) -> None:
    """Logs may show it."""
    storages = Storages(tmp_path, bucket_name="media", access_key_id="id", access_key_secret="hush")
    assert repr(storages) == f"Storages(LocalStorage({str(tmp_path)!r}), s3://media)"


@pytest.mark.parametrize("names", ["ab", b"ab", 5, None])
def test_a_text_is_no_list_of_names(tmp_path: Path, names: Any) -> None:
    """Nothing is deleted whose name is one of its letters."""
    storages = Storages(tmp_path)
    storages.save("a", io.BytesIO(b"x"))
    with pytest.raises(ArgumentTypeError, match="names must be a list such as"):
        storages.delete_names(names)
    assert storages.current.exists("a")


@pytest.mark.parametrize(
    "attribute", ["url", "permanent_url", "relative_url", "relative_path", "absolute_path"]
)
def test_no_path_is_made_of_an_unsafe_name(tmp_path: Path, s3: S3Storage, attribute: str) -> None:
    """A row leads nowhere else, on a disk and on S3."""

    def show(file: StoredFile) -> str:
        return f"https://example.org/{file.name}"

    storages = Storages(tmp_path, url=show, permanent_url=show)
    file = StoredFile("../../etc/passwd").bind(storages)
    with pytest.raises(UnsafeNameError):
        getattr(file, attribute)
    on_s3 = Storages(storage=s3, url=show, permanent_url=show)
    file = StoredFile("../up", storage_type="s3", bucket_name=s3.bucket_name).bind(on_s3)
    with pytest.raises(UnboundError if attribute == "absolute_path" else UnsafeNameError):
        getattr(file, attribute)
