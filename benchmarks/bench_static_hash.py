"""Hashing twelve npm packages and rewriting what they refer to: whether time is linear.

Needs npm, which fetches the packages. Only processor time counts, which other work on the machine
changes little.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _table import Table

from flask_s3_static.pushing._collect import Asset
from flask_s3_static.pushing._files import digest_files
from flask_s3_static.pushing._hash import hash_names

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from servers.machine import missing

PACKAGES = [
    *("bootstrap@5", "bootstrap-icons@1", "@fortawesome/fontawesome-free@7", "katex@0.16"),
    *("leaflet@1", "slick-carousel@1", "jquery-ui-dist@1", "flag-icons@7", "swiper@12"),
    *("lodash-es@4", "uuid@11", "three@0.180"),
]
COPIES = 4


def assets(folder: Path) -> list[Asset]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [Asset(path.relative_to(folder).as_posix(), str(path)) for path in files]


def seconds(found: list[Asset]) -> float:
    """Return the processor time of the fastest of three runs."""
    times = []
    for _ in range(3):
        started = time.process_time()
        hash_names(list(digest_files(found)))
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    if words := missing("npm"):
        sys.exit(words)
    table = Table("flask-s3-static")
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one"), Path(folder, "many")
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(one)]
        subprocess.run([*command, *PACKAGES], check=True)
        for number in range(COPIES):
            shutil.copytree(one, many / str(number), symlinks=False)
        few = assets(one)
        size = sum(Path(asset.source).stat().st_size for asset in few)
        first, second = seconds(few), seconds(assets(many))
    table.row(
        f"12 npm packages ({len(few):,} files, {size / 1e6:.0f} MB), {COPIES} times of that",
        f"{first:.2f} s, {second:.2f} s of processor",
        "–",
        f"{second / first:.1f} × the time",
        f"≤ {1.1 * COPIES:.1f} ×",
        holds=second / first <= 1.1 * COPIES,
    )


main()
