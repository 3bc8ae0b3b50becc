"""What hostile pictures take: processor time and memory, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from _table import Table

from untrusted_files.pictures import (
    PictureError,
    Rendered,
    Resize,
    check_picture,
    read_info,
    render,
)

SAMPLES = Path(__file__).parents[1] / "packages/untrusted_files/tests"


def compare(table: Table, folder: str) -> None:
    """Time and memory of each hostile file, in a process of its own."""
    sys.path.insert(0, str(SAMPLES))
    from hostile_pictures import HOSTILE  # type: ignore[import-not-found]

    for name, make in HOSTILE.items():
        path = Path(f"{folder}/hostile")
        path.write_bytes(make())
        done = subprocess.run(
            [sys.executable, __file__, str(path)],
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        took, peak, ended = json.loads(done.stdout)
        size = f"{path.stat().st_size / 1000:.0f} kB"
        row = f"{name}, {size}", f"{took:.2f} s, {peak / 1e6:.0f} MB", ended, "", "≤ 3 s, ≤ 500 MB"
        table.row(*row, holds=took <= 3 and peak <= 500e6)


def measure(path: str) -> None:
    """Print the longest time of one call, the peak of memory, and how it ended."""
    calls: list[Callable[[BytesIO], object]] = [
        read_info,
        check_picture,
        lambda file: render(file, Resize(width=200, height=200), "jpeg"),
        lambda file: render(file, Resize(width=2000, height=2000, crop=True), "gif"),
        lambda file: render(file, Resize(width=100, height=100, crop=True), "gif"),
        lambda file: render(file, Resize(width=100, height=100, crop=True), "webp"),
        lambda file: render(file, Resize(width=100, height=100, crop=True), "avif"),
    ]
    longest, ended = 0.0, ""
    for call in calls:
        file = BytesIO(Path(path).read_bytes())
        started = time.process_time()
        try:
            made = call(file)
            end = "made" if isinstance(made, Rendered) else ended
        except PictureError as error:
            end = f"refused: {getattr(error, 'limit', error.reason)}"
        longest = max(longest, time.process_time() - started)
        ended = end
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    print(json.dumps([longest, int(lines["VmHWM"].split()[0]) * 1024, ended]))


def main() -> None:
    table = Table("untrusted-files", "pillow")
    with tempfile.TemporaryDirectory() as folder:
        compare(table, folder)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        measure(sys.argv[1])
    else:
        main()
