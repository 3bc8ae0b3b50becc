"""A folder on disk."""

import io
import os
import resource
import stat
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest

from s3_saver import (
    AccessDeniedError,
    AlreadyExistsError,
    LocalStorage,
    NotFoundError,
    StorageUnavailableError,
)


def test_files_are_where_their_names_say(local: LocalStorage) -> None:
    """The root and the name make the path."""
    local.save("a/b.txt", io.BytesIO(b"x"))
    assert local.path("a/b.txt") == os.path.join(local.root, "a", "b.txt")
    assert Path(local.path("a/b.txt")).read_bytes() == b"x"


def test_root_must_be_given() -> None:
    """An empty root would be the current folder by accident."""
    with pytest.raises(ValueError, match="root must be the path of a folder"):
        LocalStorage("")


@pytest.mark.parametrize("root", [None, 5, b"/srv"])
def test_root_must_be_a_path(root: Any) -> None:
    """The error names the argument and its value."""
    with pytest.raises(TypeError, match=f"root must be the path of a folder .* got {root!r}"):
        LocalStorage(root)


@pytest.mark.parametrize("permission", ["0666", None, 1.5])
def test_permission_must_be_a_number(tmp_path: Path, permission: Any) -> None:
    """A mode as text is refused before anything is stored."""
    with pytest.raises(TypeError, match=f"permission must be an int such as .* {permission!r}"):
        LocalStorage(tmp_path, permission=permission)


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="only Linux has /proc")
@pytest.mark.parametrize("root", ["/proc", "/proc/x", "/proc/x/y/z"])
def test_a_folder_that_cannot_be_made_is_told(root: str) -> None:
    """Where mkdir says that there is no such folder though its parent is there, a save ends."""
    with pytest.raises(AccessDeniedError, match=r"cannot save 'a/b' .* folder cannot be made"):
        LocalStorage(root).save("a/b", io.BytesIO(b"x"))


def test_root_is_made_at_the_first_save(tmp_path: Path) -> None:
    """A root that is not there yet is empty, not an error."""
    storage = LocalStorage(tmp_path / "not" / "yet")
    assert list(storage.find()) == []
    assert not storage.exists("a")
    storage.delete("a")
    storage.save("a", io.BytesIO(b"x"))
    assert storage.exists("a")


@pytest.mark.parametrize(
    ("permission", "file_mode", "folder_mode"), [(0o666, 0o644, 0o755), (0o640, 0o640, 0o750)]
)
def test_permission_is_less_the_umask(
    tmp_path: Path, permission: int, file_mode: int, folder_mode: int
) -> None:
    """Files get the permission, and folders may be searched by who may read them."""
    before = os.umask(0o022)
    try:
        storage = LocalStorage(tmp_path / "root", permission=permission)
        storage.save("sub/a", io.BytesIO(b"x"))
        storage.save("sub/b", io.BytesIO(b"x"), overwrite=False)
    finally:
        os.umask(before)
    for name in ("sub/a", "sub/b"):
        assert stat.S_IMODE(os.stat(storage.path(name)).st_mode) == file_mode
    assert stat.S_IMODE(os.stat(storage.path("sub")).st_mode) == folder_mode


def test_unfinished_files_are_never_listed(local: LocalStorage) -> None:
    """While a save runs, nothing of it is seen but, on some file systems, a hidden file."""
    seen: list[str] = []

    class Spy(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.extend(os.listdir(os.path.join(local.root, "sub")))
            assert list(local.find()) == []
            return super().read(size)

    local.save("sub/a", Spy(b"x"))
    assert all(name.startswith(".s3-saver-") for name in seen)
    assert os.listdir(os.path.join(local.root, "sub")) == ["a"]


def test_one_of_64_threads_wins(local: LocalStorage) -> None:
    """Exists-then-save is no race: overwrite=False is an exclusive create."""
    start, outcomes = threading.Barrier(64), []

    def save(number: int) -> None:
        start.wait()
        try:
            local.save("a", io.BytesIO(b"%d" % number), overwrite=False)
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
    with local.open("a") as file:
        assert file.read() == b"%d" % winner
    assert os.listdir(local.root) == ["a"]


def test_readers_see_the_old_file_or_the_new(local: LocalStorage) -> None:
    """While a file is replaced again and again, no reader ever sees a mixture."""
    contents = [bytes([letter]) * 300_000 for letter in b"ab"]
    local.save("a", io.BytesIO(contents[0]))
    done = threading.Event()

    def replace() -> None:
        for turn in range(100):
            local.save("a", io.BytesIO(contents[turn % 2]))
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    while not done.is_set():
        with local.open("a") as file:
            assert file.read() in contents
    writer.join()


def test_folders_come_and_go_under_concurrency(local: LocalStorage) -> None:
    """Saving into a folder that another thread is just emptying always works."""
    errors: list[Exception] = []

    def churn(number: int) -> None:
        try:
            for _ in range(100):
                local.save(f"x/y/{number}", io.BytesIO(b"x"))
                local.delete(f"x/y/{number}")
        except Exception as error:  # noqa: BLE001 - any of them fails the test
            errors.append(error)

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert os.listdir(local.root) == []


def test_the_root_itself_is_never_removed(local: LocalStorage) -> None:
    """Deleting the last file removes its empty folders, but not the root."""
    local.save("a/b/c", io.BytesIO(b"x"))
    local.delete("a/b/c")
    assert os.listdir(local.root) == []


def test_a_directory_in_the_way_is_told(local: LocalStorage) -> None:
    """A disk cannot hold 'a' and 'a/b'; the error says so, and nothing is lost."""
    local.save("a/b", io.BytesIO(b"x"))
    with pytest.raises(AlreadyExistsError, match=r"save 'a' .*a directory of that name"):
        local.save("a", io.BytesIO(b"y"))
    with pytest.raises(AlreadyExistsError, match=r"save 'a/b/c' .*one of its folders is a file"):
        local.save("a/b/c", io.BytesIO(b"y"))
    with pytest.raises(AlreadyExistsError, match=r"save 'a/b/c/d' .*one of its folders is a file"):
        local.save("a/b/c/d", io.BytesIO(b"y"))
    assert [info.name for info in local.find()] == ["a/b"]
    assert os.listdir(local.path("a")) == ["b"], "no temporary file stays"


def test_a_failed_save_leaves_no_folder(local: LocalStorage) -> None:
    """After it, the folder's name is free for a file, as on S3."""
    with pytest.raises(TypeError):
        local.save("x/y", cast("IO[bytes]", _Texts()))
    local.save("x", io.BytesIO(b"x"))
    assert local.exists("x")


class _Texts:
    def read(self, size: int) -> str:
        return "text"


def test_a_directory_is_no_reason_to_overwrite(local: LocalStorage) -> None:
    """With overwrite=False too, a directory in the way is called one."""
    local.save("a/b", io.BytesIO(b"x"))
    with pytest.raises(AlreadyExistsError, match="a directory of that name"):
        local.save("a", io.BytesIO(b"y"), overwrite=False)


def test_a_link_to_itself_hides_no_other_file(local: LocalStorage) -> None:
    """A broken link is skipped by a listing, whatever is wrong with it, and is no file."""
    local.save("a", io.BytesIO(b"x"))
    os.symlink("loop", local.path("loop"))
    assert [info.name for info in local.find()] == ["a"]
    assert not local.exists("loop")
    with pytest.raises(NotFoundError):
        local.open("loop")


def test_streams_in_bounded_memory(local: LocalStorage) -> None:
    """A big file passes through in chunks; it is never held whole."""
    local.save("warm-up", cast("IO[bytes]", _Endless(1)))
    tracemalloc.start()
    try:
        info = local.save("big", cast("IO[bytes]", _Endless(64)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert info.size == 64 * 1024**2
    assert peak < 8 * 1024**2


class _Endless:
    def __init__(self, megabytes: int) -> None:
        self.left = megabytes

    def read(self, size: int) -> bytes:
        if not self.left or not size:
            return b""
        self.left -= 1
        return bytes(1024**2)


@pytest.fixture
def as_nobody() -> Iterator[str]:
    """A folder of which a user without rights sees all but may change nothing."""
    with tempfile.TemporaryDirectory() as folder:
        LocalStorage(folder).save("open/a", io.BytesIO(b"x"))
        LocalStorage(folder).save("closed/b", io.BytesIO(b"x"))
        os.chmod(folder, 0o555)
        os.chmod(os.path.join(folder, "open"), 0o555)
        os.chmod(os.path.join(folder, "closed"), 0)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        yield folder
        if was_root:
            os.seteuid(0)
        for name in ("", "open", "closed"):
            os.chmod(os.path.join(folder, name), 0o700)


def test_denied_access_raises_and_says_what_is_missing(as_nobody: str) -> None:
    """What may not be looked at is not called absent: the error names the missing permission."""
    storage = LocalStorage(as_nobody)
    for call in (storage.exists, storage.stat, storage.open):
        with pytest.raises(AccessDeniedError, match="let the process read") as caught:
            call("closed/b")
        assert caught.value.permission == "read"
    with pytest.raises(AccessDeniedError, match="let the process read"):
        list(storage.find())
    with pytest.raises(AccessDeniedError, match="let the process write"):
        storage.save("open/new", io.BytesIO(b"x"))
    with pytest.raises(AccessDeniedError, match="let the process write"):
        storage.delete("open/a")
    assert storage.exists("open/a")


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    """On a file system without space the old file stays, no half file, and the error says why."""
    script = """
import io, os, sys
from s3_saver import LocalStorage, StorageUnavailableError
storage = LocalStorage(sys.argv[1])
storage.save("a", io.BytesIO(b"old"))
for overwrite, name in ((True, "a"), (False, "b")):
    try:
        storage.save(name, io.BytesIO(bytes(1_000_000)), overwrite=overwrite)
    except StorageUnavailableError as error:
        assert "free some space" in str(error), error
        assert repr(name) in str(error), error
    else:
        sys.exit("no error")
assert os.listdir(sys.argv[1]) == ["a"], os.listdir(sys.argv[1])
assert storage.stat("a").size == 3
"""
    mount = f"mount -t tmpfs -o size=64k tmpfs {tmp_path}"
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        subprocess.run([*namespace, "sh", "-c", mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs Linux with user namespaces, to mount a small file system")
    run = [*namespace, "sh", "-c", f'{mount} && exec "$0" -c "$1" {tmp_path}']
    result = subprocess.run([*run, sys.executable, script], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_symbolic_links_are_part_of_the_folder(local: LocalStorage, tmp_path: Path) -> None:
    """Linked files and folders are read and found; a link in a circle ends."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "f").write_bytes(b"linked")
    local.save("a", io.BytesIO(b"x"))
    os.symlink(tmp_path / "elsewhere", local.path("link"))
    os.symlink(local.root, tmp_path / "elsewhere" / "circle")
    os.symlink(tmp_path / "nowhere", local.path("broken"))
    assert [info.name for info in local.find()] == ["a", "link/f"]
    with local.open("link/f") as file:
        assert file.read() == b"linked"


def test_find_returns_files_before_later_folders_are_listed(local: LocalStorage) -> None:
    """The first file is returned before later folders are listed."""
    for number in range(3):
        local.save(f"{number}/file", io.BytesIO(b"x"))
    files = local.find()
    assert next(files).name == "0/file"
    local.delete("2/file")
    assert [info.name for info in files] == ["1/file"]


def test_other_faults_are_told_with_their_cause(local: LocalStorage) -> None:
    """An error of the system that has no kin of ours is kept as the cause."""
    local.save("a", io.BytesIO(b"x"))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(StorageUnavailableError, match="Too many open files") as caught:
            local.open("a")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert isinstance(caught.value.__cause__, OSError)


def test_what_is_no_file_is_not_found(local: LocalStorage) -> None:
    """A folder has no content: it does not exist as a file, and deleting it changes nothing."""
    local.save("folder/a", io.BytesIO(b"x"))
    with pytest.raises(NotFoundError, match="there is no file 'folder'"):
        local.open("folder")
    local.delete("folder")
    assert local.exists("folder/a")


def test_it_is_told_apart(local: LocalStorage) -> None:
    """Its repr says which folder it is."""
    assert repr(local) == f"LocalStorage({local.root!r})"


def test_an_error_of_the_source_is_the_caller_s(local: LocalStorage) -> None:
    """What reading the given file raises comes out untouched, and no half file stays."""

    class Broken(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            raise OSError("the tape is torn")

    with pytest.raises(OSError, match="the tape is torn"):
        local.save("a", Broken(b"x"))
    assert os.listdir(local.root) == []
