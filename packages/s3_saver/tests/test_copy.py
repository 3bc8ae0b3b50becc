"""Copying a whole storage: parallel, resumable, verified."""

import io
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO

import pytest
from botocore.config import Config
from fault_proxy import FaultProxy, cut_request, refuse
from makers import MakeStorage

from s3_saver import (
    AccessDeniedError,
    AlreadyExistsError,
    BucketNotFoundError,
    FileInfo,
    LocalStorage,
    S3Storage,
    Storage,
    StorageUnavailableError,
    copy_file,
    copy_files,
)
from s3_saver.testing import MemoryStorage, S3Server

FILES = {
    "a.txt": b"a",
    "b/c.txt": b"c",
    "b/empty": b"",
    "big.bin": os.urandom(9 * 1024**2),
    "日本/é.jpg": b"unicode",
}


def fill(storage: Storage, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        storage.save(name, io.BytesIO(content))


def contents(storage: Storage) -> dict[str, bytes]:
    found = {}
    for info in storage.find():
        with storage.open(info.name) as file:
            found[info.name] = file.read()
    return found


@pytest.fixture(params=["to s3", "from s3", "in memory", "s3 to s3"])
def both(
    request: pytest.FixtureRequest, local: LocalStorage, s3: S3Storage, make_s3: MakeStorage
) -> tuple[Storage, Storage]:
    """A storage and another one, in each direction."""
    pairs: dict[str, tuple[Storage, Storage]] = {
        "to s3": (local, s3),
        "from s3": (s3, local),
        "in memory": (MemoryStorage(), MemoryStorage()),
        "s3 to s3": (make_s3(s3.bucket_name, prefix="one"), make_s3(s3.bucket_name, prefix="two")),
    }
    return pairs[request.param]


def test_all_files_arrive_byte_for_byte_in_every_direction(both: tuple[Storage, Storage]) -> None:
    """In every direction, byte for byte; the source is untouched."""
    source, target = both
    fill(source, FILES)
    report = copy_files(source, target)
    assert (report.copied, report.skipped, report.failed) == (5, 0, {})
    assert report.copied_bytes == sum(map(len, FILES.values()))
    assert contents(target) == contents(source) == FILES


def test_a_second_run_copies_nothing(both: tuple[Storage, Storage]) -> None:
    """What is there with equal size and content is skipped."""
    source, target = both
    fill(source, FILES)
    copy_files(source, target)
    before = [info.etag for info in target.find()]
    report = copy_files(source, target)
    assert (report.copied, report.skipped) == (0, 5)
    assert report.skipped_bytes == sum(map(len, FILES.values()))
    assert [info.etag for info in target.find()] == before


def test_equal_size_is_not_equal_content(both: tuple[Storage, Storage]) -> None:
    """A file that differs fails, or is replaced if that is asked for; others are copied."""
    source, target = both
    fill(source, {"a": b"new!", "b": b"b", "big": bytes(9 * 1024**2)})
    fill(target, {"a": b"old!", "big": bytes(9 * 1024**2 - 1) + b"x"})
    report = copy_files(source, target)
    assert (report.copied, sorted(report.failed)) == (1, ["a", "big"])
    assert isinstance(report.failed["a"], AlreadyExistsError)
    assert "overwrite=True" in str(report.failed["a"])
    assert contents(target)["a"] == b"old!"
    report = copy_files(source, target, overwrite=True)
    assert (report.copied, report.skipped, report.failed) == (2, 1, {})
    assert contents(target) == contents(source)


def test_dry_run_stores_nothing(both: tuple[Storage, Storage]) -> None:
    """A dry run reports what would be copied, skipped and refused, and stores nothing."""
    source, target = both
    fill(source, {"a": b"a", "b": b"b", "c": b"c"})
    fill(target, {"b": b"b", "c": b"x"})
    report = copy_files(source, target, dry_run=True)
    assert (report.copied, report.skipped, list(report.failed)) == (1, 1, ["c"])
    report = copy_files(source, target, dry_run=True, overwrite=True)
    assert (report.copied, report.skipped, report.failed) == (2, 1, {})
    assert contents(target) == {"b": b"b", "c": b"x"}


def test_content_types_go_along(make_s3: MakeStorage, s3_bucket: str) -> None:
    """What S3 keeps of a file besides its name's type is kept by the copy."""
    source, target = make_s3(s3_bucket, prefix="one"), make_s3(s3_bucket, prefix="two")
    source.save("a.bin", io.BytesIO(b"x"), content_type="image/png")
    copy_files(source, target)
    assert target.stat("a.bin").content_type == "image/png"


def test_prefix_limits_the_copy(both: tuple[Storage, Storage]) -> None:
    """Only names that begin with it."""
    source, target = both
    fill(source, FILES)
    assert copy_files(source, target, "b").copied == 3
    assert sorted(contents(target)) == ["b/c.txt", "b/empty", "big.bin"]


def test_progress_is_told_file_by_file() -> None:
    """Each file with its outcome, and the totals from the start."""
    source, target = MemoryStorage(), MemoryStorage()
    fill(source, {"a": b"a", "b": b"bb", "c": b"ccc"})
    fill(target, {"b": b"bb", "c": b"xxx"})
    seen = []

    def progress(info: FileInfo, outcome: str, report: Any) -> None:
        seen.append((info.name, outcome, report.total, report.total_bytes))

    copy_files(source, target, progress=progress, workers=1)
    assert sorted(seen) == [("a", "copied", 3, 6), ("b", "skipped", 3, 6), ("c", "failed", 3, 6)]


def test_files_are_copied_in_parallel() -> None:
    """As many at once as there are workers, and not one more."""
    barrier = threading.Barrier(4, timeout=20)
    lock, running, most = threading.Lock(), 0, 0

    class Meeting(MemoryStorage):
        def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            barrier.wait()
            with lock:
                running -= 1
            return super().save(name, file, **options)

    source = MemoryStorage()
    fill(source, {f"{number}": b"x" for number in range(12)})
    assert copy_files(source, Meeting(), workers=4).copied == 12
    assert most == 4


def test_a_damaged_copy_is_found() -> None:
    """Each file is compared after it was stored."""

    class Damages(MemoryStorage):
        def save(self, name: str, file: IO[bytes], **options: Any) -> FileInfo:
            content = file.read()
            return super().save(name, io.BytesIO(content[::-1]), **options)

    source = MemoryStorage()
    fill(source, {"a": b"abc", "b": b"aba"})
    report = copy_files(source, Damages())
    assert (report.copied, list(report.failed)) == (1, ["a"])
    assert "differs from the file in" in str(report.failed["a"])


def test_names_that_the_target_cannot_hold_fail_alone(s3: S3Storage, local: LocalStorage) -> None:
    """S3 may hold keys that are no safe names: each is reported, the others are copied."""
    s3.save("fine", io.BytesIO(b"x"))
    for key in ("a//b", "a\\b"):
        s3.client.put_object(Bucket=s3.bucket_name, Key=key, Body=b"x")
    report = copy_files(s3, local)
    assert (report.copied, sorted(report.failed)) == (1, ["a//b", "a\\b"])
    for key in ("a//b", "a\\b"):
        s3.client.delete_object(Bucket=s3.bucket_name, Key=key)


def test_a_storage_that_fails_stops_the_copy(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, local: LocalStorage
) -> None:
    """A server that is gone is reported once, not for every file; a later run continues."""
    fill(local, {f"{number:03}": b"x" for number in range(200)})
    patience = Config(retries={"mode": "standard", "total_max_attempts": 1})
    shaky = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=patience)
    proxy.only = lambda method, path: len(proxy.requests) > 150
    proxy.always = refuse(503, "SlowDown")
    with pytest.raises(StorageUnavailableError):
        copy_files(local, shaky)
    done = len(list(s3.find()))
    assert 0 < done < 200
    assert len(proxy.requests) < 200
    report = copy_files(local, s3)
    assert report.skipped == done
    assert report.copied == 200 - done


def test_faults_on_the_way_are_retried(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, local: LocalStorage
) -> None:
    """Some cut connections and refusals do no harm."""
    fill(local, FILES)
    proxy.only = lambda method, path: method == "PUT"
    proxy.faults.extend([cut_request, refuse(503, "SlowDown"), refuse(500, "InternalError")])
    report = copy_files(local, make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url))
    assert (report.copied, report.failed) == (5, {})
    assert contents(s3) == FILES


def test_big_uploads_are_verified_without_fetching_them(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, local: LocalStorage
) -> None:
    """S3's ETag of parts is computed here, so neither the check nor a second run downloads."""
    fill(local, FILES)
    target = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    copy_files(local, target)
    copy_files(local, target)
    assert [path for method, path in proxy.requests if method == "GET"] == []


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_at_least_one(workers: int) -> None:
    """The error names the argument and its value."""
    with pytest.raises(ValueError, match=f"workers must be 1 or more, got {workers}"):
        copy_files(MemoryStorage(), MemoryStorage(), workers=workers)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "a"}, "source must be a storage such as .*, got 'a'"),
        ({"target": Path("b")}, "target must be a storage such as .*Path"),
        ({"workers": "8"}, "workers must be an int such as 8, got '8'"),
    ],
)
def test_arguments_of_wrong_types_are_told(change: dict[str, Any], message: str) -> None:
    """The error names the argument and its value."""
    arguments = {"source": MemoryStorage(), "target": MemoryStorage(), **change}
    with pytest.raises(TypeError, match=message):
        copy_files(**arguments)


def test_what_concerns_no_single_file_ends_the_copy(
    local: LocalStorage, make_s3: MakeStorage
) -> None:
    """A missing bucket is reported once, not for every file."""
    fill(local, {f"{number:03}": b"x" for number in range(50)})
    target = make_s3(bucket_name="no-such-bucket-here")
    reported: list[FileInfo] = []
    with pytest.raises(BucketNotFoundError, match="no-such-bucket-here"):
        copy_files(local, target, progress=lambda info, *_: reported.append(info))
    assert reported == []


def test_ctrl_c_leaves_both_sides_whole(
    s3: S3Storage, s3_server: S3Server, local: LocalStorage, tmp_path: Path
) -> None:
    """Stopped in the middle of big files: nothing half, no parts left, exit code 130."""
    fill(local, {f"{number:02}": os.urandom(17 * 1024**2) for number in range(12)})
    command = [sys.executable, "-m", "s3_saver", "copy", local.root, f"s3://{s3.bucket_name}"]
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": s3_server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": s3_server.access_key_secret,
    }
    options = ["--endpoint-url", s3_server.endpoint_url, "--region", "us-east-1", "--workers", "2"]
    with subprocess.Popen(
        [*command, *options], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("copied ")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "run it again to continue" in rest
    assert "Traceback" not in rest
    assert not s3.client.list_multipart_uploads(Bucket=s3.bucket_name).get("Uploads")
    arrived = contents(s3)
    assert 0 < len(arrived) < 12
    assert arrived.items() <= contents(local).items()


def test_one_file_is_copied_under_another_name(both: tuple[Storage, Storage]) -> None:
    """A single file goes to the other storage, with its type, and the source keeps its own."""
    source, target = both
    source.save("a.txt", io.BytesIO(b"one"))
    info = copy_file(source, target, "a.txt", target_name="b/c.txt")
    assert (info, info.name) == (target.stat("b/c.txt"), "b/c.txt")
    assert contents(target) == {"b/c.txt": b"one"}
    assert contents(source) == {"a.txt": b"one"}


def test_one_file_is_copied_once(both: tuple[Storage, Storage]) -> None:
    """The same bytes are taken for the copy; others are kept unless overwrite says so."""
    source, target = both
    source.save("a.txt", io.BytesIO(b"one"))
    assert copy_file(source, target, "a.txt") == copy_file(source, target, "a.txt")
    target.save("a.txt", io.BytesIO(b"two"))
    with pytest.raises(AlreadyExistsError):
        copy_file(source, target, "a.txt")
    assert contents(target) == {"a.txt": b"two"}
    copy_file(source, target, "a.txt", overwrite=True)
    assert contents(target) == {"a.txt": b"one"}


def test_one_file_may_get_another_type(s3: S3Storage, local: LocalStorage) -> None:
    """A content type in the call goes over what the source says."""
    local.save("a.bin", io.BytesIO(b"x"))
    copy_file(local, s3, "a.bin", content_type="image/png")
    assert s3.stat("a.bin").content_type == "image/png"


def test_one_file_needs_two_storages(local: LocalStorage) -> None:
    """What is no storage is refused by the argument's name."""
    wrong: Any = "bucket"
    with pytest.raises(TypeError, match="target must be a storage .* got 'bucket'"):
        copy_file(local, wrong, "a.txt")


def test_the_report_counts_what_was_looked_at(local: LocalStorage) -> None:
    """Without progress too, the total is not 0 when files were copied; its repr says all."""
    fill(local, {"a": b"12", "b": b"3"})
    target = MemoryStorage()
    fill(target, {"a": b"12", "b": b"x"})
    report = copy_files(local, target)
    assert (report.total, report.total_bytes) == (2, 3)
    assert "total=2, total_bytes=3, copied=0, copied_bytes=0, skipped=1" in repr(report)
    seen: list[int] = []
    report = copy_files(local, target, progress=lambda *progress: seen.append(progress[2].total))
    assert (seen, report.total) == ([2, 2], 2)


def test_one_archived_object_stops_no_copy(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """S3 denies access to it alone: the others are copied."""
    fill(s3, {"a": b"a", "b": b"b", "c": b"c"})
    proxy.only = lambda method, path: method == "GET" and path.endswith("/b")
    proxy.always = refuse(403, "InvalidObjectState")
    report = copy_files(make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url), MemoryStorage())
    assert (report.copied, list(report.failed)) == (2, ["b"])


def test_one_linked_folder_stops_no_copy(local: LocalStorage, tmp_path: Path) -> None:
    """What would be written out of the target fails alone."""
    source = MemoryStorage()
    fill(source, {"a": b"a", "link/b": b"b", "z": b"z"})
    (tmp_path / "outside").mkdir()
    os.makedirs(local.root)
    os.symlink(tmp_path / "outside", local.path("link"))
    report = copy_files(source, local)
    assert (report.copied, list(report.failed)) == (2, ["link/b"])
    assert os.listdir(tmp_path / "outside") == []


def test_one_file_that_cannot_be_read_stops_no_copy(local: LocalStorage) -> None:
    """On a disk, one file may belong to another user."""

    class OfAnother(MemoryStorage):
        def open(self, name: str) -> BinaryIO:
            if name == "b":
                error = AccessDeniedError("not yours", name=name, permission="read")
                raise error from PermissionError("not yours")
            return super().open(name)

    source = OfAnother()
    fill(source, {"a": b"1", "b": b"2", "c": b"3"})
    report = copy_files(source, local)
    assert (report.copied, list(report.failed)) == (2, ["b"])


def test_a_type_that_no_header_can_carry_stops_no_copy(s3: S3Storage) -> None:
    """Another program's; the copy is typed by its name."""

    class OfAnother(MemoryStorage):
        def stat(self, name: str) -> FileInfo:
            return replace(super().stat(name), content_type="größe")

    source = OfAnother()
    fill(source, {"a.txt": b"1", "b.txt": b"2"})
    assert copy_files(source, s3, "a").copied == 1
    copy_file(source, s3, "b.txt")
    assert [s3.stat(info.name).content_type for info in s3.find()] == ["text/plain"] * 2
