"""Saving on S3: whole or not at all, whatever the size and the network."""

import io
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Any, cast

import pytest
from botocore.config import Config
from fault_proxy import (
    Fault,
    FaultProxy,
    cut_answer,
    cut_request,
    lose_answer,
    refuse,
    stall,
)
from makers import MakeStorage

from s3_saver import AlreadyExistsError, NotFoundError, S3Storage, StorageUnavailableError
from s3_saver.testing import S3Server

MIB = 1024**2
TWO_ATTEMPTS: Any = {"mode": "standard", "total_max_attempts": 2}


@pytest.fixture
def shaky(s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy) -> S3Storage:
    """The same bucket as ``s3``, through the proxy."""
    config = Config(retries=TWO_ATTEMPTS)
    return make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=config)


@pytest.fixture
def hasty(s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy) -> S3Storage:
    """As ``shaky``, but it takes a second of silence for the end of the connection."""
    config = Config(read_timeout=1, retries=TWO_ATTEMPTS)
    return make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=config)


def read(storage: S3Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


def open_uploads(storage: S3Storage) -> list[Any]:
    answer = storage.client.list_multipart_uploads(Bucket=storage.bucket_name)
    return list(answer.get("Uploads", []))


@pytest.mark.parametrize("size", [0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 41 * MIB + 7])
@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("seekable", [True, False])
def test_every_size_comes_back(s3: S3Storage, size: int, overwrite: bool, seekable: bool) -> None:
    """One request or many parts, from a file or a pipe: the same bytes come back."""
    content = os.urandom(size)
    file: Any = io.BytesIO(content) if seekable else Pipe(content)
    info = s3.save("a", file, overwrite=overwrite)
    assert info == s3.stat("a")
    assert info.size == size
    assert info.etag == s3.stat("a").etag
    assert read(s3, "a") == content
    assert open_uploads(s3) == []


class Pipe(io.RawIOBase):
    def __init__(self, content: bytes) -> None:
        self.rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.rest.readinto(memoryview(buffer)[:65536])


@pytest.mark.parametrize("size", [10, 10 * MIB])
@pytest.mark.parametrize("overwrite", [True, False])
def test_callers_files_stay_open(s3: S3Storage, size: int, overwrite: bool) -> None:
    """boto3's upload_fileobj closes the stream; a save never does."""
    with (
        io.BytesIO(bytes(size)) as memory,
        tempfile.SpooledTemporaryFile(max_size=100) as spooled,
        tempfile.TemporaryFile() as disk,
    ):
        for number, file in enumerate((memory, spooled, disk)):
            file.write(bytes(size))
            s3.save(f"{number}", cast("IO[bytes]", file), overwrite=overwrite)
            assert not file.closed
            assert s3.stat(f"{number}").size == size


def test_a_werkzeug_upload_is_saved(s3: S3Storage) -> None:
    """FileStorage, which is false without a file name, is stored whole and stays open."""
    from werkzeug.datastructures import FileStorage

    upload = FileStorage(io.BytesIO(bytes(9 * MIB)))
    for overwrite in (False, True):
        s3.save("a", cast("IO[bytes]", upload), overwrite=overwrite)
        assert s3.stat("a").size == 9 * MIB
        assert not upload.closed


def test_one_of_64_threads_wins(s3: S3Storage) -> None:
    """Exists-then-save is no race: S3 itself decides by If-None-Match."""
    start, outcomes = threading.Barrier(64), []

    def save(number: int) -> None:
        start.wait()
        try:
            s3.save("a", io.BytesIO(b"%d" % number), overwrite=False)
            outcomes.append(number)
        except AlreadyExistsError:
            outcomes.append(-1)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number >= 0]
    assert len(outcomes) == 64
    assert read(s3, "a") == b"%d" % winner


@pytest.mark.parametrize(
    "fault",
    [refuse(500, "InternalError"), refuse(503, "SlowDown"), cut_request, lose_answer],
)
@pytest.mark.parametrize(("size", "overwrite"), [(100, True), (100, False), (20 * MIB, True)])
def test_one_fault_is_retried(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy, fault: Fault, size: int, overwrite: bool
) -> None:
    """A server's hiccup, a cut connection, a lost answer: the save goes through."""
    content = os.urandom(size)
    proxy.only = lambda method, path: method == "PUT"
    proxy.faults.append(fault)
    info = shaky.save("a", io.BytesIO(content), overwrite=overwrite)
    assert read(s3, "a") == content
    assert info == s3.stat("a")
    assert open_uploads(s3) == []


def test_a_lost_answer_is_not_taken_for_another_s_file(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy
) -> None:
    """Our own retry finds our own object and has won; another's object is another's."""
    proxy.faults.append(lose_answer)
    shaky.save("ours", io.BytesIO(b"ours"), overwrite=False)

    s3.save("theirs", io.BytesIO(b"same bytes"))
    proxy.faults.append(cut_request)
    with pytest.raises(AlreadyExistsError):
        shaky.save("theirs", io.BytesIO(b"same bytes"), overwrite=False)


def test_a_stalled_connection_is_retried(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """Silence ends by the read timeout, and the next attempt goes through."""
    patience = Config(read_timeout=3, retries={"mode": "standard", "total_max_attempts": 4})
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=patience)
    proxy.faults.append(stall)
    storage.save("a", io.BytesIO(b"x"))
    assert read(s3, "a") == b"x"


def test_lasting_silence_leaves_the_old_file(
    s3: S3Storage, hasty: S3Storage, proxy: FaultProxy
) -> None:
    """A server that says nothing any more: an error in bounded time, the old object whole."""
    s3.save("a", io.BytesIO(b"old"))
    proxy.always = stall
    proxy.only = lambda method, path: method == "PUT"
    with pytest.raises(StorageUnavailableError, match="timeout"):
        hasty.save("a", io.BytesIO(b"new"))
    assert read(s3, "a") == b"old"


@pytest.mark.parametrize(
    "fault", [refuse(500, "InternalError"), refuse(503, "SlowDown"), cut_request]
)
@pytest.mark.parametrize("size", [100, 20 * MIB])
def test_lasting_faults_leave_the_old_file(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy, fault: Fault, size: int
) -> None:
    """A server that stays broken: a clear error, the old object whole, no parts left."""
    s3.save("a", io.BytesIO(b"old"))
    proxy.always = fault
    proxy.only = lambda method, path: method == "PUT"
    with pytest.raises(StorageUnavailableError, match=f"{s3.bucket_name}/a"):
        shaky.save("a", io.BytesIO(bytes(size)))
    assert read(s3, "a") == b"old"
    assert open_uploads(s3) == []


def test_a_conflict_is_tried_again(s3: S3Storage, shaky: S3Storage, proxy: FaultProxy) -> None:
    """S3 answers 409 while another conditional save is under way; ours waits its turn."""
    for name, size in {"small": 1, "big": 9 * MIB}.items():
        content = os.urandom(size)
        proxy.faults.extend([refuse(409, "ConditionalRequestConflict")] * 2)
        shaky.save(name, io.BytesIO(content), overwrite=False)
        assert read(s3, name) == content


def test_a_lost_answer_about_all_parts_is_no_failure(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy
) -> None:
    """If S3 has put the parts together but its answer is lost, the object is recognised."""

    def lose_then_forget(handler: Any) -> None:
        handler.ask_upstream()
        proxy.faults.append(refuse(404, "NoSuchUpload"))
        handler.hang_up()

    proxy.only = lambda method, path: method == "POST" and "uploadId" in path
    proxy.faults.append(lose_then_forget)
    content = os.urandom(20 * MIB)
    shaky.save("a", io.BytesIO(content))
    assert read(s3, "a") == content


def test_parts_that_cannot_be_removed_are_told_of(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy
) -> None:
    """If even the abort fails, the error has a note that names the upload and the remedy."""
    proxy.always = refuse(500, "InternalError")
    proxy.only = lambda method, path: method == "DELETE" or "partNumber" in path
    with pytest.raises(StorageUnavailableError) as caught:
        shaky.save("a", io.BytesIO(bytes(20 * MIB)))
    cause = caught.value.__cause__
    assert cause
    assert "AbortIncompleteMultipartUpload" in cause.__notes__[0]
    (left,) = open_uploads(s3)
    assert left["UploadId"] in cause.__notes__[0]
    s3.client.abort_multipart_upload(Bucket=s3.bucket_name, Key="a", UploadId=left["UploadId"])


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("seekable", [True, False])
def test_a_failing_source_stores_nothing(s3: S3Storage, overwrite: bool, seekable: bool) -> None:
    """What reading the source raises comes out untouched; no object and no part stays."""

    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 12 * MIB:
                raise OSError("the tape is torn")
            return super().read(size)

    file = Torn(bytes(20 * MIB))
    if not seekable:
        file.seek = None  # type: ignore[assignment, method-assign]
        file.seek = _unseekable  # type: ignore[method-assign]
    with pytest.raises(OSError, match="the tape is torn"):
        s3.save("a", file, overwrite=overwrite)
    assert not s3.exists("a")
    assert open_uploads(s3) == []


def _unseekable(*where: int) -> int:
    raise io.UnsupportedOperation("seek")


def test_copies_beyond_the_limit_go_in_parts(
    s3: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CopyObject takes 5 GiB; bigger objects are copied in parts, still inside S3."""
    monkeypatch.setattr("s3_saver._uploads.MAX_PUT_SIZE", 8 * MIB)
    s3.save("a.png", io.BytesIO(bytes(9 * MIB)), content_type="image/x-own")
    s3.copy("a.png", "b.png")
    assert s3.stat("b.png").size == 9 * MIB


def test_a_copy_keeps_type_and_metadata(s3: S3Storage) -> None:
    """The copy is what the source was, whatever its new name."""
    s3.save("a.png", io.BytesIO(b"x"), extra_args={"Metadata": {"by": "us"}})
    info = s3.copy("a.png", "b.bin")
    assert info.content_type == "image/png"
    assert s3.stat("b.bin").content_type == "image/png"
    assert s3.client.head_object(Bucket=s3.bucket_name, Key="b.bin")["Metadata"] == {"by": "us"}


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_memory_of_an_upload_is_bounded(
    s3_server: S3Server, s3_bucket: str, overwrite: bool
) -> None:
    """A 128 MiB file grows the process by less than 64 MiB: five parts and some change."""
    script = """
import io, re, sys, tempfile
from s3_saver import S3Storage
endpoint, key, secret, bucket, overwrite = sys.argv[1:]
storage = S3Storage(bucket, endpoint_url=endpoint, access_key_id=key, access_key_secret=secret,
                    region="us-east-1")
storage.save("warm-up", io.BytesIO(b"x"))
def peak():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]) // 1024
with tempfile.TemporaryFile() as file:
    file.truncate(128 * 1024**2)
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")  # else the peak is that of the process which started this one
    before = peak()
    storage.save("big", file, overwrite=overwrite == "True")
    print(peak() - before)
"""
    arguments = [
        s3_server.endpoint_url,
        s3_server.access_key_id,
        s3_server.access_key_secret,
        s3_bucket,
    ]
    command = [sys.executable, "-c", script, *arguments, str(overwrite)]
    if not os.path.exists("/proc/self/clear_refs"):
        pytest.skip("needs Linux, to measure the peak memory of a process")
    growth = int(subprocess.check_output(command, text=True))
    assert growth < 64
    assert overwrite is False or growth > 8, "parts are held in memory: else nothing was measured"


@pytest.mark.parametrize(
    "call",
    [
        lambda storage: storage.stat("a"),
        lambda storage: storage.exists("a"),
        lambda storage: storage.delete("a"),
        lambda storage: storage.delete("a", "b"),
        lambda storage: list(storage.find()),
        lambda storage: storage.copy("a", "b"),
    ],
)
def test_an_overloaded_server_is_told_by_every_call(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy, call: Callable[[S3Storage], Any]
) -> None:
    """503 SlowDown that lasts is an error after some tries, never a False or an empty list."""
    s3.save("a", io.BytesIO(b"x"))
    proxy.always = refuse(503, "SlowDown")
    with pytest.raises(StorageUnavailableError, match=r"SlowDown|503"):
        call(shaky)
    assert s3.exists("a")


def test_a_silent_server_hangs_no_call(hasty: S3Storage, proxy: FaultProxy) -> None:
    """Where nothing comes, a call ends by its read timeout."""
    proxy.always = stall
    with pytest.raises(StorageUnavailableError, match="timeout"):
        hasty.exists("a")


def test_an_answer_cut_short_is_an_error_or_is_asked_for_again(
    s3: S3Storage, shaky: S3Storage, proxy: FaultProxy
) -> None:
    """Half a listing is never taken for a whole one."""
    for number in range(20):
        s3.save(f"{number:02}", io.BytesIO(b"x"))
    proxy.faults.append(cut_answer)
    assert len(list(shaky.find())) == 20
    proxy.always = cut_answer
    with pytest.raises(StorageUnavailableError):
        list(shaky.find())


def test_nothing_is_there_before_the_first_save(s3: S3Storage) -> None:
    """An empty bucket has no files, and asking for one is a NotFoundError."""
    assert list(s3.find()) == []
    with pytest.raises(NotFoundError, match=r"bucket-.*/a"):
        s3.stat("a")
