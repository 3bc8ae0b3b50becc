"""Processes that are killed while they save on disk."""

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from kernel_refusals import can_refuse

from s3_saver import LocalStorage, NotFoundError

needs_filters = pytest.mark.skipif(not can_refuse(), reason="needs Linux on x86-64 or ARM")

DAYS = 24 * 60 * 60

KILLED_AT = """
import io, sys
from kernel_refusals import refuse
from s3_saver import LocalStorage
storage = LocalStorage(sys.argv[1])
refuse(**dict(pair.split("=") for pair in sys.argv[3:]))
storage.save("a", io.BytesIO(b"new"), overwrite=sys.argv[2] == "True")
"""


def killed_at(storage: LocalStorage, *refusals: str, overwrite: bool) -> list[str]:
    """Kill a save at a call of the kernel; return the hidden files that it left."""
    command = [sys.executable, "-c", KILLED_AT, storage.root, str(overwrite), *refusals]
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == -signal.SIGSYS, result.stderr
    return [name for name in os.listdir(storage.root) if name.startswith(".s3-saver-")]


@needs_filters
@pytest.mark.parametrize("call", ["write", "fsync", "link"])
def test_a_killed_save_of_a_new_file_leaves_nothing(local: LocalStorage, call: str) -> None:
    """With overwrite=False, a kill at any point leaves no file, not even a hidden one."""
    os.makedirs(local.root)
    assert killed_at(local, f"{call}=KILL", overwrite=False) == []
    assert list(local.find()) == []


@needs_filters
@pytest.mark.parametrize(("call", "left"), [("write", 0), ("fsync", 0), ("link", 0), ("rename", 1)])
def test_a_killed_save_leaves_the_old_file(local: LocalStorage, call: str, left: int) -> None:
    """When a file is replaced, a kill leaves the old one, and at most one whole hidden file."""
    local.save("a", io.BytesIO(b"old"))
    hidden = killed_at(local, f"{call}=KILL", overwrite=True)
    assert len(hidden) == left
    assert [Path(local.root, name).read_bytes() for name in hidden] == [b"new"] * left
    with local.open("a") as file:
        assert file.read() == b"old"


@needs_filters
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_kill_where_files_need_names_leaves_one_hidden(local: LocalStorage, call: str) -> None:
    """On a file system without nameless files, a kill leaves the old file and a hidden one."""
    local.save("a", io.BytesIO(b"old"))
    hidden = killed_at(local, "tmpfile=EOPNOTSUPP", f"{call}=KILL", overwrite=True)
    assert len(hidden) == 1
    with local.open("a") as file:
        assert file.read() == b"old"
    assert [info.name for info in local.find()] == ["a"]


@needs_filters
@pytest.mark.parametrize("refusal", [[], ["tmpfile=EOPNOTSUPP"]])
def test_replacing_a_file_never_removes_it_first(local: LocalStorage, refusal: list[str]) -> None:
    """There is no moment in which neither the old file nor the new one has the name."""
    local.save("a", io.BytesIO(b"old"))
    command = [sys.executable, "-c", KILLED_AT, local.root, "True", *refusal, "unlink=KILL"]
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    subprocess.run(command, check=True, env=environment)
    with local.open("a") as file:
        assert file.read() == b"new"


@needs_filters
def test_a_killed_claim_leaves_no_file_under_the_name(local: LocalStorage) -> None:
    """Where there are no links, a kill between claim and rename shows no empty file to anybody."""
    os.makedirs(local.root)
    hidden = killed_at(local, "tmpfile=EOPNOTSUPP", "link=EPERM", "rename=KILL", overwrite=False)
    assert len(hidden) == 2, "the file and the claim on its name"
    assert list(local.find()) == []
    for name in hidden:
        os.utime(Path(local.root, name), (0, time.time() - 2 * DAYS))
    local.save("b", io.BytesIO(b"x"))
    local.save("a", io.BytesIO(b"x"), overwrite=False)
    assert os.listdir(local.root) == ["b", "a"] or os.listdir(local.root) == ["a", "b"]


SAVES = """
import io, os, sys
from hashlib import sha256
from s3_saver import AlreadyExistsError, LocalStorage
storage = LocalStorage(sys.argv[1])
for turn in range(10_000):
    content = os.urandom(1 + turn * 7919 % 300_000)
    data = sha256(content).digest() + content
    storage.save("replaced", io.BytesIO(data))
    storage.save(f"new/{os.getpid()}-{turn}", io.BytesIO(data), overwrite=False)
    print(f"{os.getpid()}-{turn}", flush=True)
"""


def test_thirty_kills_lose_nothing(local: LocalStorage) -> None:
    """Whenever a process is killed, acknowledged files are there and whole, and no half is seen."""
    local.save("replaced", io.BytesIO(sha256(b"").digest()))
    draw = random.Random(4)
    acknowledged: list[str] = []
    for _ in range(30):
        command = [sys.executable, "-c", SAVES, local.root]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            acknowledged += [process.stdout.readline().strip() for _ in range(draw.randint(0, 9))]
            process.kill()
            acknowledged += process.stdout.read().split()
    assert acknowledged
    names = {info.name for info in local.find()}
    assert names >= {"replaced", *(f"new/{name}" for name in acknowledged)}
    for name in names:
        with local.open(name) as file:
            data = file.read()
        assert sha256(data[32:]).digest() == data[:32], name
    hidden = [name for name in os.listdir(local.root) if name.startswith(".s3-saver-")]
    assert len(hidden) <= 30
    assert not [name for name in os.listdir(local.path("new")) if name.startswith(".")]
    for name in hidden:
        data = Path(local.root, name).read_bytes()
        assert sha256(data[32:]).digest() == data[:32], "a hidden file is whole"


def leave(storage: LocalStorage, path: str, days: float) -> Path:
    """Put a hidden file where a killed save would have left it, some days ago."""
    left = Path(storage.root, path)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"left")
    os.utime(left, (0, time.time() - days * DAYS))
    return left


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_next_save_removes_what_is_a_day_old(local: LocalStorage, overwrite: bool) -> None:
    """What a killed process left in a folder goes by the next save there, once it is a day old."""
    local.save("sub/a", io.BytesIO(b"x"))
    old = leave(local, "sub/.s3-saver-0123456789abcdef", 1.1)
    young = leave(local, "sub/.s3-saver-fedcba9876543210", 0.9)
    elsewhere = leave(local, "other/.s3-saver-0123456789abcdef", 1.1)
    local.save("sub/b", io.BytesIO(b"x"), overwrite=overwrite)
    assert (old.exists(), young.exists(), elsewhere.exists()) == (False, True, True)
    assert [info.name for info in local.find()] == ["sub/a", "sub/b"]


def test_big_folders_are_not_looked_through_by_every_save(local: LocalStorage) -> None:
    """In a folder of a thousand files some saves later is soon enough."""
    os.makedirs(local.root)
    for number in range(1000):
        Path(local.root, f"{number}").touch()
    local.save("a", io.BytesIO(b"x"))
    old = leave(local, ".s3-saver-0123456789abcdef", 2)
    local.save("b", io.BytesIO(b"x"))
    assert old.exists()
    for _ in range(5):
        local.save("b", io.BytesIO(b"x"))
    assert not old.exists()


def test_prune_removes_what_is_a_day_old_everywhere(local: LocalStorage) -> None:
    """In all folders, with those that it leaves empty; links are not followed, files stay."""
    local.save("a", io.BytesIO(b"x"))
    old = leave(local, "deep/er/.s3-saver-0123456789abcdef", 2)
    young = leave(local, ".s3-saver-fedcba9876543210", 0.5)
    outside = Path(local.root).parent / "outside"
    outside.mkdir()
    linked = leave(LocalStorage(outside), ".s3-saver-0123456789abcdef", 2)
    os.symlink(outside, local.path("link"))
    assert local.prune(dry_run=True) == ["deep/er/.s3-saver-0123456789abcdef"]
    assert old.exists()
    assert local.prune() == ["deep/er/.s3-saver-0123456789abcdef"]
    assert not Path(local.root, "deep").exists()
    assert young.exists()
    assert linked.exists()
    assert local.prune(older_than=timedelta(hours=1)) == [".s3-saver-fedcba9876543210"]
    assert [info.name for info in local.find()] == ["a"]


def test_pruning_nothing_is_no_error(tmp_path: Path) -> None:
    """A storage without a folder yet has nothing to remove."""
    assert LocalStorage(tmp_path / "not yet").prune() == []


def test_a_save_under_way_is_not_pruned(local: LocalStorage) -> None:
    """Saves and prunes at once do each other no harm."""
    done = threading.Event()

    def prune() -> None:
        while not done.is_set():
            local.prune()

    pruning = threading.Thread(target=prune)
    pruning.start()
    for _ in range(200):
        local.save("sub/a", io.BytesIO(b"x"))
        local.delete("sub/a")
    done.set()
    pruning.join()
    with pytest.raises(NotFoundError):
        local.stat("sub/a")
