"""The disk is full: files that are there stay, and new uploads are refused with a message."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from deployed.app import Web, machine
from deployed.record import Stock, check_no_strangers, look
from deployed.site import Site, site
from deployed.visitor import is_added, is_deleted

KiB, MiB = 1024, 1024**2
UNSHARE = ("unshare", "--mount", "--map-root-user")


def may_mount() -> bool:
    """Whether this user may have file systems of his own, which containers often forbid."""
    tried = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True).returncode == 0


@dataclass
class SmallDisk(Site):
    """An app whose folder for data is a disk that only its own processes see."""

    @property
    def disk(self) -> Path:
        """The folder, as the app sees it."""
        return Path(f"/proc/{self.web.process.pid}/root{self.environment['DATA_FOLDER']}")

    def look(self) -> Stock:
        copy = self._copy()
        return look(f"sqlite:///{copy}/example_app.sqlite", copy)

    def check_no_strangers(self) -> Counter[str]:
        stock, copy = self.look(), self._copy()
        return check_no_strangers(stock, self.environment | {"DATA_FOLDER": str(copy)})

    def _copy(self) -> Path:
        # SQLite takes no path through /proc, and the app's commands would see another disk.
        copy = Path(f"{self.environment['DATA_FOLDER']}-copy")
        shutil.rmtree(copy, ignore_errors=True)
        return shutil.copytree(self.disk, copy, ignore=shutil.ignore_patterns("filler"))


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Run an app whose folder for data is a tmpfs of so many bytes, which ends with it."""
    environment = machine(folder)
    mount = f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"'
    with Web(environment, *UNSHARE, "sh", "-c", mount, str(folder)) as web:
        yield SmallDisk(web, environment, "", folder)


def fill(folder: Path) -> Path:
    """Write a file until the disk takes no byte more."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    with pytest.raises(OSError, match="No space left"):
        (folder / "more").write_bytes(b"more")
    return filler


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a tmpfs of its own")
def test_full(tmp_path: Path) -> None:
    """On a full disk, which the database is on as well, changes are refused in words, and pages
    come; when there is room again, all works. No half file is left.
    """
    with small_disk(tmp_path / "disk", 16 * MiB) as app:
        assert is_added(app.add(MiB))
        assert app.save().words == ["Picture saved."]
        before = app.look()
        filler = fill(app.disk)
        for page in (app.add(), app.add(MiB), app.save(), app.delete()):
            assert page.status in (200, 503)
            assert page.words
            assert not is_added(page)
        for path in ("/", "/gallery", "/sizes", "/status"):
            assert app.visitor.see(path).status == 200
        filler.unlink()
        assert app.look().pictures == before.pictures
        app.record.maybe_deleted.clear()
        app.check()
        assert is_deleted(app.delete())
        app.check_no_strangers()


def test_file_too_large(tmp_path: Path) -> None:
    """Where the system lets no file grow beyond a limit, as quotas do, larger uploads are refused
    in words, smaller ones are taken, and no half file is left. That is so for those that wait in
    memory until they are stored, and for those that are too large for that.
    """
    limit = ("prlimit", f"--fsize={300 * KiB}")
    with site(machine(tmp_path), tmp_path, *limit) as app:
        for size in (400 * KiB, 2 * MiB):
            assert is_added(app.add())
            page = app.add(size)
            assert page.words
            assert not is_added(page)
        app.check()
        app.check_no_strangers()
