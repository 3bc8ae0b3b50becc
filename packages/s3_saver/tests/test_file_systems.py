"""File systems that lack something, and what is no file."""

import io
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from kernel_refusals import can_refuse

from s3_saver import (
    AccessDeniedError,
    AlreadyExistsError,
    LocalStorage,
    NotFoundError,
    UnsafeNameError,
    copy_files,
)

needs_filters = pytest.mark.skipif(not can_refuse(), reason="needs Linux on x86-64 or ARM")

WITHOUT = """
import os, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage
from s3_saver.testing import check_storage
refuse(**dict(pair.split("=") for pair in sys.argv[2:]))
check_storage(LocalStorage(sys.argv[1]))
print(os.listdir(sys.argv[1]))
"""


def run_without(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@needs_filters
@pytest.mark.parametrize(
    "refusals",
    [
        ["tmpfile=EOPNOTSUPP"],
        ["tmpfile=EISDIR", "link=EPERM"],
        ["tmpfile=EINVAL", "link=ENOSYS", "fsync=ENOSYS"],
        ["tmpfile=EOPNOTSUPP", "link=EOPNOTSUPP", "fsync=EINVAL"],
        ["tmpfile=EOPNOTSUPP", "link=EINVAL", "fsync=EOPNOTSUPP"],
        ["link=EACCES"],
        ["link=EPERM", "fsync=EINVAL"],
    ],
    ids=" ".join,
)
def test_the_contract_holds_on_every_file_system(local: LocalStorage, refusals: list[str]) -> None:
    """Without nameless files, hard links or fsync (NFS, exFAT, SMB, gcsfuse): all promises hold."""
    result = run_without(WITHOUT, local.root, *refusals)
    assert (result.returncode, result.stdout) == (0, "[]\n"), result.stderr


@needs_filters
def test_a_disk_that_fails_is_told(local: LocalStorage) -> None:
    """An fsync that fails is a failed save: the old file stays, and nothing else."""
    local.save("a", io.BytesIO(b"old"))
    script = """
import io, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage, StorageUnavailableError
storage = LocalStorage(sys.argv[1])
refuse(fsync="EIO")
for overwrite, name in ((True, "a"), (False, "b")):
    try:
        storage.save(name, io.BytesIO(b"new"), overwrite=overwrite)
    except StorageUnavailableError as error:
        assert "Input/output error" in str(error), error
    else:
        sys.exit("no error")
"""
    result = run_without(script, local.root)
    assert (result.returncode, result.stderr) == (0, "")
    assert os.listdir(local.root) == ["a"]
    assert Path(local.path("a")).read_bytes() == b"old"


def test_file_and_folders_are_flushed(local: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a save, the file's bytes, its name and the names of new folders are on the disk."""
    flushed: list[str] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        fsync(descriptor)
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}") if is_folder else "file")

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs Linux, to see what was flushed")
    monkeypatch.setattr(os, "fsync", watch)
    for overwrite in (False, True, True):
        flushed.clear()
        local.save("x/a" if overwrite else "y/z/a", io.BytesIO(b"x"), overwrite=overwrite)
        assert "file" in flushed
        assert flushed[-1] == local.path("x" if overwrite else "y/z")
    flushed.clear()
    local.save("one/two/a", io.BytesIO(b"x"))
    assert {local.root, local.path("one")} <= set(flushed)


def make_fifo(path: str) -> None:
    os.mkfifo(path)


def make_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path)


@pytest.mark.parametrize("make", [make_fifo, make_socket])
def test_what_is_no_file_is_not_there(
    make: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A FIFO or a socket blocks nobody, is not found, and is neither replaced nor deleted."""
    monkeypatch.chdir(tmp_path)  # for the length of a socket's path
    os.mkdir("files")
    make("files/a")  # type: ignore[operator]
    local = LocalStorage("files")
    assert not local.exists("a")
    for call in (local.open, local.stat):
        with pytest.raises(NotFoundError):
            call("a")
    assert list(local.find()) == []
    for overwrite in (True, False):
        with pytest.raises(AlreadyExistsError, match="a FIFO, socket or device of that name"):
            local.save("a", io.BytesIO(b"x"), overwrite=overwrite)
    local.delete("a")
    assert os.listdir("files") == ["a"]
    assert not stat.S_ISREG(os.stat("files/a").st_mode)


def test_a_device_is_not_there(tmp_path: Path) -> None:
    """A link to a device is no file either: nothing reads /dev/zero for ever."""
    os.symlink("/dev/zero", tmp_path / "a")
    local = LocalStorage(tmp_path)
    with pytest.raises(NotFoundError):
        local.open("a")
    assert not local.exists("a")


def test_nothing_is_changed_through_a_link_out_of_the_root(
    local: LocalStorage, tmp_path: Path
) -> None:
    """A folder that is a link to somewhere outside is read, and neither written nor emptied."""
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "a").write_bytes(b"theirs")
    local.save("mine", io.BytesIO(b"x"))
    os.symlink(outside, local.path("link"))
    for overwrite in (True, False):
        for name in ("link/new", "link/deep/a", "link/more/new"):
            with pytest.raises(AccessDeniedError, match="is a link to somewhere outside") as caught:
                local.save(name, io.BytesIO(b"x"), overwrite=overwrite)
            assert caught.value.permission == "write"
    with pytest.raises(AccessDeniedError, match="cannot delete 'link/deep/a'"):
        local.delete("link/deep/a", "mine")
    assert not local.exists("mine"), "the others are deleted all the same"
    assert [info.name for info in local.find()] == ["link/deep/a"]
    assert (outside / "deep" / "a").read_bytes() == b"theirs"
    assert sorted(path.name for path in outside.rglob("*")) == ["a", "deep"]


def test_links_inside_the_root_may_be_written_through(local: LocalStorage) -> None:
    """A link from one folder of the storage to another leads nowhere else."""
    local.save("real/a", io.BytesIO(b"x"))
    os.symlink("real", local.path("link"))
    os.symlink(".", local.path("self"))
    local.save("link/b", io.BytesIO(b"x"))
    local.save("self/real/c", io.BytesIO(b"x"))
    assert sorted(os.listdir(local.path("real"))) == ["a", "b", "c"]
    local.delete("link/a")
    assert not local.exists("real/a")


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    """Where the storage itself is reached by a link, its files are inside."""
    (tmp_path / "disk").mkdir()
    os.symlink(tmp_path / "disk", tmp_path / "root")
    local = LocalStorage(tmp_path / "root")
    local.save("sub/a", io.BytesIO(b"x"))
    local.delete("sub/a")
    assert os.listdir(tmp_path / "disk") == []


def test_what_find_lists_can_be_deleted(local: LocalStorage) -> None:
    """Files of other programs, with names that no save takes, are listed and can be deleted."""
    local.save("plain", io.BytesIO(b"x"))
    for name in (b"back\\slash", b"line\nbreak", b"not-utf-8\xff"):
        Path(os.fsdecode(os.path.join(os.fsencode(local.root), name))).write_bytes(b"x")
    assert len(list(local.find())) == 4
    local.delete(*local.find())
    assert os.listdir(local.root) == []


def test_folders_are_made_again_for_a_save_under_way(local: LocalStorage) -> None:
    """If another process removes the folder of a file that is being saved, it is made again."""
    started, removed = threading.Event(), threading.Event()

    class Waits(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            started.set()
            removed.wait()
            return super().read(size)

    saving = threading.Thread(target=local.save, args=("sub/a", Waits(b"x")))
    saving.start()
    started.wait()
    for entry in os.scandir(local.path("sub")):
        pytest.skip(f"{entry.name} is there: this file system has no nameless files")
    os.rmdir(local.path("sub"))
    removed.set()
    saving.join()
    assert local.exists("sub/a")


@pytest.fixture
def deep(tmp_path: Path) -> LocalStorage:
    """A storage whose root leaves little of the 4,095 bytes that a path may have on Linux."""
    root = str(tmp_path)
    while len(root) < 3700:
        root += "/" + "d" * 200
    return LocalStorage(root)


def test_a_path_that_is_too_long_is_no_file(deep: LocalStorage) -> None:
    """It is certainly not there; a save says that the name is the matter, and leaves nothing."""
    name = f"{'a' * 250}/{'b' * 250}"
    deep.save("a", io.BytesIO(b"x"))
    assert not deep.exists(name)
    with pytest.raises(NotFoundError):
        deep.open(name)
    deep.delete(name)
    for overwrite in (True, False):
        with pytest.raises(UnsafeNameError, match="choose another, or a shorter one"):
            deep.save(name, io.BytesIO(b"x"), overwrite=overwrite)
    assert os.listdir(deep.root) == ["a"]


def test_a_name_that_one_side_cannot_hold_stops_no_copy(
    deep: LocalStorage, local: LocalStorage
) -> None:
    """It is one failure in the report, and the files after it are copied."""
    name = f"{'a' * 250}/{'b' * 250}"
    for one in (name, "a", "z"):
        local.save(one, io.BytesIO(b"x"))
    report = copy_files(local, deep)
    assert (report.copied, list(report.failed)) == (2, [name])


@needs_filters
@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("link=EILSEQ", "UnsafeNameError"),
        ("link=ENAMETOOLONG", "UnsafeNameError"),
        ("rename=EINVAL", "UnsafeNameError"),
        ("limit=2", "S3SaverError"),
    ],
)
def test_what_a_file_system_cannot_hold_concerns_one_file(
    local: LocalStorage, refusal: str, error: str
) -> None:
    """A name that is not for it, or a file above its limit, is no storage that does not answer."""
    script = """
import io, resource, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage, S3SaverError
storage = LocalStorage(sys.argv[1])
storage.save("a", io.BytesIO(b"old"))
call, refusal = sys.argv[2].split("=")
if call == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(refusal), resource.RLIM_INFINITY))
else:
    refuse(**{call: refusal})
try:
    storage.save("a" if "rename" in sys.argv[2] else "b/c", io.BytesIO(b"new"))
except S3SaverError as error:
    sys.exit(type(error).__name__ if error.name else "without a name")
"""
    result = run_without(script, local.root, refusal)
    assert (result.returncode, result.stderr) == (1, f"{error}\n")
    assert [info.size for info in local.find()] == [3]
    assert os.listdir(local.root) == ["a"]


@needs_filters
def test_a_save_that_cannot_begin_leaves_no_folder(local: LocalStorage) -> None:
    """As where a disk has no inode left, at the folder or at the file."""
    local.save("kept/a", io.BytesIO(b"x"))
    os.unlink(local.path("kept/a"))
    script = """
import io, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage, StorageUnavailableError
refuse(openat="ENOSPC")
for name in ("x/y/z/a", "kept/b/a", "kept/a"):
    try:
        LocalStorage(sys.argv[1]).save(name, io.BytesIO(b"x"))
    except StorageUnavailableError as error:
        assert "free some space" in str(error), error
    else:
        sys.exit("no error")
"""
    result = run_without(script, local.root)
    assert (result.returncode, result.stderr) == (0, "")
    assert os.listdir(local.root) == ["kept"]


@needs_filters
def test_an_old_claim_is_in_the_way_once(local: LocalStorage) -> None:
    """Where there are no links, a process that was killed while it had claimed a name blocks the
    name for a day at most, although no other file is ever saved in that folder.
    """
    script = """
import io, os, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage
storage = LocalStorage(sys.argv[1])
refuse(tmpfile="EOPNOTSUPP", link="EPERM", **dict(pair.split("=") for pair in sys.argv[2:]))
storage.save("a", io.BytesIO(b"x"), overwrite=False)
"""
    assert run_without(script, local.root, "rename=KILL").returncode < 0
    assert "or was killed; try again" in run_without(script, local.root).stderr
    for left in os.listdir(local.root):
        os.utime(os.path.join(local.root, left), (0, 0))
    assert "or was killed; try again" in run_without(script, local.root).stderr
    again = run_without(script, local.root)
    assert (again.returncode, again.stderr) == (0, "")
    assert os.listdir(local.root) == ["a"]


@pytest.mark.parametrize(("seconds", "year"), [(10**12, 9999), (-(10**12), 1)])
def test_a_time_beyond_python_s_stops_no_listing(seconds: int, year: int) -> None:
    """File systems hold times of more years, as a broken clock or an archive leaves them."""
    if not os.path.isdir("/dev/shm"):
        pytest.skip("needs a file system with such times, as tmpfs is")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        storage = LocalStorage(folder)
        for name in ("a", "b"):
            storage.save(name, io.BytesIO(b"x"))
        os.utime(storage.path("a"), (0, seconds))
        assert [info.name for info in storage.find()] == ["a", "b"]
        assert storage.stat("a").modified.year == year
